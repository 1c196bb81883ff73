"""Who acts: one organization, through a member, a key, a guest link or the system itself."""

from uuid import UUID

import msgspec

from beltline.kit.errors import Kind, Refusal


class MissingScope(Refusal):
    """The key was made without the scope this operation needs."""

    kind, code = Kind.FORBIDDEN, "kit.missing_scope"
    title = "The key lacks a scope"
    detail = "This needs the scope {scope}; the key has: {granted}."
    scope: str
    granted: str


class WrongRole(Refusal):
    """The member's role or organization does not allow this."""

    kind, code = Kind.FORBIDDEN, "kit.wrong_role"
    title = "Your role does not allow this"
    detail = "This needs {needed}; you are {role}."
    needed: str
    role: str


class Actor(msgspec.Struct, frozen=True):
    """The acting organization and the means it acts by.

    `via` is MEMBER, API_KEY, GUEST or SYSTEM, `via_id` the row behind it (None for SYSTEM),
    `role` the member's role (ADMIN for keys: they are bounded by `scopes` instead).
    """

    org_id: UUID
    org_kind: str
    name: str
    via: str
    via_id: UUID | None = None
    role: str = "ADMIN"
    scopes: frozenset[str] | None = None
    request_id: str = ""

    def as_row(self) -> tuple[object, ...]:
        """The value of the SQL type `accounts.actor` that every command function takes."""
        return (self.org_id, self.org_kind, self.name, self.via, self.via_id, self.request_id)

    def needs_scope(self, scope: str) -> None:
        """Refuse unless the key carries `scope`; members and the system carry all."""
        if self.scopes is not None and scope not in self.scopes:
            raise MissingScope(scope=scope, granted=", ".join(sorted(self.scopes)) or "none")

    def needs_operator(self) -> None:
        """Refuse anybody who is not of the operator's organization."""
        if self.org_kind != "OPERATOR":
            raise WrongRole(needed="the operator of the network", role=self.org_kind)

    def needs_role(self, *roles: str) -> None:
        """Refuse a member whose role is none of `roles` (ADMIN may always)."""
        if self.role != "ADMIN" and self.role not in roles:
            raise WrongRole(needed=" / ".join(("ADMIN", *roles)), role=self.role)
