"""From the outside world into the warehouse: git history, events, usage logs. Never imports metrics or dashboard."""
