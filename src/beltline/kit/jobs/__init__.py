"""Durable jobs: long work in steps that survive the death of any process.

A job is a row of `kit.job`, asked for in the transaction of whoever asks (`queue.enqueue`). Its
kind names an async function made of steps (`run.job`, `Run.step`). A step is one transaction
that does its work, writes its name into `kit.job_step` and moves the progress; it can therefore
happen once only, whoever runs it, however often, and wherever they are killed. The engine
(`engine`, the only user of DBOS) queues jobs, gives each to one worker and starts it again when
the worker died. `execute.run_inline` runs the same steps in a command, without a worker.
"""
