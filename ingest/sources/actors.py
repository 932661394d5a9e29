"""Who did it: the columns that name a person, and the one pseudonym they make."""

from ingest.persons import Persons
from ingest.sources.columns import Column, text
from ingest.sources.reading import Row

# In the order in which they are asked.
KINDS = {"actor_email": "email", "actor_login": "login", "actor_raw_id": "tool_user_id"}


def pseudonym(row: Row, persons: Persons, columns: tuple[str, ...]) -> str:
    """The person's pseudonym, by the first of `columns` that is filled; Layout.one_of sees to it that one is."""
    name = next(name for name in columns if row.values[name] is not None)
    return persons.hash(KINDS[name], row.values[name])


def actor_columns(*names: str) -> tuple[Column, ...]:
    """The columns with these names."""
    return tuple(Column(name, text) for name in names)
