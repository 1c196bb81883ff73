"""Reads of planning: `runs`, `proposals`, `series` for pages and API, `inputs` for a plan."""
