"""The modules of Beltline from the ground up: the order of migrations, routes and pages."""

MODULES = (
    "kit",
    "accounts",
    "suppliers",
    "catalog",
    "trade",
    "inventory",
    "ledger",
    "search",
    "procurement",
    "planning",
    "orders",
    "customs",
    "fulfillment",
    "channels",
    "tower",
)
