"""What carriers ask, one row per weight break; and the cartons that goods are packed into."""

from beltline.kit.sheets.datasets_trade import LANES
from beltline.kit.sheets.fields import Dataset, Field
from beltline.kit.sheets.words import (
    CODE_FORBIDDEN,
    CURRENCY,
    DECIMAL,
    INTEGER,
    NUMBER,
    PRICE_MAX,
    TEXT,
    day,
    node,
    words,
)

GRAMS_MAX = 100_000_000


def _money(name: str, description: str, example: str, aliases: str) -> Field:
    return Field(
        name=name, kind=DECIMAL, minimum=0, maximum=PRICE_MAX, aliases=words(aliases),
        description=description, example=example,
    )  # fmt: skip


def _grams(name: str, minimum: int, description: str, example: str, aliases: str) -> Field:
    return Field(
        name=name, kind=INTEGER, minimum=minimum, maximum=GRAMS_MAX, aliases=words(aliases),
        description=description, example=example,
    )  # fmt: skip


def _days(name: str, description: str, example: str, aliases: str) -> Field:
    return Field(
        name=name, kind=NUMBER, required=True, minimum=0.01, maximum=365, aliases=words(aliases),
        description=description, example=example,
    )  # fmt: skip


RATES = Dataset(
    name="rates",
    title="Rate cards",
    description="What a carrier's service asks for a box: one row per weight break",
    key=("service", "node", "country", "currency", "valid_from", "weight_from_g"),
    fields=(
        Field(
            name="service",
            kind=TEXT,
            required=True,
            max_length=60,
            forbidden=CODE_FORBIDDEN,
            aliases=words(
                "service / service code / product code / carrier service / 服务 / 服务代码"
                " / 渠道代码 / 物流渠道 / 运输产品"
            ),
            description="Code of the carrier's service",
            example="YUN-EXP",
        ),
        Field(
            name="carrier",
            kind=TEXT,
            required=True,
            max_length=80,
            aliases=words("carrier / carrier name / forwarder / 承运商 / 物流商 / 货代"),
            description="Whose service it is",
            example="YunExpress",
        ),
        LANES.field("mode"),
        node(),
        LANES.field("country"),
        CURRENCY,
        day(
            "valid_from",
            "First day the rate holds",
            "valid from / start date / effective date / effective from / 生效日期 / 有效期起",
            required=True,
        ),
        day(
            "valid_until",
            "Last day the rate holds",
            "valid until / valid to / end date / expiry date / expires / 失效日期 / 有效期止"
            " / 有效期至",
            example="2027-03-31",
        ),
        _grams(
            "weight_from_g", 0, "The prices hold from this chargeable weight, grams", "500",
            "weight from g / weight from / from weight / weight break / 重量起 / 起始重量"
            " / 重量段起",
        ),
        _money(
            "per_parcel", "Price of each parcel", "16.00",
            "per parcel / handling fee / base fee / fee per parcel / 每票 / 挂号费 / 处理费"
            " / 操作费",
        ),
        _money(
            "per_kg", "Price of a chargeable kilogram", "78.00",
            "per kg / price per kg / rate per kg / freight per kg / 每公斤 / 运费单价 / 公斤价",
        ),
        Field(
            name="divisor",
            kind=INTEGER,
            minimum=1_000,
            maximum=100_000,
            aliases=words(
                "divisor / volumetric divisor / dim factor / dimensional factor / 体积系数"
                " / 抛重系数 / 材积系数 / 泡重比"
            ),
            description="cm3 that count as a kilogram; empty: only the scale counts",
            example="6000",
        ),
        _grams(
            "step_g", 1, "Weights are rounded up to this, grams", "100",
            "step g / rounding g / weight step / 进位 / 计费进位 / 续重单位",
        ),
        _grams(
            "minimum_g", 0, "The least that is charged for, grams", "50",
            "minimum g / minimum weight / min chargeable weight / 最低计费重 / 起重",
        ),
        _grams(
            "weight_g_max", 1, "The heaviest box taken, grams", "30000",
            "weight g max / max weight / weight limit / 限重 / 最大重量",
        ),
        Field(
            name="length_mm_max",
            kind=INTEGER,
            minimum=1,
            maximum=100_000,
            aliases=words("length mm max / max length / length limit / 限长 / 最长边"),
            description="The longest side taken, millimeters",
            example="1200",
        ),
        _money(
            "minimum_charge", "The least a box costs", "20.00",
            "minimum charge / min charge / minimum freight / 最低收费 / 最低运费",
        ),
        Field(
            name="fuel_percent",
            kind=DECIMAL,
            minimum=0,
            maximum=500,
            aliases=words("fuel percent / fuel surcharge percent / fuel / 燃油附加费率 / 燃油"),
            description="Fuel surcharge, percent of the freight",
            example="12.5",
        ),
        _money(
            "surcharge", "What else every box costs", "3.50",
            "surcharge / extra fee / surcharges / 附加费 / 杂费",
        ),
        _days(
            "transit_days_p50", "Days that half of the boxes need", "9",
            "transit days p50 / transit days / transit time / median days / 时效 / 参考时效",
        ),
        _days(
            "transit_days_p90", "Days that nine in ten boxes need", "14",
            "transit days p90 / max days / slow days / p90 days / 最长时效 / 时效上限",
        ),
        Field(
            name="source",
            kind=TEXT,
            aliases=words("source / 来源 / 数据来源"),
            description="Where the figures come from",
            example="rate sheet of November",
        ),
    ),
)  # fmt: skip


