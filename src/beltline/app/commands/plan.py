"""`beltline plan`; and from file to file `beltline forecast`, `beltline replenish`."""

import asyncio
import datetime as dt
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from beltline.app.commands.common import Call, command

if TYPE_CHECKING:
    import polars as pl

    from beltline.app.series_files import SeriesFile
    from beltline.planning.types import PlanRun
    from beltline.science.engines import Engine

PROBLEMS_SHOWN = 20
_TOLD_BY = {"trees": "trees learned on all series", "floor": "the floor tier"}

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_OUTPUT = click.Path(dir_okay=False, path_type=Path)


@click.command()
@click.option("--cut-off", type=click.DateTime(["%Y-%m-%d"]), metavar="YYYY-MM-DD",
              help="Use nothing after this day; the latest complete one unless given.")  # fmt: skip
@click.option("--horizon", type=click.IntRange(1, 180), default=28, show_default=True,
              help="Days (or weeks) ahead, beyond the lead times.")  # fmt: skip
@click.option("--seed", type=click.IntRange(0, 2**53), default=0, show_default=True,
              help="The same inputs and seed give the same numbers.")  # fmt: skip
@click.option("--budget", type=click.FloatRange(min=0), default=0.0, metavar="CNY",
              help="What the goods may cost; the rest is deferred. None unless given.")  # fmt: skip
@click.option("--engine", default="local", show_default=True,
              metavar="local|ray|dask|spark[@ADDRESS]",
              help="Where shards are computed: processes of this machine, or a cluster "
              "(without an address, one started here).")  # fmt: skip
@click.option("--org", default="operator", show_default=True, help="For which organization.")
@command
def plan(
    call: Call, *, cut_off: dt.datetime | None, horizon: int, seed: int, budget: float,
    engine: str, org: str,
) -> int:  # fmt: skip
    """Forecast demand, set stock targets and propose purchases, here and now.

    A plan that was killed on its way is continued when the command is given again.
    """
    from beltline.app.database import open_database  # noqa: PLC0415

    computing = _engine(engine)

    with open_database(call.settings, migrating=True, log=call.say) as dsn:
        run, texts = asyncio.run(
            _plan(
                call, dsn, org, _day(cut_off), computing, horizon=horizon, seed=seed, budget=budget
            )
        )
    call.answer(run, _summary(run, texts))
    return 0


async def _plan(
    call: Call,
    dsn: str,
    org: str,
    cut_off: dt.date | None,
    engine: "Engine",
    *,
    horizon: int,
    seed: int,
    budget: float,
) -> tuple["PlanRun", list[str]]:
    # The numeric libraries: not for `beltline --help`.
    from beltline.accounts import actions, queries  # noqa: PLC0415
    from beltline.app.progress import Bar  # noqa: PLC0415
    from beltline.app.sandbox import open_live  # noqa: PLC0415
    from beltline.planning.rules.sentences import explain_notes  # noqa: PLC0415
    from beltline.planning.types import Parameters  # noqa: PLC0415
    from beltline.planning.workflows.plan import run_plan_inline  # noqa: PLC0415

    async with open_live(dsn, pool_size=3) as database:
        async with database.system() as db:
            organization = await queries.get_organization(db, org)
        actor = actions.system_actor(organization, "command line")
        with Bar("plan", quiet=call.as_json) as bar:
            run = await run_plan_inline(
                database, actor, cut_off=cut_off,
                parameters=Parameters(horizon=horizon, seed=seed, budget=budget), engine=engine,
                on_progress=bar.show,
            )  # fmt: skip
    return run, explain_notes(run.notes, "en")


def _summary(run: "PlanRun", notes: list[str]) -> str:
    from beltline.kit.money import to_major  # noqa: PLC0415

    m = run.metrics or {}
    amounts = ", ".join(
        f"{to_major(amount, currency):,} {currency}"
        for currency, amount in sorted(m.get("amounts", {}).items())
    )
    lines = [
        f"Plan {run.number}, demand up to {run.cut_off}, inputs {(run.input_hash or '')[:16]}",
        f"  {m.get('series', 0):,} series forecast for {run.horizon} periods",
        f"  {m.get('proposals', 0):,} proposals to {m.get('suppliers', 0):,} suppliers, "
        + (amounts or "nothing to pay"),
    ]
    if budget := m.get("budget"):
        lines.append(
            f"  Budget: {to_major(budget['spent'], 'CNY'):,} CNY of "
            f"{to_major(budget['amount'], 'CNY'):,}; {budget['deferred']:,} proposals wait, which "
            f"would save {to_major(budget['gain_deferred'], 'CNY'):,} CNY"
        )
    if m.get("wape") is not None:
        lines.append(
            f"  On days kept apart: error {m['wape']:.1%} of units (last season's values "
            f"{m['wape_naive']:.1%}), bias {m['bias']:+.1%}, {m['coverage_80']:.1%} inside the "
            "80 % band"
        )
    return "\n".join([*lines, *(f"  {note}" for note in notes)])


