"""Tests of the module `orders`."""
