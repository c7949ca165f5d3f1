"""A collector whose store is put back, taken away, or held by others, and one that is stopped or
told to read its settings under load: what it acknowledged holds, what it cannot keep is told to
come again, and it goes on without a restart.

usage: run_door_store.py FAIRUSECTL LIBFAULTS [CASE…]
FAIRUSE_SEED repeats a run."""

import contextlib
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
import time

import door_faults as df
from door_faults import Left, Load, Store, check, equal

BASE = 1000  # boots of a second load are not those of the first
DICE = df.make_dice()


# ---- The store is put back --------------------------------------------------------------------


def back_up(c, name):
    live, copy = sqlite3.connect(c.path("store.db")), sqlite3.connect(c.path(name))
    live.backup(copy)
    live.close()
    copy.execute("PRAGMA journal_mode = WAL")
    copy.close()


def put_back(folder, removed, read_s=0):
    """An older backup in place of the store, under the collector that writes to it, and under
    a program that still reads the old one for so long."""
    with Store(folder) as c, contextlib.ExitStack() as reading:
        c.enrol_many(10)
        for _ in range(5):
            equal(c.sender.post().status, 200)
        back_up(c, "backup")
        for _ in range(5):
            equal(c.sender.post().status, 200)
        c.run_load(count=10, reports=500, connections=5)
        if read_s:
            reading.enter_context(read_for(c, read_s))
        shutil.copy(c.path("backup"), c.path("store.db.new"))
        c.path("store.db.new").rename(c.path("store.db"))
        for suffix in removed:
            c.path(f"store.db{suffix}").unlink(missing_ok=True)
        c.sender.acked = set(range(1, 6))  # what came since the backup is gone, by intent
        c.sender.refused |= set(range(6, 11))
        c.must_recover()
        c.sender.must_hold()
        reading.close()
        equal(c.end(signal.SIGKILL), -signal.SIGKILL)  # with a log, which is played back
        c.start()
        c.sender.must_hold()
        equal(c.sender.stored() & set(range(6, 11)), set(), "the old log was played back")
        write_beside(c)
        c.end(signal.SIGKILL)
        c.sender.withdraw()
        equal(len(Left(c.path("store.db"), base=BASE).reports()), 1000)


@contextlib.contextmanager
def read_for(c, seconds):
    """A program that reads one state of the store for so long."""
    reader = subprocess.Popen(
        [sys.executable, "-c", "import sqlite3, sys, time; db = sqlite3.connect(sys.argv[1]);"
         "db.execute('BEGIN'); db.execute('SELECT count(*) FROM tally').fetchone();"
         "print('', flush=True); time.sleep(float(sys.argv[2]))", c.path("store.db"),
         str(seconds)], stdout=subprocess.PIPE)
    try:
        reader.stdout.readline()
        yield
    finally:
        reader.kill()
        reader.communicate()


def write_beside(c):
    """Others write too: had the collector lost its locks, they would destroy each other's."""
    time.sleep(6)  # by then all of it has opened the new file
    with Load(c, count=10, reports=1000, connections=5, base=BASE, seconds=120) as load:
        while load.is_at_work():
            db = sqlite3.connect(c.path("store.db"), isolation_level=None, timeout=30)
            for _ in range(20):
                db.execute("BEGIN IMMEDIATE")
                db.execute("UPDATE tally SET first = first")
                db.execute("COMMIT")
            db.close()
        said = load.end()
    equal((said["acknowledged"], said["refused"]), (1000, 0), said)
    check("standings-not-read" not in c.log(), c.log())
    c.must_recover()
    c.sender.must_hold()


def test_a_backup_put_back_with_the_log_left(folder):
    put_back(folder, [])


def test_a_backup_put_back_and_the_log_removed(folder):
    put_back(folder, ["-wal"])


def test_a_backup_put_back_and_all_else_removed(folder):
    put_back(folder, ["-wal", "-shm"])


def test_a_backup_put_back_while_the_old_store_is_read(folder):
    for number, removed in enumerate(([], ["-wal"], ["-wal", "-shm"])):
        (folder / str(number)).mkdir()
        put_back(folder / str(number), removed, read_s=12)


def test_a_store_that_is_away_for_a_while(folder):
    with Store(folder) as c:
        equal(c.sender.post().status, 200)
        names = [p for p in c.disk.iterdir() if p.name in ("store.db", "store.db-wal",
                                                           "store.db-shm")]
        away = c.disk / "away"
        away.mkdir()
        for path in names:
            path.rename(away / path.name)
        for _ in range(3):
            c.must_refuse(c.sender.post(), "without a store")
        time.sleep(6)
        c.must_refuse(c.sender.post(), "without a store")
        for path in names:
            with contextlib.suppress(FileNotFoundError):  # the log ended with its last user
                (away / path.name).rename(path)
        c.must_recover()
        c.sender.must_hold()


# ---- Others hold the store ----------------------------------------------------------------------


@contextlib.contextmanager
def held(c):
    """Another program writes, and takes its time."""
    db = sqlite3.connect(c.path("store.db"), isolation_level=None, timeout=30)
    db.execute("BEGIN IMMEDIATE")
    try:
        yield
    finally:
        db.execute("ROLLBACK")
        db.close()


