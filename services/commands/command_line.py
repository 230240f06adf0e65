"""`python app.py COMMAND ...`: which command it is, and how its errors are told."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence

from analytics.errors import PairwatchError
from settings import BadSetting

_USAGE_ERROR = 2


def run(arguments: Sequence[str]) -> int | None:
    """Run the command that the first argument names; its exit code, or None when it names none.

    What a command cannot do is one sentence on stderr and exit code 2.
    """
    command = _command(arguments[0]) if arguments else None
    if command is None:
        return None
    try:
        return command(arguments[1:])
    except (BadSetting, PairwatchError) as error:
        sys.stderr.write(f"pairwatch: {error}\n")
        return _USAGE_ERROR


def _command(name: str) -> Callable[[Sequence[str]], int] | None:
    # Each loads only what it needs: `doctor` must tell what is missing even where a package is.
    if name == "import":
        from services.commands.archive_import import import_files

        return import_files
    if name == "doctor":
        from services.commands.doctor import examine

        return examine
    if name in {"backup", "restore"}:
        from services.commands.safekeeping import bring_back, make_backup

        return make_backup if name == "backup" else bring_back
    return None
