"""The probe on real packets: servers of many kinds in network namespaces, and what a keeper hears
of each. All expected values follow from how the case is wired."""

import contextlib
import ipaddress
import os
import pathlib
import re
import signal
import socket
import subprocess
import time

import agent_messages as messages
import netns_world as netns
from ctl_world import check, equal
from netns_world import (KEY_SERVER, KEY_SERVER6, OTHER_SERVER, ROUTER, SECOND, SERVER, SERVER6,
                         VISITOR)

PROBE_USER, KEEPER_USER = "nobody", "daemon"
NOBODY, STRANGER = 65534, 4242
KEYSERVER, NAT, PANEL, INTERFACE = 2, 4, 8, 16  # bits of HELLO's sources (SPEC 3's order)
ALL = KEYSERVER | NAT | PANEL | INTERFACE
COLLECTOR = "198.51.100.9"
SOON, QUIET = 8.0, 1.0  # long enough for what must come, and for what must not


def now():
    return int(time.clock_gettime(time.CLOCK_BOOTTIME))


def wait_for(what, claim, seconds=10.0):
    until = time.monotonic() + seconds
    while True:
        got = claim()
        if got:
            return got
        if time.monotonic() > until:
            raise AssertionError(f"{what}: not within {seconds} s")
        time.sleep(0.02)


class Probe:
    """fairuse-probe in a namespace."""

    def __init__(self, programs, world, name="srv", before=(), start=True, **settings):
        self.folder = world.folder
        self.folder.chmod(0o777)
        self.socket, self.log_path = self.folder / "probe.sock", self.folder / "probe.log"
        config = self.folder / "agent.conf"
        settings = {"user": f'"{KEEPER_USER}"', "probe_user": f'"{PROBE_USER}"',
                    "log_level": '"debug"', **settings}
        config.write_text("".join(f"{key} = {value};\n" for key, value in settings.items()))
        self.command = ["ip", "netns", "exec", world.full(name), *before,
                        str(programs / "fairuse-probe"), "run", "-c", str(config)]
        self.process = None
        if start:
            self.start("--listen", str(self.socket))
            wait_for("the start", lambda: "started" in self.log() or self.has_ended())

    def start(self, *words, **more):
        # What leaves no rights leaves none to a sanitizer that looks for leaks.
        env = {**os.environ, "ASAN_OPTIONS": "detect_leaks=0"}
        with self.log_path.open("a") as log:
            self.process = subprocess.Popen([*self.command, *words], stdin=subprocess.DEVNULL,
                                            stdout=log, stderr=log, env=env,
                                            preexec_fn=netns.end_with_us, **more)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()

    def has_ended(self):
        return self.process.poll() is not None

    def log(self):
        return self.log_path.read_text() if self.log_path.exists() else ""

    def signal(self, number):
        self.process.send_signal(number)

    def end(self):
        self.signal(signal.SIGTERM)
        return self.process.wait(10)

    def proc(self, name):
        return pathlib.Path("/proc", str(self.process.pid), name)


