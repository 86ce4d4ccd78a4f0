"""A package in its own right: a library that we use installs one of the same name, which would hide this."""
