"""`python -m seeds.demo serve` runs the demo's server; `python -m seeds.demo urls` prints its URLs."""

import argparse
import sys
from contextlib import suppress

from seeds.demo.expectations import DEFAULT_PORT, demo_urls
from seeds.demo.server import Demo

#: Exit code for errors of the user.
_USAGE = 2


def main(arguments: list[str] | None = None) -> int:
    """Run the command in `arguments` (the process's own by default) and return the exit code."""
    options = _parser().parse_args(arguments)
    if options.command == "urls":
        sys.stdout.write("".join(f"{url}\n" for url in demo_urls(options.port)))
        return 0
    return _serve(options.bind, options.port)


def _serve(host: str, port: int) -> int:
    """Serve until interrupted. A port or address that is not available gives one line and exit code 2."""
    try:
        demo = Demo(host, port)
    except (OSError, OverflowError) as error:
        why = getattr(error, "strerror", None) or error
        sys.stderr.write(
            f"Cannot serve the demo on {host}:{port} ({why}). Choose another port or address with --port or --bind.\n"
        )
        return _USAGE
    with demo, suppress(KeyboardInterrupt):
        demo.serve_forever()
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m seeds.demo", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    serve = commands.add_parser("serve", help="serve all hosts of the demo until interrupted")
    serve.add_argument("--bind", default="127.0.0.1", help="address to listen on (default: %(default)s)")
    urls = commands.add_parser("urls", help="print the demo's URLs, one a line")
    for command in (serve, urls):
        command.add_argument("--port", type=int, default=DEFAULT_PORT, help="default: %(default)s")
    return parser


if __name__ == "__main__":
    sys.exit(main())
