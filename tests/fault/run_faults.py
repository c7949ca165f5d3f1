"""Every write of fairusectl fails once, or is its last; every allocation fails once. What the
store holds afterwards is all or nothing of each transaction, and the same command again gives
what an undisturbed run gives.

usage: run_faults.py write|kill|alloc FAIRUSECTL LIBFAULTS [COMMAND…]"""

import concurrent.futures
import os
import pathlib
import queue
import random
import re
import shutil
import signal
import sqlite3
import sys
import tempfile
import threading

import fault_world as fw
from fault_server import SYSEXITS, Bench, is_clear

ENOSPC, EIO = 28, 5
# Allocations: so many in a row, then so many at random; of the first one in ALLOC_SHARE, drawn
# anew each time (FAIRUSE_SHARE=1: all of them). What all commands do alike at their beginning, to
# read the zone and to open a store, is left to the first of each kind.
EVERY_ALLOC, SAMPLED_ALLOCS = 1500, 200
EVERY_ALLOC_AFTER_OPENING = 800
ALLOC_SHARE = int(os.environ.get("FAIRUSE_SHARE", 4))
SPOKEN = 12  # findings that are told in full


class Command:
    """A command, the state that it begins with, and what it may answer when it is run again
    after it has done its work."""

    def __init__(self, name, before, words, reads=False, again=(0,), parts=False,
                 opens=False, brings_up=False):
        self.name, self.before, self.words, self.reads = name, before, words, reads
        self.again = set(again) | {0}
        self.opens = opens  # the first of its kind that opens a store
        self.parts = parts  # it is done in several transactions, one after the other
        self.brings_up = brings_up  # before it no command can read the store


KEY = f"{fw.PERIOD}/r1/extra-ip/PLSK.00000001"
COMMANDS = [
    Command("store init", "none", ["store", "init"], opens=True),
    Command("store init, schema 1", "schema 1", ["store", "init"], opens=True, brings_up=True),
    Command("store init, schema 2", "schema 2", ["store", "init"], opens=True, brings_up=True),
    Command("import estate, new", "none", ["import", "estate", "estate.json", "--accept"],
            opens=True),
    Command("import estate", "estate", ["import", "estate", "estate2.json", "--accept"],
            opens=True),
    Command("import listing", "estate", ["import", "estate", "listing.json"]),
    Command("import reports", "estate", ["import", "reports", "reports.jsonl"], parts=True),
    Command("server retire", "estate", ["server", "retire", "srv-1"]),
    Command("audit", "reported", ["audit", "--as-of", str(fw.AS_OF), "--format", "json"],
            reads=True, opens=True),
    Command("explain", "reported", ["explain", "PLSK.00000001", "--period", str(fw.PERIOD),
                                    "--as-of", str(fw.AS_OF)], reads=True),
    Command("store check", "reported", ["store", "check"], reads=True),
    Command("ledger close", "reported", ["ledger", "close", str(fw.PERIOD), "--by", "Ann"]),
    Command("ledger waive", "reported", ["ledger", "waive", KEY, "--by", "Ann", "--reason",
                                         "agreed"], again=(65,)),
    Command("ledger export", "closed", ["ledger", "export"], reads=True),
    Command("ledger verify", "closed", ["ledger", "verify"], reads=True),
    Command("ledger proof", "closed", ["ledger", "proof", "1", "--output", "proof.json"]),
    Command("store prune", "old", ["store", "prune", "--keep", "30d"]),
]


class Known:
    """The states that an undisturbed run goes through, and what it says."""

    def __init__(self, bench, command, states):
        self.before = states[command.before]
        self.dumps = {}  # what a store holds -> how many reports are in it (0 before, None after)
        if "store.db" in self.before:
            self.dumps[dump_of(bench, self.before)] = 0
        bench.put(self.before)
        done = bench.run(command.words)
        if done.code != 0:
            raise AssertionError(f"{command.name}, undisturbed: {done}")
        self.out, self.counts = fw.without_hashes(done.out), done.counts
        self.after = dump_of(bench, done.files)
        self.files = set(done.files)
        self.opening = 0  # allocations that are another command's to test
        if not command.opens:
            bench.put(self.before)
            # This is refused when the store is open, and before anything else.
            self.opening = bench.run(["audit", "--as-of", "x"]).counts[1] - 50
        if command.parts:
            for path in sorted(bench.folder.glob("reports[0-9]*.jsonl")):
                bench.put(self.before)
                part = bench.run(["import", "reports", path.name])
                self.dumps[dump_of(bench, part.files)] = int(re.sub(r"\D", "", path.name))
        elif "store.db" not in self.before:
            bench.put({})
            self.dumps[dump_of(bench, bench.run(["store", "init"]).files)] = 0


