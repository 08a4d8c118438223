"""Puts many mistakes into one build (mutant schemata, Untch et al. 1993).

In the copy, the body of each declaration with mistakes becomes `if activeMistake == 17 { the body with mistake 17 } else { the
body }`, and an initial value becomes a conditional expression. `activeMistake` is read once, from a variable of the environment.
Without the variable every line runs under its own number and does what it did, so that nothing that is written or drawn differs.

A mistake that no such form fits, or whose form does not compile, is built on its own.
"""

import re

import applier

VARIABLE = "CHAOS_ACTIVE_MISTAKE"
SWITCH = "ActiveMistake.swift"
# Line 12 with mistake 17 is line 170012, so that the compiler's message names the mistake.
STRIDE = 10_000
SWITCH_TEXT = f"""\
import Glibc

/// The number of the mistake that runs; 0 for none.
@usableFromInline let activeMistake: Int = getenv("{VARIABLE}").flatMap {{ Int(String(cString: $0)) }} ?? 0
"""
_TYPES = ("class", "struct", "enum", "actor", "extension", "protocol")
_KEYWORD = re.compile(r"(?<![\w.`])(func|init|deinit|subscript|var|let|" + "|".join(_TYPES) + r")\b")
_ACCESSOR = re.compile(r"\s*(?:(?:non)?mutating\s+)?(get|set|_read|_modify|willSet|didSet)\b")
_STATEMENT = re.compile(
    r"(?:let|var|guard|for|while|repeat|do|defer|func|return|throw|struct|enum|class)\b|_\s*=|@|#(?:if|error|warning)\b")


class Unfit(Exception):
    """Why a mistake cannot share a build."""


class Site:
    """What changes in one declaration: a body or an initial value, and what each mistake makes of it."""

    def __init__(self, start, end, is_body, has_value):
        self.start, self.end, self.is_body, self.has_value = start, end, is_body, has_value
        self.edits = {}

    def variant(self, text, number):
        """The text of the site with the edits of one mistake."""
        at, pieces = self.start, []
        for start, end, becomes in sorted(self.edits[number]):
            if start < at:
                raise Unfit("two of its edits overlap")
            pieces += [text[at:start], becomes]
            at = end
        return "".join(pieces) + text[at:self.end]

    def render(self, text, path):
        own = text[self.start:self.end]
        line = text.count("\n", 0, self.start) + 1
        if not self.is_body:
            for number in sorted(self.edits, reverse=True):
                own = f"(activeMistake == {number} ? {self.variant(text, number).strip()} : {own})"
            return own
        place = f'#sourceLocation(file: "{path}", line: '
        out, word = ["\n"], ""
        for number in sorted(self.edits):
            body = self._returned(self.variant(text, number))
            out.append(f"{word}if activeMistake == {number} {{\n{place}{number * STRIDE + line})\n{body}\n")
            word = "} else "
        last = line + own.count("\n")
        out.append(f"{word}{{\n{place}{line})\n{self._returned(own)}\n{place}{last})\n}}")
        return "".join(out)

    def _returned(self, body):
        return returned(body) if self.has_value else body


def returned(body):
    """The body, its only expression behind a `return` where the language lets the word out."""
    mask = applier.code(body, string='"')
    first = len(mask) - len(mask.lstrip())
    rest = mask[first:].rstrip()
    if not rest or _STATEMENT.match(rest):
        return body
    if re.match(r"(?:if|switch)\b", rest):
        is_single = not re.search(r"\breturn\b", rest)
    else:
        is_single = _is_one_statement(rest)
    return f"{body[:first]}return {body[first:]}" if is_single else body


def _is_one_statement(mask):
    depth = 0
    for at, character in enumerate(mask):
        depth += {"(": 1, "[": 1, "{": 1, ")": -1, "]": -1, "}": -1}.get(character, 0)
        if depth == 0 and character == ";":
            return False
        if depth == 0 and character == "\n":
            before, after = mask[:at].rstrip(), mask[at:].lstrip()
            if not re.match(r"[.?:&|+*/<>=,-]|(?:as|is|else)\b", after) and before[-1] not in "?:&|+-*/<>=,(":
                return False
    return True


def _closing(mask, opening):
    return applier.closing(mask, opening) - 1


def _header(mask, opening):
    """What stands before a brace since the brace before it: keyword of the declaration, and the text from there."""
    start = max(mask.rfind("{", 0, opening), mask.rfind("}", 0, opening)) + 1
    depth, found = 0, None
    text = mask[start:opening]
    for match in re.finditer(r"[(\[)\]]|" + _KEYWORD.pattern, text):
        if match.group(1) and depth == 0:
            found = match
        depth += {"(": 1, "[": 1, ")": -1, "]": -1}.get(match.group(), 0)
    return (found.group(1), text[found.start():]) if found else (None, text)


def _flat(text):
    """The text without what stands in parentheses and brackets."""
    depth, out = 0, []
    for character in text:
        if character in ")]":
            depth -= 1
        if depth == 0:
            out.append(character)
        if character in "([":
            depth += 1
    return "".join(out)


