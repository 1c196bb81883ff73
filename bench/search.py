"""Search over generated offers: words with filters, meaning with filters, prices live at commit.

`python -m bench.search [--offers 100000] [--questions 300] [--clients 8] [--copied]`; a million by
`--offers 1000000 --copied`, or by `BENCH_OFFERS=1000000 python -m bench --only search`, in about
5 GB of disk and 3 GB of memory. Everything goes through the program's own actions on a throw-away
server: goods are imported, indexed and read by the model of meaning as the jobs do it (with
`--copied` each title without its number is read once, and its numbers with noise stand for those of
its models: half an hour less at a million), then asked for under the web's row-level security.
Beside it, in the same run: PostgreSQL's own `ts_rank` over any
of the words with the same filters, and an exact scan of all vectors in NumPy, which is the truth of
recall too.
"""

import argparse
import asyncio
import contextlib
import os
import random
import sys
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from decimal import Decimal
from pathlib import Path

import asyncpg
import numpy as np

from beltline.accounts.actions import create_organization, system_actor
from beltline.app.database import apply_migrations
from beltline.catalog import actions as catalog
from beltline.kit.actor import Actor
from beltline.kit.clock import day_of, system_now
from beltline.kit.db import Database, Writer
from beltline.science.retrieval.meaning import SHORT_MODEL, encode_short
from beltline.search import actions, rules, store
from beltline.search.actions import encoding, nearby
from beltline.search.queries import vectors
from beltline.search.types import ReadSoFar, Vector, VectorKind, Wishes
from beltline.suppliers.actions import import_suppliers
from bench.table import Row, as_text
from tests.cluster import throw_away_server

# As the embedded server is started, and what it vacuums by itself is vacuumed here: pages that were
# never vacuumed let no index answer alone.
SERVER = {
    "shared_buffers": "256MB", "effective_cache_size": "1GB", "work_mem": "8MB",
    "random_page_cost": "1.1", "jit": "off",
}  # fmt: skip
BATCH = 50_000
SUPPLIERS = 1_000
CHANGES = 25_000
# More offers than this do not belong in memory.
IN_MEMORY = 200_000
# Numbers that stand for those of a title with another model number lie so far from them.
NOISE = 0.02
KEPT_AT_ONCE = 10_000
KIND = (
    ("large", "大号"), ("small", "小号"), ("folding", "折叠"), ("portable", "便携"),
    ("kids", "儿童"), ("outdoor", "户外"), ("kitchen", "厨房"), ("travel", "旅行"),
    ("winter", "冬季"), ("office", "办公"), ("retro", "复古"), ("waterproof", "防水"),
    ("quiet", "静音"), ("rechargeable", "充电"), ("thick", "加厚"), ("light", "轻便"),
)  # fmt: skip
STUFF = (
    ("steel", "不锈钢"), ("glass", "玻璃"), ("bamboo", "竹"), ("cotton", "纯棉"),
    ("linen", "亚麻"), ("leather", "真皮"), ("silicone", "硅胶"), ("ceramic", "陶瓷"),
    ("wool", "羊毛"), ("plastic", "塑料"), ("wooden", "实木"), ("aluminium", "铝合金"),
    ("paper", "纸质"), ("rubber", "橡胶"), ("nylon", "尼龙"), ("silk", "真丝"),
)  # fmt: skip
THING = (
    ("bottle", "水瓶"), ("teapot", "茶壶"), ("pyjamas", "睡衣"), ("lamp", "台灯"),
    ("backpack", "背包"), ("gloves", "手套"), ("umbrella", "雨伞"), ("chair", "椅子"),
    ("knife", "刀具"), ("blanket", "毯子"), ("toy car", "玩具车"), ("necklace", "项链"),
    ("phone case", "手机壳"), ("socks", "袜子"), ("notebook", "笔记本"), ("mirror", "镜子"),
    ("speaker", "音箱"), ("tent", "帐篷"), ("curtain", "窗帘"), ("wallet", "钱包"),
    ("scarf", "围巾"), ("brush", "刷子"), ("basket", "篮子"), ("clock", "时钟"),
    ("towel", "毛巾"), ("belt", "腰带"), ("vase", "花瓶"), ("sandals", "凉鞋"),
    ("helmet", "头盔"), ("candle", "蜡烛"), ("puzzle", "拼图"), ("cup", "杯子"),
)  # fmt: skip
SPANISH = {"bottle": "botella", "teapot": "tetera", "lamp": "lámpara", "umbrella": "paraguas",
           "chair": "silla", "blanket": "manta", "mirror": "espejo", "towel": "toalla",
           "necklace": "collar", "socks": "calcetines"}  # fmt: skip


