"""Use cases of dated rules: bring them in; quote what import taxes of goods come to."""

import datetime as dt
from collections.abc import Sequence

import msgspec

from beltline.kit.actor import Actor
from beltline.kit.db import Reader, Writer
from beltline.kit.staging import Imported, Reference, refuse_unknown, stage
from beltline.kit.texts import N_
from beltline.trade import queries as network
from beltline.trade.queries import dated as queries
from beltline.trade.store import dated as store
from beltline.trade.types.dated import CustomsValue, ImportTax, Relief, TaxKind, worth_of

_DATED = {"valid_from": "date", "valid_until": "date", "source": "text", "url": "text"}
_TAX_TYPES = {
    "kind": "text", "country": "text", "hs_code": "text", "origin": "text",
    "percent": "numeric(18, 6)", **_DATED,
}  # fmt: skip
_VALUATION_TYPES = {
    "country": "text", "basis": "text", "vat_basis": "text", "border_percent": "numeric(18, 6)",
    "insurance_percent": "numeric(18, 6)", "customs_union": "text", **_DATED,
}  # fmt: skip
_LOW_VALUE_TYPES = {
    "country": "text", "value_max": "numeric(18, 6)", "currency": "text", "scheme": "text",
    "duty_percent": "numeric(18, 6)", "duty_fixed": "numeric(18, 6)", "vat": "text", **_DATED,
}  # fmt: skip
_CARGO_TYPES = {
    "cargo_class": "text", "node": "text", "country": "text", "mode": "text", "verdict": "text",
    "evidence": "text", "instruction": "text", **_DATED,
}  # fmt: skip
_TERM_TYPES = {
    "node": "text", "country": "text", "tax_basis": "text", "export_mode": "text",
    "exporter": "text", "exporter_code": "text", "principal": "text", "incoterm": "text",
    "vat": "text", "value_max": "numeric(18, 6)", "value_currency": "text", "scheme": "text",
    "scheme_number": "text", "scheme_value_max": "numeric(18, 6)", "scheme_currency": "text",
    **_DATED,
}  # fmt: skip
_KNOWN_NODE = Reference(
    "node", "trade.unknown_node", N_("No node has the code “{value}”."),
    "i.node = '' or exists (select from trade.node n where n.code = i.node)",
    N_("Import the node first, or correct its code."),
)  # fmt: skip
_COUNTRY = Reference(
    "country", "trade.not_a_country", N_("“{value}” is no country code."),
    "i.country ~ '^([A-Z]{2})?$'", N_("Write two letters, such as PL."),
)  # fmt: skip
_ENDS = Reference(
    "valid_until", "trade.ends_before_it_begins", N_("{value} lies before the first day."),
    "i.valid_until >= i.valid_from", N_("Let it end on or after its first day."),
)  # fmt: skip
_USABLE_TAX = (
    _COUNTRY, _ENDS,
    Reference(
        "origin", "trade.not_a_country", N_("“{value}” is no country code."),
        "i.origin ~ '^([A-Z]{2})?$'", N_("Write two letters, such as PL."),
    ),
    Reference(
        "hs_code", "trade.not_an_hs_code", N_("“{value}” is no HS code."),
        "i.hs_code ~ '^([0-9]{2,10})?$'", N_("Write 6 to 10 digits; points between them may stay."),
    ),
    # A figure for a chapter is somebody's estimate: as a rate it would be believed.
    Reference(
        "hs_code", "trade.not_a_rate",
        N_("“{value}” is too short: a rate of a chapter or heading is an estimate."),
        "i.kind = 'VAT' or length(i.hs_code) >= 6",
        N_("Give at least 6 digits; leave the rate out where it is not known."),
    ),
)  # fmt: skip
_USABLE_VALUATION = (
    _COUNTRY, _ENDS,
    Reference(
        "customs_union", "trade.not_a_union", N_("“{value}” is no short name of a union."),
        "i.customs_union ~ '^[A-Z0-9]{0,10}$'", N_("Write up to ten letters, such as EU."),
    ),
    Reference(
        "border_percent", "trade.border_without_freight",
        N_("{value} % of the freight are given, but duty is of the goods alone."),
        "i.basis = 'CIF'", N_("Leave it out, or let the basis be CIF."),
    ),
)  # fmt: skip
_USABLE_LOW_VALUE = (
    _COUNTRY, _ENDS,
    Reference(
        "value_max", "trade.limit_of_nothing", N_("A limit of {value} holds for nothing."),
        "i.value_max >= 0.01", N_("Give the highest worth it holds for."),
    ),
    Reference(
        "duty_fixed", "trade.duty_of_nothing", N_("A duty of {value} for each code is none."),
        "i.duty_fixed >= 0.01", N_("Leave it out, and write 0 as duty_percent."),
    ),
    Reference(
        "country", "trade.low_value_without_duty",
        N_("The rule of {value} does not say what duty is."),
        "num_nonnulls(i.duty_percent, i.duty_fixed) > 0",
        N_("Give duty_percent (0 where duty is free), duty_fixed, or both."),
    ),
)  # fmt: skip
_USABLE_CARGO = (
    _KNOWN_NODE, _COUNTRY, _ENDS,
    Reference(
        "cargo_class", "trade.not_a_cargo_class", N_("“{value}” is no cargo class."),
        "i.cargo_class ~ '^[A-Z0-9_]{1,50}$'", N_("Write it as SKUs have it, such as BATTERY."),
    ),
    Reference(
        "verdict", "trade.without_its_document",
        N_("{value} and the evidence given do not go together."),
        "(i.verdict = 'DOCUMENT') = (i.evidence <> '')",
        N_("DOCUMENT names its evidence, and no other verdict does."),
    ),
    Reference(
        "verdict", "trade.without_its_packing", N_("{value} comes without an instruction."),
        "i.verdict <> 'PACK' or i.instruction <> ''", N_("Say how to pack."),
    ),
)  # fmt: skip
_USABLE_TERM = (
    _KNOWN_NODE, _COUNTRY, _ENDS,
    Reference(
        "export_mode", "trade.without_its_principal",
        N_("{value} declares somebody else’s goods, and nobody is named."),
        "i.export_mode <> '1039' or i.principal <> ''", N_("Name the principal."),
    ),
    Reference(
        "export_mode", "trade.refund_not_possible", N_("{value} gives no refund of VAT."),
        "i.export_mode <> '1039' or i.vat <> 'REFUND'", N_("Let vat be EXEMPT."),
    ),
    Reference(
        "value_max", "trade.limit_without_currency", N_("{value} has no currency."),
        "i.value_max > 0 and i.value_currency <> ''", N_("Give its currency, or leave both out."),
    ),
    Reference(
        "value_currency", "trade.limit_without_currency", N_("{value} has no limit."),
        "i.value_currency = '' or i.value_max is not null",
        N_("Give the limit, or leave both out."),
    ),
    Reference(
        "scheme_value_max", "trade.limit_without_currency", N_("{value} has no currency."),
        "i.scheme_value_max > 0 and i.scheme_currency <> ''",
        N_("Give its currency, or leave both out."),
    ),
    Reference(
        "scheme_currency", "trade.limit_without_currency", N_("{value} has no limit."),
        "i.scheme_currency = '' or i.scheme_value_max is not null",
        N_("Give the limit, or leave both out."),
    ),
    Reference(
        "scheme_value_max", "trade.limit_without_scheme", N_("{value} is the limit of no scheme."),
        "i.scheme <> ''", N_("Name the scheme."),
    ),
)  # fmt: skip


