"""Who takes part: organizations, members, API keys, guest links, personal data and the audit.

Owns the schema `accounts`. Invariants: one operator a database; secrets are kept as hashes only;
personal data lives in `contact` and nowhere else; every change has its audit row in its own
transaction.
"""
