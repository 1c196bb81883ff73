"""What sales models are assumed to cost until a network's own figures are known.

Apart from `rules.models`, so that the page that tells them loads no numeric library.
"""

from typing import Final

WAIT_LOST: Final = 0.015
"""Assumed share of buyers lost for each day they would have to wait."""
KEPT_FORWARD: Final = 0.98
"""Assumed share of promises kept from stock at hand."""
FIRM_DISCOUNT: Final = 0.03
"""Assumed share of the price a factory gives for goods bought firm."""
OBSOLETE: Final = 0.10
"""Assumed share of its cost that an owned unit loses when a cycle leaves it."""
