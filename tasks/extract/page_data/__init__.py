"""Articles in the data that a page brings for its scripts, for pages that are an empty shell without them.

Next.js, Nuxt, Apollo and others put what a page shows into it as JSON. It is read as JSON-LD is, told by its shape: an object
with a title and a text. Nothing is run, and nothing is fetched.
"""
