"""Tests of the module `inventory`."""
