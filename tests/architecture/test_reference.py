"""What the docs say is what the code says; what they name exists."""

import re

import click
import pytest

from beltline.app.cli import beltline
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


PAGES_OF_PEOPLE = sorted(
    str(path.relative_to(ROOT)) for path in [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")]
)


@pytest.mark.parametrize("name", PAGES_OF_PEOPLE)
def test_paths_and_targets_a_page_names_exist(name: str) -> None:
    text = (ROOT / name).read_text("utf-8")
    folder = (ROOT / name).parent
    missing = [
        target
        for target in re.findall(r"\]\((?!https?:|#)([^)#]+)", text)
        if not (folder / target).exists()
    ]
    makefile = (ROOT / "Makefile").read_text("utf-8")
    missing += [
        f"make {target}"
        for target in re.findall(r"`make ([a-z]+)", text)
        if not re.search(rf"^{target}:", makefile, re.MULTILINE)
    ]
    assert missing == []


@pytest.mark.parametrize("name", sorted(set(PAGES_OF_PEOPLE) - set(PAGES)))
def test_commands_a_page_names_exist(name: str) -> None:
    text = (ROOT / name).read_text("utf-8")
    wrong = [line for line in _command_lines(text) if not _is_command(line)]
    assert wrong == []


def test_a_command_that_does_not_exist_is_seen() -> None:
    assert _is_command("beltline import a.csv --create-missing --map x=y")
    assert _is_command("beltline --json key list --org operator")
    assert not _is_command("beltline import a.csv --create-all")
    assert not _is_command("beltline conquer")


def _command_lines(text: str) -> list[str]:
    """Lines of blocks and pieces of sentences that call the program."""
    blocks = "\n".join(re.findall(r"```(?:sh|text)?\n(.*?)```", text, re.DOTALL))
    inline = re.findall(r"`(beltline [a-z-][^`]*)`", text.replace("\n", " "))
    return [*re.findall(r"^beltline .*$", blocks, re.MULTILINE), *inline]


def _is_command(line: str) -> bool:
    """Whether each word of a line is a command where one must stand, each option known to it."""
    command: click.Command = beltline
    words = iter(line.partition(" #")[0].split()[1:])
    for word in words:
        if word.startswith("--"):
            options = {name: option for option in command.params for name in option.opts}
            option = options.get(word.partition("=")[0])
            if not isinstance(option, click.Option):
                return False
            if not option.is_flag and "=" not in word:
                next(words, None)
        elif isinstance(command, click.Group) and re.fullmatch("[a-z]+", word):
            found = command.get_command(click.Context(command), word)
            if found is None:
                return False
            command = found
    return True
