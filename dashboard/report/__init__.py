"""The weekly report and its exports."""
