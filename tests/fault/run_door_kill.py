"""A collector that is killed again and again while reports come: whatever it acknowledged is in
the store, whole, and nothing that was never sent. A quarter of the kills come while it starts.

usage: run_door_kill.py FAIRUSECTL LIBFAULTS [CASE…]
FAIRUSE_REPORTS (20000) and FAIRUSE_KILLS (10) say how much, FAIRUSE_SEED repeats a run."""

import os
import signal
import sys
import time

import door_faults as df
from door_faults import check, door, equal, world

EACH = 100  # reports a server: all of their counters are remembered
CONNECTIONS = 16
REPORTS = int(os.environ.get("FAIRUSE_REPORTS", "20000"))
KILLS = int(os.environ.get("FAIRUSE_KILLS", "10"))
HOURS = 3600


def count_of(c):
    """How many reports the store holds."""
    return c.rows("SELECT count(*) FROM report")[0][0]


class Killer:
    """Ends the collector at so many points of the load, spread by the dice."""

    def __init__(self, collector, dice):
        self.c, self.dice, self.kills = collector, dice, 0
        points = max(1, KILLS * 3 // 4)
        self.points = sorted(dice.randrange(REPORTS * 9 // 10) for _ in range(points))
        self.at_start = [0] * points  # kills before the first connection, after each point
        for _ in range(KILLS - points):
            self.at_start[dice.randrange(points)] += 1

    def kill(self):
        equal(self.c.end(signal.SIGKILL), -signal.SIGKILL, "it had ended by itself")
        self.kills += 1

    def wait(self, load, point):
        """Until there are so many reports in all."""
        before = count_of(self.c)
        while before + self.c.metrics()["fairuse_reports_stored_total"] < point:
            check(load.is_at_work(), "the load ended before", point)
            time.sleep(0.02)

    def run(self, load):
        for point, at_start in zip(self.points, self.at_start):
            self.wait(load, point)
            time.sleep(self.dice.uniform(0, 0.03))
            self.kill()
            for _ in range(at_start):
                self.c.start(wait=False)
                time.sleep(self.dice.uniform(0, 0.1))
                self.kill()
            self.c.start()


def test_what_was_acknowledged_survives_any_kill(folder):
    ctl, servers = world.Ctl(sys.argv[1], folder), max(1, REPORTS // EACH)
    collector = door.Collector(ctl, log_level="error", **df.ANY_NUMBER)
    with collector as c:
        c.enrol_many(servers)
        killer = Killer(c, df.make_dice())
        began = time.monotonic()
        with df.Load(c, count=servers, reports=REPORTS, connections=CONNECTIONS,
                     seconds=HOURS) as load:
            killer.run(load)
            said = load.end(HOURS)
        took = time.monotonic() - began
        equal((said["acknowledged"], said["refused"]), (REPORTS, 0), said)
        equal(c.end(signal.SIGKILL), -signal.SIGKILL)  # nothing is left to do at the end
        sent = {(n % servers, n // servers + 1) for n in range(REPORTS)}
        df.must_be_same(load.acknowledged(), sent)
        df.must_be_same(df.Left(c.path("store.db")).reports(), sent)
        check(c.is_sound())
        equal(killer.kills, KILLS, "kills: the load was over too soon")
        print(f"{REPORTS} reports of {servers} servers acknowledged in {took:.1f} s over "
              f"{killer.kills} kills, {said['again']} sent again; p99 {said['p99_us']} us")


df.run_cases(globals(), sys.argv[3:])
