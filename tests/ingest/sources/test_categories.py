import pytest

from ingest.sources.categories import category, cwes


@pytest.mark.parametrize(
    ("words", "properties", "expected"),
    [
        (["security", "external/cwe/cwe-078"], {}, "security"),
        (["CWE-78: OS Command Injection", "HIGH CONFIDENCE"], {}, "security"),
        ([], {"security-severity": "8.8"}, "security"),
        (["maintainability", "useless-code", "external/cwe/cwe-561"], {}, "maintainability"),
        (["external/cwe/cwe-561"], {}, "maintainability"),  # dead code
        (["reliability", "security"], {}, "security"),
        (["Performance"], {}, "performance"),
        (["reliability", "maintainability"], {}, "correctness"),
        (["Possible Errors"], {}, "correctness"),
        (["recommendation"], {}, "maintainability"),
        (["python", "precision"], {"precision": "high"}, "unknown"),  # nothing is guessed
        ([], {}, "unknown"),
    ],
)
def test_a_rule_is_about_what_its_tags_say_then_its_severity_then_its_weaknesses(
    words: list[str], properties: dict[str, object], expected: str
) -> None:
    assert category(words, properties) == expected


def test_a_weakness_is_a_number_however_it_is_spelt() -> None:
    tags = [
        "external/cwe/cwe-089",
        "external/cwe/cwe-78",
        "CWE-327: Broken Crypto",
        "cwe-20",
        "CWE-",
        "a cwe-9 b",
        "cwe-1x",
    ]
    assert cwes(tags) == {89, 78, 327, 20}
