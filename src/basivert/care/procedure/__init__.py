"""What was done: safety checklist, record, comparison with the plan, discharge, note."""
