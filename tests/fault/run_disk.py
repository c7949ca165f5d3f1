"""Disks as they are: one that runs full under an import, and one that can only be read. Needs
root, for small file systems in memory; where none can be mounted it says so and is passed over.

usage: run_disk.py FAIRUSECTL"""

import contextlib
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

import fault_world as fw
from fault_server import is_clear

SYSEXITS_OF_A_DISK = {69, 73, 74}
STEP = 8 << 10
ROOM = 64 << 20


@contextlib.contextmanager
def disk(where, size):
    """A file system of so many bytes at `where`, gone again afterwards."""
    where.mkdir(exist_ok=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "fairuse-test", str(where)],
                   check=True)
    try:
        yield where
    finally:
        subprocess.run(["umount", str(where)], check=True)


def remount(where, options):
    subprocess.run(["mount", "-o", f"remount,{options}", str(where)], check=True)


class Disks:
    def __init__(self, program, folder):
        self.folder, self.disk = folder, folder / "disk"
        self.program = str(pathlib.Path(program).resolve())
        self.wrong, self.cases = [], 0
        fw.make_inputs(folder)

    def run(self, *words, store="disk/store.db"):
        done = subprocess.run([self.program, "--store", f"sqlite:{store}", *words],
                              cwd=self.folder, capture_output=True, text=True, timeout=60,
                              check=False)
        return fw.world.Ran(done.returncode, done.stdout, done.stderr)

    def must(self, *words, store):
        ran = self.run(*words, store=store)
        if ran.code != 0:
            raise AssertionError(f"{words}: {ran}")
        return ran.out

    def expect(self, holds, what, ran=None):
        self.cases += 1
        if not holds:
            self.wrong.append(f"{what}: {ran}" if ran else what)

    def make_stores(self):
        """What an undisturbed run gives."""
        for name, words in (("empty", ["store", "init"]),
                            ("estate", ["import", "estate", "estate.json", "--accept"]),
                            ("reported", ["import", "reports", "reports.jsonl"]),
                            ("closed", ["ledger", "close", str(fw.PERIOD), "--by", "Ann"])):
            self.must(*words, store="work.db")
            shutil.copy(self.folder / "work.db", self.folder / f"{name}.db")
        parts = [("estate.db", 0)]
        for path in sorted(self.folder.glob("reports[0-9]*.jsonl")):
            count = int(re.sub(r"\D", "", path.name))
            shutil.copy(self.folder / "estate.db", self.folder / f"part{count}.db")
            self.must("import", "reports", path.name, store=f"part{count}.db")
            parts.append((f"part{count}.db", count))
        self.prefixes = {fw.dump(self.folder / name): count for name, count in parts}

    # ---- Full ---------------------------------------------------------------------------------

    def full(self, before, words, after, allowed):
        """The command on disks that have ever more room, up to the first that has enough."""
        start = self.folder / before if before else None
        size = (start.stat().st_size if start else 0) // STEP * STEP + STEP
        expected = fw.dump(self.folder / after)
        ran_full = 0
        while True:
            with disk(self.disk, size) as where:
                if start:
                    shutil.copy(start, where / "store.db")
                ran = self.run(*words)
                if ran.code == 0:
                    self.expect(fw.dump(where / "store.db") == expected,
                                f"{words[:2]} on {size} bytes: not what it should be", ran)
                    break
                ran_full += 1
                self.expect(ran.code in SYSEXITS_OF_A_DISK and is_clear(ran.err),
                            f"{words[:2]} on {size} bytes", ran)
                self.after_full(where, words, ran, allowed, expected)
            size += STEP
        self.expect(ran_full > 0, f"{words[:2]} never ran full")

    def after_full(self, where, words, ran, allowed, expected):
        """It was all or nothing, and goes on when there is room."""
        remount(where, f"size={ROOM}")
        if (where / "store.db").exists():
            check = self.run("store", "check")
            self.expect(check.code == 0, f"{words[:2]}: store check after a full disk", check)
            copy = self.folder / "copy.db"
            for suffix in ("", "-wal"):
                if (where / f"store.db{suffix}").exists():
                    shutil.copy(where / f"store.db{suffix}", f"{copy}{suffix}")
            dump = fw.dump(copy)
            for path in self.folder.glob("copy.db*"):
                path.unlink()
            told = re.search(r"(\d+) reports are stored", ran.err)
            self.expect(dump in allowed, f"{words[:2]}: a part of a transaction", ran)
            self.expect(not told or allowed.get(dump, 0) >= int(told.group(1)),
                        f"{words[:2]}: reports called stored are not", ran)
        again = self.run(*words)
        self.expect(again.code == 0, f"{words[:2]}: again, with room", again)
        self.expect(fw.dump(where / "store.db") == expected,
                    f"{words[:2]}: again, with room: not what it should be")

    # ---- Read-only ------------------------------------------------------------------------------

    def files(self):
        return {path.name: path.read_bytes() for path in self.disk.iterdir()}

    def read_only(self):
        audit = ["audit", "--as-of", str(fw.AS_OF), "--format", "json"]
        expected = self.must(*audit, store="closed.db")
        with disk(self.disk, ROOM) as where:
            shutil.copy(self.folder / "closed.db", where / "store.db")
            remount(where, "ro")
            before = self.files()
            ran = self.run(*audit)
            self.expect(ran.code == 0 and ran.out == expected, "audit on a read-only disk", ran)
            for words in (["store", "check"], ["ledger", "verify"], ["ledger", "list"]):
                ran = self.run(*words)
                self.expect(ran.code == 0, f"{words} on a read-only disk", ran)
            for words in (["import", "reports", "reports.jsonl"],
                          ["import", "estate", "estate2.json", "--accept"],
                          ["ledger", "close", str(fw.PERIOD.plus(1)), "--by", "Ann"],
                          ["store", "prune"], ["server", "retire", "srv-1"]):
                ran = self.run(*words)
                self.expect(ran.code in SYSEXITS_OF_A_DISK and "store.db" in ran.err,
                            f"{words[:2]} on a read-only disk", ran)
            ran = self.run("store", "init", store="disk/other.db")
            self.expect(ran.code in SYSEXITS_OF_A_DISK and "other.db" in ran.err,
                        "store init on a read-only disk", ran)
            self.expect(self.files() == before, "a read-only disk has changed")
            remount(where, "rw")

    def read_only_with_log(self):
        """A log that was left by a program that died cannot be read without writing: say so,
        or read it; never pass over what it holds."""
        audit = ["audit", "--as-of", str(fw.AS_OF), "--format", "json"]
        expected = self.must(*audit, store="closed.db")
        with disk(self.disk, ROOM) as where:
            shutil.copy(self.folder / "closed.db", where / "store.db")
            db = fw.sqlite3.connect(where / "store.db")
            db.execute("UPDATE reseller SET name = 'Renamed'")
            db.commit()
            shutil.copy(where / "store.db-wal", where / "kept")
            shutil.copy(self.folder / "closed.db", where / "new.db")
            db.close()
            (where / "new.db").rename(where / "store.db")
            (where / "kept").rename(where / "store.db-wal")
            (where / "store.db-shm").unlink(missing_ok=True)
            remount(where, "ro")
            ran = self.run(*audit)
            is_told = ran.code in SYSEXITS_OF_A_DISK and "store.db" in ran.err
            self.expect(is_told or (ran.code == 0 and ran.out == expected),
                        "audit of a store with a log on a read-only disk", ran)
            remount(where, "rw")
            ran = self.run(*audit)
            self.expect(ran.code == 0, "the same, when it can be written again", ran)


