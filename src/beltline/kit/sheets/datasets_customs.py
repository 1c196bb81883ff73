"""Dated rules of customs: rates, what a cargo class may do on a lane, terms of export."""

from collections.abc import Sequence

from beltline.kit.sheets.datasets_trade import LANES
from beltline.kit.sheets.fields import Choice, Dataset, Field
from beltline.kit.sheets.words import CHOICE as ONE_OF
from beltline.kit.sheets.words import (
    CODE_FORBIDDEN,
    CURRENCY,
    DECIMAL,
    NODE_WORDS,
    PRICE_MAX,
    TEXT,
    day,
    words,
)


def _choice(
    name: str, description: str, example: str, aliases: str, choices: Sequence[Choice], *,
    required: bool = True,
) -> Field:  # fmt: skip
    return Field(
        name=name, kind=ONE_OF, required=required, choices=tuple(choices), aliases=words(aliases),
        description=description, example=example,
    )  # fmt: skip


def _text(
    name: str, description: str, example: str, aliases: str, *, required: bool = False,
    longest: int = 200,
) -> Field:  # fmt: skip
    return Field(
        name=name, kind=TEXT, required=required, max_length=longest, aliases=words(aliases),
        description=description, example=example,
    )  # fmt: skip


def _country(*, required: bool) -> Field:
    return Field(
        name="country", kind=TEXT, required=required, max_length=2,
        aliases=LANES.field("country").aliases, example="PL",
        description="Country, two letters" + ("" if required else "; empty: any"),
    )  # fmt: skip


_NODE = Field(
    name="node", kind=TEXT, max_length=100, forbidden=CODE_FORBIDDEN, aliases=NODE_WORDS,
    description="Node the goods leave; empty: any", example="YIWU-01",
)  # fmt: skip
_DAYS = (
    day(
        "valid_from", "First day the rule holds",
        "valid from / start date / effective date / effective from / 生效日期 / 有效期起",
        required=True,
    ),
    day(
        "valid_until", "Last day the rule holds",
        "valid until / valid to / end date / expiry date / expires / 失效日期 / 有效期止"
        " / 有效期至",
        example="2027-03-31",
    ),
)  # fmt: skip
_EVIDENCE = (
    _text(
        "source", "Where it is written: law, tariff, notice, carrier's letter",
        "Reg. (EU) 2658/87, chapter 61", "source / legal basis / 来源 / 依据 / 数据来源 / 文件号",
        required=True, longest=300,
    ),
    _text(
        "url", "Address of what is written", "https://example.org/notice",
        "url / link / 网址 / 链接", longest=500,
    ),
)  # fmt: skip

TAX_RATES = Dataset(
    name="tax_rates",
    title="Duty, VAT and refund rates",
    description="Dated rates by country and HS code, each with where it is written",
    key=("kind", "country", "hs_code", "origin", "valid_from"),
    fields=(
        _choice(
            "kind", "Duty or VAT on import, refund of VAT on export", "DUTY",
            "kind / tax / tax kind / rate kind / 税种 / 税率类型",
            [
                Choice("DUTY", words("关税 / import duty / customs duty / tariff")),
                Choice("VAT", words("增值税 / 进口增值税 / GST / import VAT")),
                Choice("REFUND", words("退税 / 出口退税 / export refund / rebate")),
            ],
        ),
        _country(required=True),
        Field(
            name="hs_code", kind=TEXT, max_length=14,
            aliases=words(
                "hs code / hs / hscode / tariff code / customs code / 海关编码 / HS编码 / 税则号"
            ),
            description="Goods whose code begins so; at least 6 digits, but for VAT",
            example="61083100",
        ),
        _text("origin", "Country of origin, two letters; empty: any", "CN",
              "origin / origin country / country of origin / 原产国 / 原产地", longest=2),
        Field(
            name="percent", kind=DECIMAL, required=True, minimum=0, maximum=2_000,
            aliases=words("percent / rate / rate percent / tax rate / 税率 / 退税率 / 百分比"),
            description="Percent", example="12",
        ),
        *_DAYS, *_EVIDENCE,
    ),
)  # fmt: skip

