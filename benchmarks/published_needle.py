"""Monopolar needles in soft tissue: published trends and the largest width."""

from __future__ import annotations

from collections.abc import Callable

from .ablation_setups import RETURN_MM, Row, burnt, material, needle, sizes, told

SHOWN = ("T ≥ 60 °C", "T ≥ 50 °C", "Ω ≥ 1, skin")
STARTS_DEGC = (37.0, 22.0)
TIP_MM, GAUGE, RAMP_DEGC_S = 10.0, 18, 5.0
KEY = "val.trends.monopolar"
NOTE = (
    "muscle without flow, 10 mm tip, 18 G; at 37 / 22 °C at the start, since theirs was not read; "
    "the border is what their photograph shows, hence three rules"
)

Size = tuple[float, float, float]
Sizes = dict[str, Size]


def trends() -> list[Row]:
    """Gauge, temperature and time, one at a time about 18 G, 80 °C, 2 min; no blood flow."""
    made = {
        "22 G": _starts(gauge=22), "16 G": _starts(gauge=16), "60": _starts(setpoint=60.0),
        "90": _starts(setpoint=90.0), "1 min": _starts(seconds=60.0), "2 min": _starts(),
        "3 min": _starts(seconds=180.0),
    }  # fmt: skip

    def grown(one: str, two: str) -> str:
        return _both(made[one], made[two], _percent)

    return [
        _row("Width, 22 G to 16 G, 80 °C for 2 min", "+58 to +65 %", grown("22 G", "16 G")),
        _row("the same in mm", "3–4 mm", _both(made["22 G"], made["16 G"], _apart)),
        _row("Width, 60 °C to 90 °C, 2 min", "+108 to +152 %", grown("60", "90")),
        _row("Width, 1 to 2 min, 80 °C", "+11 to +20 %", grown("1 min", "2 min")),
        _row("Width, 1 to 3 min, 80 °C", "+23 to +32 %", grown("1 min", "3 min")),
        _row("Length beyond the tip's length, 80 °C for 2 min", "1–5 mm",
             _both(made["2 min"], made["2 min"], lambda _, s: f"{s[1] - TIP_MM:.1f}") + " mm"),
    ]  # fmt: skip


def checks() -> list[Row]:
    """What the needle's metal and the place of the return electrode do to these rows."""
    muscle = material("muscle", perfusion_ml_min_kg=0.0)
    hollow = {
        g: sizes(burnt(needle(g, TIP_MM), [muscle], setpoint_degc=80.0, ramp_degc_s=RAMP_DEGC_S,
                       duration_s=120.0, metal_w_mk=0.5).moments[-1])
        for g in (22, 16)
    }  # fmt: skip
    near, far = (
        sizes(burnt(needle(17, TIP_MM, back), [muscle], setpoint_degc=90.0,
                    ramp_degc_s=RAMP_DEGC_S, duration_s=300.0).moments[-1])
        for back in (RETURN_MM, RETURN_MM + 25.0)
    )  # fmt: skip
    return [
        Row(key=KEY, what="Width, 22 G to 16 G, metal of 0.5 instead of 15 W/m/K",
            published="+58 to +65 %",
            here=told({e: _percent(hollow[22][e], hollow[16][e]) for e in SHOWN}),
            note="at 37 °C at the start: solid or hollow metal does not explain the gauges"),
        Row(key=KEY, what="Width, return electrode 25 mm further back", published="on the skin",
            here=told({e: f"{far[e][0] - near[e][0]:+.2f} mm" for e in SHOWN}),
            note="17 G, 90 °C for 300 s: the return on the shaft is far enough"),
    ]  # fmt: skip


def largest_width() -> list[Row]:
    """How wide a conventional needle gets at all: 16 G, 20 mm tip, 90 °C for 12 min."""
    runs = {
        "muscle with flow": [_largest("muscle", True, 37.0)],
        "bone with flow": [_largest("cancellous", True, 37.0)],
        "muscle ex vivo, 22 °C at the start": [_largest("muscle", False, 22.0)],
    }
    shown = {f"{n}, {e}": f"{r[0][e][0]:.1f} mm" for n, r in runs.items() for e in SHOWN}
    return [
        Row(key="lesion.size.monopolar", what="Largest width of a conventional monopolar needle",
            published="≤ 16 mm in any tissue", here=told(shown),
            note="16 G, 20 mm tip, sensor at 90 °C for 12 min; here nothing dries or chars, which "
            "is what stops a real needle, and no vessel cools it"),
    ]  # fmt: skip


def _row(what: str, published: str, here: str) -> Row:
    return Row(key=KEY, what=what, published=published, here=here, note=NOTE)


def _starts(*, gauge: int = GAUGE, setpoint: float = 80.0, seconds: float = 120.0) -> list[Sizes]:
    return [_sizes(start=t, gauge=gauge, setpoint=setpoint, seconds=seconds) for t in STARTS_DEGC]


def _largest(name: str, flow: bool, start: float) -> Sizes:
    return _sizes(gauge=16, setpoint=90.0, seconds=720.0, tip_mm=20.0, name=name, flow=flow,
                  start=start)  # fmt: skip


def _sizes(
    *, start: float, gauge: int, setpoint: float, seconds: float, tip_mm: float = TIP_MM,
    name: str = "muscle", flow: bool = False,
) -> Sizes:  # fmt: skip
    tissue = material(name) if flow else material(name, perfusion_ml_min_kg=0.0)
    answer = burnt(
        needle(gauge, tip_mm), [tissue], setpoint_degc=setpoint, ramp_degc_s=RAMP_DEGC_S,
        duration_s=seconds, start_degc=start,
    )  # fmt: skip
    return sizes(answer.moments[-1])


def _both(ones: list[Sizes], twos: list[Sizes], said: Callable[[Size, Size], str]) -> str:
    """What is said of two runs under each rule, for every start."""
    return told({
        e: " / ".join(said(one[e], two[e]) for one, two in zip(ones, twos, strict=True))
        for e in SHOWN
    })  # fmt: skip


def _percent(one: Size, two: Size) -> str:
    return f"{100 * (two[0] / one[0] - 1):+.0f} %" if one[0] > 0 else "from nothing"


def _apart(one: Size, two: Size) -> str:
    return f"{two[0] - one[0]:.1f} mm"
