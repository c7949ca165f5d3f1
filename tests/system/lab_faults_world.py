"""Twins: three servers whose agents hold the same observations twice. One set of agents sends them
over a quiet path to a collector that nobody disturbs, the other over a bad wire to one that is
killed, stopped, filled up and put back. What was observed is planted, so it is known to the second
what both stores must hold in the end, and what follows from it.

    c1, c2, c3 ── net ─┬─ veth ───── quiet   198.51.100.18
                       └─ the wire ─ stormy  198.51.100.34
"""

import contextlib
import fcntl
import json
import pathlib
import random
import shutil
import signal
import sqlite3
import subprocess
import time

import agent_world
import ctl_world
import door_world
import netns_world
import wire
from ctl_world import check, equal

PORT, LAB = 9443, ["203.0.113.0/24", "198.51.100.0/24"]
QUIET, STORMY = "198.51.100.18", "198.51.100.34"
ADDRESS = {n: f"203.0.113.{16 * n + 2}" for n in (1, 2, 3)}
ANY_NUMBER = {"server_per_minute": 0, "address_per_minute": 0, "address_burst": 1000000,
              "max_connections_per_address": 10000}
PATIENCE = 240  # seconds, for what ends by itself
OTHER_KERNEL = "11111111-2222-4333-8444-555555555555"

# ---- What was seen ----------------------------------------------------------------------------

PERIOD = ctl_world.Month.back(2)
RUNS, INSTALMENTS = 36, 12
RUN, STRETCHES, STRETCH, EACH = 72000, 4, 10800, 14400  # holes of an hour: more than 45 min
START = PERIOD.start()
AS_OF = START + RUNS * RUN  # 30 days
SOURCES = {"keyserver": 1, "interface": 4}
LICENSE = {1: 1, 2: 1, 3: 2}  # by server: licence 1 is in use on two
BIG, SMALL = "groot.example", "klein.example"


# A planted run, in either database.
PLANTED = "lower(hex(boot)) LIKE '0000000_00004000800000%'"


def server(n):
    return f"srv-{n}"


def boot(n, k):
    return f"{n:08x}-0000-4000-8000-{k:012x}"


class Run:
    """One earlier run of server n's agent; the k-th of RUNS, each with a boot of its own."""

    def __init__(self, n, k):
        self.n, self.k, self.t = n, k, START + k * RUN
        self.boot = boot(n, k)

    def sightings(self):
        """(licence, server, boot, address, source, first, last)"""
        return [(LICENSE[self.n], server(self.n), self.boot, ADDRESS[self.n], number,
                 self.t + j * EACH, self.t + j * EACH + STRETCH)
                for number in SOURCES.values() for j in range(STRETCHES)]

    def mail(self):
        """(domain, server, mailboxes, first, last): groot.example's touch those of the next run,
        within 45 minutes; klein.example's are of other numbers each time."""
        if self.n != 3:
            return []
        return [(BIG, server(3), 1042, self.t, self.t + RUN - 600),
                (SMALL, server(3), 10 + self.k % 2, self.t, self.t + RUN - 600)]

    def gaps(self):
        """(server, boot, what, first, last, lost)"""
        return [(server(self.n), self.boot, 0, self.t, self.t + 60, 100 + self.k)] \
            if self.k % 5 == 0 else []

    def plan(self, here=None):
        """Its lines for spool_plant. `here`: (this kernel's id, wall time of its start), else it
        was another one: then the times are as they are, whatever the clock does."""
        kernel, since = here or (OTHER_KERNEL, self.t)
        names = {number: name for name, number in SOURCES.items()}
        return "".join(
            [f"run {self.boot} {kernel} {self.t} {self.t - since}\n"]
            + [f"seen {ctl_world.key(x)} {address} {names[source]} {first} {last}\n"
               for x, _, _, address, source, first, last in self.sightings()]
            + [f"mail {domain} {count} {first} {last}\n"
               for domain, _, count, first, last in self.mail()]
            + [f"gap capture {first} {last} {lost}\n" for *_, first, last, lost in self.gaps()])


ALL = [Run(n, k) for n in ADDRESS for k in range(RUNS)]


def joined(rows):
    """The union of stretches (…, first, last) of one key, over gaps of at most 45 minutes."""
    result = []
    for row in sorted(rows):
        *key, first, last = row
        if result and result[-1][:-2] == key and first - result[-1][-1] <= 2700:
            result[-1][-1] = max(last, result[-1][-1])
        else:
            result.append([*key, first, last])
    return sorted(map(tuple, result))


