"""Before the procedure: medicines, dates, checklist, the patient's sheet."""