def _body(mask, start, end):
    """The site of the member that holds the text; nothing when the text is in no member's body."""
    stack = []
    for brace in re.finditer(r"[{}]", mask[:start]):
        if brace.group() == "{":
            stack.append(brace.start())
        else:
            stack.pop()
    while stack:
        opening = stack.pop(0)
        keyword, header = _header(mask, opening)
        if keyword in _TYPES:
            continue
        if keyword not in ("func", "init", "deinit", "subscript", "var"):
            raise Unfit("it is in a closure that is an initial value")
        has_value = keyword in ("subscript", "var")
        if keyword == "func":
            result = re.search(r"->\s*(.*)", _flat(header), re.DOTALL)
            has_value = bool(result) and result[1].split(" where ")[0].strip() not in ("Void", "()")
        elif keyword in ("subscript", "var"):
            if _ACCESSOR.match(mask, opening + 1):
                if not stack:
                    raise Unfit("it is beside the accessors of a property")
                opening = stack.pop(0)
                before = max(mask.rfind("{", 0, opening), mask.rfind("}", 0, opening)) + 1
                has_value = (_ACCESSOR.match(mask, before) or [None, None])[1] == "get"
            elif keyword == "var" and "=" in _flat(header):
                raise Unfit("it is in a closure that is an initial value")
        closing = _closing(mask, opening)
        if end > closing:
            raise Unfit("it goes beyond the body")
        return Site(opening + 1, closing, True, has_value)
    return None


def _value(text, mask, start, end):
    """The site of the initial value that holds the text, of a property on one line."""
    first = mask.rfind("\n", 0, start) + 1
    last = mask.find("\n", start)
    last = first + len(mask[first:last if last >= 0 else len(mask)].rstrip())
    head = re.match(r"[\w\s()]*\b(?:let|var)\s+\w+\s*(?::[^=]*)?=\s*", mask[first:last])
    if end > last or not head:
        raise Unfit("it is neither in a body nor in an initial value")
    return Site(first + head.end(), last, False, False)


class Schema:
    """The mistakes that share a build of a copy of the tree, and those that do not, with the reason."""

    def __init__(self, sources, tree, mistakes, alone=None):
        self.sources, self.tree = sources, tree
        self.numbers = {mistake.id: number for number, mistake in enumerate(mistakes, 1)}
        self.alone = {name: why for name, why in (alone or {}).items() if name in self.numbers}
        self.files, self.modules = {}, set()
        for mistake in mistakes:
            if mistake.id not in self.alone:
                try:
                    self._add(mistake)
                except (Unfit, applier.Problem) as why:
                    self.alone[mistake.id] = str(why)

    def shares(self, mistake):
        return mistake.id in self.numbers and mistake.id not in self.alone

    def _add(self, mistake):
        number, new = self.numbers[mistake.id], []
        for edit in mistake.edits:
            path, start, end = self.sources.find(edit)
            text, mask = self.sources.text(path), self.sources.mask(path)
            becomes = edit.becomes
            site = _body(mask, start, end)
            if site is None:
                site, start, becomes = self._value(path, start, end, becomes)
            new.append((path, site, (start, end, becomes)))
        for path, site, change in new:
            self.modules.add(mistake.module)
            there = self.files.setdefault(path, {}).setdefault(site.start, site)
            there.edits.setdefault(number, []).append(change)
        for path, site, _ in new:
            try:
                self.files[path][site.start].variant(self.sources.text(path), number)
            except Unfit:
                self._remove(number)
                raise

    def _value(self, path, start, end, becomes):
        """The site of an initial value, and the edit without what stands before the value in both texts."""
        text = self.sources.text(path)
        site = _value(text, self.sources.mask(path), start, end)
        before = text[start:site.start]
        if not becomes.startswith(before):
            raise Unfit("it changes more than an initial value")
        return site, max(start, site.start), becomes[len(before):]

    def _remove(self, number):
        for sites in self.files.values():
            for start, site in list(sites.items()):
                site.edits.pop(number, None)
                if not site.edits:
                    del sites[start]

    def changes(self):
        """The changed files and their new texts, with the switch of each module."""
        changed = {}
        for path, sites in self.files.items():
            text, at, out = self.sources.text(path), 0, []
            for site in sorted(sites.values(), key=lambda site: site.start):
                out += [text[at:site.start], site.render(text, self.tree / self._name(path))]
                at = site.end
            if sites:
                changed[path] = "".join(out) + text[at:]
        for module in sorted(self.modules):
            changed[self.sources.root / "Sources" / module / SWITCH] = SWITCH_TEXT
        return changed

    def _name(self, path):
        return path.relative_to(self.sources.root).as_posix()

    def drop(self, errors):
        """Sets aside whose forms do not compile; their ids, none when no error is of a form."""
        ids = {number: name for name, number in self.numbers.items()}
        found = {}
        for error in errors:
            match = re.match(r"(.*?\.swift):(\d+):\d+: error: (.*)", error)
            if not match:
                continue
            line = int(match[2])
            if line >= STRIDE:
                found.setdefault(line // STRIDE, match[3])
                continue
            for path, sites in self.files.items():
                if match[1].endswith(self._name(path)):
                    for number in self._at(path, sites, line):
                        found.setdefault(number, match[3])
        for number, why in found.items():
            self.alone[ids[number]] = why
            self._remove(number)
        return [ids[number] for number in found]

    def _at(self, path, sites, line):
        text = self.sources.text(path)
        for site in sites.values():
            if text.count("\n", 0, site.start) + 1 <= line <= text.count("\n", 0, site.end) + 1:
                yield from site.edits
