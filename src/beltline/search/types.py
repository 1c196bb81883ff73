"""What a search asks and answers."""

import datetime as dt
import enum
from decimal import Decimal
from uuid import UUID

import msgspec

from beltline.kit.errors import Kind, Refusal

# Attributes that say a barcode, and those that say a brand, whatever the category.
BARCODE_CODES = ("barcode", "ean", "gtin", "isbn", "upc")
BRAND_CODES = ("brand", "trademark")


class Source(msgspec.Struct, frozen=True):
    """What the catalog says of a SKU, as texts, when it last changed, and whose goods it is of."""

    sku_id: UUID
    texts: list[str]
    source_at: dt.datetime
    product_id: UUID
    supplier_org_id: UUID
    code: str
    category: str


class Document(msgspec.Struct, frozen=True):
    """A SKU as the index holds it: what it is of, and its words."""

    of: Source
    words: list[str]
    length: int


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

    @property
    def of_few(self) -> bool:
        """Whether a limit stands that few offers may keep to."""
        limits = (self.price_max, self.moq_max, self.lead_time_days_max)
        return any(limit is not None for limit in limits)


class Look(msgspec.Struct, frozen=True):
    """What documents must say: all words asked for, or one of those that `search` names.

    `search` is a text search, `queries` one for each word; at most `documents` fit.
    """

    queries: list[str]
    search: str
    is_for_all: bool
    documents: int


class Corpus(msgspec.Struct, frozen=True):
    """The size of the index."""

    documents: int
    length_mean: float


class WordCount(msgspec.Struct, frozen=True):
    """A word and in how many documents it stands."""

    word: str
    documents: int


class Known(msgspec.Struct, frozen=True):
    """What the index knows of a question: in how many documents each known word stands."""

    corpus: Corpus
    words: dict[str, int]


class Hit(msgspec.Struct, frozen=True):
    """A SKU that answers, with its best terms for buyers now (None where there are none).

    Of the words asked it says those whose bits are set in `said`; it has `length` words. Its
    availability is SPOT only where an order can take the quantity now, and None where the offer
    says so and it cannot.
    """

    code: str
    category: str
    supplier: str
    tier: str
    belt: str
    currency: str | None
    unit_price: Decimal | None
    moq: int | None
    availability: str | None
    lead_time_days: float | None
    length: int
    said: int


class Near(msgspec.Struct, frozen=True):
    """A hit and a vector of its product, to be compared in full."""

    hit: Hit
    vector: bytes


class Label(msgspec.Struct, frozen=True):
    """What a SKU is called, and its supplier."""

    code: str
    title: str
    title_zh: str
    uom: str
    supplier_name: str
    supplier_name_zh: str


class Reason(msgspec.Struct, frozen=True):
    """One part of a rank and what it adds (0..its weight).

    WORDS, or in their place MEANING or PICTURE; then READY, FAST, RELIABLE.
    """

    part: str
    adds: float


class Ranked(msgspec.Struct, frozen=True):
    """A hit with its rank score (0..1) and the reasons that add up to it."""

    hit: Hit
    score: float
    reasons: tuple[Reason, ...]


class Shown(msgspec.Struct, frozen=True):
    """A ranked hit with what it is called, as people and programs see it."""

    hit: Hit
    label: Label
    score: float
    reasons: tuple[Reason, ...]


class Facet(msgspec.Struct, frozen=True):
    """A value by which the answer can be narrowed, and how many of its goods have it."""

    value: str
    goods: int


class SuggestionKind(enum.StrEnum):
    """What is suggested while somebody types: goods by their title, a category, a belt."""

    TITLE = "TITLE"
    CATEGORY = "CATEGORY"
    BELT = "BELT"


class Suggestion(msgspec.Struct, frozen=True):
    """What a beginning may become. `value` is the title, the category or the belt's id."""

    kind: SuggestionKind
    text: str
    text_zh: str
    value: str


class Named(msgspec.Struct, frozen=True):
    """Titles and category of goods whose words begin as somebody types."""

    title: str
    title_zh: str
    category: str


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


class VectorKind(enum.StrEnum):
    """What a vector is of: what a product's title means, or how a picture of it looks."""

    MEANING = "MEANING"
    PICTURE = "PICTURE"


class Space(msgspec.Struct, frozen=True):
    """How vectors of a kind are laid out: mean and centers of cells as float32 bytes.

    So many cells around a question are looked into as `probes` says.
    """

    id: UUID
    kind: VectorKind
    version: int
    learned_on: int
    probes: int
    mean: bytes
    centers: bytes


