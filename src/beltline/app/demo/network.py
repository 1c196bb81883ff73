"""Who and where: the network's nodes, the generated suppliers, and when each is closed."""

import math
from collections import Counter
from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Final

import holidays

from beltline.app.demo import chance
from beltline.app.demo.belts import Belt
from beltline.app.demo.goods import STORY, Good
from beltline.app.demo.rows import ClosureRow, NodeRow, SupplierRow

OPERATOR: Final = "operator"
FACTORY_NODES: Final = 24

CHINA: Final = "Asia/Shanghai"
POLAND: Final = "Europe/Warsaw"


def _node(
    code: str, kind: str, names: tuple[str, str], where: tuple[str, str], point: tuple[str, str]
) -> NodeRow:
    (name, name_zh), (country, tz) = names, where
    latitude, longitude = (Decimal(degrees) for degrees in point)
    return NodeRow(code, kind, name, name_zh, country, tz, latitude, longitude)


OWN_NODES: Final = (
    _node("CON-YIW", "CONSOLIDATION", ("Yiwu consolidation hub", "义乌集货仓"),
          ("CN", CHINA), ("29.3065", "120.0751")),
    _node("SHARP-HGH", "SHARP", ("Hangzhou fast-mover warehouse", "杭州前置仓"),
          ("CN", CHINA), ("30.2741", "120.1551")),
    _node("SHARP-DGM", "SHARP", ("Dongguan fast-mover warehouse", "东莞前置仓"),
          ("CN", CHINA), ("23.0207", "113.7518")),
    _node("OVS-WAW", "OVERSEAS", ("Warsaw overseas warehouse", "华沙海外仓"),
          ("PL", POLAND), ("52.2297", "21.0122")),
    _node("RET-WAW", "RETURNS", ("Warsaw returns center", "华沙退货中心"),
          ("PL", POLAND), ("52.1706", "20.8124")),
)  # fmt: skip

YIWU: Final = (29.3065, 120.0751)

# A trade name is a first and a second syllable; a likeness to a real firm is chance.
FIRST: Final = (
    ("晨", "Chen"), ("恒", "Heng"), ("宏", "Hong"), ("瑞", "Rui"), ("佳", "Jia"),
    ("盛", "Sheng"), ("锦", "Jin"), ("泰", "Tai"), ("兴", "Xing"), ("天", "Tian"),
    ("明", "Ming"), ("百", "Bai"), ("新", "Xin"), ("海", "Hai"), ("德", "De"),
)  # fmt: skip
SECOND: Final = (
    ("峰", "feng"), ("达", "da"), ("源", "yuan"), ("隆", "long"), ("邦", "bang"),
    ("艺", "yi"), ("彩", "cai"), ("美", "mei"), ("辉", "hui"), ("旺", "wang"),
    ("诚", "cheng"), ("宇", "yu"), ("阳", "yang"), ("润", "run"), ("合", "he"),
)  # fmt: skip

TRADES: Final = {
    "apparel": ("服饰", "Garment"),
    "textile": ("纺织", "Textile"),
    "crafts": ("工艺品", "Crafts"),
    "hardware": ("五金制品", "Hardware"),
    "food": ("食品", "Food"),
    "home": ("家居用品", "Houseware"),
    "footwear": ("鞋业", "Footwear"),
    "jewellery": ("饰品", "Jewelry"),
    "toys": ("玩具", "Toys"),
    "beauty": ("日化用品", "Beauty"),
    "electronics": ("电子科技", "Electronics"),
    "appliance": ("电器", "Appliance"),
    "electrical": ("电器", "Electrical"),
    "sports": ("体育用品", "Sporting Goods"),
    "stationery": ("文具", "Stationery"),
    "bags": ("箱包", "Bags"),
    "eyewear": ("眼镜", "Eyewear"),
    "lighting": ("灯饰", "Lighting"),
    "music": ("乐器", "Musical Instrument"),
    "packaging": ("包装", "Packaging"),
    "pet": ("宠物用品", "Pet Products"),
}


