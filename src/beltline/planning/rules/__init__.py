"""Pure decisions of planning: quantities, the choice of a supplier, shards, sentences.

`shards` and `outcomes` import the numeric libraries and are for the worker; the others are light.
"""
