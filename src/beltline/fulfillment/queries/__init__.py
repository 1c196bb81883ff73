"""Reads of goods on their way: receipts, journeys, decisions, parcels."""
