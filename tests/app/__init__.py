"""The composition: web, commands, worker, settings, the demo."""
