"""Check-ins as tests write them."""

from hypothesis import strategies as st

from basivert.care.recovery.checkin import check_in, questions
from basivert.care.recovery.signs import warning_signs
from basivert.care.recovery.triage import triage

ASKED = questions()
SIGNS = warning_signs(ASKED.known)
WELL = {
    "day": 5, "temperature": 36.8, "unit": "C", "chills": False, "warmth_at_incision": False,
    "redness_expanding": False, "drainage": False, "swelling": "none",
    "pain_controlled_by_medication": True, "new_leg_weakness": False, "saddle_numbness": False,
    "bladder_or_bowel_change": False, "chest_pain": False, "short_of_breath": False,
}  # fmt: skip


def entered(document):
    return check_in(document, ASKED, origin="patient")


def answer(document, signs=SIGNS):
    return triage(entered(document), signs).answer


@st.composite
def whole(draw):
    """A check-in with every answer, temperatures about the limits among them."""
    unit = draw(st.sampled_from("CF"))
    near = {"C": (37, 39.5), "F": (98, 103)}[unit]
    found = {
        name: draw(st.booleans()) for name, kind in ASKED.known.kinds.items()
        if kind.shape == "yes_no"
    }  # fmt: skip
    return found | {
        "day": draw(st.integers(0, 100)), "unit": unit,
        "temperature": draw(st.floats(*near) | st.floats(*ASKED.plausible[unit])),
        "swelling": draw(st.sampled_from(ASKED.known["swelling"].choices)),
    }  # fmt: skip


@st.composite
def growing(draw):
    """Some answers of a check-in, and the same with more."""
    full = draw(whole())
    few = {name: value for name, value in full.items() if draw(st.booleans())}
    more = {name: full[name] for name in full if name in few or draw(st.booleans())}
    return few, more