class Keeper:
    """Speaks with a probe as the keeper does."""

    TARGETS = ((KEY_SERVER, 443, False), (KEY_SERVER6, 443, False), (OTHER_SERVER, 443, False),
               (COLLECTOR, 9443, True))

    def __init__(self, probe, targets=TARGETS, line=None):
        self.probe, self.heard, self.raw = probe, [], []
        self.line = line or socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        if not line:
            self.line.connect(str(probe.socket))
        if targets is not None:
            self.aim(targets)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.line.close()

    def say(self, name, **values):
        self.line.send(messages.encode(name, **values))

    def aim(self, targets):
        """Says what to watch for; it holds when this returns."""
        before = self.probe.log().count("targets n=")
        for address, port, is_collector in targets:
            self.say("target", address=address, port=port, is_collector=is_collector)
        self.say("end")
        wait_for("the targets", lambda: self.probe.log().count("targets n=") > before)

    def hear(self, seconds):
        """One message more; None when none comes."""
        self.line.settimeout(max(seconds, 0.001))
        try:
            data = self.line.recv(8192)
        except TimeoutError:
            return None
        if not data:
            raise AssertionError("the probe closed the line")
        message, used = messages.decode(data)
        equal(used, len(data), "one datagram is one message", data)
        self.heard.append(message)
        self.raw.append(data)
        return message

    def hear_all(self, seconds=QUIET):
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            self.hear(until - time.monotonic())
        return self

    def until(self, what, claim, seconds=SOON):
        """Hears until a message fits, also one heard before; gives it."""
        until = time.monotonic() + seconds
        for message in self.heard:
            if claim(message):
                return message
        while time.monotonic() < until:
            message = self.hear(until - time.monotonic())
            if message and claim(message):
                return message
        raise AssertionError(f"{what}: not within {seconds} s; heard {self.heard}")

    def seen(self, source, address, seconds=SOON):
        def fits(m):
            return (m["kind"], m.get("source"), m.get("address")) == ("seen", source, address)
        return self.until(f"{source} {address}", fits, seconds)

    def address(self, address, is_there=True, seconds=SOON):
        def fits(m):
            return m["kind"] == "address" and (m["address"], m["is_there"]) == (address, is_there)
        return self.until(f"{address} {is_there}", fits, seconds)

    def first(self, kind, seconds=SOON):
        return self.until(kind, lambda m: m["kind"] == kind, seconds)

    def all_seen(self):
        """The (source, address) of each sighting so far."""
        return {(m["source"], m["address"]) for m in self.heard if m["kind"] == "seen"}

    def kinds(self):
        return [m["kind"] for m in self.heard]

    def is_closed(self, seconds=SOON):
        self.line.settimeout(seconds)
        try:
            while self.line.recv(8192):
                pass
            return True
        except ConnectionResetError:
            return True
        except TimeoutError:
            return False


@contextlib.contextmanager
def watching(programs, world, **more):
    with Probe(programs, world, **more) as probe, Keeper(probe) as keeper:
        keeper.first("pulse")
        yield probe, keeper


def tracking(probe):
    """What a new keeper's first pulse says."""
    with Keeper(probe, targets=None) as keeper:
        return keeper.first("pulse")["tracking"]


# ---- What a server shows ----------------------------------------------------------------------


def test_plain_host(programs, world):
    """Its address opens a connection to the key server, and that is what is said of it."""
    world.server()
    with watching(programs, world) as (probe, keeper):
        equal(keeper.kinds()[:3], ["hello", "address", "pulse"])
        hello = keeper.heard[0]
        equal((hello["sources"], hello["why"]), (ALL, ""))
        there = keeper.address(SERVER)
        check(now() - 10 <= there["at_s"] <= now(), there)
        began = now()
        equal(world.connect("srv"), SERVER)
        opened = time.monotonic()
        seen = keeper.seen("keyserver", SERVER)
        check(time.monotonic() - opened < 2, "it goes out at once")
        check(began <= seen["first_s"] <= seen["last_s"] <= now(), began, seen)
        equal(seen["packets"], 1)
        # What is not a key server's, or not its port, is nothing.
        world.connect("srv", KEY_SERVER, 444)
        world.connect("srv", VISITOR, 443)
        keeper.hear_all()
        equal(keeper.all_seen(), {("keyserver", SERVER)})
        equal(probe.end(), 0)


def test_multi_homed_host(programs, world):
    """The source is chosen by whoever connects; both are seen."""
    world.server(SERVER, SECOND)
    with watching(programs, world) as (_, keeper):
        for source in (SERVER, SECOND):
            keeper.address(source)
            equal(world.connect("srv", source=source), source)
            keeper.seen("keyserver", source)


def test_dual_stack(programs, world):
    world.server(addresses6=[SERVER6])
    with watching(programs, world) as (_, keeper):
        keeper.address(SERVER6)
        equal(world.connect("srv", KEY_SERVER6), SERVER6)
        keeper.seen("keyserver", SERVER6)
        equal(world.connect("srv"), SERVER)
        keeper.seen("keyserver", SERVER)


def test_own_translation_to_another_own_address(programs, world):
    """The key server sees SECOND; so does the wire, and so says the host's own tracking."""
    world.server(SERVER, SECOND)
    world.translate("srv", f"ip daddr {KEY_SERVER} snat to {SECOND}")
    with watching(programs, world) as (probe, keeper):
        equal(world.connect("srv", source=SERVER), SERVER)
        keeper.seen("nat", SECOND)
        keeper.seen("keyserver", SECOND)
        keeper.hear_all()
        equal(keeper.all_seen(), {("nat", SECOND), ("keyserver", SECOND)})
        equal(tracking(probe), "works")


