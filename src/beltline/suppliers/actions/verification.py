"""Use cases of onboarding: invite, fill in, send in, look on the spot, decide, review strictly."""

import datetime as dt
import hashlib
from collections.abc import Mapping
from typing import Any
from uuid import UUID

import msgspec

from beltline.accounts import actions as accounts
from beltline.accounts import queries as organizations
from beltline.accounts.types import Guest, IssuedLink
from beltline.kit import events
from beltline.kit.actor import Actor, WrongRole
from beltline.kit.clock import day_of
from beltline.kit.db import Database, NotFound, Writer
from beltline.kit.events import Parties
from beltline.kit.ids import new_id
from beltline.kit.images import clean_image
from beltline.suppliers import store
from beltline.suppliers.queries import cases, record
from beltline.suppliers.queries import verification as queries
from beltline.suppliers.rules import strict, tiers
from beltline.suppliers.rules import verification as rules
from beltline.suppliers.types import (
    Certificate,
    CertificateKind,
    Document,
    NotReady,
    Profile,
    Purpose,
    ReasonNeeded,
    Standing,
    StrictReview,
    TooManyDocuments,
    Verification,
    WrongState,
)
from beltline.suppliers.types import VerificationState as S

LINK_PURPOSE = "supplier.onboarding"


class Invitation(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Whom to bring in: a code for files, names, the belt's id, and a person's name and phone."""

    code: str
    name: str
    name_zh: str = ""
    kind: str = "FACTORY"
    belt: str | None = None
    contact_name: str = ""
    phone: str = ""


async def invite(db: Writer, actor: Actor, asked: Invitation, *, now: dt.datetime) -> Verification:
    """Bring a supplier into the network: INVITED, tier C, with a verification to fill in."""
    actor.needs_operator()
    verification_id = new_id()
    fields = {**msgspec.to_builtins(asked), "belt_id": asked.belt}
    await store.invite(db, actor, new_id(), verification_id, fields, now)
    return await queries.get_verification(db, verification_id)


async def renew(db: Writer, actor: Actor, *, org_id: UUID, now: dt.datetime) -> Verification:
    """Begin a verification anew: the first of a known supplier, or one after another has ended."""
    _needs_party(actor, org_id)
    verification_id = new_id()
    if not await store.open_verification(db, org_id, verification_id, now):
        latest = await queries.find_latest(db, org_id)
        raise WrongState(state=latest.state if latest else "")
    return await queries.get_verification(db, verification_id)


async def send_link(
    db: Writer, actor: Actor, *, verification_id: UUID, now: dt.datetime
) -> IssuedLink:
    """A link by which the supplier fills in its verification without an account."""
    actor.needs_operator()
    found = await queries.get_verification(db, verification_id)
    if found.state not in rules.EDITABLE:
        raise WrongState(state=found.state)
    return await accounts.create_link(
        db, actor, for_org_id=found.org_id, purpose=LINK_PURPOSE, object_id=found.id,
        life=rules.LINK_LIFE, now=now,
    )  # fmt: skip


async def open_link(database: Database, token: str, *, now: dt.datetime) -> Guest:
    """Who holds a link, and for which verification; refuses one that has ended."""
    return await accounts.authenticate_link(database, token, purpose=LINK_PURPOSE, now=now)


async def keep_profile(
    db: Writer, actor: Actor, *, verification_id: UUID, profile: Profile, now: dt.datetime
) -> None:
    """Keep what the supplier says of itself."""
    found = await _editable(db, actor, verification_id, now)
    await store.upsert_profile(db, found.org_id, profile, now)


async def add_picture(
    db: Writer, actor: Actor, *, org_id: UUID, purpose: Purpose, data: bytes, now: dt.datetime
) -> Document:
    """Keep a picture, cleaned; refuses what is none."""
    image = clean_image(data)
    if len(await queries.list_documents(db, org_id)) >= rules.DOCUMENTS_MAX:
        raise TooManyDocuments(most=rules.DOCUMENTS_MAX)
    document = Document(
        new_id(), org_id, purpose, image.media_type, image.width, image.height, actor.name, now
    )
    await store.insert_document(db, document, image, hashlib.sha256(image.content).digest())
    return document


async def add_document(
    db: Writer,
    actor: Actor,
    *,
    verification_id: UUID,
    purpose: Purpose,
    data: bytes,
    now: dt.datetime,
) -> Document:
    """A picture for a verification, from the supplier."""
    found = await _editable(db, actor, verification_id, now)
    return await add_picture(db, actor, org_id=found.org_id, purpose=purpose, data=data, now=now)


async def add_certificate(
    db: Writer,
    actor: Actor,
    *,
    verification_id: UUID,
    kind: CertificateKind,
    number: str,
    issuer: str,
    valid_until: dt.date,
    data: bytes | None,
    now: dt.datetime,
) -> Certificate:
    """A certificate the supplier says it has, with a picture of it if there is one."""
    found = await _editable(db, actor, verification_id, now)
    document = None
    if data:
        document = await add_picture(
            db, actor, org_id=found.org_id, purpose=Purpose.CERTIFICATE, data=data, now=now
        )
    certificate = Certificate(
        new_id(), kind, number.strip(), issuer.strip(), valid_until,
        document.id if document else None, "CLAIMED", "",
    )  # fmt: skip
    await store.insert_certificate(db, found.org_id, certificate, now)
    return certificate


async def submit(
    db: Writer, actor: Actor, *, verification_id: UUID, now: dt.datetime
) -> Verification:
    """Send a complete verification in; refuses with what is missing."""
    found = await _of(db, actor, verification_id)
    rules.check_step(found.state, S.SUBMITTED)
    profile = await queries.get_profile(db, found.org_id)
    lacking = rules.missing(profile, await queries.list_documents(db, found.org_id))
    if lacking:
        raise NotReady(missing=", ".join(lacking), param=lacking[0])
    return await _move(db, actor, found, S.SUBMITTED, now=now)


async def ask_partner(
    db: Writer, actor: Actor, *, verification_id: UUID, partner: str, now: dt.datetime
) -> Verification:
    """Have a partner in the belt look on the spot within a week."""
    actor.needs_operator()
    found = await queries.get_verification(db, verification_id)
    organization = await organizations.get_organization(db, partner)
    if organization.kind not in ("PARTNER", "INSPECTOR"):
        raise WrongRole(needed="a belt partner or inspector", role=organization.kind)
    rules.check_step(found.state, S.LOCAL_CHECK)
    await store.insert_check(
        db, new_id(), found, organization.id, now, now + rules.CHECK_WITHIN
    )  # fmt: skip
    return await _move(db, actor, found, S.LOCAL_CHECK, now=now)


async def report_check(
    db: Writer,
    actor: Actor,
    *,
    check_id: UUID,
    answers: Mapping[str, str],
    note: str,
    now: dt.datetime,
) -> None:
    """What a partner saw; the verification goes to review."""
    kept = {item: answers.get(item, "UNSEEN") for item in rules.CHECKLIST}
    kept = {item: answer if answer in rules.ANSWERS else "UNSEEN" for item, answer in kept.items()}
    if "FAIL" in kept.values() and not note.strip():
        raise ReasonNeeded(param="note")
    await store.report_check(db, actor, check_id, answers=kept, note=note.strip(), now=now)


async def begin_review(
    db: Writer, actor: Actor, *, verification_id: UUID, note: str, now: dt.datetime
) -> Verification:
    """Check by hand, without a visit; the reason is kept."""
    actor.needs_operator()
    found = await queries.get_verification(db, verification_id)
    if not note.strip():
        raise ReasonNeeded(param="note")
    await store.cancel_checks(db, verification_id)
    return await _move(db, actor, found, S.REVIEW, note=note.strip(), now=now)


async def decide(
    db: Writer, actor: Actor, *, verification_id: UUID, to: S, note: str, now: dt.datetime
) -> Verification:
    """Verify, return for more, or refuse; the latter two with a reason the supplier reads."""
    actor.needs_operator()
    found = await queries.get_verification(db, verification_id)
    if to is not S.VERIFIED and not note.strip():
        raise ReasonNeeded(param="note")
    valid = None
    if to is S.VERIFIED:
        certificates = await queries.list_certificates(db, found.org_id)
        valid = rules.valid_until(certificates, day_of(now))
    moved = await _move(
        db, actor, found, to, note=note.strip(), by=actor.name, valid_until=valid, now=now
    )
    await store.cancel_checks(db, verification_id)
    if valid is not None:
        profile = await queries.get_profile(db, found.org_id)
        kind = {"SOURCE_FACTORY": "FACTORY", "TRADER": "TRADER"}.get(profile.source)
        standing = Standing.ACTIVE if found.standing is Standing.INVITED else None
        await _stand(db, actor, moved, standing=standing, kind=kind, until=valid, now=now)
    return moved


async def decide_certificate(
    db: Writer,
    actor: Actor,
    *,
    org_id: UUID,
    certificate_id: UUID,
    confirm: bool,
    now: dt.datetime,
) -> None:
    """Confirm or reject a certificate after looking it up with its issuer."""
    actor.needs_operator()
    state = "CONFIRMED" if confirm else "REJECTED"
    if not await store.decide_certificate(db, certificate_id, org_id, state=state, by=actor.name):
        raise NotFound(what="certificate", key=str(certificate_id))
    await _audit(db, actor, "decide", "certificate", certificate_id, {"state": state}, now)


async def review_strictly(
    db: Writer,
    actor: Actor,
    *,
    org_id: UUID,
    manual: Mapping[str, str],
    note: str,
    now: dt.datetime,
) -> StrictReview:
    """Measure a supplier against the strict standard in force; passed, it is selected awhile."""
    actor.needs_operator()
    today = day_of(now)
    standard = strict.standard_on(today)
    latest = await queries.find_latest(db, org_id)
    checks = await queries.list_checks(db, verification_id=latest.id) if latest else []
    local = next((check.answers for check in reversed(checks) if check.state == "DONE"), {})
    platform = strict.platform_results(
        verification=latest, figures=await record.list_figures(db, org_id),
        cases_lost=await cases.count_lost(db, org_id, since=now - tiers.WINDOW),
        bounds_b={measure: bar.b for measure, bar in tiers.BARS.items()}, today=today,
    )  # fmt: skip
    results, is_passed = strict.judge(standard, platform=platform, local=local, manual=manual)
    until = today + dt.timedelta(days=standard.valid_days) if is_passed else None
    review = StrictReview(
        new_id(), standard.version, results, is_passed, note.strip(), actor.name, now, until
    )
    await store.insert_review(db, org_id, review)
    if until is None:
        await store.end_strict(db, org_id, now)
    else:
        await store.set_standing(db, org_id, strict_until=until, now=now)
    change = {"standard": standard.version, "is_passed": is_passed, "results": results}
    await _audit(db, actor, "review", "supplier", org_id, change, now)
    return review


def _needs_party(actor: Actor, org_id: UUID) -> None:
    if actor.org_kind != "OPERATOR" and actor.org_id != org_id:
        raise WrongRole(needed="the supplier or the operator", role=actor.org_kind)


async def _of(db: Writer, actor: Actor, verification_id: UUID) -> Verification:
    found = await queries.get_verification(db, verification_id)
    _needs_party(actor, found.org_id)
    return found


async def _editable(
    db: Writer, actor: Actor, verification_id: UUID, now: dt.datetime
) -> Verification:
    """A verification that can be filled in; the first edit makes it a draft."""
    found = await _of(db, actor, verification_id)
    if found.state not in rules.EDITABLE:
        raise WrongState(state=found.state)
    if found.state is S.DRAFT:
        return found
    return await _move(db, actor, found, S.DRAFT, note=found.note, now=now)


async def _move(
    db: Writer,
    actor: Actor,
    found: Verification,
    to: S,
    *,
    now: dt.datetime,
    note: str = "",
    by: str = "",
    valid_until: dt.date | None = None,
) -> Verification:
    rules.check_step(found.state, to)
    if not await store.move_verification(
        db, found, to, note=note, by=by, valid_until=valid_until, now=now
    ):
        raise WrongState(state=found.state)
    change = {"status": [found.state, to], **({"note": note} if note else {})}
    await _audit(db, actor, to.lower(), "verification", found.id, change, now)
    operator = await organizations.get_operator(db)
    await events.record(
        db, "verification.moved", aggregate="verification", aggregate_id=found.id,
        sequence=found.version + 1, parties=Parties(operator.id, None, found.org_id),
        data={"supplier": found.supplier, "status": to, "status_before": found.state,
              "note": note, "valid_until": valid_until and valid_until.isoformat()}, now=now,
    )  # fmt: skip
    return await queries.get_verification(db, found.id)


async def _stand(
    db: Writer,
    actor: Actor,
    found: Verification,
    *,
    standing: Standing | None,
    kind: str | None,
    until: dt.date,
    now: dt.datetime,
) -> None:
    version = await store.set_standing(
        db, found.org_id, standing=standing, kind=kind, verified_until=until, now=now
    )
    await events.record(
        db, "supplier.verified", aggregate="supplier", aggregate_id=found.org_id,
        sequence=version, parties=Parties(actor.org_id, None, found.org_id),
        data={"supplier": found.supplier, "valid_until": until.isoformat()}, now=now,
    )  # fmt: skip


async def _audit(
    db: Writer, actor: Actor, action: str, object_: str, object_id: UUID, change: dict[str, Any],
    now: dt.datetime,
) -> None:  # fmt: skip
    await accounts.record_audit(
        db, actor, action=action, object_=object_, object_id=object_id, change=change, now=now
    )
