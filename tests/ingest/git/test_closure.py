from hypothesis import given
from hypothesis import strategies as st

from ingest.git.closure import Closure

EDGES = {"page": {"cart"}, "cart": {"money"}, "money": {"cart"}, "report": {"money"}, "alone": set[str]()}


def test_everything_that_leads_there_counts_once_and_cycles_end() -> None:
    closure = Closure(EDGES)

    assert closure.count(["money"]) == 3  # cart, page and report
    assert closure.count(["cart"]) == 3  # money, page and report
    assert closure.count(["cart", "money"]) == 2  # they themselves are touched, and depend on nothing else
    assert closure.count(["page"]) == closure.count(["alone"]) == closure.count(["nowhere"]) == closure.count([]) == 0


def test_a_long_chain_takes_no_stack() -> None:
    assert Closure({number: [number + 1] for number in range(5_000)}).count([5_000]) == 5_000


NODES = st.integers(0, 12)


@given(st.dictionaries(NODES, st.sets(NODES, max_size=4)), st.lists(st.lists(NODES, max_size=3), max_size=6))
def test_it_is_what_walking_there_finds(edges: dict[int, set[int]], asked: list[list[int]]) -> None:
    closure = Closure(edges)  # one for all questions: what it remembers of one must not spoil the next

    for nodes in asked:
        found, before = set(nodes), set[int]()
        while found != before:
            before = set(found)
            found |= {node for node, targets in edges.items() if targets & found}
        assert closure.count(nodes) == len(found - set(nodes))
