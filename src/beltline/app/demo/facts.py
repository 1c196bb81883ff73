"""What a reader of the demo must know: what is real, shifted or generated, and on which terms."""

from datetime import date
from decimal import Decimal
from typing import Final, Literal

import msgspec

from beltline.app.demo import journey, tafeng
from beltline.app.demo.history import TWD_PER_CNY, TWD_PER_USD, Event, Frequency, History

World = Literal["tafeng", "journey"]
Part = Literal["REAL", "SIMULATED", "SHIFTED", "GENERATED", "TERMS"]


class DatasetFile(msgspec.Struct, frozen=True):
    """One file to import: the dataset it belongs to, its name in the folder, its rows."""

    dataset: str
    name: str
    rows: int


class Rate(msgspec.Struct, frozen=True):
    """A fixed demo rate: `units` of `currency` make one of `per`. No market rate."""

    currency: str
    per: str
    units: Decimal


class Note(msgspec.Struct, frozen=True):
    """One plain sentence about a part of the world, in both languages."""

    part: Part
    en: str
    zh: str


class Area(msgspec.Struct, frozen=True):
    """Areas of the source that stand for a demand node (empty where stores were dealt)."""

    node: str
    areas: tuple[str, ...]


class WorldFacts(msgspec.Struct, frozen=True):
    """Everything about a built world that is not in its rows.

    `files` stand in the order of import. `measured` counts what was taken from the source,
    `story` names one SKU for each of the goods of the demo's story.
    """

    world: World
    seed: int
    today: date
    frequency: Frequency
    files: tuple[DatasetFile, ...]
    measured: dict[str, int]
    source_first: date
    source_last: date
    cut_days: int
    shift_days: int
    history_first: date
    history_latest: date
    events: tuple[Event, ...]
    spring_festivals: tuple[date, ...]
    rates: tuple[Rate, ...]
    areas: tuple[Area, ...]
    notes: tuple[Note, ...]
    story: dict[str, str]


RATES: Final = (Rate("TWD", "CNY", TWD_PER_CNY), Rate("TWD", "USD", TWD_PER_USD))

GENERATED: Final = Note(
    "GENERATED",
    "Suppliers, their names and phone numbers, offers' minimums, packs and price breaks, goods' "
    "names, weights and sizes, stock, open purchase orders, lanes, carriers' rates, cartons, "
    "companies with their numbers and coming promotions are generated with a fixed seed; a "
    "likeness to any firm is chance. The industrial belts are real places (their `evidence` "
    "column says which were checked), and the closures follow the real date of the next Spring "
    "Festival. What countries levy is their law (its `source` column says where it stands); "
    "exchange rates against the dollar are fixed, no market rates.",
    "供应商及其名称和电话、起订量、包装与阶梯价、商品名称、重量与尺寸、库存、在途采购单、线路、承运商报价、纸箱规格、"
    "公司及其号码和未来促销均按固定随机种子生成,如与真实企业雷同纯属巧合。产业带为真实地点"
    "(evidence 列说明是否核实),停工日期按下一个春节的真实日期安排。"
    "各国征税规则依据其法律(source 列注明出处),对美元汇率为固定值,非市场汇率。",
)


def notes(world: World, history: History) -> tuple[Note, ...]:
    """The sentences for the page and the README."""
    own = tafeng_notes if world == "tafeng" else journey_notes
    return (*own(history), GENERATED)


def tafeng_notes(history: History) -> tuple[Note, ...]:
    """What the Ta Feng world is made of."""
    first, last = history.source_first.isoformat(), history.source_last.isoformat()
    products, series = history.measured["kept_products"], history.measured["kept_series"]
    weeks, cut = history.shift_days // 7, history.cut_days
    return (
        Note(
            "REAL",
            f"Daily demand, mean prices and mean costs are real: lines of a supermarket in Taiwan, "
            f"{first} to {last}, {products:,} products in {series:,} series with at least "
            f"{tafeng.MIN_SERIES_LINES} lines each. Areas of its customers stand for the demand "
            f"nodes. The source has no stock record, so in-stock flags are left empty.",
            f"日需求、均价和平均成本为真实数据:台湾一家超市 {first} 至 {last} 的销售明细,"
            f"{products:,} 种商品、{series:,} 条序列(每条至少 {tafeng.MIN_SERIES_LINES} 行)。"
            f"顾客所在区域代表需求节点。原始数据没有库存记录,因此有货标记留空。",
        ),
        Note(
            "SHIFTED",
            f"All dates are moved by {weeks:,} whole weeks, so weekdays stay right; the last "
            f"{cut} days of the source are cut so that history ends yesterday. The Spring "
            f"Festival of the source ({tafeng.SPRING_FESTIVAL.isoformat()}) moves along.",
            f"所有日期平移 {weeks:,} 个整周,星期不变;截去原始数据最后 {cut} 天,使历史止于昨天。"
            f"原始数据中的春节({tafeng.SPRING_FESTIVAL.isoformat()})随之移动。",
        ),
        Note(
            "SHIFTED",
            f"Amounts in TWD are converted at fixed demo rates, which are no market rates: "
            f"{TWD_PER_CNY} TWD to 1 CNY for costs, {TWD_PER_USD} TWD to 1 USD for prices.",
            f"新台币金额按固定演示汇率换算(非市场汇率):成本 {TWD_PER_CNY} 新台币兑 1 人民币,"
            f"售价 {TWD_PER_USD} 新台币兑 1 美元。",
        ),
        Note(
            "TERMS",
            f"Source: the Ta Feng grocery baskets, published for research with the RecSys "
            f"community; read in place from the PyPI package {tafeng.PACKAGE} (MIT), never copied.",
            f"来源:Ta Feng 超市购物篮数据,随 RecSys 研究社区公开供研究使用;"
            f"直接读取 PyPI 包 {tafeng.PACKAGE}(MIT)中的文件,不作复制。",
        ),
    )


def journey_notes(history: History) -> tuple[Note, ...]:
    """What the Complete Journey world is made of: nothing of it is called real."""
    weeks = history.shift_days // 7
    return (
        Note(
            "SIMULATED",
            'Demand, prices and promotions are simulated. The provider says: "This package '
            'contains simulated data based on real grocery shopping patterns." Its stores are '
            "dealt to four markets, which stand for the demand nodes; costs are generated.",
            '需求、价格和促销为模拟数据。提供方原文:"This package contains simulated data based on '
            'real grocery shopping patterns." 门店轮流分入四个市场代表需求节点;成本为生成数据。',
        ),
        Note(
            "SHIFTED",
            f"All weeks are moved by {weeks:,} whole weeks, so that history ends with the last "
            "full week; weeks 1 and 53, fuel and coupons are left out.",
            f"所有周平移 {weeks:,} 个整周,使历史止于最近一个完整周;"
            "第 1、53 周及燃油、优惠券已剔除。",
        ),
        Note(
            "TERMS",
            f"Source: The Complete Journey by 84.51°, PyPI package {journey.PACKAGE} (MIT), "
            "intended by its provider for educational and exploratory data analysis only; read "
            "in place, never copied.",
            f"来源:84.51° The Complete Journey,PyPI 包 {journey.PACKAGE}(MIT),"
            "提供方声明仅供教学和探索性分析;直接读取,不作复制。",
        ),
    )
