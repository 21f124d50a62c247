"""URL lists, and the demo with its own pages."""
