"""Numbering is doubted where it cannot be confirmed, and unusual sizes are said."""

import dataclasses

import numpy as np
import pytest

from basivert.anatomy.levels import numbering_findings
from basivert.anatomy.morphometry import flags
from basivert.volume.model import Labels, Volume
from basivert.workflow.plan_case import builtin_tables

TABLES = builtin_tables().anatomy
LUMBAR = ("L1", "L2", "L3", "L4", "L5")


def spine(*names):
    """A column of small blocks with the given names."""
    values = np.zeros((4, 4, 4 * len(names)), np.int16)
    for number in range(len(names)):
        values[1:3, 1:3, 4 * number + 1 : 4 * number + 3] = number + 1
    volume = Volume(values=values, lps_from_index=np.eye(4), unit="label")
    codes = {name: number + 1 for number, name in enumerate(names)}
    return Labels(volume=volume, code_of=codes, convention="test")


def said(*names):
    return {finding.code for finding in numbering_findings(spine(*names))}


def test_numbering_is_confirmed_only_by_rib_and_sacrum_together():
    assert said("S1", *LUMBAR, "T12") == set()
    assert said(*LUMBAR, "T12") == {"numbering-unconfirmed"}
    assert said("S1", *LUMBAR) == {"numbering-unconfirmed"}
    assert said(*LUMBAR) == {"numbering-unconfirmed"}


def test_a_sixth_lumbar_or_thirteenth_thoracic_vertebra_is_transitional():
    assert "transitional" in said("S1", "L6", *LUMBAR, "T12")
    assert "transitional" in said("S1", *LUMBAR, "T13", "T12")


@pytest.mark.parametrize(("away_sd", "flagged"), [(0.0, False), (2.9, False), (3.1, True),
                                                  (-3.1, True), (-2.9, False)])  # fmt: skip
def test_a_size_is_flagged_beyond_three_sd_on_either_side(planned, away_sd, flagged):
    vertebra = planned.levels[0].vertebra
    row = TABLES.morphometry["L4.upper_width"]
    measured = vertebra.size.width_upper_mm.value
    shifted = dataclasses.replace(row, value=measured - away_sd * row.sd, low=None, high=None)
    table = dataclasses.replace(TABLES.morphometry, rows={"L4.upper_width": shifted})
    found = flags("L4", vertebra.size, vertebra.canal, vertebra.pedicles, table, TABLES.thresholds)
    assert bool(found) is flagged
    if flagged:
        assert f"{measured:.1f}" in found[0].what
        assert found[0].source == row.source
