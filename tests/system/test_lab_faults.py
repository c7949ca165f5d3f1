"""A real network that fails, processes that are killed, stopped and starved on it, clocks that are
set, and a backup that is put back: in the end the collector's store, the findings and the drafts
are those of a twin that nobody disturbed. Needs root.

FAIRUSE_SEED repeats a run."""

import contextlib
import json
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

import agent_world
import ctl_world
import lab_faults_world as lf
import netns_world
import storm
from ctl_world import check, equal

PREFIX = "fairuse-storm-"


def test_the_twin_holds_what_was_seen(lab):
    """The plan's own union, and by hand what follows from it: licence 1 on two servers for 22
    days of the 30; 1,042 mailboxes for 30 days."""
    lab.twin.must_equal(lf.Held.of_runs(lf.ALL))
    lab.quiet.must_be_sound()
    said = json.loads(lab.said)
    equal([(x["kind"], x["state"], x["subject"], x["quantity"]) for x in said["findings"]],
          [("extra-ip", "confirmed", "PLSK.00000001", 1),
           ("mailboxes", "confirmed", "groot.example", 42)])
    equal([(x["kind"], x["subject"], x["draft"]) for x in said["due"]],
          [("extra-ip", "PLSK.00000001", "12.50"), ("mailboxes", "groot.example", "25.00")])


def test_whatever_differs_is_found(lab):
    """The comparison itself: a row less, a row more, a second, a mailbox."""
    path = lab.quiet.collector.path("store.db").with_name("lie.db")
    some = "machine IN (SELECT id FROM machine WHERE %s) AND source = 4 AND last < %d" % (
        lf.PLANTED, lf.AS_OF)
    a_row = "(license, machine, first) = (SELECT license, machine, first FROM sighting" \
            f" WHERE {some})"
    for lie, slack in [
            (f"DELETE FROM sighting WHERE {a_row} AND source = 4", 60),
            (f"UPDATE sighting SET last = last + 1 WHERE {a_row}", 0),
            (f"UPDATE sighting SET last = last + 61 WHERE {a_row}", 60),
            (f"INSERT INTO sighting SELECT license, machine, address, 2, first, last FROM sighting"
             f" WHERE {a_row} AND source = 4", 60),
            ("UPDATE mail_row SET mailboxes = 1043 WHERE mailboxes = 1042", 60),
            ("UPDATE gap SET lost = lost + 1 WHERE lost = 100", 60),
            ("DELETE FROM gap WHERE lost = 100", 60)]:
        shutil.copy(lab.quiet.collector.path("store.db"), path)
        with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as db:
            check(db.execute(lie).rowcount > 0, "nothing changed:", lie)
        with contextlib.suppress(AssertionError):
            lf.Held.of_store(path).must_equal(lab.twin, slack)
            raise SystemError(f"not found: {lie}")
    lf.Held.of_store(lab.quiet.collector.path("store.db")).must_equal(lab.twin)


def test_a_storm_leaves_no_trace(lab):
    with lab.side("storm") as side:
        side.mount(side.collector.disk, 24)
        side.mount(side.agents[0].state, 4)
        side.agents[1].here = lf.this_kernel()  # nobody sets its clock
        side.start()
        weather = storm.Storm(lab, side, lab.dice)
        weather.rage()
        side.finish()
        weather.must_have_struck()
        equal([agent.resent() for agent in side.agents], [0, 0, 0], "the store lost nothing")
        side.must_be_sound()
        side.held().must_equal(lab.twin)
        equal(side.findings(), lab.said)


def test_a_clock_that_is_set_moves_nothing(lab):
    """A server's clock goes a day ahead, a day back and right again while its agent sends what
    earlier runs saw since the machine was started. The collector puts such reports right by the
    time of receipt, so they are as exact as the way is quick: 60 s is the contract's slack."""
    offset = lab.folder / "offset"
    agent_world.set_clock(offset, 0)
    programs = agent_world.shifted_programs(ctl_world.Ctl(lab.program / "fairusectl", lab.folder),
                                            offset)
    with lab.side("clock", programs={3: programs}) as side:
        agent = side.agents[2]
        agent.here = lf.this_kernel()
        side.start(lf.INSTALMENTS - 1)
        lab.wire.set(**storm.BAD)
        for jump in (86400, -86400, 0):
            agent_world.set_clock(offset, jump)
            still = agent.waiting()
            agent_world.wait_for(lambda: agent.waiting() <= still - 8, "reports to be taken",
                                 lf.PATIENCE)
            agent.restart(lab.dice.choice([signal.SIGKILL, signal.SIGTERM]))
        lab.wire.set()
        side.finish()
        check("report-refused" not in agent.log(), agent.log())
        side.must_be_sound(but=[3])  # what is its own is noted there by its own clock
        side.held().must_equal(lab.twin, slack=60)
        equal(*(lf.without_times(x) for x in (side.findings(), lab.said)))


