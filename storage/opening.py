"""From a path to a database with the present schema, or a refusal that leaves the file as it was."""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import cast

from sqlalchemy import Connection, Engine, select
from sqlalchemy.exc import DatabaseError, NoResultFound

from analytics.errors import StoreError
from storage import schema
from storage.copying import clear_unfinished, copy_whole
from storage.lineage import EVERY, MARKET, Lineage

REPAIR = MARKET.repair

_MAGIC = b"SQLite format 3\0"


def database_path(url_or_path: Path | str) -> Path:
    """The file meant by a path or by a `sqlite:///` address. Raises StoreError for other databases."""
    if isinstance(url_or_path, Path) or "://" not in url_or_path:
        return Path(url_or_path)
    scheme, _, rest = url_or_path.partition("://")
    if scheme != "sqlite" or not rest.startswith("/") or rest == "/":
        raise StoreError(f"{url_or_path} cannot be opened; give a path, or sqlite:/// and a path")
    return Path(rest[1:])


def make_private_file(path: Path) -> None:
    """An empty file that only its owner can read, in a folder of the same kind, where there is none yet."""
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    except OSError as error:
        raise StoreError(f"{path} cannot be opened ({error.strerror}); choose another --data-dir") from error


def refuse_foreign_file(
    path: Path, reader: Engine, read_all: Callable[[Connection], object], lineage: Lineage = MARKET
) -> None:
    """Look before anything is written. Raises StoreError for a file that is damaged, newer, or not ours.

    read_all: reads what an opening reads of a database with the present schema; what it stumbles over is damage.
    """
    with path.open("rb") as file:
        head = file.read(len(_MAGIC))
    if not head:
        return
    if head != _MAGIC:
        raise _damaged(path, lineage, "it does not begin like a database")
    try:
        with reader.begin() as connection:
            revision = schema_revision(connection)
            if not connection.exec_driver_sql("SELECT count(*) FROM sqlite_master").scalar_one():
                return
            refuse_foreign_schema(path, revision, lineage)
            if revision == lineage.revision:
                _try(path, lineage, connection, read_all)
    except DatabaseError as error:
        raise _damaged(path, lineage, str(error.orig)) from error
    except (sqlite3.Error, TypeError, ValueError, NoResultFound) as error:
        raise _damaged(path, lineage, str(error)) from error


def _try(path: Path, lineage: Lineage, connection: Connection, read_all: Callable[[Connection], object]) -> None:
    try:
        read_all(connection)
    except StoreError as error:
        raise _damaged(path, lineage, str(error)) from error


def refuse_foreign_schema(path: Path, revision: str | None, lineage: Lineage = MARKET) -> None:
    """Raises StoreError for a schema that is newer than this program, of the other kind, or not ours at all."""
    if revision is None:
        raise StoreError(f"{path} is a database of another program; choose another --data-dir")
    if revision == lineage.revision or revision in lineage.known_revisions():
        return
    for other in EVERY:
        if other != lineage and revision in {other.revision, *other.known_revisions()}:
            raise StoreError(f"{path} holds {other.holds}, not {lineage.holds}; name the file that does")
    raise StoreError(
        f"{path} was written by a newer Pairwatch (schema {revision}, this one knows {lineage.revision}); "
        "update Pairwatch or choose another --data-dir"
    )


def bring_up_to_date(path: Path, writer: Engine, lineage: Lineage = MARKET) -> None:
    """Apply the missing migrations in one transaction: after a kill the schema is the old one or the new one.

    A database with an older schema is copied first, see `keep_copy_before`. Raises StoreError and leaves the file be.
    """
    try:
        with writer.begin() as connection:
            held = schema_revision(connection)
        if held is not None and held != lineage.revision:
            keep_copy_before(path, writer, lineage)
        with writer.begin() as connection:
            if held != lineage.revision:
                _migrate(connection, lineage)
    except DatabaseError as error:
        raise _not_updated(path, error.orig) from error
    except (sqlite3.Error, OSError) as error:
        raise _not_updated(path, error) from error


def keep_copy_before(path: Path, writer: Engine, lineage: Lineage = MARKET) -> None:
    """Copy the database to `<name>.before-<revision>.db` before its schema changes; older such copies go.

    Raises StoreError when the disk has no room for it.
    """
    needed, free = path.stat().st_size, shutil.disk_usage(path.parent).free
    if free < needed:
        raise StoreError(
            f"{path} is copied before it is brought up to date; that takes {needed >> 20} MiB, and {free >> 20} MiB of "
            "its disk are free: make room, or move it away to start anew"
        )
    target = _copy_before(path, lineage.revision)
    with closing(writer.raw_connection()) as connection:
        copy_whole(cast("sqlite3.Connection", connection.driver_connection), target)
    for revision in lineage.known_revisions() - {lineage.revision}:
        _copy_before(path, revision).unlink(missing_ok=True)


def _copy_before(path: Path, revision: str) -> Path:
    return path.with_name(f"{path.stem}.before-{revision}{path.suffix}")


def restored_beside(path: Path) -> Path:
    """Where a restore keeps the new database until it takes its place."""
    return path.with_name(f"{path.name}.restored")


def clear_what_a_kill_left(path: Path, lineage: Lineage = MARKET) -> None:
    """Remove unfinished copies of a restore or of a change of schema. For the sole user of the database."""
    restored = restored_beside(path)
    for target in (restored, _copy_before(path, lineage.revision)):
        clear_unfinished(target)
    restored.unlink(missing_ok=True)


def claim_for_venue(path: Path, connection: Connection, venue: str) -> None:
    """Write down whose trades the file holds. Raises StoreError when they are another venue's."""
    held = connection.execute(select(schema.meta.c.value).where(schema.meta.c.name == "venue")).scalar()
    if held is None:
        connection.execute(schema.meta.insert().values(name="venue", value=venue))
    elif held != venue:
        raise StoreError(f"{path} holds trades of {held!r}, not of {venue!r}; give each source a file of its own")


def schema_revision(connection: Connection) -> str | None:
    """The revision that the database says it has; None when it says nothing."""
    sought = "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = 'alembic_version'"
    if not connection.exec_driver_sql(sought).scalar_one():
        return None
    revision = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()
    return None if revision is None else str(revision)


def _damaged(path: Path, lineage: Lineage, why: str) -> StoreError:
    return StoreError(
        f"{path} is damaged ({why}) and was left as it was; {lineage.repair}, or choose another --data-dir"
    )


def _not_updated(path: Path, why: object) -> StoreError:
    return StoreError(
        f"{path} cannot be brought up to date ({why}) and was left as it was; end other programs that use it, or "
        "choose another --data-dir"
    )


def _migrate(connection: Connection, lineage: Lineage) -> None:
    # Alembic takes a fifth of a second to import, and an up-to-date database has no need of it.
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(lineage.migrations).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    command.upgrade(config, lineage.revision)
