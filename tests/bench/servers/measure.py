"""The measurements of "compare": each takes a fresh server and gives rows of the table."""

import contextlib
import itertools
import os
import pathlib
import re
import select
import ssl
import subprocess
import time

from client import connect, hello, plain, post, read_answer, report, request

TICKS = os.sysconf("SC_CLK_TCK")
STALLED = (0, 1, 100, 1000)
WINDOW_S = 3
TURNS = 4
IDLE_CONNECTIONS = 5000
SLOW_S = 45            # how long we watch a slow client
TIMEOUT_S, LONG_S = 10, 600
numbers = itertools.count(1)


class Server:
    """A process that we started and end, and what it has cost so far."""

    def __init__(self, words, port):
        self.port = port
        self.process = subprocess.Popen(words)
        self.proc = pathlib.Path(f"/proc/{self.process.pid}")

    def cpu_s(self):
        fields = (self.proc / "stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICKS      # utime, stime: proc(5)

    def rss_kb(self):
        return int(re.search(r"VmRSS:\s+(\d+)", (self.proc / "status").read_text())[1])

    def files(self):
        return len(list((self.proc / "fd").iterdir()))

    def stop(self):
        self.process.terminate()
        try:
            self.process.wait(3)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def keep_alive(server, context, seconds):
    """One client, request after request: (requests a second, server microseconds each), the
    best of its seconds: what else runs on the machine only ever adds."""
    rates, costs = [], []
    with connect(server.port, context) as tls:
        post(tls, next(numbers))
        for _ in range(seconds):
            before, begin, count = server.cpu_s(), time.monotonic(), 0
            while time.monotonic() < begin + 1:
                post(tls, next(numbers))
                count += 1
            rates.append(count / (time.monotonic() - begin))
            costs.append((server.cpu_s() - before) / count * 1e6)
    return max(rates), min(costs)


def idle_percent(server):
    before, begin = server.cpu_s(), time.monotonic()
    time.sleep(WINDOW_S)
    return (server.cpu_s() - before) / (time.monotonic() - begin) * 100


def stall(server, count, first_bytes):
    """So many clients that send this and no more, once the server has seen them all."""
    sockets = []
    for _ in range(count):
        sockets.append(plain(server.port))
        sockets[-1].sendall(first_bytes)
    time.sleep(0.5 + count / 1000)
    return sockets


def close_all(sockets):
    for s in sockets:
        s.close()


def stalled_clients(server, certificates, quick):
    """Both windows together end before the time-out does."""
    context, cells = certificates.context(), {}
    whole = hello(context)
    for count in STALLED[:3] if quick else STALLED:
        sockets = stall(server, count, whole[:20])
        idle = idle_percent(server)
        rate, each = keep_alive(server, context, 1 if quick else WINDOW_S)
        close_all(sockets)
        if count:
            cells[f"idle CPU, {count:,} stalled after 20 bytes"] = f"{idle:.0f} %"
        cells[f"keep-alive POST beside {count:,} stalled"] = f"{rate:,.0f}/s, {each:,.0f} µs"
    for count in STALLED[1:3] if quick else STALLED[1:]:
        sockets = stall(server, count, whole)
        cells[f"idle CPU, {count:,} withhold Finished"] = f"{idle_percent(server):.0f} %"
        close_all(sockets)
    return cells


def handshakes(server, certificates, quick):
    """Connections of one request each, by turns full and resumed; the best of the turns."""
    context, each = certificates.context(), 50 if quick else 500
    full, resumed, session, reused = [], [], None, 0
    for _ in range(TURNS):
        for costs in (full, resumed):
            before = server.cpu_s()
            for _ in range(each):
                known = session if costs is resumed else None
                with connect(server.port, context, known) as tls:
                    post(tls, next(numbers))
                    reused += tls.session_reused
                    session = tls.session
            costs.append((server.cpu_s() - before) / each * 1e3)
    return {"full handshake + POST of 955 bytes": f"{min(full):.2f} ms",
            "resumed handshake + POST": f"{min(resumed):.2f} ms" if reused == TURNS * each
            else f"{reused} of {TURNS * each} resumed"}


def idle_connections(server, certificates, quick):
    """What an idle TLS connection holds, before and after its first request."""
    context = certificates.context()
    count = IDLE_CONNECTIONS // 10 if quick else IDLE_CONNECTIONS
    with connect(server.port, context) as tls:
        post(tls, next(numbers))
    cells = {}
    before, files = server.rss_kb(), server.files()
    opened = [connect(server.port, context) for _ in range(count)]
    time.sleep(1)
    for title in ("kB per idle connection", "the same after a request each"):
        for tls in opened if cells else ():
            with contextlib.suppress(OSError):      # closed meanwhile: seen in the count below
                post(tls, next(numbers))
        held = server.files() - files
        each = (server.rss_kb() - before) / max(held, 1)
        cells[title] = f"{each:.0f}" if held > count * 0.99 else f"only {held} held"
    close_all(opened)
    return cells


def is_over(s):
    """Whether the server has closed; what else it sends is read and forgotten."""
    try:
        while select.select([s], [], [], 0)[0]:
            if not s.recv(65536):
                return True
    except (BlockingIOError, ssl.SSLWantReadError):
        return False
    except OSError:
        return True
    return False


def slow_clients(server, certificates, quick):
    """A byte a second, in four places: how long until the server closes?"""
    context = certificates.context()
    whole, post_bytes = hello(context), request(report(next(numbers)))
    head = post_bytes.index(b"\r\n\r\n") + 4
    silent, handshaking = plain(server.port), plain(server.port)
    silent.sendall(whole[:20])
    in_head, in_body = connect(server.port, context), connect(server.port, context)
    in_body.sendall(post_bytes[:head])
    drips = {"silent in the handshake": (silent, b""),
             "a byte a second, ClientHello": (handshaking, whole),
             "a byte a second, head": (in_head, post_bytes[:head]),
             "a byte a second, body": (in_body, post_bytes[head:])}
    for s, _ in drips.values():
        s.settimeout(0)
    closed, begin, watch = {}, time.monotonic(), SLOW_S // 3 if quick else SLOW_S
    for turn in range(watch):
        for title, (s, data) in drips.items():
            if title not in closed and (is_over(s) or not send_quietly(s, data[turn:turn + 1])):
                closed[title] = time.monotonic() - begin
        time.sleep(1)
    close_all(s for s, _ in drips.values())
    return {f"closed: {title}": f"after {closed[title]:.0f} s" if title in closed
            else f"not in {watch} s" for title in drips}


def send_quietly(s, data):
    """False if the connection is gone."""
    try:
        return not data or bool(s.send(data))
    except OSError:
        return False


def outcome(server, context, data):
    """What a client is told that sends these bytes: a status, an alert, or nothing. It gives
    an alert time to come: a request sent to a closed socket would be reset, the alert lost."""
    try:
        with connect(server.port, context) as tls:
            tls.settimeout(3)
            select.select([tls], [], [], 0.3)
            send_quietly(tls, data)
            status, body = read_answer(tls)
            return f"{status}, JSON" if body.startswith(b"{") else str(status)
    except TimeoutError:
        return "no answer in 3 s"
    except ssl.SSLEOFError:
        return "closed, no word"
    except ssl.SSLError as e:
        return (e.reason or "closed, no word").lower().replace("_", " ")
    except OSError:
        return "closed, no word"


def refusals(server, certificates, quick):
    context, body = certificates.context(), report(next(numbers))
    chunks = b"%x\r\n" % len(body) + body + b"\r\n0\r\n\r\n"
    coding = "Transfer-Encoding: chunked"
    cells = {"no certificate": outcome(server, certificates.context(None), request(body))}
    if (certificates.folder / "stranger.pem").exists():
        cells["a stranger's certificate"] = outcome(
            server, certificates.context("stranger"), request(body))
    for title, data in (
            ("chunked body", request(chunks, coding)),
            ("chunked and Content-Length", request(chunks, coding, "Content-Length: 5")),
            ("two Content-Lengths", request(body, "Content-Length: 955", "Content-Length: 1"))):
        cells[title] = outcome(server, context, data)
    return cells


for step in (stalled_clients, handshakes, slow_clients, refusals):
    step.timeout = TIMEOUT_S
idle_connections.timeout = LONG_S
STEPS = (stalled_clients, handshakes, idle_connections, slow_clients, refusals)
