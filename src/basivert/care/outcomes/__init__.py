"""What became of the patients: scores, visits, rates with intervals, durability, harm."""
