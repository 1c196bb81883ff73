"""What can be decided about suppliers without a database.

`outcomes` of events and `tiers` from them; `verification`, the `strict` standard and `cases`.
"""
