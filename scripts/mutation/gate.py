"""Works in a copy of the tree: puts a mistake in, builds, runs the gate, and says what became of it."""

import hashlib
import json
import os
import re
import shutil
import signal
import subprocess
import time
from pathlib import Path

import schemata

KILLED, CRASHED, LIMIT, INCONCLUSIVE, BROKEN, SURVIVED = (
    "killed", "crashed", "time limit", "inconclusive", "build failed", "survived")
OUTCOMES = (KILLED, CRASHED, LIMIT, INCONCLUSIVE, BROKEN, SURVIVED)
# What a build of the program reads.
PARTS = ("Package.swift", "Sources", "Tests", "faults")
# The quickest cases first: a mistake that turns one of them red is known within seconds. Each part ends before the next begins.
PARTS_OF_GAUNTLET = (("healthy", "fault"), ("pair",), ("proof",))
# Only when asked for: real time, in which a busy machine kills by itself, and cases that judge the originals, not the engine.
LEFT_OUT = ("live", "mutation")
BUILD_LIMIT = 1800
# Killed, or asked to end, by somebody else than this program: that says nothing of the mistake.
ENDED_FROM_OUTSIDE = (-signal.SIGKILL, -signal.SIGTERM, -signal.SIGINT, 130, 143)


class Stopped(Exception):
    """The run cannot go on; the text says why. Exit code 1 is the gate's fault, 3 that of the circumstances."""

    def __init__(self, text, code=3):
        super().__init__(text)
        self.code = code


def files_of(root):
    """Relative paths and contents of all that a build reads; the content of a link is where it leads."""
    for part in PARTS:
        at = Path(root) / part
        for path in [at] if at.is_file() else sorted(p for p in at.rglob("*") if p.is_symlink() or p.is_file()):
            yield path.relative_to(root).as_posix(), Path(os.readlink(path)) if path.is_symlink() else path.read_bytes()


def digest(root):
    """A name for the state of the sources; tests play no part in what the gate says."""
    total = hashlib.sha256()
    for name, content in files_of(root):
        if not name.startswith("Tests/"):
            content = content if isinstance(content, bytes) else str(content).encode()
            total.update(f"{name}\0{len(content)}\0".encode() + content)
    return total.hexdigest()[:16]


