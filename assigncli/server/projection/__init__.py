"""The tables as a projection of the log: one definition of what an entry makes of the rows.

There is one module for each table, with one pure function that returns what a happening writes
there. An act writes what it returns, `audit verify` compares the stored rows with it, and nothing
is deleted before it was called. Whether a happening is signed and in the log is checked elsewhere.
"""