def test_own_translation_to_an_address_that_is_routed_here(programs, world):
    """One that is on no interface: known by tracking alone. Connections to the collector count,
    too."""
    routed = "203.0.113.77"
    world.server()
    world.ip("net", "route", "add", f"{routed}/32", "via", SERVER)
    world.ip("net", "address", "add", f"{COLLECTOR}/32", "dev", "lo")
    world.listen("net", COLLECTOR, 9443)
    world.translate("srv", f"ip daddr {COLLECTOR} snat to 203.0.113.78; "
                           f"ip daddr {KEY_SERVER} snat to {routed}")
    world.ip("net", "route", "add", "203.0.113.78/32", "via", SERVER)
    with watching(programs, world) as (_, keeper):
        equal(world.connect("srv"), SERVER)
        keeper.seen("nat", routed)
        equal(world.connect("srv", COLLECTOR, 9443), SERVER)
        keeper.seen("nat", "203.0.113.78")
        equal(world.connect("srv", OTHER_SERVER), SERVER)  # not translated
        keeper.seen("keyserver", SERVER)
        keeper.hear_all()
        equal(keeper.all_seen(), {("nat", routed), ("nat", "203.0.113.78"),
                                  ("keyserver", SERVER)})


def test_upstream_translation(programs, world):
    """Behind somebody else's translation only the private address is here to be seen."""
    private = "10.77.0.10"
    world.internet()
    world.add("srv")
    world.join("srv", "eth0", "net", "srv0")
    world.address("srv", "eth0", f"{private}/24")
    world.address("net", "srv0", "10.77.0.1/24")
    world.ip("srv", "route", "add", "default", "via", "10.77.0.1")
    world.nft("net", "table ip up { chain post { type nat hook postrouting priority 100;"
                     " ip saddr 10.77.0.0/24 snat to 192.0.2.1; } }")
    world.track("srv")
    with watching(programs, world) as (probe, keeper):
        equal(world.connect("srv"), private)
        keeper.seen("keyserver", private)
        keeper.hear_all()
        equal(keeper.all_seen(), {("keyserver", private)})
        equal(tracking(probe), "works")


def test_vlan(programs, world):
    """The address is on a subinterface; the frames carry a tag."""
    world.internet()
    world.add("srv")
    world.join("srv", "eth0", "net", "srv0")
    for name, interface in (("srv", "eth0"), ("net", "srv0")):
        if not world.can(name, "link", interface, "name", "vlan100", "type", "vlan", "id", "100"):
            print("    not tested: this kernel has no such interfaces", flush=True)
            return
        world.ip(name, "link", "set", "vlan100", "up")
    world.address("srv", "vlan100", f"{SERVER}/24")
    world.address("net", "vlan100", f"{ROUTER}/24")
    world.ip("srv", "route", "add", "default", "via", ROUTER)
    world.listen("srv", SERVER, 8443)
    with watching(programs, world) as (_, keeper):
        equal(world.connect("srv"), SERVER)
        keeper.seen("keyserver", SERVER)
        equal(world.connect("net", SERVER, 8443, source=VISITOR), VISITOR)
        keeper.seen("panel", SERVER)


def test_failover(programs, world):
    """The address goes from one machine to another; each says its part."""
    world.server(SERVER, SECOND)
    with watching(programs, world) as (_, keeper):
        keeper.address(SECOND)
        world.ip("srv", "address", "del", f"{SECOND}/24", "dev", "eth0")
        gone = keeper.address(SECOND, is_there=False)
        check(now() - 5 <= gone["at_s"] <= now(), gone)
        world.add("heir")
        world.join("heir", "eth0", "net", "heir0")
        world.ip("net", "route", "add", f"{SECOND}/32", "dev", "heir0")
        world.address("heir", "eth0", f"{SECOND}/24")
        world.ip("heir", "route", "add", "default", "via", ROUTER)
        world.ip("net", "address", "add", f"{ROUTER}/32", "dev", "heir0")
        equal(world.connect("heir"), SECOND)
        keeper.hear_all()
        equal(keeper.all_seen(), set(), "what another machine does is nothing of ours")
        world.ip("heir", "address", "del", f"{SECOND}/24", "dev", "eth0")
        world.ip("net", "route", "del", f"{SECOND}/32", "dev", "heir0")
        keeper.heard.clear()
        world.address("srv", "eth0", f"{SECOND}/24")
        keeper.address(SECOND)
        equal(world.connect("srv", source=SECOND), SECOND)
        keeper.seen("keyserver", SECOND)


