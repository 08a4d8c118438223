"""Finds mistakes in the sources by declaration and text, and puts one in.

A mistake names a module, a type, a declaration of that type and a text there. Files, lines, indentation and comments play no
part, so that code may move. A text that is not there exactly once is an error: a mistake that no longer applies tests nothing.
"""

import re
import tomllib
from pathlib import Path

CATEGORIES = (
    "arithmetic", "sign", "unit", "off by one", "wrong symbol or side", "missed event", "missed release", "missed notify",
    "lock left out", "lock over a call", "order of locks", "check then act in two sections", "lost error", "wrong level",
    "dropped tail", "stale read", "wrong clock", "retry counts", "non-atomic write", "metrics twice",
)
KEYS = {"id", "category", "type", "in", "text", "becomes", "costs"}
EDIT_KEYS = {"type", "in", "text", "becomes"}


class Problem(Exception):
    """What is wrong with a mistake, and what to do about it."""


class Edit:
    """One text of a declaration, and what it becomes."""

    def __init__(self, module, table):
        self.module, self.type, self.declaration = module, table["type"], table["in"]
        self.text, self.becomes = table["text"].strip(), table["becomes"].strip()

    @property
    def place(self):
        inside = f"'{self.declaration}' of " if self.declaration else ""
        return f"{inside}type {self.type} in {self.module}"


class Mistake:
    """A small change that a developer could have made, in one or more edits."""

    def __init__(self, module, table, file):
        self.file, self.id = file, table.get("id", "(no id)")
        missing = sorted(KEYS - table.keys())
        unknown = sorted(table.keys() - KEYS - {"also"})
        if missing:
            raise Problem(f"{file}: {self.id}: '{missing[0]}' is missing")
        if unknown:
            raise Problem(f"{file}: {self.id}: '{unknown[0]}' is no key of a mistake")
        self.module, self.category, self.costs = module, table["category"], table["costs"]
        if self.category not in CATEGORIES:
            raise Problem(f"{file}: {self.id}: '{self.category}' is no category; they are: {', '.join(CATEGORIES)}")
        if not self.costs.strip():
            raise Problem(f"{file}: {self.id}: say in 'costs' what the mistake costs its user")
        self.edits = [Edit(module, table)]
        for more in table.get("also", []):
            if set(more) != EDIT_KEYS:
                raise Problem(f"{file}: {self.id}: an 'also' has the keys {', '.join(sorted(EDIT_KEYS))}")
            self.edits.append(Edit(module, more))
        for edit in self.edits:
            if not edit.text or edit.text.split() == edit.becomes.split():
                raise Problem(f"{file}: {self.id}: it changes nothing; 'text' and 'becomes' have to differ")

    @property
    def words(self):
        """What the mistake is, for telling whether a result is of today's."""
        return repr([(e.module, e.type, e.declaration, e.text, e.becomes) for e in self.edits])


def load(folder):
    """The mistakes of every TOML file in the folder, in the order of files and lines."""
    files = sorted(Path(folder).glob("*.toml"))
    if not files:
        raise Problem(f"{folder}: there is no .toml file here")
    mistakes, seen = [], {}
    for file in files:
        try:
            table = tomllib.loads(file.read_text(encoding="utf-8"))
        except tomllib.TOMLDecodeError as error:
            raise Problem(f"{file.name}: {error}") from None
        if not isinstance(table.get("module"), str):
            raise Problem(f"{file.name}: 'module' is missing, the folder below Sources that its mistakes are in")
        for entry in table.get("mistake", []):
            mistake = Mistake(table["module"], entry, file.name)
            for key in (mistake.id, mistake.words):
                if key in seen:
                    raise Problem(f"{file.name}: {mistake.id}: the same as {seen[key]}; each mistake stands once")
                seen[key] = mistake.id
            mistakes.append(mistake)
    return mistakes


def code(text, string=" "):
    """The text with comments and strings blanked out, so that braces and names in it are those of the code.

    What stands for each character of a string may be another one.
    """
    out, at = [], 0
    for start in re.finditer(r'//|/\*|"""|"', text):
        if start.start() < at:
            continue
        out.append(text[at:start.start()])
        opening = start.group()
        if opening == "//":
            end = text.find("\n", start.start())
            end = len(text) if end < 0 else end
        elif opening == "/*":
            end = text.find("*/", start.end())
            end = len(text) if end < 0 else end + 2
        else:
            end = _end_of_string(text, start.end(), opening)
        out.append(re.sub(r"[^\n]", " " if opening.startswith("/") else string, text[start.start():end]))
        at = end
    out.append(text[at:])
    return "".join(out)


def _end_of_string(text, at, quote):
    """The index behind a string literal whose content begins at `at`; strings within its interpolations nest."""
    while at < len(text):
        if text.startswith(quote, at):
            return at + len(quote)
        if text.startswith("\\(", at):
            depth, at = 1, at + 2
            while at < len(text) and depth:
                if text[at] == '"':
                    inner = '"""' if text.startswith('"""', at) else '"'
                    at = _end_of_string(text, at + len(inner), inner)
                    continue
                depth += {"(": 1, ")": -1}.get(text[at], 0)
                at += 1
        elif text[at] == "\\":
            at += 2
        else:
            at += 1
    return at


