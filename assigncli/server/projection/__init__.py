"""The tables as a projection of the log: what an entry makes of the rows, once and for all.

One module for each table, with one pure function that says what a happening writes there. An act
writes what it returns, `audit verify` compares what is stored with what it returns, and nothing is
destroyed before it was asked. Whether a happening is signed and in the log is for others.
"""
