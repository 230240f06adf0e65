"""One shape for every error that leaves the API: {"error": {"code", "message", "details"}}."""

from __future__ import annotations

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse

from analytics.errors import BadInput, NameTaken, NotEstimable, PairwatchError, StoreError, UnknownName, UnknownSymbol


def error_body(code: str, message: str, details: dict[str, object] | None = None) -> dict[str, object]:
    """The shape itself."""
    return {"error": {"code": code, "message": message, "details": details or {}}}


def add_error_answers(server: FastAPI) -> None:
    """Translate the product's own errors. Everything else is our bug and stays a 500 without its traceback."""

    @server.exception_handler(PairwatchError)
    async def answer(_request: Request, error: Exception) -> JSONResponse:
        status, code = _status(error)
        return JSONResponse(error_body(code, str(error), _details(error)), status_code=status)


def _status(error: Exception) -> tuple[int, str]:
    if isinstance(error, UnknownSymbol):
        return 404, "unknown_symbol"
    if isinstance(error, UnknownName):
        return 404, "unknown_name"
    if isinstance(error, NameTaken):
        return 409, "name_taken"
    if isinstance(error, BadInput):
        return 422, "bad_input"
    if isinstance(error, NotEstimable):
        return 422, "not_estimable"
    if isinstance(error, StoreError):
        return 503, "store"
    return 503, "unavailable"


def _details(error: Exception) -> dict[str, object]:
    names = ("symbol", "kind", "name", "needed", "got", "what")
    return {name: getattr(error, name) for name in names if hasattr(error, name)}
