"""Imports and jobs by page and API: upload, watch, correct, import for real, download."""

import csv
import io
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import httpx
import msgspec
import pytest

from beltline.accounts import actions as accounts
from beltline.accounts import queries as organizations
from beltline.accounts.types import SESSION_COOKIE, Organization
from beltline.app.imports import asking
from beltline.app.imports.types import IMPORT_KIND, MappedColumn
from beltline.app.imports.workflows import import_file
from beltline.kit.db import Database
from beltline.kit.errors import Refusal
from beltline.kit.ids import new_id, read_id, show_id
from beltline.kit.jobs.execute import run_inline
from beltline.kit.jobs.run import registry_of
from tests.accounts.make import make_session
from tests.accounts.test_pages import token_of
from tests.app.client import client_of
from tests.catalog.make import make_network

GOOD = "SKU,仓库,库存数量\nSKU-1,CON-YIW,40\nSKU-2,CON-YIW,900\n".encode("gb18030")
BAD = b"sku,node,on_hand\nSKU-1,CON-YIW,40\nSKU-2,CON-YIW,many\nSKU-9,CON-YIW,3\n"


@pytest.fixture
async def operator(database: Database) -> Organization:
    await make_network(database)
    async with database.system() as db:
        return await organizations.get_organization(db, "operator")


@pytest.fixture
async def client(dsn: str) -> AsyncIterator[httpx.AsyncClient]:
    async with client_of(dsn, accept="text/html") as opened:
        yield opened


@pytest.fixture
async def planner(
    client: httpx.AsyncClient, database: Database, operator: Organization
) -> httpx.AsyncClient:
    client.cookies.set(SESSION_COOKIE, await make_session(database, operator, "PLANNER"))
    return client


async def make_key(database: Database, organization: Organization, *scopes: str) -> dict[str, str]:
    async with database.system() as db:
        issued = await accounts.create_key(
            db, accounts.system_actor(organization), name="api", scopes=scopes,
            now=await database.now(),
        )  # fmt: skip
    return {"Authorization": f"Bearer {issued.secret}"}


async def upload(
    client: httpx.AsyncClient, name: str, content: bytes, **form: str
) -> httpx.Response:
    token = token_of(await client.get("/imports"))
    return await client.post(
        "/imports", data={**form, "_csrf": token}, files={"file": (name, content)}
    )


async def run(database: Database, organization: Organization, import_id: str) -> None:
    """Do what a worker would do with a job that waits."""
    try:
        await run_inline(
            database, accounts.system_actor(organization), kind=IMPORT_KIND, title="",
            parameters={}, now=await database.now(), registry=registry_of(import_file),
            job_id=read_id("imp", import_id),
        )  # fmt: skip
    except Refusal:
        return


async def in_chinese(
    client: httpx.AsyncClient, database: Database, operator: Organization
) -> httpx.AsyncClient:
    """The same client, from now on a member who reads Chinese."""
    session = await make_session(database, operator, "ADMIN", locale="zh")
    client.cookies.set(SESSION_COOKIE, session)
    return client


def id_in(answer: httpx.Response) -> str:
    assert answer.status_code == 303, answer.text
    return answer.headers["location"].rpartition("/")[2]


async def on_hand(database: Database) -> dict[str, int]:
    async with database.system() as db:
        found: dict[str, int] = await db.value(
            """select coalesce(jsonb_object_agg(k.code, t.on_hand), '{}') from inventory.stock t
                 join catalog.sku k on k.id = t.sku_id"""
        )
    return found


# -- pages


