"""`newsmill why` and `newsmill cluster`: one URL, and the copies of its story."""
# ruff: noqa: PLC0415 - modules are imported when a command is called, so that `--help` is fast

from typing import Annotated

from workers.cli.advice import warn_of_foreign
from workers.cli.common import read_settings
from workers.cli.options import JsonOption, argument
from workers.cli.streams import nothing, print_json, show

ArticleArgument = Annotated[
    str, argument("A URL, an article id, or the path of a document.", metavar="article")
]


def why(article: ArticleArgument, *, json: JsonOption = False) -> None:
    """Show all that is known of one URL: where it is or its outcome, and what happened to it.

    The exit code is 1 if it was never submitted; JSON is null then.

    Example: `newsmill why https://example.com/story`
    """
    from workers.cli.tables import story_tables
    from workers.inspect.connections import open_rows
    from workers.inspect.story import tell
    from workers.ledger.rekey import noted_keys
    from workers.local.folder_redis import ledger_to_read

    settings = read_settings()
    with ledger_to_read(settings) as client, open_rows(settings, empty_ok=True) as store:
        story = tell(client, settings, store, article)
        warn_of_foreign(client, settings, store)
        noted = None if story else noted_keys(client, settings.key_prefix)
    if json:
        print_json(story.record if story else None)
    elif story:
        show(story_tables(story))
    if story is None:
        other = (
            " Or it has another id: the ledger's were made with another list of tracking parameters "
            "(NEWSMILL_TRACKING_PARAMETERS)."
        )
        nothing(
            f"{article} was never submitted.{other if noted not in {None, settings.url_keys.version} else ''}"
        )


def cluster(article: ArticleArgument, *, json: JsonOption = False) -> None:
    """List the copies of a story: the original article, and its exact and near-duplicates.

    The exit code is 1 if the article has no outcome yet; JSON is an empty list then.

    Example: `newsmill cluster https://example.com/story`
    """
    from workers.cli.tables import cluster_list
    from workers.inspect.cluster import cluster_of
    from workers.inspect.connections import open_rows

    settings = read_settings()
    with open_rows(settings) as store:
        members = cluster_of(store, article, settings.url_keys)
    if json:
        print_json(members)
    elif members:
        show(cluster_list(members))
    if not members:
        nothing(f"{article} has no outcome yet. `newsmill why` shows where it is.")
