"""Parts of pages that took an enrich process minutes, some of them in C, where no soft limit reaches it."""

#: Each is for the head of a page that is an ordinary story otherwise.
HOSTILE = (
    '<meta name=author content="' + "(" * 300_000 + '">',
    '<meta name=description content="a' + "&#769;&#790;" * 200_000 + '">',
    '<script type="application/ld+json">{' + '"author":"a",' * 36_000 + "</script>",
    '<script type="application/ld+json">{"headline":"' + r"\u003c!--" * 50_000 + '"}</script>',
    "".join(f'<meta name=date content="kl. {n % 28 + 1} luty 2019, {n} godz">' for n in range(9_000)),
)