def forwards_only(programs, world, name, bridge=None):
    """What srv only passes on, be it under its own address, is not its use of it."""
    world.server(SERVER, SECOND)
    world.inner(name, bridge)
    with watching(programs, world) as (_, keeper):
        for _ in range(3):
            equal(world.connect(name), "10.99.0.2")
        keeper.hear_all()
        equal(keeper.all_seen(), set())
        equal(world.connect("srv", source=SECOND), SECOND)  # it does look
        keeper.seen("keyserver", SECOND)
        equal(keeper.all_seen(), {("keyserver", SECOND)})


def test_forwarding_only(programs, world):
    forwards_only(programs, world, "lan")


def test_container_behind_a_bridge(programs, world):
    forwards_only(programs, world, "ctr", bridge="docker0")


def test_spoofed_packets_that_come_in(programs, world):
    """Who sends under our address from outside says nothing about us."""
    world.server()
    mac = world.mac("srv", "eth0")
    syn, answer = 0x02, 0x12
    with watching(programs, world) as (_, keeper):
        for source, target, flags in (
                ((SERVER, 40000), (KEY_SERVER, 443), syn), ((SERVER, 8443), (SERVER, 5), answer),
                ((SERVER, 8443), (VISITOR, 50000), answer), ((SERVER, 1), (SERVER, 443), syn)):
            world.spoof("net", "srv0", mac, netns.tcp4(source, target, flags))
        keeper.hear_all()
        equal(keeper.all_seen(), set())
        equal(world.connect("srv"), SERVER)
        keeper.seen("keyserver", SERVER)


def test_panel(programs, world):
    """It answers, so the address is in use. A port where nobody listens refuses, which is no
    answer; and who came is told to nobody."""
    world.server(SERVER, SECOND, addresses6=[SERVER6])
    world.listen("srv", SERVER, 8443)
    with watching(programs, world) as (probe, keeper):
        equal(world.connect("net", SECOND, 8443, source=VISITOR), {"errno": 111})
        equal(world.connect("net", SERVER, 8880, source=VISITOR), {"errno": 111})
        keeper.hear_all()
        equal(keeper.all_seen(), set())
        equal(world.connect("net", SERVER, 8443, source=VISITOR), VISITOR)
        keeper.seen("panel", SERVER)
        world.listen("srv", SERVER6, 8880)
        equal(world.connect("net", SERVER6, 8880, source=netns.VISITOR6), netns.VISITOR6)
        keeper.seen("panel", SERVER6)
        equal(world.connect("srv", SERVER, 8443, source=SERVER), SERVER)  # itself: loopback
        equal(world.connect("srv", SERVER, 8443, source=SECOND), SECOND)
        keeper.hear_all()
        equal(keeper.all_seen(), {("panel", SERVER), ("panel", SERVER6)})
        for visitor in (VISITOR, netns.VISITOR6):
            packed = ipaddress.ip_address(visitor).packed
            check(visitor not in probe.log(), probe.log())
            for data in keeper.raw:
                check(packed not in data and visitor.encode() not in data, data)


def test_other_panel_ports(programs, world):
    world.server()
    world.listen("srv", SERVER, 2087)
    world.listen("srv", SERVER, 8443)
    with watching(programs, world, panel_ports="( 2087 )") as (_, keeper):
        equal(world.connect("net", SERVER, 8443, source=VISITOR), VISITOR)
        keeper.hear_all()
        equal(keeper.all_seen(), set())
        equal(world.connect("net", SERVER, 2087, source=VISITOR), VISITOR)
        keeper.seen("panel", SERVER)