def closing(mask, opening):
    """The index behind the brace that closes the one at `opening`."""
    depth = 0
    for brace in re.finditer(r"[{}]", mask[opening:]):
        depth += 1 if brace.group() == "{" else -1
        if depth == 0:
            return opening + brace.end()
    return len(mask)


def _body(mask, start, is_function):
    """The index behind the declaration that starts there."""
    depth = 0
    for found in re.finditer(r"[(\[)\]{\n]", mask[start:]):
        character = found.group()
        if character == "{" and depth == 0:
            return closing(mask, start + found.start())
        if character == "\n" and depth == 0 and not is_function:
            return start + found.start()
        depth += {"(": 1, "[": 1, ")": -1, "]": -1}.get(character, 0)
    return len(mask)


def _flexible(text):
    """A pattern for the text with any white space and comments where it has white space."""
    return r"(?:\s|//[^\n]*)+".join(re.escape(piece) for piece in re.sub(r"//[^\n]*", "", text).split())


class Sources:
    """The Swift files of a tree, read once and changed in memory only."""

    def __init__(self, root):
        self.root = Path(root)
        self.texts, self.masks = {}, {}

    def files(self, module):
        folder = self.root / "Sources" / module
        files = sorted(folder.rglob("*.swift"))
        if not files:
            raise Problem(f"there is no module {module} below {self.root}/Sources; correct 'module'")
        return files

    def text(self, path):
        if path not in self.texts:
            self.texts[path] = path.read_text(encoding="utf-8")
        return self.texts[path]

    def mask(self, path):
        if path not in self.masks:
            self.masks[path] = code(self.text(path))
        return self.masks[path]

    def spans(self, edit):
        """Where the declaration stands: (file, start, end), once for each that fits."""
        types, found = [], []
        head = re.compile(rf"\b(?:class|struct|enum|actor|extension)\s+(?:\w+\.)*{re.escape(edit.type)}\b(?!\.)")
        for path in self.files(edit.module):
            if edit.type not in self.text(path):
                continue
            mask = self.mask(path)
            for match in head.finditer(mask):
                opening = mask.find("{", match.end())
                if opening >= 0:
                    types.append((path, match.start(), opening, closing(mask, opening)))
        if not types:
            raise Problem(f"there is no type {edit.type} in {edit.module} any more")
        if not edit.declaration:
            return [(path, start, end) for path, start, _, end in types]
        first = edit.declaration.split("(")[0].split()
        member = re.compile(rf"\b{_flexible(edit.declaration)}" + ("" if "(" in edit.declaration else r"\b"))
        for path, _, opening, end in types:
            text, mask = self.text(path), self.mask(path)
            for match in member.finditer(text, opening, end):
                inside = mask[opening:match.start()]
                if not mask[match.start()].isspace() and inside.count("{") - inside.count("}") == 1:
                    is_function = first[0] in ("func", "init", "subscript")
                    found.append((path, match.start(), min(end, _body(mask, match.start(), is_function))))
        if not found:
            raise Problem(f"type {edit.type} in {edit.module} has no '{edit.declaration}' any more")
        return found

    def find(self, edit):
        """The one place that the edit means: (file, start, end)."""
        pattern = re.compile(_flexible(edit.text))
        places = []
        for path, start, end in self.spans(edit):
            for match in pattern.finditer(self.text(path), start, end):
                places.append((path, match.start(), match.end()))
        if not places:
            raise Problem(f"{edit.place} no longer has the text: {' '.join(edit.text.split())}")
        if len(places) > 1:
            raise Problem(f"{edit.place} has the text {len(places)} times: {' '.join(edit.text.split())}")
        return places[0]

    def put_in(self, edit):
        """Changes the one place that the edit means; the file."""
        path, start, end = self.find(edit)
        text = self.text(path)
        self.texts[path] = text[:start] + edit.becomes + text[end:]
        self.masks.pop(path, None)
        return path

    def apply(self, mistake):
        """The changed files and their new texts; the sources in memory are as before afterwards."""
        before, masks = dict(self.texts), dict(self.masks)
        try:
            changed = {self.put_in(edit) for edit in mistake.edits}
            return {path: self.texts[path] for path in changed}
        except Problem as problem:
            raise Problem(
                f"{mistake.file}: {mistake.id} does not apply: {problem}\n"
                "  Find where the code went and write 'type', 'in' and 'text' anew so that they are met exactly once; "
                "if the code is gone for good, remove the mistake.") from None
        finally:
            for path in list(self.texts):
                if path in before:
                    self.texts[path] = before[path]
                else:
                    # Read for this mistake: what was read first is what is on the disk.
                    self.texts[path] = path.read_text(encoding="utf-8")
                if path in masks:
                    self.masks[path] = masks[path]
                else:
                    self.masks.pop(path, None)


def check(mistakes, root):
    """What is wrong with each mistake that does not apply exactly once to the tree."""
    sources, problems = Sources(root), []
    for mistake in mistakes:
        try:
            sources.apply(mistake)
        except Problem as problem:
            problems.append(str(problem))
    return problems