async def test_a_look_changes_nothing_and_then_it_is_imported_for_real(
    planner: httpx.AsyncClient, database: Database, operator: Organization
) -> None:
    looked = id_in(await upload(planner, "库存 stock.csv", GOOD, act="look"))
    waiting = (await planner.get(f"/imports/{looked}")).text
    assert 'hx-trigger="every 2s"' in waiting
    assert "waiting for a worker" in waiting
    await run(database, operator, looked)
    page = await planner.get(f"/imports/{looked}")
    assert "nothing has been changed" in page.text
    assert 'hx-trigger="every 2s"' not in page.text
    assert "库存数量" in page.text
    assert await on_hand(database) == {}
    again = await planner.post(
        f"/imports/{looked}/again", data={"act": "import", "_csrf": token_of(page)}
    )
    real = id_in(again)
    assert real != looked
    await run(database, operator, real)
    assert "Every row is in" in (await planner.get(f"/imports/{real}")).text
    assert await on_hand(database) == {"SKU-1": 40, "SKU-2": 900}
    listed = (await planner.get("/imports")).text
    assert "looked only" in listed
    assert "库存 stock.csv" in listed


async def test_bad_rows_are_listed_and_can_be_taken_away(
    planner: httpx.AsyncClient, database: Database, operator: Organization
) -> None:
    import_id = id_in(await upload(planner, "stock.csv", BAD, act="import"))
    await run(database, operator, import_id)
    page = (await planner.get(f"/imports/{import_id}")).text
    assert "2 rows were left out" in page
    assert "This is not a" in page
    assert await on_hand(database) == {"SKU-1": 40}
    result = await planner.get(f"/v1/imports/{import_id}/result")
    assert result.headers["content-type"].startswith("text/csv")
    rows = list(csv.DictReader(io.StringIO(result.content.decode("utf-8-sig"))))
    assert [row["row"] for row in rows] == ["3", "4"]
    assert rows[1]["message"] == "No SKU has the code “SKU-9”."
    assert rows[1]["message_zh"] == "没有编码为“SKU-9”的 SKU。"
    assert all(row["remedy"] and row["remedy_zh"] != row["remedy"] for row in rows)
    chinese = await in_chinese(planner, database, operator)
    page = (await chinese.get(f"/imports/{import_id}")).text
    assert all(row["message_zh"] in page for row in rows)
    assert rows[0]["message"] not in page


async def test_what_nobody_knows_is_created_when_asked_for(
    planner: httpx.AsyncClient, database: Database, operator: Organization
) -> None:
    content = b"sku,node,d_1,d_2,d_3,d_4,d_5,d_6,d_7\nNEW-1,NEW-NODE,3,4,0,1,2,2,5\n"
    form = {"act": "import", "dataset": "demand", "create_missing": "1", "first_day": "2026-01-05"}
    import_id = id_in(await upload(planner, "sales.csv", content, **form))
    await run(database, operator, import_id)
    assert "Every row is in" in (await planner.get(f"/imports/{import_id}")).text
    async with database.system() as db:
        days = await db.values(
            """select ds::text from planning.demand d join catalog.sku k on k.id = d.sku_id
                where k.code = 'NEW-1' order by ds"""
        )
    assert days == [f"2026-01-{day:02d}" for day in range(5, 12)]


async def test_columns_are_corrected_and_read_again(
    planner: httpx.AsyncClient, database: Database, operator: Organization
) -> None:
    content = b"sku,node,on_hand,total\nSKU-1,CON-YIW,40,41\n"
    import_id = id_in(await upload(planner, "stock.csv", content, dataset="stock", act="look"))
    await run(database, operator, import_id)
    page = await planner.get(f"/imports/{import_id}")
    again = await planner.post(
        f"/imports/{import_id}/again",
        data={
            "act": "import", "_csrf": token_of(page), "column": ["sku", "node", "on_hand", "total"],
            "field": ["sku", "node", "", "on_hand"],
        },
    )  # fmt: skip
    corrected = id_in(again)
    await run(database, operator, corrected)
    assert await on_hand(database) == {"SKU-1": 41}
    async with database.system() as db:
        job = await asking.get_import(db, read_id("imp", corrected))
    assert asking.asked_of(job).columns == ["on_hand=", "total=on_hand"]


