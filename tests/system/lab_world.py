"""The lab: a small Internet in network namespaces (netns_world) with the real programs in it.

    dc            the datacenter: the collector at 192.0.2.10, a mail server at its loopback
    net           the routers between all; Plesk's key server, a name server, a visitor
    a customer    a server with its own addresses, key files and agent, and what Plesk does there:
                  it connects to the key server while a key is there, and answers on port 8443
    a gateway     somebody's translation, and customers behind it

    with Lab(ctl, scene, policy={"grace": "40s"}) as lab:
        one = lab.add_customer("one", "r1", 1, ["203.0.113.10"])
        lab.wait_seen("one", 1, seconds=5)
        lab.findings()

All of it goes away with the lab, also when a test fails; what a killed one left behind goes when
the next one begins. Nothing in here knows what a case is about: policy, estate and durations are
handed in."""

import contextlib
import datetime
import ipaddress
import json
import os
import pathlib
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import traceback
import zoneinfo

import agent_world
import ctl_world
import door_world
import mail_world
import netns_world as netns
from ctl_world import check, equal
from netns_world import KEY_SERVER, KEY_SERVER6, VISITOR, VISITOR6

COLLECTOR, RESOLVER = "192.0.2.10", "198.51.100.53"
ROUTER, ROUTER6 = "203.0.113.1", "2001:db8::1"
PORT, MONITOR, PANEL = 9443, 9444, 8443
LAN = "10.77.0"  # behind each gateway
KEY_SERVER_NAME = "ka.plesk.example:443"
AGENT_USER, PROBE_USER = "nobody", "daemon"
SOURCES = ("peer", "keyserver", "nat", "panel", "interface")  # as the store numbers them
COUNTED = ("peer", "keyserver", "nat")  # where the policy does not say otherwise
AGENT_PROGRAMS = ("fairuse-agent", "fairuse-probe", "fairuse-look", "fairuse-uplink")
NOBODY_WAITS_LONGER = 150
PREFIX = "fairuse-lab-"


def missing():
    """Why there can be no lab here, in words; "" when there can."""
    if not shutil.which("dnsmasq"):
        return "dnsmasq is not there: it is in the package dnsmasq-base"
    return netns.missing() or mail_world.missing()


def quiet_zone(now=None):
    """A time zone in which no month begins or ends for as long as can be had: half a day at the
    least. A period is a month there."""
    now = now or time.time()

    def room(zone):
        at = datetime.datetime.fromtimestamp(now, zoneinfo.ZoneInfo(zone))
        begin = at.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
        end = (begin + datetime.timedelta(days=32)).replace(day=1)
        return min(at - begin, end - at)
    zones = [f"Etc/GMT{hours:+d}" for hours in range(-14, 13)]
    return max(["Europe/Amsterdam", *zones], key=lambda zone: (min(
        room(zone), datetime.timedelta(days=1)), zone == "Europe/Amsterdam"))


# ---- What is done in a namespace ----------------------------------------------------------------


def answers(port):
    """Both families, all addresses."""
    s = socket.socket(socket.AF_INET6, socket.SOCK_STREAM)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
    s.bind(("::", port))
    s.listen(64)
    return s


def knock(address, port, source):
    """A connection that may fail: whoever is to answer may be away."""
    with contextlib.suppress(OSError), socket.socket(netns.family(address)) as s:
        s.settimeout(2)
        if source:
            s.bind((source, 0))
        s.connect((address, port))


def plesk(keys, calls, ready):
    """What Plesk does: its panel answers, and each second it connects to the key server, while
    it has a key. `calls`: (address, source or None)."""
    panel = answers(PANEL)
    os.write(ready, b"!")
    due = 0.0
    while True:
        if select.select([panel], [], [], 0.2)[0]:
            panel.accept()[0].close()
        if time.monotonic() >= due and any(os.scandir(keys)):
            for address, source in calls:
                knock(address, 443, source)
            due = time.monotonic() + 1


