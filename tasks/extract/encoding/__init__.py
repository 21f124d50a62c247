"""In which encoding a page is written: what it declares, what its bytes look like, UTF-8 that was encoded twice."""