CARGO_RULES = Dataset(
    name="cargo_rules",
    title="Cargo rules",
    description="What a cargo class may do on a lane: goes, goes with evidence or packing, or not",
    key=("cargo_class", "node", "country", "mode", "verdict", "evidence", "valid_from"),
    fields=(
        Field(
            name="cargo_class", kind=TEXT, required=True, max_length=50, forbidden=CODE_FORBIDDEN,
            aliases=words(
                "cargo class / cargo type / goods class / hazard class / 货物类别 / 货物属性"
                " / 物流属性 / 货品属性 / 运输属性"
            ),
            description="Cargo class, as SKUs have it", example="BATTERY",
        ),
        _NODE,
        _country(required=False),
        _choice("mode", "Mode of transport; empty: any", "AIR",
                "mode / transport / transport mode / 运输方式 / 方式 / 渠道",
                LANES.field("mode").choices, required=False),
        _choice(
            "verdict", "Allowed, with a document, with a way of packing, or forbidden", "DOCUMENT",
            "verdict / rule / decision / 限制 / 结论 / 是否可运",
            [
                Choice("ALLOW", words("允许 / 可运 / allowed / yes")),
                Choice("DOCUMENT", words("需文件 / 凭证件 / with document")),
                Choice("PACK", words("需包装 / 包装要求 / with packing")),
                Choice("FORBID", words("禁止 / 禁运 / forbidden / no")),
            ],
        ),
        _choice(
            "evidence", "The document that DOCUMENT asks for", "UN38_3",
            "evidence / document / certificate / 证明 / 所需文件",
            [
                Choice("UN38_3", words("UN38.3 / UN 38.3")),
                Choice("MSDS", words("SDS / 化学品安全说明书")),
                Choice("TEST_REPORT", words("检测报告 / test report")),
                Choice("BRAND_AUTHORIZATION", words("品牌授权 / brand authorization")),
            ],
            required=False,
        ),
        _text("instruction", "How to pack", "Each cell in a bag of its own",
              "instruction / packing instruction / 包装说明 / 要求", longest=500),
        *_DAYS, *_EVIDENCE,
    ),
)  # fmt: skip


def _share(name: str, description: str, example: str, aliases: str) -> Field:
    return Field(
        name=name, kind=DECIMAL, minimum=0, maximum=100, aliases=words(aliases),
        description=description, example=example,
    )  # fmt: skip


VALUATION_RULES = Dataset(
    name="valuation_rules",
    title="Customs value rules",
    description="What a country levies duty and VAT on: goods alone, or with freight and insurance",
    key=("country", "valid_from"),
    fields=(
        _country(required=True),
        _choice(
            "basis", "FOB: duty is of the goods. CIF: of goods, freight and insurance", "CIF",
            "basis / valuation / valuation basis / customs value / 完税价格 / 计税基础",
            [
                Choice("FOB", words("离岸价 / goods alone")),
                Choice("CIF", words("到岸价 / with freight and insurance")),
            ],
        ),
        _choice(
            "vat_basis", "VAT is of value and duty (VALUE), or of these and all carriage",
            "CARRIAGE", "vat basis / vat value / 增值税计税基础",
            [
                Choice("VALUE", words("完税价格加关税 / value and duty")),
                Choice("CARRIAGE", words("另加全程运费 / with carriage")),
            ],
        ),
        _share("border_percent", "Share of the freight before the border; empty: all of it", "70",
               "border percent / freight percent / 境外运费比例 / 计入运费比例"),
        _share("insurance_percent",
               "Counts as insurance of goods and freight without a premium; empty: nothing", "0.3",
               "insurance percent / insurance rate / 保险费率 / 保险比例"),
        _text("customs_union", "Union within which nothing is imported; empty: none", "EU",
              "customs union / union / 关税同盟", longest=10),
        *_DAYS, *_EVIDENCE,
    ),
)  # fmt: skip


def _currency(
    name: str, description: str, aliases: str, *, required: bool = False
) -> Field:  # fmt: skip
    return Field(
        name=name, kind=ONE_OF, required=required, choices=CURRENCY.choices, aliases=words(aliases),
        description=description, example="USD",
    )  # fmt: skip


def _value(
    name: str, description: str, example: str, aliases: str, *, required: bool = False
) -> Field:  # fmt: skip
    return Field(
        name=name, kind=DECIMAL, required=required, minimum=0, maximum=PRICE_MAX,
        aliases=words(aliases), description=description, example=example,
    )  # fmt: skip


