"""Files made to be handed out."""

import msgspec
from litestar import Response


class PrintedFile(msgspec.Struct, frozen=True):
    """A file to hand out under a name."""

    name: str
    media_type: str
    content: bytes


def download(file: PrintedFile) -> Response[bytes]:
    """The file as an answer; no cache keeps it, because it names people and prices."""
    return Response(
        file.content,
        media_type=file.media_type,
        headers={
            "Content-Disposition": f'attachment; filename="{file.name}"',
            "Cache-Control": "no-store",
        },
    )
