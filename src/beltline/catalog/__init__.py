"""What is made and sold: products, SKUs, offers and their price breaks.

Owns the schema `catalog`. Invariants: a SKU has one network-wide code; MOQ and breaks live in
offers only; an offer to the operator is seen by the operator and the seller alone.
"""
