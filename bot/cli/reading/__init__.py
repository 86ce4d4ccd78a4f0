"""Commands that show people what patients wrote, and keep who has read it: `read` is the table of them."""
