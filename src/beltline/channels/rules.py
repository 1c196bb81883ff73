"""Pure decisions about webhooks: which addresses, what is signed, when to try again."""

import base64
import datetime as dt
import hashlib
import hmac
import ipaddress
import re
from collections.abc import Iterable
from typing import Final
from urllib.parse import urlsplit

import msgspec

from beltline.channels.types import AddressUnusable, FeedEvent, Signed, TypeUnknown

PREFIX: Final = "whsec_"
TRIES: Final = 10
OLD_SECRET_FOR: Final = dt.timedelta(hours=24)
REPLAY_MOST: Final = 10_000
_DELAYS_S: Final = (5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400)
"""After the first try, the second, …: ten tries over 75 h 35 min, as Standard Webhooks advises."""
_TYPE = re.compile(r"[a-z_]+\.[a-z_]*")
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_Address = ipaddress.IPv4Address | ipaddress.IPv6Address


def check_url(url: str, *, allow_private: bool) -> None:
    """Refuse what is no address of ours to send to; who is behind it is looked at when sending."""

    def refuse(reason: str) -> AddressUnusable:
        return AddressUnusable(url=url[:200], reason=reason, param="url")

    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        raise refuse("it is not an address") from None
    if not url.isascii() or not url.isprintable() or " " in url or len(url) > 2000:
        raise refuse("it has characters that no address has")
    if parts.scheme not in ({"https", "http"} if allow_private else {"https"}):
        raise refuse("it does not begin with https")
    if not host or parts.username or parts.password or parts.fragment:
        raise refuse("it has no host, or a name, password or fragment that would not be sent")
    if not allow_private and _is_literal(host) and not is_public(host):
        raise refuse("it points into a private network")


def check_types(types: Iterable[str]) -> None:
    """Refuse what cannot be the beginning of a type."""
    for each in types:
        if not _TYPE.fullmatch(each):
            raise TypeUnknown(type=each[:80], param="types")


def is_public(text: str) -> bool:
    """Whether a numeric address is one of the internet at large, however it is wrapped."""
    try:
        found: list[_Address] = [ipaddress.ip_address(text.partition("%")[0])]
    except ValueError:
        return False
    for address in found:
        found.extend(_wrapped(address))
    return all(
        a.is_global and not (a.is_multicast or a.is_reserved or a.is_private or a.is_link_local)
        for a in found
    )


def _wrapped(address: _Address) -> list[_Address]:
    """The IPv4 addresses inside an IPv6 one: mapped, compatible, 6to4, Teredo, NAT64."""
    if isinstance(address, ipaddress.IPv4Address):
        return []
    inside: list[_Address] = [a for a in (address.ipv4_mapped, address.sixtofour) if a is not None]
    if address.teredo is not None:
        inside += address.teredo
    if address in _NAT64 or int(address) < 2**32:
        inside.append(ipaddress.IPv4Address(int(address) & 0xFFFFFFFF))
    return inside


def _is_literal(host: str) -> bool:
    # 127.1, 0x7f.1 and 2130706433 are addresses too, to those who resolve names.
    return (
        ":" in host or re.fullmatch(r"(0x[0-9a-f]*|\d+)(\.(0x[0-9a-f]*|\d+))*\.?", host) is not None
    )


def show_secret(secret: bytes) -> str:
    """A secret as it is told, once."""
    return PREFIX + base64.b64encode(secret).decode()


def sign(event: FeedEvent, secrets: Iterable[bytes], at: dt.datetime) -> Signed:
    """The body and headers of a delivery by Standard Webhooks; one signature for each secret.

    The id is the event's own, so that a receiver knows a repetition.
    """
    body = msgspec.json.encode(event)
    timestamp = str(int(at.timestamp()))
    content = b".".join((event.id.encode(), timestamp.encode(), body))
    signatures = [
        "v1," + base64.b64encode(hmac.digest(secret, content, hashlib.sha256)).decode()
        for secret in secrets
    ]
    headers = {
        "webhook-id": event.id,
        "webhook-timestamp": timestamp,
        "webhook-signature": " ".join(signatures),
        "content-type": "application/json",
    }
    return Signed(body, headers)


def next_try(tries: int, now: dt.datetime, chance: float) -> dt.datetime | None:
    """When to try again after `tries` failures; None to give up. `chance` (0 to 1) spreads them."""
    if tries >= TRIES:
        return None
    delay_s = _DELAYS_S[min(tries, len(_DELAYS_S)) - 1]
    return now + dt.timedelta(seconds=delay_s * (1 + 0.1 * chance))