HARDLY = Wishes(quantity=10, currency="USD", price_max=Decimal(2), moq_max=2, lead_time_days_max=1)


def rows() -> Iterator[Row]:
    """What `python -m bench` asks for: 100,000 offers, or what `BENCH_OFFERS` says."""
    offers = int(os.environ.get("BENCH_OFFERS", "100000"))
    yield from measure(offers=offers, questions=300, clients=8, copied=offers > IN_MEMORY)


def main() -> None:
    """Print the table for the sizes asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--offers", type=int, default=100_000)
    parser.add_argument("--questions", type=int, default=300)
    parser.add_argument("--clients", type=int, default=8)
    parser.add_argument("--copied", action="store_true", help="do not read every title")
    chosen = parser.parse_args()
    found = measure(
        offers=chosen.offers, questions=chosen.questions, clients=chosen.clients,
        copied=chosen.copied,
    )  # fmt: skip
    sys.stdout.write(as_text(list(found)) + "\n")


def measure(*, offers: int, questions: int, clients: int, copied: bool) -> list[Row]:
    """Every figure at one size."""
    with throw_away_server(in_memory=offers <= IN_MEMORY, **SERVER) as address:
        asyncio.run(_run(address.format(database="postgres"), "create database bench"))
        dsn = address.format(database="bench")
        apply_migrations(dsn)
        return asyncio.run(_measure(dsn, offers, questions, clients, copied=copied))


async def _run(dsn: str, statement: str) -> None:
    """Run one statement as the server's own user, outside any transaction."""
    connection = await asyncpg.connect(dsn)
    await connection.execute(statement)
    await connection.close()


async def _measure(
    dsn: str, offers: int, questions: int, clients: int, *, copied: bool
) -> list[Row]:
    database = await Database(dsn).open()
    size = f"{offers:,} offers"
    try:
        began, spent = time.perf_counter(), _processor_s()
        buyer = await _load(database, offers)
        loaded, load_spent = time.perf_counter() - began, _processor_s() - spent
        await _index(database)
        indexed, index_spent = time.perf_counter() - began, _processor_s() - spent
        began, spent = time.perf_counter(), _processor_s()
        await (_copy(database) if copied else _encode(database))
        read, read_spent = time.perf_counter() - began, _processor_s() - spent
        await _run(dsn, "vacuum analyze")

        def rate(what: str, method: str, wall: float, spent: float) -> Row:
            each = f"{1e6 * spent / offers:.0f} µs of processor each, both sides"
            return Row(f"{size}: {what}", method, offers / wall, "SKUs/s", note=each)

        found = [
            rate("imported with product and offer", "three files", loaded, load_spent),
            rate("the same, to searchable words", "files and index job", indexed, index_spent),
            rate(
                "to vectors, in the background",
                "copied, not read" if copied else "encode job",
                read,
                read_spent,
            ),
        ]
        for measured in (
            _words(database, buyer, size, questions, clients),
            _meaning(database, buyer, size, questions, clients),
            _changes(database, buyer, size, min(CHANGES, offers)),
        ):
            # A run of a million takes a while: what is known so far is told.
            sys.stderr.write(as_text(found) + "\n")
            found += await measured
        return found
    finally:
        await database.close()


async def _load(database: Database, offers: int) -> Actor:
    now = system_now()
    async with database.system() as db:
        await create_organization(
            db, code="operator", kind="OPERATOR", name="Bench", country="CN", now=now
        )
        buyer = await create_organization(
            db, code="buyer", kind="BUYER", name="Buyer", country="PL", now=now
        )
        makers = "".join(f"{n},f-{n},Factory {n}\n" for n in range(SUPPLIERS))
        await import_suppliers(db, columns=("code", "name"), csv=makers.encode(), now=now)
    for start in range(0, offers, BATCH):
        part = range(start, min(start + BATCH, offers))
        async with database.system() as db:
            await catalog.import_products(
                db, columns=("code", "supplier", "category", "title", "title_zh"),
                csv="".join(map(_product, part)).encode(), now=now,
            )  # fmt: skip
            await catalog.import_skus(
                db, columns=("code", "product", "uom"),
                csv="".join(f"{n},S-{n:07d},P-{n:07d},PIECE\n" for n in part).encode(), now=now,
            )  # fmt: skip
            await _import_offers(db, part, 0)
    return system_actor(buyer)


