"""Notifications: send what the outbox holds, by Apprise or by mail, and record the outcome.

Which notifications an entry of the log owes, and to whom, is in `projection.notifications`; their
text is in `words.notifications`. A channel is a member's way to be notified; its sealed content is
an address.
"""
