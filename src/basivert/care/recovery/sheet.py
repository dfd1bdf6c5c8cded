"""The patient's page of one day: rules of the day, and pain relievers by the patient's cautions."""

from __future__ import annotations

from dataclasses import dataclass

from basivert.care.answers import Answer
from basivert.care.facts import Facts
from basivert.care.recovery.relief import Relief, ReliefRules, relief
from basivert.care.recovery.schedule import Aftercare, Line, told_on
from basivert.care.recovery.words import Words
from basivert.errors import InputError


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One line of the page with whose rule it is.

    name: of the line, or `relief.<medicine>`.
    """

    name: str
    topic: str
    text: str
    body: str
    source: str
    confidence: str


def day_sheet(
    day: int, cautions: Facts, plan: Aftercare, rules: ReliefRules, say: Words
) -> tuple[Told, ...]:
    """Everything the patient is told on a day.

    Args:
        day: since the procedure.
        cautions: what is known of the patient; what is left out means "ask first".
        plan: the lines.
        rules: of pain relievers.
        say: the language.
    """
    told = [_line(one, say) for one in told_on(day, plan)]
    first, last = plan.relief_days
    if first <= day <= last:
        told += [_medicine(one, rules, say) for one in relief(cautions, rules)]
    return tuple(told)


def relief_words(found: Relief, rules: ReliefRules, say: Words) -> str:
    """One medicine in a sentence; never "you can take it"."""
    medicine = say("relief", found.medicine)
    if found.verdict == "by_label":
        text = say("relief", "by_label", medicine=medicine, most=f"{found.most_mg:.0f}")
        row = rules.limits.rows.get(f"{found.medicine}.days")
        return text if row is None else f"{text} {say('relief', 'days', days=f'{row.value:.0f}')}"
    there = dict.fromkeys(
        say("caution", name)
        for row in found.reasons if row.answer is Answer.YES
        for name in row.read
    )  # fmt: skip
    reasons = list(there)
    if found.verdict == "ask_first" and found.missing:
        names = ", ".join(say("caution", name) for name in found.missing)
        reasons.append(say("relief", "not_known", questions=names))
    return say("relief", found.verdict, medicine=medicine, reasons="; ".join(reasons))


def _line(line: Line, say: Words) -> Told:
    if line.text and say.language not in line.text:
        raise InputError(
            f"The clinic's line {line.name} has no words in {say.language!r}.",
            fix=f"Add text.{say.language} to it.",
        )
    text = line.text[say.language] if line.text else say("line", line.name)
    return Told(name=line.name, topic=line.topic, text=text, body=line.body, source=line.source,
                confidence=line.confidence)  # fmt: skip


def _medicine(found: Relief, rules: ReliefRules, say: Words) -> Told:
    limit = rules.limits[f"{found.medicine}.day"]
    behind = [(row.criterion.body, row.criterion.source, row.criterion.confidence)
              for row in found.reasons]  # fmt: skip
    bodies, sources, confidences = (
        zip(*behind, strict=True)
        if behind
        else ((rules.cautions.body,), (limit.source,), (limit.confidence,))
    )
    return Told(
        name=f"relief.{found.medicine}", topic="pain", text=relief_words(found, rules, say),
        body="; ".join(dict.fromkeys(bodies)), source="; ".join(dict.fromkeys(sources)),
        confidence="recall" if "recall" in confidences else confidences[0],
    )  # fmt: skip
