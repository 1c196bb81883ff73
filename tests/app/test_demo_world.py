"""The demo world's files: nothing invented in the demand, everything coherent around it."""

import csv
import sys
import zipfile
from collections import Counter, defaultdict
from datetime import date, timedelta
from decimal import Decimal
from hashlib import sha256
from itertools import pairwise
from pathlib import Path

import msgspec
import openpyxl
import polars as pl
import pytest

from beltline.app.demo import belts, chance, files, goods, journey, network, orders, tafeng, world
from beltline.app.demo.facts import World, WorldFacts
from beltline.app.demo.history import DEMAND_NODES, DemoDataMissing, DemoDataUnreadable
from beltline.app.demo.rows import OfferRow, PromotionRow

TODAY = date(2026, 11, 22)
YESTERDAY = TODAY - timedelta(days=1)


class Built(msgspec.Struct, frozen=True):
    """A world on disk with its facts."""

    folder: Path
    facts: WorldFacts

    def rows(self, dataset: str) -> list[dict[str, str]]:
        """The rows of a CSV file."""
        with (self.folder / f"{dataset}.csv").open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))

    def demand(self) -> pl.DataFrame:
        """The whole panel."""
        return pl.read_parquet(self.folder / "demand.parquet")


def silent(share: float, sentence: str) -> None:
    """No progress wanted."""


def built(folder: Path, name: World) -> Built:
    try:
        return Built(folder, world.build(folder, today=TODAY, world=name, progress=silent))
    except DemoDataMissing as missing:
        pytest.skip(missing.message)


@pytest.fixture(scope="module")
def ta_feng(tmp_path_factory: pytest.TempPathFactory) -> Built:
    return built(tmp_path_factory.mktemp("tafeng"), "tafeng")


@pytest.fixture(scope="module")
def complete_journey(tmp_path_factory: pytest.TempPathFactory) -> Built:
    return built(tmp_path_factory.mktemp("journey"), "journey")


@pytest.fixture(scope="module")
def source() -> pl.DataFrame:
    """All lines of the Ta Feng file."""
    try:
        return tafeng.read_lines(tafeng.data_file())
    except DemoDataMissing as missing:
        pytest.skip(missing.message)


@pytest.fixture(scope="module")
def kept(source: pl.DataFrame, ta_feng: Built) -> pl.DataFrame:
    """The source's lines of the world's series, up to the day on which history was cut."""
    series = pl.DataFrame(
        [{"source": row["source_product"], "sku": row["sku"]} for row in ta_feng.rows("sources")]
    )
    pairs = (
        ta_feng.demand()
        .select(pl.col("unique_id").str.split("@"))
        .select(
            pl.col("unique_id").list.get(0).alias("sku"),
            pl.col("unique_id").list.get(1).alias("node"),
        )
    )
    wanted = pairs.unique().join(series, on="sku")
    lines = source.filter(pl.col("ds") <= ta_feng.facts.source_last)
    return lines.join(wanted, on=["source", "node"])


def test_the_source_is_the_file_that_the_notes_describe(source: pl.DataFrame) -> None:
    assert source.height == 817_741
    assert source["source"].n_unique() == 23_812
    assert source.null_count().sum_horizontal().item() == 0


def test_the_world_has_the_products_that_sell_often_enough(
    ta_feng: Built, source: pl.DataFrame
) -> None:
    often = source.group_by("source").len().filter(pl.col("len") >= tafeng.MIN_LINES)["source"]
    measured = ta_feng.facts.measured
    assert often.len() == 3_033
    assert 2_900 <= measured["kept_products"] <= often.len()
    assert {row["source_product"] for row in ta_feng.rows("sources")} <= set(often)
    assert ta_feng.demand()["unique_id"].n_unique() == measured["kept_series"] > 8_000


def test_units_of_every_series_equal_the_source(ta_feng: Built, kept: pl.DataFrame) -> None:
    real = kept.group_by(pl.concat_str("sku", pl.lit("@"), "node").alias("unique_id")).agg(
        pl.col("units").sum()
    )
    shown = ta_feng.demand().group_by("unique_id").agg(pl.col("y").sum())
    both = real.join(shown, on="unique_id", how="full", validate="1:1")
    assert both.filter(pl.col("units").ne_missing(pl.col("y"))).is_empty()
    assert both["y"].sum() == ta_feng.facts.measured["kept_units"]


