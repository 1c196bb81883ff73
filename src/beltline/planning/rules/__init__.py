"""Pure decisions of planning: quantities, the choice of a supplier, shards, sentences.

`processes`, `shards` and `outcomes` are for the worker, and the last two import the numeric
libraries; the others are light.
"""
