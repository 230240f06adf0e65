"""`python app.py doctor`: what could keep Pairwatch from working here, each with its cure. Nothing is changed."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence

from services.clock import SystemClock
from services.commands import machine_checks
from services.commands.database_check import databases
from services.commands.exchange_checks import ExchangeChecks
from services.commands.findings import Finding, as_json, as_line, healthy
from services.commands.options import CommandParser
from settings import Settings

# With what Python needs to start, an examination without a network ends within ten seconds.
_WITHIN_S = 6.0
_DESCRIPTION = (
    "Look at this machine, the databases and the way to the exchange, and tell what is wrong and how to mend it. "
    "It may run beside Pairwatch. The exit code is 0 when nothing failed."
)


def examine(arguments: Sequence[str]) -> int:
    """Run the command: 0 when nothing failed, else 1. Raises BadSetting."""
    parser = CommandParser("doctor", _DESCRIPTION)
    parser.add_argument("--json", action="store_true", help="print one JSON object instead of lines")
    options, settings = parser.read(arguments)
    found = []
    for finding in findings(settings):
        found.append(finding)
        if not options.json:
            sys.stdout.write(f"{as_line(finding)}\n")
            sys.stdout.flush()
    if options.json:
        sys.stdout.write(f"{as_json(found)}\n")
    return 0 if healthy(found) else 1


def findings(settings: Settings, within_s: float = _WITHIN_S) -> Iterator[Finding]:
    """Every check in turn."""
    wanted = settings.chosen_source in {"auto", "live"}
    # Asked first and heard last: what this machine is asked meanwhile costs no time.
    exchange = ExchangeChecks(settings, SystemClock(), within_s) if wanted else None
    yield machine_checks.python()
    yield machine_checks.packages()
    yield machine_checks.folder(settings)
    yield machine_checks.disk(settings)
    yield from databases(settings)
    yield machine_checks.sqlite()
    if exchange is None:
        yield Finding("ok", "exchange", f"not asked: --source {settings.chosen_source} does without it")
    else:
        yield from exchange.findings()
    yield machine_checks.port(settings)