def test_weekdays_stay_right(ta_feng: Built, kept: pl.DataFrame) -> None:
    def by_weekday(table: pl.DataFrame, units: str) -> dict[int, int]:
        grouped = table.group_by(pl.col("ds").dt.weekday().alias("weekday"))
        return dict(grouped.agg(pl.col(units).sum()).iter_rows())

    assert by_weekday(ta_feng.demand(), "y") == by_weekday(kept, "units")


def test_the_festival_moves_with_the_demand(ta_feng: Built, kept: pl.DataFrame) -> None:
    event = next(one for one in ta_feng.facts.events if one.kind == "spring_festival")
    assert event.source_day == date(2001, 1, 24)
    for offset in (-3, -2, 0, 1):
        step = timedelta(days=offset)
        shown = ta_feng.demand().filter(pl.col("ds") == event.day + step)["y"].sum()
        assert shown == kept.filter(pl.col("ds") == event.source_day + step)["units"].sum()


def test_days_with_few_records_are_told(ta_feng: Built) -> None:
    thin = [one.source_day for one in ta_feng.facts.events if one.kind == "thin_day"]
    assert [date(2000, 12, day) for day in range(19, 26)] == [
        day for day in thin if day.month == 12
    ]


def test_history_ends_yesterday_without_gaps(ta_feng: Built) -> None:
    spans = (
        ta_feng.demand()
        .group_by("unique_id")
        .agg(
            pl.col("ds").min().alias("first"),
            pl.col("ds").max().alias("last"),
            pl.len().alias("days"),
        )
    )
    assert spans["last"].unique().to_list() == [YESTERDAY]
    whole = (pl.col("last") - pl.col("first")).dt.total_days() + 1 == pl.col("days")
    assert spans.filter(~whole).is_empty()
    assert ta_feng.facts.shift_days % 7 == 0
    assert ta_feng.facts.history_latest == YESTERDAY


@pytest.mark.parametrize("ahead", range(8))
def test_any_last_day_is_reached_by_whole_weeks_and_a_cut_below_one(ahead: int) -> None:
    last = date(2001, 2, 28)
    until = YESTERDAY + timedelta(days=ahead)
    shift = tafeng.weeks_to(pl.DataFrame({"ds": [last]}), until)
    assert shift.days % 7 == 0
    assert 0 <= (last - (until - shift)).days <= 6


def test_prices_are_the_mean_of_the_day_in_dollars(ta_feng: Built, kept: pl.DataFrame) -> None:
    shift = timedelta(days=ta_feng.facts.shift_days)
    real = kept.group_by("sku", "node", "ds").agg(pl.col("units").sum(), pl.col("sales").sum())
    row = real.sort("units", "sku", "node", "ds", descending=True).row(0, named=True)
    shown = ta_feng.demand().filter(
        (pl.col("unique_id") == f"{row['sku']}@{row['node']}") & (pl.col("ds") == row["ds"] + shift)
    )
    expected = Decimal(row["sales"]) / row["units"] / 32
    assert abs(Decimal(shown["price"].item()) - expected) <= Decimal("0.00005")
    sold = pl.col("y") > 0
    assert ta_feng.demand().filter(sold != pl.col("price").is_not_null()).is_empty()


def test_stock_flags_are_left_empty(ta_feng: Built) -> None:
    assert ta_feng.demand()["in_stock"].is_null().all()


def test_costs_are_the_source_s_means(ta_feng: Built, source: pl.DataFrame) -> None:
    products = {row["sku"]: row["source_product"] for row in ta_feng.rows("sources")}
    made = {row["code"]: row["supplier"] for row in ta_feng.rows("products")}
    product_of = {row["code"]: row["product"] for row in ta_feng.rows("skus")}
    known = source.filter(pl.col("cost") > 0).group_by("source")
    sums = known.agg(pl.col("cost").sum(), pl.col("units").sum())
    mean = {code: Decimal(cost) / units / Decimal("4.4") for code, cost, units in sums.iter_rows()}
    checked = 0
    for row in ta_feng.rows("offers"):
        first = row["quantity_from"] == row["moq"]
        if row["supplier"] == made[product_of[row["sku"]]] and first and row["sku"] in products:
            expected = mean[products[row["sku"]]]
            assert abs(Decimal(row["unit_price"]) - expected) <= Decimal("0.0051")
            checked += 1
    assert checked == len(products)


