"""One contract for providers of payments: the sandbox, and Stripe's API on a local server."""

import contextlib
import datetime as dt
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import msgspec
import pytest

from beltline.app.environment import read_settings
from beltline.app.settings import Settings
from beltline.kit.db import Database, NotFound
from beltline.kit.errors import Transient
from beltline.kit.ids import read_id
from beltline.ledger.adapters.payments import Sandbox, check_signature, sign
from beltline.ledger.adapters.stripe import VERSION, Stripe
from beltline.ledger.types import Charge, NoProvider, Port, ProviderRefused, SignatureWrong
from beltline.orders.actions import providers as actions
from beltline.tower.queries.proofs import prove_all
from tests.app.client import client_of
from tests.ledger.stripe_server import StripeServer, serving
from tests.orders.http import idempotent, key_of
from tests.orders.make import make_market, order_body

NOW = dt.datetime(2026, 11, 22, 9, 41, tzinfo=dt.UTC)
SECRET = "whsec_test"
Message = tuple[dict[str, str], bytes]


class World(msgspec.Struct, frozen=True):
    """A provider, the buyer's part of a payment, and what the provider tells when it came."""

    port: Port
    settings: Settings
    confirm: Callable[[str], None]
    tell: Callable[[str, dt.datetime], Message]
    stripe: StripeServer | None = None


@contextlib.asynccontextmanager
async def sandbox() -> AsyncIterator[World]:
    def tell(payment: str, now: dt.datetime) -> Message:
        body = msgspec.json.encode({"payment": payment})
        return {"sandbox-signature": sign(SECRET, body, now)}, body

    yield World(Sandbox(SECRET), _settings("sandbox"), lambda _payment: None, tell)


@contextlib.asynccontextmanager
async def stripe() -> AsyncIterator[World]:
    async with serving() as server:

        def tell(payment: str, now: dt.datetime) -> Message:
            body = server.event(payment, "payment_intent.succeeded")
            return {"stripe-signature": sign(SECRET, body, now)}, body

        port = Stripe("sk_key", SECRET, server.url)
        yield World(port, _settings("stripe", server.url), server.confirm, tell, server)


def _settings(provider: str, url: str = "") -> Settings:
    return read_settings({
        "BELTLINE_PAYMENTS_PROVIDER": provider, "BELTLINE_PAYMENTS_KEY": "sk_key",
        "BELTLINE_PAYMENTS_SECRET": SECRET, "BELTLINE_PAYMENTS_URL": url,
        "BELTLINE_WEB_POOL_SIZE": "4",
    }, data=Path("/nowhere"))  # fmt: skip


Opening = Callable[[], contextlib.AbstractAsyncContextManager[World]]
EACH = pytest.mark.parametrize("opening", [sandbox, stripe], ids=lambda each: each.__name__)


def charge(amount: int, key: str = "k-1") -> Charge:
    return Charge("SO-80001", amount, "EUR", key)


@EACH
async def test_a_charge_is_begun_once_a_key_and_stands_as_the_card_did(opening: Opening) -> None:
    async with opening() as world:
        port = world.port
        first = await port.start(charge(1_200))
        assert (await port.start(charge(1_200))).external_id == first.external_id
        assert (await port.start(charge(1_200, "k-2"))).external_id != first.external_id
        assert (first.amount, first.currency, first.reference) == (1_200, "EUR", "SO-80001")
        for amount, state in (
            (1_200, "SUCCEEDED"), (1_201, "DECLINED"), (1_202, "SUCCEEDED"), (1_204, "REVERSED"),
        ):  # fmt: skip
            begun = await port.start(charge(amount, f"n-{amount}"))
            assert begun.state == "PENDING" or amount != 1_202
            world.confirm(begun.external_id)
            found = await port.look(begun.external_id)
            assert (found.state, found.amount, found.reference) == (state, amount, "SO-80001")
            assert bool(found.reason) == (state == "DECLINED")
        for unknown in ("pi_99", "sbx.SO-80001.9.EUR.0.ff", "../x", "ü"):
            with pytest.raises(NotFound):
                await port.look(unknown)


