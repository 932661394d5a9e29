"""Every kind of interval there is, with the settings in which it is simulated; `coverage` says how often one holds the truth."""

from metrics import simulated_pairs, simulated_rates
from metrics.kinds import DRAWS, SEED, Coverage, Kind, Setting, coverage

KINDS: tuple[Kind, ...] = simulated_rates.KINDS + simulated_pairs.KINDS

__all__ = ["DRAWS", "KINDS", "SEED", "Coverage", "Kind", "Setting", "coverage"]
