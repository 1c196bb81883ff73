"""The reading child: `python -m beltline.kit.sheets.reader`, JSON in, JSON out.

It limits itself before it looks at the file (memory, processor, wall time, file size, no core
dump), reads, writes an Arrow file and answers with a `Reply`. What the limits stop is seen by
the parent as a signal or an exit code.
"""

import csv
import os
import resource
import signal
import sys
import zipfile
from pathlib import Path
from typing import NoReturn

import msgspec
import pyarrow as pa
import python_calamine as calamine

from beltline.kit.sheets.columnar import read_parquet
from beltline.kit.sheets.delimited import read_delimited
from beltline.kit.sheets.grid import read_html, read_workbook
from beltline.kit.sheets.wire import (
    Limits,
    Outcome,
    Refused,
    Reply,
    Request,
    UnfitError,
    refuse,
)

_OUTPUT_BYTES_MAX = 4 << 30
_OPEN_FILES_MAX = 64

_OTHER_KINDS = (
    (b"%PDF", "NOT_A_TABLE", "a PDF document"),
    (b"\x89PNG", "NOT_A_TABLE", "a picture"),
    (b"\xff\xd8\xff", "NOT_A_TABLE", "a picture"),
    (b"GIF8", "NOT_A_TABLE", "a picture"),
    (b"{\\rtf", "NOT_A_TABLE", "a text document"),
    (b"\x7fELF", "NOT_A_TABLE", "a program"),
    (b"SQLite format 3", "NOT_A_TABLE", "a database"),
    (b"ARROW1", "NOT_A_TABLE", "an Arrow file"),
    (b"\x1f\x8b", "COMPRESSED", "gzip"),
    (b"BZh", "COMPRESSED", "bzip2"),
    (b"\xfd7zXZ", "COMPRESSED", "xz"),
    (b"\x28\xb5\x2f\xfd", "COMPRESSED", "Zstandard"),
    (b"Rar!", "COMPRESSED", "RAR"),
    (b"7z\xbc\xaf", "COMPRESSED", "7-Zip"),
)


def main() -> NoReturn:
    """Answer one request; 0 also for a refusal, which is an answer.

    Leaves without taking the interpreter down piece by piece: Arrow reads ahead in threads of its
    own, and one that comes back for the interpreter while that ends aborts the whole process,
    with the answer already given.
    """
    request = msgspec.json.decode(sys.stdin.buffer.read(), type=Request)
    limit_self(request.limits)
    sys.stdout.buffer.write(msgspec.json.encode(answer(request)))
    sys.stdout.buffer.flush()
    os._exit(0)


def limit_self(limits: Limits) -> None:
    """Let the kernel end this process where the file asks for too much."""
    for kind, most in (
        (resource.RLIMIT_AS, limits.memory_bytes_max),
        (resource.RLIMIT_CPU, limits.cpu_seconds_max),
        (resource.RLIMIT_FSIZE, _OUTPUT_BYTES_MAX),
        (resource.RLIMIT_NOFILE, _OPEN_FILES_MAX),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(kind, (most, most))
    signal.alarm(limits.wall_seconds_max)


def answer(request: Request) -> Reply:
    """Read the file; what it is unfit for becomes a reason, not a traceback."""
    try:
        return Reply(outcome=read(request))
    except UnfitError as error:
        return Reply(refused=error.refused)
    except (MemoryError, pa.ArrowMemoryError):
        return Reply(refused=Refused("TOO_MUCH_MEMORY"))
    except calamine.PasswordError:
        return Reply(refused=Refused("LOCKED"))
    except (
        calamine.CalamineError,
        zipfile.BadZipFile,
        csv.Error,
        NotImplementedError,  # zipfile: a compression nobody uses in workbooks
        pa.ArrowException,
        EOFError,
        OSError,
    ) as error:
        detail = " ".join(str(error).split())[:120] or type(error).__name__
        return Reply(refused=Refused("DAMAGED", {"detail": detail}))


def read(request: Request) -> Outcome:
    """Choose the reader by the first bytes, never by the name."""
    path = Path(request.path)
    size = path.stat().st_size
    if size == 0:
        refuse("NO_BYTES")
    if size > request.limits.file_bytes_max:
        most = f"{request.limits.file_bytes_max:,}"
        refuse("TOO_MANY_BYTES", bytes=f"{size:,}", most=most)
    with path.open("rb") as file:
        head = file.read(2048)
    if head.startswith(b"PK\x03\x04"):
        outcome = read_workbook(request, is_archive=True)
    elif head.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        outcome = read_workbook(request, is_archive=False)
    elif head.startswith(b"PAR1"):
        outcome = read_parquet(request)
    else:
        _refuse_other_kinds(head)
        outcome = read_html(request) if _is_html(head) else read_delimited(request)
    if outcome.rows == 0 and not outcome.issues:
        refuse("NO_ROWS")
    return outcome


def _refuse_other_kinds(head: bytes) -> None:
    for magic, why, found in _OTHER_KINDS:
        if head.startswith(magic):
            refuse(why, found=found)
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if start.startswith(b"<?xml") and b"<html" not in start:
        refuse("NOT_A_TABLE", found="an XML document")
    if start.startswith((b'{"', b"[{", b"[[")):
        refuse("NOT_A_TABLE", found="a JSON document")


def _is_html(head: bytes) -> bool:
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    return start.startswith((b"<!doctype html", b"<html", b"<table", b"<meta", b"<head", b"<?xml"))


if __name__ == "__main__":
    main()
