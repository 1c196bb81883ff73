"""The figures beside the entries of the navigation."""

import datetime as dt
from uuid import UUID

import msgspec

from beltline.kit.db import Reader


class NavCounts(msgspec.Struct, frozen=True):
    """What waits for this organization, by the names of the navigation's counts."""

    proposals_open: int
    purchases_waiting: int
    purchases_to_answer: int
    alerts_unseen: int


async def count_for_nav(db: Reader, org_id: UUID, *, today: dt.date) -> NavCounts:
    """How much waits: at the operator proposals and purchase orders, at a supplier answers.

    A purchase order waits for its operator when the factory has answered otherwise than asked,
    or its goods are late on `today`.
    """
    return await db.get(
        NavCounts,
        "navigation",
        org_id,
        """select (select count(*) from planning.proposal
                    where org_id = $1 and status = 'OPEN') as proposals_open,
                  (select count(*) from procurement.purchase_order
                    where operator_org_id = $1
                      and (status = 'COUNTERED'
                           or (expected_date < $2
                               and status in ('CONFIRMED', 'DEPOSIT_PAID', 'IN_PRODUCTION',
                                              'INSPECTED', 'BALANCE_PAID', 'PART_SHIPPED',
                                              'SHIPPED', 'PART_RECEIVED')))
                  ) as purchases_waiting,
                  (select count(*) from procurement.purchase_order
                    where supplier_org_id = $1 and status = 'ISSUED') as purchases_to_answer,
                  (select count(*) from search.answer
                    where org_id = $1 and told_at is not null and seen_at is null)
                    as alerts_unseen""",
        org_id,
        today,
    )
