"""The commands, a file each. __init__.py of the folder above lists them."""
