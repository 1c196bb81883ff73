"""The description of a dataset: which fields a file may bring and what is right in them."""

import enum

import msgspec


class FieldKind(enum.StrEnum):
    """How the text of a field is read, and the polars type it becomes."""

    TEXT = "TEXT"
    """String, trimmed."""
    INTEGER = "INTEGER"
    """Int64; `12.0` is 12, `12.5` is wrong."""
    DECIMAL = "DECIMAL"
    """Decimal(18, 6): exact; money and quantities. More digits are rounded half to even."""
    NUMBER = "NUMBER"
    """Float64: measures, coordinates, demand."""
    DATE = "DATE"
    """Date: the calendar day as written; a time of day or an offset is cut off."""
    BOOLEAN = "BOOLEAN"
    CHOICE = "CHOICE"
    """String: one of the codes of `choices`."""


class Choice(msgspec.Struct, frozen=True):
    """A code of a CHOICE field and other ways people write it."""

    code: str
    aliases: tuple[str, ...] = ()


class Field(msgspec.Struct, frozen=True, kw_only=True):
    """One field: its kind, what is right in it and how headers call it.

    `minimum` and `maximum` are inclusive. `forbidden` lists characters a text may not contain;
    a blank among them stands for all white space.
    `required` fields may not be blank; a field of an alternative (`Dataset.one_of`) is not
    required by itself.
    """

    name: str
    kind: FieldKind
    description: str
    example: str
    required: bool = False
    choices: tuple[Choice, ...] = ()
    aliases: tuple[str, ...] = ()
    minimum: float | None = None
    maximum: float | None = None
    max_length: int = 200
    forbidden: str = ""


class Wide(msgspec.Struct, frozen=True):
    """A layout with one column per date: the headers become `date`, the cells `value`."""

    date: str
    value: str


class Joined(msgspec.Struct, frozen=True):
    """A field that says the same as others together: `unique_id` = `sku` + `@` + `node`."""

    field: str
    parts: tuple[str, str]
    separator: str


class Dataset(msgspec.Struct, frozen=True, kw_only=True):
    """A kind of file people import.

    `key` identifies a record; two rows with the same key are a problem. Of `one_of` each record
    needs at least one alternative, complete; `exclusive` forbids more than one.
    """

    name: str
    title: str
    description: str
    fields: tuple[Field, ...]
    key: tuple[str, ...]
    one_of: tuple[tuple[str, ...], ...] = ()
    exclusive: bool = False
    wide: Wide | None = None
    joined: Joined | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the fields in order."""
        return tuple(field.name for field in self.fields)

    def field(self, name: str) -> Field:
        """The field of a name; KeyError where there is none."""
        for field in self.fields:
            if field.name == name:
                return field
        raise KeyError(name)
