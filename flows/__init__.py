"""Scripts, and the engine that plays them. Pure: no clock, no chance, no network, no database."""
