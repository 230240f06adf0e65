"""A multipart body on its way to the disk: the one file in it, piece by piece, never as a whole in memory."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from fastapi import Request
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect

from analytics.errors import BadInput

if TYPE_CHECKING:  # loaded where a file comes, which is seldom
    from python_multipart.multipart import MultipartCallbacks

FIELD: Final = "file"
MOST_BYTES: Final = 500_000_000
_BROKE_OFF: Final = "the form broke off before its end; send it again"
_WRITE_BYTES: Final = 1 << 20
_MOST_PARTS: Final = 16
_LONGEST_NAME: Final = 200


async def received_file(request: Request, path: Path) -> str:
    """Write the file of the field `file` to `path`. Returns what the user's program calls it.

    Raises BadInput for a body that is no form, that holds no such file or several, or one of more than MOST_BYTES.
    """
    from python_multipart.exceptions import MultipartParseError
    from python_multipart.multipart import MultipartParser, parse_options_header

    kind, options = parse_options_header(request.headers.get("content-type", ""))
    boundary = options.get(b"boundary")
    if kind != b"multipart/form-data" or not boundary:
        raise BadInput("send the file as a form: multipart/form-data with a field `file`, such as curl -F file=@FILE")
    parts = _Parts()
    try:
        parser = MultipartParser(boundary, parts.callbacks())
        with path.open("xb") as file:
            async for chunk in request.stream():
                parser.write(chunk)
                if parts.waiting_bytes >= _WRITE_BYTES:
                    await run_in_threadpool(file.writelines, parts.taken())
            parser.finalize()
            await run_in_threadpool(file.writelines, parts.taken())
    except ClientDisconnect as error:
        raise BadInput(_BROKE_OFF) from error
    except MultipartParseError as error:
        raise BadInput(f"the form cannot be read ({error}); send it with curl -F file=@FILE") from error
    return parts.file_name()


class _Parts:
    """What the parser tells: bytes of the file wait here until they are written; those of other fields are dropped."""

    def __init__(self) -> None:
        self.waiting_bytes = 0
        self._waiting: list[bytes] = []
        self._bytes = 0
        self._parts = 0
        self._files: list[str] = []
        self._header, self._value = b"", b""
        self._disposition = b""
        self._is_file = False
        self._ended = False

    def callbacks(self) -> MultipartCallbacks:
        """As the parser takes them."""
        return {
            "on_part_begin": self._begin,
            "on_header_field": self._field,
            "on_header_value": self._told,
            "on_header_end": self._header_end,
            "on_headers_finished": self._headers_end,
            "on_part_data": self._data,
            "on_end": self._end,
        }

    def taken(self) -> list[bytes]:
        """What waits to be written; it waits no more."""
        taken, self._waiting, self.waiting_bytes = self._waiting, [], 0
        return taken

    def file_name(self) -> str:
        """Raises BadInput when the body broke off, or holds no file or several."""
        if not self._ended:
            raise BadInput(_BROKE_OFF)
        if len(self._files) != 1:
            held = "no file" if not self._files else f"{len(self._files)} files"
            raise BadInput(f"the form holds {held} in the field `{FIELD}`; send one, such as curl -F {FIELD}=@FILE")
        return self._files[0]

    def _begin(self) -> None:
        self._parts += 1
        if self._parts > _MOST_PARTS:
            raise BadInput(f"the form has more than {_MOST_PARTS} fields; send the field `{FIELD}` alone")
        self._disposition, self._is_file = b"", False

    def _field(self, data: bytes, start: int, end: int) -> None:
        self._header += data[start:end]

    def _told(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def _header_end(self) -> None:
        if self._header.lower() == b"content-disposition":
            self._disposition = self._value
        self._header, self._value = b"", b""

    def _headers_end(self) -> None:
        from python_multipart.multipart import parse_options_header

        _, options = parse_options_header(self._disposition)
        if options.get(b"name") == FIELD.encode() and b"filename" in options:
            self._is_file = True
            self._files.append(_shown(options[b"filename"]))

    def _data(self, data: bytes, start: int, end: int) -> None:
        if not self._is_file or len(self._files) > 1:
            return
        self._bytes += end - start
        if self._bytes > MOST_BYTES:
            raise BadInput(f"the file is longer than {MOST_BYTES // 1_000_000} MB; split it, or pack it with gzip")
        self._waiting.append(data[start:end])
        self.waiting_bytes += end - start

    def _end(self) -> None:
        self._ended = True


def _shown(name: bytes) -> str:
    """The last part of a file's name, as words: it is told and looked at, and never becomes a path."""
    text = name.decode("utf-8", "replace").replace("\\", "/").rpartition("/")[2]
    return "".join(letter for letter in text if letter.isprintable())[:_LONGEST_NAME] or "the file"
