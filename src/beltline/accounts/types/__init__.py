"""Organizations, members, keys, links; and why one of them is refused."""

import datetime as dt
import enum
from typing import Any
from uuid import UUID

import msgspec

from beltline.kit.actor import Actor
from beltline.kit.errors import Kind, Refusal
from beltline.kit.web.i18n import N_

SESSION_COOKIE = "bl_session"
"""The cookie that holds the token of a session."""


class OrgKind(enum.StrEnum):
    """What an organization does in the network."""

    OPERATOR = "OPERATOR"
    SUPPLIER = "SUPPLIER"
    BUYER = "BUYER"
    AGENT = "AGENT"
    PARTNER = "PARTNER"
    CARRIER = "CARRIER"
    BROKER = "BROKER"
    INSPECTOR = "INSPECTOR"
    FINANCIER = "FINANCIER"


class Role(enum.StrEnum):
    """What a member may do in its organization."""

    ADMIN = "ADMIN"
    BUYER = "BUYER"
    PLANNER = "PLANNER"
    WAREHOUSE = "WAREHOUSE"
    FINANCE = "FINANCE"
    VIEWER = "VIEWER"


SCOPES = (
    "accounts:read", "accounts:write", "catalog:read", "catalog:write", "events:read",
    "events:write",
    "imports:read", "imports:write", "ledger:read", "ledger:write", "orders:read",
    "orders:write", "planning:read", "planning:write", "purchases:read", "purchases:write",
    "stock:read", "stock:write", "suppliers:read", "suppliers:write",
)  # fmt: skip
"""Everything a key can be allowed, as `module:read` or `module:write`."""


class Organization(msgspec.Struct, frozen=True):
    """A party of the network. `code` is its short name in files and commands."""

    id: UUID
    code: str
    kind: str
    name: str
    name_zh: str
    country: str
    is_active: bool


class Member(msgspec.Struct, frozen=True):
    """A person in one organization."""

    id: UUID
    org_id: UUID
    email: str
    name: str
    role: str
    locale: str
    theme: str
    is_active: bool


class Session(msgspec.Struct, frozen=True):
    """A signed-in member: who acts, how it likes its pages, and the form token."""

    actor: Actor
    member: Member
    organization: Organization
    csrf_token: str


class ApiKey(msgspec.Struct, frozen=True):
    """A key as it can be shown later: never the secret. `prefix` is its visible beginning."""

    id: UUID
    name: str
    prefix: str
    scopes: list[str]
    expires_at: dt.datetime | None
    revoked_at: dt.datetime | None
    latest_used_at: dt.datetime | None
    created_by: str
    created_at: dt.datetime


class IssuedKey(msgspec.Struct, frozen=True):
    """A new key with its secret: shown this once."""

    id: UUID
    secret: str


class IssuedLink(msgspec.Struct, frozen=True):
    """A new guest link with its secret: the token goes into the address, shown this once."""

    id: UUID
    token: str
    expires_at: dt.datetime


class Guest(msgspec.Struct, frozen=True):
    """Whoever holds a guest link: it acts for one organization on one object."""

    actor: Actor
    object_id: UUID
    expires_at: dt.datetime


class AuditEntry(msgspec.Struct, frozen=True):
    """Who did what to which object, when, and what changed."""

    id: UUID
    at: dt.datetime
    actor: str
    via: str
    action: str
    object: str
    object_id: UUID | None
    change: dict[str, Any]
    request_id: str


class Changed(msgspec.Struct, frozen=True):
    """One field of an audit row as a person reads it; `before` is empty for a plain fact."""

    field: str
    before: str
    after: str


class Contact(msgspec.Struct, frozen=True):
    """Personal data; blank after erasure."""

    id: UUID
    name: str
    phone: str
    email: str
    country: str
    region: str
    city: str
    postcode: str
    line1: str
    line2: str
    erased_at: dt.datetime | None


