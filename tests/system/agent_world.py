"""A whole agent as its user runs it: a folder with settings and Plesk's key files, the programs of
the build, beside a real collector (door_world)."""

import json
import os
import pathlib
import shutil
import signal
import sqlite3
import struct
import subprocess
import time

import door_world as world
from ctl_world import check, equal

NOBODY_WAITS_LONGER = 60

KEY = """<?xml version="1.0" encoding="UTF-8"?>
<plesk-unified:key xmlns:plesk-unified="http://parallels.com/schemas/keys/products/plesk/unified/multi"
 core:format="openfusion-3" xmlns:core="http://parallels.com/schemas/keys/core/3">
<!-- invented -->
<core:key-number core:type="string">{number}</core:key-number>
<core:key-version core:type="string">{version}</core:key-version>
<core:product core:type="string">{product}</core:product>
<core:expiration-date core:type="date">{expires}</core:expiration-date>
<core:update-ticket core:hidden="true">{ticket}</core:update-ticket>
<plesk-unified:edition core:type="string">web-pro</plesk-unified:edition>
</plesk-unified:key>
"""
TICKET = "ticket-that-nobody-may-see"


def key_text(number="PLSK.00000001", version="0003", product="plesk-unified",
             expires="2099-12-04"):
    return KEY.format(number=number, version=version, product=product, expires=expires,
                      ticket=TICKET)


def wait_for(what, said, seconds=NOBODY_WAITS_LONGER):
    return world.wait_for(what, said, seconds)


