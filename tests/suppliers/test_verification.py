"""Onboarding: invited, filled in on a phone, looked at, decided; and strict selection."""

import datetime as dt
import re

import pytest

from beltline.kit.clock import day_of
from beltline.kit.db import Database, NotFound
from beltline.kit.images import ImageRefused
from beltline.suppliers import queries as directory
from beltline.suppliers import store
from beltline.suppliers.actions import verification as actions
from beltline.suppliers.queries import verification as queries
from beltline.suppliers.rules import strict
from beltline.suppliers.rules import verification as rules
from beltline.suppliers.types import (
    CertificateKind,
    ChecklistIncomplete,
    NotReady,
    Purpose,
    ReasonNeeded,
    WrongState,
)
from beltline.suppliers.types import VerificationState as S
from tests.app.client import client_of
from tests.catalog.make import NOW, make_network
from tests.suppliers.make import PROFILE, actor_of, add_partner, invited, png, submitted
from tests.visitor import visiting

SEEN = dict.fromkeys(rules.CHECKLIST, "PASS")


async def test_an_invited_supplier_becomes_verified_after_a_visit(database: Database) -> None:
    network = await make_network(database)
    partner = await add_partner(database)
    found, seller = await submitted(database, network.operator)
    assert found.state is S.SUBMITTED
    async with database.writing(network.operator) as db:
        await actions.ask_partner(
            db, network.operator, verification_id=found.id, partner="belt-partner", now=NOW
        )
    async with database.writing(partner) as db:
        (check,) = await queries.list_checks(db)
        assert (await queries.get_profile(db, found.org_id)).address == PROFILE.address
        await actions.report_check(db, partner, check_id=check.id, answers=SEEN, note="", now=NOW)
    async with database.reading(partner) as db:
        # What it was asked for is done: it has no more business with the papers.
        assert (await queries.get_profile(db, found.org_id)).address == ""
    async with database.writing(network.operator) as db:
        done = await actions.decide(
            db, network.operator, verification_id=found.id, to=S.VERIFIED, note="", now=NOW
        )
        supplier = await directory.get_supplier(db, found.org_id)
    assert done.valid_until == day_of(NOW) + rules.VALID
    assert (supplier.standing, supplier.verified_until) == ("ACTIVE", done.valid_until)
    async with database.system() as db:
        states = await db.values(
            "select data->>'status' from kit.outbox where type = 'verification.moved' order by seq"
        )
        audited = await db.value(
            "select count(*) from accounts.audit where object_id = $1", found.id
        )
    assert states == ["DRAFT", "SUBMITTED", "LOCAL_CHECK", "REVIEW", "VERIFIED"]
    assert audited == 5
    async with database.reading(network.other_buyer) as db:
        with pytest.raises(NotFound):
            await queries.get_verification(db, found.id)
        assert await queries.list_documents(db, seller.org_id) == []


async def test_nothing_incomplete_is_sent_in_and_nothing_sent_in_is_edited(
    database: Database,
) -> None:
    network = await make_network(database)
    made = await invited(database, network.operator)
    seller = await actor_of(database, made.supplier)
    async with database.writing(seller) as db:
        with pytest.raises(NotReady) as refused:
            await actions.submit(db, seller, verification_id=made.id, now=NOW)
        assert refused.value.param == "legal_name"
        with pytest.raises(ImageRefused):
            await actions.add_document(
                db, seller, verification_id=made.id, purpose=Purpose.LICENCE,
                data=b"<svg onload=alert(1)>", now=NOW,
            )  # fmt: skip
    async with database.writing(network.operator) as db:
        with pytest.raises(WrongState):
            await actions.decide(
                db, network.operator, verification_id=made.id, to=S.VERIFIED, note="", now=NOW
            )


