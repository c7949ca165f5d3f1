"""A small Internet to look at: network namespaces with real interfaces, routes, translation and
key servers, on documentation addresses only. All of it goes away with the world, also when a test
fails; what a killed test left behind goes when the next one begins."""

import contextlib
import ctypes
import json
import os
import pathlib
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time
import traceback

PREFIX = "fu"
CLONE_NEWNET = 0x40000000
LIBC = ctypes.CDLL(None, use_errno=True)
TOOLS = {"ip": "iproute2", "nft": "nftables", "setpriv": "util-linux"}

# What the namespaces that srv() makes have.
KEY_SERVER, KEY_SERVER6, OTHER_SERVER = "198.51.100.7", "2001:db8:7::7", "198.51.100.8"
SERVER, SECOND, ROUTER = "203.0.113.10", "203.0.113.11", "203.0.113.1"
SERVER6, ROUTER6 = "2001:db8:1::10", "2001:db8:1::1"
VISITOR, VISITOR6 = "192.0.2.55", "2001:db8:55::55"


def missing():
    """Why these tests cannot run here, in words; "" when they can."""
    if os.geteuid() != 0:
        return "network namespaces need root"
    for tool, package in TOOLS.items():
        if not shutil.which(tool):
            return f"{tool} is not there: it is in the package {package}"
    done = subprocess.run(["unshare", "--net", "true"], capture_output=True, timeout=10,
                          check=False)
    return "" if done.returncode == 0 else "this kernel makes no network namespaces"


def must(*words, text=None):
    done = subprocess.run(list(map(str, words)), input=text, capture_output=True, text=True,
                          timeout=20, check=False)
    if done.returncode != 0:
        raise AssertionError(f"{' '.join(map(str, words))}: {done.stderr}")
    return done.stdout


def inside(namespace, work, *values, uid=None):
    """What `work` gives (anything that JSON can hold), done by a child in a namespace."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        code = 1
        try:
            os.close(reading)
            enter(namespace, uid)
            os.write(writing, json.dumps(work(*values)).encode())
            code = 0
        except OSError as error:
            os.write(writing, json.dumps({"errno": error.errno}).encode())
            code = 0
        except BaseException:  # it must not come back to the parent's code
            traceback.print_exc()
        finally:
            os._exit(code)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        said = pipe.read()
    _, status = os.waitpid(child, 0)
    if status != 0:
        raise AssertionError(f"{work.__name__} failed in {namespace}")
    return json.loads(said)


def enter(namespace, uid=None):
    if namespace is not None:
        with open(f"/run/netns/{namespace}") as there:
            if LIBC.setns(there.fileno(), CLONE_NEWNET) != 0:
                raise OSError(ctypes.get_errno(), "setns")
    if uid is not None:
        os.setgroups([])
        os.setresgid(uid, uid, uid)
        os.setresuid(uid, uid, uid)


def end_with_us():
    """In a child: it is killed when the test is, however that ends."""
    LIBC.prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG


# ---- What is done in a namespace --------------------------------------------------------------


def family(address):
    return socket.AF_INET6 if ":" in address else socket.AF_INET


def connect_once(address, port, source):
    with socket.socket(family(address), socket.SOCK_STREAM) as s:
        s.settimeout(5)
        if source:
            s.bind((source, 0))
        s.connect((address, port))
        return s.getsockname()[0]


def serve(address, port, ready):
    """Takes connections and closes them, until it is ended."""
    with socket.socket(family(address), socket.SOCK_STREAM) as s:
        s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family(address) == socket.AF_INET6:
            s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        s.bind((address, port))
        s.listen(64)
        os.write(ready, b"!")
        while True:
            s.accept()[0].close()


def checksum(data):
    data += b"\0" * (len(data) % 2)
    total = sum(struct.unpack(f">{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff


def tcp4(source, target, flags):
    """An IPv4 packet with a TCP header and no data; source and target as (address, port)."""
    ends = [socket.inet_aton(end[0]) for end in (source, target)]
    head = struct.pack(">HHIIBBHHH", source[1], target[1], 7, 0, 5 << 4, flags, 1024, 0, 0)
    pseudo = ends[0] + ends[1] + struct.pack(">BBH", 0, socket.IPPROTO_TCP, len(head))
    head = head[:16] + struct.pack(">H", checksum(pseudo + head)) + head[18:]
    ip = struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(head), 1, 0, 64, socket.IPPROTO_TCP, 0)
    ip += ends[0] + ends[1]
    return ip[:10] + struct.pack(">H", checksum(ip)) + ip[12:] + head


def send_frames(interface, mac, packets):
    """IPv4 packets as they are, out of an interface to a neighbour."""
    with socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM) as s:
        for packet in packets:
            s.sendto(packet, (interface, 0x0800, 0, 0, mac))


def flood_syns(source, target, ports, seconds):
    """Openings with forged source ports, through the host's own output path."""
    until, count = time.monotonic() + seconds, 0
    with socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW) as s:
        for port in ports:
            try:
                s.sendto(tcp4((source, port), target, 2), (target[0], 0))
                count += 1
            except OSError:
                pass  # the queue of the interface is full for a moment
            if time.monotonic() > until:
                break
    return count


