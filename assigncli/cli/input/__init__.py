"""The input of a command: answers, secrets, files and days, checked and never repeated."""
