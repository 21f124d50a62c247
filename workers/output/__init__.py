"""What people read: text that a terminal cannot take for more than text, lines of any width, nouns with their numbers."""
