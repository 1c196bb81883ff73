"""Writes of the schema `suppliers`. Private to the module."""

import csv
import datetime as dt
import importlib.resources
import io
from collections.abc import Iterator, Sequence
from uuid import UUID

import msgspec

from beltline.kit.actor import Actor
from beltline.kit.db import Writer
from beltline.kit.images import Image
from beltline.kit.staging import Imported, merge
from beltline.suppliers.types import (
    CaseState,
    CaseStatement,
    Certificate,
    Document,
    Figure,
    Outcome,
    Profile,
    ShopCase,
    Standing,
    StrictReview,
    TierReason,
    Verification,
    VerificationState,
)

_BELT_COLUMNS = (
    "belt_id", "name_zh", "name_en", "province", "city", "county", "products_zh", "products_en",
    "category", "hs4", "lon_wgs84", "lat_wgs84", "evidence", "source",
)  # fmt: skip


async def replace_belts(db: Writer) -> int:
    """Bring the belts to what this version ships; how many there are."""
    rows = list(_shipped_belts())
    await db.execute_many(
        """insert into suppliers.belt (id, name_zh, name_en, province, city, county, products_zh,
             products_en, category, hs4, longitude, latitude, evidence, source)
           values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
           on conflict (id) do update set
             name_zh = excluded.name_zh, name_en = excluded.name_en,
             province = excluded.province, city = excluded.city, county = excluded.county,
             products_zh = excluded.products_zh, products_en = excluded.products_en,
             category = excluded.category, hs4 = excluded.hs4,
             longitude = excluded.longitude, latitude = excluded.latitude,
             evidence = excluded.evidence, source = excluded.source""",
        rows,
    )
    return len(rows)


def _shipped_belts() -> Iterator[tuple[object, ...]]:
    table = importlib.resources.files("beltline.suppliers") / "data" / "industrial_belts.csv"
    for row in csv.DictReader(io.StringIO(table.read_text("utf-8-sig"))):
        cells: list[object] = [row[column] for column in _BELT_COLUMNS]
        cells[10:12] = float(row["lon_wgs84"]), float(row["lat_wgs84"])
        yield tuple(cells)


async def merge_suppliers(db: Writer, name: str, now: dt.datetime) -> Imported:
    """Upsert staged suppliers; what a file leaves empty keeps its value."""
    return await merge(
        db,
        name,
        f"""insert into suppliers.supplier as s (org_id, code, kind, belt_id, tier,
              lead_time_days_mean, lead_time_days_p95, contact_id, created_at, updated_at)
            select o.id, i.code, coalesce(i.kind, 'FACTORY'), i.belt, coalesce(i.tier, 'C'),
                   coalesce(i.lead_time_days_mean, 7),
                   coalesce(i.lead_time_days_p95, 2 * coalesce(i.lead_time_days_mean, 7)),
                   i.contact_id, $1, $1
              from {name} i join accounts.organization o on o.code = i.code
             order by o.id
            on conflict (org_id) do update set
              kind = excluded.kind, belt_id = coalesce(excluded.belt_id, s.belt_id),
              tier = case s.tier_basis when 'GIVEN' then excluded.tier else s.tier end,
              lead_time_days_mean = excluded.lead_time_days_mean,
              lead_time_days_p95 = excluded.lead_time_days_p95,
              contact_id = coalesce(s.contact_id, excluded.contact_id),
              version = s.version + 1, updated_at = excluded.updated_at
            where (s.kind, s.tier, s.lead_time_days_mean, s.lead_time_days_p95, s.belt_id)
              is distinct from (excluded.kind,
                                case s.tier_basis when 'GIVEN' then excluded.tier
                                                  else s.tier end,
                                excluded.lead_time_days_mean,
                                excluded.lead_time_days_p95,
                                coalesce(excluded.belt_id, s.belt_id))
            returning (xmax = 0)""",
        now,
    )


