"""Between the client, which waits, and the application in a test's loop, which does not."""

import asyncio

import httpx


class Bridge(httpx.BaseTransport):
    """Carries a client's calls from its thread to the application in the test's loop."""

    def __init__(self, http: httpx.AsyncClient, loop: asyncio.AbstractEventLoop) -> None:
        self.http, self.loop = http, loop

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """The application's answer."""
        answer = asyncio.run_coroutine_threadsafe(
            self.http.request(
                request.method, request.url.raw_path.decode(), headers=dict(request.headers),
                content=request.read(),
            ),
            self.loop,
        ).result()  # fmt: skip
        headers = {k: v for k, v in answer.headers.items() if k != "content-encoding"}
        return httpx.Response(answer.status_code, headers=headers, content=answer.content)
