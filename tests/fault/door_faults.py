"""What the fault tests of the collector share: a load in the background and what its reports
must have left in the store, faults in a collector that runs, and how cases are run."""

import ctypes
import mmap
import os
import pathlib
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
import traceback

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "system"))
import ctl_world as world  # noqa: E402 (the path is made above)
import door_world as door  # noqa: E402
from ctl_world import check, equal  # noqa: E402

WINDOW = 128  # counters that a store remembers of a machine
SPACING, FIRST = 7200, 1590969600  # of the load generator's reports
SEEN = [(bytes([4, 203, 0, 113, 9]), "keyserver"), (bytes([4, 203, 0, 113, 9]), "interface"),
        (bytes.fromhex("0620010db8000000000000000000000009"), "interface")]
PEER, KEYSERVER, INTERFACE = 0, 1, 4
ANY_NUMBER = {"server_per_minute": 0, "address_per_minute": 0, "address_burst": 1000000,
              "max_connections_per_address": 10000}
RECOVERY_S = 20  # within so many seconds after a fault all is as before


def make_dice():
    seed = int(os.environ.get("FAIRUSE_SEED", random.randrange(1 << 32)))
    print(f"seed {seed} (FAIRUSE_SEED repeats it)", flush=True)
    return random.Random(seed)


def must_be_same(there, wanted):
    """Reports in a store, and those that should be."""
    check(there == wanted, "lost:", sorted(wanted - there)[:9], "and too many:",
          sorted(there - wanted)[:9])


# ---- Load -------------------------------------------------------------------------------------


class Load:
    """The load generator, in the background."""

    def __init__(self, collector, **more):
        self.acked = collector.path("acked")
        self.acked.unlink(missing_ok=True)
        self.process = subprocess.Popen(
            collector.load_words("report", acked=self.acked, **more), stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL, text=True)

    def is_at_work(self):
        return self.process.poll() is None

    def end(self, seconds=door.NOBODY_WAITS_LONGER):
        """What it says, as numbers; never a process left behind."""
        try:
            out, _ = self.process.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.communicate()
            raise
        return {name: int(value) for name, value in map(str.split, out.splitlines())}

    def __enter__(self):
        return self

    def __exit__(self, *_failure):
        if self.is_at_work():
            self.process.kill()
        self.process.communicate()

    def acknowledged(self):
        """{(server, counter)}"""
        return {tuple(map(int, line.split()))
                for line in self.acked.read_text().splitlines()}


class Left:
    """What reports of the load generator left in a store."""

    def __init__(self, path, base=0):
        db = sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=30)
        db.execute("PRAGMA query_only = 1")
        try:
            db.execute("BEGIN")
            machines = {number: int.from_bytes(boot[:4], "big") - base
                        for number, boot in db.execute("SELECT id, boot FROM machine")}
            self.sightings = [(machines[m], *row) for m, *row in db.execute(
                "SELECT machine, license % 100000000, address, source, first, last"
                " FROM sighting WHERE source <> ?", (PEER,))]
            self.peers = db.execute("SELECT count(DISTINCT machine) FROM sighting"
                                    " WHERE source = ?", (PEER,)).fetchone()[0]
            self.mail = db.execute(
                "SELECT domain, mailboxes, aliases, forwards, lists, alias_domains, catch_all,"
                " filtered, first, last FROM mail_row").fetchall()
            self.counters = [(machines[m], counter) for m, counter in
                             db.execute("SELECT machine, counter FROM report")]
            self.tally = db.execute("SELECT first, sightings, mail_rows FROM tally").fetchone()
            self.all_sightings = db.execute("SELECT count(*) FROM sighting").fetchone()[0]
            self.forks = db.execute("SELECT count(*) FROM fork").fetchone()[0]
        finally:
            db.close()

    def reports(self):
        """{(server, counter)} of those that are there whole; anything else is an error."""
        found = set(self.counters)
        equal(len(found), len(self.counters), "a report counted twice")
        sources = {"keyserver": KEYSERVER, "interface": INTERFACE}
        rows = {(s, s + 1, address, sources[source], FIRST + c * SPACING,
                 FIRST + c * SPACING + 60) for s, c in found for address, source in SEEN}
        there = set(self.sightings)
        equal((len(there), len(rows)), (len(self.sightings), len(self.sightings)), "sightings")
        check(there == rows, "not the sightings of what was counted:", *list(there ^ rows)[:5])
        rows = {(f"d{s}.example", 42, 12, 3, 0, 1, 0, 1, FIRST + c * SPACING,
                 FIRST + c * SPACING + 60) for s, c in found}
        check(set(self.mail) == rows and len(self.mail) == len(rows),
              "not the mailbox rows of what was counted:", *list(set(self.mail) ^ rows)[:5])
        equal(self.peers, len({s for s, _ in found}), "machines whose peer was noted")
        equal(self.forks, 0, "forks")
        first = min(c for _, c in found) * SPACING + FIRST if found else None
        equal(self.tally, (first, self.all_sightings, len(self.mail)), "the tally")
        return found


