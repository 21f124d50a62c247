"""When an article was published and last changed, as far as its page tells."""

from tasks.extract.dates.choice import dates_of
from tasks.extract.dates.moments import Dates, Moment

__all__ = ["Dates", "Moment", "dates_of"]
