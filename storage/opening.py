"""From a path to a database with the present schema, or a refusal that leaves the file as it was."""

from __future__ import annotations

import glob
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

REPAIR = "stop Pairwatch, then put a backup in its place (python app.py restore FILE) or move it away to start anew"

_MAGIC = b"SQLite format 3\0"
_MIGRATIONS = Path(__file__).parent / "migrations"


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


def refuse_foreign_file(path: Path, reader: Engine, read_all: Callable[[Connection], object]) -> None:
    """Look before anything is written. Raises StoreError for a file that is damaged, newer, or not ours.

    read_all: reads what an opening reads of a database with the present schema; what it stumbles over is damage.
    """
    with path.open("rb") as file:
        head = file.read(len(_MAGIC))
    if not head:
        return
    if head != _MAGIC:
        raise _damaged(path, "it does not begin like a database")
    try:
        with reader.begin() as connection:
            revision = schema_revision(connection)
            if not connection.exec_driver_sql("SELECT count(*) FROM sqlite_master").scalar_one():
                return
            refuse_foreign_schema(path, revision)
            if revision == schema.SCHEMA_REVISION:
                _try(path, connection, read_all)
    except DatabaseError as error:
        raise _damaged(path, str(error.orig)) from error
    except (sqlite3.Error, TypeError, ValueError, NoResultFound) as error:
        raise _damaged(path, str(error)) from error


def _try(path: Path, connection: Connection, read_all: Callable[[Connection], object]) -> None:
    try:
        read_all(connection)
    except StoreError as error:
        raise _damaged(path, str(error)) from error


def refuse_foreign_schema(path: Path, revision: str | None) -> None:
    """Raises StoreError for a schema that is newer than this program or not ours at all."""
    if revision is None:
        raise StoreError(f"{path} is a database of another program; choose another --data-dir")
    if revision != schema.SCHEMA_REVISION and revision not in _known_revisions():
        raise StoreError(
            f"{path} was written by a newer Pairwatch (schema {revision}, this one knows {schema.SCHEMA_REVISION}); "
            "update Pairwatch or choose another --data-dir"
        )


def bring_up_to_date(path: Path, writer: Engine) -> None:
    """Apply the missing migrations in one transaction: after a kill the schema is the old one or the new one.

    A database with an older schema is copied first, see `keep_copy_before`. Raises StoreError and leaves the file be.
    """
    try:
        with writer.begin() as connection:
            held = schema_revision(connection)
        if held is not None and held != schema.SCHEMA_REVISION:
            keep_copy_before(path, writer)
        with writer.begin() as connection:
            if held != schema.SCHEMA_REVISION:
                _migrate(connection)
    except DatabaseError as error:
        raise _not_updated(path, error.orig) from error
    except (sqlite3.Error, OSError) as error:
        raise _not_updated(path, error) from error


def keep_copy_before(path: Path, writer: Engine) -> None:
    """Copy the database to `<name>.before-<revision>.db` before its schema changes; older such copies go.

    Raises StoreError when the disk has no room for it.
    """
    needed, free = path.stat().st_size, shutil.disk_usage(path.parent).free
    if free < needed:
        raise StoreError(
            f"{path} is copied before it is brought up to date; that takes {needed >> 20} MiB, and {free >> 20} MiB of "
            "its disk are free: make room, or move it away to start anew"
        )
    target = _copy_before(path)
    with closing(writer.raw_connection()) as connection:
        copy_whole(cast("sqlite3.Connection", connection.driver_connection), target)
    for older in path.parent.glob(f"{glob.escape(path.stem)}.before-[0-9][0-9][0-9][0-9]{path.suffix}"):
        if older != target:
            older.unlink()


def _copy_before(path: Path) -> Path:
    return path.with_name(f"{path.stem}.before-{schema.SCHEMA_REVISION}{path.suffix}")


def restored_beside(path: Path) -> Path:
    """Where a restore keeps the new database until it takes its place."""
    return path.with_name(f"{path.name}.restored")


def clear_what_a_kill_left(path: Path) -> None:
    """Remove unfinished copies of a restore or of a change of schema. For the sole user of the database."""
    restored = restored_beside(path)
    for target in (restored, _copy_before(path)):
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


def _damaged(path: Path, why: str) -> StoreError:
    return StoreError(f"{path} is damaged ({why}) and was left as it was; {REPAIR}, or choose another --data-dir")


def _not_updated(path: Path, why: object) -> StoreError:
    return StoreError(
        f"{path} cannot be brought up to date ({why}) and was left as it was; end other programs that use it, or "
        "choose another --data-dir"
    )


def _migrate(connection: Connection) -> None:
    # Alembic takes a fifth of a second to import, and an up-to-date database has no need of it.
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    command.upgrade(config, schema.SCHEMA_REVISION)


def _known_revisions() -> frozenset[str]:
    from alembic.script import ScriptDirectory

    return frozenset(script.revision for script in ScriptDirectory(str(_MIGRATIONS)).walk_revisions())
