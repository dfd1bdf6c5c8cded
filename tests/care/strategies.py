"""Facts as a vocabulary allows them, some of them unknown."""

from hypothesis import strategies as st


def values(kind):
    """Any value that a kind of fact may take, its thresholds' neighbourhood included."""
    match kind.shape:
        case "number":
            low, high = kind.low or 0, kind.high or 100
            return st.integers(int(low), int(high)) | st.floats(low, high)
        case "yes_no":
            return st.booleans()
        case "choice":
            return st.sampled_from(kind.choices)
        case "by_place":
            return st.dictionaries(st.sampled_from(kind.places), st.sampled_from(kind.choices))
        case "places":
            return st.lists(st.sampled_from(kind.places), min_size=1, unique=True)


@st.composite
def growing(draw, vocabulary):
    """Two documents: some facts, and the same with unknowns filled in, places too."""
    whole = {name: draw(values(kind)) for name, kind in vocabulary.kinds.items()}
    few = {name: value for name, value in whole.items() if draw(st.booleans())}
    for name, value in few.items():
        if isinstance(value, dict):
            few[name] = {place: one for place, one in value.items() if draw(st.booleans())}
    more = {name: whole[name] for name in whole if name in few or draw(st.booleans())}
    return few, more
