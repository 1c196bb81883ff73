"""Who and what: nodes, suppliers, products, SKUs."""

from beltline.kit.sheets.fields import Choice, Dataset, Field
from beltline.kit.sheets.words import (
    CHOICE,
    CODE_FORBIDDEN,
    INTEGER,
    NODE_WORDS,
    NUMBER,
    SKU_WORDS,
    SUPPLIER_WORDS,
    TEXT,
    length,
    name,
    supplier,
    words,
)

NODES = Dataset(
    name="nodes",
    title="Nodes",
    description="Factories, consolidation points, warehouses and return points",
    key=("code",),
    fields=(
        Field(
            name="code",
            kind=TEXT,
            required=True,
            max_length=100,
            forbidden=CODE_FORBIDDEN,
            aliases=words("code / id") + NODE_WORDS,
            description="Code of the node",
            example="YIWU-01",
        ),
        Field(
            name="kind",
            kind=CHOICE,
            required=True,
            choices=(
                Choice("FACTORY", words("工厂 / 厂 / 生产厂 / plant / supplier / 供应商")),
                Choice(
                    "CONSOLIDATION",
                    words(
                        "集货仓 / 集运仓 / 集货点 / 集拼仓 / 中转仓 / consolidation center / hub"
                    ),
                ),
                Choice(
                    "SHARP",
                    words("共享仓 / 前置仓 / 云仓 / 国内仓 / 中心仓 / warehouse / domestic / 仓库"),
                ),
                Choice("OVERSEAS", words("海外仓 / overseas warehouse / foreign")),
                Choice("RETURNS", words("退货仓 / 退货点 / 退件仓 / return / returns center")),
            ),
            aliases=words("kind / type / node type / warehouse type / 类型 / 节点类型 / 仓库类型"),
            description="What the node is for",
            example="CONSOLIDATION",
        ),
        name("name", "Name", "Yiwu consolidation 1", "name / node name / english name / 英文名称"),
        name("name_zh", "Chinese name", "义乌集货仓一号", "name zh / 名称 / 中文名称 / 中文名"),
        Field(
            name="country",
            kind=TEXT,
            max_length=2,
            aliases=words("country / country code / 国家 / 国家代码 / 国别 / 所在国家"),
            description="Country (ISO 3166, two letters)",
            example="CN",
        ),
        Field(
            name="tz",
            kind=TEXT,
            aliases=words("tz / time zone / timezone / 时区"),
            description="Time zone (IANA)",
            example="Asia/Shanghai",
        ),
        Field(
            name="latitude",
            kind=NUMBER,
            minimum=-90,
            maximum=90,
            aliases=words("latitude / lat / 纬度"),
            description="Latitude, degrees WGS 84",
            example="29.3069",
        ),
        Field(
            name="longitude",
            kind=NUMBER,
            minimum=-180,
            maximum=180,
            aliases=words("longitude / lon / lng / long / 经度"),
            description="Longitude, degrees WGS 84",
            example="120.0749",
        ),
        # Of a FACTORY only, which the example is not.
        supplier(required=False, example=""),
    ),
)