async def merge_closures(db: Writer, name: str) -> Imported:
    """Upsert the staged closures that name a supplier."""
    return await merge(
        db,
        name,
        f"""insert into suppliers.closure as c (org_id, starts, ends, ramp_down_from,
              ramp_up_until, last_order_date, reason)
            select s.org_id, i.starts, i.ends, coalesce(i.ramp_down_from, i.starts),
                   coalesce(i.ramp_up_until, i.ends), coalesce(i.last_order_date, i.starts),
                   coalesce(i.reason, '')
              from {name} i join suppliers.supplier s on s.code = i.supplier
             order by 1, 2
            on conflict (org_id, starts) do update set
              ends = excluded.ends, ramp_down_from = excluded.ramp_down_from,
              ramp_up_until = excluded.ramp_up_until,
              last_order_date = excluded.last_order_date, reason = excluded.reason
            where (c.ends, c.ramp_down_from, c.ramp_up_until, c.last_order_date, c.reason)
              is distinct from (excluded.ends, excluded.ramp_down_from, excluded.ramp_up_until,
                                excluded.last_order_date, excluded.reason)
            returning (xmax = 0)""",
    )


async def upsert_outcomes(
    db: Writer, supplier_org_id: UUID, outcomes: Sequence[Outcome], now: dt.datetime
) -> None:
    """Keep facts; a later one of the same subject and measure takes the place of the first."""
    facts = [
        {"supplier_org_id": supplier_org_id, **msgspec.structs.asdict(one)} for one in outcomes
    ]
    await db.execute("select suppliers.record_outcomes($1, $2)", facts, now)


async def await_order(
    db: Writer, supplier_org_id: UUID, order_id: UUID, number: str, due_date: dt.date
) -> None:
    """Remember that goods are awaited by a day."""
    await db.execute(
        """insert into suppliers.awaited_order (purchase_order_id, operator_org_id,
             supplier_org_id, number, due_date)
           select $1, accounts.operator_org(), $2, $3, $4
            where exists (select from suppliers.supplier s where s.org_id = $2)
           on conflict (purchase_order_id) do update set due_date = excluded.due_date""",
        order_id,
        supplier_org_id,
        number,
        due_date,
    )


async def forget_awaited(db: Writer, order_id: UUID) -> None:
    """An order ended: nothing is awaited any more."""
    await db.execute("delete from suppliers.awaited_order where purchase_order_id = $1", order_id)


async def insert_overdue(db: Writer, today: dt.date, now: dt.datetime, source: str) -> int:
    """Count awaited orders whose day has passed as late by now; how many."""
    return await db.execute(
        """insert into suppliers.outcome as o (id, operator_org_id, supplier_org_id, measure, score,
             value, happened_at, source, subject_id, subject)
           select kit.uuid7($2), a.operator_org_id, a.supplier_org_id, 'ON_TIME', 0,
                  $1::date - a.due_date, $2, $3, a.purchase_order_id, a.number
             from suppliers.awaited_order a where a.due_date < $1::date
           on conflict (subject_id, measure) do update set
             score = 0, value = excluded.value, happened_at = excluded.happened_at,
             source = excluded.source""",
        today,
        now,
        source,
    )


async def replace_record(
    db: Writer, figures: Sequence[tuple[UUID, Figure]], now: dt.datetime
) -> None:
    """Make the estimates what was computed; who has no facts any more has none."""
    await db.execute("delete from suppliers.record")
    await db.execute(
        """insert into suppliers.record (org_id, measure, trials, raw, mean, low, high,
             value_median, prior_mean, prior_trials, good_to_a, assessed_at)
           select r.org_id, r.measure, r.trials, r.raw, r.mean, r.low, r.high, r.value_median,
                  r.prior_mean, r.prior_trials, r.good_to_a, $2
             from jsonb_to_recordset($1) as r(org_id uuid, measure text, trials bigint,
                    raw double precision, mean double precision, low double precision,
                    high double precision, value_median double precision,
                    prior_mean double precision, prior_trials double precision,
                    good_to_a bigint)""",
        [{"org_id": org_id, **msgspec.to_builtins(figure)} for org_id, figure in figures],
        now,
    )