def suppliers(goods: Sequence[Good], seed: int) -> tuple[SupplierRow, ...]:
    """About 250 factories, traders and stalls in the belts of the goods, ordered by code."""
    belts = {good.belt.belt_id: good.belt for good in goods}
    per_belt = Counter(good.belt.belt_id for good in goods)
    story = {good.belt.belt_id for good in goods if good.code in STORY}
    taken: set[str] = set()
    rows: list[SupplierRow] = []
    for belt_id in sorted(belts, key=lambda belt_id: belt_id[-3:]):
        number = 1 + per_belt[belt_id] + (2 if belt_id in story else 0)
        rows.extend(supplier(belts[belt_id], index, taken, seed) for index in range(1, number + 1))
    return tuple(rows)


def supplier(belt: Belt, index: int, taken: set[str], seed: int) -> SupplierRow:
    """One supplier; the first of a belt is always a factory."""
    code = f"S{belt.belt_id[-3:]}{index:02d}"
    kind = "FACTORY" if index == 1 else supplier_kind(belt, code, seed)
    name_zh, name = unused_name(belt, kind, code, taken, seed)
    making = {"FACTORY": (6, 18), "TRADER": (3, 8), "MARKET_STALL": (1, 4)}[kind]
    mean = chance.between(seed, *making, "making", code) + transit_days(belt)
    tier = "ABBCC"[chance.between(seed, 0, 4, "tier", code)]
    # The worse the tier, the longer the tail of the lead time.
    tail = {"A": 1.3, "B": 1.6, "C": 2.0}[tier]
    return SupplierRow(
        code=code,
        kind=kind,
        name=name,
        name_zh=name_zh,
        belt=belt.belt_id,
        tier=tier,
        lead_time_days_mean=mean,
        lead_time_days_p95=math.ceil(mean * tail),
        # 100 is no mobile prefix in China: the number can reach nobody.
        phone=f"+86 100 0{belt.belt_id[-3:]} 00{index:02d}",
    )


def supplier_kind(belt: Belt, code: str, seed: int) -> str:
    """Stalls stand in Yiwu's market; elsewhere three of four suppliers are factories."""
    draw = chance.unit(seed, "kind", code)
    if belt.place_zh == "义乌":
        return "MARKET_STALL" if draw < 0.6 else "TRADER"
    return "FACTORY" if draw < 0.75 else "TRADER"


def unused_name(belt: Belt, kind: str, code: str, taken: set[str], seed: int) -> tuple[str, str]:
    """A firm name, zh and en, that no supplier of the world has yet; it is marked as taken."""
    trade_zh, trade = TRADES.get(belt.category, ("日用品", "General Goods"))
    attempt = 0
    while True:
        first_zh, first = chance.pick(seed, FIRST, "first", code, attempt)
        second_zh, second = chance.pick(seed, SECOND, "second", code, attempt)
        brand_zh, brand = belt.place_zh + first_zh + second_zh, f"{belt.place} {first}{second}"
        if brand_zh not in taken:
            break
        attempt += 1
    taken.add(brand_zh)
    return {
        "FACTORY": (f"{brand_zh}{trade_zh}有限公司", f"{brand} {trade} Co., Ltd."),
        "TRADER": (f"{brand_zh}贸易有限公司", f"{brand} Trading Co., Ltd."),
        "MARKET_STALL": (f"{brand_zh}{trade_zh}商行", f"{brand} {trade} Stall"),
    }[kind]


def transit_days(belt: Belt) -> int:
    """Days by road to the hub in Yiwu: one for pick-up and one for each 600 km begun."""
    return 1 + math.ceil(distance_km((belt.latitude, belt.longitude), YIWU) / 600)


def distance_km(a: tuple[float, float], b: tuple[float, float]) -> float:
    """Great-circle distance between two (latitude, longitude) points in degrees."""
    (lat_a, lon_a), (lat_b, lon_b) = (tuple(map(math.radians, point)) for point in (a, b))
    half = math.sin((lat_b - lat_a) / 2) ** 2
    half += math.cos(lat_a) * math.cos(lat_b) * math.sin((lon_b - lon_a) / 2) ** 2
    return 2 * 6371.0 * math.asin(math.sqrt(half))


