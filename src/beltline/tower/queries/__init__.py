"""Reads across modules: `proofs` and the feed, `needs`, `figures`, `health`, `search`."""
