"""The doctor's look at this machine: Python, packages, data folder, disk, SQLite, port. Nothing is changed."""

from __future__ import annotations

import errno
import platform
import shutil
import socket
import sqlite3
import sys
import tempfile
from importlib import metadata, util

import requests

from services.commands.findings import Finding
from settings import VERSION, Settings
from storage.engines import wal_reset_fixed

# The names of the packages on the left, of what is imported on the right.
PACKAGES = {
    "alembic": "alembic",
    "dash": "dash",
    "dash-ag-grid": "dash_ag_grid",
    "dash-bootstrap-components": "dash_bootstrap_components",
    "fastapi": "fastapi",
    "h11": "h11",
    "msgspec": "msgspec",
    "numpy": "numpy",
    "pandas": "pandas",
    "plotly": "plotly",
    "pydantic-settings": "pydantic_settings",
    "python-multipart": "python_multipart",
    "requests": "requests",
    "scipy": "scipy",
    "sqlalchemy": "sqlalchemy",
    "statsmodels": "statsmodels",
    "threadpoolctl": "threadpoolctl",
    "tzdata": "tzdata",
    "uvicorn": "uvicorn",
    "websocket-client": "websocket",
    "wsproto": "wsproto",
}
_OLDEST = (3, 11)
_MIB = 1 << 20
_INSTALL = "python -m pip install --require-hashes -r requirements.txt"


def python() -> Finding:
    """Which Python runs this, and whether it is new enough."""
    version = platform.python_version()
    if sys.version_info < _OLDEST:
        return Finding("FAIL", "python", f"Python {version} is too old", "install Python 3.11 or newer")
    return Finding("ok", "python", f"Python {version} on {platform.system()}, Pairwatch {VERSION}")


def packages() -> Finding:
    """Whether everything that is imported is installed. They are looked for, not loaded: that would take seconds."""
    absent = [name for name, module in PACKAGES.items() if util.find_spec(module) is None]
    if absent:
        return Finding("FAIL", "packages", f"not installed: {', '.join(absent)}", _INSTALL)
    told = ", ".join(f"{name} {metadata.version(name)}" for name in ("dash", "numpy", "sqlalchemy", "websocket-client"))
    return Finding("ok", "packages", f"all {len(PACKAGES)} are installed ({told})")


def folder(settings: Settings) -> Finding:
    """Whether databases can be written where they are wanted."""
    data_dir = settings.data_dir
    present = next(path for path in (data_dir, *data_dir.absolute().parents) if path.exists())
    try:
        with tempfile.TemporaryFile(dir=present):
            pass
    except OSError as error:
        found = f"{data_dir} cannot be written ({error.strerror})"
        return Finding("FAIL", "folder", found, "choose another --data-dir, or mend its permissions")
    if present != data_dir:
        return Finding("ok", "folder", f"{data_dir} will be made at the first start")
    return Finding("ok", "folder", f"{data_dir} can be written")


def disk(settings: Settings) -> Finding:
    """Whether there is room for trades."""
    path = settings.data_dir.absolute()
    present = next(one for one in (path, *path.parents) if one.exists())
    free_mib = shutil.disk_usage(present).free // _MIB
    found = f"{free_mib} MiB free, {settings.spare_mib} MiB of them are left alone (--spare-mib)"
    if free_mib < settings.spare_mib:
        return Finding("FAIL", "disk", found, "make room: nothing is written until then")
    if free_mib < 2 * settings.spare_mib:
        return Finding("warn", "disk", found, "make room, or lower --keep-days or --keep-gib")
    return Finding("ok", "disk", found)


def sqlite() -> Finding:
    """Which SQLite, and what its known defect means here."""
    if wal_reset_fixed(sqlite3.sqlite_version_info):
        return Finding("ok", "sqlite", f"SQLite {sqlite3.sqlite_version}")
    note = "has the WAL-reset defect, which cannot strike: one connection alone writes and checkpoints"
    return Finding("ok", "sqlite", f"SQLite {sqlite3.sqlite_version} {note}")


def port(settings: Settings) -> Finding:
    """Whether the port is free, or Pairwatch itself is on it."""
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    try:
        socket.create_server((settings.host, settings.port), family=family).close()
    except OSError as error:
        if error.errno == errno.EADDRINUSE and _is_pairwatch(f"http://{host}:{settings.port}/api/health"):
            return Finding("ok", "port", f"Pairwatch is running on {host}:{settings.port}")
        cure = f"end that program, or choose another with --port {settings.port + 1}"
        return Finding("FAIL", "port", f"{host}:{settings.port} cannot be used ({error.strerror})", cure)
    return Finding("ok", "port", f"{host}:{settings.port} is free")


def _is_pairwatch(url: str) -> bool:
    try:
        with requests.Session() as session:
            session.trust_env = False
            answer = session.get(url, timeout=2).json()
    except (requests.RequestException, ValueError):
        return False
    return isinstance(answer, dict) and {"status", "timestamp", "symbols"} <= answer.keys()