async def import_tax_rates(
    db: Writer, actor: Actor, *, columns: Sequence[str], csv: bytes, now: dt.datetime
) -> Imported:
    """Add and change rates of duty, VAT and refund from canonical CSV."""
    name = "incoming_tax_rates"
    await stage(db, name, _TAX_TYPES, columns, csv)
    await store.complete_tax_rates(db, name)
    problems = await refuse_unknown(db, name, _USABLE_TAX)
    done = await store.merge_tax_rates(db, name, actor.org_id, now)
    return done + Imported(problems=problems)


async def import_valuation_rules(
    db: Writer, actor: Actor, *, columns: Sequence[str], csv: bytes, now: dt.datetime
) -> Imported:
    """Add and change what countries levy duty and VAT on from canonical CSV."""
    name = "incoming_valuation_rules"
    await stage(db, name, _VALUATION_TYPES, columns, csv)
    await store.complete_valuation_rules(db, name)
    problems = await refuse_unknown(db, name, _USABLE_VALUATION)
    done = await store.merge_valuation_rules(db, name, actor.org_id, now)
    return done + Imported(problems=problems)


async def import_low_value_rules(
    db: Writer, actor: Actor, *, columns: Sequence[str], csv: bytes, now: dt.datetime
) -> Imported:
    """Add and change what countries levy on consignments of little worth from canonical CSV."""
    name = "incoming_low_value_rules"
    await stage(db, name, _LOW_VALUE_TYPES, columns, csv)
    await store.complete_low_value_rules(db, name)
    problems = await refuse_unknown(db, name, _USABLE_LOW_VALUE)
    done = await store.merge_low_value_rules(db, name, actor.org_id, now)
    return done + Imported(problems=problems)


