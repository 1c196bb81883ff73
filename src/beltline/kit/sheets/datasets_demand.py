"""What is asked for, and what changes it: promotions and closures."""

import msgspec

from beltline.kit.sheets.fields import Choice, Dataset, Field, FieldKind, Joined, Wide
from beltline.kit.sheets.words import (
    CHOICE,
    CODE_FORBIDDEN,
    DECIMAL,
    NUMBER,
    PRICE_MAX,
    PRICE_WORDS,
    QUANTITY_MAX,
    SKU_WORDS,
    TEXT,
    day,
    node,
    sku,
    supplier,
    words,
)

DEMAND = Dataset(
    name="demand",
    title="Demand history",
    description="Units asked for per day or week, for each SKU and node",
    key=("unique_id", "ds"),
    one_of=(("unique_id",), ("sku", "node")),
    wide=Wide(date="ds", value="y"),
    joined=Joined(field="unique_id", parts=("sku", "node"), separator="@"),
    fields=(
        Field(
            name="unique_id",
            kind=TEXT,
            max_length=201,
            aliases=words(
                "unique id / series / series id / time series id / ts id / uid / id / 序列"
                " / 序列编号"
            ),
            description="Series: SKU@NODE (instead of the columns sku and node)",
            example="PJ-1001-RED-M@YIWU-01",
        ),
        Field(
            name="sku",
            kind=TEXT,
            max_length=100,
            forbidden=CODE_FORBIDDEN,
            aliases=SKU_WORDS + words("product / product id / product code / 商品 / 产品"),
            description="Code of the SKU",
            example="PJ-1001-RED-M",
        ),
        node(required=False),
        day(
            "ds",
            "Day, or first day of the week",
            "ds / date / day / week / period / sales date / order date / transaction date"
            " / invoice date / week start / timestamp / 日期 / 销售日期 / 业务日期 / 单据日期"
            " / 统计日期"
            " / 下单日期 / 订单日期 / 时间 / 周 / 周起始 / 出库日期 / 付款时间 / 下单时间",
            required=True,
        ),
        Field(
            name="y",
            kind=NUMBER,
            required=True,
            minimum=0,
            maximum=QUANTITY_MAX,
            aliases=words(
                "y / demand / sales / units / units sold / quantity / qty / sold / sales quantity"
                " / sales qty / unit sales / volume / quantity sold / sold qty / ordered quantity"
                " / 销量 / 销售数量 / 销售量 / 销售件数 / 出库数量 / 出货数量 / 数量 / 件数"
                " / 需求量 / 需求"
                " / 售出数量 / 订购数量 / 商品数量 / 发货数量 / 支付件数 / 净销量 / 实销数量"
            ),
            description="Units asked for",
            example="17",
        ),
        Field(
            name="in_stock",
            kind=FieldKind.BOOLEAN,
            aliases=words(
                "in stock / instock / available / availability / on shelf / stock flag / 有货"
                " / 是否有货 / 在售 / 是否在售 / 有库存 / 可售"
            ),
            description="Whether the SKU could be bought that day (no = a stock-out)",
            example="yes",
        ),
        Field(
            name="price",
            kind=DECIMAL,
            minimum=0,
            maximum=PRICE_MAX,
            aliases=PRICE_WORDS
            + words("sale price / 售价 / 销售单价 / 成交价 / 成交单价 / 销售价 / 零售价"),
            description="Price of one unit that day",
            example="29.90",
        ),
    ),
)

IN_STOCK = Dataset(
    name="in_stock",
    title="In-stock flags",
    description="A second file beside demand: whether each SKU could be bought that day or week",
    key=DEMAND.key,
    one_of=DEMAND.one_of,
    joined=DEMAND.joined,
    wide=Wide(date="ds", value="in_stock"),
    fields=tuple(
        msgspec.structs.replace(field, required=True) if field.name == "in_stock" else field
        for field in DEMAND.fields
        if field.name in {"unique_id", "sku", "node", "ds", "in_stock"}
    ),
)
"""Imported after demand: a flag joins the demand of its series and day."""

