"""A small app that serves the living style page as the console would, for the browser tests."""

import datetime as dt
from typing import Annotated, Any

from litestar import Litestar, Request, Response, get, post
from litestar.enums import RequestEncodingType
from litestar.params import Body

from beltline.kit.web.assets import serve_static
from beltline.kit.web.headers import security_headers
from beltline.kit.web.i18n import N_, choose_locale
from beltline.kit.web.nav import NavItem, Verb, build_nav
from beltline.kit.web.page import (
    LOCALE_COOKIE,
    THEME_COOKIE,
    Flash,
    PageContext,
    preference_cookies,
    render,
    safe_next,
)
from beltline.kit.web.parts import sample_values

ITEMS = [
    NavItem(verb=Verb.TODAY, path="/tower", label=N_("Today"), icon="tower"),
    NavItem(verb=Verb.TODAY, path="/queue", label=N_("Decisions open"), icon="inbox",
            count="queue", urgent=True, keys="g q"),
    NavItem(verb=Verb.PLAN, path="/plan", label=N_("Proposals"), icon="cycle", count="plan"),
    NavItem(verb=Verb.MONEY, path="/money", label=N_("Money"), icon="coin",
            roles=frozenset({"FINANCE"})),
    NavItem(verb=Verb.BUILD, path="/parts", label=N_("Parts"), icon="flask"),
]  # fmt: skip


def page_of(request: Request[Any, Any, Any]) -> PageContext:
    locale = choose_locale(
        cookie=request.cookies.get(LOCALE_COOKIE),
        accept_language=request.headers.get("accept-language"),
    )
    return PageContext(
        path="/parts",
        locale=locale,
        now=dt.datetime.now(dt.UTC),
        theme=request.cookies.get(THEME_COOKIE, "auto"),
        member_name="Lin Yue",
        org_name="Beltline",
        role_label="Planner",
        csrf_token="token",
        nav=build_nav(ITEMS, role="PLANNER", org_kind="OPERATOR", path="/parts",
                      counts={"queue": 12, "plan": 214}),
        flash=Flash("ok", "Saved."),
        search_path="/search",
        suggest_path="/suggest",
    )  # fmt: skip


@get("/parts")
async def parts(request: Request[Any, Any, Any]) -> Response[str]:
    page = page_of(request)
    return render("kit/parts.html", page, **sample_values(page))


@get("/phone")
async def phone(request: Request[Any, Any, Any]) -> Response[str]:
    return render("kit/phone_parts.html", page_of(request))


@get("/lost")
async def lost(request: Request[Any, Any, Any]) -> Response[str]:
    page = page_of(request)
    # As 200: Chromium calls an error answer a console error, whatever is on the page.
    return render(
        "kit/error.html",
        page,
        title="Not found",
        text="No such order.",
        code="orders.not_found",
        request_id="req_7Q2M",
        retry_path="",
    )


@get("/suggest")
async def suggest(q: str) -> dict[str, Any]:
    return {"items": [{"label": f"SO-88213 {q}", "detail": "order", "path": "/parts?found=1"}]}


@post("/preferences")
async def preferences(
    data: Annotated[dict[str, str], Body(media_type=RequestEncodingType.MULTI_PART)],
) -> Response[None]:
    return Response(
        None,
        status_code=303,
        headers={"Location": safe_next(data.get("next"))},
        cookies=preference_cookies(data, secure=False),
    )


def with_headers(response: Response[Any]) -> Response[Any]:
    response.headers.update(security_headers())
    return response


app = Litestar(
    [parts, phone, lost, suggest, preferences, serve_static],
    after_request=with_headers,
    openapi_config=None,
)
