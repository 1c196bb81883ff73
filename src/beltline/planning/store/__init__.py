"""Writes of the schema `planning`, by what they write. Private to the module."""
