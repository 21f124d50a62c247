"""Walls and other non-pages: challenges and block pages, soft 404s, app shells; recognised by what is in them."""
