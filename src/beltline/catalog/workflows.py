"""What the catalog hears of others, and what the clock asks: cases, sales, heat, translations."""

import datetime as dt
from collections.abc import Sequence
from typing import Final
from uuid import UUID

import msgspec

from beltline.catalog import actions, store
from beltline.catalog.actions import goods
from beltline.catalog.queries import goods as queries
from beltline.catalog.types import Translator, Untranslated, Wording
from beltline.kit.db import Writer
from beltline.kit.jobs.run import JobKind, Run, job
from beltline.kit.listeners import Listener, PublishedEvent

BATCHES_A_RUN: Final = 200


@job("catalog.heat.v1")
async def work_out_heat(run: Run) -> int:
    """How each belt runs: orders, new products, prices, beside 28 days before; how many belts."""

    async def all_at_once(db: Writer, now: dt.datetime) -> int:
        return await goods.work_out_heat(db, now=now)

    return await run.step("heat", all_at_once, int)


def translate_on(translator: Translator, locales: Sequence[str], *, batch: int) -> JobKind:
    """The job that has every product's words put into some languages by a machine.

    `batch` products a request, `BATCHES_A_RUN` requests a language and run. What the machine has no
    words for is asked again by the next run.
    """

    @job("catalog.translate.v1")
    async def translate_goods(run: Run) -> int:
        kept = 0
        for locale in locales:
            after = UUID(int=0)
            for number in range(1, BATCHES_A_RUN + 1):
                found = await _translate_some(run, translator, f"{locale} {number}", locale,
                                              after=after, batch=batch)  # fmt: skip
                if found is None:
                    break
                after, kept = found.last, kept + found.kept
                run.report(done=kept)
        return kept

    return translate_goods


class _Part(msgspec.Struct, frozen=True):
    last: UUID
    kept: int


async def _translate_some(
    run: Run, translator: Translator, name: str, locale: str, *, after: UUID, batch: int
) -> _Part | None:
    """The next products behind an id; None when there are none."""

    async def find(db: Writer, _now: dt.datetime) -> list[Untranslated]:
        return await queries.list_untranslated(db, locale, after=after, limit=batch)

    waiting = await run.step(f"{name} found", find, list[Untranslated])
    if not waiting:
        return None

    async def ask() -> list[Wording | None]:
        return await translator.translate(
            [Wording(w.title, w.description) for w in waiting], locale
        )

    said = await run.call(f"{name} asked", ask, list[Wording | None])
    usable = [
        # A person's Chinese title stands in the product itself.
        (w.id, w.source_hash, msgspec.structs.replace(words, title=w.title_zh)
         if locale == "zh" and w.title_zh else words)
        for w, words in zip(waiting, said, strict=True) if words is not None
    ]  # fmt: skip

    async def keep(db: Writer, now: dt.datetime) -> int:
        return await store.keep_machine_words(
            db, usable, locale=locale, model=translator.model[:80], now=now
        )

    return _Part(waiting[-1].id, await run.step(f"{name} kept", keep, int))


async def _follow_case(db: Writer, _event: PublishedEvent, _now: dt.datetime) -> None:
    await actions.follow_cases(db)


async def _count_order(db: Writer, event: PublishedEvent, _now: dt.datetime) -> None:
    lines = event.data.get("lines") or []
    await goods.count_sales(db, lines=lines, at=event.occurred_at)


JOBS = (work_out_heat,)
LISTENERS = (
    Listener("catalog.cases", "shop_case.", _follow_case),
    Listener("catalog.sales", frozenset({"order.placed"}), _count_order),
)
