"""From incident to change: each link with its method, confidence and detail."""
