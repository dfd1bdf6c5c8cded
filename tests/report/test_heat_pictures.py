"""Slices of the heat: contours lie where the fields say, sides and sizes are true."""

from dataclasses import replace

import numpy as np
import pytest

from basivert.ablation.log import GeneratorLog
from basivert.geometry.rigid import inverse, moved
from basivert.report.heat import maps
from basivert.report.heat.courses import generator_plot, places_plot
from basivert.report.heat.pictures import STEP_MM, _cuts, heat_pictures
from basivert.report.heat.shapes import band_meshes, heat_scene, lesion_mesh
from basivert.workflow.heat_setup import heat_tables


@pytest.fixture(scope="module")
def pictures(case, sampled):
    return heat_pictures(sampled, case.ct)


def planes(heat):
    return [plane for plane, _ in _cuts(heat)]


def lps(heat, plane, points):
    body = plane.corner + points[:, :1] * plane.right + points[:, 1:] * plane.down
    return moved(heat.setup.vertebra.lps_from_body, body)


def test_letters_follow_the_radiological_convention(pictures):
    axial, sagittal, coronal, _ = pictures
    assert axial.letters == ("R", "L", "A", "P")
    assert sagittal.letters == ("A", "P", "S", "I")
    assert coronal.letters == ("R", "L", "S", "I")


def test_the_contour_of_the_lesion_is_where_damage_reaches_its_threshold(pictures, sampled):
    end, rule = sampled.moments[-1], sampled.lesion.endpoint
    for picture, plane in zip(pictures, planes(sampled), strict=True):
        (line,) = [shape for shape in picture.shapes if shape.style == "lesion"]
        omega = end.sampled(lps(sampled, plane, line.points)).omega[rule.field]
        # Half a °C on the contour is 0.35 in ln Ω; the contour is linear between 0.8 mm samples.
        np.testing.assert_allclose(np.log(omega), rule.threshold, atol=0.35)
        assert not line.dashed


def test_other_endpoints_are_dashed(pictures, sampled):
    for picture in pictures:
        others = [shape for shape in picture.shapes if shape.style == "endpoint"]
        assert {shape.label for shape in others} and all(shape.dashed for shape in others)
        assert len({shape.label for shape in others}) == len(sampled.lesions) - 1


def test_isotherms_are_labelled_with_what_they_are(pictures, sampled):
    end = sampled.moments[-1]
    for picture, plane in zip(pictures, planes(sampled), strict=True):
        told = {s.label: s for s in picture.shapes if s.style == "isotherm" and s.label}
        assert set(told) == {"43 °C", "50 °C", "60 °C"}
        for label, shape in told.items():
            degc = end.sampled(lps(sampled, plane, shape.points)).temperature_degc
            assert np.median(degc) == pytest.approx(float(label.split()[0]), abs=0.3)


def test_the_wash_is_the_temperature_at_its_place(pictures, sampled):
    plane, picture = planes(sampled)[1], pictures[1]
    row, column = np.unravel_index(int(picture.wash_degc.argmax()), picture.wash_degc.shape)
    spot = (np.array([[column, row]]) + 0.5) * STEP_MM
    read = sampled.moments[-1].sampled(lps(sampled, plane, spot)).temperature_degc[0]
    assert read == pytest.approx(float(picture.wash_degc.max()), abs=0.01)
    height = picture.pixels.shape[0] * picture.mm_per_pixel
    assert picture.wash_degc.shape[0] * STEP_MM == pytest.approx(height, abs=STEP_MM)


def test_the_band_holds_the_median_contour_and_is_absent_without_samples(
    pictures, sampled, heat, case
):
    """P(dead) of the fixture is one half exactly on the default contour."""
    for picture in pictures:
        outer = max(picture.band, key=lambda ring: np.ptp(ring[:, 0]))
        (line,) = [shape for shape in picture.shapes if shape.style == "lesion"]
        assert np.all(outer.min(axis=0) < line.points.min(axis=0))
        assert np.all(outer.max(axis=0) > line.points.max(axis=0))
        np.testing.assert_allclose(outer[0], outer[-1])
    assert all(picture.band == () for picture in heat_pictures(heat, case.ct))


def test_electrodes_are_drawn_true_to_size_along_the_probe(pictures, sampled):
    (probe,) = sampled.setup.probes
    drawn = [shape for shape in pictures[3].shapes if shape.style == "electrode"]
    assert len(drawn) == len(probe.electrodes)
    for shape, electrode in zip(drawn, probe.electrodes, strict=True):
        x, y = shape.points.T
        area = 0.5 * abs(np.dot(x, np.roll(y, 1)) - np.dot(y, np.roll(x, 1)))
        length = electrode.end_mm - electrode.start_mm
        assert area == pytest.approx(2 * probe.radius_mm * length, rel=0.03)


