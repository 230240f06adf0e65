"""The adapter of apprise: against a small package of the same shape, and once against the real one."""

from __future__ import annotations

import json
import logging
import sys
import threading
from contextvars import copy_context
from functools import partial
from types import SimpleNamespace
from typing import Any

import pytest

from analytics.alert_channels import Channel, SecretText
from analytics.errors import BadInput, ReceiverUnavailable
from services.delivery.apprise_channel import AppriseNotifier, installed
from services.delivery.letters import Letter
from services.delivery.outcome import masked
from tests.services.receiver import receiving, status

LETTER = Letter("7-3-fired", "BTC/ETH fired", "z 2.31", {"type": "alert.fired", "timestamp": "t", "data": {}})


class Telegram:
    service_name = "Telegram"
    template_tokens = frozenset({"bot_token", "target_user"})

    def __init__(self, url: str) -> None:
        self.address = url
        self.schema = url.partition("://")[0]
        self.host = url.partition("://")[2].partition("/")[0].rpartition("@")[2].partition("?")[0]


class FreeHost(Telegram):
    service_name = "Own server"
    template_tokens = frozenset({"host"})


class Package:
    """What the adapter uses of apprise. answer: what `notify` does."""

    NotifyFormat = SimpleNamespace(TEXT="text")

    def __init__(self, answer: Any = True) -> None:
        self.sent: list[tuple[str, str, str, str]] = []
        self.assets: list[dict[str, Any]] = []
        package = self

        class Apprise:
            def __init__(self, asset: Any) -> None:
                self._plugins: list[Telegram] = []

            @staticmethod
            def instantiate(url: str, asset: Any) -> Telegram | None:
                schema = url.partition("://")[0]
                if schema == "unknown":
                    logging.getLogger("apprise").error("Unparseable URL %s", url)
                    return None
                return Telegram(url) if schema == "tgram" else FreeHost(url)

            def add(self, plugin: Telegram) -> bool:
                self._plugins.append(plugin)
                return True

            def notify(self, *, body: str, title: str, body_format: str) -> bool:
                (plugin,) = self._plugins
                package.sent.append((plugin.address, title, body, body_format))
                if isinstance(answer, Exception):
                    raise answer
                if not answer:
                    complain = partial(logging.getLogger("apprise").warning, "Failed: %s, error=401.", plugin.address)
                    worker = threading.Thread(target=copy_context().run, args=(complain,))
                    worker.start()
                    worker.join()
                return bool(answer)

        self.Apprise = Apprise

    def AppriseAsset(self, **options: Any) -> dict[str, Any]:  # noqa: N802  the package's own name
        self.assets.append(options)
        return options


def channel(url: str) -> Channel:
    return Channel("phone", "apprise", SecretText(url))


def notifier(package: Package, *, local: bool = False, address: str = "8.8.8.8") -> AppriseNotifier:
    return AppriseNotifier(lambda _host, _port: (address,), local=local, load=lambda: package)


def test_a_message_goes_out_as_plain_text_without_redirects() -> None:
    package = Package()
    outcome = notifier(package).send(channel("tgram://123456:ABCDEF/789?format=text&redirect=yes"), LETTER, 1)
    assert (outcome.fate, outcome.receipt) == ("accepted", "Telegram took it")
    assert package.sent == [("tgram://123456:ABCDEF/789?format=text&redirect=no", "BTC/ETH fired", "z 2.31", "text")]
    assert all(one["secure_logging"] for one in package.assets)


def test_what_a_service_refuses_is_told_without_the_secret(caplog: pytest.LogCaptureFixture) -> None:
    wanted = channel("tgram://123456:ABCDEF/789")
    outcome = notifier(Package(answer=False)).send(wanted, LETTER, 1)
    assert outcome.fate == "again"
    told = masked(outcome.receipt, (wanted.url,))
    assert "error=401" in told
    for part in ("123456", "ABCDEF"):
        assert part not in told
        assert part not in caplog.text