# ---- A collector and a sender ----------------------------------------------------------------


class Store(door.Collector):
    """A collector with its store in a folder of its own, which may be another disk."""

    def __init__(self, folder, **settings):
        self.disk = folder / "disk"
        self.disk.mkdir(exist_ok=True)
        super().__init__(world.Ctl(sys.argv[1], folder), **{**ANY_NUMBER, **settings})
        self.sender = None

    def path(self, name):
        return self.disk / name if name.startswith("store.db") else self.ctl.path(name)

    def __enter__(self):
        if not self.process:
            self.install().start()
        self.sender = Sender(self)
        return self

    def health(self):
        status, text = self.look("/healthz")
        check(status in (200, 503) and ('"ok"' in text) == (status == 200), status, text)
        return status

    def must_recover(self):
        """Within a bound, without a restart."""
        until = time.monotonic() + RECOVERY_S
        while (answer := self.sender.post()).status != 200:
            equal(answer.status, 503, answer)
            check(time.monotonic() < until, "it does not come back:", answer, self.log()[-2000:])
            time.sleep(0.1)
        equal(self.health(), 200, "after it came back")

    def must_refuse(self, answer, *said):
        equal(answer.status, 503, answer, *said)
        check(int(answer.headers["Retry-After"]) > 0, answer)
        equal(self.health(), 503, *said)


class Sender:
    """One server whose reports are each looked for: two sightings, mailboxes, the counter."""

    def __init__(self, collector):
        self.c, self.agent = collector, collector.enrol()
        self.acked, self.refused, self.counter = set(), set(), 0

    def body(self, counter):
        first = FIRST + counter * SPACING
        return door.report(
            1, counter, self.agent.server, live=False,
            sightings=[world.seen(world.key(1), "203.0.113.9", first, first + 60, source)
                       for source in ("keyserver", "interface")],
            mailboxes=[world.counted(self.agent.server + ".example", 7, first, first + 60)])

    def post(self, counter=None):
        """The next report, or one again."""
        if counter is None:
            self.counter += 1
            counter = self.counter
        answer = self.agent.post(self.body(counter))
        (self.acked if answer.status == 200 else self.refused).add(counter)
        return answer

    def stored(self):
        """{counter} of the reports that are there whole."""
        machine = self.c.rows("SELECT m.id FROM machine m WHERE hex(m.boot) = ?",
                              world.boot(self.agent.server).replace("-", "").upper())
        machine = machine[0][0] if machine else 0
        seen = [(first - FIRST) // SPACING for (first,) in self.c.rows(
            "SELECT first FROM sighting WHERE machine = ? AND last = first + 60", machine)]
        mail = [(first - FIRST) // SPACING for (first,) in self.c.rows(
            "SELECT first FROM mail_row WHERE domain = ?",
            self.agent.server.lower() + ".example")]
        counted = {n for (n,) in self.c.rows("SELECT counter FROM report WHERE machine = ?",
                                             machine)}
        equal(sorted(seen), sorted(mail * 2), "half a report is there")
        equal(counted, {n for n in mail if n > max(mail) - WINDOW}, "counters")
        return set(mail)

    def must_hold(self):
        stored = self.stored()
        check(self.acked <= stored, "acknowledged and lost:", sorted(self.acked - stored))
        strangers = stored - self.acked - self.refused
        check(not strangers, "never sent:", sorted(strangers))
        check(self.c.is_sound())

    def withdraw(self):
        """Takes its own out of the store: the rest is the load's."""
        db = sqlite3.connect(self.c.path("store.db"), isolation_level=None)
        machine = db.execute("SELECT id FROM machine WHERE hex(boot) = ?", (world.boot(
            self.agent.server).replace("-", "").upper(),)).fetchone()
        db.execute("BEGIN")
        if machine:
            for table in ("sighting", "report", "license_seen"):
                db.execute(f"DELETE FROM {table} WHERE machine = ?", machine)
            db.execute("DELETE FROM mail_row WHERE domain = ?",
                       (self.agent.server.lower() + ".example",))
            db.execute("DELETE FROM machine WHERE id = ?", machine)
            db.execute("UPDATE tally SET first = (SELECT min(first) FROM sighting),"
                       " sightings = (SELECT count(*) FROM sighting),"
                       " mail_rows = (SELECT count(*) FROM mail_row)")
        db.execute("COMMIT")
        db.close()


