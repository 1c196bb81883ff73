"""What planning does without being asked: plans, what-ifs, and what purchases come to."""

from beltline.kit.jobs.run import JobKind
from beltline.planning.workflows import plan, purchases, scenarios
from beltline.science.engines import LOCAL, Engine


def jobs_on(engine: Engine) -> tuple[JobKind, ...]:
    """The kinds of planning, with plans computed on an engine."""
    return (plan.plan_on(engine), *scenarios.JOBS)


JOBS = jobs_on(LOCAL)
LISTENERS = (*purchases.LISTENERS,)
