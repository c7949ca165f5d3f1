"""The other end for "compare": certificates, connections that behave, and those that do not."""

import contextlib
import json
import pathlib
import random
import socket
import ssl
import subprocess
import time
import uuid

BODY_BYTES = 955       # what a report with four sightings measures
BOOT_ID = str(uuid.uuid4())
PATIENCE_S = 20


def free_port():
    """Below those that the kernel hands out: our own closed connections wait in those."""
    while True:
        with socket.socket() as s, contextlib.suppress(OSError):
            s.bind(("127.0.0.1", random.randrange(10000, 32768)))
            return s.getsockname()[1]


def wait_for(port, process):
    until = time.monotonic() + PATIENCE_S
    while process.poll() is None and time.monotonic() < until:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except ConnectionRefusedError:
            time.sleep(0.05)
    raise SystemExit(f"{process.args[0]}: does not listen on port {port}")


class Certificates:
    """A folder with an authority, and below it a server and a client, all ECDSA P-256."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)

    @classmethod
    def make(cls, folder):
        made = cls(folder)
        made.authority("ca")
        made.authority("other")
        for name, purpose, signer in (("server", "serverAuth", "ca"),
                                      ("client", "clientAuth", "ca"),
                                      ("stranger", "clientAuth", "other")):
            made.leaf(name, purpose, signer)
        return made

    def openssl(self, *words):
        subprocess.run(["openssl", *words], check=True, cwd=self.folder,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def authority(self, name):
        self.openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
                     "-nodes", "-keyout", f"{name}.key", "-out", f"{name}.pem",
                     "-subj", f"/CN={name}", "-days", "30")

    def leaf(self, name, purpose, signer):
        (self.folder / "extensions").write_text(
            f"extendedKeyUsage={purpose}\nsubjectAltName=IP:127.0.0.1\n")
        self.openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                     "-keyout", f"{name}.key", "-out", f"{name}.csr", "-subj", f"/CN={name}")
        self.openssl("x509", "-req", "-in", f"{name}.csr", "-CA", f"{signer}.pem",
                     "-CAkey", f"{signer}.key", "-CAcreateserial", "-out", f"{name}.pem",
                     "-days", "30", "-extfile", "extensions")

    def context(self, name="client"):
        """What a client with that certificate (None: with none) connects with."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.minimum_version = ssl.TLSVersion.TLSv1_3
        context.check_hostname = False
        context.load_verify_locations(self.folder / "ca.pem")
        if name:
            context.load_cert_chain(self.folder / f"{name}.pem", self.folder / f"{name}.key")
        return context


def plain(port):
    s = socket.create_connection(("127.0.0.1", port), PATIENCE_S)
    s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return s


def connect(port, context, session=None):
    return context.wrap_socket(plain(port), session=session)


def hello(context):
    """The bytes of a whole ClientHello."""
    out = ssl.MemoryBIO()
    try:
        context.wrap_bio(ssl.MemoryBIO(), out).do_handshake()
    except ssl.SSLWantReadError:
        pass
    return out.read()


def report(number):
    """A sound report of BODY_BYTES bytes, the `number`th of this run."""
    now = int(time.time())
    body = {"format": 1, "agent_version": "1.0.0", "boot_id": BOOT_ID, "counter": number,
            "live": True,
            "licenses": [{"license": "PLSK.01234567", "version": "0003",
                          "machine_id": "0123456789abcdef" * 4}],
            "sightings": [{"license": "PLSK.01234567", "address": f"203.0.113.{last}",
                           "source": "interface", "first": now - 900, "last": now}
                          for last in (9, 10, 11, 12)]}
    return json.dumps(body).encode().ljust(BODY_BYTES)


def request(body, *fields):
    """The head and body of one POST; `fields` stand instead of its Content-Length."""
    lines = ["POST /v1/reports HTTP/1.1", "Host: 127.0.0.1", "Content-Type: application/json",
             f"Fairuse-Sent-At: {int(time.time())}",
             *(fields or (f"Content-Length: {len(body)}",)), "", ""]
    return "\r\n".join(lines).encode() + body


def read_some(tls):
    data = tls.recv(65536)
    if not data:
        raise ConnectionError("closed before the answer was whole")
    return data


def read_answer(tls):
    """One whole answer: its status and its body. Raises ConnectionError if none comes."""
    data = b""
    while b"\r\n\r\n" not in data:
        data += read_some(tls)
    head, _, body = data.partition(b"\r\n\r\n")
    fields = dict(line.lower().split(b":", 1) for line in head.split(b"\r\n")[1:])
    while len(body) < int(fields.get(b"content-length", b"0")):
        body += read_some(tls)
    return int(head.split()[1]), body


def post(tls, number):
    tls.sendall(request(report(number)))
    status, body = read_answer(tls)
    if status != 200:
        raise SystemExit(f"a report was answered {status}: {body.decode(errors='replace')}")