def _side(name: str, description: str, example: str, aliases: str) -> Field:
    return Field(
        name=name, kind=INTEGER, required=True, minimum=1, maximum=10_000,
        aliases=words(aliases), description=description, example=example,
    )  # fmt: skip


CARTONS = Dataset(
    name="cartons",
    title="Carton sizes",
    description="Sizes of carton that a node packs into",
    key=("node", "code", "valid_from"),
    fields=(
        node(),
        Field(
            name="code",
            kind=TEXT,
            required=True,
            max_length=60,
            forbidden=CODE_FORBIDDEN,
            aliases=words(
                "code / carton / carton code / carton type / box / box code / box type / 纸箱"
                " / 纸箱编码 / 箱型 / 箱型编码 / 箱规"
            ),
            description="Code of the carton",
            example="C-40",
        ),
        _side(
            "length_mm", "Inner length, millimeters", "400",
            "length mm / inner length mm / length / inner length / 长 / 内长 / 长mm",
        ),
        _side(
            "width_mm", "Inner width, millimeters", "300",
            "width mm / inner width mm / width / inner width / 宽 / 内宽 / 宽mm",
        ),
        _side(
            "height_mm", "Inner height, millimeters", "300",
            "height mm / inner height mm / height / inner height / depth / 高 / 内高 / 高mm",
        ),
        Field(
            name="tare_g", kind=INTEGER, required=True, minimum=0, maximum=1_000_000,
            aliases=words("tare g / tare / own weight g / empty weight / 皮重 / 箱重 / 自重"),
            description="What the empty carton weighs, grams", example="420",
        ),
        Field(
            name="load_g_max", kind=INTEGER, required=True, minimum=1, maximum=10_000_000,
            aliases=words(
                "load g max / max load / max weight g / max weight / 最大承重 / 承重 / 限重"
            ),
            description="The most it may hold, grams", example="20000",
        ),
        _money(
            "cost", "Price of one carton", "3.20",
            "cost / price / unit cost / carton cost / 成本 / 单价 / 价格",
        ),
        CURRENCY,
        day(
            "valid_from",
            "First day it is used",
            "valid from / start date / effective date / effective from / 生效日期 / 有效期起",
        ),
        day(
            "valid_until",
            "Last day it is used",
            "valid until / valid to / end date / expiry date / expires / 失效日期 / 有效期止"
            " / 有效期至",
            example="2027-03-31",
        ),
    ),
)  # fmt: skip
