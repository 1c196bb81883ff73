"""The client: an order's life against the real application, and what it does on bad days."""

import asyncio
from typing import Any

import httpx
import pytest

from beltline.app.web import composition
from beltline.app.web.openapi import describe
from beltline.kit.db import Database
from beltline.kit.relay import publish
from beltline_client import (
    Beltline,
    Conflict,
    NotFound,
    RateLimited,
    Unauthenticated,
    Unreachable,
    models,
)
from beltline_client.generated.operations import Operations
from beltline_client.transport import Transport
from client.generate import TARGET, written
from tests.client.bridge import Bridge
from tests.orders.http import api, key_of
from tests.orders.make import make_market


def test_the_client_is_what_the_api_says() -> None:
    for name, text in written(describe(composition.ROUTES)).items():
        assert (TARGET / name).read_text("utf-8") == text, f"run `make docs` to renew {name}"


def wanted(quantity: int, method: Any = "TRANSFER") -> models.OrdersOrderBody:
    return models.OrdersOrderBody(
        reference="PO-77",
        currency="USD",
        ship_to=models.ShipTo(name="Anna Nowak", country="PL", city="Warszawa", line1="Prosta 1"),
        lines=[models.LineBody(sku="S-1", quantity=quantity)],
        payment=models.PaymentBody(method=method),
        partial=False,
    )


async def test_an_order_from_preview_to_cancellation(database: Database) -> None:
    market = await make_market(database, await database.now(), balance=10_000)
    bearer = (await key_of(database, market.buyer))["Authorization"].removeprefix("Bearer ")

    def live(network: Beltline) -> None:
        quote = network.orders.preview_order(wanted(3))
        assert quote.total is not None
        assert quote.total.amount == 3_750
        placed = [
            network.orders.place_order(wanted(3), idempotency_key="PO-77").id for _ in range(2)
        ]
        assert placed[0] == placed[1]
        assert network.orders.pay_order(placed[0], models.PayBody(method="BALANCE")).status in {
            "PAID", "ALLOCATED",
        }  # fmt: skip
        [paper] = network.orders.ask_invoice(placed[0]).items
        assert network.ledger.get_pdf(paper.id, lang="zh").startswith(b"%PDF")
        assert [row.total.amount for row in network.orders.iter_orders()] == [3_750]
        assert network.orders.cancel_order(placed[0]).status == "CANCELLED"
        assert [b.amount for b in network.ledger.list_balances().items] == [10_000]
        with pytest.raises(Conflict) as refused:
            network.orders.place_order(wanted(9_999, "BALANCE"))
        assert refused.value.code == "orders.out_of_stock"
        assert refused.value.fields["available"] == 100
        with pytest.raises(NotFound):
            network.orders.get_order("ord_" + "0" * 32)

    def follow(network: Beltline) -> None:
        events = list(network.new_events(0))
        assert [event.type for event in events if event.aggregate == "order"] == [
            "order.placed", "order.paid", "order.cancelled",
        ]  # fmt: skip
        assert list(network.new_events(events[-1].feed_seq)) == []

    async with api(database) as http:
        bridge = Bridge(http, asyncio.get_running_loop())
        with Beltline("http://test", bearer, http_transport=bridge) as network:
            await asyncio.to_thread(live, network)
            await publish(database)
            await asyncio.to_thread(follow, network)
        with (
            Beltline("http://test", "sk_live_wrong", http_transport=bridge) as stranger,
            pytest.raises(Unauthenticated),
        ):
            await asyncio.to_thread(stranger.orders.list_orders)


Step = httpx.Response | type[httpx.TransportError]
OK = {"items": [], "next_cursor": None}


class Day:
    """A server that answers as written down, and what it was asked and how long was waited."""

    def __init__(self, *steps: Step) -> None:
        self.steps = list(steps)
        self.asked: list[httpx.Request] = []
        self.waits: list[float] = []

    def answer(self, request: httpx.Request) -> httpx.Response:
        """The next step."""
        self.asked.append(request)
        step = self.steps.pop(0)
        if isinstance(step, httpx.Response):
            return step
        raise step("broken", request=request)

    @property
    def network(self) -> Operations:
        """A client of this server that makes three tries."""
        http = httpx.Client(base_url="http://test", transport=httpx.MockTransport(self.answer))
        return Operations(Transport(http, tries=3, sleep=self.waits.append))


def answered(status: int, body: Any, **headers: str) -> httpx.Response:
    return httpx.Response(status, json=body, headers=headers)


def test_all_tries_of_a_call_have_one_key() -> None:
    day = Day(
        httpx.ReadError,
        answered(409, {"code": "kit.idempotency_in_flight"}, **{"Retry-After": "2"}),
        answered(200, {"done": True}),
    )
    assert day.network.ledger.repay_credit(models.RepayBody(currency="USD", amount=1)).done
    assert len({request.headers["Idempotency-Key"] for request in day.asked}) == 1
    assert len({request.content for request in day.asked}) == 1
    assert day.waits[1] == 2


def test_waits_are_as_long_as_the_server_says() -> None:
    day = Day(
        answered(429, {}, **{"Retry-After": "7"}), answered(503, {}, **{"Retry-After": "900"}),
        answered(200, OK),
    )  # fmt: skip
    assert day.network.ledger.list_balances().items == []
    assert day.waits == [7, 30]


@pytest.mark.parametrize(
    ("steps", "raised", "calls"),
    [
        ([httpx.ReadError], Unreachable, 1),
        ([httpx.ConnectError] * 3, Unreachable, 3),
        ([answered(429, {"code": "kit.too_many"})] * 3, RateLimited, 3),
        ([answered(409, {"code": "orders.out_of_stock"})], Conflict, 1),
    ],
)
def test_what_could_have_two_effects_is_not_sent_twice(
    steps: list[Step], raised: type[Exception], calls: int
) -> None:
    day = Day(*steps)
    with pytest.raises(raised):
        day.network.orders.preview_order(wanted(1))  # a POST without a key
    assert len(day.asked) == calls


def test_lists_are_read_to_their_end() -> None:
    row = {"at": "2026-11-22T00:00:00Z", "kind": "DEPOSIT", "reference": "", "amount": 5}
    day = Day(
        answered(200, {"items": [row, row], "next_cursor": "b"}),
        answered(200, {"items": [row | {"added": "later"}], "next_cursor": None}),
    )
    entries = list(day.network.ledger.iter_entries("ppr_1/2"))
    assert [entry.amount for entry in entries] == [5, 5, 5]
    assert [request.url.raw_path for request in day.asked] == [
        b"/v1/ledger/papers/ppr_1%2F2/entries", b"/v1/ledger/papers/ppr_1%2F2/entries?cursor=b",
    ]  # fmt: skip


def test_a_form_says_what_was_chosen() -> None:
    day = Day(answered(202, {"id": "imp_1"}))
    with pytest.raises(Exception, match="The answer is not"):
        day.network.imports.start_import(
            ("stock.csv", b"sku\nS-1\n"), dry_run=True, columns=["a=sku", "b=node"]
        )
    text = day.asked[0].content.decode()
    assert text.count('name="columns"') == 2
    assert 'name="dry_run"\r\n\r\ntrue' in text
    assert 'filename="stock.csv"' in text
    assert "strict" not in text