async def test_sent_back_with_a_reason_it_can_be_filled_in_again(database: Database) -> None:
    network = await make_network(database)
    found, seller = await submitted(database, network.operator)
    async with database.writing(seller) as db:
        with pytest.raises(WrongState):
            await actions.keep_profile(
                db, seller, verification_id=found.id, profile=PROFILE, now=NOW
            )
    async with database.writing(network.operator) as db:
        with pytest.raises(ReasonNeeded):
            await actions.decide(
                db, network.operator, verification_id=found.id, to=S.RETURNED, note=" ", now=NOW
            )
        await actions.decide(
            db, network.operator, verification_id=found.id, to=S.RETURNED,
            note="The licence is not readable", now=NOW,
        )  # fmt: skip
    async with database.writing(seller) as db:
        again = await actions.submit(db, seller, verification_id=found.id, now=NOW)
    assert again.state is S.SUBMITTED


async def test_a_verification_ends_with_its_first_certificate_and_then_expires(
    database: Database,
) -> None:
    network = await make_network(database)
    made = await invited(database, network.operator)
    seller = await actor_of(database, made.supplier)
    until = day_of(NOW) + dt.timedelta(days=30)
    async with database.writing(seller) as db:
        certificate = await actions.add_certificate(
            db, seller, verification_id=made.id, kind=CertificateKind.BSCI, number="BSCI-1",
            issuer="amfori", valid_until=until, data=png(), now=NOW,
        )  # fmt: skip
    async with database.writing(network.operator) as db:
        await actions.decide_certificate(
            db, network.operator, org_id=made.org_id, certificate_id=certificate.id, confirm=True,
            now=NOW,
        )  # fmt: skip
    async with database.reading(network.buyer) as db:
        assert [c.number for c in await queries.list_certificates(db, made.org_id)] == ["BSCI-1"]
    async with database.writing(seller) as db:
        await actions.keep_profile(db, seller, verification_id=made.id, profile=PROFILE, now=NOW)
        for purpose in (Purpose.LICENCE, Purpose.WORKSHOP, Purpose.WORKSHOP):
            await actions.add_document(
                db, seller, verification_id=made.id, purpose=purpose, data=png(), now=NOW
            )
        await actions.submit(db, seller, verification_id=made.id, now=NOW)
    async with database.writing(network.operator) as db:
        await actions.begin_review(
            db, network.operator, verification_id=made.id, note="seen last month", now=NOW
        )
        done = await actions.decide(
            db, network.operator, verification_id=made.id, to=S.VERIFIED, note="", now=NOW
        )
    assert done.valid_until == until
    async with database.system() as db:
        assert await store.expire_verifications(db, until) == 0
        assert await store.expire_verifications(db, until + dt.timedelta(days=1)) == 1
        latest = await queries.find_latest(db, made.org_id)
    assert latest is not None
    assert latest.state is S.EXPIRED


async def test_strict_selection_takes_data_a_visit_and_a_person(database: Database) -> None:
    network = await make_network(database)
    found, _ = await submitted(database, network.operator)
    manual = {"sample_ok": "PASS", "certificates_ok": "PASS", "price_fair": "PASS"}
    async with database.writing(network.operator) as db:
        with pytest.raises(ChecklistIncomplete):
            await actions.review_strictly(
                db, network.operator, org_id=found.org_id, manual={}, note="", now=NOW
            )
        review = await actions.review_strictly(
            db, network.operator, org_id=found.org_id, manual=manual, note="", now=NOW
        )
    assert not review.is_passed
    failed = {item for item, result in review.results.items() if result == "FAIL"}
    # Not verified, no orders yet, and nobody has been there: no tick of a person helps.
    assert failed == {"verified", "on_time_90", "makes_itself", "lines_staff"}
    every = strict.STANDARDS[0]
    passed = dict.fromkeys((item.code for item in every.items), "PASS")
    assert strict.judge(every, platform=passed, local=passed, manual=passed)[1]