def dump_of(bench, files):
    """SQLite writes beside a store that it reads: the dump is of a copy."""
    bench.put(files)
    bench.touched()
    text = fw.dump(bench.folder / "store.db")
    return text + (f"\nproof: {files['proof.json']!r}" if "proof.json" in files else "")


class Judge:
    """Says what is wrong with an outcome. Equal files are looked at once."""

    def __init__(self, command, known):
        self.command, self.known = command, known
        self.seen, self.lock = {}, threading.Lock()

    def state_of(self, bench, files):
        """(what is wrong, dump) of the files that a run left."""
        key = fw.digest(files)
        with self.lock:
            if key in self.seen:
                return self.seen[key]
        found = self.look(bench, files)
        with self.lock:
            self.seen[key] = found
        return found

    def look(self, bench, files):
        command, known, dump = self.command, self.known, None
        if "store.db" in files:
            try:
                dump = dump_of(bench, files)
            except (AssertionError, sqlite3.Error) as error:
                return f"the store cannot be read: {error}", None
            if dump != known.after and dump not in known.dumps:
                return "the store holds a part of a transaction", dump
            can_read = dump == known.after or not command.brings_up
            for words in (["store", "check"], ["ledger", "verify"]) if can_read else ():
                bench.put(files)
                looked = bench.run(words)
                if looked.code != 0:
                    return f"{' '.join(words)}: {looked}", dump
        bench.put(files)
        again = bench.run(command.words)
        if again.code not in (command.again if dump == known.after else {0}):
            return f"run again: {again}", dump
        if not known.files <= set(again.files):
            return f"run again, files are missing: {sorted(again.files)}", dump
        if dump_of(bench, again.files) != known.after:
            return "run again, it does not come to what an undisturbed run gives", dump
        return None, dump

    def wrong(self, bench, outcome, mode):
        """What is wrong with it, or None."""
        command, known, is_kill = self.command, self.known, mode == "kill"
        if is_kill:
            if outcome.signal != signal.SIGKILL and outcome.code != 0:
                return "it should have been killed"
        elif outcome.signal:
            if not is_their_crash(outcome):
                return "a signal"
        elif outcome.code != 0 and outcome.code not in SYSEXITS:
            return "no exit code of sysexits"
        elif outcome.code != 0 and not is_clear(outcome.err):
            return "the error does not say what failed"
        strays = [name for name in outcome.files if name not in known.files and
                  name not in ("store.db-wal", "store.db-shm", "store.db-journal")]
        if strays and not is_kill:
            return f"it leaves {strays}"
        if command.reads and unchanging(outcome.files) != unchanging(known.before):
            return "a command that reads has changed the store"
        problem, dump = self.state_of(bench, outcome.files)
        if problem:
            return problem
        if outcome.code == 0:
            if dump != known.after:
                return "it reports success, and the work is not done"
            if fw.without_hashes(outcome.out) != known.out:
                return "it reports success, and says something else"
        told = re.search(r"(\d+) reports are stored", outcome.err)
        if told and dump != known.after and known.dumps[dump] < int(told.group(1)):
            return "reports that it called stored are not"
        return None


# They do not check all of their own allocations, and end the program with themselves: it is for
# them to mend. What is in the store then is checked like after any other death.
# (libgnutls: what it allocates for libgmp; that ends the program by abort().)
CRASHING = ("libtasn1", "libgmp", "libgnutls", "libhogweed", "libjansson")


def is_their_crash(outcome):
    return outcome.signal in (signal.SIGSEGV, signal.SIGABRT) and \
        (outcome.asker or "").startswith(CRASHING)


def unchanging(files):
    """All files but the index, and an empty log that readers leave."""
    return {name: data for name, data in files.items()
            if not name.endswith("-shm") and (data or not name.endswith("-wal"))}


# ---- The plans of faults ----------------------------------------------------------------------


def write_plans(known, _dice):
    for n in range(1, known.counts[0] + 1):
        yield {"WRITE": n, "ERRNO": ENOSPC, "STICKY": 1}
        yield {"WRITE": n, "ERRNO": EIO}
        yield {"WRITE": n, "ERRNO": ENOSPC, "HALF": 1, "STICKY": 1}


def kill_plans(known, _dice):
    for n in range(1, known.counts[0] + 1):
        yield {"KILL": n}
        yield {"KILL": n, "HALF": 1}


