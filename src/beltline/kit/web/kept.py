"""Answers of requests that are done once for their key, and kept."""

from typing import TypeVar

import msgspec
from litestar import Response

from beltline.kit.idempotency import Answer

T = TypeVar("T")


def answered(answer: Answer, kind: type[T]) -> Response[T]:
    """What came of a request as `kind`, with its status; a refusal is raised."""
    answer = answer.unwrap()
    return Response(
        msgspec.convert(answer.response, kind), status_code=answer.status,
        headers=replay_headers(answer),
    )  # fmt: skip


def replay_headers(answer: Answer) -> dict[str, str]:
    """The mark of an answer that was kept from the first request."""
    return {"Idempotent-Replayed": "true"} if answer.replayed else {}
