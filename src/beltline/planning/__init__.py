"""Demand as it was, plans as they were made, proposals as they were decided.

Owns the schema `planning`. Invariants: a plan uses nothing from after its cut-off and says what it
could not use; the same inputs, versions and seed give the same numbers.
"""
