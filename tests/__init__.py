"""Tests: promised interfaces first, on a real PostgreSQL."""
