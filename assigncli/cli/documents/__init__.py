"""What the documents of `--json` hold: listed once, and given as a JSON Schema and in the manual.

`by_command` says which fields a command's document has, the modules of fields what each means and
which form it has. The suite validates each document that any test prints.
"""