class Agent:
    """`settings` go into agent.conf. Children look for no Plesk but the one in the folder."""

    def __init__(self, ctl, name="agent", programs=None, **settings):
        self.folder = ctl.path(name)
        self.folder.mkdir()
        self.keys, self.state = self.folder / "keys", self.folder / "state"
        self.keys.mkdir()
        self.programs = pathlib.Path(programs or pathlib.Path(ctl.program).parent)
        self.config, self.process = self.folder / "agent.conf", None
        self.wrapper, self.env = [], {}
        self.settings = {
            "state": str(self.state), "user": "root", "probe_user": "root",
            "keys": str(self.keys), "registry": str(self.folder / "registry.xml"),
            "legacy_key": str(self.folder / "psa.key"), "observe": ["interface"],
            "count_mailboxes": False, "key_servers": ["198.51.100.7:443"],
            "lab_networks": world.LAB, "look": "1s", "interval": "1s",
            "database_sockets": [str(self.folder / "no.sock")], "maildirs": "",
            **settings}
        self.write_config()

    def write_config(self):
        self.config.write_text("".join(f"{k} = {world.config_text(v)};\n"
                                       for k, v in self.settings.items()))

    def put_key(self, name="key1", **more):
        (self.keys / name).write_text(key_text(**more))
        return self

    # ---- Commands

    def command(self, *words):
        return [*self.wrapper, str(self.programs / "fairuse-agent"), *map(str, words),
                "-c", str(self.config)]

    def environment(self):
        return {**os.environ, "LC_ALL": "C.UTF-8", **self.env}

    def run(self, *words, data="", seconds=NOBODY_WAITS_LONGER):
        return subprocess.run(self.command(*words), input=data, capture_output=True, text=True,
                              timeout=seconds, check=False, env=self.environment())

    def must(self, *words, data=""):
        done = self.run(*words, data=data)
        equal(done.returncode, 0, words, done.stdout, done.stderr)
        return done.stdout

    def enrol(self, collector, url=None):
        self.must("enroll", url or f"https://localhost:{collector.port}",
                  data=collector.token() + "\n")
        return self

    # ---- The daemon

    def start(self, *words):
        self.log_file = open(self.folder / "log", "ab")
        self.process = subprocess.Popen(self.command("run", *words), stderr=self.log_file,
                                        stdin=subprocess.DEVNULL, env=self.environment())
        wait_for(lambda: "started" in self.new_log() or self.process.poll() is not None,
                 "the agent to start")
        check(self.process.poll() is None, "it ended at once:", self.log())
        return self

    def new_log(self):
        """What was logged since the last start."""
        return self.log().rsplit(" stopped", 1)[-1] if self.process else self.log()

    def log(self):
        try:
            return (self.folder / "log").read_text(errors="replace")
        except FileNotFoundError:
            return ""

    def end(self, number=signal.SIGTERM):
        if not self.process:
            return None
        if self.process.poll() is None:
            self.process.send_signal(number)
        try:
            code = self.process.wait(NOBODY_WAITS_LONGER)
        except subprocess.TimeoutExpired:
            self.process.kill()
            code = self.process.wait()
        self.log_file.close()
        self.process = None
        return code

    def __enter__(self):
        return self if self.process else self.start()

    def __exit__(self, *failure):
        code = self.end()
        if failure[0] is None:
            check(code in (0, None, -signal.SIGKILL), "exit code", code, self.log())
        else:
            print(self.log()[-4000:])

    # ---- What it knows

    def status(self):
        done = self.run("status", "--format", "json")
        check(done.returncode in (0, 69), done.stdout, done.stderr)
        return json.loads(done.stdout)

    def sent(self):
        """Wall time of the last report that was taken, or None."""
        return self.status()["collector"]["sent"]

    def wait_sent(self, after=0, seconds=NOBODY_WAITS_LONGER):
        return wait_for(lambda: (self.sent() or 0) > after, "a report to be taken: " + self.log(),
                        seconds)

    def history(self, *words):
        return [json.loads(line)
                for line in self.must("history", "--format", "json", *words).splitlines()]

    def children(self):
        """pids of the daemon's own children, by program."""
        found = {}
        for stat in pathlib.Path("/proc").glob("[0-9]*/stat"):
            try:
                text = stat.read_text()
            except (FileNotFoundError, ProcessLookupError):
                continue
            name, rest = text[text.index("(") + 1:text.rindex(")")], text.rsplit(") ", 1)[1]
            if int(rest.split()[1]) == self.process.pid:
                found[name] = int(stat.parent.name)
        return found

    def rows(self, query, *values):
        """Of a spool that was left in the middle of a write, too: reading finishes that."""
        spool = sqlite3.connect(f"file:{self.state / 'spool.db'}?mode=rw", uri=True, timeout=30)
        try:
            return spool.execute(query, values).fetchall()
        finally:
            spool.close()


def set_clock(offset, seconds):
    """How far off the clock is of programs whose `offset` file this is."""
    with open(offset, "r+b" if offset.exists() else "wb", buffering=0) as file:
        file.write(struct.pack("=q", seconds))


def shifted_programs(ctl, offset):
    """The build's programs, each with a wall clock that is as far off as the file says."""
    programs, folder = pathlib.Path(ctl.program).parent, ctl.path("bin")
    folder.mkdir()
    preload = str(programs.parent / "tests/fault/libshifted_clock.so")
    if b"__asan_init" in (programs / "fairuse-agent").read_bytes():
        asan = subprocess.run(["cc", "-print-file-name=libasan.so"], capture_output=True,
                              text=True, check=True).stdout.strip()
        preload = f"{asan}:{preload}"
    for name in ("fairuse-agent", "fairuse-probe", "fairuse-look", "fairuse-uplink"):
        shutil.copy(programs / name, folder / f"{name}.real")
        (folder / name).write_text(f"#!/bin/sh\nexport LD_PRELOAD={preload} SHIFTED_CLOCK={offset}\n"
                                   f"exec {folder}/{name}.real \"$@\"\n")
        (folder / name).chmod(0o755)
    return folder


def sightings(collector):
    """What the collector holds: (licence, server, address, source, first, last)."""
    return collector.rows("SELECT * FROM sighting")


def sleep(seconds):
    time.sleep(seconds)
