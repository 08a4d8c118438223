"""Runs inside a Python program that 'chaos watch' started: who holds which lock, and all stacks on request.

The program's own sitecustomize runs after this one. Nothing in here may raise into the program, print, or wait: every
entry point swallows its errors, and whatever fails is told to the watcher, or costs the watch and not the program.
"""
import sys


def _chain():
    """Leaves the import path as the program would have had it, and runs its own sitecustomize."""
    own = __file__.rpartition("/")[0]
    sys.path[:] = [entry for entry in sys.path if entry != own]
    sys.path_importer_cache.pop(own, None)
    ours = sys.modules.pop("sitecustomize", None)
    try:
        import sitecustomize  # noqa: F401
    except ImportError as error:
        # None of its own, which is the usual case; one that fails to import something else is its own affair.
        if error.name != "sitecustomize":
            raise
        if ours is not None:
            sys.modules["sitecustomize"] = ours


class _Watch:
    """Everything of one process; a namespace, so that the program sees a single name."""

    def __init__(self, address):
        import _signal, _socket, _thread, os, threading, time

        self.os, self.socket, self.signal, self.thread = os, _socket, _signal, _thread
        self.threading, self.monotonic = threading, time.monotonic
        self.address = address
        # Thread -> its wait for a lock, while it waits.
        self.waits = {}
        self.waitCount = 0
        # Thread -> (handle that its event loop runs, since when).
        self.handles = {}
        self.connection = None
        self.service = None
        self.serviceNative = 0
        self.faults = None
        self.number = 0
        self.told = None
        # Empty: locks are tracked; else why not.
        self.untracked = "not tried"

    # Locks

    def track(self):
        """Replaces the locks of 'threading' by ones that know their holders. Condition, Semaphore, Event and Queue use
        them too. Under 1 microsecond for lock and unlock."""
        watch = self
        allocate = self.thread.allocate_lock
        ident = self.thread.get_ident
        frame_at = sys._getframe
        plain = self.thread.RLock
        take, restore = plain.acquire, plain._acquire_restore

        class Lock(object):
            __slots__ = ("_lock", "_take", "_let", "owner", "code", "at", "made", "shared", "__weakref__")

            def __init__(self):
                lock = self._lock = allocate()
                self._take, self._let = lock.acquire, lock.release
                self.owner = self.code = None
                self.at = 0
                # Set once a thread lets go of what another one took: then it is a signal, and owners prove nothing.
                self.shared = False
                frame = frame_at(1)
                self.made = (frame.f_code, frame.f_lasti)

            def __enter__(self):
                frame = frame_at(1)
                if not self._take(False):
                    watch.wait(self, self._take, (), frame, False)
                self.code = frame.f_code
                self.at = frame.f_lasti
                self.owner = ident()
                return True

            def __exit__(self, kind, value, trace):
                if self.owner != ident():
                    self.shared = True
                self.owner = None
                self._let()

            def acquire(self, blocking=True, timeout=-1):
                frame = frame_at(1)
                if timeout != -1 or not blocking:
                    if not blocking:
                        got = self._take(blocking, timeout)
                    else:
                        got = self._take(False) or watch.wait(self, self._take, (True, timeout), frame, True)
                    if not got:
                        return False
                elif not self._take(False):
                    watch.wait(self, self._take, (), frame, False)
                self.code = frame.f_code
                self.at = frame.f_lasti
                self.owner = ident()
                return True

            def release(self):
                if self.owner != ident():
                    self.shared = True
                self.owner = None
                self._let()

            def locked(self):
                return self._lock.locked()

            acquire_lock, release_lock, locked_lock = acquire, release, locked

            def _at_fork_reinit(self):
                self._lock._at_fork_reinit()
                self.owner = None

            def __repr__(self):
                return repr(self._lock)

        class RLock(plain):
            __slots__ = ("code", "at", "made")
            shared = False

            def __new__(cls, *words):
                lock = plain.__new__(cls)
                lock.code, lock.at = None, 0
                frame = frame_at(1)
                lock.made = (frame.f_code, frame.f_lasti)
                return lock

            def __init__(self, *words):
                pass

            def __enter__(self):
                frame = frame_at(1)
                if not take(self, False):
                    watch.wait(self, take, (self,), frame, False)
                self.code = frame.f_code
                self.at = frame.f_lasti
                return True

            def acquire(self, blocking=True, timeout=-1):
                frame = frame_at(1)
                if timeout != -1 or not blocking:
                    if not blocking:
                        got = take(self, blocking, timeout)
                    else:
                        got = take(self, False) or watch.wait(self, take, (self, True, timeout), frame, True)
                    if not got:
                        return False
                elif not take(self, False):
                    watch.wait(self, take, (self,), frame, False)
                self.code = frame.f_code
                self.at = frame.f_lasti
                return True

            def _acquire_restore(self, state):
                watch.wait(self, restore, (self, state), frame_at(1), False)

        for kind in (Lock, RLock):
            kind.__module__ = "threading"
            kind.__qualname__ = kind.__name__
        self.Lock, self.RLock = Lock, RLock
        self.threading.Lock = Lock
        self.threading.RLock = RLock
        self.untracked = ""

    def wait(self, lock, take, words, frame, timed):
        """Waits for a lock as 'take' does, and says so; a circle is found here, before the thread sleeps."""
        me = self.thread.get_ident()
        before = self.waits.get(me)
        self.waitCount += 1
        record = (lock, frame.f_code, frame.f_lasti, self.monotonic(), timed, self.waitCount)
        self.waits[me] = record
        try:
            if not timed:
                circle = self.circle(me)
                if circle is not None:
                    self.tell(circle)
            return take(*words)
        finally:
            if before is None:
                self.waits.pop(me, None)
            else:
                self.waits[me] = before

    def owner(self, lock):
        if type(lock) is self.Lock:
            return lock.owner
        # Only its text has the owner of the C type; 0: nobody.
        text = repr(lock)
        start = text.find("owner=")
        return int(text[start + 6 :].split(" ", 1)[0]) or None if start >= 0 else None

    def circle(self, start):
        """The waits that lead from a thread back to it, or None. A wait that a time limit ends, and a lock that others
        let go of, prove nothing. Every edge is read twice: a thread whose wait is still the same let go of nothing."""
        chain = []
        seen = set()
        at = start
        while at not in seen:
            seen.add(at)
            record = self.waits.get(at)
            if record is None or record[4] or record[0].shared:
                return None
            owner = self.owner(record[0])
            if owner is None:
                return None
            chain.append((at, record, owner))
            at = owner
        if at != start:
            return None
        for thread, record, owner in chain:
            if self.waits.get(thread) is not record or self.owner(record[0]) != owner:
                return None
        return chain

    # Words

    def label(self, ident):
        known = self.threading._active.get(ident)
        if known is not None:
            return known.name, known.native_id or 0
        if ident not in sys._current_frames():
            return "a thread that has ended", 0
        return "thread-%d" % ident, 0

    def line(self, code, at):
        """The line of an instruction."""
        if code is None:
            return 0
        if hasattr(code, "co_lines"):
            for start, end, line in code.co_lines():
                if start <= at < end:
                    return line or 0
            return 0
        # 3.9: pairs of steps in instructions and lines.
        address, line = 0, code.co_firstlineno
        table = code.co_lnotab
        for index in range(0, len(table), 2):
            address += table[index]
            if address > at:
                break
            step = table[index + 1]
            line += step - 256 if step > 127 else step
        return line

    def site(self, code, at):
        return "%s:%d" % (self.file(code.co_filename), self.line(code, at)) if code is not None else "an unknown place"

    def file(self, path):
        here = self.here + "/"
        return path[len(here) :] if path.startswith(here) else path

    def name(self, lock, frames=()):
        """What the program calls a lock: a name of a module, or an attribute of an object that a stack is in; else where
        it was made. Names only, never a value."""
        for module in list(sys.modules.values()):
            for key, value in list(getattr(module, "__dict__", {}).items()):
                if value is lock:
                    text = module.__name__
                    return key if text == "__main__" else "%s.%s" % (text, key)
        for frame in frames:
            while frame is not None:
                object = frame.f_locals.get("self")
                for key, value in list(getattr(object, "__dict__", {}).items()):
                    if value is lock or getattr(value, "_lock", None) is lock:
                        return "%s.%s" % (type(object).__name__, key)
                frame = frame.f_back
        return "%s made at %s" % (type(lock).__name__, self.site(*lock.made))

    def edges(self, chain, frames=None):
        stacks = list(frames.values()) if frames else ()
        rows = []
        for thread, record, owner in chain:
            name, native = self.label(thread)
            holder, holder_native = self.label(owner)
            lock = record[0]
            rows.append(
                self.row(
                    "edge", record[5], name, native, self.name(lock, stacks) if frames else "", self.site(record[1], record[2]),
                    holder, holder_native, self.site(lock.code, lock.at), "%.3f" % (self.monotonic() - record[3]),
                )
            )
        return rows

    @staticmethod
    def row(*values):
        return "\t".join(
            str(value).replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n").replace("\r", "\\r")
            for value in values
        )

    def tell(self, chain):
        """From the thread that closes a circle: only a word, as that thread must not stand here."""
        try:
            self.send(["circle"] + self.edges(chain), wait=False)
        except Exception:
            pass

    # The line to the watcher

    def send(self, rows, wait=True):
        """Packets of whole lines."""
        flags = self.socket.MSG_NOSIGNAL | (0 if wait else self.socket.MSG_DONTWAIT)
        batch, size = [], 0
        for row in rows:
            data = row.encode("utf-8", "replace")[:8000]
            if size + len(data) > 48000:
                self.connection.send(b"\n".join(batch), flags)
                batch, size = [], 0
            batch.append(data)
            size += len(data) + 1
        if batch:
            self.connection.send(b"\n".join(batch), flags)

    def high(self, descriptor):
        """A number far from those that programs close or count on."""
        import fcntl

        for least in (900, 200, 50):
            try:
                moved = fcntl.fcntl(descriptor, fcntl.F_DUPFD_CLOEXEC, least)
            except OSError:
                continue
            self.os.close(descriptor)
            return moved
        return descriptor

    def connect(self):
        os = self.os
        self.pid = os.getpid()
        try:
            self.here = os.getcwd()
        except OSError:
            self.here = ""
        link = self.socket.socket(self.socket.AF_UNIX, self.socket.SOCK_SEQPACKET | self.socket.SOCK_CLOEXEC)
        link.connect(self.address + "/socket")
        self.connection = self.socket.socket(fileno=self.high(link.detach()))
        self.handler()
        self.send(
            [
                self.row(
                    "hello", self.pid, os.getppid(), "%d.%d.%d" % sys.version_info[:3], self.number,
                    self.untracked,
                )
            ]
        )
        self.service = self.thread.start_new_thread(self.serve, (self.connection,))

    def handler(self):
        """The C function that walks all stacks at a signal, also while a C function keeps the interpreter to itself."""
        import faulthandler

        for number in range(self.signal.NSIG - 3, self.signal.NSIG - 12, -1):
            if number != self.number and self.signal.getsignal(number) != self.signal.SIG_DFL:
                continue
            flags = self.os.O_CREAT | self.os.O_APPEND | self.os.O_WRONLY | self.os.O_CLOEXEC
            if self.faults is not None:
                try:
                    self.os.close(self.faults)
                except OSError:
                    pass
            self.faults = self.high(self.os.open("%s/faults.%d" % (self.address, self.pid), flags, 0o600))
            faulthandler.register(number, file=self.faults, all_threads=True, chain=False)
            self.number = number
            return
        self.number = 0

    def serve(self, connection):
        threads = None
        self.serviceNative = self.thread.get_native_id()
        while connection is self.connection:
            try:
                words = connection.recv(256).decode().split()
                if not words:
                    return
                if words[0] == "look":
                    rows = self.look(words[1])
                    now = [self.row("thread", ident, known.native_id or 0, known.name)
                           for ident, known in list(self.threading._active.items())]
                    if now != threads:
                        threads = now
                        rows += now
                elif words[0] == "dump":
                    rows = self.dump(words[1])
                else:
                    continue
            except OSError:
                return
            except Exception as error:
                rows = [self.row("failed", "%s: %s" % (type(error).__name__, error))]
            try:
                self.send(rows)
            except Exception:
                return

    def look(self, number):
        """What may be stuck: circles, waits for locks, event loops that do not come back to their selector."""
        rows = ["look\t" + number]
        found = set()
        now = self.monotonic()
        for thread, record in list(self.waits.items()):
            if record[4] or record[0].shared:
                continue
            chain = self.circle(thread)
            if chain is not None:
                numbers = frozenset(entry[1][5] for entry in chain)
                if numbers not in found:
                    found.add(numbers)
                    rows.append("circle")
                    rows += self.edges(chain)
            elif now - record[3] > 0.2:
                owner = self.owner(record[0])
                holder, native = self.label(owner) if owner else ("nobody", 0)
                name, own = self.label(thread)
                rows.append(
                    self.row("wait", record[5], name, own, "%.3f" % (now - record[3]), self.site(record[1], record[2]),
                             holder, native, self.site(record[0].code, record[0].at)))
        if "asyncio" in sys.modules:
            rows += self.loops(now)
        return rows

    def loops(self, now):
        rows = []
        running = {}
        for ident, frame in sys._current_frames().items():
            callee = None
            place = None
            while frame is not None and frame.f_code.co_name != "_run_once":
                if not frame.f_code.co_filename.endswith(("asyncio/events.py", "asyncio/base_events.py")):
                    place = place or frame
                callee = frame
                frame = frame.f_back
            if frame is None or callee is None or callee.f_code.co_name == "select":
                continue
            handle = frame.f_locals.get("handle")
            before = self.handles.get(ident)
            since = before[1] if before is not None and before[0] is handle else now
            running[ident] = (handle, since)
            if now - since > 0.2 and place is not None:
                name, native = self.label(ident)
                rows.append(
                    self.row("loop", name, native, "%.3f" % (now - since), self.site(place.f_code, place.f_lasti)))
        self.handles = running
        return rows

    # All stacks

    def dump(self, number):
        frames = sys._current_frames()
        rows = ["dump\t" + number]
        loops = []
        for ident, frame in frames.items():
            name, native = self.label(ident)
            if ident == self.service:
                native = self.serviceNative
            kind = "service" if ident == self.service else "known" if ident in self.threading._active else "foreign"
            rows.append(self.row("stack", ident, native, name, kind))
            record = self.waits.get(ident)
            if record is not None:
                owner = self.owner(record[0])
                holder, holder_native = self.label(owner) if owner else ("nobody", 0)
                rows.append(
                    self.row(
                        "waits", self.name(record[0], frames.values()), "%.3f" % (self.monotonic() - record[3]),
                        self.site(record[1], record[2]), holder, holder_native, int(record[4])))
            depth = 0
            while frame is not None and depth < 200:
                code = frame.f_code
                if code.co_filename == __file__:
                    frame = frame.f_back
                    continue
                rows.append(
                    self.row("frame", getattr(code, "co_qualname", code.co_name), self.file(code.co_filename), frame.f_lineno or 0))
                if code.co_name == "run_forever" and code.co_filename.endswith("asyncio/base_events.py"):
                    loops.append((name, frame.f_locals.get("self")))
                frame = frame.f_back
                depth += 1
        rows += self.locks(frames)
        for thread in list(self.waits):
            chain = self.circle(thread)
            if chain is not None and not any(row == "circle" for row in rows):
                rows.append("circle")
                rows += self.edges(chain, frames)
        for name, loop in loops:
            rows += self.tasks(name, loop)
        rows.append("end\t" + number)
        return rows

    def locks(self, frames):
        """Every lock that is held, by a walk over all objects: only for a dump."""
        import gc

        if self.untracked:
            return []
        rows = []
        for lock in gc.get_objects():
            kind = type(lock)
            if kind is not self.Lock and kind is not self.RLock:
                continue
            owner = self.owner(lock)
            if owner is None or len(rows) == 200:
                continue
            holder, native = self.label(owner)
            waiters = sum(1 for record in list(self.waits.values()) if record[0] is lock)
            rows.append(
                self.row("lock", self.name(lock, frames.values()), holder, native, self.site(lock.code, lock.at), waiters))
        return rows

    def tasks(self, name, loop):
        asyncio = sys.modules.get("asyncio")
        if loop is None or asyncio is None:
            return []
        rows = []
        for task in sorted(asyncio.all_tasks(loop), key=lambda task: task.get_name())[:500]:
            rows.append(self.row("task", task.get_name(), name))
            awaited = task.get_coro()
            depth = 0
            chain = []
            while awaited is not None and depth < 100:
                frame = getattr(awaited, "cr_frame", None) or getattr(awaited, "gi_frame", None)
                if frame is None:
                    break
                code = frame.f_code
                chain.append(
                    self.row("frame", getattr(code, "co_qualname", code.co_name), self.file(code.co_filename), frame.f_lineno or 0))
                awaited = getattr(awaited, "cr_await", None) or getattr(awaited, "gi_yieldfrom", None)
                depth += 1
            rows += reversed(chain)
        return rows

    def forked(self):
        """In a child that was forked: the other threads, and so their waits, are gone."""
        try:
            self.waits.clear()
            self.handles.clear()
            link, self.connection = self.connection, None
            if link is not None:
                link.close()
            self.connect()
        except Exception:
            self.connection = None


def _start():
    import os

    address = os.environ.get("CHAOS_WATCH")
    if not address or sys.implementation.name != "cpython" or sys.version_info < (3, 9):
        return
    watch = _Watch(address)
    watch.here = ""
    try:
        watch.track()
    except Exception as error:
        watch.untracked = "%s: %s" % (type(error).__name__, error)
    watch.connect()
    os.register_at_fork(after_in_child=watch.forked)


try:
    _start()
except Exception:
    # The watcher sees that nobody called, and says so.
    pass
_chain()
