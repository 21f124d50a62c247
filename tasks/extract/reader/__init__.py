"""What a page shows to its reader: prepared before trafilatura looks for the article, and mended after it."""