async def test_the_journey_on_a_phone_needs_no_account_and_is_in_chinese(
    database: Database,
) -> None:
    network = await make_network(database)
    async with visiting(database, network.operator) as visitor:
        answer = await visitor.send("/verification", {
            "code": "xiaoxiang", "name": "Little Elephant", "name_zh": "小象童装",
            "kind": "FACTORY", "belt": "", "phone": "138",
        })  # fmt: skip
        path = answer.headers["location"]
        assert (await visitor.send("/verification", {
            "code": "xiaoxiang", "name": "Again", "kind": "FACTORY",
        })).status_code == 409  # fmt: skip
        page = (await visitor.send(path, {"step": "link"})).text
        link = re.search(r"/g/supplier/[\w-]+", page)
        assert link
        assert "xiaoxiang" in await visitor.see("/verification?tab=invited")
    async with client_of(database.dsn, accept="text/html") as phone:
        page = (await phone.get(link[0])).text
        token = re.search(r'name="_csrf" value="([^"]+)"', page)
        assert token
        assert "成为供应商" in page
        both = {"_csrf": token[1]}
        bad = await phone.post(link[0], data={**both, "step": "profile", "staff": "many"})
        assert bad.status_code == 422
        assert 'value="many"' in bad.text
        fields = {"legal_name": "小象童装厂", "licence_number": "9133", "address": "织里",
                  "source": "SOURCE_FACTORY", "goods": "睡衣", "staff": "86",
                  "capacity_month": "40,000"}  # fmt: skip
        saved = await phone.post(link[0], data={**both, "step": "profile", **fields})
        assert saved.status_code == 303
        for purpose in ("LICENCE", "WORKSHOP", "WORKSHOP"):
            sent = await phone.post(
                link[0], data={**both, "step": purpose}, files={"picture": ("a.png", png())}
            )
            assert sent.status_code == 303
        refused = await phone.post(
            link[0], data={**both, "step": "LICENCE"}, files={"picture": ("a.png", b"GIF89a")}
        )
        assert refused.status_code == 422
        page = (await phone.get(link[0])).text
        picture = re.search(r'src="(/g/supplier/[^"]+/pictures/doc_\w+)"', page)
        assert picture
        shown = await phone.get(picture[1])
        assert (shown.headers["content-type"], shown.content) == ("image/png", png())
        assert (await phone.post(link[0], data={**both, "step": "submit"})).status_code == 303
        assert "已提交" in (await phone.get(link[0])).text
        late = await phone.post(link[0], data={**both, "step": "profile", **fields})
        assert late.status_code == 409
        assert (await phone.get("/g/supplier/nobody")).status_code == 410
    async with visiting(database, network.buyer) as visitor:
        assert (await visitor.get("/verification")).status_code == 403
        hidden = picture[1].rpartition("/")[2]
        assert (await visitor.get(f"/suppliers/pictures/{hidden}")).status_code == 404


async def test_a_visit_is_reported_from_a_page_and_a_no_needs_a_word(database: Database) -> None:
    network = await make_network(database)
    partner = await add_partner(database)
    found, _ = await submitted(database, network.operator)
    async with visiting(database, network.operator) as visitor:
        path = f"/verification/ver_{found.id.hex}"
        await visitor.send(path, {"step": "visit", "partner": "belt-partner"})
        assert "xiaoxiang" in await visitor.see("/verification?tab=visits")
    async with visiting(database, partner, language="zh") as visitor:
        task = re.search(r"/checks/chk_\w+", await visitor.see("/checks"))
        assert task
        assert "91330502MA2B4XYZ1A" in await visitor.see(task[0])
        no = {**SEEN, "makes_itself": "FAIL"}
        assert (await visitor.send(task[0], no)).status_code == 422
        assert (await visitor.send(task[0], {**no, "note": "买来的货"})).status_code == 303
    async with visiting(database, network.operator, role="PLANNER") as visitor:
        page = await visitor.see(path)
        assert "买来的货" in page
        assert "sample_ok" in page
        await visitor.send(path, {"step": "REFUSED", "note": "no source factory"})
        assert "Not accepted" in await visitor.see(path)