def test_a_store_that_is_held_for_long_is_waited_for(folder):
    with Store(folder) as c:
        equal(c.sender.post().status, 200)
        with held(c):
            began = time.monotonic()
            c.must_refuse(c.sender.post(), "while it is held")
            check(time.monotonic() - began < 8, "it waited too long")
            waiting = threading.Thread(target=c.sender.post)
            waiting.start()
            for _ in range(20):  # the loop itself does not wait
                began = time.monotonic()
                equal(c.health(), 503)
                check(time.monotonic() - began < 1, "/healthz hangs")
                time.sleep(0.1)
        waiting.join()
        check(3 not in c.sender.refused, "it was let go before the time was over")
        c.must_recover()
        c.sender.must_hold()


def test_more_than_can_be_kept_is_sent_away(folder):
    """The queue is full while the disk does nothing: told at once, and no memory is taken."""
    with Store(folder, queue=4, batch=2, log_level="warning") as c:
        c.end()
        c.start(env={"ASAN_OPTIONS": "quarantine_size_mb=4"})
        c.enrol_many(64)
        with Load(c, count=64, reports=640, connections=64, seconds=120) as load:
            with held(c):
                look_at_full_queue(c, load)
            said = load.end()
        equal((said["acknowledged"], said["refused"]), (640, 0), said)
        c.must_recover()
        c.sender.must_hold()
        c.sender.withdraw()
        df.must_be_same(Left(c.path("store.db")).reports(), load.acknowledged())


def look_at_full_queue(c, load):
    time.sleep(2)
    before, many = c.memory_kb(), c.metrics()["fairuse_answers_busy_total"]
    until, was_busy = time.monotonic() + 8, 0
    while time.monotonic() < until:
        was_busy += told_busy(c)
        check(c.metrics()["fairuse_queue_jobs"] <= 4, "more than the queue holds")
    after, more = c.memory_kb(), c.metrics()["fairuse_answers_busy_total"]
    check(load.is_at_work() and was_busy > 0, "the queue was never full")
    check(more > many + 200, "there was no load:", many, more)
    check(after - before < 8 << 10, "memory grew, in kB:", before, after)
    print(f"{more - many:.0f} answers that the queue is full: {before} kB, then {after} kB")


def told_busy(c):
    """Whether a report was refused for the queue, as soon as that can be."""
    began = time.monotonic()
    answer = c.sender.post()
    if answer.status == 503 and answer.json()["error"]["code"] == "busy":
        check(int(answer.headers["Retry-After"]) > 0, answer)
        check(time.monotonic() - began < 2, "it took long to say so")
        return True
    return False


# ---- Signals under load -------------------------------------------------------------------------


def stop_under_load(folder, seconds, **how):
    """It is told to end in the middle of a load: code 0, in time, and what it said holds."""
    with Store(folder, drain_timeout="5s") as c:
        c.enrol_many(64)
        with Load(c, count=64, reports=6400, connections=64, seconds=seconds, **how) as load:
            time.sleep(DICE.uniform(0.2, 0.5))
            began = time.monotonic()
            equal(c.end(), 0, c.log())
            took = time.monotonic() - began
            load.end()
        check(took < 5.5, "it took", took)
        acked = load.acknowledged()
        check(0 < len(acked) < 6400, "not in the middle of the load:", len(acked))
        there = Left(c.path("store.db")).reports()
        check(acked <= there, "acknowledged and lost:", sorted(acked - there)[:9])
        check(c.is_sound())
        print(f"ended in {took:.2f} s; {len(acked)} acknowledged, {len(there)} stored")


def test_stopping_under_load_of_kept_connections(folder):
    stop_under_load(folder, 4)


def test_stopping_under_load_of_new_connections(folder):
    stop_under_load(folder, 4, mode="full")


def test_stopping_while_the_store_is_held(folder):
    with Store(folder, drain_timeout="2s") as c:
        equal(c.sender.post().status, 200)
        c.enrol_many(40)
        with Load(c, count=40, reports=4000, connections=40, seconds=4) as load, held(c):
            time.sleep(1)
            began = time.monotonic()
            equal(c.end(), 0, c.log())
            check(time.monotonic() - began < 20, "it took", time.monotonic() - began)
            load.end()
        c.start()
        c.must_recover()
        c.sender.must_hold()


def reload_under_load(folder, reports, mode):
    """Settings good and bad, many times: no report is refused for it."""
    with Store(folder) as c:
        c.enrol_many(40)
        with Load(c, count=40, reports=reports, connections=20, mode=mode,
                  seconds=120) as load:
            told = []
            while load.is_at_work() and len(told) < 20:
                is_good = DICE.random() < 0.5
                c.settings["idle_timeout"] = f"{DICE.randint(30, 90)}s" if is_good else "soon"
                c.write_config()
                told.append((is_good, c.reload().split()[0]))
            said = load.end()
        equal([what for _, what in told],
              ["reloaded" if is_good else "reload-failed" for is_good, _ in told])
        equal((said["acknowledged"], said["again"], said["refused"]), (reports, 0, 0), said)
        check(len(told) > 5, "the load was over too soon:", told)
        c.settings["idle_timeout"] = "30s"
        c.write_config()
        c.sender.withdraw()
        df.must_be_same(Left(c.path("store.db")).reports(), load.acknowledged())
        check(c.is_sound())


def test_reloading_under_load_of_kept_connections(folder):
    reload_under_load(folder, 4000, "keep")


def test_reloading_under_load_of_new_connections(folder):
    reload_under_load(folder, 1500, "resumed")


df.run_cases(globals(), sys.argv[3:])
