"""Failures as problem documents: one shape, right status, no inside told."""

import asyncpg
import pytest
from litestar.exceptions import (
    MethodNotAllowedException,
    NotFoundException,
    ValidationException,
)
from litestar.exceptions.http_exceptions import RequestEntityTooLarge

from beltline.accounts.types import NotSignedIn, TooManyTries
from beltline.app.problems import TooManyRequests, explain, problem_of
from beltline.kit.db import NotFound, Unavailable
from beltline.kit.errors import Kind, Refusal
from beltline.kit.idempotency import KeyInFlight


class TooFew(Refusal):
    """A refusal with fields, one of which is named like a standard member."""

    kind, code = Kind.CONFLICT, "tests.too_few"
    title = "Too few"
    detail = "{ordered} of {moq}."
    moq: int
    ordered: int
    status_text: str


def test_a_refusal_keeps_its_code_fields_and_member() -> None:
    refusal = TooFew(moq=10, ordered=3, status_text="x", param="lines[0].quantity")
    told = problem_of(refusal).as_json("req_1")
    assert told == {
        "type": "/docs/errors/tests.too_few",
        "title": "Too few",
        "status": 409,
        "detail": "3 of 10.",
        "code": "tests.too_few",
        "param": "lines[0].quantity",
        "request_id": "req_1",
        "moq": 10,
        "ordered": 3,
        "status_text": "x",
    }


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (NotFound(what="order", key="x"), 404, "kit.not_found"),
        (NotSignedIn(), 401, "accounts.not_signed_in"),
        (NotFoundException(), 404, "http.not_found"),
        (MethodNotAllowedException(), 405, "http.method_not_allowed"),
        (RequestEntityTooLarge(), 413, "http.too_large"),
        (Unavailable("down"), 503, "app.unavailable"),
        (RuntimeError("secret inside"), 500, "app.bug"),
        (ExceptionGroup("", [NotSignedIn()]), 401, "accounts.not_signed_in"),
        (asyncpg.CharacterNotInRepertoireError("0x00"), 422, "app.value_unusable"),
        (asyncpg.NumericValueOutOfRangeError("bigint"), 422, "app.value_unusable"),
    ],
)
def test_every_family_has_its_status(error: Exception, status: int, code: str) -> None:
    problem = problem_of(error)
    assert (problem.status, problem.code) == (status, code)


def test_a_bug_tells_nothing_of_its_inside() -> None:
    assert "secret" not in str(problem_of(RuntimeError("secret inside")).as_json("r"))


def test_an_argument_asyncpg_refuses_is_the_callers_value() -> None:
    outer = Unavailable("value out of int64 range")
    outer.__cause__ = asyncpg.exceptions._base.DataError("value out of int64 range")
    assert problem_of(outer).status == 422


@pytest.mark.parametrize(
    ("error", "seconds"),
    [
        (TooManyRequests(what="x", retry_after_s=7), "7"),
        (Unavailable("down"), "2"),
        (KeyInFlight(key="k"), "1"),
        (TooManyTries(minutes=15), "60"),
    ],
)
def test_who_should_wait_is_told_how_long(error: Exception, seconds: str) -> None:
    assert problem_of(error).headers["Retry-After"] == seconds


@pytest.mark.parametrize(
    ("entry", "param", "message"),
    [
        ({"message": "Expected `int`, got `str`", "key": "lines[0].quantity", "source": "body"},
         "lines[0].quantity", "Expected `int`, got `str`"),
        ({"message": "Object missing required field `sku`", "key": "data", "source": "body"},
         "sku", "Object missing required field `sku`"),
        ({"message": "Object contains unknown field `prize`", "key": "lines[1]"},
         "lines[1].prize", "Object contains unknown field `prize`"),
        ({"message": "Expected `int` <= 250", "key": "limit", "source": "query"},
         "limit", "Expected `int` <= 250"),
    ],
)  # fmt: skip
def test_a_value_of_the_wrong_type_names_its_member(
    entry: dict[str, str], param: str, message: str
) -> None:
    problem = problem_of(ValidationException(extra=[entry]))
    assert (problem.status, problem.param) == (422, param)
    assert problem.fields["errors"] == [{"param": param, "message": message}]


def test_the_page_of_a_code_explains_it() -> None:
    told = explain("tests.too_few")
    assert told is not None
    assert told["status"] == 409
    assert told["fields"] == ["moq", "ordered", "status_text"]
    assert explain("tests.unheard_of") is None
