import time

import pytest

from ingest.git import messages

FULL = "0123456789abcdef0123456789abcdef01234567"
OTHER = "fedcba9876543210fedcba9876543210fedcba98"


@pytest.mark.parametrize(
    ("message", "found"),
    [
        (f'Revert "Add retry"\n\nThis reverts commit {FULL}.\n', [FULL]),
        (f'Revert "Add retry"\n\nThis reverts commit {FULL.upper()}.\n', [FULL]),
        (f"Back\n\nThis reverts commits {FULL} and {OTHER}.\n", [FULL, OTHER]),
        (f"Back\n\nThis reverts commits {FULL},\n{OTHER} and abcdef1.\n", [FULL, OTHER, "abcdef1"]),
        ("Back\n\nThis reverts commit abcdef1, which broke deadbee\n", ["abcdef1"]),
        (f"Back\n\n* This reverts commit abcdef1.\n* This reverts commit {OTHER}.\n", ["abcdef1", OTHER]),
        (f"Back\n\nThis reverts commit {FULL}, reversing\nchanges made to {OTHER}.\n", [FULL]),
        (f"Back\n\nThis reverts commit {FULL}.\nThis reverts commit {FULL}.\n", [FULL]),
        ('Revert "Add retry (#12)" (#13)\n\nReverts acme/shop#12\n', ["#12"]),
        ("Back\n\nReverts #12\n", ["#12"]),
        ("Back\n\nReverts acme/group/shop!12\n", ["#12"]),
        (f"Back\r\n\r\nThis reverts commit {FULL}.\r\nReverts acme/shop#12\r\n", [FULL, "#12"]),
        # GitHub's button, its body left empty.
        ('Revert "Add retry"\n', ["=Add retry"]),
        ('Revert "Add retry" (#13)\n\nCo-authored-by: A <a@b>\n', ["=Add retry"]),
        ('Revert "Add retry (#12)" (#13)\n', ["#12"]),
        ('Revert "Revert "Add retry"" (#14)', ['=Revert "Add retry"']),
        # Near misses.
        ('Revert "Add retry" in part (#13)\n', []),
        ('Revert "Add a very long title that GitHub cut (#2\u2026 (#13)\n', []),
        ('Undo it\n\nRevert "Add retry"\n', []),
        (f'Reland "Add retry"\n\nThis relands commit {FULL}.\n> This reverts commit {OTHER}.\n', []),
        (f"Say why\n\nThe text 'This reverts commit {FULL}' is written by git.\n", []),
        (f"Back\n\nThis reverts commit {FULL}{OTHER[:24]}.\n", []),
        ("Back\n\nThis reverts commit abcdef.\n", []),
        ("Back\n\nThis reverts committed work.\n", []),
        ("Reverts to the old colours\n", []),
        ("Back\n\nIt also Reverts acme/shop#12\n", []),
        ("Revert #12 until there is a better way (#13)\n", ["#12"]),
        ("fix(web): revert #12\n", ["#12"]),
        ("(fix) Revert PR #12\n", ["#12"]),
        ("revert: #12 (0d04205dc) due to trouble\n", ["#12"]),
        ("Use the old client again (revert #12)\n", ["#12"]),
        ("Do not revert #12\n", []),
        ("Ask before a revert of #12\n", []),
    ],
)
def test_what_a_message_says_it_reverts(message: str, found: list[str]) -> None:
    assert messages.reverts(message) == found


@pytest.mark.parametrize(
    ("message", "number"),
    [
        ("Merge pull request #12 from acme/retry\n\nAdd retry (#3)\n", 12),
        ("Merged in retry (pull request #12)\n\nAdd retry\n", 12),
        ("Merged PR 12: Add retry\n", 12),
        ("Add retry (#12)\n", 12),
        ("Add retry (#12)\r\n\r\nBody\r\n", 12),
        ("Add retry (!12)", 12),
        ('Revert "Add retry (#12)" (#13)\n', 13),
        ("Merge branch 'retry' into 'main'\n\nAdd retry\n\nSee merge request acme/shop!12\n", 12),
        ("Merge branch 'retry' into 'main'\n\nSee merge request !12", 12),
        # Near misses.
        ("Add retry\n", None),
        ("Add retry (#12) for all\n", None),
        ('Revert "Add retry (#12)"\n', None),
        ("Add retry\n\nLike that one (#12)\n", None),
        ("Close #12\n", None),
        ("Add retry (12)\n", None),
        ("Add retry (#99999999999)\n", None),
        (f"Add retry (#{'9' * 5000})\n", None),
        ("Add retry (#١٢)\n", None),
        ("Merge branch 'main' into retry\n", None),
        ("", None),
    ],
)
def test_the_pull_request_that_a_commit_brings_in(message: str, number: int | None) -> None:
    assert messages.pull_request(message) == number


