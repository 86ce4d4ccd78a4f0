"""Train the second reader's heads: not part of what is installed. See docs/why/second-reader.md."""
