#!/usr/bin/env python3
"""What a peer pays for the same work: Zabbix's proxy on SQLite takes five values a request.

usage: tests/bench/zabbix/zabbix_proxy.py [REQUESTS] [--times N] [--trappers N] [--syncers N]
       (default: 20000 requests, 3 times, the medians; apt-get install zabbix-proxy-sqlite3)

Starts the proxy in a temporary folder, in passive mode (no server ever asks), on a database of
100 hosts of five trapper items, and sends "sender data", one TCP connection a request as the
protocol closes it. Each answer must say that all five were processed. Prints "name value"
lines; processor time is that of all its processes, user and system, until the last value is in
the database. Mind when comparing: no TLS, and it answers before its data is durable. The
values wait in shared memory for the history syncers, which write with synchronous = 0."""

import argparse
import contextlib
import gzip
import json
import os
import pathlib
import random
import re
import shutil
import signal
import socket
import sqlite3
import statistics
import struct
import subprocess
import sys
import tempfile
import threading
import time

PROGRAM = "/usr/sbin/zabbix_proxy"
SCHEMA = "/usr/share/zabbix-proxy-sqlite3/schema.sql.gz"
HOSTS, ITEMS, CLIENTS = 100, 5, 4
PATIENCE_S = 60
TICKS = os.sysconf("SC_CLK_TCK")
TRAPPER, UNSIGNED = 2, 3        # items.type and items.value_type of Zabbix's schema
CONFIG = """\
ProxyMode=1
Server=127.0.0.1
Hostname=peer
ListenIP=127.0.0.1
ListenPort={port}
LogType=file
LogFile={folder}/log
PidFile={folder}/pid
SocketDir={folder}
DBName={folder}/proxy.db
DebugLevel=2
AllowRoot=1
User=root
StartPollers=0
StartPollersUnreachable=0
StartPingers=0
StartDiscoverers=0
StartHTTPPollers=0
StartTrappers={trappers}
StartDBSyncers={syncers}
"""


def make_database(path):
    with gzip.open(SCHEMA, "rt") as schema, contextlib.closing(sqlite3.connect(path)) as db:
        db.executescript(schema.read())
        db.execute("INSERT INTO hstgrp (groupid, name) VALUES (1, 'all')")
        db.execute("INSERT INTO config (configid, discovery_groupid) VALUES (1, 1)")
        for host in range(HOSTS):
            db.execute("INSERT INTO hosts (hostid, host, name) VALUES (?, ?, ?)",
                       (host + 1, f"host{host}", f"host{host}"))
            for item in range(ITEMS):
                itemid = host * ITEMS + item + 1
                db.execute("INSERT INTO items (itemid, type, hostid, name, key_, value_type)"
                           " VALUES (?, ?, ?, ?, ?, ?)",
                           (itemid, TRAPPER, host + 1, f"fact{item}", f"fact{item}", UNSIGNED))
                db.execute("INSERT INTO item_rtdata (itemid) VALUES (?)", (itemid,))
        db.commit()


def free_port():
    """Zabbix takes none above 32767, where those begin that the kernel hands out."""
    while True:
        with socket.socket() as s, contextlib.suppress(OSError):
            s.bind(("127.0.0.1", random.randrange(20000, 32768)))
            return s.getsockname()[1]


def ask(port, host, number):
    """One request of five values; the text of the answer, "" if none came."""
    now = time.time_ns()
    clock, ns = divmod(now, 10**9)
    data = [{"host": f"host{host}", "key": f"fact{item}", "value": str(number + item),
             "clock": clock, "ns": ns} for item in range(ITEMS)]
    body = json.dumps({"request": "sender data", "data": data, "clock": clock, "ns": ns},
                      separators=(",", ":")).encode()
    answer = b""
    with socket.create_connection(("127.0.0.1", port), PATIENCE_S) as s:
        s.sendall(b"ZBXD\1" + struct.pack("<II", len(body), 0) + body)
        while more := s.recv(4096):
            answer += more
    return answer[13:].decode()     # the answer has the same head of 13 bytes


def all_processed(answer):
    return f"processed: {ITEMS}; failed: 0" in answer


