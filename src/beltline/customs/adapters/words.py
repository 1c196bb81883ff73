"""What modes, states, tasks and options of customs are called on pages and papers."""

from typing import Final

from beltline.kit.web.i18n import N_

MODES: Final = {
    "": N_("not known"), "0110": N_("general trade"), "9610": N_("e-commerce B2C parcels"),
    "9710": N_("e-commerce B2B"), "9810": N_("to an overseas warehouse"),
    "1039": N_("market procurement"),
}  # fmt: skip
VAT: Final = {
    "": N_("not known"), "REFUND": N_("refunded"), "EXEMPT": N_("exempt"),
    "NONE": N_("not refunded"),
}  # fmt: skip
FILES: Final = {
    "OPEN": (N_("Under way"), "info"), "CLOSED": (N_("Ended"), "ok"),
    "JOINED": (N_("Joined into another"), "mute"),
}  # fmt: skip
STATES: Final = {
    "DRAFT": (N_("Incomplete"), "warn"), "READY": (N_("Ready"), "info"),
    "LODGED": (N_("Lodged"), "info"), "HELD": (N_("Held by customs"), "crit"),
    "QUERIED": (N_("Queried"), "crit"), "RELEASED": (N_("Released by customs"), "ok"),
    "RETURNED": (N_("Returned"), "crit"), "FORFEITED": (N_("Forfeited"), "crit"),
}  # fmt: skip
ACTS: Final = {
    "LODGE": N_("Lodged at customs"), "HOLD": N_("Customs holds it"),
    "QUERY": N_("Customs asks"), "RELEASE": N_("Released by customs"),
    "RETURN": N_("Sent back"), "FORFEIT": N_("Seized for good"),
}  # fmt: skip
ACTS_FROM: Final = {
    "DRAFT": (), "READY": ("LODGE",), "LODGED": ("RELEASE", "HOLD", "QUERY"),
    "HELD": ("RELEASE", "QUERY", "RETURN", "FORFEIT"),
    "QUERIED": ("RELEASE", "RETURN", "FORFEIT"), "RELEASED": ("HOLD", "QUERY"), "RETURNED": (),
    "FORFEITED": (),
}  # fmt: skip
BEARERS: Final = {
    "OPERATOR": N_("Operator"), "SUPPLIER": N_("Factory"), "CARRIER": N_("Carrier"),
}  # fmt: skip
REFUNDS: Final = {
    "COLLECTING": (N_("Collecting papers"), "warn"), "MATCHED": (N_("Matched"), "info"),
    "FILED": (N_("Filed"), "info"), "PAID": (N_("Refund received"), "ok"),
    "REPAID": (N_("Repaid"), "mute"),
    "EXEMPT": (N_("Exempt"), "ok"), "DEEMED_DOMESTIC": (N_("Taxed as sold at home"), "crit"),
}  # fmt: skip
STEPS: Final = {
    "FILED": N_("Filed for refund"), "PAID": N_("Refund received"),
    "REPAID": N_("Refund repaid"), "DEEMED_DOMESTIC": N_("Tax as sold at home"),
}  # fmt: skip
STEPS_FROM: Final = {
    "COLLECTING": ("DEEMED_DOMESTIC",), "MATCHED": ("FILED", "DEEMED_DOMESTIC"),
    "FILED": ("PAID", "DEEMED_DOMESTIC"), "PAID": ("REPAID",), "REPAID": (), "EXEMPT": (),
    "DEEMED_DOMESTIC": (),
}  # fmt: skip
TASKS: Final = {
    "MODE_UNKNOWN": N_("No export term is known for %(country)s."),
    "HS_MISSING": N_("%(sku)s has no HS code of six digits or more."),
    "WEIGHT_MISSING": N_("The weight of %(sku)s is not known."),
    "CLASS_FORBIDDEN": N_("%(cargo_class)s may not go on this lane: %(source)s."),
    "EVIDENCE_MISSING": N_("%(sku)s needs %(evidence)s: %(source)s."),
    "PACKING": N_("Pack %(sku)s so: %(instruction)s (%(source)s)."),
    "CLASS_UNKNOWN": N_("Whether %(cargo_class)s may go on this lane is not known."),
    "FAPIAO_MISSING": N_(
        "No special fapiao of %(supplier)s to %(exporter)s covers %(units)s of %(sku)s."
    ),
    "ABOVE_LIMIT": N_("Declaration %(position)s is worth more than %(limit)s %(currency)s."),
    "LIMIT_UNKNOWN": N_(
        "Without an exchange rate to %(currency)s nobody knows whether declaration %(position)s "
        "is within %(limit)s."
    ),
    "VALUATION_UNKNOWN": N_("What duty in %(country)s is levied on is not known."),
    "RATE_UNKNOWN": N_("%(tax)s in %(country)s on %(hs_code)s is not known."),
    "HELD": N_("Customs holds declaration %(position)s: %(note)s"),
    "QUERY": N_("Customs asks about declaration %(position)s: %(note)s"),
}  # fmt: skip
REMEDIES: Final = {
    "MODE_UNKNOWN": N_("Import an export term for the lane."),
    "HS_MISSING": N_("Confirm a code on the page of the product."),
    "WEIGHT_MISSING": N_("Enter it with the SKU."),
    "CLASS_FORBIDDEN": N_("Choose another service, or take the units out."),
    "EVIDENCE_MISSING": N_("Enter it on the page of the product."),
    "PACKING": N_("Confirm when it is done."),
    "CLASS_UNKNOWN": N_("Ask the carrier, then import a cargo rule."),
    "FAPIAO_MISSING": N_("Enter the fapiao, or let the goods go without their refund."),
    "ABOVE_LIMIT": N_("Declare it in parts, or by another mode."),
    "LIMIT_UNKNOWN": N_("Enter the exchange rate."),
    "VALUATION_UNKNOWN": N_("Import the customs value rule of the country."),
    "RATE_UNKNOWN": N_("Import the rate with its source."),
    "HELD": N_("Record what customs decides."), "QUERY": N_("Answer customs and say what."),
}  # fmt: skip
OPTIONS: Final = {
    "GO_WITHOUT": N_("Go without the refund"), "CONFIRM": N_("Packed so"),
    "ANSWER": N_("Answered"),
}  # fmt: skip
TAXES: Final = {
    "DUTY": N_("Duty"), "VAT": N_("VAT"), "REFUND": N_("Refund of VAT"),
}  # fmt: skip
BASES: Final = {
    "FOB": N_("goods alone (FOB)"), "CIF": N_("with freight and insurance (CIF)"),
}  # fmt: skip
EVIDENCE: Final = {
    "UN38_3": "UN 38.3", "MSDS": "MSDS", "TEST_REPORT": N_("test report"),
    "BRAND_AUTHORIZATION": N_("brand authorization"),
}  # fmt: skip
PAYERS: Final = {"": N_("not known"), "SELLER": N_("the seller"), "BUYER": N_("the buyer")}
FAPIAOS: Final = {"SPECIAL": N_("special fapiao"), "ORDINARY": N_("ordinary fapiao")}