class Unmeant(msgspec.Struct, frozen=True):
    """A product whose meaning is not known as its titles are now."""

    id: UUID
    title: str
    title_zh: str
    source_at: dt.datetime


class Unseen(msgspec.Struct, frozen=True):
    """A picture that nobody has looked at."""

    id: UUID
    product_id: UUID
    content: bytes
    source_at: dt.datetime


class Vector(msgspec.Struct, frozen=True):
    """A vector as it is kept: float16 bytes, the cell and the signs it is looked up by.

    `print` is a picture's fingerprint; `vector` is empty where a picture could not be read.
    """

    kind: VectorKind
    of_id: UUID
    product_id: UUID
    model: str
    vector: bytes
    print: int | None
    space: int
    cell: int
    signs: bytes
    source_at: dt.datetime


class ReadSoFar(msgspec.Struct, frozen=True):
    """How many things one batch read, and the last of them, behind which the next goes on."""

    count: int
    last: UUID


class Kept(msgspec.Struct, frozen=True):
    """The numbers of a vector, to be placed anew."""

    of_id: UUID
    vector: bytes


class Photo(msgspec.Struct, frozen=True):
    """What somebody looks for goods with: the vector of a photo, kept for a day."""

    id: UUID
    vector: bytes
    created_at: dt.datetime


class NothingAsked(Refusal):
    """A search without a word in it."""

    kind, code = Kind.INVALID, "search.nothing_asked"
    title = "Nothing was asked"
    detail = "Write a word, a model number, a barcode or the link of an item."


class PairKind(enum.StrEnum):
    """What two products of two suppliers are to each other."""

    SAME_ITEM = "SAME_ITEM"
    SAME_FACTORY = "SAME_FACTORY"
    SUBSTITUTE = "SUBSTITUTE"
    UNLIKE = "UNLIKE"


class PairState(enum.StrEnum):
    """Whether a person has said what a pair is: the same item (CONFIRMED) or not (SPLIT)."""

    PROPOSED = "PROPOSED"
    CONFIRMED = "CONFIRMED"
    SPLIT = "SPLIT"


class Verdict(enum.StrEnum):
    """What a person says of a pair."""

    SAME = "SAME"
    SUBSTITUTE = "SUBSTITUTE"
    UNLIKE = "UNLIKE"


class Article(msgspec.Struct, frozen=True):
    """A product as it is compared: what it says, whose it is, and the marks it carries.

    `barcodes` and `pictures` (SHA-256 in hex) are for equality, `prints` (64 bits each) for
    pictures that were scaled or compressed anew; `shop_marks` are what the shop's
    papers say of its factory: licence number and address, folded. `headings` are what kinds of
    goods its SKUs are: the first four digits of their HS codes.
    """

    id: UUID
    shop: str
    category: str
    title: str
    brand: str
    barcodes: frozenset[str]
    said: dict[str, str]
    pictures: frozenset[str]
    prints: frozenset[int]
    shop_marks: frozenset[str]
    headings: frozenset[str]


class Print(msgspec.Struct, frozen=True):
    """The fingerprint of a product's picture, as a signed number of 64 bits."""

    product_id: UUID
    print: int


class Block(msgspec.Struct, frozen=True):
    """A category whose products are compared with each other, and what it says of itself now."""

    category: str
    said: str


class Evidence(msgspec.Struct, frozen=True):
    """One thing that speaks for a pair or against it.

    `part` is TEXT, BARCODE, BRAND, PICTURE or PAPERS, against it OTHER_BRAND or OTHER_BARCODE;
    `detail` the score of the texts, the barcode, the brand.
    """

    part: str
    detail: str


class Difference(msgspec.Struct, frozen=True):
    """An attribute under which two products say different things, in their own words."""

    code: str
    a: str
    b: str


class Judged(msgspec.Struct, frozen=True):
    """What a comparison says of a pair. `score` is how surely both are one item (0..1)."""

    kind: PairKind
    score: float
    evidence: list[Evidence]
    differences: list[Difference]


class Candidate(msgspec.Struct, frozen=True):
    """A pair that was compared, the lesser id first."""

    a: UUID
    b: UUID
    judged: Judged


class Link(msgspec.Struct, frozen=True):
    """A pair as the grouping of products sees it."""

    a: UUID
    b: UUID
    kind: PairKind
    state: PairState
    score: float