async def _import_offers(db: Writer, part: Sequence[int], raised: int) -> int:
    columns = (
        "supplier", "sku", "audience", "currency", "quantity_from", "unit_price", "moq",
        "lead_time_days",
    )  # fmt: skip
    csv = "".join(
        f"{n},operator,S-{n:07d},BUYERS,USD,1,{1 + n * 37 % 100 + raised}.5,{1 + n % 50},{n % 30}\n"
        for n in part
    )
    done = await catalog.import_offers(db, columns=columns, csv=csv.encode(), now=system_now())
    return done.inserted + done.updated


def _words_of(n: int) -> tuple[tuple[str, str], tuple[str, str], tuple[str, str]]:
    mixed = n * 2_654_435_761 % (1 << 32)
    return (
        KIND[mixed % len(KIND)], STUFF[(mixed >> 8) % len(STUFF)], THING[(mixed >> 16) % len(THING)]
    )  # fmt: skip


def _product(n: int) -> str:
    parts = _words_of(n)
    title = f"{' '.join(word for word, _ in parts)} model {n % 9973}"
    title_zh = "".join(word for _, word in parts) + f" 型号{n % 9973}"
    return f"{n},P-{n:07d},f-{n % SUPPLIERS},{parts[2][0]},{title},{title_zh}\n"


async def _index(database: Database) -> None:
    read = ReadSoFar(1, actions.BEGIN)
    while read.count:
        async with database.system() as db:
            read = await actions.index_batch(db, after=read.last)
    async with database.system() as db:
        await actions.count_words(db)


async def _encode(database: Database) -> None:
    read = ReadSoFar(1, encoding.BEGIN)
    while read.count:
        async with database.system() as db:
            read = await encoding.encode_meanings(db, after=read.last)
    await _lay_out(database)


async def _copy(database: Database) -> None:
    """Numbers near those of each title without its number, kept as the job keeps them."""
    rng = np.random.default_rng(0)
    names = [f"{kind} {stuff} {thing}" for kind, _ in KIND for stuff, _ in STUFF
             for thing, _ in THING]  # fmt: skip
    read = dict(zip(names, encode_short(names), strict=True))
    after = encoding.BEGIN
    while True:
        async with database.system() as db:
            rows = await vectors.list_unmeant(
                db, model=SHORT_MODEL, after=after, limit=KEPT_AT_ONCE
            )  # fmt: skip
            if not rows:
                break
            near = np.stack([read[row.title.partition(" model ")[0]] for row in rows])
            near = near + rng.normal(0, NOISE, near.shape)
            near /= np.linalg.norm(near, axis=1, keepdims=True)
            await store.keep_vectors(db, [
                Vector(VectorKind.MEANING, row.id, row.id, SHORT_MODEL,
                       own.astype(np.float16).tobytes(), None, *encoding.NOWHERE, row.source_at)
                for row, own in zip(rows, near, strict=True)
            ])  # fmt: skip
        after = rows[-1].id
    await _lay_out(database)


async def _lay_out(database: Database) -> None:
    async with database.system() as db:
        await encoding.learn_layout(db, VectorKind.MEANING, now=system_now())
    done = 1
    while done:
        async with database.system() as db:
            done = await encoding.place_again(db, VectorKind.MEANING)


def _wishes(rng: random.Random) -> Wishes:
    return Wishes(
        quantity=10, currency="USD", price_max=Decimal(rng.choice((20, 50, 80))), moq_max=25,
        lead_time_days_max=20,
    )  # fmt: skip


