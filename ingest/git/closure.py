"""Everything that leads to a node of a graph, cycles and all."""

from collections.abc import Collection, Hashable, Mapping
from typing import Generic, TypeVar

Node = TypeVar("Node", bound=Hashable)


class Closure(Generic[Node]):
    """Which nodes reach which, directly or through others; `edges` are the targets of each node that has any."""

    def __init__(self, edges: Mapping[Node, Collection[Node]]) -> None:
        sources: dict[Node, list[Node]] = {}
        for node, targets in edges.items():
            for target in targets:
                sources.setdefault(target, []).append(node)
        self._sources = sources
        self._bit = {node: 1 << place for place, node in enumerate(dict.fromkeys([*edges, *sources]))}
        self._reaching: dict[Node, int] = {}  # a set of nodes as the bits of a number

    def count(self, nodes: Collection[Node]) -> int:
        """How many other nodes reach any of these."""
        reaching, own = 0, 0
        for node in nodes:
            if node in self._bit:
                reaching |= self._of(node)
                own |= self._bit[node]
        return (reaching & ~own).bit_count()

    def _of(self, start: Node) -> int:
        """The nodes that reach `start`, itself among them; Tarjan's components, without recursion."""
        if start in self._reaching:
            return self._reaching[start]
        order: dict[Node, int] = {start: 0}
        low = {start: 0}
        stack, work = [start], [(start, iter(self._sources.get(start, ())))]
        while work:
            node, rest = work[-1]
            for source in rest:
                if source in self._reaching:
                    continue
                if source in order:
                    low[node] = min(low[node], order[source])
                    continue
                order[source] = low[source] = len(order)
                stack.append(source)
                work.append((source, iter(self._sources.get(source, ()))))
                break
            else:
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[node])
                if low[node] == order[node]:
                    self._close(node, stack)
        return self._reaching[start]

    def _close(self, root: Node, stack: list[Node]) -> None:
        """A component is whole: all of it reaches all of it, and so does whatever reaches a part."""
        component = [stack.pop()]
        while component[-1] != root:
            component.append(stack.pop())
        bits = 0
        for node in component:
            bits |= self._bit[node]
            for source in self._sources.get(node, ()):
                bits |= self._reaching.get(source, 0)
        self._reaching |= dict.fromkeys(component, bits)
