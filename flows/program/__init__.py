"""Read program files: their models, and how to load them."""
