"""Imports: a file becomes rows of the modules, as a durable job.

The file is read and typed in a limited child process, kept, and loaded in chunks; each chunk is
one step of the job, so that a killed worker goes on where it was and no row is written twice.
Good rows are kept, bad ones are listed in a result file; `strict` keeps all or none, `dry_run`
shows what would happen and changes nothing.
"""
