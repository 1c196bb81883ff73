"""What can be decided about suppliers without a database: `outcomes` of events, `tiers`."""