async def _words(
    database: Database, buyer: Actor, size: str, questions: int, clients: int
) -> list[Row]:
    rng = random.Random(1)
    asked = []
    for n in range(questions):
        words = _words_of(rng.randrange(1 << 30))
        parts = [pair[n % 2] for pair in words]
        asked.append((" ".join(rng.sample(parts, rng.choice((1, 2, 3)))), _wishes(rng)))
    on = day_of(system_now())

    async def ours(question: str, wishes: Wishes) -> None:
        async with database.reading(buyer) as db:
            await actions.search_goods(db, question, wishes=wishes, on=on)

    async def plain(question: str, wishes: Wishes) -> None:
        async with database.reading(buyer) as db:
            await db.values(
                """select k.id from search.document d
                     join catalog.sku k on k.id = d.sku_id
                     join lateral (
                       select 1 from catalog.offer o
                         join catalog.offer_break b on b.offer_id = o.id
                        where o.sku_id = k.id and o.audience = 'BUYERS' and o.currency = 'USD'
                          and b.unit_price <= $2 and o.moq <= $3 and o.lead_time_days <= $4
                        limit 1) o on true
                    where d.words @@ $1::text::tsquery
                    order by ts_rank(d.words, $1::text::tsquery) desc, k.id limit 50""",
                rules.any_of(rules.asked_words(question)), wishes.price_max, wishes.moq_max,
                wishes.lead_time_days_max,
            )  # fmt: skip

    name, few = f"{size}: words with filters", f"{size}: words, filters almost nothing fits"
    hardly = [(question, HARDLY) for question, _ in asked[: max(questions // 5, clients)]]
    return [
        *await _timed(name, "ours", ours, asked, clients, goal=(15, 80)),
        *await _timed(name, "ts_rank, any word", plain, asked[: len(hardly)], clients),
        *await _timed(few, "ours", ours, hardly, clients),
        *await _timed(few, "ts_rank, any word", plain, hardly, clients),
    ]


async def _meaning(
    database: Database, buyer: Actor, size: str, questions: int, clients: int
) -> list[Row]:
    rng = random.Random(2)
    asked = [(f"{rng.choice(list(SPANISH.values()))} {rng.choice(KIND)[0]}", _wishes(rng))
             for _ in range(questions)]  # fmt: skip
    on = day_of(system_now())
    answers: dict[tuple[str, Wishes], list[str]] = {}

    async def ours(question: str, wishes: Wishes) -> None:
        async with database.reading(buyer) as db:
            found = await nearby.find_by_meaning(db, question, wishes=wishes, on=on)
        best = sorted(found, key=lambda pair: -pair[1])[:10]
        answers[question, wishes] = [hit.code for hit, _ in best]

    ids, matrix = await _numbers(database)
    place = {id_: n for n, id_ in enumerate(ids)}
    truth: dict[tuple[str, Wishes], list[tuple[str, float]]] = {}

    async def exact(question: str, wishes: Wishes) -> None:
        close = await asyncio.to_thread(_close, matrix, encode_short([question])[0])
        async with database.reading(buyer) as db:
            fit = await db.values(
                """select k.code from catalog.offer o
                     join catalog.offer_break b on b.offer_id = o.id
                     join catalog.sku k on k.id = o.sku_id
                    where o.audience = 'BUYERS' and o.currency = 'USD' and b.unit_price <= $1
                      and o.moq <= $2 and o.lead_time_days <= $3""",
                wishes.price_max, wishes.moq_max, wishes.lead_time_days_max,
            )  # fmt: skip
        allowed = np.fromiter((place[code] for code in fit), np.int64, len(fit))
        best = allowed[np.argsort(-close[allowed], kind="stable")[:10]]
        truth[question, wishes] = [(ids[n], float(close[n])) for n in best]

    name = f"{size}: meaning with filters, question read"
    found = await _timed(name, "ours", ours, asked, clients, goal=(3, 20))
    found += await _timed(name, "exact NumPy, then filters", exact, asked[:20], 1)
    return [
        *found,
        _recall(f"{size}: meaning, recall@10 with filters", ids, matrix, answers, truth),
    ]


async def _numbers(database: Database) -> tuple[list[str], np.ndarray]:
    """Codes of all SKUs, and the numbers of their products as they are kept, some at a time."""
    codes: list[str] = []
    parts: list[np.ndarray] = []
    after = encoding.BEGIN
    while True:
        async with database.system() as db:
            some = await db.plain_rows(
                lambda *row: row,
                """select n.of_id, n.vector, k.code
                     from search.numbers n join catalog.sku k on k.product_id = n.of_id
                    where n.kind = 'MEANING' and n.of_id > $1 order by n.of_id limit $2""",
                after, KEPT_AT_ONCE,
            )  # fmt: skip
        if not some:
            return codes, np.concatenate(parts)
        codes += [code for _, _, code in some]
        numbers = np.frombuffer(b"".join(vector for _, vector, _ in some), np.float16)
        parts.append(numbers.reshape(len(some), -1))
        after = some[-1][0]


def _close(matrix: np.ndarray, asked: np.ndarray) -> np.ndarray:
    """Cosines of a question and all rows; some rows at a time are made wider to compute with."""
    parts = [
        matrix[start : start + KEPT_AT_ONCE].astype(np.float32) @ asked
        for start in range(0, len(matrix), KEPT_AT_ONCE)
    ]
    return np.concatenate(parts)


def _recall(
    name: str, ids: list[str], matrix: np.ndarray, answers: dict[tuple[str, Wishes], list[str]],
    truth: dict[tuple[str, Wishes], list[tuple[str, float]]],
) -> Row:  # fmt: skip
    """Of the ten nearest that fit and are near enough to answer, how many ours has as near."""
    place = {id_: n for n, id_ in enumerate(ids)}
    hit = wanted = 0
    for key, best in truth.items():
        near = [close for _, close in best if close >= rules.NEAR_LEAST[VectorKind.MEANING]]
        asked = encode_short([key[0]])[0]
        got = sorted(
            (float(matrix[place[id_]].astype(np.float32) @ asked) for id_ in answers[key]),
            reverse=True,
        )
        # Titles repeat, so that the ten nearest are many tens: what counts is how near they are.
        hit += sum(ours >= true - 1e-3 for ours, true in zip(got, near, strict=False))
        wanted += len(near)
    share = hit / max(wanted, 1)
    return Row(name, "ours", share, goal=">= .97", met=share >= 0.97, seeds=f"{len(truth)} asked")


async def _changes(database: Database, buyer: Actor, size: str, changes: int) -> list[Row]:
    began = time.perf_counter()
    async with database.system() as db:
        changed = await _import_offers(db, range(changes), 1_000)
    imported = changed / (time.perf_counter() - began)
    async with database.reading(buyer) as db:
        found = await actions.search_goods(
            db, "S-0000001", wishes=Wishes(), on=day_of(system_now())
        )
    seen = [one.hit.unit_price for one in found.goods if one.hit.code == "S-0000001"]
    is_live = seen == [Decimal("1038.5")]
    began = time.perf_counter()
    async with database.system() as db:
        touched = await db.execute("update catalog.offer_break set unit_price = unit_price + 1")
    plain = touched / (time.perf_counter() - began)
    return [
        Row(f"{size}: {changes:,} prices changed", "file through the import", imported, "rows/s",
            goal="in the next answer", met=is_live),
        Row(f"{size}: every price changed", "one statement", plain, "rows/s",
            goal=">= 100,000", met=plain >= 100_000),
    ]  # fmt: skip


async def _timed(
    what: str, method: str, ask: Callable[[str, Wishes], Awaitable[None]],
    asked: Sequence[tuple[str, Wishes]], clients: int, *, goal: tuple[float, float] | None = None,
) -> list[Row]:  # fmt: skip
    """p50 and p99 of the wall time of a question, `clients` at a time.

    Some before are unmeasured, as many at a time, so that every connection has planned.
    """
    for _ in range(3):
        await asyncio.gather(*(ask(*one) for one in asked[:clients]))
    waiting, times = list(asked), []

    async def client() -> None:
        while waiting:
            question, wishes = waiting.pop()
            began = time.perf_counter()
            await ask(question, wishes)
            times.append(1e3 * (time.perf_counter() - began))

    spent, own = _processor_s(), time.process_time()
    await asyncio.gather(*(client() for _ in range(clients)))
    spent = 1e3 * (_processor_s() - spent) / len(times)
    own = 1e3 * (time.process_time() - own) / len(times)
    sides = f"a question; application {own:.1f}, PostgreSQL {max(spent - own, 0):.1f}"
    found = [Row(f"{what}, processor", method, spent, "ms", note=sides)]
    for n, percent in enumerate((50, 99)):
        value = float(np.percentile(times, percent))
        said = {} if goal is None else {"goal": f"<= {goal[n]}", "met": value <= goal[n]}
        found.append(
            Row(f"{what}, p{percent}", method, value, "ms",
                note=f"{clients} clients" if clients > 1 else "1 client", **said)
        )  # fmt: skip
    return found


def _processor_s() -> float:
    """Processor time of this process and of all it has begun: a busy machine leaves it alone."""
    parents, times = {}, {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            fields = stat.read_text("utf-8").rpartition(")")[2].split()
            parents[int(stat.parent.name)] = int(fields[1])
            times[int(stat.parent.name)] = int(fields[11]) + int(fields[12])
    own = {os.getpid()}
    while more := {one for one, parent in parents.items() if parent in own} - own:
        own |= more
    return sum(times.get(one, 0) for one in own) / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    main()
