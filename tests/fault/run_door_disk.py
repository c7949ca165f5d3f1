"""A collector whose disk fails under it: the sender is told to come again, /healthz
says so, nothing that was acknowledged is lost, nothing is half there, and it goes on without a
restart when the fault is gone. Small file systems need root; without it they are passed over.

usage: run_door_disk.py FAIRUSECTL LIBFAULTS [CASE…]
FAIRUSE_SEED repeats a run."""

import contextlib
import errno
import itertools
import os
import signal
import sqlite3
import subprocess
import sys
import time

import door_faults as df
from door_faults import Faults, Left, Load, Store, check, equal

ROOM = 24 << 20
WRITES_OF_A_COMMIT_MAX = 60  # more than that is a checkpoint's
DICE = df.make_dice()


@contextlib.contextmanager
def disk(where, *how):
    """A file system at `where`, gone again afterwards."""
    where.mkdir(exist_ok=True)
    subprocess.run(["mount", *how, str(where)], check=True)
    try:
        yield
    finally:
        subprocess.run(["umount", str(where)], check=True)


def can_mount(folder):
    try:
        with disk(folder / "try", "-t", "tmpfs", "-o", "size=64k", "fairuse-test"):
            return True
    except (OSError, subprocess.CalledProcessError):
        print("no file system can be mounted here (is this root?): passed over")
        return False


# ---- Each write fails ---------------------------------------------------------------------------


def fail_each_write(c, faults, error, **how):
    """The n-th write from a report on fails, for each n that there is."""
    n = 0
    while True:
        n += 1
        faults.arm(n, error, **how)
        answer = c.sender.post()
        if faults.words[5] == 0:
            faults.disarm()
            equal(answer.status, 200, answer, "nothing had failed")
            return n - 1
        said = f"write {n}, error {error}, {how}"
        c.must_refuse(answer, said)
        check(c.sender.counter not in c.sender.stored(), "refused, and stored:", said)
        if how.get("sticky"):
            c.must_refuse(c.sender.post(), said, "again")
        faults.disarm()
        again = c.sender.post(c.sender.counter)
        equal((again.status, c.health()), (200, 200), said, again, c.log()[-2000:])


def with_faults(folder, **settings):
    """A collector that writes can be made to fail in."""
    c = Store(folder, log_level="error", **settings)
    faults = Faults(folder / "control", sys.argv[2])
    c.install()
    c.start(env=faults.env())
    return c, faults


def test_each_write_that_fails_refuses_its_report_alone(folder):
    c, faults = with_faults(folder)
    with c:
        c.sender.post()
        tally = [fail_each_write(c, faults, error, **how) for error, how in (
            (errno.EIO, {}), (errno.EIO, {"sticky": True}), (errno.ENOSPC, {"sticky": True}),
            (errno.ENOSPC, {"sticky": True, "half": True}), (errno.EROFS, {"sticky": True}))]
        check(min(tally) >= 3, "writes of a commit:", tally)
        c.sender.must_hold()
        print(f"writes of a commit that failed: {tally}")


def test_power_that_goes_at_a_half_write_leaves_nothing_half(folder):
    c, faults = with_faults(folder)
    with c:
        n, failed = 0, 1
        while failed > 0:
            n += 1
            faults.arm(n, errno.EIO, sticky=True, half=True)
            c.sender.post()
            equal(c.end(signal.SIGKILL), -signal.SIGKILL)
            _, failed = faults.disarm()
            c.start(env=faults.env())
            c.sender.must_hold()
            equal(c.sender.post().status, 200)
        check(n > 3, "writes of a commit:", n)


@contextlib.contextmanager
def long_log(c):
    """The store's log is long enough for a checkpoint at the next commit (SQLite: 1,000 pages), and
    stays until then: who closes a store last empties its log, and here that is us."""
    other = sqlite3.connect(c.path("store.db"), isolation_level=None, timeout=30)
    try:
        other.execute("PRAGMA wal_autocheckpoint = 0")
        other.execute("BEGIN IMMEDIATE")
        other.execute("CREATE TABLE filler (x)")
        other.execute("INSERT INTO filler VALUES (zeroblob(6 << 20))")
        other.execute("DROP TABLE filler")
        other.execute("COMMIT")
        yield
    finally:
        other.close()


def writes_of_a_commit(c, faults):
    """The most writes that a report of our sender took, of some without a checkpoint."""
    most = 0
    for _ in range(8):
        faults.arm(1 << 40, errno.EIO)
        equal(c.sender.post().status, 200)
        most = max(most, min(faults.disarm()[0], WRITES_OF_A_COMMIT_MAX))
    return most


def fail_checkpoint(c, faults, n):
    """Of a report one write after another fails, from the n-th on, which is behind its commit; how
    many there were. Nothing is refused, so the collector never looks after its store by itself."""
    for failures in itertools.count():
        n += DICE.randint(1, 30)
        faults.arm(n, errno.EIO)
        answer = c.sender.post()
        _, failed = faults.disarm()
        equal(answer.status, 200, f"write {n}", answer, c.log()[-2000:])
        check(c.sender.counter in c.sender.stored(), "acknowledged, and not stored: write", n)
        if failed == 0:
            return failures