async def test_a_strict_file_is_refused_as_a_whole(
    planner: httpx.AsyncClient, database: Database, operator: Organization
) -> None:
    import_id = id_in(await upload(planner, "stock.csv", BAD, act="import", strict="1"))
    await run(database, operator, import_id)
    page = (await planner.get(f"/imports/{import_id}")).text
    assert "imports.strict_refused" in page
    assert "Nothing was changed" in page
    assert f"/v1/imports/{import_id}/result" in page
    assert await on_hand(database) == {}


async def test_a_file_that_cannot_be_read_says_why(
    planner: httpx.AsyncClient, database: Database, operator: Organization
) -> None:
    import_id = id_in(await upload(planner, "stock.xlsx", b"PK\x03\x04 not a workbook", act="look"))
    await run(database, operator, import_id)
    page = (await planner.get(f"/imports/{import_id}")).text
    assert "stock.xlsx" in page
    assert "It is damaged or cut off" in page
    assert (await planner.get(f"/v1/imports/{import_id}/result")).status_code == 404
    chinese = await in_chinese(planner, database, operator)
    for path in (f"/imports/{import_id}", "/jobs"):
        assert "文件已损坏或不完整" in (await chinese.get(path)).text


async def test_no_file_is_told(planner: httpx.AsyncClient) -> None:
    token = token_of(await planner.get("/imports"))
    answer = await planner.post("/imports", data={"_csrf": token, "act": "look"})
    assert answer.status_code == 422
    assert "Choose a file first" in answer.text
    strange = await upload(planner, "a.csv", GOOD, dataset="secrets", act="look")
    assert strange.status_code == 422


async def test_an_upload_carries_its_token(planner: httpx.AsyncClient) -> None:
    answer = await planner.post("/imports", data={"act": "import"}, files={"file": ("a.csv", GOOD)})
    assert answer.status_code == 403


async def test_nobody_unknown_sends_a_file(client: httpx.AsyncClient) -> None:
    token = token_of(await client.get("/login"))
    page = await client.post("/imports", data={"_csrf": token}, files={"file": ("a.csv", GOOD)})
    assert page.headers["location"].startswith("/login")
    api = await client.post(
        "/v1/imports", files={"file": ("a.csv", GOOD)}, headers={"Idempotency-Key": "k"}
    )
    assert api.status_code == 401


@pytest.mark.parametrize("code", ["demo-buyer", "zhili-01"])
async def test_files_are_the_operators_business(
    client: httpx.AsyncClient, database: Database, operator: Organization, code: str
) -> None:
    async with database.system() as db:
        other = await organizations.get_organization(db, code)
    client.cookies.set(SESSION_COOKIE, await make_session(database, other))
    assert (await client.get("/imports")).status_code == 403
    token = token_of(await client.get("/settings"))
    answer = await client.post(
        "/imports", data={"_csrf": token}, files={"file": ("stock.csv", GOOD)}
    )
    assert answer.status_code == 403
    headers = await make_key(database, other, "imports:write", "imports:read")
    refused = await client.post(
        "/v1/imports", files={"file": ("stock.csv", GOOD)},
        headers=headers | {"Idempotency-Key": "k"},
    )  # fmt: skip
    assert (refused.status_code, refused.json()["code"]) == (403, "kit.wrong_role")
    assert (await client.get("/v1/imports", headers=headers)).json()["items"] == []


async def test_a_viewer_looks_and_changes_nothing(
    client: httpx.AsyncClient, database: Database, operator: Organization
) -> None:
    client.cookies.set(SESSION_COOKIE, await make_session(database, operator, "VIEWER"))
    page = await client.get("/imports")
    assert 'type="file"' not in page.text
    token = token_of(await client.get("/settings"))
    answer = await client.post("/imports", data={"_csrf": token}, files={"file": ("a.csv", GOOD)})
    assert answer.status_code == 403


