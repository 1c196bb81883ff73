"""Settings: none are needed, wrong ones are told by name."""

from pathlib import Path

import msgspec
import pytest

from beltline.app.environment import default_data, read_settings, with_changes
from beltline.app.settings import (
    SettingInvalid,
    Settings,
)


def test_nothing_has_to_be_set() -> None:
    settings = read_settings({})
    assert settings == Settings(data=default_data())
    assert settings.web.host == "127.0.0.1"
    assert settings.database_url == ""


def test_variables_reach_their_members() -> None:
    settings = read_settings(
        {
            "BELTLINE_DATA": "/srv/belt",
            "DATABASE_URL": "postgresql://u@h/d",
            "BELTLINE_WEB_PORT": "8010",
            "BELTLINE_WEB_HTTPS": "true",
            "BELTLINE_WEB_METRICS_TOKEN": "12345678",
            "BELTLINE_WORKER_NIGHTLY_AT": "02:15",
            "BELTLINE_LOG_JSON": "0",
            "UNRELATED": "1",
        }
    )
    assert settings.data == Path("/srv/belt")
    assert settings.database_url == "postgresql://u@h/d"
    assert (settings.web.port, settings.web.https) == (8010, True)
    assert settings.web.metrics_token == "12345678"
    assert settings.worker.nightly_at == "02:15"
    assert settings.log.json is False


def test_the_folder_of_the_command_line_comes_first(tmp_path: Path) -> None:
    assert read_settings({"BELTLINE_DATA": "/srv/belt"}, data=tmp_path).data == tmp_path


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("BELTLINE_WEB_PORT", "eighty"),
        ("BELTLINE_WEB_PORT", "70000"),
        ("BELTLINE_WEB_WORKERS", "0"),
        ("BELTLINE_WEB_RATE_KEY", "-1"),
        ("BELTLINE_WEB_HTTPS", "perhaps"),
        ("BELTLINE_WORKER_NIGHTLY_AT", "25:00"),
        ("BELTLINE_LOG_LEVEL", "loud"),
        ("BELTLINE_WEB_PROT", "8000"),
        ("BELTLINE_PORT", "8000"),
    ],
)
def test_a_wrong_setting_is_told_by_name(variable: str, value: str) -> None:
    with pytest.raises(SettingInvalid) as refused:
        read_settings({variable: value})
    assert variable in refused.value.message


def test_options_replace_only_what_they_give() -> None:
    settings = read_settings({"BELTLINE_WEB_PORT": "8010"})
    assert with_changes(settings, "web", host="::1", port=None).web.port == 8010
    assert with_changes(settings, "web", host="::1", port=None).web.host == "::1"
    assert with_changes(settings, "worker", id="worker-3").worker.id == "worker-3"
    assert with_changes(settings, "worker", id=None) == settings


def test_settings_are_few_and_grouped() -> None:
    groups = [
        field.type for field in msgspec.structs.fields(Settings)
        if isinstance(field.type, type) and issubclass(field.type, msgspec.Struct)
    ]  # fmt: skip
    assert len(groups) > 3
    assert sum(len(msgspec.structs.fields(group)) for group in groups) <= 40
    source = Path(__file__).parents[2] / "src/beltline/app/settings.py"
    assert len(source.read_text().splitlines()) <= 150
