"""Print, by kind, how many of the texts that hold personal data are caught, and what is missed."""

from __future__ import annotations

from tests.titles.rates import measured

if __name__ == "__main__":
    for kind, tried, missed in measured():
        print(f"| {kind} | {tried - len(missed)} of {tried} |")
        for text in missed:
            print("   ", ascii(text), text)
