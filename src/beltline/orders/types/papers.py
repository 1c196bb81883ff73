"""What stands on papers of an order."""

import msgspec

from beltline.accounts.types.legal import PaperParty


class OrderParties(msgspec.Struct, frozen=True):
    """Who sells and who buys, as papers of an order name them."""

    seller: PaperParty
    buyer: PaperParty
