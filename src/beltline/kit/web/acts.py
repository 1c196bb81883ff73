"""What forms of pages have in common: what was sent, where to go on, what to say there."""

from collections.abc import Mapping
from typing import Any

import msgspec
from litestar import Request, Response
from litestar.datastructures import Cookie, State

from beltline.kit.web.page import Flash, PageContext


async def form_of(request: Request[Any, Any, State]) -> dict[str, str]:
    """The text fields of a form; of one sent twice, the last."""
    return {
        name: value
        for name, value in (await request.form()).multi_items()
        if isinstance(value, str)
    }


def to(path: str, *cookies: Cookie) -> Response[Any]:
    """Go on to another page after an act, so that going back does not act again."""
    return Response(
        None, status_code=303, headers={"Location": path, "Cache-Control": "no-store"},
        cookies=list(cookies),
    )  # fmt: skip


def said(page: PageContext, done: str, texts: Mapping[str, str]) -> PageContext:
    """The page with the message that the act before it left in its address."""
    if done not in texts:
        return page
    return msgspec.structs.replace(page, flash=Flash("ok", page.gettext(texts[done])))
