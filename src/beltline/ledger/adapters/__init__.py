"""What the ledger speaks beside its tables: files, and providers of payments."""
