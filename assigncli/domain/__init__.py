"""The rules of an assignment. Pure: no I/O, no clock, no database, no cryptography."""
