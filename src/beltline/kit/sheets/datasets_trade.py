"""What is offered, in stock and on order."""

from beltline.kit.sheets.fields import Choice, Dataset, Field
from beltline.kit.sheets.words import (
    CHOICE,
    CURRENCY,
    DECIMAL,
    INTEGER,
    NUMBER,
    PRICE_MAX,
    PRICE_WORDS,
    QUANTITY_MAX,
    TEXT,
    day,
    node,
    sku,
    supplier,
    words,
)

OFFERS = Dataset(
    name="offers",
    title="Offers",
    description="Prices: one row per price break of an offer",
    key=("supplier", "sku", "audience", "currency", "valid_from", "quantity_from"),
    fields=(
        supplier(),
        sku(),
        Field(
            name="audience",
            kind=CHOICE,
            choices=(
                Choice(
                    "OPERATOR", words("采购 / 采购报价 / 供货 / operator / purchase / 平台 / 运营")
                ),
                Choice("BUYERS", words("销售 / 买家 / 买家报价 / buyer / sale / sales / 客户")),
            ),
            aliases=words("audience / offered to / 对象 / 报价对象 / 报价类型 / 面向"),
            description="Whom the price is for",
            example="OPERATOR",
        ),
        CURRENCY,
        Field(
            name="quantity_from",
            kind=DECIMAL,
            minimum=0,
            maximum=QUANTITY_MAX,
            aliases=words(
                "quantity from / from quantity / min quantity / price break / break quantity"
                " / tier quantity / 数量起 / 起始数量 / 阶梯数量 / 阶梯起 / 数量区间起 / 起批阶梯"
            ),
            description="The price holds from this quantity",
            example="100",
        ),
        Field(
            name="unit_price",
            kind=DECIMAL,
            required=True,
            minimum=0,
            maximum=PRICE_MAX,
            aliases=PRICE_WORDS,
            description="Price of one unit",
            example="12.50",
        ),
        Field(
            name="moq",
            kind=DECIMAL,
            minimum=0,
            maximum=QUANTITY_MAX,
            aliases=words(
                "moq / minimum order quantity / min order qty / minimum order / min order"
                " / 起订量 / 最小起订量 / 最低起订量 / 起批量 / 最小订货量 / 最小采购量"
                " / 最低采购量 / 起购量"
            ),
            description="Minimum order quantity",
            example="100",
        ),
        Field(
            name="availability",
            kind=CHOICE,
            choices=(
                Choice("SPOT", words("现货 / in stock / stock / ready stock / ready")),
                Choice(
                    "MADE_TO_ORDER",
                    words(
                        "定制 / 订做 / 期货 / 按单生产 / 订单生产 / mto / make to order / 来单生产"
                    ),
                ),
                Choice("PRESALE", words("预售 / pre-sale / pre-order / preorder / 预订")),
            ),
            aliases=words("availability / supply type / 供货方式 / 供应方式 / 货源类型 / 现货期货"),
            description="Whether goods are there or made for the order",
            example="SPOT",
        ),
        Field(
            name="sales_model",
            kind=CHOICE,
            choices=(
                Choice(
                    "DIRECT", words("直发 / 直供 / 厂家直发 / 工厂直发 / direct ship / drop ship")
                ),
                Choice("VIRTUAL", words("虚拟仓 / 虚仓 / 虚拟 / virtual warehouse")),
                Choice("PRESTOCK", words("备货 / 入仓备货 / 实仓 / 寄售 / 代销 / consignment")),
                Choice("OWNED", words("自营 / 买断 / 自有 / own stock / own")),
            ),
            aliases=words("sales model / model / 销售模式 / 合作模式 / 供货模式 / 经营模式"),
            description="Who holds the stock and how it reaches the buyer",
            example="DIRECT",
        ),
        Field(
            name="lead_time_days",
            kind=NUMBER,
            minimum=0,
            maximum=730,
            aliases=words(
                "lead time days / lead time / leadtime / delivery days / days to ship / 交期"
                " / 交货期 / 交货天数 / 交货周期 / 供货周期 / 发货天数 / 货期 / 生产周期 / 交期天数"
            ),
            description="Days from order to dispatch",
            example="7",
        ),
        day(
            "valid_from",
            "First day the price holds",
            "valid from / start date / effective date / effective from / 生效日期 / 有效期起"
            " / 开始日期 / 生效时间 / 有效期从",
        ),
        day(
            "valid_until",
            "Last day the price holds",
            "valid until / valid to / end date / expiry date / expires / 失效日期 / 有效期止"
            " / 有效期至 / 结束日期 / 截止日期 / 失效时间 / 有效期到",
            example="2027-11-20",
        ),
        Field(
            name="tax_basis",
            kind=CHOICE,
            choices=(
                Choice(
                    "NONE", words("不含税 / 无票 / 不开票 / no invoice / without tax / 未税 / 否")
                ),
                Choice("ORDINARY", words("普票 / 普通发票 / 含税普票 / ordinary invoice")),
                Choice(
                    "SPECIAL",
                    words("专票 / 专用发票 / 增值税专票 / 增值税专用发票 / 含税 / special"),
                ),
                Choice("SURCHARGE", words("加点 / 开票加点 / 加税点 / surcharge")),
            ),
            aliases=words(
                "tax basis / invoice / invoice type / 税 / 开票 / 发票类型 / 票据类型 / 是否含税"
            ),
            description="Which fapiao the price includes",
            example="SPECIAL",
        ),
        Field(
            name="deposit_percent",
            kind=DECIMAL,
            minimum=0,
            maximum=100,
            aliases=words(
                "deposit percent / deposit / deposit share / down payment / prepayment percent"
                " / 定金 / 定金比例 / 订金 / 订金比例 / 预付比例 / 首付比例"
            ),
            description="Percent of the price paid with the order, of goods made to order for"
            " buyers; the rest when they are made",
            example="30",
        ),
    ),
)

