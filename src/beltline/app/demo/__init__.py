"""The demo world as import files: real demand, shifted dates, generated suppliers and names.

`world.build` writes one file per dataset, in the dress in which an ERP or a marketplace would
export it, and returns the facts a reader must know: what is real, what was shifted, what was
generated with the seed, and the terms of the data. Nothing here touches a database; the demo
imports the files through the same door as a user's own.
"""
