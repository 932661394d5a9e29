"""The people of the shop: who they are, where they work, which tools they like."""

from dataclasses import dataclass
from datetime import date, timedelta

from ingest.sample.story import START

TEAMS = ("payments", "search", "web", "platform")
HIRED = date(2025, 1, 1)
# One person joins payments on the day another leaves it for platform: no team ever gets smaller.
TURN = date(2026, 2, 2)


@dataclass(frozen=True, slots=True)
class Person:
    """One person; `eagerness` says who takes up AI tools first."""

    person: str
    name: str
    login: str
    team: str
    level: str
    eagerness: float
    tools: tuple[str, ...]
    zone: str
    other_email: str | None = None
    joined_on: date = HIRED
    later_team: str | None = None

    def team_on(self, day: date) -> str:
        """The team the person belongs to on a day."""
        return self.later_team if self.later_team and day >= TURN else self.team

    def spans(self) -> list[tuple[str, date, date | None]]:
        """The teams of the person, each with its first and last day."""
        if not self.later_team:
            return [(self.team, self.joined_on, None)]
        return [(self.team, self.joined_on, TURN - timedelta(days=1)), (self.later_team, TURN, None)]

    @property
    def email(self) -> str:
        """The address everybody knows."""
        return f"{self.login.replace('-', '.')}@corp.example.com"

    @property
    def tool_user_id(self) -> str:
        """The id under which the vendors know the person."""
        return f"user_{self.person[2:]}{self.login.replace('-', '')[:6]}"


PEOPLE = (
    Person("P-01", "Amara Okafor", "amara-okafor", "payments", "senior", 0.46, ("copilot", "claude-code"), "+0100"),
    Person(
        "P-02", "Tobias Lindqvist", "tobias-lindqvist", "payments", "mid", 0.95, ("claude-code", "copilot"), "+0200"
    ),
    Person(
        "P-03",
        "Priya Raman",
        "priya-raman",
        "payments",
        "mid",
        0.62,
        ("cursor", "claude-code"),
        "+0530",
        other_email="9103+priya-raman@users.noreply.github.com",
    ),
    Person("P-04", "Claude Moreau", "claude-moreau", "payments", "senior", 0.4, ("copilot",), "+0200"),
    Person(
        "P-05",
        "Jonas Weber",
        "jonas-weber",
        "payments",
        "junior",
        0.52,
        ("cursor", "copilot"),
        "+0200",
        later_team="platform",
    ),
    Person("P-06", "Mei-Ling Zhou", "mei-ling-zhou", "search", "senior", 0.64, ("claude-code",), "+0200"),
    Person("P-07", "Diego Fuentes", "diego-fuentes", "search", "mid", 0.93, ("cursor", "copilot"), "-0300"),
    Person(
        "P-08",
        "Zofia Kowalska",
        "zofia-kowalska",
        "search",
        "mid",
        0.5,
        ("copilot", "cursor"),
        "+0200",
        other_email="zofia.nowak@corp.example.com",
    ),
    Person("P-09", "Samuel Adeyemi", "samuel-adeyemi", "search", "junior", 0.58, ("claude-code", "copilot"), "+0100"),
    Person("P-10", "Ingrid Solberg", "ingrid-solberg", "search", "senior", 0.34, ("copilot",), "+0200"),
    Person("P-11", "Hannah Müller", "hannah-mueller", "web", "senior", 0.2, ("copilot",), "+0200"),
    Person("P-12", "Rafael Costa", "rafael-costa", "web", "mid", 0.84, ("cursor", "claude-code"), "-0300"),
    Person("P-13", "Nia Thompson", "nia-thompson", "web", "junior", 0.44, ("copilot",), "+0000"),
    Person(
        "P-14",
        "Viktor Petrov",
        "viktor-petrov",
        "platform",
        "senior",
        0.14,
        ("copilot",),
        "+0300",
        other_email="9114+viktor-petrov@users.noreply.github.com",
    ),
    Person("P-15", "Aiko Tanaka", "aiko-tanaka", "platform", "mid", 0.78, ("claude-code", "copilot"), "+0900"),
    Person(
        "P-16",
        "Yara Haddad",
        "yara-haddad",
        "payments",
        "mid",
        0.56,
        ("claude-code", "cursor"),
        "+0200",
        joined_on=TURN,
    ),
)


def roster(day: date) -> list[Person]:
    """Everybody who works here on a day."""
    return [person for person in PEOPLE if person.joined_on <= day]


def team_on(team: str, day: date) -> list[Person]:
    """The members of a team on a day."""
    return [person for person in roster(day) if person.team_on(day) == team]


def mailmap() -> list[str]:
    """The lines of `.mailmap`: every other address of a person who is here from the start."""
    return [
        f"{person.name} <{person.email}> <{person.other_email}>"
        for person in PEOPLE
        if person.other_email and person.joined_on <= START
    ]
