"""What goes wrong, as exceptions: the API's problem answers (RFC 9457), and no answer at all."""

from collections.abc import Mapping
from typing import Any, ClassVar


class ClientError(Exception):
    """Anything this client raises."""


class Unreachable(ClientError):
    """No answer came, after all tries. With an idempotency key the same call can be made again."""


class Problem(ClientError):
    """The API refused. `code` says why in one word for programs, `detail` in a sentence.

    `param` names the member at fault, `fields` has what the refusal says beyond that (such as
    `available` of `orders.out_of_stock`), `request_id` is what to ask the operator with.
    """

    statuses: ClassVar[frozenset[int]] = frozenset()

    def __init__(self, status: int, answer: Mapping[str, Any]) -> None:
        rest = dict(answer)
        self.status = status
        self.title = str(rest.pop("title", ""))
        self.detail = str(rest.pop("detail", ""))
        self.code = str(rest.pop("code", ""))
        self.param: str | None = rest.pop("param", None)
        self.request_id = str(rest.pop("request_id", ""))
        for name in ("type", "status"):
            rest.pop(name, None)
        self.fields: dict[str, Any] = rest
        super().__init__(f"{status} {self.code}: {self.detail or self.title}")


class BadRequest(Problem):
    """The request cannot be understood."""

    statuses = frozenset({400})


class Unauthenticated(Problem):
    """No key, or one that does not stand."""

    statuses = frozenset({401})


class Forbidden(Problem):
    """The key's scopes, or its organization, do not allow this."""

    statuses = frozenset({403})


class NotFound(Problem):
    """What is named does not exist for this caller."""

    statuses = frozenset({404})


class Conflict(Problem):
    """It does not fit the present state."""

    statuses = frozenset({409})


class Gone(Problem):
    """What is named has ended."""

    statuses = frozenset({410})


class TooLarge(Problem):
    """The body is too large."""

    statuses = frozenset({413})


class Invalid(Problem):
    """A value is not valid; `param` names it."""

    statuses = frozenset({422})


class RateLimited(Problem):
    """Too much at once, after all tries."""

    statuses = frozenset({429})


class ServerError(Problem):
    """The server failed, after all tries where another could help."""

    statuses = frozenset({500, 502, 503, 504})


def problem_of(status: int, answer: Mapping[str, Any]) -> Problem:
    """The exception of an answer."""
    for kind in Problem.__subclasses__():
        if status in kind.statuses:
            return kind(status, answer)
    return Problem(status, answer)