PROMOTIONS = Dataset(
    name="promotions",
    title="Promotions",
    description="Planned and past promotions",
    key=("sku", "node", "starts", "kind"),
    fields=(
        sku(),
        node(required=False),
        day(
            "starts",
            "First day",
            "starts / start / start date / from / begin / begin date / 开始 / 开始日期 / 开始时间"
            " / 活动开始 / 活动开始时间 / 活动开始日期 / 起始日期",
            required=True,
        ),
        day(
            "ends",
            "Last day",
            "ends / end / end date / until / to / finish / 结束 / 结束日期 / 结束时间 / 活动结束"
            " / 活动结束时间 / 活动结束日期 / 截止日期",
            required=True,
        ),
        Field(
            name="kind",
            kind=TEXT,
            max_length=50,
            aliases=words(
                "kind / type / promotion / promotion type / promo / campaign / event / 类型"
                " / 活动类型"
                " / 促销类型 / 活动 / 活动名称 / 促销方式"
            ),
            description="Kind of promotion",
            example="DISCOUNT",
        ),
        Field(
            name="price",
            kind=DECIMAL,
            minimum=0,
            maximum=PRICE_MAX,
            aliases=PRICE_WORDS
            + words("promo price / promotion price / 活动价 / 促销价 / 特价 / 折后价"),
            description="Price of one unit during the promotion",
            example="19.90",
        ),
    ),
)

EVENTS = Dataset(
    name="events",
    title="Calendar events",
    description="Days on which demand is not itself: holidays, festivals, sales days, thin days",
    key=("ds", "kind", "name"),
    fields=(
        day(
            "ds",
            "The day",
            "ds / date / day / event date / 日期 / 活动日期 / 节日日期",
            required=True,
        ),
        Field(
            name="kind",
            kind=CHOICE,
            required=True,
            choices=(
                Choice("HOLIDAY", words("法定节假日 / 假日 / 节假日 / public holiday / holidays")),
                Choice("FESTIVAL", words("节日 / 春节 / spring_festival / spring festival")),
                Choice("SALE", words("大促 / 促销日 / 购物节 / sale day / sales day")),
                Choice("THIN", words("异常 / 数据异常 / thin_day / thin day / disturbed")),
                Choice("CLOSED", words("停业 / 休市 / 关店 / closed day / shut")),
            ),
            aliases=words("kind / type / event type / 类型 / 事件类型 / 节日类型"),
            description="What kind of day it is",
            example="FESTIVAL",
        ),
        Field(
            name="name",
            kind=TEXT,
            max_length=100,
            aliases=words("name / event / event name / title / 名称 / 事件 / 事件名称 / 节日名称"),
            description="Name of the event, the same each time it comes back",
            example="Spring Festival",
        ),
    ),
)

CLOSURES = Dataset(
    name="closures",
    title="Closures",
    description="Days a supplier or a node does not work: Spring Festival, stocktaking",
    key=("supplier", "node", "starts"),
    one_of=(("supplier",), ("node",)),
    exclusive=True,
    fields=(
        supplier(required=False),
        node(required=False),
        day(
            "starts",
            "First closed day",
            "starts / start / start date / closed from / from / 开始 / 开始日期 / 放假开始"
            " / 放假日期"
            " / 停工日期 / 停产日期 / 休假开始 / 放假时间 / 停工开始",
            required=True,
        ),
        day(
            "ends",
            "Last closed day",
            "ends / end / end date / closed until / until / to / 结束 / 结束日期 / 放假结束"
            " / 停工结束"
            " / 休假结束 / 假期结束",
            required=True,
        ),
        day(
            "ramp_down_from",
            "First day of reduced work before",
            "ramp down from / ramp down / slow down from / 减产日期 / 减产开始 / 产能下降日期",
        ),
        day(
            "ramp_up_until",
            "Last day of reduced work after",
            "ramp up until / ramp up / full capacity from / 恢复日期 / 产能恢复日期 / 满产日期",
        ),
        day(
            "last_order_date",
            "Last day orders are taken",
            "last order date / last order / order cutoff / cutoff / 截单日期 / 最后下单日"
            " / 最晚下单日期"
            " / 截单日 / 停止接单日期",
        ),
        Field(
            name="reason",
            kind=TEXT,
            aliases=words(
                "reason / note / holiday / remark / 原因 / 节日 / 假期 / 备注 / 说明 / 假期名称"
            ),
            description="Why",
            example="Spring Festival",
        ),
    ),
)