LOW_VALUE_RULES = Dataset(
    name="low_value_rules",
    title="Low value rules",
    description="What a country levies on consignments that are worth little",
    key=("country", "scheme", "currency", "value_max", "valid_from"),
    fields=(
        _country(required=True),
        _value("value_max", "It holds for goods worth up to this, in all", "150",
               "value max / limit / threshold / de minimis / 限额 / 免税额 / 起征点",
               required=True),
        _currency("currency", "Currency of the limit and of a fixed duty",
                  "currency / 币种 / 限额币种", required=True),
        _text("scheme", "Only under this scheme; empty: any", "IOSS",
              "scheme / import scheme / 进口计划"),
        _share("duty_percent", "Duty in place of the ordinary rate; 0: free", "0",
               "duty percent / duty rate / 关税税率"),
        _value("duty_fixed", "Duty for each tariff code", "3",
               "duty fixed / fixed duty / duty per code / 每项固定关税 / 定额关税"),
        _choice(
            "vat", "VAT is due on import, with the sale (not on import), or not at all", "SALE",
            "vat / import vat / 增值税",
            [
                Choice("DUE", words("进口时缴纳 / on import")),
                Choice("SALE", words("随销售缴纳 / with the sale")),
                Choice("FREE", words("免征 / free")),
            ],
        ),
        *_DAYS, *_EVIDENCE,
    ),
)  # fmt: skip


EXPORT_TERMS = Dataset(
    name="export_terms",
    title="Export terms",
    description="How goods leave a node for a country: mode, exporter, Incoterm, VAT, scheme",
    key=("node", "country", "tax_basis", "valid_from"),
    fields=(
        _NODE,
        _country(required=False),
        _choice(
            "tax_basis", "How the goods were bought; empty: however", "SPECIAL",
            "tax basis / fapiao / 发票类型 / 开票",
            [
                Choice("NONE", words("不开票 / no fapiao")),
                Choice("ORDINARY", words("普票 / 增值税普通发票 / ordinary fapiao")),
                Choice("SPECIAL", words("专票 / 增值税专用发票 / special fapiao")),
                Choice("SURCHARGE", words("加点开票 / with surcharge")),
            ],
            required=False,
        ),
        _choice(
            "export_mode", "Customs supervision mode", "9610",
            "export mode / supervision mode / customs mode / 监管方式 / 出口方式 / 贸易方式",
            [
                Choice("0110", words("110 / 一般贸易 / general / general trade")),
                Choice("9610", words("跨境电商零售 / B2C")),
                Choice("9710", words("跨境电商B2B / B2B")),
                Choice("9810", words("海外仓 / overseas warehouse")),
                Choice("1039", words("市场采购 / market procurement")),
            ],
        ),
        _text("exporter", "Company that declares", "义乌带线贸易有限公司",
              "exporter / declarant / 出口商 / 发货人 / 经营单位", required=True),
        _text("exporter_code", "Its code at customs or tax", "91330782MA28ABCD1X",
              "exporter code / uscc / 统一社会信用代码 / 海关编号", longest=40),
        _text("principal", "Whose goods an agent or market declares", "义乌小象童装店",
              "principal / 委托人 / 实际货主"),
        _choice(
            "incoterm", "Incoterm of the sale", "DAP",
            "incoterm / terms of delivery / 成交方式 / 贸易术语",
            [Choice(code) for code in (
                "EXW", "FCA", "FAS", "FOB", "CFR", "CIF", "CPT", "CIP", "DAP", "DPU", "DDP")],
        ),
        _choice(
            "vat", "What becomes of the VAT paid at home", "REFUND", "vat / 增值税处理 / 退免税",
            [
                Choice("REFUND", words("退税 / 免退")),
                Choice("EXEMPT", words("免税 / 免征")),
                Choice("NONE", words("征税 / 不退 / taxed")),
            ],
        ),
        _value("value_max", "Most that one declaration may be worth", "150000",
               "value max / value limit / 限额 / 单票限额"),
        _currency("value_currency", "Currency of that limit",
                  "value currency / limit currency / 限额币种"),
        _text("scheme", "Scheme of the destination", "IOSS", "scheme / import scheme / 进口计划",
              longest=40),
        _text("scheme_number", "Its number", "IM1234567890",
              "scheme number / ioss number / ioss / 计划编号", longest=60),
        _value("scheme_value_max", "It is used up to this value of an order", "150",
               "scheme value max / scheme limit / 计划限额"),
        _currency("scheme_currency", "Currency of the scheme's limit",
                  "scheme currency / scheme limit currency / 计划限额币种"),
        *_DAYS, *_EVIDENCE,
    ),
)  # fmt: skip
