"""What is wrong with a cell and what would be right, in one place and translatable.

A problem is a code with parameters; these sentences are only its English. Another language
passes its own `translate`, which gets the sentence before the parameters are filled in.
"""

from collections.abc import Callable
from typing import NamedTuple

from beltline.kit.sheets.fields import Dataset, Field, FieldKind
from beltline.kit.texts import N_


class Sentence(NamedTuple):
    """Format strings over the parameters of a problem."""

    message: str
    remedy: str


MESSAGES: dict[str, Sentence] = {
    "REQUIRED": Sentence(N_("{column} is empty."), N_("Give a value, for example {example}.")),
    "ONE_OF_REQUIRED": Sentence(N_("None of these is given: {fields}."), N_("Give {fields}.")),
    "ONLY_ONE_ALLOWED": Sentence(
        N_("More than one of these is given: {fields}."), N_("Give only one of them.")
    ),
    "SERIES_WITHOUT_NODE": Sentence(
        N_("The series names no node."),
        N_("Write SKU@NODE, or give the node in a column of its own."),
    ),
    "NUMBER_INVALID": Sentence(
        N_("This is not a number."), N_("Write digits only, for example {example}.")
    ),
    "NUMBER_AMBIGUOUS": Sentence(
        N_("This can be read in two ways, since the column uses both points and commas."),
        N_("Write it without thousands separators, with a point before decimals."),
    ),
    "NOT_INTEGER": Sentence(N_("This is not a whole number."), N_("Write it without decimals.")),
    "TOO_SMALL": Sentence(N_("This is below {minimum}."), N_("Give at least {minimum}.")),
    "TOO_LARGE": Sentence(N_("This is above {maximum}."), N_("Give at most {maximum}.")),
    "DATE_INVALID": Sentence(N_("This is not a date."), N_("Write the day as 2026-11-20.")),
    "DATE_AMBIGUOUS": Sentence(
        N_("This can be two different days, since the column mixes day-first and month-first."),
        N_("Write the day as 2026-11-20."),
    ),
    "DATE_SHORT_YEAR": Sentence(
        N_("The year has only two digits, so it is not clear which number it is."),
        N_("Write the day as 2026-11-20."),
    ),
    "NOT_YES_OR_NO": Sentence(N_("This is neither yes nor no."), N_("Write yes or no (是 or 否).")),
    "NOT_A_CHOICE": Sentence(N_("This is not one of the choices."), N_("Write one of: {choices}.")),
    "TEXT_TOO_LONG": Sentence(
        N_("This is longer than {max_length} characters."),
        N_("Shorten it to {max_length} characters."),
    ),
    "CHARACTER_NOT_ALLOWED": Sentence(
        N_("It contains a character that is not allowed here."),
        N_("Remove control characters{and_forbidden}."),
    ),
    "FORMULA_WITHOUT_VALUE": Sentence(
        N_("The formula in this cell has no stored result."),
        N_("Open the file in a spreadsheet program and save it, or write the value itself."),
    ),
    "FORMULA_ERROR": Sentence(
        N_("The formula in this cell has failed."), N_("Correct the formula.")
    ),
    "CELL_TOO_LONG": Sentence(
        N_("The cell is longer than a spreadsheet cell can be."), N_("Shorten the text.")
    ),
    "ROW_TOO_WIDE": Sentence(
        N_("The row has more cells than the header."),
        N_("Put values that contain the delimiter in quotation marks."),
    ),
    "QUOTE_NOT_CLOSED": Sentence(
        N_("A quotation mark is opened in this row and never closed."),
        N_("Close it, or double it where it belongs to the text."),
    ),
    "DUPLICATE": Sentence(
        N_("The same record stands in row {other_row}."), N_("Keep one of the two rows.")
    ),
    "CONFLICTING_DUPLICATE": Sentence(
        N_("Row {other_row} has the same {key_fields} with other values."),
        N_("Keep the row that is right."),
    ),
}


def explain(
    code: str, params: dict[str, str], translate: Callable[[str], str] = str
) -> tuple[str, str]:
    """What is wrong and what would be right, for a code of `MESSAGES`."""
    sentence = MESSAGES[code]
    return (
        translate(sentence.message).format(**params),
        translate(sentence.remedy).format(**params),
    )


def field_params(field: Field, column: str) -> dict[str, str]:
    """The parameters any problem of a field may need."""
    return {
        "column": column,
        "example": field.example,
        "minimum": _plain(field.minimum),
        "maximum": _plain(field.maximum if field.maximum is not None else _largest(field)),
        "max_length": str(field.max_length),
        "choices": ", ".join(choice.code for choice in field.choices),
        "and_forbidden": "".join(
            f" and {'blanks' if char == ' ' else char}" for char in field.forbidden
        ),
    }


def _largest(field: Field) -> float | None:
    return 999_999_999_999 if field.kind is FieldKind.DECIMAL else None


def _plain(number: float | None) -> str:
    return "" if number is None else f"{number:,.15g}"


def one_of_text(dataset: Dataset) -> str:
    """`unique_id or sku + node`."""
    return " or ".join(" + ".join(group) for group in dataset.one_of)
