"""The base every module stands on: database, events, jobs, ids, clock, money, errors, files, pages.

`kit` knows nothing of the business. It owns the schema `kit` (migrations, clock, outbox and
published events, idempotency, job progress) and the invariants that every change is written in
one transaction with its event, that events of one aggregate keep their order, and that a request
with the same key has one effect and one answer.
"""
