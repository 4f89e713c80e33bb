"""Answer a shell that asks how a line may go on: commands, options, numbers, handles, cycles.

An answer never holds personal data, changes nothing, waits for nobody and is silent about what is
wrong. It loads neither Typer nor the ORM: what commands take is in `pages.json`, made from the
commands themselves by `python -m tests.completion_pages`.
"""
