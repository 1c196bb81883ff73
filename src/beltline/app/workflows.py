"""The jobs and listeners of all modules in one list: what a worker knows how to do."""

from collections.abc import Sequence
from typing import Final

from beltline.app.imports import workflows as imports
from beltline.app.settings import TranslationSettings
from beltline.catalog import workflows as catalog
from beltline.customs import workflows as customs
from beltline.fulfillment import workflows as fulfillment
from beltline.inventory import workflows as inventory
from beltline.kit.jobs.run import JobKind
from beltline.kit.listeners import Listener
from beltline.ledger import workflows as ledger
from beltline.orders import workflows as orders
from beltline.planning import workflows as planning
from beltline.procurement import workflows as procurement
from beltline.science.engines import LOCAL, Engine
from beltline.search import workflows as search
from beltline.suppliers import workflows as suppliers

NO_TRANSLATION: Final = TranslationSettings()


def jobs_on(engine: Engine, translation: TranslationSettings = NO_TRANSLATION) -> Sequence[JobKind]:
    """The kinds of all modules, with plans computed on an engine, goods translated by a machine."""
    return (
        *_translating(translation),
        *suppliers.JOBS, *inventory.JOBS, *catalog.JOBS, *ledger.JOBS, *search.JOBS,
        *planning.jobs_on(engine), *procurement.JOBS, *orders.JOBS,
        *customs.JOBS, *fulfillment.JOBS, *imports.JOBS,
    )  # fmt: skip


def _translating(settings: TranslationSettings) -> tuple[JobKind, ...]:
    if not settings.url:
        return ()
    # Loaded where it is used: other installations do without its client.
    from beltline.catalog.adapters.chat import ChatTranslator  # noqa: PLC0415

    translator = ChatTranslator(settings.url, settings.key, settings.model)
    return (catalog.translate_on(translator, settings.locales.split(), batch=settings.batch),)


JOBS = jobs_on(LOCAL)
LISTENERS: Sequence[Listener] = (
    *suppliers.LISTENERS, *catalog.LISTENERS, *search.LISTENERS, *planning.LISTENERS,
    *procurement.LISTENERS, *orders.LISTENERS, *customs.LISTENERS, *fulfillment.LISTENERS,
)  # fmt: skip
