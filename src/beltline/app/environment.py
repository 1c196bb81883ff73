"""The settings of an environment.

A setting is `BELTLINE_` + its path in capitals (`BELTLINE_WEB_PORT` is `web.port`), or
`DATABASE_URL`, as hosting services call it. Nothing has to be set.
"""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import msgspec

from beltline.app.settings import SettingInvalid, Settings

PREFIX: Final = "BELTLINE_"


def read_settings(
    environment: Mapping[str, str] | None = None, *, data: Path | None = None
) -> Settings:
    """The settings of an environment (this process's unless given); `data` comes before it."""
    variables = os.environ if environment is None else environment
    folder = str(data or variables.get(f"{PREFIX}DATA") or default_data())
    values: dict[str, Any] = {"data": folder, "database_url": variables.get("DATABASE_URL", "")}
    for variable, text in variables.items():
        if variable.startswith(PREFIX) and not variable.startswith(_ELSEWHERE):
            group, _, name = variable.removeprefix(PREFIX).lower().partition("_")
            values.setdefault(group, {})[name] = _parsed(variable, group, name, text)
    return msgspec.convert(values, Settings, strict=False, dec_hook=lambda kind, value: kind(value))


def with_changes(settings: Settings, group: str, **changes: Any) -> Settings:
    """The settings with members of a group (`web`) replaced; None leaves a member as it is."""
    given = {name: value for name, value in changes.items() if value is not None}
    changed = msgspec.structs.replace(getattr(settings, group), **given)
    return msgspec.structs.replace(settings, **{group: changed})


def default_data() -> Path:
    """Where data lie when nobody says: the system's folder for root, else the user's own."""
    return Path("/var/lib/beltline") if os.geteuid() == 0 else Path.home() / ".local/share/beltline"


_ELSEWHERE = (f"{PREFIX}DATA", f"{PREFIX}TEST_", f"{PREFIX}PROOF_")  # read above, or by tests
_TYPES = {(group.name, member.name): member.type for group in msgspec.structs.fields(Settings)[2:]
          for member in msgspec.structs.fields(group.type)}  # fmt: skip


def _parsed(variable: str, group: str, name: str, text: str) -> Any:
    if (group, name) not in _TYPES:
        raise SettingInvalid(variable=variable, reason="there is no such setting")
    try:
        return msgspec.convert(text, _TYPES[group, name], strict=False)
    except msgspec.ValidationError as error:
        said = str(error).rstrip(".")
        raise SettingInvalid(variable=variable, reason=said[:1].lower() + said[1:]) from None
