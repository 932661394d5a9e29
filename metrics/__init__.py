"""From the warehouse to rates: units counted by SQL, summed into cells, made into rates last. Never imports ingest."""