@click.command()
@click.argument("demand", type=_FILE)
@click.option("-o", "--output", required=True, type=_OUTPUT,
              help="Where to; the ending chooses CSV, XLSX or Parquet.")  # fmt: skip
@click.option("--horizon", required=True, type=click.IntRange(1, 400), help="Periods ahead.")
@click.option("--freq", type=click.Choice(["D", "W"]),
              help="Days or weeks; told from the dates unless given.")  # fmt: skip
@click.option("--static", type=_FILE, help="ITEMS: unique_id and group or attribute columns.")
@click.option("--future", type=_FILE, help="KNOWN: [unique_id,] ds and drivers of days ahead.")
@click.option("--quantiles", metavar="0.1,0.5,0.9", help="Which quantiles; nine unless given.")
@click.option("--aggregate", "aggregates", multiple=True, metavar="COL[,COL...]",
              help="Also sums by these columns of ITEMS; may be repeated.")  # fmt: skip
@click.option("--effort", type=click.Choice(["fast", "high"]), default="fast", show_default=True,
              help="How much computing; the answer says which engine gave it.")  # fmt: skip
@click.option("--seed", type=click.IntRange(0, 2**53), default=0, show_default=True,
              help="The same file and seed give the same numbers.")  # fmt: skip
@click.option("--country", "countries", multiple=True, metavar="XX",
              help="Public holidays of a country (CN, US, ...) act; may be repeated.")  # fmt: skip
@click.option("--flags", "flagged", type=_OUTPUT,
              help="Where to list series that left their level, and odd periods.")  # fmt: skip
@click.option("--map", "columns", multiple=True, metavar="COLUMN=FIELD",
              help="Take a column for a field: 日期=ds, Product+Store=unique_id.")  # fmt: skip
@click.option("--first-day", type=click.DateTime(["%Y-%m-%d"]), metavar="YYYY-MM-DD",
              help="The day of column d_1, where the columns are numbered days.")  # fmt: skip
@click.option("--strict", is_flag=True, help="Write nothing when any row is not right.")
@click.option("--result", type=_OUTPUT, help="Where to list the rows that are not right.")
@command
def forecast(call: Call, demand: Path, *, output: Path, **wishes: Any) -> int:
    """Forecast the series of the file DEMAND into a file, without a database.

    DEMAND has unique_id, ds, y and may have in_stock, price and drivers; other headers and wide
    tables are understood too. The answer has level, unique_id, ds, mean and the quantiles, for
    every series, every aggregate and the total. Rows that are not right are left out and listed.
    """
    from beltline.app import series_files  # noqa: PLC0415
    from beltline.kit.sheets.report import write_table  # noqa: PLC0415
    from beltline.science.files import forecast_panel, read_panel  # noqa: PLC0415
    from beltline.science.forecast import QUANTILES, Effort  # noqa: PLC0415
    from beltline.science.holidays import with_holidays  # noqa: PLC0415
    from beltline.science.panel import Freq  # noqa: PLC0415
    from beltline.science.watch import flags  # noqa: PLC0415

    history = series_files.read_demand(
        demand, columns=wishes["columns"], first_day=_day(wishes["first_day"])
    )
    others = {
        name: series_files.read_rows(path, needed) if (path := wishes[name]) else None
        for name, needed in (("static", ("unique_id",)), ("future", ("ds",)))
    }
    with _refusing(demand):
        panel, problems = read_panel(
            history.frame,
            freq=Freq(wishes["freq"]) if wishes["freq"] else None,
            cut_off=_latest_day(history.frame),
            static=others["static"].frame if others["static"] else None,
            future=others["future"].frame if others["future"] else None,
        )
        wrong, understood = _gathered(history, problems), history.understood
        panel = with_holidays(panel, _countries(wishes["countries"]), wishes["horizon"])
        del history, others  # tens of millions of rows: the panel holds what counts
        answer = forecast_panel(
            panel, horizon=wishes["horizon"],
            quantiles=_quantiles(wishes["quantiles"]) or QUANTILES,
            aggregates=[columns.split(",") for columns in wishes["aggregates"]],
            effort=Effort(wishes["effort"]), seed=wishes["seed"],
        )  # fmt: skip
    if not _told(wrong, demand, wishes):
        return 1
    write_table(answer.frame, output, has_bom=False)
    if wishes["flagged"]:
        write_table(flags(panel), wishes["flagged"], has_bom=False)
    series = answer.frame.filter(level="item")["unique_id"].n_unique()
    _explain_columns(call, understood)
    call.answer(
        {"file": str(output), "series": series, "rows": len(answer.frame),
         "engine": answer.model.engine, "effort": wishes["effort"], "seed": wishes["seed"],
         "problems": len(wrong)},
        f"{output}: {len(answer.frame):,} rows of {series:,} series. "
        + _engine_text(answer.model.engine, wishes["effort"]),
    )  # fmt: skip
    return 0


