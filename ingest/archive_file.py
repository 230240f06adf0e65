"""The text of a public archive file: plain, gzip or zip (told by content), streamed, and its `.CHECKSUM`."""

from __future__ import annotations

import gzip
import hashlib
import re
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Protocol

from analytics.errors import BadInput

_BLOCK_BYTES = 4 << 20
# A row takes some 75 bytes; a thousand times as much is no row.
_LINE_LIMIT = 1 << 16
# A month of the busiest symbol is some 3 GiB of text, and text of trades shrinks to a tenth.
_SIZE_LIMIT = 32 << 30
_RATIO_LIMIT = 300
_RATIO_MATTERS_FROM = 64 << 20
_ENCRYPTED = 0x1
_SUM_LINE = re.compile(r"([0-9a-fA-F]{64})[ \t]+\*?(.*\S)")
Block = tuple[int, bytes]


class _Bytes(Protocol):
    def read(self, size: int, /) -> bytes: ...


def verified_checksum(path: Path) -> bool:
    """Whether a `.CHECKSUM` beside the file (sha256sum format) vouches for it; False when there is none.

    Raises BadInput, naming both sums, when they differ, and when there is no such file.
    """
    if not path.is_file():
        raise BadInput(f"{path} cannot be read (no such file); give an archive file of trades")
    beside = path.with_name(path.name + ".CHECKSUM")
    if not beside.exists():
        return False
    try:
        expected = _expected_sum(beside, path.name)
        with path.open("rb") as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise BadInput(f"{error.filename} cannot be read ({error.strerror})") from error
    if found != expected:
        raise BadInput(f"{path} has the SHA-256 sum {found}, but {beside.name} says {expected}; download both again")
    return True


def blocks(path: Path) -> Iterator[Block]:
    """The text in pieces of whole lines: the number of the first line (from 1), and the lines, each ended by a newline.

    Raises BadInput when the file cannot be read, is damaged, or is not one archive of one file.
    """
    try:
        with ExitStack() as opened:
            yield from _whole_lines(path, _text(path, opened))
    except OSError as error:
        raise BadInput(f"{path} cannot be read ({error.strerror or error}); give an archive file of trades") from error
    except (zipfile.BadZipFile, zlib.error, EOFError) as error:
        raise BadInput(f"{path} is damaged ({error}); download it again") from error


def _expected_sum(beside: Path, name: str) -> str:
    lines = [match for line in beside.read_text("utf-8", "replace").splitlines() if (match := _SUM_LINE.match(line))]
    named = [match for match in lines if match[2] == name] or (lines if len(lines) == 1 else [])
    if not named:
        raise BadInput(f"{beside} holds no SHA-256 sum of {name}; download it again, or remove it")
    return named[0][1].lower()


def _text(path: Path, opened: ExitStack) -> _Bytes:
    file = opened.enter_context(path.open("rb"))
    magic = file.read(4)
    file.seek(0)
    if magic[:2] == b"\x1f\x8b":
        return opened.enter_context(gzip.GzipFile(fileobj=file))
    if magic in {b"PK\x03\x04", b"PK\x05\x06"}:
        return _only_member(path, opened.enter_context(zipfile.ZipFile(file)), opened)
    return file


def _only_member(path: Path, archive: zipfile.ZipFile, opened: ExitStack) -> _Bytes:
    members = archive.infolist()
    if len(members) != 1:
        raise BadInput(f"{path} holds {len(members)} files; an archive of trades holds one")
    member = members[0]
    # It is never unpacked to the disk, yet a name with a way in it is no archive of the exchange.
    if not re.fullmatch(r"[A-Za-z0-9._-]+\.csv", member.filename):
        raise BadInput(f"{path} holds {member.filename[:80]!r}; expected one .csv file without a folder")
    if member.flag_bits & _ENCRYPTED or member.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:
        raise BadInput(f"{path} is encrypted or packed in a way that is not read here; download it again")
    _refuse_bomb(path, member.file_size, member.compress_size)
    return opened.enter_context(archive.open(member))


def _whole_lines(path: Path, text: _Bytes) -> Iterator[Block]:
    packed_bytes = path.stat().st_size
    rest, number, total = b"", 1, 0
    while piece := text.read(_BLOCK_BYTES):
        total += len(piece)
        _refuse_bomb(path, total, packed_bytes)
        lines, newline, rest = (rest + piece).rpartition(b"\n")
        if newline:
            # Empty lines at the end are no rows.
            unix = lines.replace(b"\r\n", b"\n") if b"\r" in lines else lines
            if kept := unix.rstrip(b"\r\n"):
                yield number, kept + newline
            number += lines.count(newline) + 1
        if len(rest) > _LINE_LIMIT:
            raise BadInput(f"{path}, line {number}: longer than {_LINE_LIMIT} bytes; that is no archive of trades")
    if rest.strip():
        yield number, rest.rstrip(b"\r") + b"\n"


def _refuse_bomb(path: Path, size: int, packed: int) -> None:
    if size > _SIZE_LIMIT or (size > _RATIO_MATTERS_FROM and size > _RATIO_LIMIT * packed):
        raise BadInput(
            f"{path} unpacks to {size >> 20} MiB or more from {packed >> 10} KiB; that is no archive of trades"
        )
