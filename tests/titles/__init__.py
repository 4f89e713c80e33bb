"""Titles and notes to try rule `title_no_pii` on: those that hold personal data, and harmless ones.

National ids are synthetic (month + 80 or + 65) or computed; nobody has them. No test here: the
rates are measured by `tests/unit/domain/test_titles.py`, and `python -m tests.titles` prints them.
"""
