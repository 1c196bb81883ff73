"""Buyer orders: previewed, placed and cancelled, each in one function call.

Owns the schema `orders`. Invariants: an order reserves all it promises or is refused; its money is
held in the same transaction; the same key gives one effect and one answer.
"""
