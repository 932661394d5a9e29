"""What happens to the quality of what ships. Never imports metrics.adoption."""
