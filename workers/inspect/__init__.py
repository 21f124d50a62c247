"""Answers to questions about the system: status, one URL's story, clusters, dead letters, export."""
