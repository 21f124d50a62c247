"""Pages whose article is only in the data of their scripts, as frameworks write it; and pages that have data and no article.

Each shell is a function of one story. The kinds of `judged`, and the second half of `no_article`, were written before the rules and
kept for judging them.
"""