# ---- The world --------------------------------------------------------------------------------


class World:
    """Namespaces of one test, by short names."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.spaces, self.children, self.pid = [], [], os.getpid()

    def __enter__(self):
        sweep()
        return self

    def __exit__(self, *_):
        for child in self.children:
            with contextlib.suppress(ProcessLookupError):
                os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
        for name in self.spaces:
            subprocess.run(["ip", "netns", "del", self.full(name)], capture_output=True,
                           timeout=20, check=False)

    def full(self, name):
        return f"{PREFIX}{self.pid}-{name}"

    def add(self, name):
        self.spaces.append(name)
        must("ip", "netns", "add", self.full(name))
        # Addresses of IPv6 are there at once; none makes itself.
        for key, value in (("all/accept_dad", 0), ("default/accept_dad", 0),
                           ("all/addr_gen_mode", 1), ("default/addr_gen_mode", 1)):
            self.sysctl(name, f"net/ipv6/conf/{key}", value)
        self.ip(name, "link", "set", "lo", "up")

    def sysctl(self, name, key, value):
        def write():
            pathlib.Path("/proc/sys", key).write_text(str(value))
        inside(self.full(name), write)

    def ip(self, name, *words):
        return must("ip", "-n", self.full(name), *words)

    def nft(self, name, rules):
        rules = rules.replace("{", "{\n").replace("}", "\n}\n")
        must("ip", "netns", "exec", self.full(name), "nft", "-f", "-", text=rules)

    def join(self, one, its, other, others):
        """A cable between two namespaces."""
        self.ip(one, "link", "add", its, "type", "veth", "peer", "name", others, "netns",
                self.full(other))
        self.ip(one, "link", "set", its, "up")
        self.ip(other, "link", "set", others, "up")

    def address(self, name, interface, *addresses):
        for address in addresses:
            more = ["nodad"] if ":" in address else []
            self.ip(name, "address", "add", address, "dev", interface, *more)
        until = time.monotonic() + 10
        while self.ip(name, "-6", "address", "show", "dev", interface, "tentative"):
            if time.monotonic() > until:  # those cannot be bound to
                raise AssertionError(f"addresses of {name} stay tentative")
            time.sleep(0.01)

    def forwards(self, name):
        for key in ("net/ipv4/ip_forward", "net/ipv6/conf/all/forwarding"):
            self.sysctl(name, key, 1)

    def mac(self, name, interface):
        told = json.loads(self.ip(name, "-j", "link", "show", interface))
        return bytes.fromhex(told[0]["address"].replace(":", ""))

    def listen(self, name, address, port):
        """A server that takes connections, ready when this returns."""
        reading, writing = os.pipe()
        child = os.fork()
        if child == 0:
            try:
                end_with_us()
                enter(self.full(name))
                serve(address, port, writing)
            except OSError as error:
                print(f"{name}: {address} port {port}: {error}", file=sys.stderr)
            finally:
                os._exit(1)
        self.children.append(child)
        os.close(writing)
        with os.fdopen(reading, "rb") as pipe:
            if pipe.read(1) != b"!":
                raise AssertionError(f"nobody can listen at {address} in {name}")

    def connect(self, name, address=KEY_SERVER, port=443, source=None, times=1):
        """Connects; gives our own address, or {"errno": n}."""
        for _ in range(times):
            got = inside(self.full(name), connect_once, address, port, source)
        return got

    def spoof(self, name, interface, mac, *packets):
        """Puts packets on a cable, whoever they say they are from."""
        inside(self.full(name), send_frames, interface, mac, packets)

    def can(self, name, *device):
        """Whether this kernel has a kind of device; makes it."""
        done = subprocess.run(["ip", "-n", self.full(name), "link", "add", *device],
                              capture_output=True, text=True, timeout=20, check=False)
        if done.returncode != 0 and "Unknown device type" not in done.stderr:
            raise AssertionError(done.stderr)
        return done.returncode == 0

    # ---- What most tests have ----

    def internet(self):
        """`net`: two key servers, a visitor, and the way between all who join it."""
        self.add("net")
        self.forwards("net")
        self.address("net", "lo", f"{KEY_SERVER}/32", f"{OTHER_SERVER}/32", f"{VISITOR}/32",
                     f"{KEY_SERVER6}/128", f"{VISITOR6}/128")
        for address in (KEY_SERVER, KEY_SERVER6, OTHER_SERVER):
            self.listen("net", address, 443)

    def server(self, *addresses, addresses6=()):
        """`srv`: joined to `net` by eth0, with the addresses given (its default: SERVER)."""
        self.internet()
        self.add("srv")
        self.join("srv", "eth0", "net", "srv0")
        self.address("net", "srv0", f"{ROUTER}/24", f"{ROUTER6}/64", "fe80::1/64")
        self.address("srv", "eth0", *(f"{a}/24" for a in addresses or (SERVER,)),
                     *(f"{a}/64" for a in addresses6))
        self.ip("srv", "route", "add", "default", "via", ROUTER)
        if addresses6:
            self.ip("srv", "-6", "route", "add", "default", "via", ROUTER6)

    def inner(self, name, bridge=None):
        """A namespace behind `srv`, at 10.99.0.2; srv forwards for it and translates. With a
        bridge, as containers have it."""
        self.add(name)
        self.join("srv", "in0", name, "eth0")
        outer = "in0"
        if bridge:
            self.ip("srv", "link", "add", bridge, "type", "bridge")
            self.ip("srv", "link", "set", bridge, "up")
            self.ip("srv", "link", "set", "in0", "master", bridge)
            outer = bridge
        self.address("srv", outer, "10.99.0.1/24")
        self.address(name, "eth0", "10.99.0.2/24")
        self.ip(name, "route", "add", "default", "via", "10.99.0.1")
        self.forwards("srv")
        self.nft("srv", "table ip inner { chain post { type nat hook postrouting priority 100;"
                        " ip saddr 10.99.0.0/24 masquerade; } }")

    def translate(self, name, rule):
        """A rule of source translation for what leaves."""
        self.nft(name, "table ip own { chain post { type nat hook postrouting priority 100;"
                       f" {rule}; }} }}")

    def track(self, name):
        """Connections are tracked, and nothing else is done with them."""
        self.nft(name, "table inet own { chain out { type filter hook output priority 0;"
                       " ct state new accept; } }")


def end_all_in(namespace):
    """Ends what still runs in it."""
    told = subprocess.run(["ip", "netns", "pids", namespace], capture_output=True, text=True,
                          timeout=20, check=False)
    for pid in told.stdout.split():
        with contextlib.suppress(ProcessLookupError):
            os.kill(int(pid), signal.SIGKILL)


def sweep():
    """Removes what tests that were killed left behind."""
    for path in pathlib.Path("/run/netns").glob(f"{PREFIX}[0-9]*-*"):
        pid = path.name[len(PREFIX):].split("-")[0]
        if pid.isdigit() and not pathlib.Path("/proc", pid).exists():
            end_all_in(path.name)
            subprocess.run(["ip", "netns", "del", path.name], capture_output=True, timeout=20,
                           check=False)


def run_cases(cases):
    """All test_* of a module, each with a world of its own; to be called last."""
    why = missing()
    if why:
        sys.exit(f"nothing was tested: {why}")
    program = pathlib.Path(sys.argv[1]).resolve().parent
    only = sys.argv[2:]
    cases = [(name[5:], case) for name, case in cases.items()
             if name.startswith("test_") and (not only or any(o in name for o in only))]
    failed = 0
    for name, case in cases:
        began, folder = time.monotonic(), tempfile.mkdtemp(prefix="fairuse-net-")
        try:
            with World(folder) as world:
                case(program, world)
        except Exception:  # whatever it is, the other cases still run
            failed += 1
            print(f"FAILED {name}: {case.__doc__ or ''}\n{traceback.format_exc()}", flush=True)
        finally:
            shutil.rmtree(folder, ignore_errors=True)
        print(f"{time.monotonic() - began:6.1f} s  {name}", flush=True)
    print(f"{len(cases) - failed} cases passed, {failed} failed")
    sys.exit(1 if failed or not cases else 0)