class Held:
    """What a collector holds of the planted runs: by what was planted, or by its store."""

    def __init__(self, sightings, mail, gaps):
        self.sightings, self.mail, self.gaps = sightings, mail, gaps

    @classmethod
    def of_runs(cls, runs):
        runs = list(runs)
        return cls(joined(x for r in runs for x in r.sightings()),
                   joined(x for r in runs for x in r.mail()),
                   sorted(x for r in runs for x in r.gaps()))

    @classmethod
    def of_store(cls, path):
        """Peers too, should there be any: an old run is not live and has none."""
        db = sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=30)
        machine = " JOIN machine m ON m.id = x.machine JOIN server s ON s.id = m.server" \
                  f" WHERE {PLANTED}"
        try:
            seen = db.execute("SELECT license % 100000000, s.name, lower(hex(m.boot)), address,"
                              f" source, first, last FROM sighting x{machine}").fetchall()
            mail = db.execute("SELECT domain, s.name, mailboxes, first, last FROM mail_row x JOIN"
                              " server s ON s.id = x.server").fetchall()
            gaps = db.execute("SELECT s.name, lower(hex(m.boot)), what, first, last, lost"
                              f" FROM gap x{machine}").fetchall()
        finally:
            db.close()
        return cls(sorted((x, name, dashed(b), dotted(a), *more) for x, name, b, a, *more in seen),
                   sorted(mail), sorted((name, dashed(b), *more) for name, b, *more in gaps))

    def must_equal(self, other, slack=0):
        """Row by row; times may be off by so many seconds."""
        for what in ("sightings", "mail", "gaps"):
            mine, theirs = getattr(self, what), getattr(other, what)
            if slack:
                check(len(mine) == len(theirs) and all(
                    near(a, b, slack) for a, b in zip(mine, theirs)), what, "differ:",
                    *[(a, b) for a, b in zip(mine, theirs) if not near(a, b, slack)][:5])
            else:
                check(mine == theirs, what, "differ: only here", *sorted(
                    set(mine) - set(theirs))[:5], "only there", *sorted(
                        set(theirs) - set(mine))[:5])


def planted_boots(db):
    return {b for b, in db.execute(f"SELECT lower(hex(boot)) FROM machine WHERE {PLANTED}")}


def this_kernel():
    """Its id, and wall time at its start."""
    text = pathlib.Path("/proc/sys/kernel/random/boot_id").read_text()
    return text.strip(), int(time.time()) - int(time.clock_gettime(time.CLOCK_BOOTTIME))


def without_times(text):
    """What an audit says of whom and how much: all that can be charged, and the drafts."""
    said = json.loads(text)
    return [[x[k] for k in ("kind", "state", "reseller", "subject", "quantity")]
            for x in said["findings"] if x["state"] != "notice"], said["due"]


def near(a, b, slack):
    """Rows that differ in their times alone, and not by much."""
    return len(a) == len(b) and all(
        x == y or (isinstance(x, int) and x > 10 ** 9 and abs(x - y) <= slack)
        for x, y in zip(a, b))


def dashed(text):
    return "-".join((text[:8], text[8:12], text[12:16], text[16:20], text[20:]))


def dotted(blob):
    return ".".join(map(str, blob[1:])) if blob[0] == 4 else blob.hex()


# ---- Processes in their namespaces ------------------------------------------------------------


def within(world, space):
    """The beginning of a command: in the namespace, and gone when the test is."""
    return ["setpriv", "--pdeathsig", "KILL", "nsenter", f"--net=/run/netns/{world.full(space)}"]


def reach(address, port):
    netns_world.connect_once(address, port, None)
    return True


class Collector(door_world.Collector):
    """A collector in a namespace; its store is in a folder of its own, which may be a disk."""

    def __init__(self, world, program, folder, space, address):
        self.world, self.space, self.address = world, space, address
        folder.mkdir(exist_ok=True)
        self.disk = folder / "store"
        self.disk.mkdir()
        super().__init__(ctl_world.Ctl(program / "fairusectl", folder),
                         listen=[f"{address}:{PORT}"], names=[QUIET, STORMY], **ANY_NUMBER)
        self.wrapper = within(world, space)

    def path(self, name):
        return self.disk / name if name.startswith("store.db") else self.ctl.path(name)

    def is_up(self):
        check(self.process.poll() is None, "it ended at once:", self.process.poll(), self.log())
        return netns_world.inside(self.world.full(self.space), reach, self.address, PORT) is True

    def url(self):
        return f"https://{self.address}:{PORT}"


