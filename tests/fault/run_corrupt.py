"""Files that are no store, or a damaged one: every command says so, with an exit code of
sysexits; none crashes, none that reads changes the file, and none at all touches a foreign one.

usage: run_corrupt.py FAIRUSECTL LIBFAULTS"""

import concurrent.futures
import os
import pathlib
import queue
import random
import shutil
import sqlite3
import sys
import tempfile

import fault_world as fw
import run_faults
from fault_server import SYSEXITS, Bench, is_clear, is_told

PAGE = 4096
FLIPPED = 60  # stores with random bytes changed
SPOKEN = 12

READING = [["audit", "--as-of", str(fw.AS_OF), "--format", "json"],
           ["explain", "PLSK.00000001", "--period", str(fw.PERIOD)],
           ["store", "check"], ["ledger", "verify"], ["ledger", "export"],
           ["ledger", "proof", "1"], ["server", "list"]]
WRITING = [["import", "estate", "estate2.json", "--accept"],
           ["import", "reports", "reports256.jsonl"],
           ["ledger", "close", str(fw.PERIOD.plus(1)), "--by", "Ann"],
           ["ledger", "waive", run_faults.KEY, "--by", "Ann", "--reason", "agreed"],
           ["server", "retire", "srv-1"], ["store", "prune", "--keep", "30d"],
           ["store", "init"]]


def made_by(*statements):
    """The bytes of a database that was made by these."""
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "made.db"
        db = sqlite3.connect(path)
        for statement in statements:
            db.execute(statement)
        db.commit()
        db.close()
        return path.read_bytes()


def with_pragma(store, pragma):
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "made.db"
        path.write_bytes(store)
        db = sqlite3.connect(path)
        db.execute(pragma)
        db.commit()
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        db.close()
        return path.read_bytes()


def foreign_files():
    """Files that are none of ours, by name."""
    table = "CREATE TABLE t(a)", "INSERT INTO t VALUES(1)"
    return {
        "empty": b"",
        "one byte": b"S",
        "text": b"This is a letter to somebody.\n" * 300,
        "another program's database": made_by(*table),
        "another program's, with a log": made_by("PRAGMA journal_mode = WAL", *table),
        "another program's, named": made_by("PRAGMA application_id = 252006674", *table),
        "zeros": bytes(2 * PAGE),
    }


class Corrupt:
    def __init__(self, benches):
        self.benches, self.jobs = benches, []

    def add(self, what, files, words, judge):
        self.jobs.append((what, files, words, judge))

    def run(self):
        """(runs, what is wrong)"""

        def one(job):
            what, files, words, judge = job
            bench = self.benches.get()
            try:
                bench.touched()
                bench.put(files)
                path = bench.folder / "store.db"
                before = path.stat().st_mtime_ns
                done = bench.run(words)
                wrong = judge(bench, words, files, done, path.stat().st_mtime_ns == before)
                return wrong and f"{what}, {' '.join(words[:2])}: {wrong}: {done}"
            finally:
                self.benches.put(bench)

        with concurrent.futures.ThreadPoolExecutor(self.benches.maxsize) as pool:
            found = [text for text in pool.map(one, self.jobs) if text]
        return len(self.jobs), found


def judge_any(_bench, words, files, done, is_untouched):
    """Of a damaged store: anything but a crash, silence, or a change by a reader."""
    if done.signal or (done.code and done.code not in SYSEXITS):
        return "no exit code of sysexits"
    if done.code and not is_told(done.err):
        return "there is no error that says what failed"
    if words in READING and not (is_untouched and done.files["store.db"] == files["store.db"]):
        return "a command that reads has changed the file"
    return None


def judge_truncated(bench, words, files, done, is_untouched):
    if words == ["store", "check"] and done.code == 0:
        return "a store with its end missing is called sound"
    return judge_any(bench, words, files, done, is_untouched)


def judge_refused(_bench, words, files, done, is_untouched):
    """Of a store that this program cannot use. SQLite's index may be made beside it."""
    if done.code != 69 or not is_clear(done.err):
        return "it must be refused with 69"
    if not is_untouched or done.files["store.db"] != files["store.db"]:
        return "it was changed"
    return None