class InactiveOrganization(Refusal):
    """The acting organization is unknown or closed."""

    kind, code = Kind.FORBIDDEN, "accounts.inactive_organization"
    title = "The organization may not act"
    detail = "Your organization is closed or unknown here; ask the operator of the network."


class SignInRefused(Refusal):
    """E-mail and password do not belong together; which of them is wrong is not said."""

    kind, code = Kind.UNAUTHENTICATED, "accounts.sign_in_refused"
    title = "Not signed in"
    detail = N_("This e-mail address and password do not belong together.")


class TooManyTries(Refusal):
    """Too many wrong passwords for this name or from this address."""

    kind, code = Kind.LIMIT, "accounts.too_many_tries"
    title = "Too many tries"
    detail = N_("Too many wrong passwords; wait {minutes} minutes.")
    minutes: int


class NotSignedIn(Refusal):
    """No key, no session, or one that has ended."""

    kind, code = Kind.UNAUTHENTICATED, "accounts.not_signed_in"
    title = "Not signed in"
    detail = "Send a valid key as `Authorization: Bearer sk_…`, or sign in."


class LinkEnded(Refusal):
    """A guest link that has expired, was withdrawn, or never was."""

    kind, code = Kind.GONE, "accounts.link_ended"
    title = "This link has ended"
    detail = "The link has expired or was withdrawn; ask whoever sent it for a new one."


class UnknownScope(Refusal):
    """A scope that does not exist."""

    kind, code = Kind.INVALID, "accounts.unknown_scope"
    title = "Unknown scope"
    detail = "There is no scope “{scope}”; the scopes are {known}."
    scope: str
    known: str


class UnknownOrganization(Refusal):
    """No organization has this code."""

    kind, code = Kind.NOT_FOUND, "accounts.unknown_organization"
    title = "Unknown organization"
    detail = "There is no organization “{org}” here."
    org: str


class WeakPassword(Refusal):
    """A password shorter than what is accepted."""

    kind, code = Kind.INVALID, "accounts.weak_password"
    title = "Password too short"
    detail = N_("A password has at least {minimum} characters.")
    minimum: int


class PasswordWrong(Refusal):
    """The present password, asked for before it is changed, is another."""

    kind, code = Kind.FORBIDDEN, "accounts.password_wrong"
    title = "Wrong password"
    detail = N_("This is not your present password.")


class NotAMember(Refusal):
    """A key or link has nothing of a person's own: no password, no views."""

    kind, code = Kind.FORBIDDEN, "accounts.not_a_member"
    title = "No member"
    detail = "Only a person who is signed in has this."


class LastAdministrator(Refusal):
    """Without this member nobody could manage the organization."""

    kind, code = Kind.CONFLICT, "accounts.last_administrator"
    title = "The last administrator"
    detail = N_("{name} is the last administrator; make somebody else one first.")
    name: str


class CodeTaken(Refusal):
    """Another organization or member has this name."""

    kind, code = Kind.CONFLICT, "accounts.taken"
    title = "Taken"
    detail = N_("“{value}” is taken; choose another.")
    value: str


class SavedView(msgspec.Struct, frozen=True):
    """A list with its filters under a name: a member's own, or everybody's (`member_id` None)."""

    id: UUID
    path: str
    query: str
    name: str
    member_id: UUID | None
    made_by: str

    @property
    def address(self) -> str:
        """Where it is seen."""
        return f"{self.path}?{self.query}"


class ViewUnreadable(Refusal):
    """No name, or no filters of a list."""

    kind, code = Kind.INVALID, "accounts.view_unreadable"
    title = "Not a view"
    detail = N_("A view is a list with at least one filter, and a name of up to 60 characters.")


class ViewsTooMany(Refusal):
    """More views than anybody finds their way in."""

    kind, code = Kind.CONFLICT, "accounts.views_too_many"
    title = "Too many views"
    detail = N_("There are {most} views already; delete one first.")
    most: int
