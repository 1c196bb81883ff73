"""The whole application with the sandbox's provider of payments, for a real browser."""

import os

import msgspec

from beltline.app.settings import PaymentSettings
from beltline.app.web.create import create_app
from tests.app.client import settings_for_tests

_PAYMENTS = PaymentSettings(provider="sandbox", secret=os.environ["BELTLINE_TEST_SECRET"])
app = create_app(
    msgspec.structs.replace(settings_for_tests(), payments=_PAYMENTS),
    os.environ["BELTLINE_TEST_DSN"],
)