@EACH
async def test_only_what_the_provider_signed_just_now_is_read(opening: Opening) -> None:
    async with opening() as world:
        begun = await world.port.start(charge(1_203))
        world.confirm(begun.external_id)
        headers, body = world.tell(begun.external_id, NOW)
        told = world.port.read(headers, body, now=NOW + dt.timedelta(seconds=299))
        assert {(p.external_id, p.state, p.amount) for p in told} == {
            (begun.external_id, "SUCCEEDED", 1_203)
        }
        for wrong_headers, wrong_body, at in (
            (headers, body + b" ", NOW), (headers, body, NOW + dt.timedelta(seconds=301)),
            ({}, body, NOW), (dict.fromkeys(headers, "t=1,v1=ab"), body, NOW),
        ):  # fmt: skip
            with pytest.raises(SignatureWrong):
                world.port.read(wrong_headers, wrong_body, now=at)


def test_a_second_signature_stands_while_a_secret_is_replaced() -> None:
    both = f"{sign('new', b'x', NOW)},{sign('old', b'x', NOW).partition(',')[2]}"
    for secret in ("new", "old"):
        check_signature(both, secret, b"x", NOW)
    with pytest.raises(SignatureWrong):
        check_signature(both, "other", b"x", NOW)
    with pytest.raises(SignatureWrong):
        check_signature(sign("", b"x", NOW), "", b"x", NOW)


async def test_stripes_failures_are_told_apart() -> None:
    async with stripe() as world:
        assert world.stripe is not None
        with pytest.raises(Transient):
            await world.port.start(charge(503))
        with pytest.raises(ProviderRefused) as refused:
            await world.port.start(charge(100_000_000))
        assert refused.value.message.endswith("(amount_too_large); pay another way.")
        begun = await world.port.start(charge(1_200))
        method, path, headers = world.stripe.calls[-1]
        assert (method, path) == ("POST", "/v1/payment_intents")
        assert (headers["stripe-version"], headers["idempotency-key"]) == (VERSION, "k-1")
        for kind, states in (
            ("charge.dispute.funds_withdrawn", ["REVERSED"]), ("customer.created", []),
        ):  # fmt: skip
            body = world.stripe.event(begun.external_id, kind)
            signed = {"stripe-signature": sign(SECRET, body, NOW)}
            assert [p.state for p in world.port.read(signed, body, now=NOW)] == states
    with pytest.raises(Transient):
        await world.port.look("pi_1")


@EACH
async def test_an_order_is_paid_by_a_provider_once_and_taken_back_once(
    database: Database, opening: Opening
) -> None:
    market = await make_market(database, await database.now(), buyers=2, price="12.02")
    buyer, other = [await key_of(database, one) for one in market.buyers]
    async with opening() as world, client_of(database.dsn, settings=world.settings) as http:
        body = order_body(("S-1", 1), payment={"method": "TRANSFER"})
        order = (await http.post("/v1/orders", headers=idempotent(buyer), json=body)).json()
        path = f"/v1/orders/{order['id']}/checkout"
        hidden = await http.post(path, headers=idempotent(other), json={})
        begun = (await http.post(path, headers=idempotent(buyer), json={})).json()
        world.confirm(begun["external_id"])
        headers, message = world.tell(begun["external_id"], await database.now())
        told = [
            await http.post("/v1/payments/events", headers=headers, content=message)
            for _ in range(2)
        ]
        forged = await http.post("/v1/payments/events", headers=headers, content=message + b" ")
        looked = await http.post(
            path, headers=idempotent(buyer), json={"external_id": begun["external_id"]}
        )
        paid = await http.post(path, headers=idempotent(buyer), json={})
        if world.stripe is not None:
            odd = world.stripe.event(begun["external_id"], "charge.dispute.funds_withdrawn")
            for content, status in ((odd.replace(b"1202", b"1201"), 409), (odd, 204), (odd, 204)):
                signed = {"stripe-signature": sign(SECRET, content, await database.now())}
                taken = await http.post("/v1/payments/events", headers=signed, content=content)
                assert taken.status_code == status
    assert (hidden.status_code, begun["state"], begun["amount"]) == (404, "PENDING", 1_202)
    assert [one.status_code for one in told] == [204, 204]
    assert (forged.status_code, forged.json()["code"]) == (401, "ledger.signature_wrong")
    assert (looked.json()["state"], looked.json()["status"]) == ("SUCCEEDED", "ALLOCATED")
    assert paid.json()["code"] == "orders.not_payable"
    async with database.system() as db:
        states = await db.values("select state from ledger.incoming")
    assert states == ["REVERSED" if world.stripe is not None else "PAID"]
    health = await prove_all(database, await database.now())
    assert [p for p in health.items if not p.holds and p.name != "events_published"] == []


