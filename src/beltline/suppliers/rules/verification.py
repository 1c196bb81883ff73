"""The states of a verification, what has to be there before it is sent in, and for how long."""

import datetime as dt
from collections.abc import Sequence
from typing import Final

from beltline.kit.texts import N_
from beltline.suppliers.types import (
    Certificate,
    Document,
    Profile,
    Purpose,
    VerificationState,
    WrongState,
)

S = VerificationState

NEXT: Final = {
    S.INVITED: frozenset({S.DRAFT, S.SUBMITTED, S.REFUSED}),
    S.DRAFT: frozenset({S.SUBMITTED, S.REFUSED}),
    S.RETURNED: frozenset({S.DRAFT, S.SUBMITTED, S.REFUSED}),
    S.SUBMITTED: frozenset({S.LOCAL_CHECK, S.REVIEW, S.RETURNED, S.REFUSED}),
    S.LOCAL_CHECK: frozenset({S.REVIEW, S.RETURNED, S.REFUSED}),
    S.REVIEW: frozenset({S.VERIFIED, S.RETURNED, S.REFUSED, S.LOCAL_CHECK}),
    S.VERIFIED: frozenset({S.EXPIRED}),
    S.REFUSED: frozenset[VerificationState](),
    S.EXPIRED: frozenset[VerificationState](),
}
EDITABLE: Final = frozenset({S.INVITED, S.DRAFT, S.RETURNED})
OPEN: Final = tuple(state for state in S if state not in {S.VERIFIED, S.REFUSED, S.EXPIRED})
WAITING: Final = (S.SUBMITTED, S.LOCAL_CHECK, S.REVIEW)

LINK_LIFE: Final = dt.timedelta(days=30)
CHECK_WITHIN: Final = dt.timedelta(days=7)
VALID: Final = dt.timedelta(days=365)
DOCUMENTS_MAX: Final = 40

REQUIRED: Final = {
    "legal_name": N_("name on the licence"),
    "licence_number": N_("licence number"),
    "address": N_("address"),
    "source": N_("source factory or trader"),
    "goods": N_("what you make"),
    "staff": N_("staff"),
    "capacity_month": N_("capacity a month"),
    "licence_photo": N_("photo of the licence"),
    "workshop": N_("photos or a video of the workshop"),
}

CHECKLIST: Final = {
    "at_address": N_("The address is where the licence says"),
    "licence_original": N_("The original licence was seen and matches"),
    "makes_itself": N_("The goods are made here, on these lines"),
    "lines_staff": N_("Lines and staff are about as said"),
    "capacity_plausible": N_("The capacity is plausible for lines and staff"),
    "safe_workshop": N_("Workshop and workers are in a decent state"),
}
ANSWERS: Final = {"PASS": N_("yes"), "FAIL": N_("no"), "UNSEEN": N_("not seen")}


def check_step(state: VerificationState, to: VerificationState) -> None:
    """Refuse a step that the states do not know."""
    if to not in NEXT[state]:
        raise WrongState(state=state)


def missing(profile: Profile, documents: Sequence[Document]) -> list[str]:
    """What still has to be filled in, in the order of the form."""
    purposes = [document.purpose for document in documents]
    has_photos = purposes.count(Purpose.WORKSHOP) >= 2
    given = {
        "legal_name": profile.legal_name, "licence_number": profile.licence_number,
        "address": profile.address, "source": profile.source, "goods": profile.goods,
        "staff": profile.staff is not None, "capacity_month": profile.capacity_month is not None,
        "licence_photo": Purpose.LICENCE in purposes,
        "workshop": has_photos or profile.video_url,
    }  # fmt: skip
    return [item for item in REQUIRED if not given[item]]


def valid_until(certificates: Sequence[Certificate], today: dt.date) -> dt.date:
    """A year, or until the first confirmed certificate ends: then somebody looks again."""
    ends = [one.valid_until for one in certificates if one.state == "CONFIRMED"]
    return min([today + VALID, *(end for end in ends if end > today)])
