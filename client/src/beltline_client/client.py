"""The client: where the network is, and with which key it is asked."""

from collections.abc import Iterator
from types import TracebackType
from typing import Self

import httpx

from beltline_client.generated import models
from beltline_client.generated.operations import Operations
from beltline_client.transport import Transport


class Beltline(Operations):
    """All operations of a network, in groups: `orders.place_order`, `stock.list_stock`...

    Calls are made again after a broken connection, a limit (429) or an overload (503), with the
    same idempotency key and as late as `Retry-After` says, up to `tries` times in all. What the
    API refuses is raised as a `Problem`. One client may be used by many threads.
    """

    def __init__(
        self,
        url: str,
        key: str,
        *,
        timeout: float = 30.0,
        tries: int = 5,
        http_transport: httpx.BaseTransport | None = None,
    ) -> None:
        self._http = httpx.Client(
            base_url=url,
            headers={"Authorization": f"Bearer {key}", "Accept": "application/json, */*"},
            timeout=timeout,
            transport=http_transport,
        )
        super().__init__(Transport(self._http, tries=tries))

    def new_events(self, after: int) -> Iterator[models.FeedEvent]:
        """Events after a place of the feed up to now, in its order.

        Keep the `feed_seq` of the last one that was dealt with, and go on from there.
        """
        while (page := self.events.list_events(after=after)).items:
            yield from page.items
            after = page.next_after

    def close(self) -> None:
        """Give its connections back."""
        self._http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