def factory_node(row: SupplierRow, belt: Belt) -> NodeRow:
    """The node at which a supplier's own stock is declared: the point of its belt."""
    return NodeRow(
        code=f"FAC-{row.code}",
        kind="FACTORY",
        name=row.name,
        name_zh=row.name_zh,
        country="CN",
        tz=CHINA,
        latitude=Decimal(f"{belt.latitude:.5f}"),
        longitude=Decimal(f"{belt.longitude:.5f}"),
        supplier=row.code,
    )


def declaring(rows: Sequence[SupplierRow], goods: Sequence[Good]) -> tuple[SupplierRow, ...]:
    """The factories that declare their stock: those of the story's belts, then others in turn."""
    story = {good.belt.belt_id for good in goods if good.code in STORY}
    factories = [row for row in rows if row.kind == "FACTORY"]
    first = [row for row in factories if row.belt in story]
    rest = [row for row in factories if row.belt not in story]
    step = max(1, len(rest) // max(1, FACTORY_NODES - len(first)))
    return tuple((first + rest[::step])[:FACTORY_NODES])


def spring_festivals(today: date) -> tuple[date, ...]:
    """First days of the Spring Festivals that can still disturb a plan made today (400 days)."""
    from_, until = today - timedelta(days=30), today + timedelta(days=400)
    china = holidays.country_holidays(
        "CN", years=range(from_.year, until.year + 1), language="en_US"
    )
    firsts: dict[int, date] = {}
    for day, name in sorted(china.items()):
        if "Spring Festival" in name:
            firsts.setdefault(day.year, day)
    return tuple(day for day in firsts.values() if from_ <= day <= until)


def closures(rows: Sequence[SupplierRow], today: date, seed: int) -> tuple[ClosureRow, ...]:
    """Spring Festival closures of every supplier and own node in China, and Polish holidays."""
    festivals = spring_festivals(today)
    return (
        tuple(supplier_closure(row, day, seed) for row in rows for day in festivals)
        + tuple(
            node_closure(node.code, day)
            for node in OWN_NODES
            if node.country == "CN"
            for day in festivals
        )
        + polish_holidays(today)
    )


def supplier_closure(row: SupplierRow, festival: date, seed: int) -> ClosureRow:
    """Two to three weeks closed around the festival; orders later than the lead time miss it."""
    key = (row.code, festival)
    starts = festival - timedelta(days=chance.between(seed, 4, 9, "closes", *key))
    ends = festival + timedelta(days=chance.between(seed, 9, 12, "opens", *key))
    return ClosureRow(
        supplier=row.code,
        node="",
        starts=starts,
        ends=ends,
        ramp_down_from=starts - timedelta(days=chance.between(seed, 5, 14, "down", *key)),
        ramp_up_until=ends + timedelta(days=chance.between(seed, 7, 16, "up", *key)),
        last_order_date=starts - timedelta(days=row.lead_time_days_mean),
        reason="春节 Spring Festival",
    )


def node_closure(code: str, festival: date) -> ClosureRow:
    """The warehouses close for the week of the statutory holiday."""
    starts, ends = festival - timedelta(days=1), festival + timedelta(days=6)
    return ClosureRow("", code, starts, ends, None, None, None, "春节 Spring Festival")


def polish_holidays(today: date) -> tuple[ClosureRow, ...]:
    """Public holidays of the next half year in Warsaw, one day each."""
    until = today + timedelta(days=180)
    days = holidays.country_holidays(
        "PL", years=range(today.year, until.year + 1), language="en_US"
    )
    return tuple(
        ClosureRow("", node.code, day, day, None, None, None, name)
        for node in OWN_NODES
        if node.country == "PL"
        for day, name in sorted(days.items())
        if today <= day <= until
    )