async def set_tiers(
    db: Writer, decided: Sequence[tuple[UUID, str, list[TierReason]]], now: dt.datetime
) -> int:
    """Give suppliers the tiers of their records, with history and event; how many changed.

    From here on a supplier's tier is measured: no file changes it.
    """
    rows = [
        {"org_id": org_id, "tier": tier, "reasons": msgspec.to_builtins(reasons)}
        for org_id, tier, reasons in decided
    ]
    return int(
        await db.value(
            """with decided as (
                 select r.org_id, r.tier, r.reasons, s.code, s.tier as tier_before, s.version
                   from jsonb_to_recordset($1) as r(org_id uuid, tier text, reasons jsonb)
                   join suppliers.supplier s on s.org_id = r.org_id
                  where s.tier <> r.tier or s.tier_basis <> 'MEASURED'
                  order by s.org_id for update of s),
               kept as (
                 update suppliers.supplier s
                    set tier = d.tier, tier_basis = 'MEASURED', version = s.version + 1,
                        updated_at = $2
                   from decided d where d.org_id = s.org_id
                 returning s.org_id, s.version),
               noted as (
                 insert into suppliers.tier_change (id, org_id, at, tier_before, tier, reasons)
                 select kit.uuid7($2), org_id, $2, tier_before, tier, reasons from decided
                  where tier <> tier_before),
               told as (
                 select kit.record_event('supplier.tier_changed', 1, 'supplier', d.org_id,
                          k.version, $2, accounts.operator_org(), null, d.org_id,
                          jsonb_build_object('supplier', d.code, 'tier', d.tier,
                            'tier_before', d.tier_before, 'reasons', d.reasons))
                   from decided d join kept k on k.org_id = d.org_id
                  where d.tier <> d.tier_before)
               select count(*) from told""",
            rows,
            now,
        )
    )


async def invite(
    db: Writer, actor: Actor, org_id: UUID, verification_id: UUID, asked: object, now: dt.datetime
) -> None:
    """Bring a supplier in: organization, contact, a bare supplier and its verification."""
    await db.execute(
        "select suppliers.invite($1, $2, $3, $4, $5)",
        actor.as_row(), org_id, verification_id, asked, now,
    )  # fmt: skip


async def upsert_profile(db: Writer, org_id: UUID, profile: Profile, now: dt.datetime) -> None:
    """Keep what a supplier says of itself."""
    await db.execute(
        """insert into suppliers.profile (org_id, operator_org_id, legal_name, licence_number,
             address, source, founded_year, staff, lines, capacity_month, capacity_unit, goods,
             video_url, updated_at)
           values ($1, accounts.operator_org(), $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
           on conflict (org_id) do update set
             legal_name = excluded.legal_name, licence_number = excluded.licence_number,
             address = excluded.address, source = excluded.source,
             founded_year = excluded.founded_year, staff = excluded.staff, lines = excluded.lines,
             capacity_month = excluded.capacity_month, capacity_unit = excluded.capacity_unit,
             goods = excluded.goods, video_url = excluded.video_url,
             updated_at = excluded.updated_at""",
        org_id, *msgspec.structs.astuple(profile), now,
    )  # fmt: skip


async def insert_document(db: Writer, document: Document, image: Image, digest: bytes) -> None:
    """Keep a cleaned picture."""
    await db.execute(
        """insert into suppliers.document (id, org_id, operator_org_id, purpose, media_type, width,
             height, sha256, content, created_by, created_at)
           values ($1, $2, accounts.operator_org(), $3, $4, $5, $6, $7, $8, $9, $10)""",
        document.id, document.org_id, document.purpose, image.media_type, image.width,
        image.height, digest, image.content, document.created_by, document.created_at,
    )  # fmt: skip


async def insert_certificate(
    db: Writer, org_id: UUID, certificate: Certificate, now: dt.datetime
) -> None:
    """Add a claimed certificate."""
    await db.execute(
        """insert into suppliers.certificate (id, org_id, operator_org_id, kind, number, issuer,
             valid_until, document_id, created_at)
           values ($1, $2, accounts.operator_org(), $3, $4, $5, $6, $7, $8)""",
        certificate.id, org_id, certificate.kind, certificate.number, certificate.issuer,
        certificate.valid_until, certificate.document_id, now,
    )  # fmt: skip


