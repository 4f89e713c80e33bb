"""What is read for a member and writes nothing: lists, one assignment, members, the log, upkeep."""
