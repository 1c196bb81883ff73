"""The whole application on the database that the environment names, for a real browser."""

import os

from beltline.app.web.create import create_app
from tests.app.client import settings_for_tests

app = create_app(settings_for_tests(), os.environ["BELTLINE_TEST_DSN"])
