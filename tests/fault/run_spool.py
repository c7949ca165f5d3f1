"""The agent's spool under faults: each write of a run fails once, from then on, or is the last
that the process makes; each allocation fails once; the disk runs full; files are damaged. What
was put and acknowledged to the caller is there afterwards, each put whole or not at all, and
nothing is there that was not put.

Small disks need root; where none can be mounted they are passed over.

`upgrade`: a file of an older version is brought up, whole or not at all.

usage: run_spool.py write|kill|alloc|disk|damage|upgrade SPOOL_DRIVER LIBFAULTS
FAIRUSE_SEED repeats a run."""

import concurrent.futures
import contextlib
import os
import pathlib
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile

ENOSPC, EIO = 28, 5
ROWS, STEP = 20, 100  # of a put, as the driver makes them
SPOKEN = 12  # findings that are told in full
DAMAGED = 300  # files
EVERY_ALLOC, SAMPLED_ALLOCS = 3000, 1500  # of 12,000: the first ones, then some at random
OTHER = 600 << 10  # bytes of a small disk that others use for a while
PUTS = (1, 4, 7, 14, 18, 23)  # steps of the scenario that put


class Wrong(Exception):
    """What was found."""


def check(holds, *what):
    if not holds:
        raise Wrong(" ".join(str(w) for w in what))


def seed_of_run():
    seed = int(os.environ.get("FAIRUSE_SEED", random.randrange(1 << 32)))
    print(f"seed {seed} (FAIRUSE_SEED repeats it)", flush=True)
    return seed


class Driver:
    """The program, on a spool in a folder."""

    def __init__(self, program, library, folder):
        self.program, self.library, self.folder = program, library, folder
        self.path = folder / "spool.db"

    def run(self, *words, env=None, timeout=60):
        env = dict(os.environ) | ({"LD_PRELOAD": self.library} | env if env else {})
        return subprocess.run([self.program, words[0], str(self.path), *words[1:]], env=env,
                              capture_output=True, text=True, timeout=timeout, check=False)

    def dump(self):
        """What is held, told by an undisturbed run."""
        done = self.run("dump", "5000")
        check(done.returncode == 0, "the spool cannot be opened afterwards:", done)
        return Dump(done.stdout)

    def broken(self):
        return sorted(self.folder.glob("*.broken-*"))


class Dump:
    def __init__(self, text):
        self.rows = {"waiting": [], "history": []}  # licence numbers
        self.gaps, self.is_broken = [], False
        for line in text.splitlines():
            words = line.split()
            if words[0] == "broken":
                self.is_broken = True
            elif words[0] in self.rows and words[1].startswith("gap-"):
                self.gaps.append(tuple([words[1], *map(int, words[2:])]))
            elif words[0] in self.rows:
                self.rows[words[0]].append(int(words[1].removeprefix("PLSK.")))

    def all(self):
        return set(self.rows["waiting"]) | set(self.rows["history"])


def licences(number):
    return set(range(number * STEP, number * STEP + ROWS))


def judge(said, dump):
    """What a run said of itself, against what is there."""
    done, tried, counters, acked = set(), set(), {}, False
    for line in said.splitlines():
        name, a, b = line.split()
        if name == "put":
            tried.add(int(a))
            if int(b) == 0:
                done.add(int(a))
        elif name == "counter":
            check(int(b) > counters.get(a, 0), "a counter came twice:", said)
            counters[a] = int(b)
        elif name == "ack":
            acked = True
    # The step that was not ended may have been done.
    tried |= {min((n for n in PUTS if n not in tried), default=0)} - {0}
    held = dump.all()
    for number in PUTS:
        there = len(licences(number) & held)
        check(there in (0, ROWS), f"{there} rows of put {number}")
        check(number not in done or there == ROWS, f"put {number} was done, and is not there")
        check(number in tried or there == 0, f"put {number} is there, and was not made")
    known = set().union(*(licences(number) for number in PUTS))
    check(held <= known, "nobody put", sorted(held - known)[:5])
    check(acked or not dump.rows["history"] or "first" in said, "history without a report")
    check(not dump.gaps, "nothing was lost, but a gap says so:", dump.gaps)


def one_fault(args, folder, plan):
    with tempfile.TemporaryDirectory(dir=folder) as where:
        driver = Driver(*args, pathlib.Path(where))
        done = driver.run("scenario", "1", env=plan)
        is_killed = done.returncode == -signal.SIGKILL
        try:
            check(is_killed if "FAULT_KILL" in plan else done.returncode in (0, 1),
                  "it ended with", done.returncode, done.stderr[-500:])
            check("Sanitizer" not in done.stderr, done.stderr[-2000:])
            check(not driver.broken(), "a sound file was set aside:", driver.broken())
            judge(done.stdout, driver.dump())
            check(not driver.broken(), "a sound file was set aside afterwards")
        except (Wrong, subprocess.TimeoutExpired) as error:
            return f"{plan}: {error}\n{done.stdout[-600:]}{done.stderr[-600:]}"
    return None