async def test_another_organizations_import_is_not_found(
    planner: httpx.AsyncClient, database: Database
) -> None:
    async with database.system() as db:
        buyer = await organizations.get_organization(db, "demo-buyer")
        actor = accounts.system_actor(buyer)
        now = await database.now()
        theirs = await asking.ask(
            db, actor, file_id=new_id(), file_name="x.csv", wishes=asking.Wishes("stock"), now=now
        )
    for path in (
        f"/imports/{show_id('imp', theirs)}", f"/v1/imports/{show_id('imp', theirs)}",
        f"/v1/jobs/{show_id('job', theirs)}", f"/v1/imports/{show_id('imp', theirs)}/result",
        "/imports/imp_1", f"/imports/{show_id('job', theirs)}",
    ):  # fmt: skip
        assert (await planner.get(path)).status_code == 404, path
    token = token_of(await planner.get("/settings"))
    for act in ("cancel", "retry"):
        answer = await planner.post(f"/jobs/{show_id('job', theirs)}/{act}", data={"_csrf": token})
        assert answer.status_code == 404


# -- jobs


async def test_a_job_is_stopped_and_asked_for_again(
    planner: httpx.AsyncClient, database: Database
) -> None:
    import_id = id_in(await upload(planner, "stock.csv", GOOD, act="import"))
    job = "job_" + import_id.removeprefix("imp_")
    page = await planner.get("/jobs")
    assert "every 2s" in page.text
    fragment = await planner.get("/jobs", headers={"HX-Request": "true"})
    assert fragment.text.lstrip().startswith('<div id="list"')
    token = token_of(page)
    for act, state in (("cancel", "CANCELLED"), ("retry", "QUEUED")):
        answer = await planner.post(f"/jobs/{job}/{act}", data={"_csrf": token})
        assert answer.headers["location"] == f"/jobs?done={act}"
        assert (await planner.get(answer.headers["location"])).status_code == 200
        async with database.system() as db:
            assert await db.value("select state from kit.job") == state
    await planner.post(f"/jobs/{job}/cancel", data={"_csrf": token})
    stopped = await planner.post(f"/jobs/{job}/cancel", data={"_csrf": token})
    assert stopped.status_code == 409


# -- the API


async def test_an_import_by_api_has_one_effect(
    client: httpx.AsyncClient, database: Database, operator: Organization
) -> None:
    headers = await make_key(database, operator, "imports:write", "imports:read")
    request: dict[str, Any] = {
        "files": {"file": ("C:\\Users\\anna\\stock.csv", BAD)},
        "data": {"strict": "false", "constants": ["kind=COUNTED"]},
        "headers": headers | {"Idempotency-Key": "k1"},
    }
    first = await client.post("/v1/imports", **request)
    again = await client.post("/v1/imports", **request)
    assert (first.status_code, again.status_code) == (202, 202), first.text
    assert again.json() == first.json()
    assert again.headers["idempotent-replayed"] == "true"
    other = await client.post("/v1/imports", **(request | {"files": {"file": ("stock.csv", GOOD)}}))
    assert (other.status_code, other.json()["code"]) == (422, "kit.idempotency_mismatch")
    import_id = first.json()["id"]
    assert first.headers["location"] == f"/v1/imports/{import_id}"
    assert first.json()["file_name"] == "stock.csv"
    await run(database, operator, import_id)
    done = (await client.get(f"/v1/imports/{import_id}", headers=headers)).json()
    assert (done["state"], done["dataset"]) == ("DONE", "stock")
    assert done["counts"] == {
        "rows": 3, "inserted": 1, "updated": 0, "unchanged": 0, "bad_rows": 2, "problems": 2,
    }  # fmt: skip
    assert {column["field"] for column in done["columns"]} == {"sku", "node", "on_hand"}
    assert (await client.get(done["result"], headers=headers)).status_code == 200
    job = (await client.get(f"/v1/jobs/{done['job_id']}", headers=headers)).json()
    assert (job["kind"], job["state"]) == (IMPORT_KIND, "DONE")
    listed = (await client.get("/v1/imports?limit=1", headers=headers)).json()
    assert [each["id"] for each in listed["items"]] == [import_id]