class Agent(agent_world.Agent):
    """The agent of server n, with what it has yet to be given."""

    def __init__(self, world, program, ctl, n, collector, programs=None):
        super().__init__(ctl, f"agent-{n}", programs=programs or program,
                         collectors=[collector.url()], lab_networks=LAB, look="3s")
        self.n, self.here = n, None
        self.wrapper, self.plant = within(world, f"c{n}"), program / "spool_plant"
        self.put_key(number=ctl_world.key(LICENSE[n]))
        size = RUNS // INSTALMENTS
        self.to_come = [[Run(n, k) for k in range(i, i + size)] for i in range(0, RUNS, size)]

    def end(self, number=signal.SIGTERM):
        """Also waits for a child that was forked in that moment: until it is another program it
        shares the lock of the spool, and whoever comes next would be told to try again."""
        def is_free():
            with open(self.state / "spool.db.lock", "ab") as lock, contextlib.suppress(OSError):
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return True
        code = super().end(number)
        if (self.state / "spool.db.lock").exists():
            agent_world.wait_for(is_free, "the spool's lock")
        return code

    def give(self):
        """The latest of what it has not been given yet; only while it does not run."""
        if not self.to_come:
            return
        plan = "".join(run.plan(self.here) for run in self.to_come.pop())
        done = subprocess.run([str(self.plant), str(self.state / "spool.db")], input=plan,
                              capture_output=True, text=True, timeout=60, check=False)
        equal((done.returncode, done.stderr), (0, ""), "planting")

    def holding(self):
        """How many planted runs wait in the spool."""
        return self.rows("SELECT count(DISTINCT r.id) FROM run r JOIN stretch s ON s.run = r.id"
                         f" WHERE s.place <> 4 AND {PLANTED}")[0][0]

    def waiting(self):
        """The same, and those that are to come."""
        return self.holding() + sum(map(len, self.to_come))

    def leaving(self):
        """The boot of the planted run whose report is under way, or None."""
        found = self.rows(f"SELECT lower(hex(boot)) FROM run WHERE is_leaving AND {PLANTED}")
        return found[0][0] if found else None

    def resent(self):
        """How often it was asked for all that had been acknowledged."""
        return self.log().count("resend rows=")

    def restart(self, number=signal.SIGKILL):
        self.end(number)
        self.give()
        return self.start()

    def uplinks(self):
        return [pid for name, pid in self.children().items() if name == "fairuse-uplink"]


class Side:
    """One of the twins: a collector and the agents that report to it."""

    def __init__(self, lab, name, space="stormy", programs=None):
        self.lab, self.folder = lab, lab.folder / name
        self.folder.mkdir()
        address = {"quiet": QUIET, "stormy": STORMY}[space]
        self.collector = Collector(lab.world, lab.program, self.folder, space, address)
        self.agents = [Agent(lab.world, lab.program, self.collector.ctl, n, self.collector,
                             (programs or {}).get(n)) for n in ADDRESS]
        self.mounts = []

    def mount(self, folder, megabytes):
        """A disk of its own, with what the folder holds; only while nothing runs there."""
        held = folder.with_name(folder.name + ".held")
        folder.rename(held)
        folder.mkdir()
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={megabytes}m,mode=0755", "tmpfs",
                        folder], check=True)
        self.mounts.append(folder)
        shutil.copytree(held, folder, dirs_exist_ok=True)
        shutil.copystat(held, folder)

    def like(self, other):
        """Begins as a copy of another side: its store, its authority, its agents' identities."""
        shutil.copytree(other.collector.disk, self.collector.disk, dirs_exist_ok=True)
        for mine, theirs in zip(self.agents, other.agents):
            shutil.copytree(theirs.state, mine.state)
        return self

    def start(self, instalments=1):
        self.collector.start()
        for agent in self.agents:
            for _ in range(instalments):
                agent.give()
            agent.start()
        return self

    def waiting(self):
        return sum(agent.waiting() for agent in self.agents)

    def holding(self):
        return sum(agent.holding() for agent in self.agents)

    def wait_until(self, runs):
        """No more than so many planted runs wait."""
        def is_enough():
            for agent in self.agents:
                check(agent.process.poll() is None, "an agent ended:", agent.log()[-2000:])
            return self.waiting() <= runs
        agent_world.wait_for(is_enough, f"{runs} to wait, not {self.waiting()}", PATIENCE)

    def finish(self):
        """All is given and sent; then nothing runs any more."""
        for agent in self.agents:
            if agent.to_come:
                agent.end()
                while agent.to_come:
                    agent.give()
                agent.start()
        self.wait_until(0)
        self.end()
        return self

    def end(self):
        codes = [each.end() for each in [*self.agents, self.collector]]
        check(set(codes) <= {0, None}, "exit codes", codes)

    def __enter__(self):
        return self

    def __exit__(self, *failure):
        for each in [*self.agents, self.collector]:
            if failure[0] is not None:
                print(f"---- the log of {each.wrapper[-1]}\n{each.log()[-1500:]}")
            each.end(signal.SIGKILL)
        for folder in self.mounts:
            subprocess.run(["umount", "-l", folder], check=False)

    # ---- What is there in the end

    def held(self):
        return Held.of_store(self.collector.path("store.db"))

    def findings(self):
        """The audit of the planted period, as text."""
        return self.collector.ctl.must("audit", "--period", PERIOD, "--as-of", AS_OF, "--format",
                                       "json")

    def must_be_sound(self, but=()):
        """The store passes its check, no counter came with two bodies, and what agents (`but`
        these) hold of their own time as acknowledged is there."""
        check(self.collector.is_sound())
        equal(self.collector.rows("SELECT count(*) FROM fork"), [(0,)], "counters that came twice")
        for agent in self.agents:
            if agent.n not in but:
                self.must_have_live(agent)

    def must_have_live(self, agent):
        mine = [(x["first"], x["last"]) for x in agent.history() if x.get("source") == "interface"
                and x["first"] > AS_OF]
        there = self.collector.rows(
            "SELECT first, last FROM sighting x JOIN machine m ON m.id = x.machine JOIN server s"
            " ON s.id = m.server WHERE s.name = ? AND x.source = 4 AND x.first > ?",
            server(agent.n), AS_OF)
        there = joined(there)
        check(mine, "nothing of its own was acknowledged to", agent.n)
        for first, last in mine:
            check(any(a <= first and last <= b for a, b in there), "acknowledged to", agent.n,
                  "and not there:", (first, last), there)

    def twice(self):
        """Planted runs whose report came more than once: each is an answer that was lost."""
        return self.collector.rows(
            "SELECT count(*) FROM (SELECT 1 FROM report r JOIN machine m ON m.id = r.machine"
            f" WHERE {PLANTED} GROUP BY r.machine HAVING count(*) > 1)")[0][0]

    def stored(self):
        """The boots of planted runs of which there was a report."""
        with contextlib.closing(sqlite3.connect(
                f"file:{self.collector.path('store.db')}?mode=ro", uri=True, timeout=30)) as db:
            return planted_boots(db)

    def is_stored(self, boot):
        return boot in self.stored()