def test_only_what_is_asked_for(programs, world):
    world.server()
    world.address("srv", "eth0", f"{SECOND}/24")
    world.listen("srv", SERVER, 8443)
    world.translate("srv", f"ip daddr {KEY_SERVER} snat to {SECOND}")
    with watching(programs, world, observe='"keyserver, interface"') as (_, keeper):
        hello = keeper.first("hello")
        equal((hello["sources"], hello["why"]), (KEYSERVER | INTERFACE, ""))
        world.connect("srv")
        world.connect("net", SERVER, 8443, source=VISITOR)
        keeper.seen("keyserver", SECOND)
        keeper.hear_all()
        equal(keeper.all_seen(), {("keyserver", SECOND)})


def test_interfaces_are_told_of_only_if_asked_for(programs, world):
    """They are known all the same: the connection is its own."""
    world.server(SERVER, SECOND)
    with watching(programs, world, observe='"keyserver"') as (_, keeper):
        equal(keeper.first("hello")["sources"], KEYSERVER)
        world.ip("srv", "address", "del", f"{SECOND}/24", "dev", "eth0")
        equal(world.connect("srv"), SERVER)
        keeper.seen("keyserver", SERVER)
        keeper.hear_all()
        check("address" not in keeper.kinds(), keeper.heard)


def test_an_interface_that_comes_and_goes(programs, world):
    """While the probe runs; it was not there when the rights were."""
    late = "192.0.2.10"
    world.server()
    with watching(programs, world) as (_, keeper):
        world.join("srv", "late0", "net", "late1")
        world.address("srv", "late0", f"{late}/24")
        world.address("net", "late1", "192.0.2.1/24")
        keeper.address(late)
        world.ip("srv", "route", "add", f"{OTHER_SERVER}/32", "via", "192.0.2.1")
        equal(world.connect("srv", OTHER_SERVER), late)
        keeper.seen("keyserver", late)
        world.ip("srv", "link", "del", "late0")
        keeper.address(late, is_there=False)
        equal(world.connect("srv"), SERVER)
        keeper.seen("keyserver", SERVER)


def test_an_address_is_there_while_one_interface_has_it(programs, world):
    world.server()
    world.ip("srv", "link", "add", "br0", "type", "bridge")
    world.ip("srv", "link", "set", "br0", "up")
    with watching(programs, world) as (_, keeper):
        world.address("srv", "br0", f"{SERVER}/32")
        world.ip("srv", "address", "del", f"{SERVER}/32", "dev", "br0")
        world.address("srv", "lo", "192.0.2.200/32")  # loopback's are nobody's
        world.address("srv", "br0", "192.0.2.201/32")
        keeper.address("192.0.2.201")
        told = [(m["address"], m["is_there"]) for m in keeper.heard if m["kind"] == "address"]
        equal(told, [(SERVER, True), ("192.0.2.201", True)])
        world.ip("srv", "address", "del", "192.0.2.201/32", "dev", "br0")
        keeper.address("192.0.2.201", is_there=False)


def test_many_addresses_at_once(programs, world):
    """More than one message of the kernel's, added and removed faster than they are read."""
    world.server()
    addresses = [f"192.0.2.{i}" for i in range(1, 250)]
    batch = world.folder / "batch"
    with watching(programs, world) as (probe, keeper):
        probe.signal(signal.SIGSTOP)
        for word in ("add", "del", "add"):
            batch.write_text("".join(f"address {word} {a}/32 dev eth0\n" for a in addresses))
            world.ip("srv", "-batch", str(batch))
        probe.signal(signal.SIGCONT)
        keeper.hear_all()
        there = {SERVER: True}
        for m in keeper.heard:
            if m["kind"] == "address":
                there[m["address"]] = m["is_there"]
        equal({a for a, is_there in there.items() if is_there}, {SERVER, *addresses})


# ---- What cannot be seen, and is said ---------------------------------------------------------


def test_a_host_that_tracks_nothing(programs, world):
    """No event is not "no translation": it is said that nothing is tracked."""
    world.server()
    with watching(programs, world) as (probe, keeper):
        equal(keeper.first("pulse")["tracking"], "unknown")
        world.connect("srv")
        keeper.seen("keyserver", SERVER)
        equal(tracking(probe), "unknown")  # five seconds are not over
        wait_for("five seconds", lambda: tracking(probe) == "none", 8)
        world.track("srv")
        world.connect("srv")
        wait_for("the flow", lambda: tracking(probe) == "works")