@pytest.mark.parametrize("name", ["ta_feng", "complete_journey"])
def test_every_sku_is_offered_to_the_operator_and_to_buyers(
    name: str, request: pytest.FixtureRequest
) -> None:
    there: Built = request.getfixturevalue(name)
    pack = {row["code"]: int(row["pack_size"]) for row in there.rows("skus")}
    audiences = defaultdict(set)
    terms: dict[tuple[str, ...], list[OfferRow]] = defaultdict(list)
    for row in there.rows("offers"):
        offer = msgspec.convert(
            {key: value or None for key, value in row.items()}, OfferRow, strict=False
        )
        audiences[offer.sku].add(offer.audience)
        terms[offer.supplier, offer.sku, offer.audience].append(offer)
    assert set(audiences) == set(pack)
    assert all(found == {"OPERATOR", "BUYERS"} for found in audiences.values())
    for (seller, sku, audience), breaks in terms.items():
        assert (seller == "operator") == (audience == "BUYERS")
        quantities = [one.quantity_from for one in breaks]
        assert quantities == sorted(set(quantities))
        assert quantities[0] == breaks[0].moq >= 1
        assert len({one.moq for one in breaks}) == 1
        prices = [one.unit_price for one in breaks]
        assert prices == sorted(prices, reverse=True)
        assert prices[-1] > 0
        if audience == "OPERATOR":
            assert breaks[0].moq % pack[sku] == 0


def test_a_quarter_of_the_skus_has_a_second_source(ta_feng: Built) -> None:
    sellers = defaultdict(set)
    for row in ta_feng.rows("offers"):
        if row["audience"] == "OPERATOR":
            sellers[row["sku"]].add(row["supplier"])
    share = sum(len(found) == 2 for found in sellers.values()) / len(sellers)
    assert max(len(found) for found in sellers.values()) == 2
    assert 0.2 < share < 0.3


@pytest.mark.parametrize("name", ["ta_feng", "complete_journey"])
def test_every_reference_between_the_files_is_met(
    name: str, request: pytest.FixtureRequest
) -> None:
    there: Built = request.getfixturevalue(name)
    codes = {
        dataset: [row["code"] for row in there.rows(dataset)]
        for dataset in ("nodes", "products", "skus")
    }
    sheet = openpyxl.load_workbook(there.folder / "suppliers.xlsx").worksheets[0]
    codes["suppliers"] = [str(row[0]) for row in sheet.iter_rows(min_row=3, values_only=True)]
    for values in codes.values():
        assert len(values) == len(set(values))
        assert not any("@" in code for code in values)
    nodes, skus, suppliers = set(codes["nodes"]), set(codes["skus"]), set(codes["suppliers"])
    products, parties = set(codes["products"]), suppliers | {"operator"}
    for row in there.rows("products"):
        assert row["supplier"] in suppliers
    for row in there.rows("skus"):
        assert row["product"] in products
    for row in there.rows("offers"):
        assert (row["sku"] in skus, row["supplier"] in parties) == (True, True)
    for row in there.rows("stock"):
        assert (row["sku"] in skus, row["node"] in nodes, row["owner"] in parties) == (True,) * 3
        assert (row["owner"] == "operator") == (row["kind"] == "COUNTED")
        assert row["node"].startswith("FAC-") == (row["kind"] == "DECLARED")
    for row in there.rows("closures"):
        assert bool(row["supplier"]) != bool(row["node"])
        assert row["supplier"] in suppliers or row["node"] in nodes
    for row in there.rows("promotions"):
        assert row["sku"] in skus
        assert row["node"] in nodes | {""}
    for unique_id in there.demand()["unique_id"].unique():
        sku, node = unique_id.split("@")
        assert (sku in skus, node in DEMAND_NODES) == (True, True)


def test_open_orders_keep_to_the_terms(ta_feng: Built) -> None:
    moq = {
        (row["supplier"], row["sku"]): int(row["moq"])
        for row in ta_feng.rows("offers")
        if row["audience"] == "OPERATOR"
    }
    pack = {row["code"]: int(row["pack_size"]) for row in ta_feng.rows("skus")}
    found = ta_feng.rows("orders_open")
    parties = defaultdict(set)
    for row in found:
        assert int(row["quantity"]) >= moq[row["supplier"], row["sku"]]
        assert int(row["quantity"]) % pack[row["sku"]] == 0
        assert date.fromisoformat(row["ordered_date"]) < TODAY
        parties[row["number"]].add((row["supplier"], row["node"], row["ordered_date"]))
    assert all(len(found) == 1 for found in parties.values())
    assert any(date.fromisoformat(row["expected_date"]) < TODAY for row in found)


