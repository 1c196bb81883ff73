"""What every page knows, and how a template becomes an answer."""

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any, Final
from urllib.parse import urlsplit

import msgspec
from litestar import Response
from litestar.datastructures import Cookie
from litestar.enums import MediaType

from beltline.kit.clock import NETWORK_ZONE, day_of
from beltline.kit.web import i18n
from beltline.kit.web.nav import NavGroup
from beltline.kit.web.templates import environment

THEMES: Final = ("auto", "light", "dark")
THEME_COOKIE: Final = "bl_theme"
LOCALE_COOKIE: Final = "bl_locale"
KEPT_HEADER: Final = "Beltline-Kept"
TO_HEADER: Final = "Beltline-To"
OFFLINE_HEADER: Final = "Beltline-Offline"


class Flash(msgspec.Struct, frozen=True):
    """One message after an act; `tone` is ok, info, warn or crit. Text is already translated."""

    tone: str
    text: str


class Undo(msgspec.Struct, frozen=True):
    """An act that can be taken back until `until` by a POST to `path`; text is translated."""

    text: str
    path: str
    until: dt.datetime


class PageContext(msgspec.Struct, frozen=True, kw_only=True):
    """Who looks at what, how: the same for every page of a request.

    `zone` is the IANA zone all times of the page are shown in; `fragment` whether htmx asked
    for a part of the page; `is_kept` whether a browser sends what it kept while there was no
    network (kit/static/waiting.js); `member_id` whose session it is. `search_path` answers the
    search field, `suggest_path` the command palette (JSON `{"items": [{"label", "detail",
    "path"}]}`), empty where there is none.
    """

    path: str
    locale: str
    now: dt.datetime
    zone: str = NETWORK_ZONE
    theme: str = "auto"
    member_name: str = ""
    org_name: str = ""
    role_label: str = ""
    csrf_token: str = ""
    nav: tuple[NavGroup, ...] = ()
    flash: Flash | None = None
    undo: Undo | None = None
    fragment: bool = False
    is_kept: bool = False
    member_id: str = ""
    search_path: str = ""
    suggest_path: str = ""

    @property
    def today(self) -> dt.date:
        """The day it is where the network works."""
        return day_of(self.now)

    @property
    def lang(self) -> str:
        """The value of the `lang` attribute: `en`, `zh-CN`."""
        return i18n.LANGUAGE_TAGS[self.locale]

    @property
    def initials(self) -> str:
        """Two letters for the avatar: `LY` of Lin Yue, `林` of 林悦."""
        words = self.member_name.split()
        if words and not words[0].isascii():
            return words[0][0]
        return "".join(word[0] for word in words[:2]).upper()

    @property
    def gettext(self) -> Callable[[str], str]:
        """Translate in `pages.py`: `_ = page.gettext`."""
        return i18n.translations(self.locale).gettext

    @property
    def ngettext(self) -> Callable[[str, str, int], str]:
        """Translate a counted text in `pages.py`; fill its figure in afterwards."""
        return i18n.translations(self.locale).ngettext


def render(
    template: str,
    page: PageContext,
    *,
    fragment: str = "",
    status: int = 200,
    headers: Mapping[str, str] | None = None,
    **values: Any,
) -> Response[str]:
    """Render `orders/list.html` with `page` and `values`.

    `fragment` names a block of the template: when htmx asked for a part, only that block is
    rendered. Pages are private and never cached.
    """
    if fragment and page.fragment:
        text = render_block(template, fragment, page, **values)
    else:
        text = environment(page.locale).get_template(template).render(page=page, **values)
    own = {"Cache-Control": "private, no-store", "Vary": "HX-Request, Cookie, Accept-Language"}
    return Response(
        text,
        media_type=MediaType.HTML,
        status_code=status,
        headers={**own, "Content-Language": page.lang, **(headers or {})},
    )


def render_block(template: str, block: str, page: PageContext, **values: Any) -> str:
    """One block of a template as text. Raises KeyError for a block the template has not.

    The block sees `page`, `values` and the globals, not what the template sets outside it.
    """
    loaded = environment(page.locale).get_template(template)
    context = loaded.new_context({"page": page, **values})
    return "".join(loaded.blocks[block](context))


def is_fragment_request(headers: Mapping[str, str]) -> bool:
    """Whether htmx asks for a part: its own request, and not for the whole body."""
    partial = headers.get("hx-request-type", "partial") == "partial"
    restoring = headers.get("hx-history-restore-request") == "true"
    return headers.get("hx-request") == "true" and partial and not restoring


def offline(*addresses: str) -> dict[str, str]:
    """The header of a page that a browser keeps, to open without network: which others it is, too.

    Only for signed-in members: what is kept is forgotten when somebody signs in or out.
    """
    return {OFFLINE_HEADER: " ".join(addresses)}


def preference_cookies(form: Mapping[str, str], *, secure: bool) -> list[Cookie]:
    """The cookies that keep a chosen `theme` and `locale`; unknown values are left out.

    The theme's may be written by the page as well (theme.js): it is no secret.
    """
    wanted = (
        (THEME_COOKIE, form.get("theme"), THEMES),
        (LOCALE_COOKIE, form.get("locale"), i18n.LOCALES),
    )
    return [
        Cookie(key=key, value=value, path="/", max_age=31_536_000, samesite="lax",
               httponly=key != THEME_COOKIE, secure=secure)
        for key, value, known in wanted
        if value in known
    ]  # fmt: skip


def chinese_first(page: PageContext, cookies: Mapping[str, str]) -> PageContext:
    """What a factory sees behind a link: Chinese unless this browser was told otherwise."""
    if page.member_name or cookies.get(LOCALE_COOKIE):
        return page
    return msgspec.structs.replace(page, locale="zh")


def safe_next(target: str | None) -> str:
    """A path on this site to go on to; anything that points elsewhere becomes `/`."""
    if not target or not target.startswith("/") or target.startswith(("//", "/\\")):
        return "/"
    parts = urlsplit(target)
    return target if not parts.scheme and not parts.netloc and "\\" not in target else "/"
