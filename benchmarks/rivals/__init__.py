"""newsmill beside other software that does the same work, on the same pages."""