async def import_cargo_rules(
    db: Writer, actor: Actor, *, columns: Sequence[str], csv: bytes, now: dt.datetime
) -> Imported:
    """Add and change what cargo classes may do on lanes from canonical CSV."""
    name = "incoming_cargo_rules"
    await stage(db, name, _CARGO_TYPES, columns, csv)
    await store.complete_cargo_rules(db, name)
    problems = await refuse_unknown(db, name, _USABLE_CARGO)
    done = await store.merge_cargo_rules(db, name, actor.org_id, now)
    return done + Imported(problems=problems)


async def import_export_terms(
    db: Writer, actor: Actor, *, columns: Sequence[str], csv: bytes, now: dt.datetime
) -> Imported:
    """Add and change the terms on which goods leave from canonical CSV."""
    name = "incoming_export_terms"
    await stage(db, name, _TERM_TYPES, columns, csv)
    await store.complete_export_terms(db, name)
    problems = await refuse_unknown(db, name, _USABLE_TERM)
    done = await store.merge_export_terms(db, name, actor.org_id, now)
    return done + Imported(problems=problems)


class TaxQuote(msgspec.Struct, frozen=True):
    """What duty is levied on, and duty and VAT of it."""

    value: CustomsValue
    taxes: list[ImportTax]


async def quote_taxes(
    db: Reader,
    actor: Actor,
    *,
    country: str,
    hs_code: str,
    origin: str,
    goods: int,
    freight: int | None,
    insurance: int | None,
    currency: str,
    scheme: str = "",
    on: dt.date,
) -> TaxQuote:
    """Duty and VAT of goods in a country on a day; amounts in minor units of `currency`.

    The goods are the whole consignment, and come in under the `scheme`, if any. What nobody
    entered is not known: its amount stays None, and so does what rests on it.
    """
    actor.needs_operator()
    duty, vat = [
        await queries.find_tax_rate(
            db, actor, kind=kind, country=country, hs_code=hs_code, origin=origin, on=on
        )
        for kind in (TaxKind.DUTY, TaxKind.VAT)
    ]
    rule = await queries.find_valuation_rule(db, actor, country=country, on=on)
    value = CustomsValue.of(goods, freight=freight, insurance=insurance, rule=rule)
    low = await queries.find_low_value_rules(db, actor, country=country, on=on)
    limits = {rule.currency for rule in low}
    known = {each: await network.rates_to(db, each, {currency}, on=on) for each in sorted(limits)}
    worths = {each: worth_of(goods, currency, rates.get(currency)) for each, rates in known.items()}
    relief = Relief.of(low, worths, scheme)
    rates = await network.rates_to(db, currency, limits, on=on)
    [fixed] = relief.fixed_of([(hs_code, goods)], currency, rates)
    return TaxQuote(value, ImportTax.on_import(value, duty, vat, relief, fixed=fixed))
