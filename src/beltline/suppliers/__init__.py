"""Belts and the factories, traders and market stalls in them, with their calendars.

Owns the schema `suppliers`. Invariants: a supplier is an organization; a closure begins after its
last-order date and lies inside its ramp-down and ramp-up.
"""
