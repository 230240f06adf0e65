"""Whom a webhook may reach, as a table, and that a name cannot slip from one address to another."""

from __future__ import annotations

import ipaddress
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.errors import BadInput, ReceiverUnavailable
from services.delivery.addresses import PatientLookup, addresses_of, refuse, resolved, target_of

LOCAL = (
    "127.0.0.1",
    "127.255.255.254",
    "10.0.0.1",
    "172.16.0.1",
    "172.31.255.255",
    "192.168.1.1",
    "100.64.0.1",
    "100.127.255.255",
    "::1",
    "fc00::1",
    "fd12:3456::1",
    "::ffff:127.0.0.1",
    "::ffff:10.1.2.3",
    "64:ff9b::7f00:1",
    "64:ff9b::a00:1",
)
NEVER = (
    "0.0.0.0",
    "0.1.2.3",
    "169.254.169.254",
    "169.254.0.1",
    "100.100.100.200",
    "168.63.129.16",
    "192.0.0.192",
    "192.0.2.1",
    "192.88.99.1",
    "198.18.0.1",
    "198.51.100.1",
    "203.0.113.9",
    "224.0.0.1",
    "239.255.255.250",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::7f00:1",
    "::ffff:169.254.169.254",
    "::ffff:0:127.0.0.1",
    "64:ff9b::a9fe:a9fe",
    "64:ff9b:1::7f00:1",
    "100::1",
    "2001::1",
    "2001:0:7f00:1::",
    "2001:db8::1",
    "2002:7f00:1::",
    "2002:808:808::1",
    "3fff::1",
    "5f00::1",
    "fd00:ec2::254",
    "fe80::1",
    "fe80::1%eth0",
    "fec0::1",
    "ff02::1",
)
PUBLIC = ("8.8.8.8", "1.1.1.1", "172.32.0.1", "100.128.0.1", "2606:4700::1111", "64:ff9b::808:808", "::ffff:8.8.8.8")


@pytest.mark.parametrize("text", LOCAL)
def test_a_local_address_needs_the_setting(text: str) -> None:
    address = ipaddress.ip_address(text)
    with pytest.raises(BadInput, match="--allow-local-webhooks"):
        refuse(address, local=False)
    assert refuse(address, local=True)


@pytest.mark.parametrize("local", [False, True])
@pytest.mark.parametrize("text", NEVER)
def test_some_addresses_are_never_reached(text: str, local: bool) -> None:
    with pytest.raises(BadInput):
        refuse(ipaddress.ip_address(text), local=local)


@pytest.mark.parametrize("text", PUBLIC)
def test_a_public_address_is_reached(text: str) -> None:
    assert not refuse(ipaddress.ip_address(text), local=False)


@given(st.ip_addresses())
def test_what_python_calls_not_global_is_never_taken_for_public(address: ipaddress.IPv4Address) -> None:
    try:
        refuse(address, local=False)
    except BadInput:
        return
    assert address.is_global or address in ipaddress.ip_network("64:ff9b::/96")
    assert not address.is_multicast


@pytest.mark.parametrize(
    "url",
    [
        "http://example.com/",
        "ftp://example.com/",
        "file:///etc/passwd",
        "gopher://example.com/",
        "example.com/hook",
        "https://",
        "https:///path",
        "https://user:secret@example.com/",
        "https://user@example.com/",
        "https://example.com@127.0.0.1/",
        "https://127.0.0.1/",
        "https://[::1]/",
        "https://[::ffff:127.0.0.1]/",
        "https://[fe80::1%25eth0]/",
        "https://[zz]/",
        "https://[127.0.0.1]/",
        "https://2130706433/",
        "https://0x7f000001/",
        "https://0x7f.1/",
        "https://0177.0.0.1/",
        "https://127.1/",
        "https://127.0.0.1./",
        "https://1.2.3.0x04/",
        "https://134744072/",
        "https://①②⑦.⓪.⓪.①/",
        "https://127。0。0。1/",
        "https://exa mple.com/",
        "https://example.com\\@127.0.0.1/",
        "https://example.com/\r\nHost: other",
        "https://example.com/\t",
        "https://exa%6dple.com/",
        "https://-bad.com/",
        "https://example.com:22/",
        "https://example.com:25/",
        "https://example.com:6379/",
        "https://example.com:0/",
        "https://example.com:99999/",
        "https://example.com:abc/",
        "https://example.com/#part",
        "https://example.com/" + "a" * 2000,
    ],
)
def test_an_address_that_is_not_plainly_a_web_server_is_refused(url: str) -> None:
    with pytest.raises(BadInput) as refused:
        target_of(url, local=False)
    assert "secret" not in str(refused.value)


def test_a_target_keeps_path_and_query_and_names_its_host() -> None:
    target = target_of("https://Example.com:8443/a/b?c=d&e", local=False)
    assert (target.host, target.port, target.path) == ("example.com", 8443, "/a/b?c=d&e")
    assert target.authority == "example.com:8443"
    assert target_of("https://example.com", local=False).authority == "example.com"
    assert target_of("http://[::1]:9000/x", local=True).authority == "[::1]:9000"


def test_one_bad_address_among_good_ones_refuses_the_name() -> None:
    target = target_of("https://example.com/", local=False)
    with pytest.raises(BadInput):
        addresses_of(target, lambda _host, _port: ("8.8.8.8", "10.0.0.1"), local=False)


def test_a_name_is_looked_up_once_and_its_address_is_pinned() -> None:
    answers = iter([("8.8.8.8",), ("127.0.0.1",)])
    target = target_of("https://rebind.example/", local=False)
    pinned = addresses_of(target, lambda _host, _port: next(answers), local=False)
    assert [one.address for one in pinned] == ["8.8.8.8"]
    assert next(answers) == ("127.0.0.1",)  # the second answer was never asked for


def test_plain_http_stays_on_the_own_network() -> None:
    target = target_of("http://example.com/", local=True)
    assert addresses_of(target, lambda _host, _port: ("192.168.0.9",), local=True)
    with pytest.raises(BadInput, match="use https"):
        addresses_of(target, lambda _host, _port: ("8.8.8.8",), local=True)


def test_a_name_without_an_address_is_unavailable_not_forbidden() -> None:
    with pytest.raises(ReceiverUnavailable):
        addresses_of(target_of("https://example.com/", local=False), lambda _host, _port: (), local=False)
    with pytest.raises(ReceiverUnavailable):
        resolved("nothing.invalid", 443)


def test_a_lookup_that_hangs_is_given_up() -> None:
    forever = threading.Event()

    def hanging(_host: str, _port: int) -> tuple[str, ...]:
        forever.wait()
        return ()

    try:
        with pytest.raises(ReceiverUnavailable, match=r"within 0\.01 s"):
            PatientLookup(hanging, limit_s=0.01)("example.com", 443)
    finally:
        forever.set()
    assert PatientLookup(lambda _host, _port: ("8.8.8.8",))("example.com", 443) == ("8.8.8.8",)