class Gate:
    def __init__(self, root, work, options):
        self.root, self.tree, self.options = Path(root), Path(work) / "tree", options
        self.runs = Path(work) / "runs"
        self.wanted, self.active = {}, None
        names = re.findall(r'= "([a-z0-9-]+)"', self._find("CheckName.swift"))
        self.checks = sorted(names, key=len, reverse=True)

    def _find(self, name):
        path = next(iter(sorted((self.root / "Sources").rglob(name))), None)
        return path.read_text(encoding="utf-8") if path else ""

    # The copy

    def read(self):
        """Reads the tree, so that whoever edits it meanwhile does not disturb the run."""
        self.wanted = dict(files_of(self.root))

    @staticmethod
    def _write(path, content):
        path.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, Path):
            if not path.is_symlink() or Path(os.readlink(path)) != content:
                path.unlink(missing_ok=True)
                path.symlink_to(content)
        elif not path.is_file() or path.read_bytes() != content:
            path.write_bytes(content)

    def put_in(self, changes):
        """Makes the copy equal to the tree as it was read, with these files and texts; the times of equal files stay.

        So builds stay incremental.
        """
        changed = {path.relative_to(self.root).as_posix(): text.encode() for path, text in changes.items()}
        wanted = {**self.wanted, **changed}
        for name, content in wanted.items():
            self._write(self.tree / name, content)
        for part in PARTS:
            at = self.tree / part
            for path in sorted(at.rglob("*")) if at.is_dir() else []:
                if (path.is_symlink() or path.is_file()) and path.relative_to(self.tree).as_posix() not in wanted:
                    path.unlink()

    # Programs

    def _environment(self):
        """That of this program, and in it the mistake that is to run."""
        own = {name: value for name, value in os.environ.items() if name != schemata.VARIABLE}
        active = {schemata.VARIABLE: str(self.active)} if self.active else {}
        return {**own, **active, "NO_COLOR": "1"}

    def run(self, command, limit, output):
        """Exit code of a program in the copy, negative for a signal, None when the limit ended it; output goes to a file."""
        with open(output, "wb") as file:
            process = subprocess.Popen(
                command, cwd=self.tree, stdout=file, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
                start_new_session=True, env=self._environment())
            try:
                code = process.wait(timeout=limit)
            except subprocess.TimeoutExpired:
                return None
            finally:
                if process.poll() is None:
                    # The group is this program's alone: start_new_session made it.
                    os.killpg(process.pid, signal.SIGKILL)
                    process.wait()
        if code in ENDED_FROM_OUTSIDE:
            raise Stopped(f"{Path(command[0]).name} was ended from outside (exit code {code}); --resume goes on from here")
        return code

    def build(self):
        """Builds the copy; the errors, none when it was built."""
        log = self.tree / "build.log"
        code = self.run(["swift", "build", "-c", "release", "--product", "chaos"], BUILD_LIMIT, log)
        if code is None:
            return [f"the build took more than {BUILD_LIMIT} s"]
        lines = log.read_text(errors="replace").splitlines()
        # A build whose compiler is killed says "cancelled" and may end with 0: the program would be that of the mistake before.
        if code == 0 and any("complete!" in line for line in lines):
            return []
        errors = [line.strip() for line in lines if "error:" in line and not line.startswith(" ")]
        if not errors:
            raise Stopped(f"the build ended without an error of the sources: {(lines or ['no output'])[-1].strip()}")
        return [error.replace(f"{self.tree}/", "") for error in errors]

    @property
    def chaos(self):
        return str(self.tree / ".build/release/chaos")

    # Judging

    def check_in(self, text):
        """The check that a line of a report names; nothing when it names none."""
        found = [(text.find(name), name) for name in self.checks if re.search(rf"(?<![\w-]){name}(?![\w-])", text)]
        return min(found)[1] if found else None

    def gauntlet(self):
        """What the gauntlet says of the copy."""
        shutil.rmtree(self.runs, ignore_errors=True)
        self.runs.mkdir(parents=True)
        parts = self._parts(dict.fromkeys(name.split("/")[0] for name in self.cases()))
        if not parts:
            return {"outcome": CRASHED, "text": "the program could not list its cases"}
        started, seen, schedules, open_case = time.monotonic(), 0, 0, None
        for part in parts:
            left = self.options.limit - (time.monotonic() - started)
            found = self._gauntlet_part(part, max(1, left))
            schedules += found.pop("ran", 0)
            seen += found.pop("cases", 0)
            found["ran"], found["cases"] = schedules, seen
            if found["outcome"] not in (SURVIVED, INCONCLUSIVE):
                return found
            if found["outcome"] == INCONCLUSIVE:
                open_case = open_case or found
        return {**(open_case or {"outcome": SURVIVED}), "ran": schedules, "cases": seen}

    def cases(self):
        """The names of the gauntlet's cases."""
        names = subprocess.run(
            [self.chaos, "gauntlet", "--list"], cwd=self.tree, capture_output=True, text=True, check=False,
            env=self._environment()).stdout
        return [line.split()[0] for line in names.splitlines() if "/" in line]

    def _parts(self, there):
        """The groups of cases to run, of those that are there, in parts."""
        wanted = self.options.groups or [group for group in there if group not in LEFT_OUT]
        known = {group for part in PARTS_OF_GAUNTLET for group in part}
        parts = [*PARTS_OF_GAUNTLET, *((group,) for group in there if group not in known)]
        parts = [[group for group in part if group in there and group in wanted] for part in parts]
        return [part for part in parts if part]

    def _gauntlet_part(self, groups, limit):
        report, log = self.runs / "gauntlet.json", self.runs / f"{groups[0]}.log"
        report.unlink(missing_ok=True)
        command = [
            self.chaos, "gauntlet", "--fail-fast", "--seed", str(self.options.gate_seed), "--schedules",
            str(self.options.schedules), "--campaigns", str(self.options.campaigns), "--budget", f"{int(limit) + 60}s",
            "--json", str(report), "--out", str(self.runs)]
        for group in groups:
            command += ["--filter", f"{group}/"]
        code = self.run(command, limit, log)
        if code is None:
            return {"outcome": LIMIT, "text": f"{'+'.join(groups)} took more than {int(limit)} s"}
        try:
            cases = json.loads(report.read_text())["cases"]
        except (OSError, ValueError, KeyError):
            last = (log.read_text(errors="replace").splitlines() or ["no output"])[-1]
            return {"outcome": CRASHED, "text": f"exit code {code} and no report: {last}"}
        return self._judge(cases, code)

    def _judge(self, cases, code):
        ran = {"ran": sum(c["schedules"] for c in cases), "cases": sum(c["outcome"] == "passed" for c in cases)}
        for word, outcome in (("failed", KILLED), ("crashed", CRASHED), ("inconclusive", INCONCLUSIVE)):
            for case in cases:
                if case["outcome"] != word:
                    continue
                arm = next((a for a in case["arms"] if a["outcome"] == word), {"name": "case", "text": ""})
                text, what = arm["text"], outcome
                if "--fail-fast ended the gauntlet" in text:
                    continue
                if word == "crashed" and "ended by its guard" in text:
                    what = LIMIT
                if word == "crashed" and "was not the same when run again" in text:
                    what = KILLED
                number = re.search(r"schedule (\d+)", text)
                return {
                    "outcome": what, "case": case["id"], "arm": arm["name"], "text": text,
                    "check": self.check_in(text) or f"({arm['name']})",
                    "schedules": int(number[1]) if number else case["schedules"], **ran}
        if code != 0:
            return {"outcome": CRASHED, "text": f"exit code {code} though no case says why", **ran}
        return {"outcome": SURVIVED, **ran}

    def paper(self):
        """What one paper session of 300 s says of the copy."""
        shutil.rmtree(self.runs, ignore_errors=True)
        self.runs.mkdir(parents=True)
        log = self.runs / "paper.log"
        code = self.run(
            [self.chaos, "paper", "--duration", "300", "--seed", str(self.options.gate_seed), "--out", str(self.runs)],
            self.options.limit, log)
        if code is None:
            return {"outcome": LIMIT, "text": f"the session took more than {self.options.limit} s"}
        if code == 0:
            return {"outcome": SURVIVED, "ran": 1}
        try:
            run = json.loads((self.runs / "latest" / "run.json").read_text())
            bad = [verdict for verdict in run["verdicts"] if verdict["outcome"] == "fail"]
        except (OSError, ValueError, KeyError):
            bad = []
        if code == 1 and bad:
            return {
                "outcome": KILLED, "case": "paper", "arm": "session", "check": bad[0]["check"], "text": bad[0]["reason"],
                "checks": [verdict["check"] for verdict in bad], "schedules": 1, "ran": 1}
        last = (log.read_text(errors="replace").splitlines() or ["no output"])[-1]
        outcome = {1: KILLED, 3: INCONCLUSIVE, 4: KILLED}.get(code, CRASHED)
        return {
            "outcome": outcome, "case": "paper", "arm": "session", "check": "(exit code)",
            "text": f"exit code {code}: {last}", "ran": 1}
