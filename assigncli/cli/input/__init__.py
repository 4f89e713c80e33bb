"""What a command takes in: answers, secrets, files and days, checked; nothing of it is repeated."""
