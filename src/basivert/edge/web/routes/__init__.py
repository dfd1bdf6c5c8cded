"""One subject a file: parse, call, show."""
