"""Where a threshold comes from, in words: tables name their sources by short keys."""

from __future__ import annotations

import re

WORDS = {
    "limit.cord_roots": "careful limit set here, none is published",
    "contra.distance": "the device's contraindication near the spinal canal",
    "damage.arrhenius.general": "Jacques, measured on liver",
    "damage.arrhenius.nerve": "none for nerve was found",
    "damage.arrhenius.skin": "Henriques and Moritz, measured on skin",
    "damage.benchmark": "computed for a probe in uniform bone",
    "damage.bone": "Eriksson and Albrektsson 1983",
    "damage.cem43.form": "Sapareto and Dewey 1984",
    "damage.cem43.validity": "Dewhirst 2003, doi:10.1117/12.476637",
    "damage.iso50": "usual in finite-element models",
    "damage.nerve.45": "Dupuy 2000, doi:10.2214/ajr.175.5.1751263",
    "damage.nerve.cem": "careful choice for nerve, none is published",
    "device.indication": "the device's cleared indication",
    "device.parts": "the device's cleared description",
    "cannula.curve": "the maker's technique",
    "probe.geometry": "assumed, no public drawing was found",
    "perf.use": "range set here from published marrow flows",
    "perf.stop": "assumed: flow stops where vessels coagulate",
    "perf.age": "Chen 2001, Radiology 220:213",
    "perf.marrow.lumbar": "[¹⁵O]water PET of ten young adults",
    "perf.nominal": "tissue database",
    "protocol.default": "the maker's usual protocol",
    "root.exit": "anatomy of the nerve roots",
    "shell.thickness": "Silva 1994, Bone 15:409",
    "shell.range": "measured against CT pixels, ASME IMECE 1999",
    "sigma.T": "usual rise of conductivity with temperature",
    "sigma.cortical.anisotropy": "Saha and Williams, human tibia",
    "sigma.modic": "inferred, no measurement was found",
    "vein.basivertebral": "flow of this vein is unknown",
    "val.pid.bipolar": "Kumru 2022, doi:10.1115/1.4056516",
    "bone.cancellous": "tissue database",
    "bone.cortical": "tissue database",
    "compl.vcf": "reported fractures after the procedure",
    "density.ct": "density by CT number",
    "S1.route": "way in at the sacrum, technique descriptions",
    "seed.step.0": "a clinic's description of the procedure",
    "seed.step.1": "a clinic's description of the procedure",
    "seed.step.3": "a clinic's description of the procedure",
    "seed.step.4": "a clinic's description of the procedure",
    "seed.step.5": "a clinic's description of the procedure",
    "seed.step.6": "a clinic's description of the procedure",
    "tech.position": "usual position",
    "tech.view.ap": "usual true AP",
    "tech.view.oblique": "usual oblique of the pedicle",
    "tech.landmarks": "vertebroplasty technique",
    "tech.entry": "vertebroplasty technique",
    "tech.medial_rule": "vertebroplasty technique, rule of the two views",
    "tech.depth.introducer": "usual depth of the introducer",
    "tech.curve.start": "Benrud 2023, doi:10.1016/j.inpm.2023.100270",
    "tech.curve.control": "usual control of the curve",
    "tech.target.check": "usual check at the target",
    "tech.L5": "reasoning of Benrud 2023, the rule is ours",
    "L5.wall": "Benrud 2023, doi:10.1016/j.inpm.2023.100270",
}
_KEYS = re.compile(
    r"(?<![\w.])(" + "|".join(re.escape(k) for k in sorted(WORDS, key=len, reverse=True))
    + r")(?![\w]|\.\w)"
)  # fmt: skip


def in_words(text: str) -> str:
    """The same text with every known key of a source as words; others stay."""
    return _KEYS.sub(lambda found: WORDS[found.group()], text)