# ---- Faults in a collector that runs ------------------------------------------------------------


class Faults:
    """Tells the library faults.c in another process which write is to fail (FAULT_CONTROL)."""

    SIZE = 48

    def __init__(self, path, library):
        self.path, self.library = pathlib.Path(path), str(pathlib.Path(library).resolve())
        self.path.write_bytes(bytes(self.SIZE))
        with open(self.path, "r+b") as file:
            self.page = mmap.mmap(file.fileno(), self.SIZE)
        self.words = (ctypes.c_int64 * 6).from_buffer(self.page)

    def env(self):
        before = os.environ.get("ASAN_OPTIONS", "")
        return {"LD_PRELOAD": self.library, "FAULT_CONTROL": str(self.path),
                "ASAN_OPTIONS": f"{before}:verify_asan_link_order=0"}

    def arm(self, write, error, *, sticky=False, half=False):
        """From now on the writes are counted, and the `write`-th fails (0 = none)."""
        for at, value in enumerate((0, error, sticky, half, 0, 0)):
            self.words[at] = int(value)
        self.words[0] = write

    def disarm(self):
        """How many writes there were since, and how many of them failed."""
        self.words[0] = 0
        return self.words[4], self.words[5]


# ---- Running cases ------------------------------------------------------------------------------


NEW_MOUNTS = 0x00020000  # CLONE_NEWNS


def keep_mounts_to_ourselves():
    """What is mounted here nobody else sees, and it goes with this process, however it ends."""
    if ctypes.CDLL(None).unshare(NEW_MOUNTS) == 0:
        subprocess.run(["mount", "--make-rprivate", "/"], check=True)


def run_cases(module, chosen):
    """Every function test_*(folder) of a module. Exits with the tally."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # what was begun is ended then too
    keep_mounts_to_ourselves()
    cases = [(name[5:], case) for name, case in module.items()
             if name.startswith("test_") and (not chosen or any(w in name for w in chosen))]
    failed = 0
    for name, case in cases:
        folder = pathlib.Path(tempfile.mkdtemp(prefix="fairuse-door-"))
        try:
            case(folder)
        except Exception:  # whatever it is, the other cases still run
            failed += 1
            print(f"FAILED {name}: {case.__doc__ or ''}\n{traceback.format_exc()}", flush=True)
        finally:
            shutil.rmtree(folder, ignore_errors=True)
    print(f"{len(cases) - failed} cases passed, {failed} failed")
    sys.exit(1 if failed or not cases else 0)
