"""The Desk as the product opens it: with what the user keeps, from the data folder."""

from __future__ import annotations

from services.alert_book import AlertBook
from services.data_folder import datasets_folder, kept_database
from services.datasets import Datasets
from services.delivery.opening import open_sender
from services.desk import Desk
from services.keeping import Keeping
from services.ports import Clock
from settings import Settings
from storage.alert_store import SqlAlertStore
from storage.kept_opening import open_kept
from storage.kept_store import SqlKeptStore


def open_desk(settings: Settings, clock: Clock) -> Desk:
    """A Desk without a market yet. Raises StoreError when what is kept, or the folder of datasets, cannot be read."""
    kept = open_kept(kept_database(settings))
    alerts = AlertBook(SqlAlertStore(kept), clock)
    keeping = Keeping(SqlKeptStore(kept), clock, settings.first_pair, alerts)
    datasets = Datasets(datasets_folder(settings), clock, spare_bytes=settings.spare_mib << 20)
    sender = open_sender(alerts, clock, local=settings.allow_local_webhooks)
    return Desk(clock, settings.first_pair, keeping, datasets, sender)
