"""The three families of failure: refusals, transients, and bugs.

A `Refusal` is something the caller can act on; it is raised in the module it belongs to,
carries a stable code and typed fields, and is turned into problem JSON, a page message or an
exit code in one place each (`app`). A `Transient` heals with time and is retried by the
durable step. Everything else is a bug and is never caught below `app`.
"""

import enum
from collections.abc import Callable
from typing import Any, ClassVar, get_type_hints


class Kind(enum.StrEnum):
    """What the caller should do about a refusal; decides the HTTP status."""

    NOT_FOUND = "NOT_FOUND"
    FORBIDDEN = "FORBIDDEN"
    UNAUTHENTICATED = "UNAUTHENTICATED"
    CONFLICT = "CONFLICT"
    INVALID = "INVALID"
    MALFORMED = "MALFORMED"
    GONE = "GONE"
    LIMIT = "LIMIT"
    TOO_LARGE = "TOO_LARGE"


STATUS: dict[Kind, int] = {
    Kind.MALFORMED: 400,
    Kind.UNAUTHENTICATED: 401,
    Kind.FORBIDDEN: 403,
    Kind.NOT_FOUND: 404,
    Kind.CONFLICT: 409,
    Kind.GONE: 410,
    Kind.TOO_LARGE: 413,
    Kind.INVALID: 422,
    Kind.LIMIT: 429,
}


class Refusal(Exception):
    """Base of everything the caller can act on.

    A subclass sets `kind`, `code`, `title` and `detail` (a format string over its fields) and
    annotates its fields; they become keyword arguments and members of the problem JSON::

        class MoqNotMet(Refusal):
            kind, code = Kind.CONFLICT, "orders.moq_not_met"
            title = "Below the minimum order quantity"
            detail = "{sku}: at least {moq} are needed, {ordered} were ordered."
            sku: str
            moq: int
            ordered: int

    `param` (optional keyword of every refusal) names the offending member of the request.
    """

    kind: ClassVar[Kind]
    code: ClassVar[str]
    title: ClassVar[str] = "Refused"
    detail: ClassVar[str] = "{title}"

    _by_code: ClassVar[dict[str, type["Refusal"]]] = {}

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        if "code" in cls.__dict__:
            Refusal._by_code[cls.code] = cls

    @staticmethod
    def from_code(code: str, fields: dict[str, Any]) -> "Refusal":
        """The refusal a SQL function raised through `kit.refuse(code, fields)`."""
        known = Refusal._by_code[code]
        return known(
            param=fields.get("param"),
            **{name: fields.get(name) for name in known.field_names()},
        )

    def __init__(self, *, param: str | None = None, **fields: Any) -> None:
        expected = set(self.field_names())
        if set(fields) != expected:
            raise TypeError(f"{type(self).__name__} takes {sorted(expected)}, got {sorted(fields)}")
        self.param = param
        self.fields = fields
        # Set where the kept answer to an earlier request is raised again.
        self.is_replay = False
        for name, value in fields.items():
            setattr(self, name, value)
        super().__init__(self.message)

    @classmethod
    def field_names(cls) -> list[str]:
        """Annotated fields of the refusal, in order of definition."""
        return [
            name
            for name, hint in get_type_hints(cls).items()
            if not str(hint).startswith("typing.ClassVar")
        ]

    @property
    def message(self) -> str:
        """The one sentence for a person, with the fields filled in."""
        return self.detail.format(title=self.title, **self.fields)

    def sentence(self, translate: Callable[[str], str]) -> str:
        """The same sentence in another language; the fields go in after the translation."""
        return translate(self.detail).format(title=translate(self.title), **self.fields)

    @property
    def status(self) -> int:
        """The HTTP status this refusal is answered with."""
        return STATUS[self.kind]


class Transient(Exception):
    """Time helps: a lock, a time-out, a service that is down. Retried, then answered 503."""

    retry_after_s: int = 2
