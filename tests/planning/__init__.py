"""Tests of the module `planning`."""
