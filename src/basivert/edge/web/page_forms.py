"""The forms of a page: the values that they show, and what the page calls their fields."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from html.parser import HTMLParser

# Always the page's own: a new token, and after a conflict the version that is shown now.
OWN = ("csrf", "version")
CHOSEN = ("radio", "checkbox")
# Elements whose text is read; that of one in another is not the other's.
_TEXTS = ("label", "legend", "textarea", "select", "option", "span", "small")


@dataclass(slots=True)
class Form:
    """A form of a page.

    values: as they would be sent.  shown: the words of what is chosen.  ids, words: of its fields.
    """

    action: str
    hidden: dict[str, str] = field(default_factory=dict[str, str])
    values: dict[str, str] = field(default_factory=dict[str, str])
    shown: dict[str, str] = field(default_factory=dict[str, str])
    ids: dict[str, str] = field(default_factory=dict[str, str])
    words: dict[str, str] = field(default_factory=dict[str, str])

    def fits(self, action: str, typed: Sequence[tuple[str, str]]) -> bool:
        """Whether what was typed can be of this form."""
        return self.action == action and self.hidden.items() <= dict(typed).items()

    def kept(self, name: str) -> str:
        """A field's value as a person reads it."""
        return self.shown.get(name) or self.values[name] or "empty"


@dataclass(slots=True)
class _Text:
    """An element whose text counts; names: of the fields in it."""

    tag: str
    given: dict[str, str]
    said: str = ""
    names: list[tuple[str, bool]] = field(default_factory=list[tuple[str, bool]])


class Forms(HTMLParser):
    """The forms of a page with the values that they show, and what the page calls their fields."""

    def __init__(self) -> None:
        """Nothing is read yet; `feed` reads a page."""
        super().__init__()
        self.forms: list[Form] = []
        self.labels: dict[str, str] = {}
        self.open: list[_Text] = []
        self.legend = self.select = ""

    def label_of(self, form: Form, name: str) -> str:
        """What the page calls a field."""
        return (
            form.words.get(name)
            or self.labels.get(form.ids.get(name, ""))
            or name.replace("_", " ")
        )

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """A form, a field, a choice, or an element whose text counts."""
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.forms.append(Form(action=given.get("action", "")))
        if tag in ("input", "select", "textarea") and self.forms:
            self._field(self.forms[-1], tag, given)
        if tag == "option" and "selected" in given:
            self.forms[-1].values[self.select] = given.get("value", "")
        if tag in _TEXTS:
            self.open.append(_Text(tag=tag, given=given))

    def _field(self, form: Form, tag: str, given: dict[str, str]) -> None:
        name, value, kind = given.get("name", ""), given.get("value", ""), given.get("type")
        if kind == "hidden":
            if name not in OWN:
                form.hidden[name] = value
            return
        chosen = kind in CHOSEN
        if not chosen or "checked" in given:
            form.values[name] = "" if tag == "textarea" else value
        if tag == "select":
            self.select = name
        if chosen:
            form.words[name] = self.legend
        form.ids[name] = given.get("id", "")
        if label := next((one for one in self.open if one.tag == "label"), None):
            label.names.append((name, chosen and "checked" in given))

    def handle_endtag(self, tag: str) -> None:
        """The text of an element is whole: it names fields, or is a value."""
        if tag == "fieldset":
            self.legend = ""
        if not self.open or self.open[-1].tag != tag:
            return
        one = self.open.pop()
        said = " ".join(one.said.split())
        if tag == "legend":
            self.legend = said
        elif tag == "textarea" and self.forms:
            self.forms[-1].values[one.given.get("name", "")] = one.said.removeprefix("\n")
        elif tag == "option" and "selected" in one.given:
            self.forms[-1].shown[self.select] = said
        elif tag == "label":
            self.labels[one.given.get("for", "")] = said
            for name, checked in one.names:
                self._labelled(self.forms[-1], name, said, checked)

    def _labelled(self, form: Form, name: str, said: str, checked: bool) -> None:
        """Of a choice the label says the answer, and the legend what was asked."""
        if checked:
            form.shown[name] = said
        if name not in form.words:
            form.words[name] = f"{self.legend} {said}".strip()
        elif not self.legend:
            form.words[name] = said

    def handle_data(self, data: str) -> None:
        """Text belongs to the innermost element that counts."""
        if self.open:
            self.open[-1].said += data
