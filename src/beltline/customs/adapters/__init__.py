"""The papers of customs."""