@click.command()
@click.option("--demand", required=True, type=_FILE, help="History, as for `beltline forecast`.")
@click.option(
    "--stock",
    required=True,
    type=_FILE,
    help="unique_id, on_hand, arrives, units: one row a series, one an open inbound.",
)
@click.option("--items", required=True, type=_FILE,
              help="unique_id, lead_time_periods, review_periods, holding_cost, shortage_cost; "
              "also order_cost, moq, pack_size, price_breaks, shelf_life_periods, capacity, "
              "service_level, backorder (1: what is missing is delivered later), "
              "attributes.")  # fmt: skip
@click.option("-o", "--output", required=True, type=_OUTPUT,
              help="Where to; the ending chooses CSV, XLSX or Parquet.")  # fmt: skip
@click.option("--calibrate", type=click.IntRange(0, 400), metavar="HISTORY_WINDOWS",
              help="Replay so many periods of history to set the policy: 32 weeks or 56 days "
              "unless given, 0 for none.")  # fmt: skip
@click.option("--seed", type=click.IntRange(0, 2**53), default=0, show_default=True,
              help="The same files and seed give the same orders.")  # fmt: skip
@click.option("--map", "columns", multiple=True, metavar="COLUMN=FIELD",
              help="Take a column of DEMAND for a field: 日期=ds.")  # fmt: skip
@click.option("--first-day", type=click.DateTime(["%Y-%m-%d"]), metavar="YYYY-MM-DD",
              help="The day of column d_1, where the columns are numbered days.")  # fmt: skip
@click.option("--strict", is_flag=True, help="Write nothing when any row is not right.")
@click.option("--result", type=_OUTPUT, help="Where to list the rows that are not right.")
@command
def replenish(
    call: Call, *, demand: Path, stock: Path, items: Path, output: Path, **wishes: Any
) -> int:
    """Decide what to order for each series of ITEMS, from files to a file, without a database.

    The answer has unique_id, units, arrives, order_up_to, expected_cost, p_stockout and why. An
    order decided at the end of period t with a lead time of L can be sold from t + L + 1 on.
    """
    import polars as pl  # noqa: PLC0415

    from beltline.app import series_files  # noqa: PLC0415
    from beltline.kit.sheets.report import write_table  # noqa: PLC0415
    from beltline.science.ordering import replenish_file  # noqa: PLC0415

    history = series_files.read_demand(
        demand, columns=wishes["columns"], first_day=_day(wishes["first_day"])
    )
    held = series_files.read_rows(stock, series_files.STOCK_COLUMNS)
    terms = series_files.read_rows(items, series_files.ITEM_COLUMNS)
    with _refusing(items):
        answer = replenish_file(
            history.frame, held.frame, terms.frame, calibrate_windows=wishes["calibrate"],
            seed=wishes["seed"],
        )  # fmt: skip
    wrong = pl.concat([_gathered(history, answer.problems), held.problems, terms.problems])
    if not _told(wrong, demand, wishes):
        return 1
    write_table(answer.frame, output, has_bom=False)
    ordered = int((answer.frame["units"] > 0).sum())
    factor = answer.policy.shortage_factor
    _explain_columns(call, history.understood)
    call.answer(
        {"file": str(output), "series": len(answer.frame), "ordered": ordered,
         "engine": answer.engine, "shortage_factor": factor, "seed": wishes["seed"],
         "problems": len(wrong)},
        f"{output}: {ordered:,} of {len(answer.frame):,} series are ordered; shortage costs were "
        f"weighed {factor:g} times. Demand was told by {_TOLD_BY[answer.engine]}.",
    )  # fmt: skip
    return 0


