"""Name servers for tests: a real dnsmasq on a port of loopback, and a stand-in that answers as a
case tells it."""

import pathlib
import shutil
import socket
import struct
import subprocess
import threading
import time

MX, A, AAAA, CNAME = 15, 1, 28, 5


def missing():
    if not shutil.which("dnsmasq"):
        return "dnsmasq is not there: it is in the package dnsmasq-base"
    return ""


def free_port():
    """One that is free for both UDP and TCP."""
    for _ in range(50):
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as tcp:
            tcp.bind(("127.0.0.1", 0))
            port = tcp.getsockname()[1]
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
                try:
                    udp.bind(("127.0.0.1", port))
                    return port
                except OSError:
                    continue
    raise AssertionError("no port is free")


class Dnsmasq:
    """`lines` are dnsmasq's own: mx-host=…, host-record=…, cname=…."""

    def __init__(self, folder, lines):
        self.port = free_port()
        config = pathlib.Path(folder) / "dnsmasq.conf"
        config.write_text("\n".join([
            f"port={self.port}", "listen-address=127.0.0.1", "bind-interfaces", "no-resolv",
            "no-hosts", "no-daemon", "user=root", "local=/example/", "local=/test/",
            "log-queries", "log-facility=-", "pid-file=", "dns-forward-max=1000", *lines, ""]))
        self.log = open(pathlib.Path(folder) / "dnsmasq.log", "w+")
        self.process = subprocess.Popen(["dnsmasq", f"--conf-file={config}"],
                                        stdout=self.log, stderr=self.log)

    def __enter__(self):
        for _ in range(100):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return self
            if self.process.poll() is not None:
                break
            time.sleep(0.02)
        self.log.seek(0)
        raise AssertionError(self.log.read())

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        self.log.close()

    def address(self):
        return f"127.0.0.1:{self.port}"

    def asked(self, kind="MX"):
        """How often each name was asked for since the last time."""
        self.log.seek(0)
        text, counts = self.log.read(), {}
        self.log.seek(0)
        self.log.truncate()
        for line in text.splitlines():
            if f"query[{kind}]" in line:
                name = line.split(f"query[{kind}] ")[1].split()[0]
                counts[name] = counts.get(name, 0) + 1
        return counts


def name(text):
    """A name on the wire; "" is the root."""
    labels = [label.encode() for label in text.split(".") if label]
    return b"".join(bytes([len(label)]) + label for label in labels) + b"\0"


def record(owner, kind, data):
    return name(owner) + struct.pack(">HHIH", kind, 1, 60, len(data)) + data


def mx(owner, exchange, preference=10):
    return record(owner, MX, struct.pack(">H", preference) + name(exchange))


def cname(owner, target):
    return record(owner, CNAME, name(target))


class Question:
    """What was asked, and a way to answer it."""

    def __init__(self, packet):
        self.packet, at, labels = packet, 12, []
        while packet[at]:
            labels.append(packet[at + 1:at + 1 + packet[at]].decode())
            at += 1 + packet[at]
        self.name, self.end = ".".join(labels), at + 5
        self.kind = struct.unpack(">H", packet[at + 1:at + 3])[0]

    def answer(self, *records, code=0, flags=0x8180):
        head = self.packet[:2] + struct.pack(">HHHHH", flags | code, 1, len(records), 0, 0)
        return head + self.packet[12:self.end] + b"".join(records)


class Stub:
    """Answers each UDP question by `handler`: bytes, or None for silence."""

    def __init__(self, handler):
        self.handler, self.asked = handler, []
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
        self.socket.bind(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]

    def __enter__(self):
        threading.Thread(target=self.loop, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.socket.close()

    def address(self):
        return f"127.0.0.1:{self.port}"

    def loop(self):
        while True:
            try:
                packet, peer = self.socket.recvfrom(4096)
                question = Question(packet)
                self.asked.append(question.name)
                answer = self.handler(question)
                if answer is not None:
                    self.socket.sendto(answer, peer)
            except OSError:
                return
