"""Pictures people send: known by their content, bounded, and stripped of all but the picture.

Nothing is decoded here. The container of a JPEG, PNG or WebP is read, its size in pixels checked
against what a decoder may be asked for later, and only the parts a picture needs are copied: no
place and time of the camera, no text, no second file hidden behind the end. A file that is not
what its first bytes say is refused, whatever its name or content type.
"""

import itertools
import re
import struct
import zlib
from collections.abc import Iterator
from typing import Final

import msgspec

from beltline.kit.errors import Kind, Refusal

BYTES_MAX: Final = 8 << 20
PIXELS_MAX: Final = 40_000_000
SIDE_MAX: Final = 12_000
# Real files have some hundreds; each costs time, and the smallest has four bytes.
PARTS_MAX: Final = 20_000

_PNG = b"\x89PNG\r\n\x1a\n"
_PNG_KEPT = frozenset({b"IHDR", b"PLTE", b"tRNS", b"gAMA", b"sRGB", b"IDAT", b"IEND"})
_JPEG_FRAMES = frozenset({*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC})
# Tables, frames, restart interval, scans, the JFIF and Adobe heads: what decoding needs.
_JPEG_KEPT = _JPEG_FRAMES | {0xC4, 0xDB, 0xDD, 0xDA, 0xE0, 0xEE}
_WEBP_KEPT = frozenset({b"VP8 ", b"VP8L", b"ALPH", b"VP8X"})
# A marker that is neither a stuffed byte nor a restart.
_SCAN_END = re.compile(rb"\xff[^\x00\xd0-\xd7]")
_FILL = re.compile(rb"\xff+")


class ImageRefused(Refusal):
    """The bytes are no picture that can be kept."""

    kind, code = Kind.INVALID, "kit.image_refused"
    title = "Not a picture that can be kept"
    detail = "{reason} Send a JPEG, PNG or WebP of at most 8 MiB and 40 megapixels."
    reason: str


class Image(msgspec.Struct, frozen=True):
    """A picture as it is kept: its type by content, its sides in pixels, the cleaned bytes."""

    media_type: str
    width: int
    height: int
    content: bytes


def clean_image(data: bytes) -> Image:
    """The picture in `data` and nothing else; refuses everything that is none, or too large."""
    if len(data) > BYTES_MAX:
        raise ImageRefused(reason="The file is too large.")
    try:
        if data.startswith(b"\xff\xd8\xff"):
            return _sized("image/jpeg", *_jpeg(data))
        if data.startswith(_PNG):
            return _sized("image/png", *_png(data))
        if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
            return _sized("image/webp", *_webp(data))
    except (IndexError, struct.error):
        raise ImageRefused(reason="The file is damaged.") from None
    raise ImageRefused(reason="The file is no JPEG, PNG or WebP.")


def _sized(media_type: str, width: int, height: int, content: bytes) -> Image:
    if not 1 <= width <= SIDE_MAX or not 1 <= height <= SIDE_MAX or width * height > PIXELS_MAX:
        raise ImageRefused(reason=f"The picture has {width} × {height} pixels.")
    return Image(media_type, width, height, content)


def _larger(size: tuple[int, int], other: tuple[int, int]) -> tuple[int, int]:
    """The sides that hold both: of two heads in one file a decoder may believe either."""
    return max(size[0], other[0]), max(size[1], other[1])


def _count(parts: int) -> None:
    if parts > PARTS_MAX:
        raise ImageRefused(reason="The file has too many parts.")


def _jpeg(data: bytes) -> tuple[int, int, bytes]:
    kept: list[bytes] = []
    size, turned = (0, 0), b""
    for number, (marker, segment, scan) in enumerate(_jpeg_segments(data)):
        _count(number)
        if marker == 0xE1 and segment[4:10] == b"Exif\x00\x00":
            turned = _exif(_orientation(segment[10:]))
        if marker in _JPEG_FRAMES:
            height, width = struct.unpack(">HH", segment[5:9])
            size = _larger(size, (width, height))
        if marker in _JPEG_KEPT:
            kept += [segment, scan]
    if size == (0, 0) or not any(part[:2] == b"\xff\xda" for part in kept):
        raise ImageRefused(reason="The file is damaged.")
    return *size, b"".join([b"\xff\xd8", turned, *kept, b"\xff\xd9"])


