"""Places goods stand at and pass, calendars, lanes, rate cards and dated exchange rates.

Owns the schema `trade`. Invariants: a factory node names its supplier; a rate carries its date and
source.
"""