SUPPLIERS = Dataset(
    name="suppliers",
    title="Suppliers",
    description="Factories, traders and market stalls",
    key=("code",),
    fields=(
        Field(
            name="code",
            kind=TEXT,
            required=True,
            max_length=100,
            aliases=words("code / id") + SUPPLIER_WORDS,
            description="Code of the supplier",
            example="ZHILI-KIDS",
        ),
        Field(
            name="kind",
            kind=CHOICE,
            required=True,
            choices=(
                Choice(
                    "FACTORY", words("工厂 / 厂家 / 生产厂家 / 源头工厂 / manufacturer / 生产型")
                ),
                Choice(
                    "TRADER", words("贸易商 / 经销商 / 代理商 / 批发商 / distributor / wholesaler")
                ),
                Choice("MARKET_STALL", words("档口 / 市场档口 / 摊位 / 商铺 / stall / booth")),
            ),
            aliases=words("kind / type / supplier type / vendor type / 类型 / 供应商类型 / 性质"),
            description="What the supplier is",
            example="FACTORY",
        ),
        name(
            "name",
            "Name",
            "Zhili Kids Garments",
            "name / supplier name / vendor name / company / company name / english name / 英文名称",
        ),
        name(
            "name_zh",
            "Chinese name",
            "织里童装厂",
            "name zh / 名称 / 供应商名称 / 供货商名称 / 厂家名称 / 公司名称 / 中文名称 / 工厂名称",
        ),
        Field(
            name="belt",
            kind=TEXT,
            aliases=words("belt / belt id / industrial belt / 产业带 / 产业带编码 / 产业带编号"),
            description="Industrial belt (belt_id)",
            example="CN-330502-045",
        ),
        Field(
            name="tier",
            kind=CHOICE,
            choices=(
                Choice("A", words("A级 / 一级 / 核心 / 战略")),
                Choice("B", words("B级 / 二级 / 重点")),
                Choice("C", words("C级 / 三级 / 普通 / 一般")),
            ),
            aliases=words("tier / class / grade / rating / 等级 / 级别 / 供应商等级 / 评级"),
            description="Tier of trust",
            example="A",
        ),
        Field(
            name="lead_time_days_mean",
            kind=NUMBER,
            minimum=0,
            maximum=730,
            aliases=words(
                "lead time days mean / lead time / lead time days / leadtime / average lead time"
                " / delivery days / 交期 / 交货期 / 平均交期 / 交货周期 / 供货周期 / 采购周期"
                " / 到货周期"
                " / 备货天数 / 生产周期 / 交期天数"
            ),
            description="Mean lead time in days",
            example="12",
        ),
        Field(
            name="lead_time_days_p95",
            kind=NUMBER,
            minimum=0,
            maximum=730,
            aliases=words(
                "lead time days p95 / lead time p95 / max lead time / maximum lead time"
                " / worst lead time / 最长交期 / 最大交期 / 最迟交期 / 最长交货期"
            ),
            description="Lead time in days not exceeded in 95 of 100 cases",
            example="20",
        ),
        Field(
            name="phone",
            kind=TEXT,
            max_length=50,
            aliases=words(
                "phone / telephone / tel / mobile / phone number / contact number / 电话"
                " / 联系电话 / 手机 / 手机号 / 手机号码 / 联系方式"
            ),
            description="Telephone",
            example="+86 572 0000000",
        ),
    ),
)

PRODUCTS = Dataset(
    name="products",
    title="Products",
    description="Products, each with one or more SKUs",
    key=("code",),
    fields=(
        Field(
            name="code",
            kind=TEXT,
            required=True,
            max_length=100,
            aliases=words(
                "code / product / product code / product id / spu / spu code / spu id / style"
                " / style number / parent sku / model / 产品编码 / 产品编号 / 商品编码 / 商品ID"
                " / 款号"
                " / 款式编码 / SPU编码 / 产品代码 / 货号 / 型号 / 主商品编码"
            ),
            description="Code of the product",
            example="PJ-1001",
        ),
        supplier(required=False),
        Field(
            name="category",
            kind=TEXT,
            aliases=words(
                "category / product category / category name / product group / product type"
                " / department / 类目 / 分类 / 商品分类 / 品类 / 商品类目 / 产品分类 / 类别"
            ),
            description="Category",
            example="Kids pajamas",
        ),
        name(
            "title",
            "Title",
            "Kids pajamas, cotton",
            "title / name / product name / product title / description / item name / 英文名称"
            " / 英文标题 / 英文品名",
        ),
        name(
            "title_zh",
            "Chinese title",
            "儿童纯棉睡衣",
            "title zh / 标题 / 名称 / 商品名称 / 产品名称 / 品名 / 商品标题 / 中文名称 / 货品名称"
            " / 宝贝标题",
        ),
    ),
)