def alloc_plans(known, dice):
    first, total = known.opening + 1, known.counts[1]
    every = EVERY_ALLOC if first == 1 else EVERY_ALLOC_AFTER_OPENING
    rest = range(first + every, total + 1)
    if len(rest) > SAMPLED_ALLOCS // ALLOC_SHARE:
        rest = sorted(dice.sample(rest, SAMPLED_ALLOCS // ALLOC_SHARE))
    begin = range(first, min(total + 1, first + every))
    for n in sorted(dice.sample(begin, -(-len(begin) // ALLOC_SHARE))) + [*rest]:
        yield {"ALLOC": n}


PLANS = {"write": write_plans, "kill": kill_plans, "alloc": alloc_plans}


# ---- Running them -----------------------------------------------------------------------------


def make_states(bench):
    """The states that commands begin with, each made by commands."""
    old = [line for line in fw.reports()[:fw.MACHINES]]
    for line in old:
        back = 900 * fw.world.DAY
        for name in ("sent_at", "received_at"):
            line[name] -= back
        for row in line["report"]["sightings"] + line["report"]["mailboxes"]:
            row["first"] -= back
            row["last"] -= back
        line["report"]["boot_id"] = fw.world.boot("old " + line["server"])
    fw.world.write_lines(bench.folder / "old.jsonl", old)
    bench.fixed.add("old.jsonl")
    states = {"none": {}}
    steps = [("empty", ["store", "init"]),
             ("estate", ["import", "estate", "estate.json", "--accept"]),
             ("reported", ["import", "reports", "reports.jsonl"]),
             ("closed", ["ledger", "close", str(fw.PERIOD), "--by", "Ann"]),
             ("old", ["import", "reports", "old.jsonl"])]
    bench.put({})
    for name, words in steps:
        done = bench.run(words)
        if done.code != 0:
            raise AssertionError(f"{' '.join(words)}: {done}")
        states[name] = {n: data for n, data in done.files.items()
                        if n.startswith("store.db") and not n.endswith("-shm")}
    # With the keys that a store of today has: what makes those is another state's to test.
    for schema in (1, 2):
        states[f"schema {schema}"] = states["empty"] | {"store.db": fw.older_store(schema)}
    return states


def run_command(command, mode, benches, states, dice):
    """(how many runs, findings)"""
    bench = benches.get()
    known = Known(bench, command, states)
    benches.put(bench)
    judge, plans, findings = Judge(command, known), list(PLANS[mode](known, dice)), []

    def one(plan):
        bench = benches.get()
        try:
            bench.put(known.before)
            outcome = bench.run(command.words, **plan)
            wrong = judge.wrong(bench, outcome, mode)
            return wrong and f"{command.name}, {plan}: {wrong}: {outcome}"
        finally:
            benches.put(bench)

    with concurrent.futures.ThreadPoolExecutor(benches.maxsize) as pool:
        findings = [text for text in pool.map(one, plans) if text]
    print(f"{command.name}: {len(plans)} faults of {known.counts[0]} writes, "
          f"{known.counts[1]} allocations; {len(judge.seen)} states; {len(findings)} wrong",
          flush=True)
    return len(plans), findings


def main():
    mode, program, library = sys.argv[1:4]
    chosen = [c for c in COMMANDS if not sys.argv[4:] or c.name in sys.argv[4:]]
    seed = int(os.environ.get("FAIRUSE_SEED", random.randrange(1 << 32)))
    print(f"seed {seed} (FAIRUSE_SEED repeats it)", flush=True)
    shm = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    folder = pathlib.Path(tempfile.mkdtemp(prefix="fairuse-fault-", dir=shm))
    benches, all_benches = queue.Queue(os.cpu_count() or 1), []
    total, findings = 0, []
    try:
        (folder / "inputs").mkdir()
        fw.make_inputs(folder / "inputs")
        inputs = {path.name: path.read_bytes() for path in (folder / "inputs").iterdir()}
        for n in range(benches.maxsize):
            bench = Bench(folder / str(n), str(pathlib.Path(program).resolve()),
                          str(pathlib.Path(library).resolve()), inputs)
            all_benches.append(bench)
            benches.put(bench)
        states = make_states(all_benches[0])
        for command in chosen:
            if mode != "alloc" and command.reads:
                continue  # nothing is written, but to files that are gone in the end
            n, wrong = run_command(command, mode, benches, states, random.Random(seed))
            total += n
            findings += wrong
    finally:
        for bench in all_benches:
            bench.close()
        shutil.rmtree(folder, ignore_errors=True)
    for text in findings[:SPOKEN]:
        print(text)
    print(f"{total} faults, {len(findings)} wrong")
    sys.exit(1 if findings else 0)


if __name__ == "__main__":
    main()
