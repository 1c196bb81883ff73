"""People at their browsers, and without one: sign in, follow real links, send forms."""

import re
from typing import Self
from urllib.parse import urlsplit

import httpx
import msgspec
from bs4 import BeautifulSoup, Tag
from playwright.async_api import Page

from beltline.accounts.types import SESSION_COOKIE
from beltline.kit.actor import Actor
from beltline.kit.db import Database
from tests.accounts.make import sign_up


class Person:
    """Somebody signed in at the running program."""

    def __init__(self, url: str, email: str, password: str) -> None:
        self.client = httpx.Client(base_url=url, headers={"Accept": "text/html"}, timeout=60)
        self.email = email
        self._password = password

    def __enter__(self) -> Self:
        page = BeautifulSoup(self.client.get("/login").text, "html.parser")
        token = page.select_one("#sign-in [name=_csrf]")
        assert token is not None, page.text
        answer = self.client.post(
            "/login",
            data={"_csrf": token["value"], "email": self.email, "password": self._password,
                  "next": "/"},
        )  # fmt: skip
        assert answer.status_code == 303, (answer.status_code, answer.text[:1_000])
        return self

    def __exit__(self, *_: object) -> None:
        self.client.close()

    @property
    def cookies(self) -> dict[str, str]:
        """What a browser must have to be this person."""
        return dict(self.client.cookies)

    def speak(self, locale: str) -> str:
        """Choose a language as its button does; the one spoken before."""
        before = self.see("/")
        token, root = before.select_one("[data-preferences] [name=_csrf]"), before.html
        assert token is not None
        assert root is not None
        answer = self.client.post("/preferences", data={"_csrf": token["value"], "locale": locale})
        assert answer.status_code == 303, (answer.status_code, answer.text[:1_000])
        return str(root["lang"]).partition("-")[0]

    def see(self, path: str) -> BeautifulSoup:
        """A page that must be there; a redirect to another page of ours is followed."""
        answer = self.client.get(path, follow_redirects=True)
        assert answer.status_code == 200, (self.email, path, answer.status_code, answer.text[-800:])
        assert answer.url.path != "/login", (self.email, path)
        return BeautifulSoup(answer.text, "html.parser")

    def walk(self) -> list["Seen"]:
        """Every page of the navigation and, from each page, the first link to every other kind.

        One page of each shape of address; all of them answered 200.
        """
        home = self.see("/")
        waiting = [str(a["href"]) for a in home.select("nav a[href]")]
        assert len(waiting) > 2, f"{self.email} has no navigation"
        seen: dict[str, Seen] = {}
        while waiting:
            path = waiting.pop(0)
            shape = shape_of(path)
            if shape in seen:
                continue
            page = self.see(path)
            parts = frozenset(_part_of(each) for each in page.select("main, main *"))
            seen[shape] = Seen(path, shape, parts)
            for link in page.select("main a[href]"):
                target = str(link["href"]).partition("#")[0]
                if target.startswith("/"):
                    waiting.append(target)
        return list(seen.values())


async def sign_in(
    page: Page, database: Database, actor: Actor, url: str, locale: str = "en"
) -> None:
    """Make a page that of a new member of the actor's organization."""
    token = await sign_up(
        database, actor.org_id, email=f"{locale}-{actor.org_id.hex}@beltline.test", locale=locale
    )
    await page.context.add_cookies([{"name": SESSION_COOKIE, "value": token, "url": url}])


class Seen(msgspec.Struct, frozen=True):
    """A page that was seen: its address, what kind that is of, and the kinds of its elements.

    A file behind a link has no elements.
    """

    path: str
    shape: str
    parts: frozenset[str]


def _part_of(element: Tag) -> str:
    """What kind of element it is: how it is styled, what attributes it has, whether it is empty."""
    styled = [*element.get_attribute_list("class"), element.get("role"), element.get("type")]
    says = "says" if element.get_text(strip=True) else ""
    return " ".join([element.name, says, *sorted(map(str, filter(None, styled))),
                     *sorted(element.attrs)])  # fmt: skip


_STATIC = re.compile(r"[a-z]+(-[a-z]+)*\Z")


def shape_of(path: str) -> str:
    """What kind of page an address is of: names of things become stars, queries are left out."""
    parts = urlsplit(path).path.strip("/").split("/")
    words = [parts[0]]
    words += [part if _STATIC.match(part) else "*" for part in parts[1:]]
    return "/" + "/".join(words)
