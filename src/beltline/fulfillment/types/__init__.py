"""Values and refusals of fulfillment, by subject."""
