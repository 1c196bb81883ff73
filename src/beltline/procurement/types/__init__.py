"""Values and refusals of procurement, by subject."""
