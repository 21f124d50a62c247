"""The YAML file with a taxonomy of your own: a list of topics."""

from pathlib import Path

import msgspec
import yaml


class TaxonomyError(ValueError):
    """The file is not there or is not a taxonomy; the message names the file and what is wrong."""


class OwnTopic(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An entry of the file."""

    id: str
    label: str
    #: What texts on the topic are about, a sentence or a few, in one of the encoder's languages.
    description: str
    #: Words and phrases that speak for the topic by themselves, in any language.
    keywords: tuple[str, ...] = ()


def read_taxonomy(path: Path) -> tuple[OwnTopic, ...]:
    """Return the topics in the YAML file `path`; TaxonomyError."""
    try:
        topics = msgspec.convert(yaml.safe_load(path.read_bytes()), tuple[OwnTopic, ...])
    except (OSError, UnicodeDecodeError, yaml.YAMLError, msgspec.ValidationError) as error:
        raise TaxonomyError(f"{path} is no taxonomy: {error}") from None
    ids = [topic.id for topic in topics]
    twice = sorted({id_ for id_ in ids if ids.count(id_) > 1})
    if not topics or twice:
        raise TaxonomyError(
            f"{path} is no taxonomy: {f'{twice[0]} is in it twice' if twice else 'no topics'}"
        )
    return topics
