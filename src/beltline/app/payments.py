"""The provider of payments that the settings name."""

from typing import Final

from beltline.app.settings import PaymentSettings
from beltline.ledger.adapters.payments import Sandbox
from beltline.ledger.types import Port

SANDBOX: Final = Sandbox("sandbox")
"""Of the sandbox world: its money is nobody's, so its secret may be known."""


def open_port(settings: PaymentSettings) -> Port | None:
    """The provider, or None where none is set up. Opens no connection."""
    if settings.provider == "stripe":
        # Loaded where it is used: other installations do without its client.
        from beltline.ledger.adapters.stripe import Stripe  # noqa: PLC0415

        return Stripe(settings.key, settings.secret, settings.url)
    return Sandbox(settings.secret) if settings.provider else None
