"""Money in double entry: accounts, transfers, balances that limit, holds for buyers.

Owns the schema `ledger`. Invariants: a transfer's entries sum to zero per currency; nothing is ever
changed or deleted, a correction is a new transfer; what is held equals the sum of open holds.
"""