def test_some_series_start_short_some_covered_some_over(ta_feng: Built) -> None:
    recent = (
        ta_feng.demand()
        .filter(pl.col("ds") > YESTERDAY - timedelta(days=28))
        .group_by("unique_id")
        .agg((pl.col("y").sum() / 28).alias("daily"))
    )
    daily = dict(recent.iter_rows())
    cover = [
        int(row["on_hand"]) / daily[key]
        for row in ta_feng.rows("stock")
        if (key := f"{row['sku']}@{row['node']}") in daily and daily[key] > 0
    ]
    short, over = sum(days < 6 for days in cover), sum(days > 90 for days in cover)
    assert 0.05 < short / len(cover) < 0.3
    assert 0.05 < over / len(cover) < 0.3


def test_every_supplier_closes_for_the_coming_spring_festival(ta_feng: Built) -> None:
    festival = date(2027, 2, 6)
    assert ta_feng.facts.spring_festivals == (festival,)
    closed = [row for row in ta_feng.rows("closures") if row["supplier"]]
    assert len({row["supplier"] for row in closed}) == len(closed) > 200
    lengths = set()
    for row in closed:
        day = {key: date.fromisoformat(value) for key, value in row.items() if value[:2] == "20"}
        assert day["last_order_date"] < day["starts"] <= festival <= day["ends"]
        assert day["ramp_down_from"] < day["starts"]
        assert day["ends"] < day["ramp_up_until"]
        lengths.add((day["ends"] - day["starts"]).days + 1)
    assert min(lengths) >= 14
    assert max(lengths) <= 22
    assert len(lengths) > 4


def test_festivals_of_the_next_year_come_into_view() -> None:
    assert network.spring_festivals(date(2027, 2, 20)) == (date(2027, 2, 6), date(2028, 1, 26))
    assert network.spring_festivals(date(2027, 4, 1)) == (date(2028, 1, 26),)


def test_suppliers_come_as_an_erp_prints_them(ta_feng: Built) -> None:
    sheet = openpyxl.load_workbook(ta_feng.folder / "suppliers.xlsx").worksheets[0]
    assert [str(area) for area in sheet.merged_cells.ranges] == ["A1:I1"]
    assert [cell.value for cell in sheet[2]] == list(files.SUPPLIER_HEADERS.values())
    rows = list(sheet.iter_rows(min_row=3, values_only=True))
    assert 200 <= len(rows) <= 300
    assert {row[1] for row in rows} == {"FACTORY", "TRADER", "MARKET_STALL"}
    assert {row[5] for row in rows} == {"A", "B", "C"}
    assert len({row[2] for row in rows}) == len(rows)
    assert {row[4] for row in rows} <= set(belts.load())


def test_there_is_a_node_of_every_kind(ta_feng: Built) -> None:
    kinds = Counter(row["kind"] for row in ta_feng.rows("nodes"))
    assert set(kinds) == {"FACTORY", "CONSOLIDATION", "SHARP", "OVERSEAS", "RETURNS"}
    for row in ta_feng.rows("nodes"):
        assert -90 <= float(row["latitude"]) <= 90
        assert row["tz"] == {"CN": "Asia/Shanghai", "PL": "Europe/Warsaw"}[row["country"]]


def test_the_goods_of_the_story_exist_by_name_and_sell(ta_feng: Built) -> None:
    skus = {row["code"]: row for row in ta_feng.rows("skus")}
    story = {good: skus[code] for good, code in ta_feng.facts.story.items()}
    words = {
        "PYJAMA": ("Zhili", "织里"), "LIGHTTOY": ("Chenghai", "澄海"),
        "FLASK": ("Yongkang", "永康"), "JEWEL": ("Yiwu", "义乌"), "FABRIC": ("Keqiao", "柯桥"),
    }  # fmt: skip
    for good, (en, zh) in words.items():
        assert en in story[good]["title"]
        assert zh in story[good]["title_zh"]
    assert story["LIGHTTOY"]["cargo_class"] == "BUILT_IN_BATTERY"
    assert story["FABRIC"]["uom"] == "METRE"
    assert "dye lot" in story["FABRIC"]["title"]
    units = ta_feng.demand().group_by(pl.col("unique_id").str.split("@").list.get(0)).agg("y")
    sold = {sku: sum(days) for sku, days in units.iter_rows()}
    for good in goods.STORY:
        assert sold[ta_feng.facts.story[good]] > 60


