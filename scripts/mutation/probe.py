"""Whether anything differs with a mistake: short sessions under each fault, byte by byte.

A survivor that no session shows needs a scenario; one that a session shows and no check judges needs a check.
"""

import hashlib
import json
import re
import shutil

# One session takes 0.1 s of processor time.
SEEDS = (1, 2)
SESSION_LIMIT = 60


class Probe:
    """What the program writes without a mistake, and the first session that writes something else with one."""

    def __init__(self, gate, digest):
        self.gate, self.file, self.digest = gate, gate.runs.parent / "probe.json", digest
        self.base = None
        try:
            known = json.loads(self.file.read_text())
            self.base = known["sessions"] if known["sources"] == digest else None
        except (OSError, ValueError, KeyError):
            pass

    def learn(self):
        """Runs the sessions without a mistake, once for a state of the sources."""
        if self.base is None:
            self.base = {session: self._written(session) for session in self._sessions()}
            self.file.write_text(json.dumps({"sources": self.digest, "sessions": self.base}))

    def reached(self, kind):
        """The session that shows the mistake, or that none does; nothing when it is not known what to compare with."""
        if not self.base:
            return {}
        schedule = ""
        sessions = list(self.base)
        for session in sessions[:1] if kind == "paper" else sessions:
            old, new = self.base[session], self._written(session)
            names = sorted(name for name in old.keys() | new.keys() if old.get(name) != new.get(name))
            shown = [name for name in names if name != "recording.txt"]
            if shown:
                return {"reached": f"chaos {session} writes another {', '.join(shown)}"}
            if names and not schedule:
                schedule = f"chaos {session} takes another schedule and writes the same"
        return {"reached": schedule or "no session differs by a byte"}

    def _sessions(self):
        """The plain session first, then one under each fault and in the scenario of each bug."""
        faults = sorted(path.stem for path in (self.gate.tree / "faults").glob("*.toml"))
        bugs = dict.fromkeys(name.split("/")[1] for name in self.gate.cases() if name.startswith("proof/"))
        words = [""] + [f" --fault {name}" for name in faults] + [f" --scenario {name}" for name in bugs]
        return [f"paper --seed {seed}{word}" for seed in SEEDS for word in words]

    def _written(self, session):
        """Digests of the files of a session, by their names without the time of day; of the exit code too."""
        folder = self.gate.runs / "probe"
        shutil.rmtree(folder, ignore_errors=True)
        code = self.gate.run(
            [self.gate.chaos, *session.split(), "--out", str(folder)], SESSION_LIMIT, self.gate.runs / "probe.log")
        found = {"exit code": str(code)}
        for path in sorted(folder.glob("session_*/**/*")):
            # run.json has the time of day in it.
            if path.is_file() and path.name != "run.json":
                name = re.sub(r"_\d{8}_\d{6}", "", path.relative_to(folder).as_posix().partition("/")[2])
                found[name] = hashlib.sha256(path.read_bytes()).hexdigest()[:16]
        return found