def test_more_than_can_be_held(programs, world):
    """Stopped, and flooded: what was lost is said, as a gap, and it goes on."""
    world.server()
    world.track("srv")
    world.nft("net", "table ip deaf { chain pre { type filter hook prerouting priority 0;"
                     " tcp dport 443 drop; } }")
    with watching(programs, world) as (probe, keeper):
        began = now()
        probe.signal(signal.SIGSTOP)
        sent = netns.inside(world.full("srv"), netns.flood_syns, SERVER, (KEY_SERVER, 443),
                            [*range(1025, 65000)], 20)
        check(sent > 40000, sent)  # twice of what the buffer holds
        probe.signal(signal.SIGCONT)
        gaps = {}
        # The kernel is asked for what was lost once a second while packets come, else at each
        # pulse, half a minute apart: where all of it happens within one second, the pulse tells.
        for what in ("capture", "conntrack"):
            gap = keeper.until(what, lambda m, w=what: m.get("what") == w, 75)
            check(began - 31 <= gap["first_s"] <= gap["last_s"] <= now(), began, gap)
            gaps[what] = gap["lost"]
        check(0 < gaps["capture"] < sent, gaps)
        equal(gaps["conntrack"], 0, "how many the kernel does not say")
        keeper.seen("keyserver", SERVER)
        with Keeper(probe, targets=None) as other:
            pulse = other.first("pulse")
        check(pulse["overruns"] >= 1 and pulse["packets_lost"] >= gaps["capture"], pulse)
        check(pulse["flows"] > 1000 and pulse["tracking"] == "works", pulse)


def test_stopped_for_long_and_nothing_lost(programs, world):
    """What waits in the ring is no gap."""
    world.server()
    with watching(programs, world) as (probe, keeper):
        probe.signal(signal.SIGSTOP)
        began = now()
        world.connect("srv")
        time.sleep(2.2)
        probe.signal(signal.SIGCONT)
        seen = keeper.seen("keyserver", SERVER)
        check(began <= seen["first_s"] <= began + 1, "when it was, not when it was read", seen)
        keeper.hear_all()
        check("gap" not in keeper.kinds(), keeper.heard)


def test_no_right_at_all(programs, world):
    """It says what it cannot see and why; the interfaces it does see."""
    world.server()
    world.listen("srv", SERVER, 8443)
    before = ("setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups",
              "--bounding-set=-all", "--inh-caps=-all")
    with watching(programs, world, before=before) as (probe, keeper):
        hello = keeper.first("hello")
        equal(hello["sources"], INTERFACE)
        check("CAP_NET_RAW" in hello["why"] and "CAP_NET_ADMIN" in hello["why"], hello)
        keeper.address(SERVER)
        world.connect("srv")
        world.connect("net", SERVER, 8443, source=VISITOR)
        keeper.hear_all()
        equal(keeper.all_seen(), set())
        world.ip("srv", "address", "del", f"{SERVER}/24", "dev", "eth0")
        keeper.address(SERVER, is_there=False)
        equal(probe.end(), 0)


# ---- The keeper -------------------------------------------------------------------------------


def packets(keeper, source, address):
    return sum(m["packets"] for m in keeper.heard if m["kind"] == "seen"
               and (m["source"], m["address"]) == (source, address))


def test_a_keeper_that_ends_loses_nothing(programs, world):
    world.server()
    with Probe(programs, world) as probe:
        with Keeper(probe) as keeper:
            world.connect("srv")
            first = keeper.seen("keyserver", SERVER)
            world.connect("srv", times=2)  # held: a minute is not over
            keeper.hear_all()
            equal(packets(keeper, "keyserver", SERVER), 1)
        wait_for("its end", lambda: "keeper-gone" in probe.log())
        ended = now()
        world.connect("srv", times=3)
        world.address("srv", "eth0", f"{SECOND}/24")
        time.sleep(1.1)
        world.ip("srv", "address", "del", f"{SECOND}/24", "dev", "eth0")
        with Keeper(probe, targets=None) as keeper:
            seen = keeper.seen("keyserver", SERVER)
            equal(seen["packets"], 5)
            check(first["last_s"] <= seen["first_s"] <= seen["last_s"] <= now(), first, seen)
            there = keeper.address(SERVER)
            check(there["at_s"] >= ended - 1, "before that the other one knew", there, ended)
            came, went = keeper.address(SECOND), keeper.address(SECOND, is_there=False)
            check(ended - 1 <= came["at_s"] < went["at_s"] <= now(), came, went)
            equal(keeper.kinds()[0], "hello")
            keeper.hear_all()
            equal(packets(keeper, "keyserver", SERVER), 5)


