"""The sender as the product opens it: webhooks and apprise over the book's outbox."""

from __future__ import annotations

import threading
from functools import cache

from analytics.alert_channels import ChannelKind
from services.delivery.addresses import PatientLookup
from services.delivery.apprise_channel import AppriseNotifier
from services.delivery.ports import Notifier, Outbox
from services.delivery.post import Wire, trusted
from services.delivery.sender import Sender
from services.delivery.webhook import WebhookNotifier
from services.ports import Clock


def open_sender(outbox: Outbox, clock: Clock, *, local: bool) -> Sender:
    """A sender that is not started yet. local: receivers on this machine and in private networks are allowed."""
    stopping = threading.Event()
    wire = Wire(clock.monotonic_ms, stopping, cache(trusted))  # reading the authorities takes longer than a message
    lookup = PatientLookup()
    notifiers: dict[ChannelKind, Notifier] = {
        "webhook": WebhookNotifier(clock, wire, lookup, local=local),
        "apprise": AppriseNotifier(lookup, local=local),
    }
    return Sender(outbox, notifiers, clock, stopping)
