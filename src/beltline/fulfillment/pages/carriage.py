"""By which service a box goes: a panel of its journey's page."""

import datetime as dt
from typing import Annotated

from litestar import Response, get, post
from litestar.enums import RequestEncodingType
from litestar.params import Body

from beltline.fulfillment.actions import carriage as actions
from beltline.fulfillment.queries import carriage as queries
from beltline.fulfillment.queries import journeys
from beltline.fulfillment.types.carriage import SizeUnknown
from beltline.kit.actor import Actor
from beltline.kit.db import Database
from beltline.kit.ids import read_id
from beltline.kit.money import Money
from beltline.kit.web.acts import to
from beltline.kit.web.page import PageContext, render

Form = Annotated[dict[str, str], Body(media_type=RequestEncodingType.URL_ENCODED)]


@get("/journeys/{journey_id:str}/service")
async def service_panel(
    journey_id: str, database: Database, actor: Actor, page: PageContext
) -> Response[str]:
    """What each service asks for the box, with a button each until it has left."""
    actor.needs_operator()
    found = read_id("jny", journey_id)
    async with database.reading(actor) as db:
        journey = await journeys.get_journey(db, found)
        stages = await journeys.list_stages(db, [found])
        may_choose = any(s.kind == "DISPATCH" and s.state in ("PLANNED", "ACTIVE") for s in stages)
        chosen = await queries.find_carriage(db, found)
        try:
            quotes = await actions.quote_journey(db, journey, on=page.today)
        except SizeUnknown:
            quotes = None
    return render(
        "fulfillment/service.html", page, journey=journey, chosen=chosen,
        quotes=quotes if may_choose else None,
        may_choose=may_choose, path=f"/journeys/{journey_id}/service", money_of=Money,
    )  # fmt: skip


@post("/journeys/{journey_id:str}/service")
async def choose(
    *, journey_id: str, data: Form, database: Database, actor: Actor, now: dt.datetime
) -> Response[None]:
    """Let the box go by the service of the button."""
    async with database.writing(actor) as db:
        await actions.choose_service(
            db, actor, journey_id=read_id("jny", journey_id), service=data.get("service", "")[:60],
            now=now,
        )  # fmt: skip
    return to(f"/journeys/{journey_id}#service")


PAGES = (service_panel, choose)