@pytest.mark.parametrize(
    ("request_", "status", "code"),
    [
        ({"files": {"dataset": (None, "stock")}}, 422, "http.invalid"),
        ({"files": {"file": ("a.csv", GOOD)}, "data": {"dataset": "x"}}, 422,
         "imports.unknown_dataset"),
        ({"files": {"file": ("a.csv", GOOD)}, "data": {"dry_run": "perhaps"}}, 422, "http.invalid"),
        ({"content": b"--x\r\nbroken", "type": "multipart/form-data; boundary=x"}, 400, None),
        ({"json": {"file": "x"}}, None, None),
    ],
)  # fmt: skip
async def test_what_cannot_be_imported_is_refused(
    client: httpx.AsyncClient, database: Database, operator: Organization,
    request_: dict[str, Any], status: int | None, code: str | None,
) -> None:  # fmt: skip
    headers = await make_key(database, operator, "imports:write")
    headers["Idempotency-Key"] = "k"
    request_ = dict(request_)
    if kind := request_.pop("type", None):
        headers["Content-Type"] = kind
    answer = await client.post("/v1/imports", **request_, headers=headers)
    assert 400 <= answer.status_code < 500, answer.text
    assert status in {None, answer.status_code}, answer.text
    assert code in {None, answer.json()["code"]}
    async with database.system() as db:
        assert await db.value("select count(*) from kit.job") == 0


async def test_a_template_can_be_filled_in(
    client: httpx.AsyncClient, database: Database, operator: Organization
) -> None:
    headers = await make_key(database, operator, "imports:read")
    datasets = (await client.get("/v1/imports/datasets", headers=headers)).json()["items"]
    assert {"stock", "demand", "orders_open"} <= {each["name"] for each in datasets}
    for file_format, start in (("xlsx", b"PK"), ("csv", b"\xef\xbb\xbfsku,")):
        answer = await client.get(
            f"/v1/imports/datasets/stock/template?format={file_format}", headers=headers
        )
        assert answer.content.startswith(start)
        assert f'filename="stock.{file_format}"' in answer.headers["content-disposition"]
    for path in ("nothing/template", "stock/template?format=exe"):
        answer = await client.get(f"/v1/imports/datasets/{path}", headers=headers)
        assert answer.status_code == 422 if "exe" in path else answer.status_code in {404, 422}


@pytest.mark.parametrize(
    "path", ["/v1/imports", "/v1/imports/datasets", "/v1/imports/imp_1", "/v1/jobs/job_1"]
)
async def test_reading_imports_needs_its_scope(
    client: httpx.AsyncClient, database: Database, operator: Organization, path: str
) -> None:
    headers = await make_key(database, operator, "orders:read")
    assert (await client.get(path, headers=headers)).status_code == 403


# -- what both share


@pytest.mark.parametrize(
    ("given", "name"),
    [("a.csv", "a.csv"), ("C:\\x\\库存.xlsx", "库存.xlsx"), ("../../etc/passwd", "passwd"),
     ("/", "file"), ("x" * 300 + ".csv", ("x" * 300 + ".csv")[-200:])],
)  # fmt: skip
def test_a_file_has_a_plain_name(given: str, name: str) -> None:
    assert asking.base_name(given) == name


async def test_only_changed_columns_are_corrections(database: Database) -> None:
    from beltline.app.imports.pages import _corrections
    from beltline.app.imports.types import ImportParameters

    before = ImportParameters(UUID(int=1), "a.csv", "stock", columns=["a=sku", "备注="])
    taken = [MappedColumn("a", "sku", "you said so"), MappedColumn("b", None, "unknown")]
    assert _corrections(before, ["a", "b"], ["sku", ""], taken) == ["a=sku", "备注="]
    assert _corrections(before, ["a", "b"], ["", "sku"], taken) == ["备注=", "a=", "b=sku"]
    assert msgspec.to_builtins(before)["dataset"] == "stock"
