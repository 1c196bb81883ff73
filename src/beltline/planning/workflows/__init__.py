"""What planning does without being asked: plans, what-ifs, and what purchases come to."""

from beltline.planning.workflows import plan, purchases, scenarios

JOBS = (*plan.JOBS, *scenarios.JOBS)
LISTENERS = (*purchases.LISTENERS,)
