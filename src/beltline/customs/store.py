"""Writes of the schema `customs`, all by its functions. Private to the module."""

import datetime as dt
from collections.abc import Sequence
from uuid import UUID

from beltline.customs.types import FapiaoBody, MoveBody, RefundStep, Setting
from beltline.kit.actor import Actor
from beltline.kit.db import Writer


async def check_file(db: Writer, actor: Actor, file_id: UUID, now: dt.datetime) -> None:
    """Work a file out anew."""
    await db.execute("select customs.check_file($1, $2, $3)", actor.as_row(), file_id, now)


async def join_files(
    db: Writer, actor: Actor, file_id: UUID, others: Sequence[UUID], now: dt.datetime
) -> None:
    """Take the goods of other files into one."""
    await db.execute(
        "select customs.join_files($1, $2, $3, $4)", actor.as_row(), file_id, others, now
    )


async def move(
    db: Writer, actor: Actor, declaration_id: UUID, body: MoveBody, now: dt.datetime
) -> None:
    """Write what happened to a declaration."""
    await db.execute(
        "select customs.move($1, $2, $3, $4, $5)",
        actor.as_row(), declaration_id, body.act.value, body, now,
    )  # fmt: skip


async def move_refund(
    db: Writer,
    actor: Actor,
    declaration_id: UUID,
    state: RefundStep,
    reference: str,
    now: dt.datetime,
) -> None:
    """Write how a refund goes on."""
    await db.execute(
        "select customs.move_refund($1, $2, $3, $4, $5)",
        actor.as_row(), declaration_id, state.value, reference, now,
    )  # fmt: skip


async def answer_task(
    db: Writer, actor: Actor, task_id: UUID, option: str, note: str, now: dt.datetime
) -> None:
    """Write a person's answer to a task."""
    await db.execute(
        "select customs.answer_task($1, $2, $3, $4, $5)",
        actor.as_row(), task_id, option, note, now,
    )  # fmt: skip


async def meet_deadlines(db: Writer, actor: Actor, limit: int, now: dt.datetime) -> int:
    """Let tasks take their default and look at files again; how many."""
    done: int = await db.value(
        "select customs.meet_deadlines($1, $2, $3)", actor.as_row(), limit, now
    )
    return done


async def enter_fapiao(
    db: Writer, actor: Actor, fapiao_id: UUID, body: FapiaoBody, now: dt.datetime
) -> None:
    """Write a fapiao and cover with it what waits."""
    await db.execute(
        "select customs.enter_fapiao($1, $2, $3, $4)", actor.as_row(), fapiao_id, body, now
    )


async def set_setting(db: Writer, actor: Actor, setting: Setting, now: dt.datetime) -> None:
    """Write the operator's wish."""
    await db.execute(
        "select customs.set_setting($1, $2, $3, $4)",
        actor.as_row(), setting.is_strict, setting.fapiao_hours, now,
    )  # fmt: skip
