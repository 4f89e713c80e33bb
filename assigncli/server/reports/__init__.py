"""What mentors have earned and done in a reporting cycle, from the honorarium ledger.

`honorarium_report` has the figures that are paid by, `visits` the yearly count, `explain` the lines
behind one mentor's figures, and `basis` what all of them start from. No payload is read.
"""