def main():
    folder = pathlib.Path(tempfile.mkdtemp(prefix="fairuse-disk-"))
    try:
        disks = Disks(sys.argv[1], folder)
        try:
            with disk(disks.disk, STEP):
                pass
        except (OSError, subprocess.CalledProcessError):
            print("no file system can be mounted here (is this root?): passed over")
            sys.exit(0)
        disks.make_stores()
        estate = {fw.dump(folder / "estate.db"): 0}
        reported = {fw.dump(folder / "reported.db"): 0}
        after = {fw.dump(folder / "closed.db"): 0}
        disks.full(None, ["store", "init"], "empty.db", {fw.dump(folder / "empty.db"): 0})
        disks.full("empty.db", ["import", "estate", "estate.json", "--accept"], "estate.db",
                   {fw.dump(folder / "empty.db"): 0} | estate)
        disks.full("estate.db", ["import", "reports", "reports.jsonl"], "reported.db",
                   disks.prefixes | {next(iter(reported)): len(fw.reports())})
        disks.full("reported.db", ["ledger", "close", str(fw.PERIOD), "--by", "Ann"],
                   "closed.db", reported | after)
        disks.read_only()
        disks.read_only_with_log()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    for text in disks.wrong:
        print(text)
    print(f"{disks.cases} claims, {len(disks.wrong)} wrong")
    sys.exit(1 if disks.wrong else 0)


if __name__ == "__main__":
    main()
