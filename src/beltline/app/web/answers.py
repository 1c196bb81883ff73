"""What a failure looks like: problem JSON under /v1, a page or a part of one elsewhere."""

from typing import Any
from urllib.parse import quote

import msgspec
import structlog
from litestar import Request, Response
from litestar.datastructures import State
from litestar.exceptions import HTTPException
from msgspec import structs

from beltline.accounts.types import NotSignedIn
from beltline.app.problems import MEDIA_TYPE, Problem, problem_of
from beltline.app.web.dependencies import known_caller
from beltline.app.web.edge import exchange_of, sent_path
from beltline.app.web.pages import page_for
from beltline.kit.errors import Refusal
from beltline.kit.web.page import KEPT_HEADER, PageContext, is_fragment_request, render

_log = structlog.get_logger("beltline.http")


def answer_api(request: Request[Any, Any, State], error: Exception) -> Response[bytes]:
    """A failure of the API."""
    return _as_json(request, _problem(request, error))


def _as_json(request: Request[Any, Any, State], problem: Problem) -> Response[bytes]:
    body = msgspec.json.encode(problem.as_json(exchange_of(request).request_id))
    return Response(
        body, media_type=MEDIA_TYPE, status_code=problem.status, headers=problem.headers
    )


def answer_page(request: Request[Any, Any, State], error: Exception) -> Response[Any]:
    """A failure of a page: the way to sign in, or what happened and what to do.

    What a browser kept and sends now is answered with the problem, told in the page's language.
    """
    caller = known_caller(request)
    if KEPT_HEADER in request.headers:
        problem, page = _problem(request, error), page_for(request, caller)
        told = _sentence(page, problem, error)
        return _as_json(
            request, structs.replace(problem, title=page.gettext(problem.title), detail=told)
        )
    if isinstance(error, NotSignedIn) and (caller is None or caller.actor is None):
        return _to_sign_in(request)
    problem = _problem(request, error)
    page = page_for(request, caller)
    template = "kit/error.html" if page.member_name else "kit/bare_error.html"
    return render(
        template, page, fragment="main", status=problem.status,
        headers={name: value for name, value in problem.headers.items() if name == "Retry-After"},
        title=page.gettext(problem.title), text=_sentence(page, problem, error), code=problem.code,
        request_id=exchange_of(request).request_id,
        retry_path=page.path if problem.status in {429, 503} and request.method == "GET" else "",
    )  # fmt: skip


def answer_any(request: Request[Any, Any, State], error: Exception) -> Response[Any]:
    """A failure outside of both: what matched no route, or failed before it was known."""
    wants_page = "text/html" in request.headers.get("accept", "")
    if wants_page and not request.scope["path"].startswith("/v1/"):
        return answer_page(request, error)
    return answer_api(request, error)


def _sentence(page: PageContext, problem: Problem, error: Exception) -> str:
    """The detail in the page's language: a refusal is translated before its fields go in."""
    if isinstance(error, Refusal):
        return error.sentence(page.gettext)
    return page.gettext(problem.detail)


def _problem(request: Request[Any, Any, State], error: Exception) -> Problem:
    problem = problem_of(error)
    if problem.is_bug:
        _log.error("bug", exc_info=error, path=request.scope["path"], method=request.method)
    elif problem.status == 503:
        _log.warning("unavailable", reason=str(error))
    elif not isinstance(error, HTTPException):
        _log.info("refused", code=problem.code, detail=problem.detail)
    return problem


def _to_sign_in(request: Request[Any, Any, State]) -> Response[Any]:
    path = sent_path(request.scope)
    target = path + (f"?{request.url.query}" if request.url.query else "")
    here = target if request.method == "GET" else "/"
    address = f"/login?next={quote(here, safe='/')}"
    if is_fragment_request(request.headers):
        return Response(None, status_code=204, headers={"HX-Redirect": address})
    return Response(None, status_code=303, headers={"Location": address})
