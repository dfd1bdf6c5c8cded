"""The tables of the store, by subject."""

from basivert.edge.store.tables.accounts import (
    ACCOUNT,
    ATTEMPT,
    CLINIC,
    OWN_RULES,
    SESSION,
)
from basivert.edge.store.tables.base import METADATA, UTCDateTime
from basivert.edge.store.tables.cases import (
    CARE_CASE,
    CHECKLIST_ITEM,
    FACT,
    GENERATOR_LOG,
    PLAN_LINK,
    RECORD,
    RECORD_HISTORY,
    STAGES,
    VERDICT,
)
from basivert.edge.store.tables.operations import AUDIT, JOB, REPORT
from basivert.edge.store.tables.outcomes import ADVERSE_EVENT, OUTCOME
from basivert.edge.store.tables.people import PATIENT, PATIENT_LINK, PERSON
from basivert.edge.store.tables.recovery import ALERT, CHECKIN, PHOTO

__all__ = [
    "ACCOUNT", "ADVERSE_EVENT", "ALERT", "ATTEMPT", "AUDIT", "CARE_CASE", "CHECKIN",
    "CHECKLIST_ITEM", "CLINIC", "FACT", "GENERATOR_LOG", "JOB", "METADATA", "OUTCOME", "OWN_RULES",
    "PATIENT", "PATIENT_LINK", "PERSON", "PHOTO", "PLAN_LINK", "RECORD", "RECORD_HISTORY", "REPORT",
    "SESSION", "STAGES", "VERDICT", "UTCDateTime",
]  # fmt: skip
