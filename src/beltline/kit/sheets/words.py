"""Fields and header spellings that several datasets share."""

from beltline.kit.sheets.fields import Choice, Field, FieldKind

TEXT = FieldKind.TEXT
INTEGER = FieldKind.INTEGER
DECIMAL = FieldKind.DECIMAL
NUMBER = FieldKind.NUMBER
DATE = FieldKind.DATE
CHOICE = FieldKind.CHOICE

QUANTITY_MAX = 1_000_000_000
PRICE_MAX = 100_000_000
CODE_FORBIDDEN = "@ "
"""`@` joins SKU and node into a series; a code with blanks is two words to every other program."""


def words(text: str) -> tuple[str, ...]:
    """Aliases written with ` / ` between them."""
    return tuple(word.strip() for word in text.split(" / "))


SKU_WORDS = words(
    "sku / sku code / sku id / sku no / seller sku / msku / fnsku / item / item code / item id"
    " / item no / item number / item_nbr / article / article number / material / material number"
    " / part number / product sku / variant sku / stock code / style code"
    " / 货号 / 商品编码 / 商品编号 / 商品代码 / 商品货号 / 规格编码 / 规格商家编码 / 商家编码"
    " / SKU编码"
    " / SKU编号 / SKU货号 / 单品编码 / 单品货号 / 物料编码 / 物料编号 / 物料号 / 存货编码"
    " / 产品编码"
    " / 产品编号 / 款号 / 款式编码 / 条码 / 商品条码 / 外部编码 / 店铺商品编码"
)
NODE_WORDS = words(
    "node / node code / warehouse / warehouse code / warehouse id / store / store code / store id"
    " / store_nbr / location / location code / location id / site / plant / branch / depot / dc"
    " / fulfillment center / fulfilment center / shop / channel"
    " / 仓库 / 仓库编码 / 仓库代码 / 仓库名称 / 仓 / 发货仓 / 发货仓库 / 收货仓 / 收货仓库"
    " / 入库仓库"
    " / 库存地点 / 库位 / 门店 / 门店编码 / 门店编号 / 店铺 / 店铺编码 / 店铺名称 / 节点 / 节点编码"
    " / 网点 / 机构 / 分仓 / 地点"
)
SUPPLIER_WORDS = words(
    "supplier / supplier code / supplier id / supplier no / supplier number / vendor"
    " / vendor code / vendor id / vendor number / factory / factory code / manufacturer / seller"
    " / seller code / 供应商 / 供应商编码 / 供应商编号 / 供应商代码 / 供货商 / 供货商编码 / 供方"
    " / 厂家 / 厂商 / 工厂 / 工厂编码 / 生产厂家 / 往来单位 / 往来单位编码 / 卖家"
)
CURRENCY_WORDS = words("currency / currency code / ccy / 币种 / 币别 / 货币 / 结算币种")
PRICE_WORDS = words(
    "unit price / price / unit cost / cost price / purchase price / net price / unitprice"
    " / selling price / sell_price / 单价 / 价格 / 采购单价 / 采购价 / 进价 / 进货价 / 供货价"
    " / 批发价"
    " / 成本价 / 含税单价 / 出厂价 / 拿货价 / 结算价"
)


def sku(*, required: bool = True) -> Field:
    """The field `sku`."""
    return Field(
        name="sku",
        kind=TEXT,
        required=required,
        max_length=100,
        forbidden=CODE_FORBIDDEN,
        aliases=SKU_WORDS,
        description="Code of the SKU (article with color, size ...)",
        example="PJ-1001-RED-M",
    )


def node(*, required: bool = True) -> Field:
    """The field `node`."""
    return Field(
        name="node",
        kind=TEXT,
        required=required,
        max_length=100,
        forbidden=CODE_FORBIDDEN,
        aliases=NODE_WORDS,
        description="Code of the warehouse, store or other node",
        example="YIWU-01",
    )


def supplier(*, required: bool = True, example: str = "ZHILI-KIDS") -> Field:
    """The field `supplier`."""
    return Field(
        name="supplier",
        kind=TEXT,
        required=required,
        max_length=100,
        aliases=SUPPLIER_WORDS,
        description="Code of the supplier",
        example=example,
    )


def day(
    name: str, description: str, aliases: str, *, required: bool = False,
    example: str = "2026-11-20",
) -> Field:  # fmt: skip
    """A DATE field."""
    return Field(
        name=name,
        kind=DATE,
        required=required,
        description=description,
        example=example,
        aliases=words(aliases),
    )


def name(name: str, description: str, example: str, aliases: str) -> Field:
    """A TEXT field for a name or title."""
    return Field(
        name=name,
        kind=TEXT,
        max_length=300,
        description=description,
        example=example,
        aliases=words(aliases),
    )


def length(name: str, description: str, aliases: str) -> Field:
    """An INTEGER field in millimeters."""
    return Field(
        name=name,
        kind=INTEGER,
        minimum=0,
        maximum=100_000,
        description=description,
        example="250",
        aliases=words(aliases),
    )


CURRENCY = Field(
    name="currency",
    kind=CHOICE,
    choices=(
        Choice("CNY", words("RMB / CNH / 人民币 / 元 / ¥ / yuan")),
        Choice("USD", words("美元 / $ / US$ / dollar")),
        Choice("EUR", words("欧元 / € / euro")),
        Choice("GBP", words("英镑 / £")),
        Choice("JPY", words("日元 / yen")),
        Choice("HKD", words("港币 / 港元 / HK$")),
        Choice("PLN", words("兹罗提 / zloty / zł")),
        Choice("RUB", words("卢布 / ₽")),
        Choice("KRW", words("韩元 / 韩币")),
        Choice("SGD", words("新加坡元 / 新币")),
        Choice("AUD", words("澳元 / 澳币")),
        Choice("CAD", words("加元 / 加币")),
        Choice("MXN", words("墨西哥比索")),
        Choice("BRL", words("巴西雷亚尔 / R$")),
        Choice("AED", words("迪拉姆 / dirham")),
    ),
    aliases=CURRENCY_WORDS,
    description="Currency of the price (ISO 4217)",
    example="CNY",
)
