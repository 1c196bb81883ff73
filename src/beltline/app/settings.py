"""Every setting: what can be set, and what holds where nothing is.

`app.environment` reads them once and they are passed down.
"""

from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta

from beltline.kit.errors import Kind, Refusal

Positive = Annotated[int, Meta(ge=1)]
Rate = Annotated[float, Meta(gt=0)]


class SettingInvalid(Refusal):
    """A variable that names no setting or holds a value it cannot have."""

    kind, code = Kind.INVALID, "app.setting_invalid"
    title = "A setting is wrong"
    detail = "{variable}: {reason}. `docs/reference/settings.md` lists what can be set."
    variable: str
    reason: str


class WebSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How pages and API are served. Rates are requests a second, over all processes."""

    host: str = "127.0.0.1"
    """Address to listen on; this machine only unless set."""
    port: Annotated[int, Meta(ge=0, le=65_535)] = 8000
    workers: Positive = 1
    """Processes that serve."""
    pool_size: Positive = 10
    """Database connections of a process at most."""
    concurrency: Positive = 128
    """Requests one process works on at a time; the next one is answered 429."""
    https: bool = False
    """The outside sees https: cookies are Secure and HSTS is sent."""
    trusted_proxy: bool = False
    """Take the client's address from the last X-Forwarded-For entry."""
    rate_key: Rate = 5_000.0
    """Of one key or session."""
    rate_org: Rate = 10_000.0
    """Of all keys and sessions of an organization."""
    rate_address: Rate = 500.0
    """Of callers nobody knows, by address."""
    burst_s: Rate = 5.0
    """How many seconds of a rate may be used at once."""
    metrics_token: str = ""
    """Bearer token of `/metrics`; without one it does not exist."""


class WorkerSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The background process. Times are UTC."""

    id: str = "worker-0"
    """Its name for good: no two run under one."""
    pool_size: Positive = 10
    """Database connections of a process at most."""
    nightly_at: Annotated[str, Meta(pattern=r"^([01]\d|2[0-3]):[0-5]\d$|^$")] = "17:30"
    """When each night's plan is made; empty makes none."""
    engine: str = "local"
    """Where plans are computed: `local`, or `ray`, `dask` or `spark`, with `@ADDRESS`."""
    idempotency_days: Positive = 7
    """How long the answer to a key is kept."""
    private_webhooks: bool = False
    """Webhooks may go to private addresses and by http: for trying things out on one machine."""


class PaymentSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A provider that takes buyers' payments; the sandbox world always has its own."""

    provider: Annotated[str, Meta(pattern="^(stripe|sandbox)?$")] = ""
    """`stripe`, or `sandbox` to try things with; empty takes none."""
    key: str = ""
    """Calls the provider's API."""
    secret: str = ""
    """Signs what the provider tells at `/v1/payments/events`."""
    url: str = "https://api.stripe.com"
    """Where the provider's API is."""


class TranslationSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A machine that translates goods; what people wrote stays before what it says."""

    url: str = ""
    """Base of an OpenAI-compatible API, such as `https://host/v1`; empty translates nothing."""
    key: str = ""
    """Its bearer token, where it wants one."""
    model: str = ""
    """The model to ask; its name stands beside every text it made."""
    locales: Annotated[str, Meta(pattern=r"^[a-z]{2}( [a-z]{2})*$")] = "en zh"
    """Languages every product is to be read in."""
    batch: Annotated[int, Meta(ge=1, le=100)] = 20
    """Products in one request."""


class LogSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is written to stderr and sent to a tracing collector."""

    level: Annotated[str, Meta(pattern="^(debug|info|warning|error)$")] = "info"
    json: bool = True
    """JSON lines; false writes plain text for people."""
    otlp_endpoint: str = ""
    """Base address of an OpenTelemetry collector (OTLP over HTTP); empty sends nothing."""


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All of it. `database_url` empty means the embedded PostgreSQL below `data`."""

    data: Path
    database_url: str = ""
    web: WebSettings = WebSettings()
    worker: WorkerSettings = WorkerSettings()
    payments: PaymentSettings = PaymentSettings()
    translation: TranslationSettings = TranslationSettings()
    log: LogSettings = LogSettings()
