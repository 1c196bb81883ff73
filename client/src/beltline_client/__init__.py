"""The API of Beltline for programs: `Beltline(url, key)` has every operation as a method."""

from beltline_client.client import Beltline
from beltline_client.generated import models
from beltline_client.problems import (
    BadRequest,
    ClientError,
    Conflict,
    Forbidden,
    Gone,
    Invalid,
    NotFound,
    Problem,
    RateLimited,
    ServerError,
    TooLarge,
    Unauthenticated,
    Unreachable,
)

__all__ = [
    "BadRequest",
    "Beltline",
    "ClientError",
    "Conflict",
    "Forbidden",
    "Gone",
    "Invalid",
    "NotFound",
    "Problem",
    "RateLimited",
    "ServerError",
    "TooLarge",
    "Unauthenticated",
    "Unreachable",
    "models",
]
