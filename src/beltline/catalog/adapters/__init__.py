"""What the catalog speaks beside its tables: machines that translate."""