def test_what_a_keeper_did_not_read_is_said_to_the_next(programs, world):
    world.server(SERVER, SECOND)
    with Probe(programs, world) as probe:
        with Keeper(probe) as keeper:
            keeper.first("pulse")
            world.connect("srv", source=SERVER)
            world.connect("srv", source=SECOND)
            time.sleep(QUIET)  # it was sent, and lies there
        with Keeper(probe, targets=None) as keeper:
            for address in (SERVER, SECOND):
                equal(keeper.seen("keyserver", address)["packets"], 1)


def test_a_keeper_that_does_not_read_at_all(programs, world):
    """Nobody waits for it: the next one is served, with all of it."""
    world.server()
    with Probe(programs, world) as probe, Keeper(probe):
        addresses = [f"10.{i // 250}.1.{i % 250 + 1}" for i in range(900)]
        batch = world.folder / "batch"
        for word in ("add", "del", "add"):
            batch.write_text("".join(f"address {word} {a}/32 dev eth0\n" for a in addresses))
            world.ip("srv", "-batch", str(batch))
        world.connect("srv")
        with Keeper(probe, targets=None) as keeper:
            keeper.seen("keyserver", SERVER)
            keeper.hear_all()
            there = {m["address"] for m in keeper.heard if m["kind"] == "address"}
            equal(there, {SERVER, *addresses})


def test_a_newer_keeper_replaces_the_older(programs, world):
    world.server()
    with Probe(programs, world) as probe, Keeper(probe) as older:
        older.first("pulse")
        with Keeper(probe) as newer:
            check(older.is_closed(), "the older one is let go")
            newer.first("pulse")
            world.connect("srv")
            newer.seen("keyserver", SERVER)


def test_what_no_keeper_says_ends_the_line(programs, world):
    world.server()
    target = messages.encode("target", address=KEY_SERVER, port=443)
    with Probe(programs, world) as probe:
        for data in (b"\0", b"\xff" * 40, target[:-1], target + b"\0", b"x" * 5000,
                     messages.encode("seen", address=SERVER, source="panel", packets=1),
                     messages.encode("target", address=KEY_SERVER, port=0)):
            with Keeper(probe, targets=None) as keeper:
                keeper.first("pulse")
                keeper.line.send(data)
                check(keeper.is_closed(), data)
        with Keeper(probe) as keeper:
            keeper.first("pulse")
        check(not probe.has_ended(), probe.log())


def test_a_list_that_is_not_whole_changes_nothing(programs, world):
    world.server(SERVER, SECOND)
    with Probe(programs, world) as probe, Keeper(probe) as keeper:
        keeper.say("target", address=VISITOR, port=443)
        world.connect("srv", source=SERVER)
        keeper.seen("keyserver", SERVER)
        keeper.aim([(OTHER_SERVER, 443, False)])  # with VISITOR, this is the list
        world.connect("srv", KEY_SERVER, source=SECOND)
        keeper.hear_all()
        equal(keeper.all_seen(), {("keyserver", SERVER)})
        world.connect("srv", OTHER_SERVER, source=SECOND)
        keeper.seen("keyserver", SECOND)


def test_many_targets(programs, world):
    """As many as may be, of both families, and the last of them is watched for."""
    world.server(addresses6=[SERVER6])
    world.track("srv")
    targets = [(f"192.0.2.{i}", 443, False) for i in range(1, 101)]
    targets += [(f"2001:db8:9::{i:x}", 443, False) for i in range(1, 27)]
    with Probe(programs, world) as probe:
        targets += [(KEY_SERVER, 443, False), (KEY_SERVER6, 443, False)]
        equal(len(targets), 128)
        with Keeper(probe, targets) as keeper:
            equal(world.connect("srv"), SERVER)
            keeper.seen("keyserver", SERVER)
            equal(world.connect("srv", KEY_SERVER6), SERVER6)
            keeper.seen("keyserver", SERVER6)
        equal(tracking(probe), "works")
        check("targets-cut" not in probe.log(), probe.log())