SKUS = Dataset(
    name="skus",
    title="SKUs",
    description="What is bought, stored and sold: one row per color, size, packing",
    key=("code",),
    fields=(
        Field(
            name="code",
            kind=TEXT,
            required=True,
            max_length=100,
            forbidden=CODE_FORBIDDEN,
            aliases=words("code") + SKU_WORDS,
            description="Code of the SKU",
            example="PJ-1001-RED-M",
        ),
        Field(
            name="product",
            kind=TEXT,
            max_length=100,
            aliases=words(
                "product / product code / product id / spu / spu code / parent / parent sku / style"
                " / 所属商品 / 所属产品 / SPU编码 / SPU / 商品ID / 主商品编码 / 主款 / 父SKU / 款号"
            ),
            description="Code of the product it belongs to",
            example="PJ-1001",
        ),
        name(
            "title",
            "Title",
            "Kids pajamas, red, M",
            "title / name / sku name / item name / description / item description / product name"
            " / 英文名称 / 英文品名",
        ),
        name(
            "title_zh",
            "Chinese title",
            "儿童睡衣 红色 M",
            "title zh / 名称 / 商品名称 / 规格名称 / 规格 / 颜色规格 / 产品名称 / 品名 / 中文名称"
            " / 存货名称",
        ),
        Field(
            name="uom",
            kind=CHOICE,
            choices=(
                Choice("PIECE", words("pc / pcs / pieces / each / ea / unit / 件 / 个 / 只 / 台")),
                Choice("SET", words("sets / kit / 套")),
                Choice("PAIR", words("pairs / pr / 双 / 对")),
                Choice("METRE", words("meter / meters / metres / m / 米")),
                Choice("KILOGRAM", words("kg / kgs / kilo / kilograms / 公斤 / 千克")),
            ),
            aliases=words(
                "uom / unit / unit of measure / base unit / 单位 / 计量单位 / 基本单位 / 主单位"
            ),
            description="Unit of measure",
            example="PIECE",
        ),
        Field(
            name="pack_size",
            kind=INTEGER,
            minimum=1,
            maximum=1_000_000,
            aliases=words(
                "pack size / pack / case pack / case size / units per case / carton quantity"
                " / pcs per carton / qty per carton / 装箱数 / 箱规 / 每箱数量 / 箱装数 / 装箱量"
                " / 单箱数量"
                " / 整箱数 / 包装数 / 装箱规格 / 中包数"
            ),
            description="Units in one pack",
            example="24",
        ),
        Field(
            name="weight_g",
            kind=NUMBER,
            minimum=0,
            maximum=10_000_000,
            aliases=words(
                "weight g / weight / gross weight / weight in grams / 重量 / 毛重 / 单重 / 重量克"
                " / 单件重量 / 克重"
            ),
            description="Gross weight of one unit in grams",
            example="320",
        ),
        length("length_mm", "Length in millimeters", "length mm / length / 长 / 长度"),
        length("width_mm", "Width in millimeters", "width mm / width / 宽 / 宽度"),
        length("height_mm", "Height in millimeters", "height mm / height / 高 / 高度"),
        Field(
            name="cargo_class",
            kind=TEXT,
            max_length=50,
            aliases=words(
                "cargo class / cargo type / goods class / hazard class / 货物类别 / 货物属性"
                " / 物流属性 / 货品属性 / 运输属性"
            ),
            description="Cargo class (GENERAL, BATTERY, LIQUID ...)",
            example="GENERAL",
        ),
        Field(
            name="hs_code",
            kind=TEXT,
            max_length=14,
            aliases=words(
                "hs code / hs / hscode / tariff code / customs code / 海关编码 / HS编码 / 报关编码"
                " / 税则号 / 商品编码HS / 海关商品编码"
            ),
            description="Customs tariff code",
            example="6108310000",
        ),
    ),
)
