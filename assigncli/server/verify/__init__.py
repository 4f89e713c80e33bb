"""`audit verify`: read and verify the whole log, and compare every table with it."""
