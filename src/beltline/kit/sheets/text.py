"""Encodings and delimiters of text files, decided by the whole text and not by a guess.

UTF-8 is strict enough to be proved by decoding. GB18030 accepts nearly everything, so a text is
only taken for it when most of its characters are the everyday ones of GB 2312 (otherwise Big5,
Shift-JIS, Latin-1 or a damaged UTF-8 file would become mojibake without a word).
"""

import codecs
import csv
import io
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from beltline.kit.sheets.wire import MIB, Encoding, refuse

DELIMITERS = (",", "\t", ";", "|")
PREFIX_CHARS = MIB
_CHUNK = 4 * MIB
_EVERYDAY_SHARE = 0.8

_BOMS = (
    (codecs.BOM_UTF8, Encoding.UTF_8_BOM),
    (codecs.BOM_UTF16_LE, Encoding.UTF_16),
    (codecs.BOM_UTF16_BE, Encoding.UTF_16),
)


def detect_encoding(path: Path, *, given: str | None) -> Encoding:
    """The encoding of a text file, or a refusal that names the first wrong byte."""
    if given is not None:
        return _known(given)
    with path.open("rb") as file:
        head = file.read(_CHUNK)
    for bom, encoding in _BOMS:
        if head.startswith(bom):
            return encoding
    if (wide := _utf16_without_bom(head[:4096])) is not None:
        return wide
    wrong_at = _first_undecodable(path, Encoding.UTF_8)
    if wrong_at is None:
        return Encoding.UTF_8
    if _first_undecodable(path, Encoding.GB18030) is None and _reads_as_chinese(path):
        return Encoding.GB18030
    return refuse("ENCODING", byte=wrong_at, row=_row_of(path, wrong_at))


def _known(name: str) -> Encoding:
    key = name.strip().lower().replace("_", "-")
    aliases = {"gbk": "gb18030", "gb2312": "gb18030", "cp936": "gb18030", "utf8": "utf-8"}
    try:
        return Encoding(aliases.get(key, key))
    except ValueError:
        refuse("NO_SUCH_ENCODING", encoding=name, known=", ".join([*Encoding, "gbk"]))


def _utf16_without_bom(head: bytes) -> Encoding | None:
    """Latin text in UTF-16 has a NUL in every second byte."""
    pairs = len(head) // 2
    if pairs < 4:
        return None
    even, odd = head[0 : pairs * 2 : 2].count(0), head[1 : pairs * 2 : 2].count(0)
    if odd > pairs * 0.3 and even == 0:
        return Encoding.UTF_16_LE
    return Encoding.UTF_16_BE if even > pairs * 0.3 and odd == 0 else None


def _first_undecodable(path: Path, encoding: Encoding) -> int | None:
    decoder = codecs.getincrementaldecoder(encoding.value)("strict")
    done = 0
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            pending = len(decoder.getstate()[0])
            try:
                decoder.decode(chunk)
            except UnicodeDecodeError as error:
                return done - pending + error.start
            done += len(chunk)
    try:
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return done
    return None


def _reads_as_chinese(path: Path) -> bool:
    everyday = foreign = 0
    for text in decoded(path, Encoding.GB18030):
        for char, count in Counter(text).items():
            if char <= "\x7f":
                continue
            if _is_everyday(char):
                everyday += count
            else:
                foreign += count
    return everyday > 0 and everyday / (everyday + foreign) >= _EVERYDAY_SHARE


def _is_everyday(char: str) -> bool:
    try:
        first = char.encode("gb2312")[0]
    except UnicodeEncodeError:
        return False
    return first >= 0xB0 or first in (0xA1, 0xA3)


def _row_of(path: Path, byte: int) -> int:
    with path.open("rb") as file:
        return file.read(byte).count(b"\n") + 1


def decoded(path: Path, encoding: Encoding) -> Iterator[str]:
    """The text of a file piece by piece, byte order mark removed.

    Text that does not decode is refused as `ENCODING`, which only a given encoding can cause.
    """
    decoder = codecs.getincrementaldecoder(encoding.value)("strict")
    done = 0
    with path.open("rb") as file:
        while True:
            chunk = file.read(_CHUNK)
            try:
                text = decoder.decode(chunk, final=not chunk)
            except UnicodeDecodeError as error:
                refuse("ENCODING", byte=done + error.start, row=_row_of(path, done + error.start))
            done += len(chunk)
            if text:
                yield text
            if not chunk:
                return


def detect_delimiter(prefix: str) -> str:
    """The delimiter whose records are widest and most alike; a comma if there is only one cell."""
    best, best_score = ",", 0.0
    for delimiter in DELIMITERS:
        widths = [len(row) for row in _sample(prefix, delimiter) if any(row)]
        several = Counter(width for width in widths if width > 1)
        if not several:
            continue
        width, count = several.most_common(1)[0]
        score = count / len(widths) * (1 + min(width, 20) / 20)
        if score > best_score + 1e-9:
            best, best_score = delimiter, score
    return best


def _sample(prefix: str, delimiter: str) -> list[list[str]]:
    return [record for record, _ in records(prefix, delimiter, most=200)]


def records(text: str, delimiter: str, *, most: int) -> Iterator[tuple[list[str], int]]:
    """Records of a text with the count of characters read up to the end of each."""
    lengths: list[int] = []

    def lines() -> Iterator[str]:
        for line in io.StringIO(text, newline=""):
            lengths.append(len(line))
            yield line

    reader = csv.reader(lines(), delimiter=delimiter)
    consumed = counted = 0
    for number, record in enumerate(reader):
        if number >= most:
            return
        consumed += sum(lengths[counted : reader.line_num])
        counted = reader.line_num
        yield record, consumed
