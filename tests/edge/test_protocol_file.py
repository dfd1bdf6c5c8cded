"""A user's protocol file: read as written, or refused with the row that is wrong."""

from importlib import resources

import pytest

from basivert.edge.documents.protocol_file import chosen_protocol, protocol_names
from basivert.errors import InputError

SHIPPED = (resources.files("basivert.constants") / "data/protocols/standard.toml").read_text()


def written(tmp_path, text):
    file = tmp_path / "own.toml"
    file.write_text(text, encoding="utf-8")
    return str(file)


def test_a_shipped_protocol_and_its_copy_are_the_same_treatment(tmp_path):
    assert "standard" in protocol_names()
    one, two = chosen_protocol("standard", 37.0), chosen_protocol(written(tmp_path, SHIPPED), 37.0)
    assert one.drives == two.drives and two.name == "own"


def test_a_second_burn_with_withdrawal_is_read(tmp_path):
    first = SHIPPED[SHIPPED.index("[burn.1]") :]
    second = first.replace("burn.1", "burn.2").replace("value = 0.0, unit = \"mm\"",
                                                      "value = 5.5, unit = \"mm\"")  # fmt: skip
    made = chosen_protocol(written(tmp_path, SHIPPED + second), 37.0)
    assert [b.withdrawal_mm for b in made.burns] == [0.0, 5.5]


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        ("value = 85.0", 'value = "85"', "burn.1.setpoint.*not a number"),
        ("value = 85.0", "value = 36.5", "burn.1.setpoint"),
        ("value = 85.0", "value = nan", "burn.1.setpoint"),
        (
            'unit = "degC/s", source = "protocol',
            'unit = "K/min", source = "protocol',
            "burn.1.ramp",
        ),
        ("hold = {", "held = {", "burn.1.hold"),
        ("ramp = { value = 1.0,", "ramp = {", "burn.1.ramp"),
        ("[burn.1]", "[burn.2]", "no burn"),
        ("withdrawal = { value = 0.0", "withdrawal = { value = -2.0", "burn.1.withdrawal"),
        ("tries = {", "attempts = {", "roll_off.tries"),
        ("[burn.1]", "[burn.1", "not TOML"),
        ('edition = "2026-11"', "", "no edition"),
        ("value = 5000.0", "value = 4.0", "limit.highest_impedance|always"),
    ],
)
def test_what_is_wrong_is_named(tmp_path, old, new, named):
    assert old in SHIPPED
    with pytest.raises(InputError, match=named):
        chosen_protocol(written(tmp_path, SHIPPED.replace(old, new, 1)), 37.0)


def test_files_that_are_none_are_told_apart(tmp_path):
    with pytest.raises(InputError, match="no protocol 'fast'"):
        chosen_protocol("fast", 37.0)
    with pytest.raises(InputError, match="cannot be read"):
        chosen_protocol(str(tmp_path / "gone.toml"), 37.0)
    binary = tmp_path / "own.toml"
    binary.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(InputError, match="not UTF-8"):
        chosen_protocol(str(binary), 37.0)
