"""The rules of an assignment: pure, without I/O, clock, database or cryptography."""
