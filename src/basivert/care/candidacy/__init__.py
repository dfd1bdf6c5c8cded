"""Is this person a candidate: rule sets side by side, their answer, and what it rests on."""
