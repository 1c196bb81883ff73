"""What is declared of goods that leave a country: customs files, declarations, fapiaos, refunds.

Owns the schema `customs`. Invariants: nothing passes that a rule forbids; units of a fapiao cover
units that leave once; no rate is assumed; a declaration that was lodged is not put together anew.
"""
