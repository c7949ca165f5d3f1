"""A collector that runs for real, beside ctl_world's fairusectl: started, stopped, killed; agents
with certificates; requests over TLS by Python's client, or any bytes on the wire."""

import http.client
import json
import os
import pathlib
import re
import signal
import socket
import sqlite3
import ssl
import subprocess
import time
import urllib.request

import ctl_world as world
from ctl_world import check

LAB = ["127.0.0.0/8", "203.0.113.0/24", "198.51.100.0/24", "2001:db8::/32"]
NOBODY_WAITS_LONGER = 60


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def config_text(value):
    """A Python value in libconfig's grammar."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, (list, tuple)):
        return "( " + ", ".join(config_text(v) for v in value) + " )"
    if isinstance(value, dict):
        return "{ " + " ".join(f"{k} = {config_text(v)};" for k, v in value.items()) + " }"
    return json.dumps(value)


def wait_for(what, said, seconds=NOBODY_WAITS_LONGER):
    """Until what() is true; the first moment that it is."""
    until = time.monotonic() + seconds
    while not (found := what()):
        check(time.monotonic() < until, "waited in vain for", said)
        time.sleep(0.02)
    return found


def report(license_number=1, counter=1, machine="m", live=True, **more):
    """A small body: the licence is listed, nothing was seen."""
    body = {"format": 1, "boot_id": world.boot(machine), "counter": counter, "live": live,
            "licenses": [{"license": world.key(license_number)}]}
    body.update(more)
    return body


class Answer:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    def json(self):
        return json.loads(self.body)

    def __repr__(self):
        return f"{self.status} {dict(self.headers)} {self.body[:400]!r}"


class Agent:
    """A server's key and certificate, in files of the collector's folder."""

    def __init__(self, collector, name):
        self.collector, self.name = collector, name
        self.key, self.csr = collector.path(f"{name}.key"), collector.path(f"{name}.csr")
        self.cert, self.server = collector.path(f"{name}.pem"), None

    def make_request(self, subject="/CN=whatever"):
        subprocess.run(["openssl", "req", "-new", "-newkey", "ec", "-pkeyopt",
                        "ec_paramgen_curve:P-256", "-nodes", "-keyout", self.key, "-out",
                        self.csr, "-subj", subject], check=True, capture_output=True)
        return self.csr.read_text()

    def take(self, answer):
        """The certificate of an answer to an enrolment or a renewal."""
        check(answer.status == 200, answer)
        given = answer.json()
        self.cert.write_text(given["certificate"])
        self.server = given["server"]
        return self

    def post(self, body, **more):
        return self.collector.post("/v1/reports", body, agent=self, **more)

    def renew(self, csr=None, **more):
        return self.collector.post("/v1/renew", {"csr": csr or self.csr.read_text()},
                                   agent=self, **more)


class Collector:
    """`settings` go into the group `collector`, `top` to the file's top."""

    def __init__(self, ctl, top=None, **settings):
        self.ctl, self.process, self.wrapper = ctl, None, []
        self.program = str(pathlib.Path(ctl.program).parent / "fairuse-collector")
        self.load = str(pathlib.Path(ctl.program).parent / "load")
        self.port, self.monitor = free_port(), free_port()
        self.top = {"store": f"sqlite:{self.path('store.db')}", "lab_networks": LAB,
                    **(top or {})}
        self.settings = {"listen": [f"127.0.0.1:{self.port}"], "names": ["localhost"],
                         "monitor": f"127.0.0.1:{self.monitor}", **settings}
        ctl.config = "collector.conf"
        self.write_config()

    def path(self, name):
        return self.ctl.path(name)

    def write_config(self):
        parts = {**self.top, "collector": self.settings}
        self.path("collector.conf").write_text(
            "".join(f"{k} = {config_text(v)};\n" for k, v in parts.items()))

    def install(self, scene=None):
        """A store with the scene's estate (reseller r1 with licence 1)."""
        self.ctl.must("store", "init")
        (scene or world.Scene().reseller("r1").license(1, "r1")).install(self.ctl)
        return self

    # ---- The process

    def command(self):
        return [*self.wrapper, self.program, "serve", "-c", "collector.conf"]

    def start(self, env=None, wait=True):
        self.log_file = open(self.path("log"), "ab")
        self.process = subprocess.Popen(self.command(), cwd=self.ctl.folder, stderr=self.log_file,
                                        stdin=subprocess.DEVNULL,
                                        env={**os.environ, "LC_ALL": "C.UTF-8", **(env or {})})
        if wait:
            wait_for(self.is_up, "the collector to start: " + self.log())
        return self

    def is_up(self):
        check(self.process.poll() is None, "it ended at once:", self.process.poll(), self.log())
        try:
            with socket.create_connection(("127.0.0.1", self.port), 5):
                return True
        except OSError:
            return False

    def end(self, number=signal.SIGTERM):
        """Its exit code; never a process left behind."""
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
        return self if self.process else self.install().start()

    def __exit__(self, *failure):
        code = self.end()
        if failure[0] is None:
            check(code in (0, None), "exit code", code, self.log())
        elif code is not None:
            print(self.log()[-4000:])

    def log(self):
        try:
            return self.path("log").read_text(errors="replace")
        except FileNotFoundError:
            return ""

    def reload(self):
        """SIGHUP; what it says of it."""
        before = len(self.log())
        self.process.send_signal(signal.SIGHUP)
        return wait_for(lambda: re.search(r"(reloaded|reload-failed).*", self.log()[before:]),
                        "an answer to SIGHUP").group(0)

    def memory_kb(self):
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(r"VmRSS:\s+(\d+)", status).group(1))

    def most_kb(self):
        """The most memory that it ever held."""
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(r"VmHWM:\s+(\d+)", status).group(1))

    def cpu_ms(self):
        fields = pathlib.Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")")[1].split()
        return (int(fields[11]) + int(fields[12])) * 1000 // os.sysconf("SC_CLK_TCK")

    # ---- Requests

    def context(self, agent=None, **more):
        context = ssl.create_default_context(cafile=more.get("ca", self.path("store.db.ca.pem")))
        context.minimum_version = more.get("tls", ssl.TLSVersion.TLSv1_3)
        context.maximum_version = more.get("tls", ssl.TLSVersion.TLSv1_3)
        if not more.get("verify", True):  # the client's clock is not the collector's
            context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        if agent:
            context.load_cert_chain(agent.cert, agent.key)
        return context

    def connect(self, agent=None, source=None, **more):
        """A TLS connection, to say anything on."""
        raw = socket.create_connection(("127.0.0.1", self.port), 30,
                                       source_address=(source, 0) if source else None)
        return self.context(agent, **more).wrap_socket(raw, server_hostname="localhost")

    def request(self, method, path, body=None, headers=None, agent=None, **more):
        sock = self.connect(agent, **more)
        client = http.client.HTTPSConnection("localhost", self.port)
        client.sock = sock
        try:
            client.request(method, path, body, headers or {})
            got = client.getresponse()
            return Answer(got.status, got.headers, got.read())
        finally:
            client.close()

    def post(self, path, body, headers=None, sent_at=None, **more):
        data = body if isinstance(body, (bytes, str)) else json.dumps(body)
        said = {"Content-Type": "application/json"}
        if path == "/v1/reports" and sent_at is not False:
            said["Fairuse-Sent-At"] = str(sent_at or int(time.time()))
        said.update(headers or {})
        return self.request("POST", path, data, said, **more)

    def raw(self, data, agent=None, **more):
        """All that is answered to some bytes, until the collector hangs up."""
        got = b""
        with self.connect(agent, **more) as sock:
            sock.sendall(data)
            sock.settimeout(NOBODY_WAITS_LONGER)
            while part := self.receive(sock):
                got += part
        return got

    @staticmethod
    def receive(sock):
        try:
            return sock.recv(65536)
        except (ssl.SSLEOFError, ConnectionResetError, ssl.SSLZeroReturnError):
            return b""

    def look(self, path):
        """The monitor's page: status and text."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.monitor}{path}",
                                        timeout=30) as page:
                return page.status, page.read().decode()
        except urllib.error.HTTPError as refused:
            return refused.code, refused.read().decode()

    def metrics(self):
        """{'name{labels}': number}."""
        lines = self.look("/metrics")[1].splitlines()
        return {line.rsplit(" ", 1)[0]: float(line.rsplit(" ", 1)[1])
                for line in lines if line and not line.startswith("#")}

    # ---- Agents

    def token(self, *words, reseller="r1"):
        return self.ctl.must("token", "create", "--reseller", reseller, *words).strip()

    def enrol(self, name="agent", token=None, **more):
        agent = Agent(self, name)
        csr = agent.make_request()
        return agent.take(self.post("/v1/enrol", {"token": token or self.token(), "csr": csr},
                                    **more))

    def load_words(self, command, **more):
        words = {"port": self.port, "ca": self.path("store.db.ca.pem"), "dir": self.path("certs"),
                 **more}
        return [self.load, command, *(str(w) for k, v in words.items() for w in (f"--{k}", v))]

    def enrol_many(self, count):
        """Certificates for the load generator, in the folder `certs`."""
        self.path("certs").mkdir(exist_ok=True)
        self.path("token").write_text(self.token("--uses", str(count)))
        subprocess.run(self.load_words("enrol", count=count, token=self.path("token")),
                       check=True, stdout=subprocess.DEVNULL)

    def run_load(self, **more):
        """The load generator's "name value" lines as numbers."""
        done = subprocess.run(self.load_words("report", **more), stdout=subprocess.PIPE, text=True,
                              check=False)
        check(done.returncode == 0, "load:", done.stdout)
        return {name: int(value) for name, value in map(str.split, done.stdout.splitlines())}

    # ---- The store

    def rows(self, query, *values):
        store = sqlite3.connect(f"file:{self.path('store.db')}?mode=ro", uri=True, timeout=30)
        try:
            return store.execute(query, values).fetchall()
        finally:
            store.close()

    def is_sound(self):
        return "sound" in self.ctl.must("store", "check")
