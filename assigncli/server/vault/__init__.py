"""The key shares: the one door to a payload, in a file of fixed slots."""
