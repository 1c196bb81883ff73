"""The comparison of goods across suppliers. Only the worker imports it: it computes."""

import asyncio
import datetime as dt
from collections.abc import Sequence
from typing import Final
from uuid import UUID

import polars as pl

from beltline.kit.db import Writer
from beltline.science.retrieval.match import match_titles
from beltline.search import store
from beltline.search.queries import alike as queries
from beltline.search.rules import alike as rules
from beltline.search.types import Article, Candidate

# Answers a product may have among the goods of others.
TOP: Final = 6


async def compare_block(db: Writer, *, now: dt.datetime) -> bool:
    """Compare the products of one changed category; False when there is none left."""
    block = await queries.find_stale_block(db)
    if block is None:
        return False
    articles = rules.with_barcodes(await queries.list_articles(db, block.category))
    found = await asyncio.to_thread(_candidates, articles)
    await store.keep_pairs(db, block.category, found, now)
    await store.note_compared(db, block, now)
    return True


async def compare_marks(db: Writer, *, now: dt.datetime) -> int:
    """Bring products of two categories together by barcodes and pictures; how many pairs."""
    copied = await asyncio.to_thread(rules.copies, await queries.list_prints(db))
    also = {product for pair in copied for product in pair}
    marked = rules.with_barcodes(await queries.list_marked_articles(db, also=also))
    articles = {one.id: one for one in marked}
    found = [
        one for one in rules.candidates(articles, {})
        if articles[one.a].category != articles[one.b].category
    ]  # fmt: skip
    return await store.keep_pairs(db, "", found, now)


async def regroup(db: Writer) -> int:
    """Group all products anew by what is known of pairs; how many are in a group."""
    await store.forget_gone_products(db)
    links = await queries.list_links(db)
    groups = await asyncio.to_thread(rules.group, links)
    await store.put_groups(db, groups)
    return len(groups)


def _candidates(articles: Sequence[Article]) -> list[Candidate]:
    return rules.candidates({one.id: one for one in articles}, compare_texts(articles))


def compare_texts(articles: Sequence[Article]) -> dict[tuple[UUID, UUID], float]:
    """For each product its best answers among other shops' and how surely they are the same.

    Words compare what is said in one script. Goods of which one is said in Chinese alone and the
    other without any compare by meaning, which never tells "the same" without a person.
    """
    if len({one.shop for one in articles}) < 2:
        return {}
    found = _best(_frame(articles), _frame(articles), may_mean=False)
    chinese = [one for one in articles if rules.is_chinese(one.title)]
    latin = [one for one in articles if not rules.has_chinese(one.title)]
    if chinese and latin:
        for asked, offered in ((chinese, latin), (latin, chinese)):
            meant = _best(_frame(asked), _frame(offered), may_mean=True)
            found |= {pair: min(score, rules.MARKED_OTHER) for pair, score in meant.items()}
    return found


def _frame(articles: Sequence[Article]) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "id": [one.id.hex for one in articles],
            "title": [one.title for one in articles],
            "brand": [one.brand for one in articles],
            "attributes": [" ".join(one.said.values()) for one in articles],
            "shop": [one.shop for one in articles],
        }
    )


def _best(
    asked: pl.DataFrame, offered: pl.DataFrame, *, may_mean: bool
) -> dict[tuple[UUID, UUID], float]:
    found = match_titles(asked, offered, top=TOP, may_mean=may_mean).frame
    return {
        (UUID(hex=query), UUID(hex=item)): score
        for query, item, score in found.select("query_id", "item_id", "score").iter_rows()
        if score >= rules.SUBSTITUTE
    }
