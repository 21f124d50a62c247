"""What to do where TLS to Redis or PostgreSQL fails: whom to trust, or how to say that nobody is to be checked."""


def redis_advice(error: BaseException | None, setting: str) -> str | None:
    """Return what to do about a Redis that was not let to prove who it is, None for any other error."""
    text = str(error).lower()
    if "certificate" in text:
        return (
            f"Its certificate is not trusted. Name that of its authority in {setting}: ?ssl_ca_certs=FILE, and the server by a "
            "name in its certificate."
        )
    if "ssl" in text and "wrong version" in text:
        return f"No TLS is spoken there: write redis:// in {setting} if that is right."
    return None


def database_advice(error: BaseException | None) -> str | None:
    """Return what to do about a PostgreSQL that did not prove who it is, None for any other error."""
    text = str(error).lower()
    if "does not support ssl" in text:
        return (
            "It speaks no TLS, and is on another machine. If nobody else is on the network between: ?sslmode=disable in "
            "NEWSMILL_DATABASE_URL."
        )
    if "certificate" in text:
        return (
            "Its certificate is not trusted. Name that of its authority in NEWSMILL_DATABASE_URL: ?sslrootcert=FILE, and the "
            "server by a name in its certificate."
        )
    return None
