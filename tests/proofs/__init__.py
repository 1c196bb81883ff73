"""Fault and load proofs: run by `make proofs`, sized by BELTLINE_PROOF_SIZE."""
