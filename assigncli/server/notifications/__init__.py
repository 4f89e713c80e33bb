"""Notifications: whom they reach, and the outbox that is emptied by whoever is at hand."""