async def decide_certificate(
    db: Writer, certificate_id: UUID, org_id: UUID, *, state: str, by: str
) -> bool:
    """Confirm or reject a certificate; False when there is none."""
    done = await db.execute(
        """update suppliers.certificate set state = $3, decided_by = $4
            where id = $1 and org_id = $2""",
        certificate_id, org_id, state, by,
    )  # fmt: skip
    return bool(done)


async def move_verification(
    db: Writer,
    verification: Verification,
    to: VerificationState,
    *,
    note: str = "",
    by: str = "",
    valid_until: dt.date | None = None,
    now: dt.datetime,
) -> bool:
    """Move a verification on from where it was read; False when somebody moved it meanwhile."""
    moved = await db.execute(
        """update suppliers.verification
              set state = $3, version = version + 1, note = $4, valid_until = $5,
                  submitted_at = case when $3 = 'SUBMITTED' then $7 else submitted_at end,
                  decided_at = case when $6 <> '' then $7 else decided_at end,
                  decided_by = case when $6 <> '' then $6 else decided_by end
            where id = $1 and version = $2""",
        verification.id, verification.version, to, note, valid_until, by, now,
    )  # fmt: skip
    return bool(moved)


async def open_verification(
    db: Writer, org_id: UUID, verification_id: UUID, now: dt.datetime
) -> bool:
    """Begin a verification; False while another is open."""
    made = await db.execute(
        """insert into suppliers.verification (id, org_id, operator_org_id, state, created_at)
           values ($2, $1, accounts.operator_org(), 'DRAFT', $3)
           on conflict (org_id) where state not in ('VERIFIED', 'REFUSED', 'EXPIRED') do nothing""",
        org_id, verification_id, now,
    )  # fmt: skip
    return bool(made)


async def set_standing(
    db: Writer,
    org_id: UUID,
    *,
    standing: Standing | None = None,
    kind: str | None = None,
    verified_until: dt.date | None = None,
    strict_until: dt.date | None = None,
    now: dt.datetime,
) -> int:
    """Change what the network thinks of a supplier; its new version. None leaves a thing."""
    return int(
        await db.value(
            """update suppliers.supplier
                  set standing = coalesce($2, standing), kind = coalesce($3, kind),
                      verified_until = coalesce($4, verified_until),
                      strict_until = coalesce($5, strict_until), version = version + 1,
                      updated_at = $6
                where org_id = $1 returning version""",
            org_id, standing, kind, verified_until, strict_until, now,
        )
    )  # fmt: skip


async def end_strict(db: Writer, org_id: UUID, now: dt.datetime) -> None:
    """A supplier is no longer strictly selected."""
    await db.execute(
        """update suppliers.supplier set strict_until = null, version = version + 1, updated_at = $2
            where org_id = $1""",
        org_id,
        now,
    )


async def insert_check(
    db: Writer, check_id: UUID, verification: Verification, partner: UUID, now: dt.datetime,
    due_at: dt.datetime,
) -> None:  # fmt: skip
    """Ask a partner to look."""
    await db.execute(
        """insert into suppliers.check_task (id, verification_id, org_id, operator_org_id,
             partner_org_id, due_at, created_at)
           values ($1, $2, $3, accounts.operator_org(), $4, $5, $6)""",
        check_id, verification.id, verification.org_id, partner, due_at, now,
    )  # fmt: skip


async def report_check(
    db: Writer,
    actor: Actor,
    check_id: UUID,
    *,
    answers: dict[str, str],
    note: str,
    now: dt.datetime,
) -> None:
    """Keep what a partner saw; the verification goes to review."""
    await db.execute(
        "select suppliers.report_check($1, $2, $3, $4, $5)",
        actor.as_row(), check_id, answers, note, now,
    )  # fmt: skip


