"""The datasets that can be imported, with the headers ERPs and marketplaces give their columns.

Aliases are compared without case, blanks and punctuation (`Unit Price` = `unit_price`), so each
spelling stands here once. Where one word has two meanings (库存 is a quantity, 库存地点 a place)
the longer alias decides.
"""

from beltline.kit.sheets.datasets_customs import (
    CARGO_RULES,
    EXPORT_TERMS,
    LOW_VALUE_RULES,
    TAX_RATES,
    VALUATION_RULES,
)
from beltline.kit.sheets.datasets_demand import CLOSURES, DEMAND, EVENTS, IN_STOCK, PROMOTIONS
from beltline.kit.sheets.datasets_goods import NODES, PRODUCTS, SKUS, SUPPLIERS
from beltline.kit.sheets.datasets_rates import CARTONS, RATES
from beltline.kit.sheets.datasets_trade import LANES, OFFERS, PURCHASE_ORDERS, STOCK
from beltline.kit.sheets.fields import Dataset

__all__ = ["DATASETS", "IN_STOCK"]

DATASETS: dict[str, Dataset] = {
    dataset.name: dataset
    for dataset in (
        NODES,
        LANES,
        RATES,
        CARTONS,
        TAX_RATES,
        VALUATION_RULES,
        LOW_VALUE_RULES,
        CARGO_RULES,
        EXPORT_TERMS,
        SUPPLIERS,
        PRODUCTS,
        SKUS,
        OFFERS,
        STOCK,
        DEMAND,
        IN_STOCK,
        PROMOTIONS,
        EVENTS,
        CLOSURES,
        PURCHASE_ORDERS,
    )
}
"""Every dataset by name, in the order they are useful to import."""