def told_uid(path, uid):
    """How many bytes the probe says to somebody."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as line:
        if uid is not None:
            netns.enter(None, uid)
        line.settimeout(SOON)
        line.connect(path)
        try:
            return len(line.recv(8192))
        except ConnectionResetError:
            return 0


def test_who_may_listen(programs, world):
    """Root, the keeper's user, the probe's own; nobody else, also where the file lets him."""
    world.server()
    keeper_uid = int(netns.must("id", "-u", KEEPER_USER))
    with Probe(programs, world) as probe:
        equal(oct(probe.socket.stat().st_mode & 0o777), "0o660")
        equal(probe.socket.stat().st_gid, int(netns.must("id", "-g", KEEPER_USER)))
        probe.socket.chmod(0o666)
        for uid, is_welcome in ((None, True), (keeper_uid, True), (NOBODY, True),
                                (STRANGER, False)):
            said = netns.inside(None, told_uid, str(probe.socket), uid)
            equal(said > 0, is_welcome, uid)
        check(f"uid={STRANGER}" in probe.log(), probe.log())


def test_a_line_that_is_handed_over(programs, world):
    """To the one keeper that started the probe; with its end the probe ends."""
    world.server()
    ours, its = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    its.setblocking(False)
    with Probe(programs, world, start=False) as probe:
        with its:
            probe.start("--descriptor", str(its.fileno()), pass_fds=[its.fileno()])
        with Keeper(probe, line=ours) as keeper:
            equal(keeper.first("hello")["sources"], ALL)
            world.connect("srv")
            keeper.seen("keyserver", SERVER)
        equal(probe.process.wait(10), 0)


# ---- The process ------------------------------------------------------------------------------


def status(probe):
    return dict(line.split(":\t", 1) for line in probe.proc("status").read_text().splitlines()
                if ":\t" in line)


def test_it_has_given_up_all_rights(programs, world):
    world.server()
    with watching(programs, world) as (probe, keeper):
        world.connect("srv")
        keeper.seen("keyserver", SERVER)
        said = status(probe)
        for name in ("CapEff", "CapPrm", "CapInh", "CapAmb"):
            equal(int(said[name], 16), 0, name)
        equal(said["NoNewPrivs"], "1")
        equal(said["Seccomp"], "2")
        equal(set(said["Uid"].split() + said["Gid"].split()), {str(NOBODY)})
        check(set(said["Groups"].split()) <= {str(NOBODY)}, said["Groups"])
        check_sockets(probe)


def check_sockets(probe):
    """Packets, netlink, local ones: none that leads to the Internet."""
    links = [os.readlink(link) for link in probe.proc("fd").iterdir()]
    mine = {match[1] for match in (re.match(r"socket:\[(\d+)\]", link) for link in links) if match}
    check(len(mine) >= 5, links)  # packets, addresses, connections, listener, keeper
    for name in ("tcp", "tcp6", "udp", "udp6", "udplite", "udplite6", "raw", "raw6", "icmp"):
        path = probe.proc("net") / name
        for line in path.read_text().splitlines()[1:] if path.exists() else ():
            check(mine.isdisjoint(line.split()), name, line)


def test_signals(programs, world):
    world.server()
    with watching(programs, world) as (probe, keeper):
        probe.signal(signal.SIGHUP)
        wait_for("a word", lambda: "not-reloaded" in probe.log())
        world.connect("srv")
        keeper.seen("keyserver", SERVER)
        equal(probe.end(), 0)
        check("ended" in probe.log(), probe.log())


def test_the_watchdog_is_told(programs, world):
    world.server()
    path = world.folder / "notify"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as told:
        told.bind(str(path))
        path.chmod(0o777)
        told.settimeout(10)
        before = ("env", f"NOTIFY_SOCKET={path}", "WATCHDOG_USEC=1000000")
        with Probe(programs, world, before=before):
            equal(told.recv(100), b"READY=1")
            for _ in range(3):
                equal(told.recv(100), b"WATCHDOG=1")


def test_settings_that_are_wrong_are_named(programs, world):
    world.server()
    with Probe(programs, world, panel_ports="( 0 )") as probe:
        equal(probe.process.wait(10), 78)
        check("agent.conf:" in probe.log() and "panel_ports" in probe.log(), probe.log())


netns.run_cases(globals())
