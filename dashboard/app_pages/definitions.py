"""What every number means, printed from the registry, with the statement that computes it."""

import streamlit as st

from dashboard import page, parts
from metrics.registry import METRICS

page.html(parts.grid("Every number, in both ledgers", "Nothing nets one ledger against the other.",
                     ["<Metric", "<Ledger", "<Key", "<Version"],
                     [(metric.title, metric.ledger, metric.key, metric.version) for metric in METRICS]))  # fmt: skip
for metric in METRICS:
    with st.container(key=f"definition-{metric.key}"):
        page.html(parts.definition(metric))
        with st.expander(f"The statement behind {metric.key}"):
            st.code(metric.sql.strip(), language="sql")
