"""What an examination found, as lines for people and as JSON for programs."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Literal

Mark = Literal["ok", "warn", "FAIL"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One check. name: a word for it.  found: what was seen.  cure: what to do about it, empty where all is well."""

    mark: Mark
    name: str
    found: str
    cure: str = ""


def as_line(finding: Finding) -> str:
    """The mark, the word, what was seen, and below it the cure."""
    line = f"{finding.mark:<4}  {finding.name:<9}  {finding.found}"
    return f"{line}\n{'':17}-> {finding.cure}" if finding.cure else line


def as_json(findings: Iterable[Finding]) -> str:
    """`{"healthy": true, "checks": [{"mark", "name", "found", "cure"}]}`."""
    listed = list(findings)
    return json.dumps({"healthy": healthy(listed), "checks": [asdict(one) for one in listed]}, indent=2)


def healthy(findings: Iterable[Finding]) -> bool:
    """Whether nothing failed; a warning is no failure."""
    return all(finding.mark != "FAIL" for finding in findings)
