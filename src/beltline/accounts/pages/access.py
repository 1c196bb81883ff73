"""Signing in and out, and how a visitor likes its pages."""

import datetime as dt
from typing import Annotated, Any

import msgspec
from litestar import Response, get, post
from litestar.datastructures import Cookie
from litestar.params import QueryParameter

from beltline.accounts import actions
from beltline.accounts.pages.shared import WebRequest
from beltline.accounts.types import SESSION_COOKIE, Session, SignInRefused, TooManyTries
from beltline.kit.db import Database
from beltline.kit.web.acts import form_of, to
from beltline.kit.web.i18n import LOCALES
from beltline.kit.web.page import THEMES, PageContext, preference_cookies, render, safe_next

Next = Annotated[str, QueryParameter(name="next", max_length=2000)]


class Standing(msgspec.Struct, frozen=True):
    """Whose session it is, and the token its forms carry; both empty without one."""

    member: str
    token: str


@get("/session")
async def standing(page: PageContext, session: Session | None) -> Standing:
    """For what a browser kept: whether it can be sent now, and as whose."""
    return Standing(page.member_id, page.csrf_token if session is not None else "")


@get("/login")
async def login_page(
    page: PageContext, session: Session | None, target: Next = "/"
) -> Response[Any]:
    """Where somebody unknown says who they are; a member goes straight on."""
    if session is not None:
        return to(safe_next(target))
    return render("accounts/login.html", page, target=safe_next(target), email="", error="")


@post("/login")
async def login(
    *,
    request: WebRequest,
    database: Database,
    page: PageContext,
    client_address: str,
    is_https: bool,
    now: dt.datetime,
) -> Response[Any]:
    """Begin a session, or say that name and password do not belong together."""
    form = await form_of(request)
    target, email = safe_next(form.get("next")), form.get("email", "").strip()[:200]
    try:
        token = await actions.sign_in(
            database, email=email, password=form.get("password", "")[:1000],
            address=client_address, now=now,
        )  # fmt: skip
    except (SignInRefused, TooManyTries) as refusal:
        error = page.gettext(refusal.detail).format(**refusal.fields)
        return render(
            "accounts/login.html", page, status=refusal.status, target=target, email=email,
            error=error,
        )  # fmt: skip
    cookie = Cookie(
        SESSION_COOKIE, value=token, path="/", httponly=True, samesite="lax", secure=is_https
    )
    return to(target, cookie)


@post("/logout")
async def logout(request: WebRequest, database: Database) -> Response[Any]:
    """End the session and forget its cookie."""
    if token := request.cookies.get(SESSION_COOKIE):
        await actions.sign_out(database, token)
    gone = Cookie(SESSION_COOKIE, value="", path="/", max_age=0, httponly=True, samesite="lax")
    return to("/login", gone)


@post("/preferences")
async def preferences(
    *,
    request: WebRequest,
    database: Database,
    page: PageContext,
    session: Session | None,
    is_https: bool,
) -> Response[Any]:
    """Keep a chosen language or theme: in this browser, and for the member everywhere."""
    form = await form_of(request)
    if session is not None:
        locale, theme = form.get("locale", page.locale), form.get("theme", session.member.theme)
        async with database.writing(session.actor) as db:
            await actions.set_preferences(
                db, session.actor,
                locale=locale if locale in LOCALES else page.locale,
                theme=theme if theme in THEMES else session.member.theme,
            )  # fmt: skip
    return to(safe_next(form.get("next")), *preference_cookies(form, secure=is_https))


PAGES = (standing, login_page, login, logout, preferences)
