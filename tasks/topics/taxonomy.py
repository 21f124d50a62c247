"""Reading a taxonomy of your own: a YAML file with a list of topics."""

from pathlib import Path

import msgspec
import yaml


class TaxonomyError(ValueError):
    """The file cannot be read or is not a taxonomy; the message names the file and says what is wrong."""


class OwnTopic(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A topic in the file."""

    id: str
    label: str
    #: A few sentences on what such texts are about, in one of the encoder's languages.
    description: str
    #: Words and phrases that indicate the topic, in any language.
    keywords: tuple[str, ...] = ()


def read_taxonomy(path: Path) -> tuple[OwnTopic, ...]:
    """Return the topics in the YAML file `path`; TaxonomyError."""
    try:
        topics = msgspec.convert(yaml.safe_load(path.read_bytes()), tuple[OwnTopic, ...])
    except (OSError, UnicodeDecodeError, yaml.YAMLError, msgspec.ValidationError) as error:
        raise TaxonomyError(f"{path} is not a taxonomy: {error}") from None
    ids = [topic.id for topic in topics]
    twice = sorted({id_ for id_ in ids if ids.count(id_) > 1})
    if not topics or twice:
        raise TaxonomyError(
            f"{path} is not a taxonomy: {f'the id {twice[0]} occurs twice' if twice else 'no topics'}"
        )
    return topics
