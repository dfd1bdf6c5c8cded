"""Age in whole years, as people count it."""

from __future__ import annotations

import datetime as dt


def age_years(born: dt.date, today: dt.date) -> int:
    """Birthdays until `today`; who was born on 29 February turns on 1 March in other years."""
    return today.year - born.year - ((today.month, today.day) < (born.month, born.day))
