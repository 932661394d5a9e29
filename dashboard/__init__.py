"""For people: the command, the pages and the weekly report. Imports metrics; only the command line imports ingest."""
