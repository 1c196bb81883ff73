"""Tests of fulfillment."""
