"""Find goods by what is said of them, with prices and terms as they are at the moment of asking.

Owns the schema `search`. Invariants: the index holds words alone, never a price or a stock, so
that a change of terms touches no index and is right in the next answer; a job brings the index
up to what the catalog says.
"""
