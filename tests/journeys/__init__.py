"""Journeys: the real program, started as a user starts it, walked through as people use it."""
