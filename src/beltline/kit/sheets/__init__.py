"""People's files: from whatever an ERP or a marketplace exports to typed, checked columns.

`reading` parses a hostile file in a limited child process (`reader`) into a table of text;
`mapping` suggests which source column is which field of a `Dataset`; `values` and `convert`
turn text into typed columns and name every cell that is wrong; `report` writes results,
tables and templates that a spreadsheet opens without harm. Knows no database and no module.
"""
