"""Aftercare: check-ins, warning signs, alerts, and what the patient is told day by day."""
