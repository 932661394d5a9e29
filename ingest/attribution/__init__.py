"""Who wrote it: evidence about commits, from the marks that tools leave in git."""
