"""What planning does without being asked: the plan as a job, and what purchases come to."""

from beltline.planning.workflows import plan, purchases

JOBS = (*plan.JOBS,)
LISTENERS = (*purchases.LISTENERS,)
