from datetime import datetime, timedelta
from statistics import median_low

from hypothesis import given
from hypothesis import strategies as st

from ingest.git import landing

NOW = datetime(2026, 12, 1)  # noqa: DTZ001 - UTC without a zone, as in the warehouse
Parents = dict[str, tuple[str, ...]]


def graph(text: str) -> Parents:
    """Commits and their parents, written as `c:a,b`."""
    pairs = (word.partition(":") for word in text.split())
    return {sha: tuple(parents.split(",")) if parents else () for sha, _, parents in pairs}


def landings(text: str, head: str) -> str:
    """The first-parent line, and behind it what else each step landed."""
    parents = graph(text)
    line = landing.first_parents(head, parents)
    by_step = {step: [step] for step in line}
    for sha, step in sorted(landing.landed(line, parents).items()):
        if sha != step:
            by_step[step].append(sha)
    return " ".join("".join(shas) for shas in by_step.values())


def test_a_direct_push_lands_itself() -> None:
    assert landings("a b:a c:b", "c") == "a b c"


def test_a_merge_lands_its_branch() -> None:
    assert landings("a x:a y:x b:a m:b,y", "m") == "a b mxy"


def test_an_octopus_lands_all_its_branches() -> None:
    assert landings("a x:a y:a z:a m:a,x,y,z", "m") == "a mxyz"


def test_a_branch_in_a_branch_lands_with_the_outer_merge() -> None:
    assert landings("a x:a y:a n:x,y m:a,n", "m") == "a mnxy"


def test_a_branch_that_took_in_the_main_line_lands_only_its_own() -> None:
    assert landings("a b:a x:a n:x,b y:n m:b,y", "m") == "a b mnxy"


def test_a_commit_on_two_branches_lands_with_the_first_merge() -> None:
    assert landings("a x:a y:x z:x m:a,y n:m,z", "n") == "a mxy nz"


def test_a_second_root_lands_with_the_merge_that_brings_it() -> None:
    assert landings("a r s:r m:a,s", "m") == "a mrs"


def test_branches_that_cross_land_once() -> None:
    assert landings("a x:a y:a p:x,y q:y,x m:a,p n:m,q", "n") == "a mpxy nq"


def test_only_what_is_new_is_walked_when_the_rest_is_not_there() -> None:
    assert landings("d:c x:b m:d,x", "m") == "d mx"


@st.composite
def histories(draw: st.DrawFn) -> tuple[Parents, str]:
    """A history in which each commit has up to three earlier ones as parents; its head is the last."""
    count = draw(st.integers(1, 14))
    parents: Parents = {}
    for number in range(count):
        earlier = st.sampled_from(range(number)) if number else st.nothing()
        chosen = draw(st.lists(earlier, max_size=min(number, 3), unique=True))
        parents[f"{number}"] = tuple(f"{parent}" for parent in chosen)
    return parents, f"{count - 1}"


def reachable(sha: str, parents: Parents) -> set[str]:
    return {sha}.union(*(reachable(parent, parents) for parent in parents[sha]))


@given(histories())
def test_every_commit_lands_once_with_the_oldest_step_that_reaches_it(history: tuple[Parents, str]) -> None:
    parents, head = history
    line = landing.first_parents(head, parents)
    steps = {step: reachable(step, parents) for step in line}
    assert landing.landed(line, parents) == {
        sha: next(step for step in line if sha in steps[step]) for sha in reachable(head, parents)
    }


@given(histories())
def test_the_first_parent_line_is_that_of_git(history: tuple[Parents, str]) -> None:
    parents, head = history
    line = landing.first_parents(head, parents)
    assert line[-1] == head
    assert [parents[step][:1] for step in line] == [(), *((step,) for step in line[:-1])]


def days(*numbers: float) -> list[datetime]:
    """Moments in November 2026; 31 and more lie in December, which has not come."""
    return [datetime(2026, 11, 1) + timedelta(days=number - 1) for number in numbers]  # noqa: DTZ001


def test_dates_in_order_stay_as_they_are() -> None:
    assert landing.landed_at(days(1, 2, 2, 5), NOW) == days(1, 2, 2, 5)


def test_a_date_in_the_future_takes_its_predecessors() -> None:
    assert landing.landed_at(days(1, 2, 40), NOW) == days(1, 2, 2)


def test_a_first_date_in_the_future_takes_what_comes_after_it_or_the_present() -> None:
    assert landing.landed_at(days(40, 2, 3), NOW) == days(2, 2, 3)
    assert landing.landed_at(days(40), NOW) == [NOW]
    assert landing.landed_at(days(40, 41), NOW) == [NOW, NOW]


def test_a_date_more_than_a_day_above_the_next_twenty_takes_its_predecessors() -> None:
    assert landing.landed_at(days(1, 20, 2, 3), NOW) == days(1, 1, 2, 3)
    assert landing.landed_at(days(1, 3.01, 2), NOW) == days(1, 1, 2)
    assert landing.landed_at(days(1, 3, 2), NOW) == days(1, 3, 3)


def test_a_date_below_its_predecessor_takes_that() -> None:
    assert landing.landed_at(days(4, 5, 4.5, 6), NOW) == days(4, 5, 5, 6)


def test_only_the_next_twenty_are_asked() -> None:
    below, above = days(10, *[9] * 10, *[12] * 10, *[1] * 10), days(10, *[8] * 11, *[12] * 9, *[1] * 10)
    assert landing.landed_at(below, NOW)[0] == days(10)[0]
    assert landing.landed_at(above, NOW)[0] == days(8)[0]


moments = st.datetimes(datetime(1970, 1, 1), datetime(2030, 1, 1))  # noqa: DTZ001
november = st.datetimes(datetime(2026, 11, 1), datetime(2026, 12, 5))  # noqa: DTZ001


@given(st.lists(moments | november | st.just(datetime.max) | st.just(datetime.min), max_size=60))  # noqa: DTZ901
def test_landing_never_goes_back_and_never_lies_in_the_future(committed: list[datetime]) -> None:
    times = landing.landed_at(committed, NOW)
    assert times == sorted(times)
    assert all(time <= NOW for time in times)
    assert len(times) == len(committed)


@given(st.lists(november, max_size=60))
def test_landing_is_what_the_rule_says_word_for_word(committed: list[datetime]) -> None:
    expected: list[datetime] = []
    for number, moment in enumerate(committed):
        following = committed[number + 1 : number + 21]
        typical = median_low(following) if following else moment
        is_wrong = moment > NOW or moment - typical > timedelta(days=1)
        taken = (expected[-1] if expected else min(typical, NOW)) if is_wrong else moment
        expected.append(max([taken, *expected[-1:]]))
    assert landing.landed_at(committed, NOW) == expected


@given(st.lists(november, max_size=40).map(sorted))
def test_clocks_that_were_right_are_believed(committed: list[datetime]) -> None:
    assert landing.landed_at(committed, datetime(2027, 1, 1)) == committed  # noqa: DTZ001
