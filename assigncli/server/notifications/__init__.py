"""Notifications: sending what the outbox holds, by Apprise or by mail, and noting what came of it.

What an entry of the log owes to whom is `projection.notifications`; what one says is
`words.notifications`. A channel is where a member is reached, an address what is sealed in it.
"""