def counts(args, folder):
    with tempfile.TemporaryDirectory(dir=folder) as where:
        driver = Driver(*args, pathlib.Path(where))
        told = pathlib.Path(where) / "count"
        done = driver.run("scenario", "1", env={"FAULT_COUNT": str(told)})
        if done.returncode != 0:
            raise AssertionError(f"undisturbed: {done}")
        judge(done.stdout, driver.dump())
        return tuple(map(int, told.read_text().split()))


def plans(mode, writes, allocs):
    if mode == "alloc":
        later = random.Random(seed_of_run()).sample(range(EVERY_ALLOC, allocs), SAMPLED_ALLOCS)
        return [{"FAULT_ALLOC": str(n)} for n in [*range(1, EVERY_ALLOC), *later]]
    if mode == "kill":
        return [{"FAULT_KILL": str(n)} | half for n in range(1, writes + 1)
                for half in ({}, {"FAULT_HALF": "1"})]
    return [{"FAULT_WRITE": str(n), "FAULT_ERRNO": str(error)} | how
            for n in range(1, writes + 1)
            for error, how in ((EIO, {}), (ENOSPC, {"FAULT_HALF": "1"}),
                               (EIO, {"FAULT_STICKY": "1"}), (ENOSPC, {"FAULT_STICKY": "1"}))]


def run_faults(mode, args, folder):
    writes, allocs = counts(args, folder)
    todo = plans(mode, writes, allocs)
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        findings = [f for f in pool.map(lambda plan: one_fault(args, folder, plan), todo) if f]
    print(f"{len(todo)} faults of {writes} writes, {allocs} allocations")
    return len(todo), findings


# ---- A file of version 1 ------------------------------------------------------------------------

OLD_FILE = pathlib.Path(__file__).parents[1] / "fuzz/corpus/spool/spool"
OLD_ROWS = {"waiting": 4, "history": 16}  # as the program of that version left it


def upgrade(args, folder, plan):
    """What a run with that fault says, and what is there afterwards."""
    with tempfile.TemporaryDirectory(dir=folder) as where:
        driver = Driver(*args, pathlib.Path(where))
        shutil.copy(OLD_FILE, driver.path)
        done = driver.run("dump", "5000", env=plan)
        dump = driver.dump()
        check("Sanitizer" not in done.stderr, done.stderr[-2000:])
        check(not driver.broken(), "a sound file was set aside:", driver.broken())
        held = {place: len(rows) for place, rows in dump.rows.items()}
        check(held == OLD_ROWS and not dump.gaps, held, dump.gaps)
        return done


def try_upgrade(args, folder, plan):
    try:
        upgrade(args, folder, plan)
    except (Wrong, subprocess.TimeoutExpired) as error:
        return f"{plan}: {error}"
    return None


def run_upgrade(args, folder):
    told = folder / "count"
    done = upgrade(args, folder, {"FAULT_COUNT": str(told)})
    check(done.returncode == 0, "undisturbed:", done)
    writes, _ = map(int, told.read_text().split())
    todo = plans("kill", writes, 0) + plans("write", writes, 0)
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        findings = [f for f in pool.map(lambda plan: try_upgrade(args, folder, plan), todo) if f]
    return len(todo), findings


# ---- Disks --------------------------------------------------------------------------------------


@contextlib.contextmanager
def disk(where, *how):
    where.mkdir(exist_ok=True)
    subprocess.run(["mount", *how, str(where)], check=True, capture_output=True)
    try:
        yield where
    finally:
        subprocess.run(["umount", str(where)], check=True)


def stuff(where):
    """Takes all the room that is left."""
    junk = where / "junk"
    with open(junk, "wb", buffering=0) as file:
        for size in (1 << 16, 1 << 12, 1):
            with contextlib.suppress(OSError):
                while True:
                    file.write(b"x" * size)
    return junk