def _jpeg_segments(data: bytes) -> Iterator[tuple[int, bytes, bytes]]:
    """(marker, segment with its head, entropy-coded data behind a scan's head) up to the end."""
    at = 2
    while True:
        filled = _FILL.match(data, at)
        if filled is None:
            raise ImageRefused(reason="The file is damaged.")
        at = filled.end() - 1
        marker = data[at + 1]
        if marker == 0xD9:
            return
        length = struct.unpack(">H", data[at + 2 : at + 4])[0]
        end = at + 2 + length
        if length < 2 or end > len(data):
            raise ImageRefused(reason="The file is damaged.")
        stop = _scan_end(data, end) if marker == 0xDA else end
        yield marker, data[at:end], data[end:stop]
        at = stop


def _scan_end(data: bytes, at: int) -> int:
    """Where a scan's data end."""
    found = _SCAN_END.search(data, at)
    if found is None:
        raise ImageRefused(reason="The file is damaged.")
    return found.start()


def _orientation(tiff: bytes) -> int:
    """Which way up the camera was held (1 to 8), all that is kept of what it wrote."""
    order = {b"II": "<", b"MM": ">"}.get(tiff[:2])
    if order is None:
        return 1
    start = struct.unpack(f"{order}I", tiff[4:8])[0]
    if start + 2 > len(tiff):
        return 1
    count = struct.unpack(f"{order}H", tiff[start : start + 2])[0]
    for n in range(min(count, 200)):
        entry = tiff[start + 2 + 12 * n : start + 14 + 12 * n]
        if len(entry) < 12:
            return 1
        tag, _, _, value = struct.unpack(f"{order}HHIH2x", entry)
        if tag == 0x0112:
            return value if 1 <= value <= 8 else 1
    return 1


def _exif(orientation: int) -> bytes:
    """A head that says which way up, and nothing else."""
    tiff = b"MM\x00*" + struct.pack(">IHHHIHHI", 8, 1, 0x0112, 3, 1, orientation, 0, 0)
    return b"\xff\xe1" + struct.pack(">H", len(tiff) + 8) + b"Exif\x00\x00" + tiff


def _png(data: bytes) -> tuple[int, int, bytes]:
    kept, at, size = [_PNG], 8, (0, 0)
    for number in itertools.count():
        _count(number)
        length, name = struct.unpack(">I4s", data[at : at + 8])
        end = at + 12 + length
        chunk = data[at:end]
        if end > len(data) or zlib.crc32(chunk[4:-4]) != struct.unpack(">I", chunk[-4:])[0]:
            raise ImageRefused(reason="The file is damaged.")
        if name == b"IHDR":
            width, height = struct.unpack(">II", chunk[8:16])
            size = _larger(size, (width, height))
        elif size == (0, 0):
            raise ImageRefused(reason="The file is damaged.")
        if name in _PNG_KEPT:
            kept.append(chunk)
        if name == b"IEND":
            break
        at = end
    return *size, b"".join(kept)


def _webp(data: bytes) -> tuple[int, int, bytes]:
    kept, at, size, parts = [], 12, (0, 0), 0
    end = min(len(data), 8 + struct.unpack("<I", data[4:8])[0])
    while at + 8 <= end:
        parts += 1
        _count(parts)
        name, length = struct.unpack("<4sI", data[at : at + 8])
        body = data[at + 8 : at + 8 + length]
        if len(body) < length:
            raise ImageRefused(reason="The file is damaged.")
        if name in (b"ANIM", b"ANMF"):
            raise ImageRefused(reason="The picture moves.")
        if name == b"VP8X":
            # Without the flags of what is left out: profile, camera data, text.
            body = bytes([body[0] & 0x10]) + body[1:]
        if name in _WEBP_KEPT:
            size = _larger(size, _webp_size(name, body))
            kept.append(struct.pack("<4sI", name, length) + body + b"\x00" * (length % 2))
        at += 8 + length + length % 2
    if size == (0, 0):
        raise ImageRefused(reason="The file is damaged.")
    content = b"".join(kept)
    return *size, b"RIFF" + struct.pack("<I", len(content) + 4) + b"WEBP" + content


def _webp_size(name: bytes, body: bytes) -> tuple[int, int]:
    if name == b"VP8X":
        return (1 + int.from_bytes(body[4:7], "little"), 1 + int.from_bytes(body[7:10], "little"))
    if name == b"VP8 ":
        width, height = struct.unpack("<HH", body[6:10])
        return width & 0x3FFF, height & 0x3FFF
    if name == b"VP8L":
        bits = struct.unpack("<I", body[1:5])[0]
        return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    return (0, 0)
