"""Beltline: one dependable supply network out of thousands of small factories."""

__version__ = "0.1.0"