class Proxy:
    """The processes of one proxy, in a folder of their own."""

    def __init__(self, folder, trappers, syncers):
        self.folder, self.port = pathlib.Path(folder), free_port()
        self.database = self.folder / "proxy.db"
        make_database(self.database)
        config = self.folder / "conf"
        config.write_text(CONFIG.format(folder=folder, port=self.port, trappers=trappers,
                                        syncers=syncers))
        # In a session of its own, whose number tells its processes from others.
        self.process = subprocess.Popen([PROGRAM, "-f", "-c", config], start_new_session=True,
                                        stdout=subprocess.DEVNULL)

    def wait_until_it_takes_values(self):
        until = time.monotonic() + PATIENCE_S
        answer = ""
        while time.monotonic() < until and self.process.poll() is None:
            with contextlib.suppress(OSError):
                answer = ask(self.port, 0, 1)
                if all_processed(answer):
                    return
            time.sleep(0.2)
        log = (self.folder / "log").read_text() if (self.folder / "log").exists() else ""
        sys.exit(f"the proxy takes no values: {answer}\n{log}")

    def processes(self):
        """(pid, title, processor seconds) of each, from proc(5)."""
        for proc in pathlib.Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                fields = (proc / "stat").read_text().rpartition(")")[2].split()
                if int(fields[2]) == self.process.pid:      # its process group
                    title = (proc / "cmdline").read_bytes().decode(errors="replace")
                    yield int(proc.name), title, (int(fields[11]) + int(fields[12])) / TICKS

    def cpu_s(self):
        """Processor seconds by what the process does."""
        spent = {"trapper": 0.0, "syncer": 0.0, "other": 0.0}
        for _, title, seconds in self.processes():
            kind = next((k for k in ("trapper", "syncer") if f"{k} #" in title), "other")
            spent[kind] += seconds
        return spent

    def memory_kb(self):
        """Proportional set size of all: the shared caches count once."""
        return sum(int(re.search(r"^Pss:\s+(\d+)", pathlib.Path(
            f"/proc/{pid}/smaps_rollup").read_text(), re.M)[1]) for pid, _, _ in
            self.processes())

    def peak_rss_kb(self):
        """Sum of the peaks: what several processes share counts several times."""
        return sum(int(re.search(r"VmHWM:\s+(\d+)", pathlib.Path(
            f"/proc/{pid}/status").read_text())[1]) for pid, _, _ in self.processes())

    def rows(self):
        """Values in the database. Their ids rise by one: no scan that the syncers wait for."""
        with contextlib.closing(sqlite3.connect(f"file:{self.database}?mode=ro", uri=True,
                                                timeout=PATIENCE_S)) as db:
            return db.execute("SELECT coalesce(max(id), 0) FROM proxy_history").fetchone()[0]

    def commits(self):
        """SQLite's file change counter: bytes 24 to 27 of the file, one a transaction."""
        with open(self.database, "rb") as file:
            file.seek(24)
            return int.from_bytes(file.read(4), "big")

    def wait_for_rows(self, count):
        until = time.monotonic() + PATIENCE_S
        while self.rows() < count:
            if time.monotonic() > until:
                sys.exit(f"{count - self.rows()} values never reached the database")
            time.sleep(0.5)

    def stop(self):
        self.process.terminate()
        try:
            self.process.wait(PATIENCE_S)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, 9)
            self.process.wait()


def send(port, requests):
    """`requests` of them from CLIENTS threads; ends the program if one is not processed."""
    wrong = []

    def client(first):
        for number in range(first, requests, CLIENTS):
            answer = ask(port, number % HOSTS, number)
            if not all_processed(answer):
                wrong.append(answer)
                return

    threads = [threading.Thread(target=client, args=(first,)) for first in range(CLIENTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if wrong:
        sys.exit(f"a request was not processed: {wrong[0]}")


def measure(requests, trappers, syncers):
    with tempfile.TemporaryDirectory(dir=os.environ.get("TMPDIR", "/var/tmp"),
                                     prefix="fairuse-zabbix-") as folder:
        proxy = Proxy(folder, trappers, syncers)
        try:
            proxy.wait_until_it_takes_values()
            proxy.wait_for_rows(ITEMS)
            rows, commits, before = proxy.rows(), proxy.commits(), proxy.cpu_s()
            begin = time.monotonic()
            send(proxy.port, requests)
            wall = time.monotonic() - begin
            proxy.wait_for_rows(rows + requests * ITEMS)
            time.sleep(1)       # the syncers' last turn
            spent = {kind: s - before[kind] for kind, s in proxy.cpu_s().items()}
            micro = {f"{kind}_us_per_request": s / requests * 1e6 for kind, s in spent.items()}
            return {"cpu_us_per_request": sum(spent.values()) / requests * 1e6, **micro,
                    "requests_per_s": requests / wall,
                    "values_per_commit": requests * ITEMS / max(proxy.commits() - commits, 1),
                    "memory_kb": proxy.memory_kb(), "peak_rss_kb": proxy.peak_rss_kb()}
        finally:
            proxy.stop()


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("requests", nargs="?", type=int, default=20000)
    parser.add_argument("--times", type=int, default=3)
    parser.add_argument("--trappers", type=int, default=5, help="5 is Zabbix's default")
    parser.add_argument("--syncers", type=int, default=4, help="4 is Zabbix's default")
    given = parser.parse_args()
    if not shutil.which(PROGRAM):
        sys.exit("missing: apt-get install zabbix-proxy-sqlite3")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))     # so that the proxy ends too
    runs = [measure(given.requests, given.trappers, given.syncers)
            for _ in range(given.times)]
    print("requests", given.requests)
    for name in runs[0]:
        print(name, round(statistics.median(run[name] for run in runs)))


if __name__ == "__main__":
    main()
