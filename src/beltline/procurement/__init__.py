"""Purchase orders: the operator writes them, the supplier answers them.

Owns the schema `procurement`. Invariants: a supplier sees no draft and no other supplier's order;
an issued order is answered once; every change of state has its event and audit row; `inbound` of
a stock row is the sum of what orders await there.
"""
