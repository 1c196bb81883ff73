"""What forms of pages have in common: what was sent, where to go on, what to say there."""

import enum
from collections.abc import Mapping
from typing import Any, TypeVar

import msgspec
from litestar import Request, Response
from litestar.datastructures import Cookie, State, UploadFile

from beltline.kit.errors import Kind, Refusal
from beltline.kit.web.page import TO_HEADER, Flash, PageContext

Choice = TypeVar("Choice", bound=enum.StrEnum)


class NotAChoice(Refusal):
    """A form that chose what it does not offer."""

    kind, code = Kind.INVALID, "kit.not_a_choice"
    title = "Not a choice"
    detail = "“{given}” is none of {choices}."
    given: str
    choices: str


def chosen(form: Mapping[str, str], name: str, choices: type[Choice]) -> Choice:
    """The member of an enumeration that a form's field names; refuses any other text."""
    given = form.get(name, "")
    if given not in choices.__members__:
        raise NotAChoice(given=given[:40], choices=", ".join(choices.__members__), param=name)
    return choices[given]


async def form_of(request: Request[Any, Any, State]) -> dict[str, str]:
    """The text fields of a form; of one sent twice, the last."""
    return {
        name: value
        for name, value in (await request.form()).multi_items()
        if isinstance(value, str)
    }


async def files_of(request: Request[Any, Any, State], name: str) -> list[bytes]:
    """The bytes of the files chosen for a field of a form, in their order."""
    form = await request.form()
    sent = [one for one in form.getall(name, []) if isinstance(one, UploadFile)]
    return [await one.read() for one in sent if one.filename]


def to(path: str, *cookies: Cookie) -> Response[Any]:
    """Go on to another page after an act, so that going back does not act again."""
    return Response(
        None, status_code=303, headers={"Location": path, "Cache-Control": "no-store"},
        cookies=list(cookies),
    )  # fmt: skip


def went(page: PageContext, path: str) -> Response[Any]:
    """`to(path)` for a form, and its word for what a browser kept and sends: where it leads."""
    if not page.is_kept:
        return to(path)
    return Response(None, status_code=204, headers={TO_HEADER: path, "Cache-Control": "no-store"})


def said(page: PageContext, done: str, texts: Mapping[str, str]) -> PageContext:
    """The page with the message that the act before it left in its address."""
    if done not in texts:
        return page
    return msgspec.structs.replace(page, flash=Flash("ok", page.gettext(texts[done])))