STOCK = Dataset(
    name="stock",
    title="Stock",
    description="Stock on hand, counted by us or declared by its owner",
    key=("sku", "node", "owner", "kind"),
    fields=(
        sku(),
        node(),
        Field(
            name="owner",
            kind=TEXT,
            max_length=100,
            aliases=words("owner / owner code / 货主 / 货主编码 / 所有者 / 权属 / 货权 / 货主名称"),
            description="Code of the organization that owns the goods",
            example="operator",
        ),
        Field(
            name="kind",
            kind=CHOICE,
            choices=(
                Choice(
                    "COUNTED",
                    words("实盘 / 盘点 / 实际 / 实物 / 自管 / count / counted / physical"),
                ),
                Choice(
                    "DECLARED",
                    words("申报 / 上报 / 供应商上报 / 声明 / declared / reported / 虚拟"),
                ),
            ),
            aliases=words("kind / stock type / 库存类型 / 库存性质 / 数据来源"),
            description="Counted by us or declared by the owner",
            example="COUNTED",
        ),
        Field(
            name="on_hand",
            kind=DECIMAL,
            required=True,
            minimum=0,
            maximum=QUANTITY_MAX,
            aliases=words(
                "on hand / onhand / on hand quantity / quantity / qty / stock / stock on hand / soh"
                " / inventory / inventory quantity / available / available stock / available qty"
                " / quantity on hand / start inventory / end inventory / afn fulfillable quantity"
                " / 库存 / 库存量 / 库存数 / 库存数量 / 可用库存 / 可用数 / 可用数量 / 可用"
                " / 现货数量 / 现存量"
                " / 实际库存 / 实际库存数 / 在库数量 / 在库 / 结存数量 / 结存 / 期末数量"
                " / 期末库存 / 数量"
                " / 现有库存 / 可售库存 / 可销售数 / 盘点数量 / 实盘数量 / 即时库存"
            ),
            description="Units on hand",
            example="480",
        ),
        Field(
            name="version",
            kind=INTEGER,
            minimum=0,
            aliases=words("version / sequence / revision / seq / 版本 / 版本号 / 序列"),
            description="Number of the owner's statement; an older one never replaces a newer one",
            example="1",
        ),
    ),
)

