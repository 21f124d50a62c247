"""The topic stage: what an article is about, in IPTC Media Topics.

`tag_topics` is the stage; it takes any `Tagger`. `load_tagger` returns the one that comes with the project:
a linear model chooses among the 17 top-level topics, a gazetteer names the concepts below the chosen ones.
A better model (an encoder with a probe, say) is another `Scorer` under the same `TopicTagger`.
"""

from tasks.topics.stage import Tagger, tag_topics
from tasks.topics.tagger import Scorer, TopicTagger, load_tagger

__all__ = ["Scorer", "Tagger", "TopicTagger", "load_tagger", "tag_topics"]
