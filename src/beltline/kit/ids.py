"""Identifiers: UUIDv7 made in the program, shown to people with a prefix that names the thing."""

from uuid import UUID

import uuid_utils.compat

from beltline.kit.errors import Kind, Refusal


class MalformedId(Refusal):
    """A shown id whose prefix or digits are wrong."""

    kind, code = Kind.NOT_FOUND, "kit.malformed_id"
    title = "No such id"
    detail = "“{value}” is not an id of this kind; one looks like {prefix}_ and 32 hex digits."
    value: str
    prefix: str


def new_id() -> UUID:
    """A fresh UUIDv7 (RFC 9562): unique, and in the order of creation."""
    return uuid_utils.compat.uuid7()


def show_id(prefix: str, value: UUID) -> str:
    """`ord_018f…`: the form of an id outside the database."""
    return f"{prefix}_{value.hex}"


def read_id(prefix: str, text: str) -> UUID:
    """The UUID of a shown id; refuses anything else."""
    head, _, digits = text.rpartition("_")
    try:
        if head != prefix or len(digits) != 32:
            raise ValueError
        return UUID(hex=digits)
    except ValueError:
        raise MalformedId(value=text[:80], prefix=prefix) from None
