"""Reads of nodes, calendars, lanes and rates."""

import datetime as dt
from collections.abc import Collection, Sequence
from decimal import Decimal
from uuid import UUID

from beltline.kit.db import Reader
from beltline.trade.types import (
    FxRate,
    Node,
    NoRate,
    RateBreak,
    RateCard,
    UnknownNode,
)

_NODE = """select id, code, kind, name, name_zh, country, tz, latitude, longitude, supplier_org_id
             from trade.node"""


async def get_node(db: Reader, code: str) -> Node:
    """The node with this code."""
    found = await db.find(Node, f"{_NODE} where code = $1", code)
    if found is None:
        raise UnknownNode(node=code)
    return found


async def list_nodes(db: Reader, *, own_only: bool = False, limit: int = 5_000) -> list[Node]:
    """Nodes by code; `own_only` leaves factories out."""
    return await db.rows(
        Node,
        f"{_NODE} where not $1 or kind <> 'FACTORY' order by code limit $2",
        own_only,
        limit,
    )


async def get_rate(db: Reader, base: str, quote: str, *, on: dt.date) -> FxRate:
    """The newest rate of a pair on or before a day."""
    found = await db.find(
        FxRate,
        """select base, quote, ds, rate, source from trade.fx_rate
            where base = $1 and quote = $2 and ds <= $3 order by ds desc, source limit 1""",
        base,
        quote,
        on,
    )
    if found is None:
        raise NoRate(base=base, quote=quote, ds=on.isoformat())
    return found


_CARD = """
  select c.id, c.service, c.carrier, c.mode, n.code as node, c.country, c.currency, c.valid_from,
         c.valid_until, c.divisor, c.step_g, c.minimum_g, c.weight_g_max, c.length_mm_max,
         c.minimum_charge, c.fuel_percent, c.surcharge, c.transit_days_p50, c.transit_days_p90,
         c.source
    from trade.rate_card c join trade.node n on n.id = c.node_id
"""


async def list_rate_cards(
    db: Reader,
    *,
    node: str | None = None,
    country: str | None = None,
    words: str = "",
    valid_on: dt.date | None = None,
    after: tuple[str, UUID] | None = None,
    limit: int = 50,
) -> list[RateCard]:
    """Rate cards by service; `words` is a part of the service's or the carrier's name."""
    return await db.rows(
        RateCard,
        f"""{_CARD}
            where ($1::text is null or n.code = $1) and ($2::text is null or c.country = $2)
              and ($3 = '' or position(upper($3) in upper(c.service || ' ' || c.carrier)) > 0)
              and ($4::date is null
                   or c.valid_from <= $4 and coalesce(c.valid_until, $4) >= $4)
              and ($5::text is null or (c.service, c.id) > ($5, $6))
            order by c.service, c.id limit $7""",
        node, country, words, valid_on, *(after or (None, None)), limit,
    )  # fmt: skip


async def list_rate_breaks(db: Reader, cards: Sequence[UUID]) -> list[RateBreak]:
    """The weight breaks of some cards, the lightest first."""
    return await db.rows(
        RateBreak,
        """select rate_card_id, weight_from_g, per_parcel, per_kg from trade.rate_break
            where rate_card_id = any($1) order by rate_card_id, weight_from_g""",
        cards,
    )


async def list_valid_cards(db: Reader, *, node: str, country: str, on: dt.date) -> list[RateCard]:
    """The cards of a lane on a day: of each service and currency the newest valid one."""
    return await db.rows(
        RateCard,
        f"""select distinct on (service, currency) * from ({_CARD}
              where n.code = $1 and c.country = $2 and c.valid_from <= $3
                and coalesce(c.valid_until, $3) >= $3) valid
            order by service, currency, valid_from desc""",
        node,
        country,
        on,
    )


async def rates_to(
    db: Reader, common: str, currencies: Collection[str], *, on: dt.date
) -> dict[str, Decimal]:
    """One unit of each currency in the common one, by the newest rates of the day, either way.

    A currency without a rate is left out.
    """
    rates = {common: Decimal(1)}
    for currency in sorted(set(currencies) - {common}):
        try:
            rates[currency] = (await get_rate(db, currency, common, on=on)).rate
        except NoRate:
            try:
                rates[currency] = 1 / (await get_rate(db, common, currency, on=on)).rate
            except NoRate:
                continue
    return rates
