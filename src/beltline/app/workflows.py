"""The jobs and listeners of all modules in one list: what a worker knows how to do."""

from collections.abc import Sequence

from beltline.app.imports import workflows as imports
from beltline.kit.jobs.run import JobKind
from beltline.kit.listeners import Listener
from beltline.planning import workflows as planning
from beltline.procurement import workflows as procurement

JOBS: Sequence[JobKind] = (*planning.JOBS, *procurement.JOBS, *imports.JOBS)
LISTENERS: Sequence[Listener] = ()
"""Nobody listens yet: what modules must tell each other upward is asked for, not told."""
