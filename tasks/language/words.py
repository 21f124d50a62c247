"""The words of a text, as the tables of languages have them."""

#: What is cut off at both ends of a word: punctuation of all scripts in use, digits.
_AROUND = ".,;:!?()[]{}<>\"'’‘`´“”„‚«»‹›…*|/\\_=+-–—·•،؛؟۔।॥՝「」0123456789"  # noqa: RUF001 - marks


def words_of(text: str) -> list[str]:
    """Return the words of `text` in its order, in lower case, without punctuation and digits around them."""
    return [word for part in text.lower().split() if (word := part.strip(_AROUND))]
