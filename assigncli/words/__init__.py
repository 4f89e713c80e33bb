"""What a person is told: the sentences for codes and facts, in English and Norwegian Bokmål.

Imported only where something is said, so that what says nothing starts without it. Nothing here
decides what is wrong, prints, or opens a file.
"""
