"""Every text of every module has a Chinese translation that fits it."""

import re
from collections import defaultdict

import pytest

from beltline.kit.web import i18n
from tests import messages

PLACEHOLDER = re.compile(r"%\(\w+\)s|(?<!%)\{\w+\}")


@pytest.mark.parametrize("module", messages.module_names())
def test_every_text_is_translated(module: str) -> None:
    missing = messages.missing(module)
    assert not missing, f"python tests/messages.py {module} prints what to add: {missing}"


@pytest.mark.parametrize("module", messages.module_names())
def test_no_translation_without_a_text(module: str) -> None:
    unused = set(messages.entries(module)) - set(messages.used(module))
    assert not unused


@pytest.mark.parametrize("module", messages.module_names())
def test_translations_keep_the_placeholders(module: str) -> None:
    for (_, english), message in messages.entries(module).items():
        strings = [message.string] if isinstance(message.string, str) else message.string or ()
        for text in strings:
            found, wanted = PLACEHOLDER.findall(text), PLACEHOLDER.findall(english)
            # A plural's one form may say the number for "one" as well.
            assert set(wanted) <= set(found) <= set(wanted) | {"%(n)s"}, english


def test_modules_agree_about_shared_texts() -> None:
    said: dict[tuple[str | None, str], set[str]] = defaultdict(set)
    for module in messages.module_names():
        for key, message in messages.entries(module).items():
            said[key].add(str(message.string))
    torn = {key: texts for key, texts in said.items() if len(texts) > 1}
    assert not torn, "agree on one translation, or give one a context with pgettext"


def test_the_catalog_answers_in_chinese_and_falls_back_to_english() -> None:
    chinese = i18n.translations("zh")
    assert chinese.gettext("Undo") == "撤销"
    assert chinese.pgettext("list", ", ") == "，"
    assert chinese.gettext("A text nobody wrote") == "A text nobody wrote"
    assert chinese.ngettext("%(n)s thing", "%(n)s things", 2) == "%(n)s things"
    assert i18n.translations("en").gettext("Undo") == "Undo"


@pytest.mark.parametrize(
    ("preference", "cookie", "header", "chosen"),
    [
        ("zh", "en", "en", "zh"),
        (None, "zh", "en", "zh"),
        (None, "xx", "zh-CN,zh;q=0.9,en;q=0.8", "zh"),
        (None, None, "pl,en;q=0.5,zh;q=0.7", "zh"),
        (None, None, "zh;q=0,en", "en"),
        (None, None, "zh;q=x", "en"),
        (None, None, None, "en"),
    ],
)
def test_the_language_is_chosen(
    preference: str | None, cookie: str | None, header: str | None, chosen: str
) -> None:
    found = i18n.choose_locale(preference=preference, cookie=cookie, accept_language=header)
    assert found == chosen
