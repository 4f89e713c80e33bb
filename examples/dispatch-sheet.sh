#!/bin/sh
# Check a sheet, send it, and keep the result. Run it again after any failure: no row is sent twice.
# Usage: sh dispatch-sheet.sh SHEET.csv RESULT.csv

set -u

if [ "$#" -ne 2 ]; then
    echo "Usage: sh dispatch-sheet.sh SHEET.csv RESULT.csv" >&2
    exit 2
fi
sheet=$1
result=$2

# First a check of every row; the problems go to standard error, by line and column.
assign dispatch --csv "$sheet" --dry-run --quiet || exit

# Then the sending. The result has no cell of the sheet: line, number, id and status.
assign dispatch --csv "$sheet" --result "$result" --quiet || exit

# What the next program in a pipeline makes of it, here a count.
count=$(tail -n +2 "$result" | grep -c ';dispatched')
echo "Dispatched: $count rows. The result is in $result."