def fill_and_drain(args, where):
    """The disk runs full while nobody listens; what is held can be sent all the same."""
    driver = Driver(*args, where)
    (where / "other").write_bytes(b"x" * OTHER)
    filled = driver.run("fill", "1", timeout=300)
    check(filled.returncode == 0, "fill:", filled.stdout[-300:], filled.stderr)
    puts = [line.split() for line in filled.stdout.splitlines() if line.startswith("put")]
    check(int(puts[-1][2]) == -ENOSPC, "the last put:", puts[-1])
    held = {n * STEP + i for name, number, r in puts if r == "0"
            for n in (int(number),) for i in range(STEP)}
    junk = stuff(where)
    drained = driver.run("drain", "2", timeout=300)
    check(drained.returncode == 0, "drain on a full disk:", drained.stdout[-300:],
          drained.stderr)
    check("drained 3 0" in drained.stdout, drained.stdout[-300:])
    dump = driver.dump()
    check(set(dump.rows["history"]) == held, "acknowledged:", len(dump.rows["history"]),
          "put:", len(held))
    check(not dump.rows["waiting"] and not dump.gaps and not driver.broken())
    junk.unlink()
    (where / "other").unlink()
    again = driver.run("scenario", "10")
    check(again.returncode == 0 and "put 1 0" in again.stdout, "with room again:", again)
    return len(held)


def run_disk(args, folder):
    findings, n = [], 0
    for name, make in (("tmpfs", mount_tmpfs), ("ext4", mount_ext4)):
        try:
            with make(folder) as where:
                n += 1
                print(f"{name}: {fill_and_drain(args, where)} rows on a full disk, all sent")
        except Wrong as error:
            findings.append(f"{name}: {error}")
        except (OSError, subprocess.CalledProcessError) as error:
            print(f"{name}: cannot be mounted here (is this root?): passed over: {error}")
    return n, findings


def mount_tmpfs(folder):
    return disk(folder / "tmpfs", "-t", "tmpfs", "-o", "size=1500k", "fairuse-test")


def mount_ext4(folder):
    image = folder / "image"
    with open(image, "wb") as file:
        file.truncate(4 << 20)
    subprocess.run(["mkfs.ext4", "-q", "-O", "^has_journal", "-m", "0", str(image)], check=True,
                   capture_output=True)
    return disk(folder / "ext4", "-o", "loop", str(image))


# ---- Damage -------------------------------------------------------------------------------------


def damage(dice, path):
    """Flips bytes, or cuts."""
    data = bytearray(path.read_bytes())
    for _ in range(dice.choice((1, 1, 2, 10, 200))):
        if data:
            data[dice.randrange(min(len(data), dice.choice((100, 4096, len(data)))))] ^= \
                1 << dice.randrange(8)
    if dice.random() < 0.2:
        del data[dice.randrange(len(data) + 1):]
    path.write_bytes(data)


def one_damage(args, folder, sound, seed):
    dice = random.Random(seed)
    with tempfile.TemporaryDirectory(dir=folder) as where:
        where = pathlib.Path(where)
        shutil.copytree(sound, where, dirs_exist_ok=True)
        driver = Driver(*args, where)
        files = [path for path in where.iterdir() if path.name in ("spool.db", "spool.db-journal")]
        for path in dice.sample(sorted(files), dice.randint(1, len(files))):
            damage(dice, path)
        try:
            looked = driver.run("look")
            check(looked.returncode in (0, 1), "a look ended with", looked)
            done = driver.run("dump", "5000")
            if "newer version" in done.stderr:
                return None
            check(done.returncode == 0, "it cannot be opened:", done)
            dump = Dump(done.stdout)
            check(dump.is_broken == bool(driver.broken()), "set aside, and not told:", done)
            check(dump.is_broken == any(g[0] == "gap-spool" for g in dump.gaps), dump.gaps)
            if not dump.is_broken:
                judge("\n".join(f"put {n} 0" for n in PUTS) + "\nack 1 0", dump)
        except (Wrong, subprocess.TimeoutExpired) as error:
            return f"damage {seed}: {error}"
    return None


def run_damage(args, folder):
    seed = seed_of_run()
    sound = folder / "sound"
    sound.mkdir()
    driver = Driver(*args, sound)
    check(driver.run("scenario", "1").returncode == 0, "undisturbed")
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        findings = [f for f in pool.map(
            lambda n: one_damage(args, folder, sound, seed + n), range(DAMAGED)) if f]
    return DAMAGED, findings


def main():
    mode, program, library = sys.argv[1:4]
    args = (str(pathlib.Path(program).resolve()), str(pathlib.Path(library).resolve()))
    shm = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    folder = pathlib.Path(tempfile.mkdtemp(prefix="fairuse-spool-", dir=shm))
    try:
        if mode == "disk":
            total, findings = run_disk(args, folder)
        elif mode == "upgrade":
            total, findings = run_upgrade(args, folder)
        elif mode == "damage":
            total, findings = run_damage(args, folder)
        else:
            total, findings = run_faults(mode, args, folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    for text in findings[:SPOKEN]:
        print(re.sub(r"\n{2,}", "\n", text))
    print(f"{total} faults, {len(findings)} wrong")
    sys.exit(1 if findings else 0)


if __name__ == "__main__":
    main()
