"""Tests of the module `tower`."""
