"""How much AI tools are used. Never imports metrics.quality."""
