"""`audit verify`: the whole log read and checked, and every table held against what it says."""
