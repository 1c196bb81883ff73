"""Stock per (sku, node, owner), counted or declared; every change of it is a movement.

Owns the schema `inventory`. Invariants: what is reserved, held and damaged never exceeds what is on
hand by our own doing; on_hand and reserved are the sums of their movements; an older version of a
source is refused.
"""