def test_a_plugin_that_breaks_is_an_outcome_and_not_an_error() -> None:
    outcome = notifier(Package(answer=ValueError("tgram://123456:ABCDEF"))).send(channel("tgram://1/2"), LETTER, 1)
    assert (outcome.fate, outcome.receipt) == ("again", "Telegram failed with ValueError")


@pytest.mark.parametrize(
    "url",
    [
        "json://127.0.0.1/",
        "JSONS://example.com/",
        "xml://example.com/",
        "form://example.com/",
        "apprises://example.com/key",
        "gotify://example.com/token",
        "tgram://1/2?verify=no",
        "fcm://project@key/device?keyfile=/etc/passwd",
        "unknown://secret-part",
        "no address",
        "tgram://1/2\n",
        "tgram://" + "a" * 3000,
    ],
)
def test_what_can_be_pointed_anywhere_is_refused(url: str, caplog: pytest.LogCaptureFixture) -> None:
    package = Package()
    with pytest.raises(BadInput) as refused:
        notifier(package).check(channel(url))
    assert "secret-part" not in str(refused.value) + caplog.text
    assert notifier(package).send(channel(url), LETTER, 1).fate == "refused"
    assert package.sent == []


@pytest.mark.parametrize("url", ["json://127.0.0.1/", "gotify://192.168.0.5/token", "tgram://1/2?verify=no"])
def test_the_setting_allows_it(url: str) -> None:
    notifier(Package(), local=True).check(channel(url))


@pytest.mark.parametrize("url", ["mailto://user:word@mail.example", "ntfys://push.example/topic"])
def test_a_mail_or_ntfy_server_on_the_own_network_is_refused(url: str) -> None:
    package = Package()
    inside = notifier(package, address="10.0.0.5").send(channel(url), LETTER, 1)
    assert (inside.fate, "private network" in inside.receipt, package.sent) == ("refused", True, [])
    assert notifier(package).send(channel(url), LETTER, 1).fate == "accepted"


def test_a_server_that_is_not_found_is_worth_another_try() -> None:
    def lost(_host: str, _port: int) -> tuple[str, ...]:
        raise ReceiverUnavailable("the name is not found")

    wanted = AppriseNotifier(lost, local=False, load=Package)
    assert wanted.send(channel("mailto://user:word@mail.example"), LETTER, 1).fate == "again"


def test_without_the_package_the_channel_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "apprise", None)  # to an import, a package that is not there
    with pytest.raises(BadInput, match="python -m pip install apprise"):
        installed()
    outcome = AppriseNotifier(lambda *_: (), local=False).send(channel("tgram://1/2"), LETTER, 1)
    assert (outcome.fate, "pip install apprise" in outcome.receipt) == ("refused", True)


@pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")  # one of its plugins, on Python 3.11
def test_the_real_package_sends_and_tells_why_it_could_not(caplog: pytest.LogCaptureFixture) -> None:
    real = AppriseNotifier(lambda *_: (), local=True)
    with receiving(status(200), status(401), status(302, "Location: http://127.0.0.1:1/")) as receiver:
        wanted = channel(f"json://127.0.0.1:{receiver.port}/token-of-the-path")
        outcomes = [real.send(wanted, LETTER, 1) for _ in range(3)]
    assert [one.fate for one in outcomes] == ["accepted", "again", "again"]
    assert "error=401" in outcomes[1].receipt
    assert json.loads(receiver.received[0].body)["message"] == "z 2.31"
    assert receiver.connections == 3
    assert not [record for record in caplog.records if record.name == "apprise" and "token-of" in record.getMessage()]
    strict = AppriseNotifier(lambda *_: ("10.0.0.5",), local=False)
    for refused in ("json://127.0.0.1/", "gotify://10.0.0.1/token", "ntfys://push.example/x", "tgram://nonsense"):
        assert strict.send(channel(refused), LETTER, 1).fate == "refused"
