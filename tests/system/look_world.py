"""A server with Plesk's files for fairuse-look: a key folder, mail folders, a resolver of its own;
and the look itself, run as it is installed, its messages read by agent_messages."""

import os
import pathlib
import shutil
import socket
import struct
import subprocess
import threading

import agent_messages
from door_world import config_text

CORE_3 = "http://parallels.com/schemas/keys/core/3"
CORE_2 = "http://swsoft.com/schemas/keys/core/2"
PRODUCT = "http://parallels.com/schemas/keys/products/plesk/unified/multi"
USER = "nobody"
MX, A, AAAA, SOA = 15, 1, 28, 6
SERVFAIL, NXDOMAIN = 2, 3


def key_text(number, core=CORE_3, ticket="an-invented-ticket", **fields):
    """A key file. Fields: version, product, expires, edition, machine."""
    names = {"version": "core:key-version", "product": "core:product",
             "expires": "core:expiration-date", "edition": "p:edition",
             "machine": "p:machine-id-info"}
    lines = [f'<?xml version="1.0" encoding="UTF-8"?>\n<p:key xmlns:p="{PRODUCT}" '
             f'core:format="openfusion-3" xmlns:core="{core}">',
             f"<core:key-number core:type=\"string\">{number}</core:key-number>"]
    lines += [f"<{names[name]}>{value}</{names[name]}>" for name, value in fields.items()]
    lines += ["<core:description><core:keytype>Web Pro</core:keytype></core:description>",
              f'<core:update-ticket core:hidden="true">{ticket}</core:update-ticket>', "</p:key>"]
    return "\n".join(lines)


def wire_name(name):
    labels = [label.encode() for label in name.rstrip(".").split(".") if label]
    return b"".join(bytes([len(label)]) + label for label in labels) + b"\0"


class Resolver:
    """Answers what it is told to, by UDP on 127.0.0.1: {(name, type): [data] or an rcode}. What
    it was not told is NXDOMAIN; what is None is not answered at all."""

    def __init__(self, answers):
        self.answers, self.asked = answers, []
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        self.thread = threading.Thread(target=self.serve, daemon=True)
        self.thread.start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.sendto(b"", ("127.0.0.1", self.port))  # wakes it: there is no more to do
        self.thread.join()
        self.socket.close()

    def serve(self):
        while True:
            query, peer = self.socket.recvfrom(4096)
            if not query:
                return
            answer = self.answer(query)
            if answer:
                self.socket.sendto(answer, peer)

    def answer(self, query):
        labels, at = [], 12
        while query[at]:
            labels.append(query[at + 1:at + 1 + query[at]].decode().lower())
            at += 1 + query[at]
        name, kind = ".".join(labels), struct.unpack(">H", query[at + 1:at + 3])[0]
        self.asked.append((name, kind))
        found = self.answers.get((name, kind), NXDOMAIN)
        if found is None:
            return None
        rcode, records = (found, []) if isinstance(found, int) else (0, found)
        data = b"".join(b"\xc0\x0c" + struct.pack(">HHIH", kind, 1, 300, len(rdata)) + rdata
                        for rdata in records)
        return (query[:2] + struct.pack(">HHHHH", 0x8180 | rcode, 1, len(records), 0, 0) +
                query[12:at + 5] + data)


def mx(name, preference=10):
    return struct.pack(">H", preference) + wire_name(name)


def ipv4(text):
    return socket.inet_aton(text)


class Server:
    """The files of one server below a folder that everybody may read, as USER must."""

    def __init__(self, ctl):
        self.root = pathlib.Path(ctl.folder)
        self.program = pathlib.Path(ctl.program).parent / "fairuse-look"
        self.root.chmod(0o755)
        self.keys = self.root / "keys"
        self.keys.mkdir()
        (self.root / "state").mkdir()
        if os.geteuid() == 0:
            shutil.chown(self.root / "state", USER)
        self.settings = {"user": USER, "state": str(self.root / "state"),
                         "keys": str(self.keys), "registry": str(self.root / "registry.xml"),
                         "legacy_key": str(self.root / "psa.key"), "maildirs": "",
                         "key_servers": [], "database_sockets": [str(self.root / "no.sock")],
                         "resolvers": ["127.0.0.1:1"]}

    def key(self, name, number, **fields):
        (self.keys / name).write_text(key_text(number, **fields))
        return self

    def mailbox(self, domain, name):
        """A mail folder, as Plesk's qmail and postfix have them."""
        folder = self.root / "mailnames" / domain / name / "Maildir"
        for part in ("cur", "new", "tmp"):
            (folder / part).mkdir(parents=True)
        self.settings["maildirs"] = str(self.root / "mailnames")
        return self

    def config(self):
        path = self.root / "agent.conf"
        path.write_text("".join(f"{key} = {config_text(value)};\n"
                                for key, value in self.settings.items()))
        return str(path)

    def command(self, *words):
        return [str(self.program), "-c", self.config(), *words]

    def run(self, *words, stdin=b"", seconds=150):
        """The process when it has ended."""
        return subprocess.run(self.command(*words), input=stdin, capture_output=True,
                              timeout=seconds, check=False)

    def look(self, *words, stdin=b""):
        """The messages of a look that went well."""
        ran = self.run(*words, stdin=stdin)
        if ran.returncode != 0 or ran.stderr:
            raise AssertionError(f"exit {ran.returncode}: {ran.stderr.decode()}")
        return Seen(agent_messages.decode_all(ran.stdout))


class Seen:
    """What a look said, by kind."""

    def __init__(self, messages):
        self.messages = messages
        self.end = messages[-1]
        if [m for m in messages if m["kind"] == "end"] != [self.end]:
            raise AssertionError(f"one END, and at the end: {messages}")

    def of(self, kind):
        return [m for m in self.messages if m["kind"] == kind]

    def licenses(self):
        return [f"{m['license']}/{m['version']}" for m in self.of("license")]

    def domains(self):
        return {m["domain"]: (m["mailboxes"], m["filtered"]) for m in self.of("domain")}
