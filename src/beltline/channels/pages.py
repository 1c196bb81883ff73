"""The pages of webhooks: which there are, what went out, what came back."""

import datetime as dt
from typing import Any

import msgspec
from litestar import Request, Response, get, post
from litestar.datastructures import State

from beltline.channels import actions, queries
from beltline.channels.types import DeliveryStatus
from beltline.kit.actor import Actor
from beltline.kit.db import Database
from beltline.kit.errors import Refusal
from beltline.kit.ids import read_id
from beltline.kit.paging import decode_cursor
from beltline.kit.web.acts import said, to
from beltline.kit.web.i18n import N_
from beltline.kit.web.nav import NavItem, Verb
from beltline.kit.web.page import PageContext, render
from beltline.kit.web.view import PAGE_ROWS, View, cut

STATES = {
    "WAITING": (N_("waiting"), "info"), "DELIVERED": (N_("delivered"), "ok"),
    "FAILED": (N_("given up"), "crit"),
}  # fmt: skip
SAID = {
    "enabled": N_("The webhook is served again, from where it stood."),
    "disabled": N_("Nothing more is sent there; enabling goes on where it stood."),
    "replayed": N_("The events are on their way again."),
}

NAV = (NavItem(verb=Verb.BUILD, path="/webhooks", label=N_("Webhooks"), icon="hook"),)

WebRequest = Request[Any, Any, State]


@get("/webhooks")
async def list_page(database: Database, actor: Actor, page: PageContext) -> Response[str]:
    """The organization's webhooks, and a form for another one."""
    return await _list(database, actor, page)


@post("/webhooks", status_code=200)
async def create(
    request: WebRequest, database: Database, actor: Actor, page: PageContext, now: dt.datetime
) -> Response[str]:
    """Make a webhook. Its secret is on the page that answers, and nowhere else."""
    actor.needs_role()
    form = await request.form()
    fields = {name: str(form.get(name, "")).strip() for name in ("url", "types", "description")}
    try:
        async with database.writing(actor) as db:
            _, secret = await actions.create_endpoint(
                db, actor, url=fields["url"], types=fields["types"].split()[:50],
                description=fields["description"][:200], now=now,
                allow_private=request.app.state.settings.worker.private_webhooks,
            )  # fmt: skip
    except Refusal as refusal:
        if refusal.param is None:
            raise
        text = page.gettext(refusal.detail).format(**refusal.fields)
        return await _list(database, actor, page, fields=fields, errors={refusal.param: text})
    return await _list(database, actor, page, secret=secret)


@get("/webhooks/{webhook_id:str}")
async def webhook_page(
    *,
    webhook_id: str,
    database: Database,
    actor: Actor,
    page: PageContext,
    status: str = "",
    after: str = "",
    done: str = "",
) -> Response[str]:
    """One webhook and its deliveries, newest first."""
    status = status if status in set(DeliveryStatus) else ""
    before = decode_cursor(after, int)
    async with database.reading(actor) as db:
        endpoint = await queries.get_endpoint(db, read_id("whk", webhook_id))
        found = await queries.list_deliveries(
            db, endpoint.id, status=status or None, before=before[0] if before else None,
            limit=PAGE_ROWS + 1,
        )  # fmt: skip
    rows, following = cut(found, lambda row: (row.seq,))
    return render(
        "channels/webhook.html", said(page, done, SAID), endpoint=endpoint, rows=rows, after=after,
        following=following, states=STATES, may_change=actor.role == "ADMIN",
        view=View(page.path, {"status": status}),
    )  # fmt: skip


@post("/webhooks/{webhook_id:str}/{act:str}")
async def change(
    *,
    webhook_id: str,
    act: str,
    request: WebRequest,
    database: Database,
    actor: Actor,
    page: PageContext,
    now: dt.datetime,
) -> Response[Any]:
    """Enable, disable or send a range again, or make a new secret, which is shown once."""
    actor.needs_role()
    found = read_id("whk", webhook_id)
    form = await request.form()
    async with database.writing(actor) as db:
        if act == "rotate":
            secret = await actions.rotate_secret(db, actor, found, now=now)
        elif act == "enable":
            await actions.enable_endpoint(db, actor, found, now=now)
        elif act == "disable":
            await actions.disable_endpoint(db, actor, found, now=now)
        else:
            first, last = _number(form.get("first")), _number(form.get("last"))
            await actions.replay(db, actor, found, first=first, last=last, now=now)
    if act == "rotate":
        return await _list(database, actor, page, secret=secret)
    done = {"enable": "enabled", "disable": "disabled"}.get(act, "replayed")
    target = f"/webhooks/{webhook_id}?done={done}"
    return to(target)


@get("/webhooks/deliveries/{delivery_id:str}")
async def delivery_page(
    delivery_id: str, database: Database, actor: Actor, page: PageContext
) -> Response[str]:
    """One delivery: the event as it is sent, and every try with what came back."""
    found = read_id("dlv", delivery_id)
    async with database.reading(actor) as db:
        delivery = await queries.get_delivery(db, found)
        endpoint = await queries.get_endpoint(db, delivery.endpoint_id)
        events = await queries.list_events(db, [delivery])
        attempts = await queries.list_attempts(db, found)
    body = msgspec.json.format(msgspec.json.encode(events[delivery.feed_seq])).decode()
    return render(
        "channels/delivery.html", page, delivery=delivery, endpoint=endpoint, body=body,
        attempts=attempts, states=STATES, may_change=actor.role == "ADMIN",
    )  # fmt: skip


async def _list(
    database: Database,
    actor: Actor,
    page: PageContext,
    *,
    secret: str = "",
    fields: dict[str, str] | None = None,
    errors: dict[str, str] | None = None,
) -> Response[str]:
    async with database.reading(actor) as db:
        endpoints = await queries.list_endpoints(db, limit=250)
    return render(
        "channels/webhooks.html", page, status=422 if errors else 200, endpoints=endpoints,
        secret=secret, fields=fields or {"url": "", "types": "", "description": ""},
        errors=errors or {}, may_change=actor.role == "ADMIN",
    )  # fmt: skip


def _number(value: object) -> int:
    text = str(value or "").strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else 0


PAGES = (list_page, create, webhook_page, change, delivery_page)
