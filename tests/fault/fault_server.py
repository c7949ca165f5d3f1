"""Runs one command of fairusectl many times, each with another fault (faults.c), in a folder
that is put back before each run."""

import os
import pathlib
import re
import signal
import subprocess

SYSEXITS = range(64, 79)


class Outcome:
    """What one run left: how it ended, what it said, and the files."""

    def __init__(self, status, out, err, files, notes):
        self.signal = os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0
        self.code = os.WEXITSTATUS(status) if os.WIFEXITED(status) else -1
        self.out, self.err, self.files = out, err, files
        self.counts, self.asker = (0, 0), None  # asker: the library that got no memory
        for line in notes.splitlines():
            if line[0].isdigit():
                self.counts = tuple(map(int, line.split()))
            else:
                self.asker = line

    def __str__(self):
        ended = f"signal {signal.Signals(self.signal).name}" if self.signal else \
            f"exit {self.code}"
        return f"{ended}; stderr: {self.err.strip()!r}; files: {sorted(self.files)}"


class Bench:
    """A folder with the inputs, and a server for each command that is run in it."""

    def __init__(self, folder, program, library, inputs):
        self.folder, self.program = pathlib.Path(folder), program
        self.library, self.servers = library, {}
        self.folder.mkdir()
        for name, data in inputs.items():
            (self.folder / name).write_bytes(data)
        self.fixed = set(inputs) | {"out", "err", "count"}
        self.present = None  # the files beside the inputs, where they are known

    def close(self):
        for server in self.servers.values():
            server.stdin.close()
            server.stdout.close()
            server.wait()

    def server(self, words):
        key = tuple(words)
        if key not in self.servers:
            env = {**os.environ, "LD_PRELOAD": self.library, "FAULT_SERVER": "1",
                   "FAULT_COUNT": "count", "LC_ALL": "C.UTF-8"}
            self.servers[key] = subprocess.Popen(
                [self.program, "--store", "sqlite:store.db", *words], cwd=self.folder, env=env,
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0)
        return self.servers[key]

    def put(self, files):
        """The folder with these files beside the inputs, and no others."""
        if files == self.present:
            return
        for path in self.folder.iterdir():
            if path.name not in self.fixed:
                path.unlink()
        for name, data in files.items():
            (self.folder / name).write_bytes(data)
            (self.folder / name).chmod(0o600)  # a key that others may read is refused
        self.present = files

    def touched(self):
        """Somebody else works on the files."""
        self.present = None

    def files(self):
        self.present = {path.name: path.read_bytes() for path in self.folder.iterdir()
                        if path.name not in self.fixed}
        return self.present

    def text(self, name):
        """What was written; a damaged store may give what is no UTF-8."""
        return (self.folder / name).read_bytes().decode(errors="surrogateescape")

    def run(self, words, **settings):
        """Runs it on the folder as it is. A setting WRITE=3 is FAULT_WRITE=3."""
        server = self.server(words)
        line = " ".join(f"FAULT_{name}={value}" for name, value in settings.items())
        count = self.folder / "count"
        count.unlink(missing_ok=True)
        server.stdin.write(line.encode() + b"\n")
        answer = server.stdout.readline()
        if not answer:
            raise RuntimeError(f"the fault server is gone: {' '.join(words)}")
        return Outcome(int(answer), self.text("out"), self.text("err"), self.files(),
                       count.read_text() if count.exists() else "")


# What an error must name: the store, another file, or what there was too little of.
NAMED = re.compile(r"store\.db|memory|proof\.json|\.jsonl?\b|zoneinfo|temporary| key\b|the proof")


def is_told(err):
    """Whether there is a sentence on standard error."""
    return any(line.startswith("fairusectl: ") and len(line) > 20 for line in err.splitlines())


def is_clear(err):
    """Whether it is one that a person can act on."""
    return is_told(err) and NAMED.search(err) is not None
