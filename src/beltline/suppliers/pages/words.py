"""The words and tones of states that several pages of suppliers show."""

from typing import Final

from beltline.kit.web.i18n import N_
from beltline.suppliers.types import (
    CaseState,
    CertificateKind,
    Ground,
    Purpose,
    Standing,
    VerificationState,
)

STATES: Final = {
    VerificationState.INVITED: N_("Invited"),
    VerificationState.DRAFT: N_("Being filled in"),
    VerificationState.SUBMITTED: N_("Sent in"),
    VerificationState.LOCAL_CHECK: N_("Visit asked for"),
    VerificationState.REVIEW: N_("In review"),
    VerificationState.RETURNED: N_("Sent back"),
    VerificationState.VERIFIED: N_("Verified"),
    VerificationState.REFUSED: N_("Not accepted"),
    VerificationState.EXPIRED: N_("Verification expired"),
}
TONES: Final = {
    **dict.fromkeys(VerificationState, "info"),
    VerificationState.INVITED: "mute",
    VerificationState.DRAFT: "mute",
    VerificationState.RETURNED: "warn",
    VerificationState.VERIFIED: "ok",
    VerificationState.REFUSED: "crit",
    VerificationState.EXPIRED: "warn",
}
STANDINGS: Final = {
    Standing.INVITED: (N_("Invited"), "mute"),
    Standing.ACTIVE: (N_("Active"), "ok"),
    Standing.SUSPENDED: (N_("Suspended"), "warn"),
    Standing.REMOVED: (N_("Removed"), "crit"),
}
CERTIFICATES: Final = {
    CertificateKind.ISO9001: N_("ISO 9001"),
    CertificateKind.ISO14001: N_("ISO 14001"),
    CertificateKind.BSCI: N_("BSCI"),
    CertificateKind.CE: N_("CE"),
    CertificateKind.FDA: N_("FDA"),
    CertificateKind.OEKO_TEX: N_("OEKO-TEX"),
    CertificateKind.CCC: N_("CCC"),
    CertificateKind.FSC: N_("FSC"),
    CertificateKind.SGS_AUDIT: N_("SGS factory audit"),
    CertificateKind.BV_AUDIT: N_("BV factory audit"),
    CertificateKind.OTHER: N_("Another certificate"),
}
PURPOSES: Final = {
    Purpose.LICENCE: N_("Business licence"),
    Purpose.CERTIFICATE: N_("Certificates"),
    Purpose.WORKSHOP: N_("Workshop"),
    Purpose.VISIT: N_("Visit"),
    Purpose.EVIDENCE: N_("Evidence"),
}
GROUNDS: Final = {
    Ground.INFRINGING: N_("Infringes a right"),
    Ground.NON_SOURCE: N_("No source factory"),
    Ground.UNSAFE: N_("Unsafe goods"),
    Ground.FRAUD: N_("Fraud"),
}
CASES: Final = {
    CaseState.FROZEN: (N_("Frozen, to answer"), "crit"),
    CaseState.ANSWERED: (N_("Answered, to decide"), "warn"),
    CaseState.RESTORED: (N_("Restored"), "ok"),
    CaseState.DELISTED: (N_("Delisted"), "mute"),
    CaseState.APPEALED: (N_("Appealed, to decide"), "warn"),
    CaseState.FINAL_RESTORED: (N_("Restored on appeal"), "ok"),
    CaseState.FINAL_DELISTED: (N_("Delisted for good"), "mute"),
}
