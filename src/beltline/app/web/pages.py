"""The context every page is rendered with: who looks at it, in which language, from where."""

from collections.abc import Iterable
from typing import Any

from litestar import Request
from litestar.datastructures import Cookie, State

from beltline.accounts.pages.shared import ROLES
from beltline.accounts.types import Role
from beltline.app.web.counts import NavFigures
from beltline.app.web.dependencies import (
    CSRF_COOKIE,
    SAFE_METHODS,
    Caller,
    caller_of,
    form_token,
    new_form_token,
)
from beltline.app.web.edge import exchange_of, sent_path
from beltline.kit.clock import day_of, system_now
from beltline.kit.web.i18n import choose_locale, translations
from beltline.kit.web.nav import NavItem, build_nav
from beltline.kit.web.page import (
    KEPT_HEADER,
    LOCALE_COOKIE,
    THEME_COOKIE,
    THEMES,
    PageContext,
    is_fragment_request,
)


async def provide_page(request: Request[Any, Any, State]) -> PageContext:
    """The page context of a request; a visitor without a session gets a form token."""
    caller = await caller_of(request)
    await _renew_figures(request, caller)
    return page_for(request, caller)


async def _renew_figures(request: Request[Any, Any, State], caller: Caller) -> None:
    """See that the navigation's figures are fresh where a whole page will show them."""
    if caller.session is None:
        return
    actor, figures = caller.session.actor, _figures(request)
    if request.method not in SAFE_METHODS:
        figures.forget(actor.org_id)
    elif not is_fragment_request(request.headers):
        await figures.of(caller.database, actor, day_of(caller.now))


def page_for(request: Request[Any, Any, State], caller: Caller | None) -> PageContext:
    """The page context for a caller, or for nobody when not even that could be found out."""
    session = caller.session if caller is not None else None
    member = session.member if session is not None else None
    locale = choose_locale(
        preference=member.locale if member is not None else None,
        cookie=request.cookies.get(LOCALE_COOKIE),
        accept_language=request.headers.get("accept-language"),
    )
    theme = request.cookies.get(THEME_COOKIE) or (member.theme if member is not None else "auto")
    return PageContext(
        path=sent_path(request.scope),
        locale=locale,
        now=caller.now if caller is not None else system_now(),
        theme=theme if theme in THEMES else "auto",
        member_name=member.name if member is not None else "",
        org_name=_org_name(caller, locale),
        role_label=translations(locale).gettext(ROLES[Role(member.role)]) if member else "",
        csrf_token=_token(request, caller) if caller is not None else "",
        nav=build_nav(
            _items(request), role=member.role, org_kind=session.actor.org_kind,
            path=request.url.path, counts=_figures(request).known(session.actor.org_id),
        ) if session is not None and member is not None else (),
        fragment=is_fragment_request(request.headers),
        is_kept=KEPT_HEADER in request.headers,
        member_id=member.id.hex if member is not None else "",
        search_path="/search" if session is not None else "",
        suggest_path="/search/suggest" if session is not None else "",
    )  # fmt: skip


def _items(request: Request[Any, Any, State]) -> Iterable[NavItem]:
    items: Iterable[NavItem] = request.app.state.nav
    return items


def _figures(request: Request[Any, Any, State]) -> NavFigures:
    figures: NavFigures = request.app.state.figures
    return figures


def _org_name(caller: Caller | None, locale: str) -> str:
    if caller is None or caller.session is None:
        return ""
    organization = caller.session.organization
    return organization.name_zh if locale == "zh" and organization.name_zh else organization.name


def _token(request: Request[Any, Any, State], caller: Caller) -> str:
    token = form_token(request, caller)
    if not token:
        token = new_form_token()
        https: bool = request.app.state.settings.web.https
        cookie = Cookie(
            CSRF_COOKIE, value=token, path="/", httponly=True, samesite="lax", secure=https
        )
        exchange_of(request).cookie = cookie.to_header(header="")
    return token
