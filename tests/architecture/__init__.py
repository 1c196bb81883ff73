"""Proofs of the structure: imports, owners, row-level security, statements, words."""
