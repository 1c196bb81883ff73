"""What a search asks and answers."""

import datetime as dt
from decimal import Decimal
from uuid import UUID

import msgspec

from beltline.kit.errors import Kind, Refusal


class Source(msgspec.Struct, frozen=True):
    """What the catalog says of a SKU, as texts, and when it last changed."""

    sku_id: UUID
    texts: list[str]
    source_at: dt.datetime


class Document(msgspec.Struct, frozen=True):
    """A SKU as the index holds it."""

    sku_id: UUID
    words: list[str]
    length: int
    source_at: dt.datetime


class Wishes(msgspec.Struct, frozen=True):
    """What goods must be like. Prices are for `quantity` base units, in the offer's currency."""

    quantity: int = 1
    currency: str | None = None
    price_max: Decimal | None = None
    moq_max: int | None = None
    lead_time_days_max: float | None = None
    availability: str | None = None
    category: str | None = None
    supplier: str | None = None
    belt: str | None = None
    tier: str | None = None

    @property
    def of_offers(self) -> bool:
        """Whether goods without terms for buyers are out."""
        limits = (self.currency, self.price_max, self.moq_max, self.lead_time_days_max)
        return self.availability is not None or any(limit is not None for limit in limits)


class Corpus(msgspec.Struct, frozen=True):
    """The size of the index."""

    documents: int
    length_mean: float


class WordCount(msgspec.Struct, frozen=True):
    """A word and in how many documents it stands."""

    word: str
    documents: int


class Hit(msgspec.Struct, frozen=True):
    """A SKU that answers, with its best terms for buyers now (None where there are none)."""

    sku_id: UUID
    code: str
    title: str
    title_zh: str
    category: str
    uom: str
    supplier: str
    supplier_name: str
    supplier_name_zh: str
    tier: str
    belt: str
    currency: str | None
    unit_price: Decimal | None
    moq: int | None
    availability: str | None
    lead_time_days: float | None
    length: int
    found: list[str]


class Reason(msgspec.Struct, frozen=True):
    """One part of a rank: WORDS, READY, FAST or RELIABLE, and what it adds (0..its weight)."""

    part: str
    adds: float


class Ranked(msgspec.Struct, frozen=True):
    """A hit with its rank score (0..1) and the reasons that add up to it."""

    hit: Hit
    score: float
    reasons: list[Reason]


class Facet(msgspec.Struct, frozen=True):
    """A value by which the answer can be narrowed, and how many of its goods have it."""

    value: str
    goods: int


class Found(msgspec.Struct, frozen=True):
    """All goods that answer, best first, at most `rules.CANDIDATES` of them.

    `left_out` are words asked for that some of the goods do not say; `meant` are the words of
    the index nearest to those it does not know, as a question to ask instead.
    """

    goods: list[Ranked]
    facets: dict[str, list[Facet]]
    has_more: bool
    left_out: list[str]
    meant: str


class NothingAsked(Refusal):
    """A search without a word in it."""

    kind, code = Kind.INVALID, "search.nothing_asked"
    title = "Nothing was asked"
    detail = "Write a word, a model number, a barcode or the link of an item."
