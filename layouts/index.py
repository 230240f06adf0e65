"""The page around the page: what the browser is given before any of it is drawn."""

from __future__ import annotations

from typing import Final

from analytics.kept import Preferences

LOOK_PLACE: Final = "{%look%}"

# look.js stands before the styles, so that the very first paint is in the right theme.
INDEX: Final = """<!DOCTYPE html>
<html lang="en" {%look%}>
    <head>
        {%metas%}
        <title>{%title%}</title>
        <script src="/assets/look.js"></script>
        <link rel="icon" type="image/svg+xml" href="/assets/icons/pairwatch.svg">
        {%css%}
    </head>
    <body>
        <noscript>Pairwatch draws its charts in the browser: please allow scripts for this page.</noscript>
        {%app_entry%}
        <footer>
            {%config%}
            {%scripts%}
            {%renderer%}
        </footer>
    </body>
</html>
"""


def look_attributes(preferences: Preferences) -> str:
    """What is kept of the look, for the page's outermost element; dark until the browser has asked its system."""
    theme = "dark" if preferences.theme == "system" else preferences.theme
    return (
        f'data-theme="{preferences.theme}" data-colours="{preferences.colours}" data-zone="{preferences.zone}" '
        f'data-bs-theme="{theme}"'
    )
