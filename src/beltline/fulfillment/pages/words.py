"""What stages, causes, options and causes are called on pages; marked for translation."""

from typing import Final

from beltline.kit.web.i18n import N_

STAGES: Final = {
    "PURCHASE": N_("Factory confirms"), "FACTORY": N_("Factory ships"),
    "RECEIPT": N_("Received at the hub"), "INSPECTION": N_("Inspection"),
    "PACK": N_("Packing"), "TITLE": N_("Title passes"), "EXPORT": N_("Export declaration"),
    "DISPATCH": N_("Leaves the node"), "TRUNK": N_("Trunk line"), "LAST_MILE": N_("Last mile"),
}  # fmt: skip
ACTS: Final = {
    "PURCHASE": N_("Factory has confirmed"), "FACTORY": N_("Shipped"), "RECEIPT": N_("All there"),
    "INSPECTION": N_("Passed inspection"), "PACK": N_("Packed"), "TITLE": N_("Title has passed"),
    "EXPORT": N_("Declared at customs"), "DISPATCH": N_("Handed to the carrier"),
    "TRUNK": N_("Arrived in the country"), "LAST_MILE": N_("Delivered"),
}  # fmt: skip
# What somebody without an account reads: no supplier, no hub, no papers.
PUBLIC: Final = {
    "PURCHASE": N_("Being prepared"), "FACTORY": N_("Being prepared"),
    "RECEIPT": N_("Being prepared"), "INSPECTION": N_("Being checked"),
    "PACK": N_("Being packed"), "TITLE": N_("Being packed"), "EXPORT": N_("In export clearance"),
    "DISPATCH": N_("About to leave"), "TRUNK": N_("On its way to your country"),
    "LAST_MILE": N_("On its way to you"),
}  # fmt: skip
CAUSES: Final = {
    "SHORT": N_("missing"), "DAMAGED": N_("damaged"), "WRONG": N_("wrong goods"),
    "REJECTED": N_("rejected at inspection"), "LOST": N_("lost"),
    "REFUSED": N_("refused by the factory"), "LATE": N_("late"), "HELD": N_("held by customs"),
    "SILENT": N_("no word of the box"), "BALANCE": N_("waiting for their balance"),
}  # fmt: skip
OPTIONS: Final = {
    "WAIT": N_("Wait"), "REFUND": N_("Refund"), "REPLACE": N_("Send others"),
    "LOST": N_("Give it up as lost"), "LATER": N_("Pay later, until"),
    "GIVE_UP": N_("Give the goods up"), "PAID": N_("Paid"),
}  # fmt: skip
STATES: Final = {
    "OPEN": N_("Under way"), "DELIVERED": N_("Delivered"), "ENDED": N_("Ended"),
}  # fmt: skip
RESPONSIBLE: Final = {
    "OPERATOR": N_("Operator"), "SUPPLIER": N_("Factory"), "WAREHOUSE": N_("Warehouse"),
    "BROKER": N_("Customs broker"), "CARRIER": N_("Carrier"),
}  # fmt: skip
PARCELS: Final = {
    "ANNOUNCED": N_("Announced"), "MATCHED": N_("Matched"), "UNANNOUNCED": N_("Nobody’s yet"),
    "CLAIMED": N_("Claimed"),
}  # fmt: skip
RETURNS: Final = {
    "REQUESTED": N_("Requested"), "APPROVED": N_("Approved"), "REFUSED": N_("Refused"),
    "REFUNDED": N_("Refunded"),
}  # fmt: skip
REASONS: Final = {
    "DEFECTIVE": N_("defective"), "DAMAGED": N_("damaged"), "WRONG": N_("wrong goods"),
    "NOT_AS_DESCRIBED": N_("not as described"), "LATE": N_("late"),
    "NO_REASON": N_("no reason given"),
}  # fmt: skip
PAYERS: Final = {
    "SUPPLIER": N_("Factory"), "CARRIER": N_("Carrier"), "OPERATOR": N_("Operator"),
    "BUYER": N_("Buyer"),
}  # fmt: skip
TRACKING: Final = {
    "PICKED_UP": N_("Picked up"), "DEPARTED": N_("Departed"),
    "ARRIVED": N_("Arrived in the country"), "HELD": N_("Held by customs"),
    "RELEASED": N_("Released by customs"),
    "OUT_FOR_DELIVERY": N_("Out for delivery"), "ATTEMPTED": N_("Delivery failed"),
    "DELIVERED": N_("Delivered"), "RETURNING": N_("On its way back"), "LOST": N_("Lost"),
    "DAMAGED": N_("Damaged"), "OTHER": N_("Other word"),
}  # fmt: skip
TRACKING_TONES: Final = {
    **dict.fromkeys(TRACKING, "info"), "DELIVERED": "ok", "LOST": "crit", "DAMAGED": "crit",
    **dict.fromkeys(("HELD", "ATTEMPTED", "RETURNING"), "warn"), "OTHER": "mute",
}  # fmt: skip
# What is measured of more than one stage.
SPANS: Final = {
    "STOCK": N_("From the order until it left"), "HUB": N_("From the hub’s door until it left"),
    "MADE": N_("From the order to the hub"), "DOOR": N_("From the order until the factory ships"),
    "ROAD": N_("From leaving to the door"),
}  # fmt: skip
VERDICTS: Final = {"ACCEPTED": N_("Lot accepted"), "REJECTED": N_("Lot rejected")}
