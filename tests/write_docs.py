"""`make docs`: the parts of the documents that are made of the code.

The reference half of docs/statistics.md is made of the definitions, which the screen's tooltips show too.
"""

from __future__ import annotations

from pathlib import Path

from analytics.definitions import as_markdown

STATISTICS = Path(__file__).resolve().parents[1] / "docs" / "statistics.md"
MARK = "<!-- From here on made of analytics/definitions.py by `make docs`. -->\n\n"


def statistics_page() -> str:
    """docs/statistics.md as it should be."""
    head, mark, _ = STATISTICS.read_text(encoding="utf-8").partition(MARK)
    return head + mark + as_markdown()


if __name__ == "__main__":
    STATISTICS.write_text(statistics_page(), encoding="utf-8")