class Side(msgspec.Struct, frozen=True):
    """One product of a pair, known by one of its SKUs; `media` is a picture's id or empty."""

    product: str
    sku: str
    title: str
    title_zh: str
    supplier: str
    supplier_name: str
    supplier_name_zh: str
    tier: str
    media: str


class Pair(msgspec.Struct, frozen=True):
    """Two products of two suppliers, what speaks for their being one item, and what people said."""

    id: UUID
    kind: PairKind
    state: PairState
    score: float
    doubt: float
    evidence: list[Evidence]
    differences: list[Difference]
    decided_by: str
    decided_at: dt.datetime | None
    version: int
    a: Side
    b: Side


class Maker(msgspec.Struct, frozen=True):
    """Who else makes an item: another supplier's product, with its best terms at a quantity.

    `kind` and `score` are of the pair with the product asked about (None: through a third one).
    `on_time` is the maker's measured share of orders that came on time, `trials` of how many.
    """

    product: str
    sku: str
    title: str
    title_zh: str
    uom: str
    supplier: str
    supplier_name: str
    supplier_name_zh: str
    supplier_kind: str
    tier: str
    belt: str
    kind: PairKind
    state: PairState
    score: float | None
    evidence: list[Evidence]
    differences: list[Difference]
    currency: str | None
    unit_price: Decimal | None
    moq: int | None
    availability: str | None
    lead_time_days: float | None
    on_time: float | None
    trials: int


class PairChanged(Refusal):
    """A pair that was decided by somebody else meanwhile."""

    kind, code = Kind.CONFLICT, "search.pair_changed"
    title = "Somebody else has decided it"
    detail = "The pair was decided a moment ago; look at it again."


class TwoQuestions(Refusal):
    """Words and a photo in one search."""

    kind, code = Kind.INVALID, "search.two_questions"
    title = "Two questions at once"
    detail = "Ask with words or with a photo; narrow the answer by its filters."


class PhotoUnreadable(Refusal):
    """A picture that passes as one and cannot be decoded."""

    kind, code = Kind.INVALID, "search.photo_unreadable"
    title = "The photo cannot be read"
    detail = "It looks like a picture but does not decode; take it again."


class NoPictureModel(Refusal):
    """The extra with the models of pictures is not installed."""

    kind, code = Kind.CONFLICT, "search.no_picture_model"
    title = "Search by photo is not installed"
    detail = "The server lacks its models: pip install 'beltline[search]'."


class SavedState(enum.StrEnum):
    """Whether goods that come to answer a saved search are told of."""

    ACTIVE = "ACTIVE"
    PAUSED = "PAUSED"


class Saved(msgspec.Struct, frozen=True):
    """A search that an organization keeps: `told` goods have come to answer it, `unseen` are new.

    `checked_at` is when goods were last looked for.
    """

    id: UUID
    org_id: UUID
    org_kind: str
    name: str
    question: str
    wishes: Wishes
    state: SavedState
    version: int
    made_by: str
    created_at: dt.datetime
    checked_at: dt.datetime
    told: int
    unseen: int


class NewAnswer(msgspec.Struct, frozen=True):
    """A SKU that answers a saved search and did not before, with its best terms."""

    sku_id: UUID
    code: str
    currency: str | None
    unit_price: Decimal | None


class Alert(msgspec.Struct, frozen=True):
    """A SKU that came to answer a saved search, at the price it had when that was told."""

    sku_id: UUID
    sku: str
    title: str
    title_zh: str
    uom: str
    supplier: str
    supplier_name: str
    supplier_name_zh: str
    currency: str | None
    unit_price: Decimal | None
    told_at: dt.datetime
    seen_at: dt.datetime | None


class LookedAt(msgspec.Struct, frozen=True):
    """How many saved searches one batch looked at, the last of them, and the goods told of."""

    count: int
    last: UUID
    told: int


class SavedTooWide(Refusal):
    """A search that half the catalog answers cannot be kept."""

    kind, code = Kind.INVALID, "search.saved_too_wide"
    title = "Too many goods answer"
    detail = "More than {most} goods answer; add words or filters, then save the search."
    most: int


class SavedNameTaken(Refusal):
    """Two saved searches of one organization with one name."""

    kind, code = Kind.CONFLICT, "search.saved_name_taken"
    title = "The name is taken"
    detail = "There is a saved search “{name}” already; choose another name."
    name: str


class SavedTooMany(Refusal):
    """More saved searches than an organization can keep."""

    kind, code = Kind.CONFLICT, "search.saved_too_many"
    title = "Too many saved searches"
    detail = "There are {most} saved searches; delete one that nobody needs."
    most: int