async def test_the_sandbox_declines_and_takes_back(database: Database) -> None:
    market = await make_market(database, await database.now(), buyers=1, price="1.01", balance=0)
    buyer = await key_of(database, market.buyer)
    paths = []
    async with sandbox() as world, client_of(database.dsn, settings=world.settings) as http:
        for units in (1, 4):
            body = order_body(("S-1", units), payment={"method": "TRANSFER"})
            order = (await http.post("/v1/orders", headers=idempotent(buyer), json=body)).json()
            paths.append(f"/v1/orders/{order['id']}/checkout")
        declined = await http.post(paths[0], headers=idempotent(buyer), json={})
        begun = (await http.post(paths[1], headers=idempotent(buyer), json={})).json()
        again = {"external_id": begun["external_id"]}
        stray = await http.post(paths[0], headers=idempotent(buyer), json=again)
        looked = [
            (await http.post(paths[1], headers=idempotent(buyer), json=again)).json()
            for _ in range(2)
        ]
    assert (declined.json()["code"], stray.status_code) == ("ledger.payment_declined", 404)
    assert (begun["state"], begun["status"]) == ("SUCCEEDED", "ALLOCATED")
    assert [(one["state"], one["status"]) for one in looked] == [("REVERSED", "ALLOCATED")] * 2
    with pytest.raises(NoProvider):
        await actions.checkout(
            database, market.buyer, None, order_id=read_id("ord", order["id"]), external_id=None,
            key="k", now=NOW,
        )  # fmt: skip
    health = await prove_all(database, await database.now())
    assert [p for p in health.items if not p.holds and p.name != "events_published"] == []


async def test_stripes_own_page_takes_the_money_by_an_intent() -> None:
    async with stripe() as world:
        assert world.stripe is not None
        charge = Charge("ORD-1", 1_202, "USD", "k")
        opened = [
            await world.port.open_page(charge, back="https://shop/orders/ord_1/payment")
            for _ in range(2)
        ]
        session = world.stripe.sessions[opened[0].external_id]
        waiting = await world.port.look(opened[0].external_id)
        intent = world.stripe.pay(opened[0].external_id)
        paid = await world.port.look(opened[0].external_id)
        other = await world.port.open_page(
            msgspec.structs.replace(charge, key="k2"), back="https://shop/"
        )
        world.stripe.sessions[other.external_id]["status"] = "expired"
        ended = await world.port.look(other.external_id)
    assert opened[0] == opened[1]
    assert session["success_url"].endswith("/payment?payment={CHECKOUT_SESSION_ID}")
    assert (waiting.state, waiting.reference, waiting.external_id) == ("PENDING", "ORD-1", "cs_1")
    assert (paid.state, paid.external_id, paid.amount) == ("SUCCEEDED", intent, 1_202)
    assert (ended.state, ended.reason) == ("DECLINED", "expired")