@pytest.mark.parametrize(
    ("message", "found"),
    [
        ("Add retry\n\nCloses #12, fixes #13 and resolves acme/shop#14\n", ["#12", "#13", "#14"]),
        ("Fixes: #12\n", ["#12"]),
        ("SHOP-12 Add retry\n", ["SHOP-12"]),
        ("[SHOP-12] Add retry\n\nRefs: SHOP-13\nRef: SHOP-14\nRefs: SHOP-12\n", ["SHOP-12", "SHOP-13", "SHOP-14"]),
        ("Restore totals\n\nFixes INC-101\nRefs SHOP-7\n", ["INC-101", "SHOP-7"]),
        ("Restore totals (fixes INC-101)\n\nIncident: INC-102\n", ["INC-101", "INC-102"]),
        ("Resolves https://x.example.com/incidents/Q1.\n", ["https://x.example.com/incidents/Q1"]),
        # Near misses.
        ("Add retry (#12)\n", []),
        ("Add retry for SHOP-12\n", []),
        ("See https://x.example.com/incidents/Q1\n", []),
        ("Refs\nSHOP-12\n", []),
        ("Prefixes INC-101\n", []),
        ("Prefixes #12\n", []),
        ("A-12 steps\n", []),
    ],
)
def test_the_issues_that_a_message_names(message: str, found: list[str]) -> None:
    assert messages.issues(message) == found


@pytest.mark.parametrize(
    ("message", "found"),
    [
        ('Mend totals\n\nFixes: 1a2b3c4 ("Add totals")\n', ["1a2b3c4"]),
        (f"Mend totals\n\nFixes: commit {FULL.upper()}\nFixes: abcdef1\n", [FULL, "abcdef1"]),
        ("Mend totals\n\nIntroduced in abcdef1.\n", ["abcdef1"]),
        ("Mend totals\n\nThis was introduced by commit abcdef1 (and caused by PR #12).\n", ["abcdef1", "#12"]),
        ("Mend totals, a regression from #12\n", ["#12"]),
        ("Mend totals\n\nBroken by\nmerge request !12\n", ["#12"]),
        # Near misses.
        ("Mend totals\n\nFixes: #12\n", []),
        ("Mend totals\n\nFixes abcdef1\n", []),
        ("Mend totals\n\nNot caused by #12\n", []),
        ("Mend totals\n\nCaused by acme/other#12\n", []),
        ("Mend totals\n\nIntroduced in 3.2, caused by abcdef\n", []),
        (f"Mend totals\n\nCaused by {FULL}{OTHER[:24]}\n", []),
        ("Mend totals\n\n> Caused by abcdef1\n", []),
        ("Mend totals\n\nReintroduced in abcdef1\n", []),
    ],
)
def test_what_a_message_says_brought_in_what_it_mends(message: str, found: list[str]) -> None:
    assert messages.blames(message) == found


@pytest.mark.parametrize(
    ("message", "kind"),
    [
        ('Revert "Fix retry"\n', "revert"),
        (f"Fix\n\nThis reverts commit {FULL}.\n", "revert"),
        ("style: sort imports\n", "format"),
        ("style(api): sort imports\n", "format"),
        ("Reformat everything\n", "format"),
        ("Run black\n", "format"),
        ("Apply clang-format to all\n", "format"),
        ("fix: retry\n", "fix"),
        ("Fixed the crash\n", "fix"),
        ("Hotfix\n", "fix"),
        # Near misses.
        ("Add a prefix\n", "feature"),
        ("Add retry\n\nIt fixes a bug.\n", "feature"),
        ("Formatter for dates\n", "feature"),
        ("Stylesheet\n", "feature"),
        ("Fix typos in the guide\n", "feature"),
        ("Fix the flaky tests\n", "feature"),
        ("fix: lint\n", "feature"),
        ("docs: fix the address\n", "feature"),
        ("Update bug report template\n", "feature"),
        ("Fix issue #7: [Feature] more colours\n", "feature"),
        ("Fix a crash of the linter\n", "fix"),
        ("Run blackbox tests\n", "feature"),
        ("", "feature"),
    ],
)
def test_the_kind_of_a_commit(message: str, kind: str) -> None:
    assert messages.kind(message) == kind


@pytest.mark.parametrize(
    "message",
    [
        "\n" * 200_000, "-\n" * 100_000, "*" * 200_000, " " * 200_000, "This reverts commit " + "a" * 200_000,
        "This reverts commits " + "abcdef1, " * 20_000, "Reverts " + "a/" * 100_000, "Fixes " + "a" * 200_000,
        "fix " * 50_000, "Fixes " + "a/" * 100_000, "A" * 200_000, "(#" * 100_000, "(#12) " * 40_000,
        "See merge request " * 10_000, "Refs: A" + "A" * 200_000, "Fixes" + " " * 200_000,
        "caused by " * 50_000, "caused by" + " " * 200_000, "regression" + "\n" * 200_000, (">" + " " * 50 + "\n") * 4_000,
        "Incident http://" + "x" * 200_000,
    ],
    ids=lambda message: repr(message[:20]),
)  # fmt: skip
def test_no_message_is_too_long_to_read(message: str) -> None:
    begun = time.process_time()
    for read in (messages.reverts, messages.pull_request, messages.issues, messages.blames, messages.kind):
        read(message)
    assert time.process_time() - begun < 2
