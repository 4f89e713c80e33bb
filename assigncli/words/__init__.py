"""The sentences for codes and facts, in English and Norwegian Bokmål.

Imported only when something is shown, so that other commands start without it. Nothing here decides
what is wrong, prints, or opens a file.
"""
