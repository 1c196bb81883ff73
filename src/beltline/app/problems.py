"""Every failure as RFC 9457 problem JSON: the one place that knows how a refusal looks outside.

`problem_of` sorts an exception into the three families of `kit.errors`: a refusal keeps its
code and fields, a transient becomes 503 with Retry-After, everything else is a bug and becomes
500 without a word about its inside.
"""

import inspect
import re
from collections.abc import Iterator
from typing import Any

import asyncpg
import msgspec
from litestar.exceptions import HTTPException, ValidationException

from beltline.kit.errors import STATUS, Kind, Refusal, Transient
from beltline.kit.web.i18n import N_

MEDIA_TYPE = "application/problem+json"
DOCS = "/docs/errors"


class Problem(msgspec.Struct, frozen=True):
    """What is told about a failure. `fields` are the refusal's own members."""

    status: int
    code: str
    title: str
    detail: str
    param: str | None = None
    fields: dict[str, Any] = {}
    headers: dict[str, str] = {}

    @property
    def type(self) -> str:
        """The page that explains the code."""
        return f"{DOCS}/{self.code}"

    @property
    def is_bug(self) -> bool:
        """Whether somebody has to look into it."""
        return self.status == 500

    def as_json(self, request_id: str) -> dict[str, Any]:
        """The members of the problem document; a refusal's field never hides a standard one."""
        own = {
            "type": self.type,
            "title": self.title,
            "status": self.status,
            "detail": self.detail,
            "code": self.code,
            "param": self.param,
            "request_id": request_id,
        }
        return {**msgspec.to_builtins(self.fields), **own}


class BodyMalformed(Refusal):
    """A body that is not the JSON it says it is."""

    kind, code = Kind.MALFORMED, "app.body_malformed"
    title = N_("The body is not valid JSON")
    detail = N_("The body cannot be read as JSON in UTF-8: {reason}.")
    reason: str


class ValueUnusable(Refusal):
    """Valid JSON with a value that nothing here can hold."""

    kind, code = Kind.INVALID, "app.value_unusable"
    title = N_("A value cannot be used")
    detail = N_("{reason}.")
    reason: str


class TooManyRequests(Refusal):
    """A rate was used up, or the server has all it can do."""

    kind, code = Kind.LIMIT, "app.too_many_requests"
    title = N_("Too many requests")
    detail = N_("{what}; try again in {retry_after_s} s.")
    what: str
    retry_after_s: int


class CrossSite(Refusal):
    """A form that was not sent from our own page."""

    kind, code = Kind.FORBIDDEN, "app.cross_site"
    title = N_("The form was not sent from this site")
    detail = N_("The form's token is missing or old; go back, reload the page and send it again.")


BUG = Problem(
    status=500,
    code="app.bug",
    title=N_("Something went wrong here"),
    detail=N_("This is our mistake and has been noted; nothing was changed."),
)

# Values that passed the types but not the database: what the caller sent, not our mistake.
_UNUSABLE = {
    asyncpg.CharacterNotInRepertoireError: "A text has a character that cannot be stored",
    asyncpg.UntranslatableCharacterError: "A text has a character that cannot be stored",
    asyncpg.NumericValueOutOfRangeError: "A number is too large",
    asyncpg.DatetimeFieldOverflowError: "A date is out of range",
    asyncpg.StringDataRightTruncationError: "A text is too long",
}

_TITLES = {
    400: ("http.bad_request", N_("The request cannot be understood")),
    401: ("http.unauthorized", N_("Not signed in")),
    403: ("http.forbidden", N_("Not allowed")),
    404: ("http.not_found", N_("There is nothing here")),
    405: ("http.method_not_allowed", N_("This address does not know the method")),
    413: ("http.too_large", N_("The body is too large")),
    415: ("http.unsupported_media_type", N_("Not a media type for this address")),
    422: ("http.invalid", N_("The request is not valid")),
}


