"""The emulated platforms as people of a walk use them."""
