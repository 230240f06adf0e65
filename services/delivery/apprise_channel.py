"""Telegram, Discord, Slack, e-mail, ntfy and many more through apprise, an extra that is imported here only."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Final
from urllib.parse import parse_qsl, urlsplit

from analytics.alert_channels import Channel
from analytics.errors import BadInput, ReceiverUnavailable
from services.delivery.addresses import ALLOW, LONGEST_URL, Resolve, Target, addresses_of
from services.delivery.letters import Letter
from services.delivery.outcome import Outcome

INSTALL: Final = (
    "this channel needs the package apprise (the extra “alerts”): run python -m pip install apprise where Pairwatch is "
    "installed, then start Pairwatch again"
)
# These send what they are told to wherever they are told to; a signed webhook does the same under guard.
_FREE: Final = frozenset({"json", "jsons", "xml", "xmls", "form", "forms", "apprise", "apprises"})
# Their host is free too, but theirs is the protocol, and it is looked up and judged first.
_JUDGED: Final = frozenset({"mailto", "mailtos", "ntfy", "ntfys"})
_SAYS_NO: Final = frozenset({"no", "false", "0", "n", "off", "deny", "disable", "never"})


def installed() -> Any:
    """The apprise package. Raises BadInput with the cure where it is not installed."""
    try:
        import apprise
    except ImportError as error:
        raise BadInput(INSTALL) from error
    return apprise


class AppriseNotifier:
    """Thread-safe. load: gives the package.  local: services on this machine and private networks are allowed."""

    def __init__(self, resolve: Resolve, *, local: bool, load: Callable[[], Any] = installed) -> None:
        self._resolve = resolve
        self._local = local
        self._load = load
        self._ear = _Ear()

    def check(self, channel: Channel) -> None:
        """Raises BadInput: apprise is missing, does not know the address, or its host is free. Nothing is looked up."""
        self._plugin(self._load(), channel)

    def send(self, channel: Channel, letter: Letter, attempt: int) -> Outcome:  # noqa: ARG002  text cannot tell it
        """One attempt. Services tell little, so what apprise said of a failure is the receipt."""
        try:
            package = self._load()
            plugin = self._plugin(package, channel)
            self._judge(plugin)
        except BadInput as error:
            return Outcome("refused", str(error))
        except ReceiverUnavailable as error:
            return Outcome("again", error.reason)
        sender = package.Apprise(asset=_asset(package))
        sender.add(plugin)
        with self._ear.listening() as said:
            try:
                accepted = sender.notify(body=letter.text, title=letter.title, body_format=package.NotifyFormat.TEXT)
            except (TypeError, ValueError, OSError) as error:
                # Its text may hold the address in pieces that no mask knows.
                return Outcome("again", f"{plugin.service_name} failed with {type(error).__name__}")
        if accepted:
            return Outcome("accepted", f"{plugin.service_name} took it")
        return Outcome("again", f"{plugin.service_name} did not take it: {'; '.join(said) or 'it gave no reason'}")

    def _plugin(self, package: Any, channel: Channel) -> Any:
        url = channel.url.reveal()
        schema = url.partition("://")[0].lower()
        if len(url) > LONGEST_URL or "://" not in url or any(letter < " " for letter in url):
            raise BadInput("the address is not one of apprise; write it like tgram://TOKEN/CHAT")
        if not self._local:
            self._refuse_free(schema, url)
        with self._ear.listening():  # what it says of an address it does not know may hold parts of it
            plugin = package.Apprise.instantiate(_without_redirects(url), asset=_asset(package))
        if plugin is None:
            raise BadInput(f"apprise does not know how to send to this {schema[:20]}:// address; check it part by part")
        if not self._local and schema not in _JUDGED and "host" in type(plugin).template_tokens:
            raise BadInput(f"{schema[:20]}:// can be pointed at any host; use a webhook instead, or {ALLOW}")
        return plugin

    def _refuse_free(self, schema: str, url: str) -> None:
        if schema in _FREE:
            raise BadInput(
                f"{schema}:// can be pointed at any host; use a webhook instead, which is signed, or {ALLOW}"
            )
        options = {name.lower(): value.lower() for name, value in parse_qsl(urlsplit(url).query)}
        if options.get("verify") in _SAYS_NO:
            raise BadInput(f"verify=no would not check certificates; leave it out, or {ALLOW}")
        if any(name.endswith("file") for name in options):
            raise BadInput(f"the address may not name a file to read, or {ALLOW}")

    def _judge(self, plugin: Any) -> None:
        """Refuse a mail or ntfy server on the own network. apprise looks the name up again, see docs/alerts.md."""
        if self._local or plugin.schema not in _JUDGED or getattr(plugin, "mode", None) == "cloud":
            return
        host = str(getattr(plugin, "smtp_host", None) or plugin.host)
        addresses_of(Target("https", host, 443, "/"), self._resolve, local=False)


def _without_redirects(url: str) -> str:
    """The address with redirects switched off: one could lead anywhere."""
    kept = "&".join(
        part for part in urlsplit(url).query.split("&") if part and not part.lower().startswith("redirect=")
    )
    bare = url.partition("?")[0]
    return f"{bare}?{kept}&redirect=no" if kept else f"{bare}?redirect=no"


def _asset(package: Any) -> Any:
    # Without a limit of its own it sends on our thread, which ends with the program; its sockets wait four seconds.
    return package.AppriseAsset(app_id="Pairwatch", secure_logging=True, async_mode=False, service_timeout=0)


class _Ear(logging.Filter):
    """Hears what apprise logs for whoever listens, on whatever thread it works for them. It goes nowhere else, because
    it may hold an address in pieces that no mask knows.
    """

    def __init__(self) -> None:
        super().__init__()
        # Its own threads run in a copy of our context; a thread's number would not tell for whom they work.
        self._said: ContextVar[list[str] | None] = ContextVar("said", default=None)
        logging.getLogger("apprise").addFilter(self)

    @contextmanager
    def listening(self) -> Iterator[list[str]]:
        """What is said meanwhile: the first warnings, cut."""
        said: list[str] = []
        token = self._said.set(said)
        try:
            yield said
        finally:
            self._said.reset(token)

    def filter(self, record: logging.LogRecord) -> bool:
        """Take the record away from every log."""
        said = self._said.get()
        if said is None:
            return True
        if record.levelno >= logging.WARNING and len(said) < 3:
            said.append(record.getMessage()[:200])
        return False
