"""The key shares, without which no payload can be opened, in a file of fixed slots."""