async def cancel_checks(db: Writer, verification_id: UUID) -> None:
    """Nobody has to look any more."""
    await db.execute(
        """update suppliers.check_task set state = 'CANCELLED'
            where verification_id = $1 and state = 'OPEN'""",
        verification_id,
    )


async def insert_review(db: Writer, org_id: UUID, review: StrictReview) -> None:
    """Keep a strict review."""
    await db.execute(
        """insert into suppliers.strict_review (id, org_id, operator_org_id, standard, results,
             is_passed, note, reviewed_by, reviewed_at, valid_until)
           values ($1, $2, accounts.operator_org(), $3, $4, $5, $6, $7, $8, $9)""",
        review.id, org_id, review.standard, review.results, review.is_passed, review.note,
        review.reviewed_by, review.reviewed_at, review.valid_until,
    )  # fmt: skip


async def insert_case(db: Writer, case: ShopCase) -> str:
    """Keep a new case; its number."""
    return str(
        await db.value(
            """insert into suppliers.shop_case (id, number, org_id, operator_org_id, ground, skus,
                 claimant, right_number, statement, state, opened_by, opened_at, answer_by,
                 replacement)
               values ($1, 'CASE-' || nextval('suppliers.shop_case_number'), $2,
                       accounts.operator_org(), $3, $4, $5, $6, $7, 'FROZEN', $8, $9, $10, $11)
               returning number""",
            case.id, case.org_id, case.ground, case.skus, case.claimant, case.right_number,
            case.statement, case.opened_by, case.opened_at, case.answer_by, case.replacement,
        )
    )  # fmt: skip


async def move_case(
    db: Writer, case: ShopCase, to: CaseState, *, note: str | None = None, by: str = "",
    now: dt.datetime,
) -> bool:  # fmt: skip
    """Move a case on from where it was read; a decision carries its note and who decided."""
    moved = await db.execute(
        """update suppliers.shop_case
              set state = $3, version = version + 1,
                  decision_note = coalesce($4, decision_note),
                  decided_by = case when $4::text is null then decided_by else $5 end,
                  decided_at = case when $4::text is null then decided_at else $6 end
            where id = $1 and version = $2""",
        case.id, case.version, to, note, by, now,
    )  # fmt: skip
    return bool(moved)


async def insert_statement(db: Writer, case: ShopCase, statement: CaseStatement) -> None:
    """Keep what a side said in a case."""
    await db.execute(
        """insert into suppliers.case_statement (id, case_id, org_id, operator_org_id, side, kind,
             text, document_id, said_by, said_at)
           values ($1, $2, $3, accounts.operator_org(), $4, $5, $6, $7, $8, $9)""",
        statement.id, case.id, case.org_id, statement.side, statement.kind, statement.text,
        statement.document_id, statement.said_by, statement.said_at,
    )  # fmt: skip


async def expire_verifications(db: Writer, today: dt.date) -> int:
    """End verifications and strict selections whose day has passed; how many verifications."""
    await db.execute(
        """update suppliers.supplier set strict_until = null, version = version + 1
            where strict_until < $1""",
        today,
    )
    return await db.execute(
        """update suppliers.verification set state = 'EXPIRED', version = version + 1
            where state = 'VERIFIED' and valid_until < $1""",
        today,
    )


async def replace_heat(db: Writer, rows: Sequence[dict[str, object]], now: dt.datetime) -> int:
    """Make the heat of belts what was worked out; how many belts have one."""
    await db.execute("delete from suppliers.belt_heat")
    return await db.execute(
        """insert into suppliers.belt_heat (belt_id, orders_28d, orders_before, units_28d, skus,
             new_products_28d, price_index, priced_offers, computed_at)
           select r.belt_id, r.orders_28d, r.orders_before, r.units_28d, r.skus,
                  r.new_products_28d, r.price_index, r.priced_offers, $2
             from jsonb_to_recordset($1) as r(belt_id text, orders_28d bigint,
                    orders_before bigint, units_28d bigint, skus bigint, new_products_28d bigint,
                    price_index double precision, priced_offers bigint)""",
        list(rows),
        now,
    )
