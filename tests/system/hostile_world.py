"""What strangers and compromised servers do to a collector: crowds of connections that say
nothing, or half of something; requests one after the other on a connection; the load generator
in the background."""

import contextlib
import itertools
import json
import os
import socket
import ssl
import subprocess
import time
import urllib.parse

import door_world as door
from ctl_world import check

COUNTERS = itertools.count(1)  # of reports


def is_sanitized(program):
    """Whether memory and times say nothing of what is shipped."""
    with open(program, "rb") as f:
        return b"__asan_init" in f.read()


def how_many(c, name, sanitized, released):
    """A count that the environment may set; less of it under sanitizers."""
    return int(os.environ.get(name, sanitized if is_sanitized(c.program) else released))


def source(number, of=2):
    """An address of our own; `of` keeps crowds apart."""
    return f"127.{of}.{number // 250 % 250}.{1 + number % 250}"


def client_hello(c):
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    tls = c.context().wrap_bio(incoming, outgoing, server_hostname="localhost")
    try:
        tls.do_handshake()
    except ssl.SSLWantReadError:
        pass
    return outgoing.read()


class Crowd:
    """Plain sockets, all of which are closed in the end."""

    def __init__(self, c):
        self.c, self.sockets = c, []

    def __enter__(self):
        return self

    def __exit__(self, *failure):
        for s in self.sockets:
            s.close()

    def come(self, count, say=b"", of=2, address=None):
        """So many, each from an address of its own or all from one."""
        for number in range(count):
            try:
                s = socket.create_connection(("127.0.0.1", self.c.port), 30,
                                             (address or source(number, of), 0))
                self.sockets.append(s)
                if say:
                    s.sendall(say)
            except OSError:  # it has been shown the door
                pass
        return self

    def living(self):
        """How many of them have not been hung up on."""
        return sum(map(is_alive, self.sockets))


def is_alive(s):
    """What came is thrown away."""
    s.setblocking(False)
    try:
        while s.recv(65536):
            pass
        return False
    except (BlockingIOError, ssl.SSLWantReadError):
        return True
    except OSError:
        return False


class Wire:
    """One connection that is kept, and opened again when it was ended."""

    def __init__(self, c, agent):
        self.c, self.agent, self.sock, self.opened = c, agent, None, 0

    def __enter__(self):
        return self

    def __exit__(self, *failure):
        self.close()

    def close(self):
        if self.sock:
            self.sock.close()
        self.sock = None

    def ask(self, request):
        """The status and body of the answer."""
        if not self.sock:
            self.sock, self.opened = self.c.connect(self.agent), self.opened + 1
            self.sock.settimeout(door.NOBODY_WAITS_LONGER)
        self.sock.sendall(request)
        got = b""
        while b"\r\n\r\n" not in got:
            got += self.more(got)
        head, body = got.split(b"\r\n\r\n", 1)
        length = int(head.lower().split(b"content-length:")[1].split()[0])
        while len(body) < length:
            body += self.more(body)
        if b"connection: close" in head.lower():
            self.close()
        return int(head.split()[1]), body

    def more(self, so_far):
        part = door.Collector.receive(self.sock)
        check(part, "hung up after", so_far)
        return part


def post_bytes(data, length=None, path="/v1/reports", more=""):
    said = (f"POST {path} HTTP/1.1\r\nHost: localhost\r\nFairuse-Sent-At: {int(time.time())}\r\n"
            f"Content-Length: {len(data) if length is None else length}\r\n{more}\r\n")
    return said.encode() + data


def conformance():
    """(kind, name, bytes) of each case of the JSON tests."""
    folder = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    with open(os.path.join(folder, "support", "json_conformance.txt"), encoding="ascii") as f:
        for line in f.read().split("\n"):
            if line and not line.startswith("#"):
                kind, name, times, *text = line.split(" ", 3)
                data = urllib.parse.unquote_to_bytes(text[0] if text else "")
                yield kind, name, data * int(times)


# ---- The load generator -----------------------------------------------------------------------


def numbers(text):
    return {name: int(value) for name, value in map(str.split, text.splitlines())}


def hostile(c, **more):
    """Its tally; what it complains of is shown."""
    done = subprocess.run(c.load_words("hostile", **more), capture_output=True, text=True,
                          check=False)
    check(done.returncode == 0, "load:", done.stdout, done.stderr)
    return {**numbers(done.stdout), "said": done.stderr}


@contextlib.contextmanager
def idlers(c, count, seconds, dribble="no"):
    """Connections that are held; from here on all of them are open."""
    process = subprocess.Popen(c.load_words("idle", connections=count, seconds=seconds,
                                            dribble=dribble), stdout=subprocess.PIPE, text=True)
    try:
        process.opened = numbers(process.stdout.readline()).get("opened", 0)
        yield process
    finally:
        process.terminate()
        process.stdout.close()
        process.wait()


def alive_at_the_end(process):
    return numbers(process.stdout.read())["alive"]


# ---- What is measured -------------------------------------------------------------------------


def cpu_beside(c, seconds):
    """Milliseconds of CPU while nothing is asked."""
    before = c.cpu_ms()
    time.sleep(seconds)
    return c.cpu_ms() - before


def descriptors_at_rest(c):
    """How many it has open while nobody asks for anything."""
    counts = []
    for _ in range(20):
        time.sleep(0.02)
        counts.append(len(os.listdir(f"/proc/{c.process.pid}/fd")))
    return min(counts)


def serves(c, agent, times=3, **more):
    """Somebody who behaves well is served as ever."""
    for _ in range(times):
        answer = agent.post(door.report(counter=next(COUNTERS), machine=agent.name), **more)
        check(answer.status == 200, "a good report:", answer)


def answers_others(c):
    """The monitor and SIGHUP, whatever else goes on."""
    status, page = c.look("/healthz")
    check(status == 200 and json.loads(page)["status"] == "ok", page)
    check(c.reload().startswith("reloaded"), c.log()[-400:])


def open_now(c):
    """Connections of agents: without the monitor's own."""
    return c.metrics()["fairuse_connections_open"] - 1
