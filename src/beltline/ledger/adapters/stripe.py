"""Stripe's PaymentIntents and signed events, over its public HTTP API."""

import datetime as dt
from collections.abc import Mapping
from typing import Any, Final

import httpx
import msgspec

from beltline.kit.db import NotFound
from beltline.kit.errors import Transient
from beltline.ledger.adapters.payments import check_signature
from beltline.ledger.types import (
    Charge,
    ProviderPage,
    ProviderPayment,
    ProviderRefused,
    SignatureWrong,
)

URL: Final = "https://api.stripe.com"
VERSION: Final = "2024-06-20"
"""Of the API: answers keep this shape whatever the account's own setting is."""
TIMEOUT_S: Final = 15.0


class Stripe:
    """An account: `key` calls the API, `secret` signs what it tells."""

    name: Final = "stripe"

    def __init__(self, key: str, secret: str, url: str = URL) -> None:
        self._key, self._secret, self._url = key, secret, url.rstrip("/")

    async def start(self, charge: Charge) -> ProviderPayment:
        """Make an intent that the buyer's page confirms with its client secret."""
        form = {
            "amount": str(charge.amount),
            "currency": charge.currency.lower(),
            "automatic_payment_methods[enabled]": "true",
            "description": charge.reference,
            "metadata[order]": charge.reference,
        }
        return _payment(await self._call("POST", "/v1/payment_intents", charge.key, form))

    async def open_page(self, charge: Charge, *, back: str) -> ProviderPage:
        """Make a checkout session: a page of Stripe's own that takes the money by an intent."""
        form = {
            "mode": "payment",
            "client_reference_id": charge.reference,
            "line_items[0][quantity]": "1",
            "line_items[0][price_data][currency]": charge.currency.lower(),
            "line_items[0][price_data][unit_amount]": str(charge.amount),
            "line_items[0][price_data][product_data][name]": charge.reference,
            "payment_intent_data[description]": charge.reference,
            "payment_intent_data[metadata][order]": charge.reference,
            "success_url": f"{back}?payment={{CHECKOUT_SESSION_ID}}",
            "cancel_url": back,
        }
        session = await self._call("POST", "/v1/checkout/sessions", charge.key, form)
        return ProviderPage(session["url"], session["id"])

    async def look(self, external_id: str) -> ProviderPayment:
        """The intent with its latest charge, which tells of disputes and refunds; or a session's.

        A payment is called by its intent, as in what Stripe tells, once a session has one.
        """
        if not (external_id.isascii() and external_id.replace("_", "").isalnum()):
            raise NotFound(what="payment", key=external_id[:120])
        if external_id.startswith("cs_"):
            whole = "expand[]=payment_intent.latest_charge"
            session = await self._call("GET", f"/v1/checkout/sessions/{external_id}?{whole}")
            return _of_session(session)
        return _payment(
            await self._call("GET", f"/v1/payment_intents/{external_id}?expand[]=latest_charge")
        )

    def read(
        self, headers: Mapping[str, str], body: bytes, *, now: dt.datetime
    ) -> list[ProviderPayment]:
        """Intents that succeeded or failed, disputes that took money, whole refunds."""
        check_signature(headers.get("stripe-signature", ""), self._secret, body, now)
        try:
            event = msgspec.json.decode(body)
            kind, thing = event["type"], event["data"]["object"]
        except (msgspec.DecodeError, KeyError, TypeError):
            raise SignatureWrong from None
        if kind in {"payment_intent.succeeded", "payment_intent.payment_failed"}:
            return [_payment(thing)]
        is_refund = kind == "charge.refunded"
        if kind == "charge.dispute.funds_withdrawn" or is_refund:
            amount = thing["amount_refunded"] if is_refund else thing["amount"]
            return [
                ProviderPayment(
                    thing["payment_intent"], "REVERSED", amount, thing["currency"].upper(), ""
                )
            ]
        return []

    async def _call(
        self, method: str, path: str, key: str = "", form: dict[str, str] | None = None
    ) -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {self._key}", "Stripe-Version": VERSION}
        if key:
            headers["Idempotency-Key"] = key
        try:
            async with httpx.AsyncClient(timeout=TIMEOUT_S, trust_env=False) as client:
                answer = await client.request(
                    method, f"{self._url}{path}", headers=headers, data=form
                )
            told: dict[str, Any] = msgspec.json.decode(answer.content)
        except (httpx.TransportError, msgspec.DecodeError) as error:
            raise Transient(f"the provider of payments: {type(error).__name__}") from error
        # 409 is the same key in flight.
        if answer.status_code in {409, 429} or answer.status_code >= 500:
            raise Transient(f"the provider of payments answers {answer.status_code}")
        if answer.status_code == 404:
            raise NotFound(what="payment", key=path.rpartition("/")[2].partition("?")[0])
        if answer.status_code >= 400:
            reason = str(told.get("error", {}).get("code") or answer.status_code)
            raise ProviderRefused(provider=self.name, reason=reason[:120])
        return told


def _of_session(session: dict[str, Any]) -> ProviderPayment:
    if session.get("payment_intent"):
        return _payment(session["payment_intent"])
    state = "DECLINED" if session["status"] == "expired" else "PENDING"
    return ProviderPayment(
        session["id"], state, session["amount_total"], session["currency"].upper(),
        session["client_reference_id"], reason="expired" if state == "DECLINED" else "",
    )  # fmt: skip


def _payment(intent: dict[str, Any]) -> ProviderPayment:
    failure = intent.get("last_payment_error") or {}
    charge = intent.get("latest_charge")
    is_gone = isinstance(charge, dict) and (charge.get("refunded") or charge.get("disputed"))
    status = intent["status"]
    if status == "succeeded":
        state = "REVERSED" if is_gone else "SUCCEEDED"
    elif status == "canceled" or (status == "requires_payment_method" and failure):
        state = "DECLINED"
    else:
        state = "PENDING"
    reason = failure.get("decline_code") or failure.get("code") or ""
    return ProviderPayment(
        external_id=intent["id"],
        state=state,
        amount=intent["amount"],
        currency=intent["currency"].upper(),
        reference=(intent.get("metadata") or {}).get("order", ""),
        client_secret=intent.get("client_secret") or "",
        reason=reason if state == "DECLINED" else "",
    )
