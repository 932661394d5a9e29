from ingest.persons import Persons


def test_a_pseudonym_needs_the_key_and_does_not_mind_case_or_outer_space() -> None:
    persons = Persons(b"one")
    ann = persons.hash("email", "ann@example.com")
    assert ann == persons.hash("email", " Ann@Example.COM ") == Persons(b"one").hash("email", "ann@example.com")
    others = [persons.hash("login", "ann@example.com"), Persons(b"two").hash("email", "ann@example.com")]
    assert len({ann, *others}) == 3
    assert len(ann) == 16


def test_any_text_has_a_pseudonym() -> None:
    persons = Persons(b"one")
    assert len({persons.hash("email", text) for text in ("", "\udcff", "\ud800", "größe", "\0")}) == 5


def test_a_fingerprint_tells_keys_apart() -> None:
    assert Persons(b"one").fingerprint == Persons(b"one").fingerprint != Persons(b"two").fingerprint
