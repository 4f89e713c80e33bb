"""What a member may read: lists, one assignment, members, the log, upkeep. Writes nothing."""
