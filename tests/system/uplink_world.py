"""fairuse-uplink as the keeper runs it: an agent's folder beside a real collector (door_world),
and stand-ins for collectors and proxies that behave as no real one would."""

import json
import os
import pathlib
import select
import socket
import ssl
import stat
import subprocess
import threading
import time

import agent_messages
import door_world as world
from ctl_world import check, equal

WHOLE_S = 60  # what an exchange may take


class Told:
    """What a run of fairuse-uplink told."""

    def __init__(self, code, out, err):
        self.code, self.out, self.err = code, out, err
        self.messages = agent_messages.decode_all(out)
        self.result = self.messages[-1] if self.messages else None

    def of(self, kind):
        return [m for m in self.messages if m["kind"] == kind]

    @property
    def outcome(self):
        check(self.result and self.result["kind"] == "result", "no result", self)
        return self.result["outcome"]

    def must(self, outcome):
        equal((self.code, self.outcome), (0, outcome), self)
        return self

    def __repr__(self):
        return f"exit {self.code}\n{self.messages}\n{self.err}"


class Uplink:
    """An agent's folder, with its settings; `collectors` are URLs."""

    def __init__(self, collector, name="agent", **settings):
        self.collector, self.folder = collector, collector.path(name)
        self.folder.mkdir()
        self.program = str(pathlib.Path(collector.ctl.program).parent / "fairuse-uplink")
        self.state = self.folder / "state"
        self.state.mkdir(mode=0o700)
        self.wrapper, self.env = [], {}
        self.set(**settings)

    def set(self, **settings):
        parts = {"state": str(self.state), **settings}
        self.config = self.folder / "agent.conf"
        self.config.write_text(
            "".join(f"{k} = {world.config_text(v)};\n" for k, v in parts.items()))
        return self

    def path(self, name):
        return self.state / name

    def command(self, *words):
        return [*self.wrapper, self.program, *map(str, words), "-c", str(self.config)]

    def environment(self):
        return {**os.environ, "LC_ALL": "C.UTF-8", **self.env}

    def start(self, *words):
        return subprocess.Popen(self.command(*words), stdin=subprocess.PIPE,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                env=self.environment())

    def run(self, *words, data=b""):
        process = self.start(*words)
        out, err = process.communicate(data, timeout=4 * WHOLE_S)
        return Told(process.returncode, out, err.decode())

    def url(self, port=None, host="localhost"):
        return f"https://{host}:{port or self.collector.port}"

    def enrol(self, token, *words, url=None):
        return self.run("enrol", url or self.url(), *words, data=token.encode())

    def enrolled(self, token=None):
        self.enrol(token or self.collector.token()).must("done")
        return self

    def send(self, body, *words):
        return self.run("send", *words, data=body if isinstance(body, bytes)
                        else json.dumps(body).encode())

    def renew(self):
        return self.run("renew")

    def is_sanitized(self):
        return b"__asan_init" in pathlib.Path(self.program).read_bytes()

    def server(self):
        """The name that the collector gave."""
        return self.path("collector").read_text().splitlines()[1]

    def files(self):
        return {p.name: oct(stat.S_IMODE(p.stat().st_mode)) for p in self.state.iterdir()}

    def contents(self):
        return {p.name: p.read_bytes() for p in self.state.iterdir()}


def openssl(*words, **more):
    return subprocess.run(["openssl", *map(str, words)], check=True, capture_output=True,
                          **more).stdout


