"""Written by `make docs` from the API's description; change that instead."""
