"""Commands by which a team codes words by its codebook, and links themes to what is taught: `code` is a table."""