def problem_of(error: BaseException) -> Problem:
    """The problem an exception is told as."""
    if isinstance(error, ExceptionGroup) and len(error.exceptions) == 1:
        error = error.exceptions[0]
    if isinstance(error, Refusal):
        return _refused(error)
    if isinstance(error, Transient):
        return _transient(error)
    if isinstance(error, ValidationException):
        return _invalid(error)
    if isinstance(error, HTTPException) and error.status_code < 500:
        return _http(error)
    if reason := _unusable(error):
        return _refused(ValueUnusable(reason=reason))
    return BUG


def explain(code: str) -> dict[str, Any] | None:
    """What a refusal's code means: the page its `type` names. None for an unknown code."""
    found = next((kind for kind in _refusals(Refusal) if kind.code == code), None)
    if found is None:
        return None
    return {
        "code": code,
        "title": found.title,
        "status": STATUS[found.kind],
        "meaning": inspect.getdoc(found),
        "detail": found.detail,
        "fields": found.field_names(),
    }


def _refusals(base: type[Refusal]) -> Iterator[type[Refusal]]:
    for kind in base.__subclasses__():
        if "code" in kind.__dict__:
            yield kind
        yield from _refusals(kind)


def _refused(refusal: Refusal) -> Problem:
    headers = {}
    if refusal.kind is Kind.UNAUTHENTICATED:
        headers["WWW-Authenticate"] = 'Bearer realm="beltline"'
    if refusal.kind is Kind.LIMIT:
        headers["Retry-After"] = str(refusal.fields.get("retry_after_s", 60))
    if refusal.is_replay:
        headers["Idempotent-Replayed"] = "true"
    if refusal.code == "kit.idempotency_in_flight":
        headers["Retry-After"] = "1"
    return Problem(
        status=refusal.status,
        code=refusal.code,
        title=refusal.title,
        detail=refusal.message,
        param=refusal.param,
        fields=refusal.fields,
        headers=headers,
    )


def _transient(error: Transient) -> Problem:
    if reason := _unusable(error.__cause__):
        return _refused(ValueUnusable(reason=reason))
    return Problem(
        status=503,
        code="app.unavailable",
        title=N_("Not just now"),
        detail=N_("A part of the system is busy or starting; the same request will work soon."),
        headers={"Retry-After": str(error.retry_after_s)},
    )


def _unusable(error: BaseException | None) -> str | None:
    if isinstance(error, ValueError) and isinstance(error, asyncpg.InterfaceError):
        # asyncpg's own check of an argument, such as an integer beyond the column's range.
        return "A value is out of the range that can be stored"
    return next((text for kind, text in _UNUSABLE.items() if isinstance(error, kind)), None)


def _http(error: HTTPException) -> Problem:
    code, title = _TITLES.get(error.status_code, ("http.error", "The request failed"))
    detail = error.detail if error.status_code not in {404, 405} else title
    return Problem(
        status=error.status_code,
        code=code,
        title=title,
        detail=detail,
        headers=dict(error.headers or {}),
    )


def _invalid(error: ValidationException) -> Problem:
    """A body, query or path that does not fit its type: 422 with the first member at fault."""
    if not isinstance(error.extra, list) or not error.extra:
        return _http(error)
    faults = [_fault(entry) for entry in error.extra if isinstance(entry, dict)]
    first = faults[0]
    where = f"{first['param']}: " if first["param"] else ""
    return Problem(
        status=422,
        code="http.invalid",
        title="The request is not valid",
        detail=f"{where}{first['message']}.",
        param=first["param"] or None,
        fields={"errors": faults},
    )


def _fault(entry: dict[str, Any]) -> dict[str, str]:
    """`lines[0].sku` and why. A fault of the body itself names the member that it misses."""
    message = str(entry.get("message", "")).rstrip(".")
    path = str(entry.get("key", "")).removeprefix("data").removeprefix(".")
    if named := re.search(r"field `([^`]+)`", message):
        path = f"{path}.{named[1]}" if path else named[1]
    return {"param": path, "message": message}
