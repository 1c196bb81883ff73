"""Papers as PDF with the fonts inside: the sheet, facts, tables and sums every paper is made of.

Noto Sans writes Latin, Greek, Cyrillic and Vietnamese, Noto Sans SC Chinese; only the glyphs used
are embedded, so that a page is the same on every reader and printer. With this module come fonts,
pictures and NumPy: it is imported when a paper is asked for.
"""

import datetime as dt
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

import fontpkg_noto_sans
import pylopdf_fonts_zh_cn
from fpdf import FPDF, FontFace

from beltline.kit.money import minor_digits, to_major
from beltline.kit.web import formats

_LATIN: Final = Path(fontpkg_noto_sans.__file__).parent / "files" / "NotoSans[wdth,wght].ttf"
_CHINESE: Final = Path(pylopdf_fonts_zh_cn.__file__).with_name("NotoSansSC-Regular.otf")


def new_paper(at: dt.datetime, size: str | tuple[float, float] = "A4") -> FPDF:
    """A document without pages yet, of a named size or of width and height in mm."""
    pdf = FPDF(format=size)
    pdf.set_creation_date(at)
    pdf.add_font("sans", fname=_LATIN)
    pdf.add_font("chinese", fname=_CHINESE)
    pdf.set_fallback_fonts(["chinese"])
    return pdf


def set_size(pdf: FPDF, points: int) -> None:
    """Write on in this size.

    A space first: fpdf sets a font on the page with its first glyph, and forgets it where that
    one falls back to the other font.
    """
    pdf.set_font("sans", size=points)
    pdf.cell(text=" ", new_x="LEFT", new_y="TOP")


def begin(pdf: FPDF, title: str, number: str) -> None:
    """The first page, with the title of a paper over it."""
    pdf.set_title(f"{title} {number}")
    pdf.add_page()
    set_size(pdf, 18)
    pdf.multi_cell(w=0, h=12, text=title, new_x="LMARGIN", new_y="NEXT")
    set_size(pdf, 9)


def facts(pdf: FPDF, rows: Iterable[tuple[str, str]]) -> None:
    """Names with their values, one a row; what has no value is left out."""
    for name, value in rows:
        if value:
            pdf.multi_cell(w=32, h=5, text=name, new_x="RIGHT", new_y="TOP")
            pdf.multi_cell(w=0, h=5, text=value, new_x="LMARGIN", new_y="NEXT")
    pdf.ln(3)


def table(
    pdf: FPDF,
    heads: Sequence[str],
    rows: Iterable[Sequence[str]],
    *,
    widths: Sequence[int],
    aligns: Sequence[str],
) -> None:
    """A table whose heads stand on each of its pages; `widths` are shares."""
    with pdf.table(
        col_widths=tuple(widths), text_align=tuple(aligns), line_height=5,
        headings_style=FontFace(),
    ) as drawn:  # fmt: skip
        drawn.row(heads)
        for row in rows:
            drawn.row(row)
    pdf.ln(3)


def sums(pdf: FPDF, rows: Iterable[tuple[str, str]]) -> None:
    """Names with their figures, under the last columns of a table."""
    for name, value in rows:
        pdf.cell(w=150, h=5, text=name, align="RIGHT")
        pdf.cell(w=0, h=5, text=value, align="RIGHT", new_x="LMARGIN", new_y="NEXT")


def money(amount: int | None, currency: str | None) -> str:
    """The amount with its ISO code: papers cross borders where a sign means another money."""
    if amount is None or currency is None:
        return ""
    return f"{currency} {formats.number(to_major(amount, currency), minor_digits(currency))}"
