"""A page's form filled again with what somebody typed, so that a slip loses nothing."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape, unescape
from html.parser import HTMLParser

from basivert.edge.web.page_forms import CHOSEN, OWN, Forms

Fields = Sequence[tuple[str, str]]


def refilled(page: str, action: str, typed: Fields, told: str, *, compare: bool) -> str:
    """The page with the form of `action` as it was sent, and why it comes again.

    Args:
        page: as it stands now.
        action: address of the form; of several the one with the same hidden fields.
        typed: names and values as sent.
        told: what was wrong.
        compare: say beside it what is kept now where it is another than what was typed.
    """
    seen = Forms()
    seen.feed(page)
    fitting = [at for at, one in enumerate(seen.forms) if one.fits(action, typed)]
    number = max(fitting, key=lambda at: len(seen.forms[at].hidden), default=-1)
    differs: list[str] = []
    if compare and number >= 0:
        sent = {name: value for name, value in typed if name not in OWN}
        form = seen.forms[number]
        differs = [
            f"{seen.label_of(form, name)}: {form.kept(name)}"
            for name, value in sent.items()
            if name in form.values and form.values[name].split() != value.split()
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
    seen = Forms()
    seen.feed(page)
    if name not in seen.labels or not any(name in one.ids.values() for one in seen.forms):
        return page
    made = _Marked(name, told, f"“{seen.labels[name]}” {told.partition(' ')[2]}")
    made.feed(page)
    made.close()
    return "".join(made.out)


def _alert(told: str, differs: Sequence[str]) -> str:
    more = (
        f'<div class="verdict open"><strong>Kept now</strong><ul>'
        f"{''.join(f'<li>{escape(one)}</li>' for one in differs)}</ul></div>"
        if differs
        else ""
    )
    return f'<p class="wrong" role="alert">{escape(told)}</p>{more}'


class _Copied(HTMLParser):
    """Copies a page as it stands."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=False)
        self.out: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.out.append(self.get_starttag_text() or "")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        self.out.append(f"</{tag}>")

    def handle_data(self, data: str) -> None:
        self.out.append(data)

    def handle_entityref(self, name: str) -> None:
        self.handle_data(f"&{name};")

    def handle_charref(self, name: str) -> None:
        self.handle_data(f"&#{name};")

    def handle_decl(self, decl: str) -> None:
        self.out.append(f"<!{decl}>")


class _Marked(_Copied):
    """Copies a page; one field is marked as wrong, and the alert says its label."""

    def __init__(self, name: str, told: str, why: str) -> None:
        super().__init__()
        self.name, self.told, self.why = name, told, why
        self.label = False
        self.alert = -1

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        super().handle_starttag(tag, attrs)
        given = dict(attrs)
        if given.get("id") == self.name:
            mark = f'id="{self.name}" aria-invalid="true" aria-describedby="{self.name}-e"'
            self.out[-1] = self.out[-1].replace(f'id="{self.name}"', mark, 1)
        if tag == "label":
            self.label = given.get("for") == self.name
        if given.get("role") == "alert":
            self.alert = len(self.out)

    def handle_endtag(self, tag: str) -> None:
        if tag == "p" and self.alert >= 0:
            said = unescape("".join(self.out[self.alert :]))
            self.out[self.alert :] = [escape(said.replace(self.told, self.why, 1))]
            self.alert = -1
        super().handle_endtag(tag)
        if tag == "label" and self.label:
            self.out.append(f'<p class="wrong" id="{self.name}-e">{escape(self.why)}</p>')
            self.label = False


class _Filled(_Copied):
    """Copies a page; in one form the values are those that were typed."""

    def __init__(self, number: int, typed: Fields, alert: str) -> None:
        super().__init__()
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
        if kind in CHOSEN:
            return _tag(tag, given, "checked", (given.get("value") or "") in sent)
        return _tag(tag, {**given, "value": sent[-1]}, "", False) if sent else raw

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self.inside = False
        if tag == "details" and self.details:
            self.details.pop()
        if tag == "textarea":
            self.skipped = False
        super().handle_endtag(tag)

    def handle_data(self, data: str) -> None:
        if not self.skipped:
            super().handle_data(data)


def _tag(tag: str, given: dict[str, str | None], mark: str, marked: bool) -> str:
    kept = {k: v for k, v in given.items() if k != mark} | ({mark: None} if marked else {})
    told = "".join(f" {k}" if v is None else f' {k}="{escape(v)}"' for k, v in kept.items())
    return f"<{tag}{told}>"