PURCHASE_ORDERS = Dataset(
    name="orders_open",
    title="Open purchase orders",
    description="What is ordered and not yet received, one row per line",
    key=("number", "sku", "node"),
    fields=(
        Field(
            name="number",
            kind=TEXT,
            required=True,
            max_length=100,
            aliases=words(
                "number / order number / po / po number / po no / purchase order / order no"
                " / order id / document number / 单号 / 采购单号 / 采购订单号 / 订单号 / 订单编号"
                " / 单据编号"
                " / 采购单编号 / 合同号 / 采购单"
            ),
            description="Number of the purchase order",
            example="PO-2026-0042",
        ),
        supplier(),
        sku(),
        node(),
        Field(
            name="quantity",
            kind=DECIMAL,
            required=True,
            minimum=0,
            maximum=QUANTITY_MAX,
            aliases=words(
                "quantity / qty / ordered quantity / order quantity / open quantity / outstanding"
                " / outstanding quantity / remaining quantity / in transit / 数量 / 采购数量"
                " / 订购数量"
                " / 订单数量 / 未到数量 / 未入库数量 / 在途数量 / 在途 / 未交数量 / 剩余数量"
                " / 采购量"
            ),
            description="Units still to come",
            example="480",
        ),
        Field(
            name="unit_price",
            kind=DECIMAL,
            minimum=0,
            maximum=PRICE_MAX,
            aliases=PRICE_WORDS,
            description="Price of one unit",
            example="12.50",
        ),
        CURRENCY,
        day(
            "ordered_date",
            "Day it was ordered",
            "ordered date / order date / date / po date / created / 下单日期 / 采购日期 / 订单日期"
            " / 单据日期 / 下单时间 / 制单日期 / 日期 / 签约日期",
        ),
        day(
            "expected_date",
            "Day it is expected at the node",
            "expected date / expected / eta / due date / delivery date / promised date"
            " / expected arrival / 预计到货日期 / 预计到货 / 交货日期 / 预计到货时间 / 到货日期"
            " / 交期"
            " / 要求到货日期 / 预计交期 / 预交日期 / 计划到货日期",
        ),
    ),
)

LANES = Dataset(
    name="lanes",
    title="Lanes",
    description="How long goods take from a node to a country, by mode of transport",
    key=("node", "country", "mode"),
    fields=(
        node(),
        Field(
            name="country",
            kind=TEXT,
            required=True,
            max_length=2,
            aliases=words(
                "country / country code / destination / destination country / to country / 国家"
                " / 目的国 / 国家代码 / 目的地"
            ),
            description="Country of destination, two letters",
            example="PL",
        ),
        Field(
            name="mode",
            kind=CHOICE,
            required=True,
            choices=(
                Choice("EXPRESS", words("快递 / 国际快递 / courier")),
                Choice("AIR", words("空运 / 航空 / air freight")),
                Choice("RAIL", words("铁路 / 中欧班列 / train")),
                Choice("SEA", words("海运 / 船运 / ocean / sea freight")),
                Choice("TRUCK", words("卡航 / 卡车 / 公路 / road")),
            ),
            aliases=words("mode / transport / transport mode / 运输方式 / 方式 / 渠道"),
            description="Mode of transport",
            example="AIR",
        ),
        Field(
            name="transit_days_p50",
            kind=NUMBER,
            required=True,
            minimum=0.01,
            maximum=365,
            aliases=words(
                "transit days p50 / transit days / transit time / days / median days / 时效"
                " / 运输天数 / 时效中位数 / 参考时效"
            ),
            description="Days that half of the shipments need",
            example="9",
        ),
        Field(
            name="transit_days_p90",
            kind=NUMBER,
            required=True,
            minimum=0.01,
            maximum=365,
            aliases=words(
                "transit days p90 / max days / slow days / p90 days / 最长时效 / 时效上限"
            ),
            description="Days that nine in ten shipments need",
            example="14",
        ),
        Field(
            name="source",
            kind=TEXT,
            aliases=words("source / 来源 / 数据来源"),
            description="Where the figures come from",
            example="carrier's record 2026",
        ),
    ),
)
