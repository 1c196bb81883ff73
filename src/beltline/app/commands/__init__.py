"""One file a command. `common` gives them settings, a database, and one way to answer."""
