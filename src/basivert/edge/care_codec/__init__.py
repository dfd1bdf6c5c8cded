"""Answers of the care path as documents: the command line and the pages give the same ones."""
