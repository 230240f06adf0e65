"""`/docs` without the network: Swagger UI from our own assets, started by a script file, so that the page's content
policy needs no exception.
"""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

_PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Pairwatch API</title>
<link rel="icon" href="/assets/vendor/swagger-ui/favicon-32x32.png">
<link rel="stylesheet" href="/assets/vendor/swagger-ui/swagger-ui.css">
</head>
<body>
<div id="swagger-ui"></div>
<script src="/assets/vendor/swagger-ui/swagger-ui-bundle.js"></script>
<script src="/assets/vendor/swagger-ui/start.js"></script>
</body>
</html>
"""


def docs_routes() -> APIRouter:
    """The page that explains the API."""
    routes = APIRouter()

    @routes.get("/docs", include_in_schema=False)
    async def docs() -> HTMLResponse:
        return HTMLResponse(_PAGE)

    return routes
