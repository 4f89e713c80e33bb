"""Notifications on their way out: the Notifier protocol, and its Apprise side.

Apprise is imported when it is needed and not before (up to two seconds with its plugins).
"""

from __future__ import annotations

from assigncli.notify.carrier import AppriseNotifier
from assigncli.notify.message import Message, Notifier, Outcome

__all__ = ["AppriseNotifier", "Message", "Notifier", "Outcome"]
