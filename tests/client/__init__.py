"""Tests of the module `ledger`."""