class _refusing:  # noqa: N801 - reads as a word where it is used
    """Turn what an engine says about its input into a refusal that names the file."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        from beltline.app.series_files import FileUnusable  # noqa: PLC0415

        if isinstance(error, KeyError):
            reason = f"there is no column {error} to group by in ITEMS."
            raise FileUnusable(file=self._path.name, reason=reason) from error
        if isinstance(error, ValueError):
            raise FileUnusable(file=self._path.name, reason=f"{error}.") from error


def _engine(text: str) -> "Engine":
    from beltline.science.engines import parse_engine  # noqa: PLC0415

    try:
        return parse_engine(text)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--engine") from None


def _day(instant: dt.datetime | None) -> dt.date | None:
    return instant.date() if instant else None


def _latest_day(demand: "pl.DataFrame") -> dt.date | None:
    """The last day of the demand, or today where some rows lie in the future."""
    import polars as pl  # noqa: PLC0415

    from beltline.kit.clock import day_of, system_now  # noqa: PLC0415

    today = day_of(system_now())
    last = demand["ds"].cast(pl.Date).max()
    if not isinstance(last, dt.date) or last <= today + dt.timedelta(days=1):
        return None
    past = demand.filter(pl.col("ds").cast(pl.Date) <= today)["ds"].cast(pl.Date).max()
    return past if isinstance(past, dt.date) else None


def _countries(codes: Sequence[str]) -> list[str]:
    from beltline.science.holidays import is_country  # noqa: PLC0415

    for code in codes:
        if not is_country(code.upper()):
            raise click.BadParameter(f"no holidays are known of {code}", param_hint="--country")
    return [code.upper() for code in codes]


def _quantiles(text: str | None) -> tuple[float, ...]:
    if not text:
        return ()
    try:
        found = tuple(float(part) for part in text.split(","))
    except ValueError:
        raise click.BadParameter("write numbers with commas between", param_hint="--quantiles")  # noqa: B904
    if not all(0 < q < 1 for q in found):
        raise click.BadParameter("each lies between 0 and 1", param_hint="--quantiles")
    return found


def _gathered(history: "SeriesFile", problems: "pl.DataFrame") -> "pl.DataFrame":
    import polars as pl  # noqa: PLC0415

    return pl.concat([history.problems, problems.cast(history.problems.schema)])


def _told(wrong: "pl.DataFrame", source: Path, wishes: dict[str, Any]) -> bool:
    """List rows that are not right on stderr and in a file; whether to go on."""
    from beltline.kit.sheets.report import write_table  # noqa: PLC0415

    errors = wrong.filter(severity="ERROR")
    for row in wrong.head(PROBLEMS_SHOWN).iter_rows(named=True):
        place = f"row {row['row']}" if row["row"] else str(row["ds"] or "")
        click.echo(f"{source.name} {place}, {row['column']}: {row['code']} {row['message']}",
                   err=True)  # fmt: skip
    if len(wrong) > PROBLEMS_SHOWN:
        click.echo(f"… and {len(wrong) - PROBLEMS_SHOWN:,} more", err=True)
    if len(wrong):
        target = wishes["result"] or Path(f"{source.stem}-result.csv")
        write_table(wrong, target)
        click.echo(f"the rows that are not right are listed in {target}", err=True)
    if wishes["strict"] and len(errors):
        click.echo(f"{len(errors):,} rows are not right: nothing was written", err=True)
        return False
    return True


def _explain_columns(call: Call, understood: tuple[tuple[str, str], ...]) -> None:
    for column, field in understood[:40]:
        call.say(f"  {column} -> {field or '(a driver, or left out)'}")


def _engine_text(engine: str, effort: str) -> str:
    if engine == "floor":
        return f"The floor engine answered: --effort {effort} has no stronger one in this version."
    return f"The {engine} engine answered (--effort {effort})."
