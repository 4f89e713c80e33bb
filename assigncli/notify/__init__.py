"""Notifications on their way out: the Notifier protocol, and its Apprise side.

Apprise is imported when it is needed and not before (up to two seconds with its plugins).
"""

from __future__ import annotations

from assigncli.notify.carrier import AppriseNotifier
from assigncli.notify.outgoing import Notice, Notifier, SendOutcome

__all__ = ["AppriseNotifier", "Notice", "Notifier", "SendOutcome"]
