"""What a clinic keeps: persons, cases, check-ins, outcomes, jobs, and who saw or changed them."""