class Authority:
    """The collector's own, or one that openssl makes: it signs servers' certificates."""

    def __init__(self, folder, cert=None, key=None):
        self.folder = pathlib.Path(folder)
        self.cert, self.key = cert or self.folder / "other.pem", key or self.folder / "other.key"
        self.count = 0
        if not cert:
            openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
                    "-nodes", "-keyout", self.key, "-out", self.cert, "-days", "30", "-subj",
                    "/CN=another authority", "-addext", "keyUsage=critical,keyCertSign")

    @classmethod
    def of(cls, collector):
        return cls(collector.ctl.folder, collector.path("store.db.ca.pem"),
                   collector.path("store.db.ca.key"))

    def fingerprint(self):
        der = openssl("x509", "-in", self.cert, "-outform", "DER")
        return openssl("dgst", "-sha256", "-r", input=der).split()[0].decode()

    def issue(self, names="DNS:localhost,IP:127.0.0.1,IP:::1", days=30):
        """A file with a server's key, its certificate and the authority's."""
        self.count += 1
        base = self.folder / f"{self.cert.stem}-{self.count}"
        key, csr, pem = (base.with_suffix(s) for s in (".key", ".csr", ".pem"))
        openssl("req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                "-keyout", key, "-out", csr, "-subj", "/CN=server")
        base.with_suffix(".ext").write_text(
            f"subjectAltName={names}\nextendedKeyUsage=serverAuth\n"
            "basicConstraints=critical,CA:FALSE\nkeyUsage=critical,digitalSignature\n")
        dates = ["-days", str(days)]
        signed = openssl("x509", "-req", "-in", csr, "-CA", self.cert, "-CAkey", self.key,
                         *dates, "-extfile", base.with_suffix(".ext"))
        pem.write_bytes(key.read_bytes() + signed + self.cert.read_bytes())
        return pem


class Request:
    """What a stand-in was asked, and how it can be answered."""

    def __init__(self, sock, head, body):
        self.sock, self.body, self.at = sock, body, time.time()
        lines = head.decode("latin-1").split("\r\n")
        self.line = lines[0]
        self.headers = [tuple(line.split(": ", 1)) for line in lines[1:]]

    def header(self, name):
        return [value for key, value in self.headers if key.lower() == name.lower()]

    def answer(self, status=200, body=b"", headers=()):
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        lines = [f"HTTP/1.1 {status} So", f"Content-Length: {len(data)}", *headers]
        self.sock.sendall("\r\n".join(lines).encode() + b"\r\n\r\n" + data)


SETTINGS = {"interval": 900, "mx_suffixes": ["mx.example.net"],
            "key_servers": ["ka.example.com:443"]}
ACCEPTED = {"accepted": True, "licenses": [], "settings": SETTINGS}


class Stand:
    """Something that listens: each connection gets a thread and `serve(sock)`."""

    def __init__(self, host="127.0.0.1", port=0):
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self.listener = socket.socket(family)
        self.listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.listener.bind((host, port))
        self.listener.listen(16)
        self.port, self.connections, self.stopping = self.listener.getsockname()[1], 0, False
        self.threads = [threading.Thread(target=self.accept, daemon=True)]
        self.threads[0].start()

    def accept(self):
        while not self.stopping:
            ready, _, _ = select.select([self.listener], [], [], 0.1)
            if not ready:
                continue
            sock, _ = self.listener.accept()
            self.connections += 1
            thread = threading.Thread(target=self.begin, args=(sock,), daemon=True)
            thread.start()
            self.threads.append(thread)

    def begin(self, sock):
        try:
            with sock:
                self.serve(sock)
        except OSError:  # the other end went, which is what some tests are about
            pass

    def serve(self, sock):
        """To be said by each kind of stand."""

    def __enter__(self):
        return self

    def __exit__(self, *failure):
        self.stopping = True
        for thread in self.threads:
            thread.join(5)
        self.listener.close()


class Stub(Stand):
    """A collector that answers by handler(request); what it was asked is in `requests`, and all
    that was said to it in `heard`."""

    def __init__(self, pem, handler=lambda request: request.answer(200, ACCEPTED),
                 host="127.0.0.1", port=0, versions=(None, None)):
        self.handler, self.requests, self.heard = handler, [], b""
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(pem)
        low, high = versions
        if low:
            self.context.minimum_version = low
        if high:
            self.context.maximum_version = high
        super().__init__(host, port)

    def serve(self, sock):
        with self.context.wrap_socket(sock, server_side=True) as tls:
            request = self.read(tls)
            if request:
                self.requests.append(request)
                self.handler(request)

    def read(self, tls):
        data = b""
        while b"\r\n\r\n" not in data:
            part = tls.recv(65536)
            self.heard += part
            if not part:
                return None
            data += part
        head, body = data.split(b"\r\n\r\n", 1)
        length = [line.split(b":")[1] for line in head.split(b"\r\n")
                  if line.lower().startswith(b"content-length:")]
        wanted = int(length[0]) if length else 0
        while len(body) < wanted:
            part = tls.recv(65536)
            if not part:
                return None
            self.heard += part
            body += part
        return Request(tls, head, body)


class Proxy(Stand):
    """An HTTP proxy for CONNECT; `answer` other than 200 refuses. What it was asked is in
    `heads`."""

    def __init__(self, answer="200 OK", **more):
        self.answer, self.heads = answer, []
        super().__init__(**more)

    def serve(self, sock):
        head = b""
        while b"\r\n\r\n" not in head:
            part = sock.recv(1)
            if not part:
                return
            head += part
        self.heads.append(head.decode())
        sock.sendall(f"HTTP/1.1 {self.answer}\r\n\r\n".encode())
        if self.answer.startswith("200"):
            host, port = head.split()[1].decode().rsplit(":", 1)
            with socket.create_connection((host, int(port)), 10) as other:
                pump(sock, other)


class TlsProxy(Proxy):
    """The same, behind TLS."""

    def __init__(self, pem, **more):
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(pem)
        super().__init__(**more)

    def serve(self, sock):
        with self.context.wrap_socket(sock, server_side=True) as tls:
            super().serve(tls)


class Socks(Stand):
    """A SOCKS 5 proxy (RFC 1928, 1929) that wants a user and a password; the names that it was
    asked for are in `asked`."""

    def __init__(self, user, password, **more):
        self.secret, self.asked = (user, password), []
        super().__init__(**more)

    @staticmethod
    def take(sock, count):
        data = b""
        while len(data) < count:
            part = sock.recv(count - len(data))
            if not part:
                raise OSError("gone")
            data += part
        return data

    def text(self, sock):
        return self.take(sock, self.take(sock, 1)[0]).decode()

    def serve(self, sock):
        methods = self.take(sock, self.take(sock, 2)[1])
        if 2 not in methods:
            sock.sendall(b"\x05\xff")
            return
        sock.sendall(b"\x05\x02")
        self.take(sock, 1)
        is_right = (self.text(sock), self.text(sock)) == self.secret
        sock.sendall(b"\x01\x00" if is_right else b"\x01\x01")
        if not is_right:
            return
        kind = self.take(sock, 4)[3]
        check(kind == 3, "a name, not an address", kind)
        host, port = self.text(sock), int.from_bytes(self.take(sock, 2), "big")
        self.asked.append((host, port))
        with socket.create_connection((host, port), 10) as other:
            sock.sendall(b"\x05\x00\x00\x01" + bytes(6))
            pump(sock, other)


def pump(one, two):
    """Bytes both ways until either ends."""
    while True:
        ready, _, _ = select.select([one, two], [], [], WHOLE_S)
        if not ready:
            return
        for sock in ready:
            data = sock.recv(65536)
            if not data:
                return
            (two if sock is one else one).sendall(data)


def in_mounts(folder, *binds):
    """A command's beginning that runs it with files of ours in other files' places."""
    mounts = " && ".join(f"mount --bind {there} {place}" for there, place in binds)
    return ["unshare", "--mount", "sh", "-c", f'{mounts} && exec "$@"', str(folder)]
