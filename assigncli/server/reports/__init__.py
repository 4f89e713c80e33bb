"""What mentors have earned and done in a reporting cycle, from the lines of the honorarium ledger.

`standing` is what is paid by, `visits` the yearly count, `explain` the lines behind one mentor's
figures, `export` the mark that a report left the house. None of it touches a payload.
"""
