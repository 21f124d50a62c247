"""When an article was published and last changed, as far as its page tells."""