def visitors(list_file, ready):
    """Each second somebody visits each panel on the list."""
    os.write(ready, b"!")
    while True:
        for address in pathlib.Path(list_file).read_text().split():
            knock(address, PANEL, VISITOR6 if ":" in address else VISITOR)
        time.sleep(1)


# ---- The datacenter -----------------------------------------------------------------------------


class Collector(door_world.Collector):
    """In the datacenter's namespace, where agents reach it."""

    def __init__(self, lab, top, settings):
        super().__init__(lab.ctl, top, **{
            "listen": [f"[::]:{PORT}"], "names": [COLLECTOR, "localhost"],
            "monitor": f"127.0.0.1:{MONITOR}", "key_servers": [KEY_SERVER_NAME], **settings})
        self.lab, self.port, self.monitor = lab, PORT, MONITOR
        self.wrapper = lab.inside("dc")

    def is_up(self):
        check(self.process.poll() is None, "it ended at once:", self.process.poll(), self.log())
        got = self.lab.world.connect("dc", "127.0.0.1", PORT)
        return not isinstance(got, dict)


class Mail(mail_world.AioServer):
    """aiosmtpd on the datacenter's loopback."""

    def settings(self, folder):
        """For the group `mail` of the collector's file."""
        secret = pathlib.Path(folder) / "mail.password"
        secret.write_text(self.password + "\n")
        secret.chmod(0o600)
        return {"url": f"smtp://localhost:{self.port}", "authority": str(self.ca),
                "user": self.user, "password_file": str(secret), "timeout": "60s",
                "retry_first": "1s", "retry_most": "2s", "from": "fairuse@distributor.example"}


# ---- Customers ----------------------------------------------------------------------------------


class Agent(agent_world.Agent):
    """Both halves in a customer's namespace, under users of their own. (Two that call themselves
    one would share /run.)"""

    def start(self, *words):
        return super().start("--probe-socket", self.folder / "probe.sock", *words)

    def server(self):
        """The id that the collector gave it."""
        return (self.state / "collector").read_text().split()[-1]


class Customer:
    def __init__(self, lab, name, addresses):
        self.lab, self.name, self.addresses = lab, name, list(addresses)
        self.agent, self.plesk, self.number = None, None, None

    @property
    def space(self):
        return self.lab.world.full(self.name)

    # ---- Plesk

    def put_key(self, number=None):
        """As Plesk does: the whole file at once."""
        self.number = number or self.number
        new = self.agent.folder / "new-key"
        new.write_text(agent_world.key_text(number=ctl_world.key(self.number)))
        new.rename(self.agent.keys / "key1")
        return self

    def take_key(self):
        (self.agent.keys / "key1").unlink()

    def run_plesk(self, sources=(None,), families=(KEY_SERVER,)):
        """`sources`: the addresses that its connections come from; None = as routed."""
        self.end_plesk()
        calls = [(server, source) for server in families for source in sources
                 if source is None or netns.family(source) == netns.family(server)]
        self.plesk = self.lab.child(self.name, plesk, str(self.agent.keys), calls)

    def end_plesk(self):
        if self.plesk:
            self.lab.end_child(self.plesk)
            self.plesk = None

    # ---- The agent

    def enrol(self, reseller):
        self.agent.must("enroll", f"https://{COLLECTOR}:{PORT}",
                        data=self.lab.collector.token(reseller=reseller) + "\n")
        return self

    def start(self):
        self.agent.start()
        return self

    def stop(self, number=signal.SIGTERM):
        return self.agent.end(number)

    @property
    def server(self):
        return self.agent.server()

    # ---- The cable

    def cut(self):
        """Nothing leaves or comes; the server does not see it by itself."""
        self.lab.world.ip("net", "link", "set", self.lab.port_of(self.name), "down")

    def mend(self):
        self.lab.world.ip("net", "link", "set", self.lab.port_of(self.name), "up")
        for address in self.addresses:
            self.lab.route(self.name, address)