def judge_foreign(_bench, words, files, done, is_untouched):
    if done.code != 69 or not is_clear(done.err):
        return "it must be refused with 69"
    if not is_untouched or done.files != files:
        return "a file that is not ours was changed, or something made beside it"
    return None


def make_judge_verified(entries):
    """Where the ledger verifies with all its entries, they are what was entered."""

    def judge(bench, words, files, done, is_untouched):
        wrong = judge_any(bench, words, files, done, is_untouched)
        if wrong or done.code != 0:
            return wrong
        bench.put(files)
        listed = bench.run(["ledger", "export"])
        is_whole = listed.code == 0 and listed.out.count("\n") == entries.count("\n")
        return "it verifies what was not entered" if is_whole and listed.out != entries else None

    return judge


def flipped(store, dice):
    data = bytearray(store)
    for _ in range(dice.choice((1, 1, 4, 20, 200))):
        data[dice.randrange(100, len(data))] ^= dice.randrange(1, 256)
    return bytes(data)


def plan(corrupt, store, entries, dice):
    verified = make_judge_verified(entries)
    for words in READING + WRITING:
        for what, data in foreign_files().items():
            corrupt.add(f"foreign: {what}", {"store.db": data}, words, judge_foreign)
        corrupt.add("a header alone", {"store.db": store[:100]}, words, judge_refused)
        newer = with_pragma(store, "PRAGMA user_version = 99")
        corrupt.add("a newer store", {"store.db": newer}, words, judge_refused)
    for size in range(PAGE, len(store), PAGE):
        for words in dice.sample(READING, 3) + [["store", "check"]] + dice.sample(WRITING, 2):
            corrupt.add(f"cut at {size}", {"store.db": store[:size]}, words, judge_truncated)
    for n in range(FLIPPED):
        data = flipped(store, dice)
        for words in READING + dice.sample(WRITING, 3):
            judge = verified if words == ["ledger", "verify"] else judge_any
            corrupt.add(f"flipped, number {n}", {"store.db": data}, words, judge)
    for n in range(FLIPPED // 6):
        wal = dice.randbytes(dice.randrange(1, 3 * PAGE))
        for words in READING:
            corrupt.add(f"a log of noise, number {n}", {"store.db": store, "store.db-wal": wal},
                        words, judge_any)


def check_directory(bench):
    """A folder where the store should be."""
    bench.put({})
    (bench.folder / "store.db").mkdir()
    found = []
    bench.fixed.add("store.db")
    for words in READING + WRITING:
        done = bench.run(words)
        if done.code != 69 or not is_clear(done.err) or done.files:
            found.append(f"a folder, {' '.join(words[:2])}: {done}")
    return len(READING + WRITING), found


def main():
    program, library = (str(pathlib.Path(word).resolve()) for word in sys.argv[1:3])
    seed = int(os.environ.get("FAIRUSE_SEED", random.randrange(1 << 32)))
    print(f"seed {seed} (FAIRUSE_SEED repeats it)", flush=True)
    shm = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    folder = pathlib.Path(tempfile.mkdtemp(prefix="fairuse-corrupt-", dir=shm))
    benches, all_benches = queue.Queue(os.cpu_count() or 1), []
    try:
        (folder / "inputs").mkdir()
        fw.make_inputs(folder / "inputs")
        inputs = {path.name: path.read_bytes() for path in (folder / "inputs").iterdir()}
        for n in range(benches.maxsize):
            all_benches.append(Bench(folder / str(n), program, library, inputs))
            benches.put(all_benches[-1])
        store = run_faults.make_states(all_benches[0])["closed"]["store.db"]
        all_benches[0].put({"store.db": store})
        entries = all_benches[0].run(["ledger", "export"]).out
        corrupt = Corrupt(benches)
        plan(corrupt, store, entries, random.Random(seed))
        runs, found = corrupt.run()
        more, wrong = check_directory(all_benches[0])
    finally:
        for bench in all_benches:
            bench.close()
        shutil.rmtree(folder, ignore_errors=True)
    found += wrong
    for text in found[:SPOKEN]:
        print(text)
    print(f"{runs + more} runs, {len(found)} wrong")
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()
