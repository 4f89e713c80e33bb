"""The server in a process of its own, reached through a Unix socket (PROTOCOL.md section 3.6)."""