def test_the_mesh_of_the_lesion_is_closed_and_holds_lesion_and_probe(heat):
    import trimesh

    vertices, faces = lesion_mesh(heat)
    mesh = trimesh.Trimesh(vertices, faces)
    assert mesh.is_watertight
    region = heat.lesion.region
    (probe,) = heat.setup.probes
    inside = region.volume_ml * 1e3 + np.pi * probe.radius_mm**2 * region.lengths_mm[0]
    assert region.volume_ml * 1e3 < mesh.volume < 1.05 * inside
    np.testing.assert_allclose(mesh.center_mass, region.centre, atol=0.5)


def test_curves_of_the_generator_are_its_own(heat):
    plot = generator_plot(heat)
    course = heat.course
    for panel, values in zip(
        plot.panels,
        (course.sensor_degc, course.power_w, course.impedance_ohm, course.voltage_v),
        strict=True,
    ):
        (curve,) = panel.curves
        assert curve.y.max() == pytest.approx(values.max(), rel=0.01)
        assert "," in panel.y_label
        np.testing.assert_allclose(np.interp(curve.x * 60, course.time_s, values), curve.y)
    assert [what for _, _, what in plot.spans][:2] == ["ramp", "hold"]
    ramp = plot.spans[0][1] * 60
    assert ramp == pytest.approx(heat.setup.protocol.drives[0].ramp_s, abs=1.0)


def test_a_log_is_drawn_beside_the_model_and_no_protocol_is_claimed(heat):
    times = np.arange(0.0, 600.0, 0.5)
    log = GeneratorLog(time_s=times, temperature_degc=40.0 + times / 20.0, power_w=None,
                       impedance_ohm=None)  # fmt: skip
    plot = generator_plot(replace(heat, setup=replace(heat.setup, log=log)))
    sensor, power, *_ = plot.panels
    _, recorded = sensor.curves
    np.testing.assert_allclose(recorded.y, 40.0 + recorded.x * 60 / 20.0)
    assert len(power.curves) == 1
    assert not sensor.levels
    assert {what for _, _, what in plot.spans} == {"as recorded by the generator"}


def test_curves_of_places_end_at_the_temperature_of_the_dose_table(heat):
    plot = places_plot(heat, heat_tables().damage)
    ends = {curve.name: curve.y[-1] for panel in plot.panels for curve in panel.curves}
    dura = next(d for d in heat.doses if d.structure == "dura")
    assert ends["Dura"] == pytest.approx(dura.peak_degc, abs=0.2)
    (limits,) = [panel.levels for panel in plot.panels if panel.levels]
    assert {value for value, _ in limits} == {43.0, 45.0}


def test_the_picture_looks_at_the_heating_zone(sampled):
    body_from_lps = inverse(sampled.setup.vertebra.lps_from_body)
    middle = moved(body_from_lps, sampled.setup.planned.path.active.mean(axis=0))
    for plane in planes(sampled):
        assert plane.off(middle[None])[0] < 1e-6 or plane is planes(sampled)[3]


def test_the_band_in_three_dimensions_lies_where_probability_has_its_ends(heat, sampled):
    """In this burn the lesion's own border has a probability of one half."""
    assert heat_scene(heat).band == ()
    outer, inner = heat_scene(sampled).band
    for (vertices, _), level in zip((outer, inner), (0.05, 0.95), strict=True):
        grid, dead = sampled.setup.map, sampled.uncertainty.p_dead
        found = maps.shares(dead, grid, vertices)
        # Linear between voxels of 1.5 mm, read back by a smooth curve.
        assert np.median(np.abs(found - level)) < 0.03
    low, high = lesion_mesh(sampled)[0].min(axis=0), lesion_mesh(sampled)[0].max(axis=0)
    assert np.all(outer[0].min(axis=0) < low) and np.all(outer[0].max(axis=0) > high)
    assert np.all(inner[0].min(axis=0) > low) and np.all(inner[0].max(axis=0) < high)


def test_an_end_of_the_band_that_nothing_reaches_is_left_out(sampled):
    low = replace(sampled.uncertainty, p_dead=0.5 * sampled.uncertainty.p_dead)
    outer, inner = band_meshes(replace(sampled, uncertainty=low))
    assert outer is not None and inner is None
