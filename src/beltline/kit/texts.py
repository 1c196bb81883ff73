"""The mark of a text that is translated where it is shown."""


def N_(text: str) -> str:  # noqa: N802 - the name gettext tools look for
    """Mark a text for extraction; it is translated where it is shown."""
    return text
