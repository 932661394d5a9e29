"""Units that were planted against units that were found: one by one, so that errors do not make up for each other."""

from metrics.planted import Unit, Units


def unit(name: str, numerator: float, cohort: str = "ai") -> Unit:
    return ("2026-01-05", cohort, name, numerator, 10)


PLANTED = [unit("one", 3), unit("two", 5), unit("three", 1, "human")]


def test_what_is_found_as_it_was_planted_is_exact_in_whatever_order() -> None:
    units = Units(PLANTED, PLANTED[::-1])

    assert units.are_exact(("ai",))
    assert units.are_exact(("human", "unknown"))
    assert units.right == 3
    assert units.counts(("ai",)) == (2, 8, 20)


def test_two_errors_that_make_up_for_each_other_are_two_errors() -> None:
    units = Units(PLANTED, [unit("one", 4), unit("two", 4), unit("three", 1, "human")])

    assert not units.are_exact(("ai",))
    assert units.are_exact(("human",))
    assert units.right == 1


def test_a_unit_of_another_cohort_or_too_many_is_an_error_of_both() -> None:
    moved = Units(PLANTED, [unit("one", 3), unit("two", 5, "human"), unit("three", 1, "human")])
    twice = Units(PLANTED, [*PLANTED, unit("one", 3)])

    assert [moved.are_exact((cohort,)) for cohort in ("ai", "human")] == [False, False]
    assert [twice.are_exact((cohort,)) for cohort in ("ai", "human")] == [False, True]
    assert (moved.right, twice.right) == (2, 3)