def test_a_checkpoint_that_fails_loses_nothing(folder):
    """The commit is in the log then: it is acknowledged, and moved into the file later."""
    c, faults = with_faults(folder)
    with c:
        c.enrol_many(20)
        for _ in range(3):  # one that is let through ends the log: it has to grow again
            c.run_load(count=20, reports=100, connections=2, seconds=300)
            behind = 3 * writes_of_a_commit(c, faults)
            with long_log(c):
                failures = fail_checkpoint(c, faults, behind)
            check(failures > 10, "writes of a checkpoint that failed:", failures)
            print(f"writes of a checkpoint that failed: {failures}, behind {behind} others")
        c.must_recover()
        c.sender.must_hold()


def test_a_group_of_reports_of_which_writes_fail_is_sent_again(folder):
    """Under load: at random a write fails; in the end each report is there once."""
    c, faults = with_faults(folder)
    with c:
        c.enrol_many(60)
        with Load(c, count=60, reports=6000, connections=30, seconds=120) as load:
            while load.is_at_work():
                faults.arm(DICE.randint(1, 200), DICE.choice((errno.EIO, errno.ENOSPC)),
                           sticky=DICE.random() < 0.3, half=DICE.random() < 0.3)
                time.sleep(DICE.uniform(0, 0.1))
            faults.disarm()
            said = load.end()
        equal((said["acknowledged"], said["refused"]), (6000, 0), said)
        check(said["again"] > 0, said)
        c.must_recover()
        c.end(signal.SIGKILL)
        c.sender.withdraw()
        df.must_be_same(Left(c.path("store.db")).reports(), load.acknowledged())
        check(c.is_sound())
        print(f"reports sent again: {said['again']}")


# ---- Disks --------------------------------------------------------------------------------------


def fill(c):
    """No byte is left on the disk."""
    with contextlib.suppress(OSError), open(c.disk / "filler", "ab", buffering=0) as file:
        while True:
            file.write(bytes(1 << 16))
    with contextlib.suppress(OSError), open(c.disk / "filler", "ab", buffering=0) as file:
        while True:
            file.write(bytes(1))


def post_until_refused(c, most=3000):
    for _ in range(most):
        answer = c.sender.post()
        if answer.status != 200:
            return answer
    raise AssertionError("it was never refused")


def full_disk(folder, *how):
    with disk(folder / "disk", *how), Store(folder) as c:
        c.sender.post()
        for _ in range(3):
            fill(c)
            c.must_refuse(post_until_refused(c), "on a full disk")
            check("the disk is full" in c.log(), c.log()[-2000:])
            for _ in range(5):
                c.must_refuse(c.sender.post(), "on a full disk, again")
            (c.disk / "filler").unlink()
            equal(c.sender.post().status, 200, "with room")
            equal(c.health(), 200)
        c.sender.must_hold()
        fill(c)
        post_until_refused(c)
        equal(c.end(signal.SIGKILL), -signal.SIGKILL)
        (c.disk / "filler").unlink()
        c.start()
        c.must_recover()
        c.sender.must_hold()
        equal(c.end(), 0, c.log())


def test_a_full_disk_in_memory(folder):
    if can_mount(folder):
        full_disk(folder, "-t", "tmpfs", "-o", f"size={ROOM}", "fairuse-test")


def make_ext4(folder):
    """The words that mount a small one; None where there is no tool or no loop device."""
    image = folder / "image"
    with open(image, "wb") as file:
        file.truncate(ROOM)
    try:
        subprocess.run(["mkfs.ext4", "-q", image], check=True, capture_output=True)
        how = ("-o", "loop,errors=remount-ro", str(image))
        with disk(folder / "try", *how):
            return how
    except (OSError, subprocess.CalledProcessError):
        print("no ext4 can be made and mounted here: passed over")
        return None


def test_a_full_disk_of_ext4(folder):
    if can_mount(folder) and (how := make_ext4(folder)):
        full_disk(folder, *how)


def test_a_disk_that_turns_read_only(folder):
    """As ext4 does it after an error, with files open for writing."""
    if not can_mount(folder) or not (how := make_ext4(folder)):
        return
    with disk(folder / "disk", *how):
        with Store(folder) as c:
            for _ in range(20):
                equal(c.sender.post().status, 200)
            subprocess.run(["mount", "-o", "remount,abort", str(c.disk)], check=True)
            for _ in range(5):
                c.must_refuse(c.sender.post(), "on a read-only disk")
            equal(c.end(), 0, "on a read-only disk", c.log())
            c.start(wait=False)
            equal(c.process.wait(60), os.EX_UNAVAILABLE, "a start on it")
            c.end()
            check("store.db" in c.log().splitlines()[-1], c.log())
    with disk(folder / "disk", *how):
        c.start()
        c.must_recover()
        c.sender.must_hold()
        equal(c.end(), 0, c.log())


df.run_cases(globals(), sys.argv[3:])
