"""How a call reaches the API: one key for all tries, waits as told, problems as exceptions."""

import json
import random
import time
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final, Protocol, TypeVar

import httpx
import msgspec

from beltline_client.problems import ClientError, Unreachable, problem_of

T = TypeVar("T")
Item_co = TypeVar("Item_co", covariant=True)

_WORTH_ANOTHER_TRY: Final = frozenset({429, 502, 503, 504})
_HARMLESS: Final = frozenset({"GET", "PUT"})
"""What can be sent twice without a key: PUT says how things shall be."""


class Page(Protocol[Item_co]):
    """One page of a list."""

    @property
    def items(self) -> Sequence[Item_co]:
        """The rows of the page."""

    @property
    def next_cursor(self) -> str | None:
        """Where the next page begins; None on the last."""


class Transport:
    """Sends calls. `tries` counts the first one too; the wait between two is never above `longest`.

    A POST carries an Idempotency-Key, the same on every try, so that it has one effect however
    often the connection broke.
    """

    def __init__(
        self,
        http: httpx.Client,
        *,
        tries: int = 5,
        longest: float = 30.0,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._http = http
        self._tries = max(1, tries)
        self._longest = longest
        self._sleep = sleep

    def send(
        self,
        method: str,
        path: str,
        answer: type[T],
        *,
        query: Mapping[str, Any] | None = None,
        body: Any = None,
        file: tuple[str, bytes] | None = None,
        form: Mapping[str, Any] | None = None,
        idempotency_key: str | None = None,
        is_keyed: bool = False,
    ) -> T:
        """Make a call and read its answer as `answer`; `bytes` is a file as it came."""
        headers = {"Idempotency-Key": idempotency_key or uuid.uuid4().hex} if is_keyed else {}
        content: bytes | None = None
        if body is not None:
            content = msgspec.json.encode(body)
            headers["Content-Type"] = "application/json"
        request = self._http.build_request(
            method, path, headers=headers, content=content, params=_texts(query or {}),
            files=None if file is None else {"file": file}, data=_texts(form or {}),
        )  # fmt: skip
        response = self._answered(request, may_repeat=is_keyed or method in _HARMLESS)
        return _read(response, answer)

    def pages(
        self, path: str, answer: type[Page[Item_co]], *, query: Mapping[str, Any]
    ) -> Iterator[Item_co]:
        """The rows of a list, page after page."""
        cursor = None
        while True:
            page = self.send("GET", path, answer, query={**query, "cursor": cursor})
            yield from page.items
            cursor = page.next_cursor
            if cursor is None:
                return

    def _answered(self, request: httpx.Request, *, may_repeat: bool) -> httpx.Response:
        """The answer that counts: the first good one, or the last."""
        for tried in range(1, self._tries + 1):
            is_last = tried == self._tries
            try:
                response = self._http.send(request)
            except httpx.TransportError as error:
                # Nothing was sent where no connection came to be: that is harmless for all.
                if is_last or not (may_repeat or isinstance(error, httpx.ConnectError)):
                    raise Unreachable(f"{request.method} {request.url}: {error}") from error
                self._sleep(self._wait(tried, None))
                continue
            if is_last or not _is_worth_another(response, may_repeat=may_repeat):
                return response
            self._sleep(self._wait(tried, response.headers.get("Retry-After")))
        raise AssertionError("unreachable")

    def _wait(self, tried: int, told: str | None) -> float:
        """Seconds: as told, else twice as long each time, not all clients at once."""
        if told is not None and told.isdigit():
            return min(float(told), self._longest)
        return min(0.25 * 2.0**tried * random.uniform(0.5, 1), self._longest)  # noqa: S311


def _is_worth_another(response: httpx.Response, *, may_repeat: bool) -> bool:
    if response.status_code == httpx.codes.TOO_MANY_REQUESTS:
        return True  # it was not even begun
    # A conflict that says when to come back: the same key is at work on another connection.
    is_busy = response.status_code == httpx.codes.CONFLICT and "Retry-After" in response.headers
    return may_repeat and (is_busy or response.status_code in _WORTH_ANOTHER_TRY)


def _read(response: httpx.Response, answer: type[T]) -> T:
    if response.is_error:
        raise problem_of(response.status_code, _problem(response))
    try:
        if answer is bytes:
            return msgspec.convert(response.content, answer)
        return msgspec.json.decode(response.content, type=answer)
    except msgspec.MsgspecError as error:
        raise ClientError(f"The answer is not {answer.__name__}: {error}") from error


def _problem(response: httpx.Response) -> Mapping[str, Any]:
    try:
        found = json.loads(response.content)
    except ValueError:
        found = None
    return found if isinstance(found, dict) else {"detail": response.text[:500]}


def _texts(values: Mapping[str, Any]) -> dict[str, str | list[str]]:
    """Values as an address or a form writes them; what is None is left out."""
    return {
        name: [_text(each) for each in value] if isinstance(value, list) else _text(value)
        for name, value in values.items()
        if value is not None
    }


def _text(value: Any) -> str:
    return value if isinstance(value, str) else msgspec.json.encode(value).decode().strip('"')