# ---- The lab ----------------------------------------------------------------------------------


class Lab:
    """The network, and the twin that nobody disturbs, done once."""

    def __init__(self, program, world, seed):
        self.program, self.world, self.folder = program, world, world.folder
        self.dice = random.Random(seed)
        world.add("net")
        world.forwards("net")
        world.add("quiet")
        world.join("quiet", "eth0", "net", "quiet0")
        world.address("net", "quiet0", "198.51.100.17/28")
        world.address("quiet", "eth0", f"{QUIET}/28")
        world.ip("quiet", "route", "add", "default", "via", "198.51.100.17")
        for n, address in ADDRESS.items():
            world.add(f"c{n}")
            world.join(f"c{n}", "eth0", "net", f"cust{n}")
            world.address("net", f"cust{n}", f"203.0.113.{16 * n + 1}/28")
            world.address(f"c{n}", "eth0", f"{address}/28")
            world.ip(f"c{n}", "route", "add", "default", "via", f"203.0.113.{16 * n + 1}")
        world.add("stormy")
        self.wire = wire.Wire(world, ("net", "wire0", "198.51.100.33/28"),
                              ("stormy", "eth0", f"{STORMY}/28"), seed)
        self.route()

    def route(self):
        self.world.ip("stormy", "route", "replace", "default", "via", "198.51.100.33")

    def scene(self):
        """42 mailboxes above the limit are five blocks of ten: 25.00. Licence 1 on two servers is
        one extra: 12.50."""
        scene = ctl_world.Scene().reseller("r1", networks=["203.0.113.0/24"])
        scene.license(1, "r1").license(2, "r1").domain(BIG, "r1").domain(SMALL, "r1")
        scene.tariff("extra-ip", "EUR", "12.50").tariff("mailboxes", "EUR", "5.00", block=10)
        for n in ADDRESS:
            scene.server(server(n), "r1")
        return scene

    def enrolled(self):
        """A side whose agents are enrolled and have seen nothing yet: what all others begin as."""
        side = Side(self, "enrolled", "quiet")
        collector = side.collector
        collector.install(self.scene()).start()
        for agent in side.agents:
            agent.must("enroll", collector.url(),
                       data=collector.token("--server", server(agent.n)) + "\n")
        collector.end()
        # As if they had been there for long: what was seen before an enrolment is not counted.
        db = sqlite3.connect(collector.path("store.db"), isolation_level=None)
        db.execute("UPDATE server SET enrolled_at = ?", (START - 86400,))
        db.close()
        return side

    def prepare(self):
        """The twin that nobody disturbs; done once, for all cases."""
        self.first = self.enrolled()
        with Side(self, "quiet", "quiet").like(self.first) as side:
            side.start(INSTALMENTS).finish()
        self.twin, self.said = side.held(), side.findings()
        self.quiet = side
        return self

    def side(self, name, **more):
        return Side(self, name, **more).like(self.first)
