"""A page's form filled again with what somebody typed, so that a slip loses nothing."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from html import escape, unescape
from html.parser import HTMLParser

Fields = Sequence[tuple[str, str]]
# Always the page's own: a new token, and after a conflict the version that is shown now.
OWN = ("csrf", "version")
_CHOSEN = ("radio", "checkbox")


def refilled(page: str, action: str, typed: Fields, told: str, *, compare: bool) -> str:
    """The page with the form of `action` as it was sent, and why it comes again.

    Args:
        page: as it stands now.
        action: address of the form; of several the one with the same hidden fields.
        typed: names and values as sent.
        told: what was wrong.
        compare: say beside it what is kept now where it is another than what was typed.
    """
    seen = _Forms()
    seen.feed(page)
    fitting = [at for at, one in enumerate(seen.forms) if one.fits(action, typed)]
    number = max(fitting, key=lambda at: len(seen.forms[at].hidden), default=-1)
    differs: list[str] = []
    if compare and number >= 0:
        sent = {name: value for name, value in typed if name not in OWN}
        kept = seen.forms[number].values
        differs = [
            f"{name.replace('_', ' ')}: {kept[name] or 'empty'}"
            for name, value in sent.items()
            if name in kept and kept[name].split() != value.split()
        ]
    made = _Filled(number, typed, _alert(told, differs))
    made.feed(page)
    made.close()
    whole = "".join(made.out)
    if number < 0:
        whole = whole.replace("</h1>", f"</h1>{_alert(told, [])}", 1)
    return whole


def marked(page: str, name: str, told: str) -> str:
    """The page with one field marked as wrong, and its label in place of its name in the alert.

    Args:
        page: with the form open that has the field.
        name: of the field, also its id.
        told: what is wrong with it; begins with the name as the record has it.
    """
    label = re.search(rf'<label for="{re.escape(name)}">(.*?)</label>', page)
    field = re.search(rf'<(?:input|select) id="{re.escape(name)}"', page)
    if label is None or field is None:
        return page
    shown = unescape(re.sub(r" *<[^>]*>.*", "", label[1]))
    why = f"“{shown}” {told.partition(' ')[2]}"
    # Templates escape quotes otherwise than the standard library.
    sent = escape(told).replace("&#x27;", "&#39;").replace("&quot;", "&#34;")
    page = page.replace(sent, escape(why), 1)
    field_marked = f'{field[0]} aria-invalid="true" aria-describedby="{name}-e"'
    page = page.replace(field[0], field_marked, 1)
    return page.replace(label[0], f'{label[0]}<p class="wrong" id="{name}-e">{escape(why)}</p>', 1)


def _alert(told: str, differs: Sequence[str]) -> str:
    more = (
        f'<div class="verdict open"><strong>Kept now</strong><ul>'
        f"{''.join(f'<li>{escape(one)}</li>' for one in differs)}</ul></div>"
        if differs
        else ""
    )
    return f'<p class="wrong" role="alert">{escape(told)}</p>{more}'


@dataclass(slots=True)
class _Form:
    action: str
    hidden: dict[str, str] = field(default_factory=dict[str, str])
    values: dict[str, str] = field(default_factory=dict[str, str])

    def fits(self, action: str, typed: Fields) -> bool:
        return self.action == action and self.hidden.items() <= dict(typed).items()


class _Forms(HTMLParser):
    """The forms of a page with the values that they show."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[_Form] = []
        self.select = self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        name, value = given.get("name", ""), given.get("value", "")
        if tag == "form":
            self.forms.append(_Form(action=given.get("action", "")))
        if not self.forms:
            return
        form = self.forms[-1]
        if tag == "input" and given.get("type") == "hidden" and name not in OWN:
            form.hidden[name] = value
        elif tag == "input" and (given.get("type") not in _CHOSEN or "checked" in given):
            form.values[name] = value
        elif tag in ("select", "textarea"):
            self.select, self.text = (name, "") if tag == "select" else ("", name)
            form.values[name] = ""
        elif tag == "option" and "selected" in given:
            form.values[self.select] = value

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            self.text = ""

    def handle_data(self, data: str) -> None:
        if self.text:
            self.forms[-1].values[self.text] += data


class _Filled(HTMLParser):
    """Copies a page; in one form the values are those that were typed."""

    def __init__(self, number: int, typed: Fields, alert: str) -> None:
        super().__init__(convert_charrefs=False)
        self.out: list[str] = []
        self.number, self.alert, self.at = number, alert, -1
        self.typed = [(name, value) for name, value in typed if name not in OWN]
        self.inside = False
        self.select = ""
        self.skipped = False
        self.details: list[int] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        raw = self.get_starttag_text() or ""
        given = dict(attrs)
        if tag == "details":
            self.details.append(len(self.out))
        if tag == "form":
            self.at += 1
            self.inside = self.at == self.number
        if not self.inside:
            self.out.append(raw)
        elif tag == "form":
            # What was folded away opens, so that the words are seen.
            for place in self.details:
                if " open" not in self.out[place]:
                    self.out[place] = self.out[place].replace("<details", "<details open", 1)
            self.out += [raw, self.alert]
        else:
            self.out.append(self._filled(tag, given, raw))

    def _filled(self, tag: str, given: dict[str, str | None], raw: str) -> str:
        name = given.get("name") or ""
        sent = [value for one, value in self.typed if one == name]
        if tag == "select":
            self.select = name
        if tag == "option":
            sent = [value for one, value in self.typed if one == self.select]
            return _tag(tag, given, "selected", (given.get("value") or "") in sent) if sent else raw
        if tag == "textarea" and sent:
            self.skipped = True
            return f"{raw}\n{escape(sent[-1])}"
        kind = given.get("type")
        if tag != "input" or name in OWN or kind in ("hidden", "file", "password"):
            return raw
        if kind in _CHOSEN:
            return _tag(tag, given, "checked", (given.get("value") or "") in sent)
        return _tag(tag, {**given, "value": sent[-1]}, "", False) if sent else raw

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self.inside = False
        if tag == "details" and self.details:
            self.details.pop()
        if tag == "textarea":
            self.skipped = False
        self.out.append(f"</{tag}>")

    def handle_data(self, data: str) -> None:
        if not self.skipped:
            self.out.append(data)

    def handle_entityref(self, name: str) -> None:
        self.handle_data(f"&{name};")

    def handle_charref(self, name: str) -> None:
        self.handle_data(f"&#{name};")

    def handle_decl(self, decl: str) -> None:
        self.out.append(f"<!{decl}>")


def _tag(tag: str, given: dict[str, str | None], mark: str, marked: bool) -> str:
    kept = {k: v for k, v in given.items() if k != mark} | ({mark: None} if marked else {})
    told = "".join(f" {k}" if v is None else f' {k}="{escape(v)}"' for k, v in kept.items())
    return f"<{tag}{told}>"
