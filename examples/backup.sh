#!/bin/sh
# Back the store up, and keep the newest fourteen backups. For cron, every night:
#
#     15 2 * * * "$HOME/bin/backup.sh" /mnt/backup
#
# The first argument is the folder for the backups, on another disk than the store's. Run "assign store
# backup" once by hand before: it asks for the passphrase that seals the service's key, and keeps the
# sealed key, so that nothing secret stands here and nothing is asked at night.
#
# Nothing is said when all is well. A backup has no vault, so what is deleted stays deleted. Try one now
# and then: "assign store check FILE --passphrase-file FILE".
set -eu

folder=${1:?name the folder for the backups}
assign=${ASSIGN:-$HOME/.local/bin/assign}
keep=14

"$assign" store backup "$folder/assign-$(date +%Y-%m-%d)" >/dev/null

ls "$folder" | grep '^assign-[0-9]*-[0-9]*-[0-9]*$' | sort -r | tail -n "+$((keep + 1))" |
while read -r old; do
    rm -- "$folder/$old"
done
