"""What axe-core finds wrong on a page, as lines to read."""

from __future__ import annotations

from typing import Any, Final

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

_GRAVE: Final = frozenset({"serious", "critical"})


def grave_violations(page: Page) -> list[str]:
    """The serious and critical violations of the page as it stands: rule, place, what is wrong."""
    found = Axe().run(page).response["violations"]
    return [
        f"{rule['id']} ({rule['impact']}): {' '.join(str(part) for part in node['target'])}: {_why(node)}"
        for rule in found
        if rule["impact"] in _GRAVE
        for node in rule["nodes"]
    ]


def _why(node: dict[str, Any]) -> str:
    return "; ".join(check["message"] for kind in ("any", "all", "none") for check in node[kind])