def test_headings_of_goods_are_those_of_their_belt() -> None:
    table = goods.load(belts.load())
    assert len({good.code for good in table}) == len(table) > 100
    for good in table:
        assert good.hs4 in good.belt.hs4, good.code
        assert good.band_low <= good.band_high <= len(goods.BANDS)
    for band in range(len(goods.BANDS) + 1):
        assert sum(goods.covers(good, band) for good in table) >= 10


@pytest.mark.parametrize("name", ["tafeng", "journey"])
def test_the_same_seed_gives_the_same_bytes(
    name: World, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    first: Built = request.getfixturevalue(
        {"tafeng": "ta_feng", "journey": "complete_journey"}[name]
    )
    again = built(tmp_path, name)
    assert again.facts == first.facts
    names = sorted(path.name for path in first.folder.iterdir())
    assert names == sorted(path.name for path in tmp_path.iterdir())
    for file in names:
        one, other = (
            sha256((folder / file).read_bytes()).hexdigest() for folder in (first.folder, tmp_path)
        )
        assert one == other, file


def test_the_facts_list_every_file_with_its_rows(ta_feng: Built) -> None:
    assert [file.dataset for file in ta_feng.facts.files] == [
        "suppliers", "nodes", "products", "skus", "offers", "closures", "stock", "demand",
        "promotions", "orders_open", "lanes", "rates", "cartons",
        "valuation_rules", "tax_rates", "low_value_rules", "events",
    ]  # fmt: skip
    for file in ta_feng.facts.files:
        if file.name.endswith(".csv"):
            assert len(ta_feng.rows(file.dataset)) == file.rows
    written = msgspec.json.decode((ta_feng.folder / "facts.json").read_bytes(), type=WorldFacts)
    assert written == ta_feng.facts
    assert {note.part for note in ta_feng.facts.notes} == {"REAL", "SHIFTED", "GENERATED", "TERMS"}


def test_every_node_that_sends_goods_has_a_carton_for_each_of_them(ta_feng: Built) -> None:
    rows = ta_feng.rows("cartons")
    assert {row["node"] for row in rows} == {row["node"] for row in ta_feng.rows("lanes")}
    sides = ("length_mm", "width_mm", "height_mm")
    largest = [max(int(row[side]) for row in rows) for side in sides]
    # Fabric is cut and folded.
    for sku in (row for row in ta_feng.rows("skus") if row["uom"] != "METRE"):
        turned = sorted((int(sku[side]) for side in sides), reverse=True)
        assert all(side <= most for side, most in zip(turned, largest, strict=True)), sku["code"]


def test_what_countries_levy_on_is_their_law_or_not_known(ta_feng: Built) -> None:
    rows = {row["country"]: row for row in ta_feng.rows("valuation_rules")}
    assert (rows["PL"]["basis"], rows["DE"]["customs_union"]) == ("CIF", "EU")
    assert (rows["US"]["basis"], rows["US"]["vat_basis"]) == ("FOB", "VALUE")
    assert all(row["source"] for row in rows.values())
    # Nobody has looked up the law of the others.
    known = {row["country"] for row in ta_feng.rows("lanes")} - set(rows)
    assert known == {"AE", "BR", "CN"}
    # Duty by code is not known anywhere; that on little worth is, where the law has been looked up.
    assert {row["kind"] for row in ta_feng.rows("tax_rates")} == {"VAT"}
    little = {row["country"]: row for row in ta_feng.rows("low_value_rules")}
    assert (little["PL"]["duty_fixed"], little["PL"]["scheme"]) == ("3", "IOSS")
    assert little["GB"]["duty_percent"] == "0"
    assert all(row["source"] and row["valid_from"] for row in little.values())


def test_every_lane_has_a_rate_and_haste_is_dear(ta_feng: Built) -> None:
    rows = ta_feng.rows("rates")
    lanes = {(row["node"], row["country"]) for row in ta_feng.rows("lanes")}
    assert {(row["node"], row["country"]) for row in rows} == lanes
    first = {
        (row["service"], row["node"], row["country"]): row
        for row in rows
        if int(row["weight_from_g"]) == 0
    }
    by_air = [key[1:] for key in first if key[0] == "DEMO-EXP"]
    assert by_air
    for lane in by_air:
        slow, fast = first["DEMO-ECO", *lane], first["DEMO-EXP", *lane]
        assert float(fast["transit_days_p50"]) < float(slow["transit_days_p50"])
        assert float(fast["per_kg"]) > float(slow["per_kg"])
    for row in rows:
        whole = first[row["service"], row["node"], row["country"]]
        heavier = int(row["weight_from_g"]) > 0
        assert (float(row["per_kg"]) < float(whole["per_kg"])) == heavier


def test_the_journey_is_weekly_whole_and_called_simulated(complete_journey: Built) -> None:
    facts, demand = complete_journey.facts, complete_journey.demand()
    assert facts.frequency == "W"
    assert demand.height == 5_000 * 4 * 51
    assert demand.null_count()["price"].item() == 0
    assert demand["ds"].dt.weekday().unique().to_list() == [1]
    assert facts.history_latest == date(2026, 11, 9)
    assert facts.shift_days % 7 == 0
    assert demand["y"].sum() == facts.measured["kept_units"]
    assert {note.part for note in facts.notes} == {"SIMULATED", "SHIFTED", "GENERATED", "TERMS"}
    assert any("contains simulated data based on real grocery" in note.en for note in facts.notes)


def test_the_journey_s_promotions_lie_inside_history_and_never_overlap(
    complete_journey: Built,
) -> None:
    spans = defaultdict(list)
    for row in complete_journey.rows("promotions"):
        found = msgspec.convert(
            {key: value or None for key, value in row.items()} | {"node": row["node"]},
            PromotionRow,
            strict=False,
        )
        if found.kind != "DISCOUNT":
            spans[found.sku, found.node, found.kind].append((found.starts, found.ends))
    assert len(spans) > 1_000
    for runs in spans.values():
        assert all(starts.weekday() == 0 and ends.weekday() == 6 for starts, ends in runs)
        assert all(ends < starts for (_, ends), (starts, _) in pairwise(runs))
        assert complete_journey.facts.history_first <= runs[0][0]
        assert runs[-1][1] <= YESTERDAY


@pytest.mark.parametrize(
    ("yesterday", "monday"),
    [
        (date(2026, 11, 21), date(2026, 11, 9)),
        (date(2026, 11, 22), date(2026, 11, 16)),
        (date(2026, 11, 23), date(2026, 11, 16)),
    ],
)
def test_only_full_weeks_count(yesterday: date, monday: date) -> None:
    assert journey.latest_week(yesterday) == monday


def test_a_morning_of_orders_can_be_served(ta_feng: Built) -> None:
    bodies = orders.morning(ta_feng.folder, count=300, seed=7)
    assert bodies == orders.morning(ta_feng.folder, count=300, seed=7)
    assert len({body["reference"] for body in bodies}) == 300
    assert len({body["ship_to"]["country"] for body in bodies}) == 15
    moq = {
        row["sku"]: int(row["moq"]) for row in ta_feng.rows("offers") if row["audience"] == "BUYERS"
    }
    stock: dict[str, int] = defaultdict(int)
    for row in ta_feng.rows("stock"):
        stock[row["sku"]] = max(stock[row["sku"]], int(row["on_hand"]))
    for body in bodies:
        skus = [line["sku"] for line in body["lines"]]
        assert 1 <= len(skus) == len(set(skus)) <= 5
        for line in body["lines"]:
            assert moq[line["sku"]] <= line["quantity"] <= stock[line["sku"]]
            assert line["quantity"] % moq[line["sku"]] == 0
        assert body["payment"] == {"method": "BALANCE"}


def test_one_more_product_changes_no_other_draw() -> None:
    assert chance.unit(1, "a", 2) == chance.unit(1, "a", 2)
    assert chance.unit(1, "a", 2) != chance.unit(2, "a", 2)
    draws = [chance.between(5, 1, 6, "die", throw) for throw in range(6_000)]
    assert set(draws) == set(range(1, 7))
    assert all(850 < count < 1_150 for count in Counter(draws).values())


def test_an_absent_package_is_refused_with_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "path", [])
    for look in (tafeng.data_file, journey.data_folder):
        with pytest.raises(DemoDataMissing, match="Run: make setup"):
            look()


def test_a_broken_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "ta_feng.csv.zip"
    path.write_bytes(b"no archive")
    with pytest.raises(DemoDataUnreadable):
        tafeng.read_lines(path)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(tafeng.MEMBER, "a,b\n1,2\n")
    with pytest.raises(DemoDataUnreadable):
        tafeng.read_lines(path)
