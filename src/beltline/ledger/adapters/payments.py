"""What providers of payments sign, and a provider to try things with.

A provider takes money from a card or a wallet outside; here it is money that came, as from a bank.
What it tells is signed, comes at least once and in any order, so that every word of it may come
twice.
"""

import datetime as dt
import hashlib
import hmac
from collections.abc import Mapping
from typing import Final
from urllib.parse import urlencode

import msgspec

from beltline.kit.db import NotFound
from beltline.ledger.types import Charge, ProviderPage, ProviderPayment, SignatureWrong

TOLERANCE_S: Final = 300
"""How old a signed message may be: an older one is somebody's replay."""


def sign(secret: str, body: bytes, now: dt.datetime) -> str:
    """A signature: the second it was made at and the HMAC-SHA256 of both."""
    second = int(now.timestamp())
    return f"t={second},v1={_mac(secret, second, body)}"


def check_signature(header: str, secret: str, body: bytes, now: dt.datetime) -> None:
    """Refuse a body that nobody with the secret signed, or one signed long ago."""
    parts = [part.strip().partition("=") for part in header.split(",")]
    second = next((value for name, _, value in parts if name == "t"), "")
    if not (second.isascii() and second.isdigit() and len(second) < 12 and secret):
        raise SignatureWrong
    wanted = _mac(secret, int(second), body)
    # Several stand there while a secret is replaced by another.
    given = [value for name, _, value in parts if name == "v1" and value.isascii()]
    if not any(hmac.compare_digest(value, wanted) for value in given):
        raise SignatureWrong
    if abs(now.timestamp() - int(second)) > TOLERANCE_S:
        raise SignatureWrong


def _mac(secret: str, second: int, body: bytes) -> str:
    return hmac.new(secret.encode(), b"%d." % second + body, hashlib.sha256).hexdigest()


class Sandbox:
    """A provider that moves no money; the last two digits of the amount say what it does.

    01 is declined. 02 is late: pending at first, there when it is looked at. 03 is told twice.
    04 is taken back after it came. All others come at once. It keeps nothing: a payment's name
    holds what it is, signed with the secret.
    """

    name: Final = "sandbox"

    def __init__(self, secret: str) -> None:
        self._secret = secret

    async def start(self, charge: Charge) -> ProviderPayment:
        """As told by the amount; late and reversed ones are so at a later look."""
        once = hashlib.sha256(charge.key.encode()).hexdigest()[:12]
        said = f"{charge.reference}.{charge.amount}.{charge.currency}.{once}"
        return self._standing(f"sbx.{said}.{self._seal(said)}", is_later=False)

    async def open_page(self, charge: Charge, *, back: str) -> ProviderPage:
        """It has no page of its own: what the amount says happens at once, and one is back."""
        begun = await self.start(charge)
        return ProviderPage(
            f"{back}?{urlencode({'payment': begun.external_id})}", begun.external_id
        )

    async def look(self, external_id: str) -> ProviderPayment:
        """How it stands later."""
        return self._standing(external_id, is_later=True)

    def read(
        self, headers: Mapping[str, str], body: bytes, *, now: dt.datetime
    ) -> list[ProviderPayment]:
        """A message is `{"payment": its name}`, signed in `sandbox-signature`."""
        check_signature(headers.get("sandbox-signature", ""), self._secret, body, now)
        try:
            told = msgspec.json.decode(body, type=dict[str, str])
        except msgspec.DecodeError:
            raise SignatureWrong from None
        payment = self._standing(told.get("payment", ""), is_later=True)
        return [payment] * (2 if payment.amount % 100 == 3 else 1)

    def _standing(self, external_id: str, *, is_later: bool) -> ProviderPayment:
        said, _, seal = external_id.removeprefix("sbx.").rpartition(".")
        parts = said.rsplit(".", 3)
        is_ours = seal.isascii() and hmac.compare_digest(seal, self._seal(said))
        if not is_ours or len(parts) != 4:
            raise NotFound(what="payment", key=external_id[:120])
        reference, amount, currency, _ = parts
        first, later = {
            1: ("DECLINED", "DECLINED"), 2: ("PENDING", "SUCCEEDED"), 4: ("SUCCEEDED", "REVERSED"),
        }.get(int(amount) % 100, ("SUCCEEDED", "SUCCEEDED"))  # fmt: skip
        state = later if is_later else first
        reason = "card_declined" if state == "DECLINED" else ""
        return ProviderPayment(external_id, state, int(amount), currency, reference, reason=reason)

    def _seal(self, said: str) -> str:
        return hmac.new(self._secret.encode(), said.encode(), hashlib.sha256).hexdigest()[:16]
