"""The demo with its own pages, its list of URLs, and an HTTP server for tests."""
