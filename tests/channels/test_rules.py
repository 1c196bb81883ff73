"""What may be sent to, what is signed, when it is tried again."""

import asyncio
import base64
import datetime as dt
import hashlib
import hmac

import pytest

from beltline.channels import adapters, rules
from beltline.channels.types import AddressUnusable, FeedEvent, TypeUnknown

NOW = dt.datetime(2026, 11, 20, 9, 41, tzinfo=dt.UTC)

PRIVATE = [
    "127.0.0.1", "10.0.0.1", "172.16.5.4", "192.168.1.1", "169.254.169.254", "100.64.0.1",
    "0.0.0.1", "224.0.0.1", "255.255.255.255", "240.0.0.1", "192.0.2.1", "198.18.0.1", "::1", "::",
    "fe80::1", "fe80::1%eth0", "fc00::1", "ff02::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1",
    "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "2002:7f00:1::", "2002:a00:1::", "::127.0.0.1",
    "2001:0:7f00:1::", "2001:db8::1", "not an address", "",
]  # fmt: skip
ADDRESSES = [
    "http://hooks.example.com/x", "ftp://hooks.example.com", "https://", "https:///x", "//x",
    "https://user:secret@hooks.example.com", "https://hooks.example.com/#part", "https://ho st/",
    "https://127.0.0.1/", "https://127.1/", "https://0x7f.1/", "https://2130706433/",
    "https://0177.0.0.1/", "https://[::1]/", "https://[::ffff:127.0.0.1]/", "https://h:99999/",
    "https://[64:ff9b::7f00:1]/", "https://h\u00f6st.example/", "https://a\r\nx: y.example/",
    "https://169.254.169.254/latest/meta-data", "https://10.0.0.1:8443/", "https://127.0.0.1./",
]  # fmt: skip


@pytest.mark.parametrize("address", PRIVATE)
def test_an_address_inside_is_seen_however_it_is_wrapped(address: str) -> None:
    assert not rules.is_public(address)


@pytest.mark.parametrize("address", ["8.8.8.8", "1.1.1.1", "2606:4700:4700::1111"])
def test_an_address_of_the_internet_may_be_sent_to(address: str) -> None:
    assert rules.is_public(address)


@pytest.mark.parametrize("url", ADDRESSES)
def test_an_address_that_cannot_be_used_is_refused(url: str) -> None:
    with pytest.raises(AddressUnusable):
        rules.check_url(url, allow_private=False)


def test_an_ordinary_address_is_taken() -> None:
    rules.check_url("https://hooks.example.com:8443/in?shop=7", allow_private=False)
    rules.check_url("http://127.0.0.1:9/", allow_private=True)


@pytest.mark.parametrize("host", ["localhost", "127.1", "2130706433", "0x7f.1", "0177.0.0.1"])
async def test_a_name_of_an_inner_address_is_not_connected_to(host: str) -> None:
    reply = await adapters.post(f"https://{host}:9/", {}, b"x", may_reach=rules.is_public)
    assert reply.status is None
    assert "private network" in reply.error or "gaierror" in reply.error


@pytest.mark.parametrize(
    "answer",
    ["\r\n\r\n", "HTTP/1.1\r\n\r\n", "HTTP/1.1 99999999999 x\r\n\r\n", "SSH-2.0 204\r\n\r\n"],
)
async def test_an_answer_that_is_no_http_is_a_failed_try(answer: str) -> None:
    async def say(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\nx")
        writer.write(answer.encode())
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(say, "127.0.0.1", 0)
    async with server:
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
        reply = await adapters.post(url, {}, b"x", may_reach=lambda _address: True)
    assert (reply.status, reply.is_taken) == (None, False)
    assert "not HTTP" in reply.error


@pytest.mark.parametrize("type_", ["order", "ORDER.", "order.*", "", "a b.", "order.placed.x"])
def test_what_is_no_beginning_of_a_type_is_refused(type_: str) -> None:
    with pytest.raises(TypeUnknown):
        rules.check_types([type_])


def test_a_delivery_is_signed_as_standard_webhooks_say() -> None:
    event = FeedEvent("evt_1", "order.placed", 1, "order", "ord_1", 1, 7, NOW, {"n": 1})
    signed = rules.sign(event, [b"new" * 8, b"old" * 8], NOW)
    content = b"evt_1.%d." % int(NOW.timestamp()) + signed.body
    expected = [
        "v1," + base64.b64encode(hmac.digest(key * 8, content, hashlib.sha256)).decode()
        for key in (b"new", b"old")
    ]
    assert signed.headers["webhook-id"] == "evt_1"
    assert signed.headers["webhook-signature"].split() == expected
    assert rules.show_secret(b"x" * 24).startswith("whsec_")


def test_ten_tries_over_three_days_and_then_no_more() -> None:
    at, tries = NOW, 0
    while tries < 30:
        tries += 1
        following = rules.next_try(tries, at, 0.0)
        if following is None:
            break
        assert following > at
        at = following
    assert tries == rules.TRIES == 10
    assert at - NOW == dt.timedelta(hours=75, minutes=35, seconds=5)
