"""What every number means and where it misleads, printed from the registry, with the statement that computes it."""

import streamlit as st

from dashboard import links, page, parts
from metrics.registry import METRICS

SUB = (
    "Nothing nets one ledger against the other. In every comparison what no tool marks stands among the rest: a difference "
    "may be larger than it looks, or be one between tools that leave marks and tools that leave none."
)

page.html(parts.grid("Every number, in both ledgers", SUB, ["<<Metric", "<Ledger", "<Key", "<Version"],
                     [(links.definition(metric.key, metric.title), metric.ledger, metric.key, metric.version)
                      for metric in METRICS]))  # fmt: skip
for metric in METRICS:
    with st.container(key=f"definition-{metric.key}"):
        page.html(parts.definition(metric))
        with st.expander(f"The statement behind {metric.key}"):
            st.code(metric.sql.strip(), language="sql")
