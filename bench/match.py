"""Same item across files and languages: nDCG@10 of `beltline match` beside plain BM25, in one run.

`python -m bench.match [--data DIR] [--only titles,languages,chinese,pictures]`. The data lies
beside the repository and is not part of it; what is absent is said. Queries are every left title
with a partner, the catalog every right title of the labelled pairs; pair F1 counts the labelled
pairs alone. Nothing here is read by the program, and no figure was fitted to one data set.
"""

import argparse
import csv
import json
import random
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import polars as pl

from beltline.science.retrieval.lexical import index_texts, score_words
from beltline.science.retrieval.match import SAME, match_pictures, match_titles
from beltline.science.retrieval.pictures import encode_pictures, fingerprint, read_picture

DATA = Path(__file__).parents[2] / "shared" / "data"
Relevant = Mapping[str, set[str]]


def main() -> int:
    """Print one line a method and task; 2 where all data is absent."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--only", default="titles,languages,chinese,pictures")
    parser.add_argument("--splits", default="train,valid", help="of product_matching")
    parser.add_argument("--photos", default="val", help="the split of photos that ask")
    chosen = parser.parse_args()
    if not chosen.data.is_dir():
        print(f"the data is absent: {chosen.data}", file=sys.stderr)
        return 2
    wanted = chosen.only.split(",")
    if "titles" in wanted:
        for name in ("walmart-amazon", "amazon-google"):
            titles(chosen.data / "product_matching", name, chosen.splits.split(","))
    if "languages" in wanted:
        languages(chosen.data / "google_taxonomy_en_es")
    if "chinese" in wanted:
        chinese(chosen.data / "zh_product_titles_ner")
    if "pictures" in wanted:
        pictures(chosen.data / "grocery_images", chosen.photos)
    return 0


def titles(folder: Path, name: str, splits: Sequence[str]) -> None:
    """Labelled pairs of two shops: title alone, then with brand and price."""
    pairs = [
        json.loads(line)
        for split in splits
        for line in (folder / f"{name}.{split}.ndjson").read_text("utf-8").splitlines()
    ]
    left, right = _side(pairs, "left"), _side(pairs, "right")
    partners: dict[str, set[str]] = defaultdict(set)
    for pair in pairs:
        if pair["label"] == 1:
            partners[pair["title_left"]].add(pair["title_right"])
    asked = left.filter(pl.col("id").is_in(list(partners)))
    compare(f"{name}, title", asked.select("id", "title"), right.select("id", "title"), partners)
    compare(f"{name}, + brand, price", asked, right, partners)
    found = match_titles(left, right, top=20).frame
    same = set(
        found.filter(pl.col("score") >= SAME).select("query_id", "item_id").iter_rows()
    )  # fmt: skip
    says = [((p["title_left"], p["title_right"]) in same, p["label"] == 1) for p in pairs]
    hits = sum(said and true for said, true in says)
    print(f"{name}: pair F1 {2 * hits / sum(said + true for said, true in says):.3f}")


def languages(folder: Path) -> None:
    """Names of categories in English and Spanish, joined by id."""
    english, spanish = (_names(folder / f"{code}.taxo.csv") for code in ("en-US", "es-ES"))
    both = [key for key in english if key in spanish]
    for name, asked, offered in (
        ("en -> es", english, spanish), ("es -> en", spanish, english),
    ):  # fmt: skip
        partners: dict[str, set[str]] = defaultdict(set)
        for key in both:
            partners[asked[key]].add(offered[key])
        queries = sorted(partners)
        random.Random(0).shuffle(queries)
        items = list(dict.fromkeys(offered[key] for key in both))
        compare(f"taxonomy {name}", _frame(queries[:1500]), _frame(items), partners)


def chinese(folder: Path) -> None:
    """Product words, as tagged in five titles or more, against all titles."""
    tagged = [title for split in ("train", "dev", "test") for title in _tagged(folder, split)]
    counts = Counter(word for _, words in tagged for word in words)
    partners: dict[str, set[str]] = defaultdict(set)
    for place, (_, words) in enumerate(tagged):
        for word in words:
            if counts[word] >= 5 and len(word) > 1:
                partners[word].add(str(place))
    items = pl.DataFrame(
        {"id": [str(i) for i in range(len(tagged))], "title": [title for title, _ in tagged]}
    )
    compare("Chinese titles", _frame(list(partners)), items, partners, depth=100)


def pictures(folder: Path, split: str) -> None:
    """Shop photos against other photos, and against the packshot of each class."""
    photos, known = _photos(folder, split), _photos(folder, "train")
    with (folder / "classes.csv").open(encoding="utf-8") as file:
        shots = [(row[4].lstrip("/"), int(row[1])) for row in list(csv.reader(file))[1:]]
    start = time.process_time()
    asked = _pictures(folder, photos)
    each = (time.process_time() - start) / len(photos) * 1e3
    for name, rows in (("photo -> photo", known), ("photo -> packshot", shots)):
        found = match_pictures(*asked, *_pictures(folder, rows), top=5)
        of, to = dict(photos), dict(rows)
        hit = [of[q] == to[i] for q, i in found.select("query_id", "item_id").iter_rows()]
        table = np.array(hit).reshape(-1, 5)
        print(
            f"{name}: at 1 {table[:, 0].mean():.3f}, at 5 {table.any(axis=1).mean():.3f} "
            f"({len(photos)} of {split} against {len(rows)}, {each:.0f} ms CPU each)"
        )


def compare(
    name: str, asked: pl.DataFrame, offered: pl.DataFrame, partners: Relevant, *, depth: int = 10
) -> None:
    """One line: BM25 over the same words, and `match`."""
    said = [f"{row.get('brand') or ''} {row['title']}" for row in offered.iter_rows(named=True)]
    plain = score_words(
        index_texts(said),
        [f"{row.get('brand') or ''} {row['title']}" for row in asked.iter_rows(named=True)],
    )
    ids = offered["id"].to_list()
    ranked = {
        query: [ids[place] for place in np.argsort(-scores, kind="stable")[:depth]]
        for query, scores in zip(asked["id"], plain, strict=True)
    }
    start, began = time.process_time(), time.perf_counter()
    matched = match_titles(asked, offered, top=depth)
    cpu, wall = time.process_time() - start, time.perf_counter() - began
    found: dict[str, list[str]] = defaultdict(list)
    for query, item in matched.frame.select("query_id", "item_id").iter_rows():
        found[query].append(item)
    print(
        f"{name}: {len(asked)} queries, {len(offered)} items: nDCG@10 BM25 "
        f"{_ndcg(ranked, partners):.3f}, match {_ndcg(found, partners):.3f}; recall@{depth} "
        f"{_recall(ranked, partners, depth):.3f}, {_recall(found, partners, depth):.3f}; "
        f"{matched.by_meaning} by meaning; {cpu:.1f} s CPU, {wall:.1f} s"
    )


def _ndcg(ranked: Mapping[str, Sequence[str]], partners: Relevant) -> float:
    found = []
    for query, items in ranked.items():
        true = partners[query]
        gain = sum(1 / np.log2(n + 2) for n, item in enumerate(items[:10]) if item in true)
        found.append(gain / sum(1 / np.log2(n + 2) for n in range(min(10, len(true)))))
    return float(np.mean(found))


def _recall(ranked: Mapping[str, Sequence[str]], partners: Relevant, depth: int) -> float:
    return float(
        np.mean([len(partners[q] & set(i[:depth])) / len(partners[q]) for q, i in ranked.items()])
    )


def _side(pairs: list[dict[str, str]], side: str) -> pl.DataFrame:
    rows = {
        pair[f"title_{side}"]: (
            pair.get(f"brand_{side}") or pair.get(f"manufacturer_{side}"),
            float(pair[f"price_{side}"] or "nan"),
        )
        for pair in pairs
    }
    return pl.DataFrame(
        [(title, title, *rest) for title, rest in rows.items()],
        schema={"id": pl.String, "title": pl.String, "brand": pl.String, "price": pl.Float64},
        orient="row",
    )


def _names(path: Path) -> dict[str, str]:
    with path.open(encoding="utf-8") as file:
        rows = [row for row in csv.reader(file, delimiter=";") if row and row[0].isdigit()]
    return {row[0]: [part for part in row[1:] if part][-1] for row in rows}


def _frame(texts: Sequence[str]) -> pl.DataFrame:
    return pl.DataFrame({"id": texts, "title": texts})


def _tagged(folder: Path, split: str) -> list[tuple[str, set[str]]]:
    found = []
    for block in (folder / f"{split}.txt").read_text("utf-8").strip().split("\n\n"):
        title, words = "", []
        for line in block.splitlines():
            letter, tag = line.rsplit(" ", 1)
            title += letter
            if tag == "B-HCCX":
                words.append(letter)
            elif tag == "I-HCCX" and words:
                words[-1] += letter
        found.append((title, set(words)))
    return found


def _photos(folder: Path, split: str) -> list[tuple[str, int]]:
    lines = (folder / f"{split}.txt").read_text("utf-8").splitlines()
    return [(path.strip(), int(fine)) for path, fine, _ in (line.split(",") for line in lines)]


def _pictures(
    folder: Path, rows: Sequence[tuple[str, int]]
) -> tuple[list[str], np.ndarray, np.ndarray]:
    shown = [read_picture(folder / path) for path, _ in rows]
    prints = np.array([fingerprint(picture) for picture in shown])
    return [path for path, _ in rows], encode_pictures(shown), prints


if __name__ == "__main__":
    sys.exit(main())