def put_back(side, backup, meanwhile):
    """As the manual says. What the store held that goes: the boots of planted runs."""
    equal(side.collector.end(), 0)
    held = side.stored()
    meanwhile()
    for name in ("store.db-wal", "store.db-shm"):
        side.collector.path(name).unlink(missing_ok=True)
    shutil.copy(backup, side.collector.path("store.db"))
    check(side.collector.is_sound())
    gone = held - side.stored()
    side.collector.start()
    return gone


def test_an_older_backup_is_put_back(lab):
    """What was acknowledged since the backup comes back by itself, each run's under its own name,
    also from an agent that was killed meanwhile: then the store and the money are the twin's."""
    with lab.side("backup") as side:
        side.start(lf.INSTALMENTS - 2)
        side.wait_until(len(lf.ALL) - 24)
        backup = side.folder / "backup.db"
        subprocess.run(["sqlite3", side.collector.path("store.db"), f".backup '{backup}'"],
                       check=True)
        had = side.waiting()
        side.wait_until(had - 24)
        equal([agent.resent() for agent in side.agents], [0, 0, 0], "nothing was lost yet")
        gone = put_back(side, backup, side.agents[0].restart)
        check(len(gone) >= 12, "too little was lost to tell anything", len(gone))
        print(f"  {len(gone)} of {len(lf.ALL)} old runs went with the store", flush=True)
        for agent in side.agents:
            agent_world.wait_for(agent.resent, f"{agent.n} to be asked again", lf.PATIENCE)
        side.finish()
        equal([agent.resent() for agent in side.agents], [1, 1, 1])
        check("resend server=" in side.collector.log(), side.collector.log())
        side.must_be_sound()
        side.held().must_equal(lab.twin)
        equal(side.findings(), lab.said)


# ---- Running ------------------------------------------------------------------------------------


def sweep():
    """Disks and folders of tests that were killed."""
    for line in pathlib.Path("/proc/mounts").read_text().splitlines():
        path = line.split()[1]
        if f"/{PREFIX}" in path and is_dead(path):
            subprocess.run(["umount", "-l", path], check=False)
    for path in pathlib.Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        if is_dead(str(path)):
            shutil.rmtree(path, ignore_errors=True)


def is_dead(path):
    pid = path.split(PREFIX, 1)[1].split("-")[0]
    return pid.isdigit() and not pathlib.Path("/proc", pid).exists()


def run_case(lab, name, case):
    began = time.monotonic()
    try:
        case(lab)
    except Exception:  # whatever it is, the other cases still run
        print(f"FAILED {name}: {case.__doc__ or ''}\n{traceback.format_exc()}", flush=True)
        return 1
    finally:
        lab.wire.set()
        print(f"{time.monotonic() - began:6.1f} s  {name}", flush=True)
    return 0


def main():
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # what was begun is ended then too
    why = netns_world.missing()
    if why:
        sys.exit(f"nothing was tested: {why}")
    sweep()
    seed = int(os.environ.get("FAIRUSE_SEED", random.randrange(1 << 32)))
    print(f"seed {seed} (FAIRUSE_SEED repeats it)", flush=True)
    cases = [(name[5:], case) for name, case in globals().items() if name.startswith("test_")
             and (not sys.argv[2:] or any(word in name for word in sys.argv[2:]))]
    folder = tempfile.mkdtemp(prefix=f"{PREFIX}{os.getpid()}-")
    try:
        with netns_world.World(folder) as world:
            lab = lf.Lab(pathlib.Path(sys.argv[1]).resolve().parent, world, seed).prepare()
            failed = sum(run_case(lab, *case) for case in cases)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    print(f"{len(cases) - failed} cases passed, {failed} failed")
    sys.exit(1 if failed or not cases else 0)


if __name__ == "__main__":
    main()
