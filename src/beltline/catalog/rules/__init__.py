"""What can be decided about goods without a database: `edits` of many at once, `attributes`."""
