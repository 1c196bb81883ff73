"""Pages of imports and jobs: bring a file in, see how far it is, correct what was not right."""

import asyncio
import datetime as dt
import tempfile
from pathlib import Path
from typing import Annotated, Any, Final

import msgspec
from litestar import Request, Response, get, post
from litestar.datastructures import State, UploadFile
from litestar.params import QueryParameter

from beltline.app.imports import asking
from beltline.app.imports.types import IMPORT_KIND, ImportParameters, MappedColumn
from beltline.kit.actor import Actor
from beltline.kit.db import Database
from beltline.kit.ids import read_id, show_id
from beltline.kit.jobs import queue
from beltline.kit.jobs.execute import refusal_sentence
from beltline.kit.jobs.queries import list_jobs
from beltline.kit.jobs.types import Job
from beltline.kit.sheets.datasets import DATASETS
from beltline.kit.web.acts import to
from beltline.kit.web.i18n import N_
from beltline.kit.web.nav import NavItem, Verb
from beltline.kit.web.page import Flash, PageContext, render
from beltline.kit.web.view import PAGE_ROWS, View

PROBLEMS_SHOWN: Final = 100

NAV = (
    NavItem(verb=Verb.BUILD, path="/imports", label=N_("Imports"), icon="upload", keys="g u",
            org_kinds=frozenset({"OPERATOR"})),
    NavItem(verb=Verb.BUILD, path="/jobs", label=N_("Jobs"), icon="run",
            org_kinds=frozenset({"OPERATOR"})),
)  # fmt: skip

STATES: Final = {
    "QUEUED": (N_("waiting"), "mute"), "RUNNING": (N_("running"), "info"),
    "DONE": (N_("done"), "ok"), "REFUSED": (N_("refused"), "warn"),
    "FAILED": (N_("failed"), "crit"), "CANCELLED": (N_("cancelled"), "mute"),
}  # fmt: skip
TITLES: Final = {
    "nodes": N_("Nodes"), "suppliers": N_("Suppliers"), "products": N_("Product list"),
    "skus": N_("SKU list"), "offers": N_("Offers"), "stock": N_("Stock on hand"),
    "demand": N_("Demand history"), "promotions": N_("Promotions"), "closures": N_("Closures"),
    "orders_open": N_("Open purchase orders"), "lanes": N_("Lanes"), "events": N_("Calendar days"),
    "in_stock": N_("In-stock days"), "rates": N_("Rate cards"),
    "cartons": N_("Carton sizes"),
    "tax_rates": N_("Duty, VAT and refund rates"),
    "valuation_rules": N_("Customs value rules"), "low_value_rules": N_("Low value rules"),
    "cargo_rules": N_("Cargo rules"),
    "export_terms": N_("Export terms"),
}  # fmt: skip
MESSAGES: Final = {"reading": N_("reading the file"), "loading": N_("loading rows")}

WebRequest = Request[Any, Any, State]
Cursor = Annotated[str, QueryParameter(max_length=200)]


# ---------------------------------------------------------------- files


@get("/imports")
async def list_page(
    database: Database, actor: Actor, page: PageContext, after: Cursor = ""
) -> Response[str]:
    """Where a file is brought in, and what was brought in before."""
    actor.needs_operator()
    return await _list(database, actor, page, after=after)


@post("/imports", request_max_body_size=asking.UPLOAD_BYTES, opt={"signed_in": True})
async def start(
    request: WebRequest, database: Database, actor: Actor, page: PageContext, now: dt.datetime
) -> Response[Any]:
    """Keep the file and ask for its import."""
    _check_may(actor)
    form = await request.form()
    upload = form.get("file")
    if not isinstance(upload, UploadFile) or not upload.filename:
        error = page.gettext("Choose a file first.")
        return await _list(database, actor, page, error=error)
    wishes = asking.Wishes(
        dataset=str(form.get("dataset", "")),
        constants=_lines(str(form.get("constants", ""))),
        dry_run=form.get("act") != "import",
        strict=form.get("strict") == "1",
        create_missing=form.get("create_missing") == "1",
        first_day=_day(str(form.get("first_day", ""))),
    )
    asking.check_dataset(wishes.dataset)
    with tempfile.TemporaryDirectory(prefix="beltline-upload-") as folder:
        path = Path(folder) / "upload"
        await asyncio.to_thread(asking.put_down, upload.file, path)
        async with database.writing(actor) as db:
            job_id = await asking.ask_with_file(
                db, actor, path=path, file_name=asking.base_name(upload.filename), wishes=wishes,
                now=now,
            )  # fmt: skip
    return to(f"/imports/{show_id('imp', job_id)}")


@get("/imports/{import_id:str}")
async def import_page(
    import_id: str, database: Database, actor: Actor, page: PageContext
) -> Response[str]:
    """One import: how far it is, what it did, how columns were taken, what was not right."""
    actor.needs_operator()
    async with database.reading(actor) as db:
        job = await asking.get_import(db, read_id("imp", import_id))
        problems = await asking.first_problems(db, job, limit=PROBLEMS_SHOWN)
    asked, outcome = asking.asked_of(job), asking.outcome_of(job)
    dataset = DATASETS.get(outcome.dataset if outcome else asked.dataset)
    return render(
        "app/import.html", page, fragment="state", job=job, asked=asked, outcome=outcome,
        problems=problems, fields=[field.name for field in dataset.fields] if dataset else [],
        has_result=asking.result_file_of(job) is not None, import_id=import_id,
        may_change=_may(actor), problems_shown=PROBLEMS_SHOWN, can_correct=_can_correct,
        **_words(page),
    )  # fmt: skip


