"""Who stands on the paper of a purchase order."""

import msgspec

from beltline.accounts.types.legal import PaperParty


class PurchaseParties(msgspec.Struct, frozen=True):
    """Who buys and who supplies, as they were named when the order went out."""

    buyer: PaperParty
    supplier: PaperParty