# ---- The lab ------------------------------------------------------------------------------------


class Lab:
    """`scene`: the estate (ctl_world.Scene). `policy`, `top`, `collector`: settings of the
    collector's file; `agent`: of every agent's. `names`: more lines for dnsmasq."""

    def __init__(self, ctl, scene, policy=None, top=None, collector=None, agent=None, names=()):
        self.ctl, self.scene = ctl, scene
        self.world, self.stack = netns.World(ctl.folder), contextlib.ExitStack()
        self.customers, self.children = {}, []
        self.zone = quiet_zone()
        self.top = {"time_zone": self.zone, "policy": policy or {}, **(top or {})}
        self.collector_settings, self.agent_settings = collector or {}, agent or {}
        self.names, self.collector, self.mail = list(names), None, None

    def __enter__(self):
        try:
            self.set_up()
        except BaseException:
            self.__exit__(*sys.exc_info())
            raise
        return self

    def __exit__(self, *failure):
        if failure and failure[0] is not None:
            print(self.logs())
        for customer in self.customers.values():
            with contextlib.suppress(Exception):
                customer.agent.end()
        for child in list(self.children):
            self.end_child(child)
        self.stack.close()

    def set_up(self):
        self.ctl.folder.chmod(0o755)  # users without rights read their settings there
        self.stack.enter_context(self.world)
        self.world.internet()
        self.attach("dc", COLLECTOR)
        self.programs = self.ctl.path("bin")
        self.programs.mkdir()
        for name in AGENT_PROGRAMS:
            shutil.copy(pathlib.Path(self.ctl.program).parent / name, self.programs)
        self.serve_names()
        self.mail = self.stack.enter_context(Mail(wrapper=self.inside("dc")))
        top = {**self.top, "mail": self.mail.settings(self.ctl.folder)}
        self.collector = Collector(self, top, self.collector_settings)
        self.collector.install(self.scene).start()
        self.stack.callback(self.collector.end)
        self.visited = self.ctl.path("visited")
        self.visited.write_text("")
        self.child("net", visitors, str(self.visited))

    # ---- Parts

    def inside(self, name):
        """Before a command: it runs in a namespace, and ends with us."""
        return ["setpriv", "--pdeathsig", "KILL", "ip", "netns", "exec", self.world.full(name)]

    def child(self, name, work, *values):
        """A child that does `work` in a namespace until it is ended; its pid."""
        reading, writing = os.pipe()
        pid = os.fork()
        if pid == 0:
            try:
                netns.end_with_us()
                signal.signal(signal.SIGINT, signal.SIG_IGN)
                netns.enter(self.world.full(name))
                work(*values, writing)
            except BaseException:  # it must not come back to the parent's code
                traceback.print_exc()
            finally:
                os._exit(1)
        os.close(writing)
        self.children.append(pid)
        with os.fdopen(reading, "rb") as pipe:
            check(pipe.read(1) == b"!", f"{work.__name__} did not begin in {name}")
        return pid

    def end_child(self, pid):
        self.children.remove(pid)
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)

    def serve_names(self):
        self.world.address("net", "lo", f"{RESOLVER}/32")
        config = self.ctl.path("dnsmasq.conf")
        host, _ = KEY_SERVER_NAME.split(":")
        config.write_text("\n".join([
            "port=53", f"listen-address={RESOLVER}", "bind-interfaces", "no-resolv", "no-hosts",
            "keep-in-foreground", "user=root", "local=/example/", "pid-file=",
            f"host-record={host},{KEY_SERVER},{KEY_SERVER6}", *self.names, ""]))
        with open(self.ctl.path("dnsmasq.log"), "ab") as log:
            process = subprocess.Popen([*self.inside("net"), "dnsmasq", f"--conf-file={config}"],
                                       stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        self.stack.callback(process.wait)
        self.stack.callback(process.kill)
        agent_world.wait_for(
            lambda: not isinstance(self.world.connect("net", RESOLVER, 53), dict), "dnsmasq")

    @staticmethod
    def port_of(name):
        """The router's end of somebody's cable."""
        return f"to-{name}"[:15]

    def attach(self, name, *addresses):
        """A namespace with a cable to the router, and addresses of the Internet; the first is
        what it speaks from."""
        world = self.world
        world.add(name)
        world.join(name, "eth0", "net", self.port_of(name))
        world.address("net", self.port_of(name), f"{ROUTER}/32", f"{ROUTER6}/128")
        for family, router in (("-4", ROUTER), ("-6", ROUTER6)):
            own = [a for a in addresses if (":" in a) == (family == "-6")]
            for address in own:
                self.give(name, address)
            if own:
                world.ip(name, family, "route", "add", router, "dev", "eth0")
                world.ip(name, family, "route", "add", "default", "via", router, "src", own[0])
        return name

    def route(self, name, address):
        bits, family = (128, "-6") if ":" in address else (32, "-4")
        self.world.ip("net", family, "route", "replace", f"{address}/{bits}", "dev",
                      self.port_of(name))

    def give(self, name, address):
        """An address comes to somebody; the router knows at once."""
        self.world.address(name, "eth0", f"{address}/{128 if ':' in address else 32}")
        self.route(name, address)

    def take(self, name, address):
        bits = 128 if ":" in address else 32
        self.world.ip(name, "address", "del", f"{address}/{bits}", "dev", "eth0")

    def speak_from(self, name, address):
        """What new connections come from."""
        self.world.ip(name, "route", "replace", "default", "via", ROUTER, "src", address)

    def add_gateway(self, name, address):
        """Somebody's router that translates all behind it to one address."""
        world = self.world
        self.attach(name, address)
        world.ip(name, "link", "add", "lan", "type", "bridge")
        world.ip(name, "link", "set", "lan", "up")
        world.address(name, "lan", f"{LAN}.1/24")
        world.forwards(name)
        world.translate(name, f"ip saddr {LAN}.0/24 snat to {address}")

    def attach_behind(self, name, gateway, last):
        world = self.world
        world.add(name)
        world.join(name, "eth0", gateway, self.port_of(name))
        world.ip(gateway, "link", "set", self.port_of(name), "master", "lan")
        world.address(name, "eth0", f"{LAN}.{last}/24")
        world.ip(name, "route", "add", "default", "via", f"{LAN}.1")

    # ---- Customers

    def add_customer(self, name, reseller, number=None, addresses=(), behind=None, snat=None,
                     sources=(None,), families=None, start=True, clone_of=None, **settings):
        """A server of a reseller's with its agent enrolled (and, unless told not to, started),
        and with the key of licence `number`, if any. `behind`: a gateway instead of addresses.
        `snat`: a rule of its own translation. `sources`: what Plesk's connections come from.
        `clone_of`: another customer whose disk this is a copy of: it is not enrolled itself."""
        if behind:
            self.attach_behind(name, behind, 10 + len(self.customers))
        else:
            self.attach(name, *addresses)
        self.world.track(name)
        if snat:
            self.world.translate(name, snat)
        customer = self.customers[name] = Customer(self, name, addresses)
        customer.agent = Agent(self.ctl, name, programs=self.programs, **{
            "user": AGENT_USER, "probe_user": PROBE_USER, "key_servers": [KEY_SERVER_NAME],
            "observe": ["keyserver", "nat", "panel", "interface"], "resolvers": [RESOLVER],
            **self.agent_settings, **settings})
        customer.agent.wrapper = self.inside(name)
        if clone_of:
            copy_folder(clone_of.agent.state, customer.agent.state)
        else:
            customer.enrol(reseller)
        if number:
            customer.put_key(number)
        with open(self.visited, "a") as listed:
            listed.write("".join(f"{address}\n" for address in addresses))
        if families is None:
            families = [KEY_SERVER] + [KEY_SERVER6] * any(":" in a for a in addresses)
        customer.run_plesk(sources, families)
        return customer.start() if start else customer

    def __getitem__(self, name):
        return self.customers[name]

    # ---- What the collector holds

    def seen(self, name=None, number=None, source=None):
        """Stretches, as (server, run, address, source, first, last): of a customer's server, of
        a licence, by a source."""
        rows = self.collector.rows(
            "SELECT v.name, m.id, s.address, s.source, s.first, s.last, s.license % 100000000"
            " FROM sighting s JOIN machine m ON m.id = s.machine"
            " JOIN server v ON v.id = m.server ORDER BY s.first")
        server = name and self.customers[name].server
        return [(row[0], row[1], address_text(row[2]), SOURCES[row[3]], row[4], row[5])
                for row in rows
                if (not name or row[0] == server) and (not number or row[6] == number) and
                (not source or SOURCES[row[3]] == source)]

    def span(self, name, number=None, source=None):
        """(first, last) of all that counts and was seen there, or by one source; None when
        nothing was."""
        rows = [row for row in self.seen(name, number, source) if source or row[3] in COUNTED]
        return (min(r[4] for r in rows), max(r[5] for r in rows)) if rows else None

    def wait_seen(self, name, number=None, seconds=0, source=None, after=0):
        """Until the collector holds sightings of a customer that reach over so many seconds, and
        up to a moment."""
        def reached():
            span = self.span(name, number, source)
            return span and span[1] - span[0] >= seconds and span[1] >= after and span
        return agent_world.wait_for(reached, f"{name} to be seen for {seconds} s",
                                    NOBODY_WAITS_LONGER)

    # ---- What it says

    def audit(self, *words):
        return json.loads(self.ctl.must("audit", "--format", "json", *words))

    def period(self, at):
        local = datetime.datetime.fromtimestamp(at, zoneinfo.ZoneInfo(self.zone))
        return f"{local.year:04d}-{local.month:02d}"

    def night(self, *words):
        """The nightly report, told through the mail server; mails by recipient."""
        command = [*self.inside("dc"), *self.ctl.command("report", "--send", *words)]
        done = self.ctl.raw(command)
        equal(done.code, 0, done)
        return {m.recipient: m for m in self.mail.taken()}

    def logs(self):
        """The end of what everybody said, for a failure's message."""
        parts = []
        paths = [self.ctl.path("log"), self.ctl.path("dnsmasq.log")]
        paths += [c.agent.folder / "log" for c in self.customers.values() if c.agent]
        for path in paths:
            if path.exists():
                parts.append(f"---- {path}\n{path.read_text(errors='replace')[-800:]}")
        return "\n".join(parts)


def address_text(raw):
    """As the store keeps it: its family, and 4 or 16 bytes."""
    return str(ipaddress.ip_address(bytes(raw)[1:]))


def copy_folder(source, target):
    """With owners and modes."""
    ctl_world.check(not target.exists(), target, "is there")
    subprocess.run(["cp", "-a", source, target], check=True, timeout=60)


# ---- Cases --------------------------------------------------------------------------------------


def sweep():
    """Folders of labs that were killed; namespaces go when the next one begins."""
    for path in pathlib.Path(tempfile.gettempdir()).glob(f"{PREFIX}[0-9]*-*"):
        pid = path.name[len(PREFIX):].split("-")[0]
        if pid.isdigit() and not pathlib.Path("/proc", pid).exists():
            shutil.rmtree(path, ignore_errors=True)


@contextlib.contextmanager
def folder():
    """For a lab: readable by all, named by us, gone at the end."""
    sweep()
    path = tempfile.mkdtemp(prefix=f"{PREFIX}{os.getpid()}-")
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)
