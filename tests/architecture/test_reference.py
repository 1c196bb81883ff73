"""What the docs say is what the code says; what they name exists."""

import re

import pytest

from tests.architecture.reference import HEAD, PAGES, glossary_page
from tests.architecture.sources import ROOT


@pytest.mark.parametrize("name", sorted(PAGES))
def test_a_reference_page_is_what_the_code_says(name: str) -> None:
    path = ROOT / name
    assert path.exists(), f"{name} is missing; run `make docs`"
    assert path.read_text("utf-8") == HEAD + PAGES[name](), f"run `make docs` to renew {name}"


def test_every_public_type_says_what_it_is() -> None:
    silent = [
        line for line in glossary_page().splitlines() if re.fullmatch(r"- \*\*\w+\*\*: ", line)
    ]
    assert silent == []


@pytest.mark.parametrize("name", ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md"])
def test_paths_and_targets_a_page_names_exist(name: str) -> None:
    text = (ROOT / name).read_text("utf-8")
    missing = [
        target
        for target in re.findall(r"\]\((?!https?:|#)([^)#]+)", text)
        if not (ROOT / target).exists()
    ]
    makefile = (ROOT / "Makefile").read_text("utf-8")
    missing += [
        f"make {target}"
        for target in re.findall(r"`make ([a-z]+)", text)
        if not re.search(rf"^{target}:", makefile, re.MULTILINE)
    ]
    assert missing == []
