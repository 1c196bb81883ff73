"""Use cases of legal entities: state the own company, and write a party as papers do."""

import datetime as dt
from typing import Final
from uuid import UUID

from beltline.accounts import queries
from beltline.accounts.rules import legal as rules
from beltline.accounts.store import legal as store
from beltline.accounts.types.legal import BankAccount, EntityBody, LegalEntity, PaperParty
from beltline.kit.actor import Actor
from beltline.kit.clock import day_of
from beltline.kit.countries import country_name
from beltline.kit.db import Reader, Writer
from beltline.kit.web.i18n import N_, translations
from beltline.kit.web.view import local_name

_MISSING: Final = {
    "entity": N_("No legal entity is stated: papers show the name of your organization alone."),
    "address": N_("The registered address is missing on papers."),
    "tax_id": N_("The tax number is missing on papers."),
    "bank_accounts": N_("No bank account is stated: papers do not say where a transfer goes."),
}
_TAX_IDS: Final = {
    "CN": N_("Unified social credit code: %(number)s"),
    "VAT": N_("VAT number: %(number)s"),
    "": N_("Tax number: %(number)s"),
}


async def state_legal_entity(
    db: Writer, actor: Actor, *, entity: EntityBody, now: dt.datetime
) -> LegalEntity:
    """Say which company the acting organization is, from a day on; for its administrators.

    Papers that were issued keep the company they name.
    """
    actor.needs_role()
    await store.state_legal_entity(db, actor, rules.check_entity(entity, day_of(now)), now)
    [stated] = await queries.list_legal_entities(db, actor.org_id, limit=1)
    return stated


async def list_missing(db: Reader, actor: Actor, *, now: dt.datetime) -> list[str]:
    """What papers of the acting organization lack today, as sentences to be translated."""
    return missing_texts(await queries.find_legal_entity(db, actor.org_id, on=day_of(now)), actor)


def missing_texts(entity: LegalEntity | None, actor: Actor) -> list[str]:
    """What papers lack of the acting organization's company, as sentences to be translated."""
    return [_MISSING[name] for name in rules.missing_of(entity, actor.org_kind)]


async def find_account(
    db: Reader, org_id: UUID, *, currency: str, on: dt.date
) -> BankAccount | None:
    """The account an organization states for a currency on a day: its own, or the one of all."""
    found = await queries.find_legal_entity(db, org_id, on=on)
    stated = {one.currency: one for one in found.bank_accounts} if found else {}
    return stated.get(currency) or stated.get("")


def party_lines(party: PaperParty, locale: str) -> list[str]:
    """A party by lines as papers and pages write it: its company, or the organization alone."""
    _ = translations(locale).gettext
    name = local_name(locale, party.name, party.name_zh)
    named = [party.legal_name or name, party.legal_name_latin, party.address, party.address_latin]
    number = {"number": party.registration_number}
    return list(dict.fromkeys(filter(None, [
        *named, party.country and country_name(party.country, locale),
        _(_TAX_IDS[rules.tax_scheme(party.country)]) % {"number": party.tax_id}
        if party.tax_id else "",
        _("Registration number: %(number)s") % number if party.registration_number else "",
    ])))  # fmt: skip


def bank_lines(party: PaperParty, locale: str) -> list[str]:
    """Where a transfer to a party goes, by lines; empty where it stated no such account."""
    account = party.bank
    if account is None:
        return []
    _ = translations(locale).gettext
    number = {"number": rules.shown_bank_number(account.number), "bic": account.bic}
    is_iban = rules.is_iban(account.number)
    return [
        account.holder or party.legal_name, account.bank,
        (_("IBAN: %(number)s") if is_iban else _("Account: %(number)s")) % number,
        *([_("BIC: %(bic)s") % number] if account.bic else []),
    ]  # fmt: skip