@post("/imports/{import_id:str}/again")
async def again(
    import_id: str, request: WebRequest, database: Database, actor: Actor, now: dt.datetime
) -> Response[Any]:
    """Import the same file again: with corrected columns, and for real if that was asked."""
    _check_may(actor)
    form = await request.form()
    async with database.writing(actor) as db:
        job = await asking.get_import(db, read_id("imp", import_id))
        before, outcome = asking.asked_of(job), asking.outcome_of(job)
        wishes = asking.Wishes(
            dataset=outcome.dataset if outcome else before.dataset,
            columns=_corrections(
                before, list(map(str, form.getall("column", []))),
                list(map(str, form.getall("field", []))), outcome.columns if outcome else [],
            ),
            constants=_lines(str(form.get("constants", "\n".join(before.constants)))),
            sheet=before.sheet,
            dry_run=form.get("act") != "import",
            strict=before.strict,
            create_missing=before.create_missing,
            first_day=before.first_day,
        )  # fmt: skip
        job_id = await asking.ask(
            db, actor, file_id=before.file_id, file_name=before.file_name, wishes=wishes, now=now
        )
    return to(f"/imports/{show_id('imp', job_id)}")


async def _list(
    database: Database, actor: Actor, page: PageContext, *, after: str = "", error: str = ""
) -> Response[str]:
    async with database.reading(actor) as db:
        jobs, following = await list_jobs(db, kind=IMPORT_KIND, limit=PAGE_ROWS, cursor=after)
    return render(
        "app/imports.html", page, fragment="list", status=422 if error else 200,
        rows=[(job, asking.asked_of(job), asking.outcome_of(job)) for job in jobs], after=after,
        following=following or "", view=View("/imports"), error=error, may_change=_may(actor),
        datasets=[(name, page.gettext(TITLES.get(name, name))) for name in DATASETS],
        is_moving=any(job.is_open for job in jobs), **_words(page),
    )  # fmt: skip


def _corrections(
    before: ImportParameters, columns: list[str], fields: list[str], taken: list[MappedColumn]
) -> list[str]:
    """The corrections of before, and those of the form that differ from how it was taken."""
    were = {each.column: each.field or "" for each in taken}
    changed = {
        column: field
        for column, field in zip(columns, fields, strict=False)
        if were.get(column) != field
    }
    kept = [each for each in before.columns if each.rpartition("=")[0] not in changed]
    return kept + [f"{column}={field}" for column, field in changed.items()]


def _can_correct(column: MappedColumn) -> bool:
    """Whether a column can be chosen for; one joined of several is corrected by its parts."""
    return column.reason != "joined"


# ---------------------------------------------------------------- jobs


@get("/jobs")
async def jobs_page(
    *,
    database: Database,
    actor: Actor,
    page: PageContext,
    after: Cursor = "",
    done: Annotated[str, QueryParameter(max_length=20)] = "",
) -> Response[str]:
    """Every long work of the organization: how far, how it ended, again or no more."""
    async with database.reading(actor) as db:
        jobs, following = await list_jobs(db, limit=PAGE_ROWS, cursor=after)
    said = {
        "cancel": N_("The job stops before its next step; what it has done stays done."),
        "retry": N_("The job was asked for again; steps that were done are skipped."),
    }.get(done)
    if said:
        page = msgspec.structs.replace(page, flash=Flash("ok", page.gettext(said)))
    return render(
        "app/jobs.html", page, fragment="list", jobs=jobs, after=after, following=following or "",
        view=View("/jobs"), is_moving=any(job.is_open for job in jobs), path_of=_path_of,
        may_change=_may(actor), **_words(page),
    )  # fmt: skip


@post("/jobs/{job_id:str}/cancel")
async def cancel(job_id: str, database: Database, actor: Actor, now: dt.datetime) -> Response[Any]:
    """Stop a job before its next step."""
    actor.needs_role(*asking.ROLES)
    async with database.writing(actor) as db:
        await queue.cancel(db, job_id=read_id("job", job_id), now=now)
    return to("/jobs?done=cancel")


@post("/jobs/{job_id:str}/retry")
async def retry(job_id: str, database: Database, actor: Actor) -> Response[Any]:
    """Run a job again that ended without success."""
    actor.needs_role(*asking.ROLES)
    async with database.writing(actor) as db:
        await queue.retry(db, job_id=read_id("job", job_id))
    return to("/jobs?done=retry")


def _path_of(job: Job) -> str:
    """The page of what a job works on, where it has one."""
    return f"/imports/{show_id('imp', job.id)}" if job.kind == IMPORT_KIND else ""


# ---------------------------------------------------------------- shared


def _words(page: PageContext) -> dict[str, Any]:
    def refusal_of(job: Job) -> str:
        return refusal_sentence(job.result, page.gettext)

    return {"states": STATES, "titles": TITLES, "messages": MESSAGES, "refusal_of": refusal_of}


def _may(actor: Actor) -> bool:
    return actor.role == "ADMIN" or actor.role in asking.ROLES


def _check_may(actor: Actor) -> None:
    actor.needs_operator()
    actor.needs_role(*asking.ROLES)


def _day(text: str) -> dt.date | None:
    """What a date field sent; a browser sends no other form than this."""
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        return None


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


PAGES = (list_page, start, import_page, again, jobs_page, cancel, retry)
