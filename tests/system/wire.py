"""A bad cable between two network namespaces: a process that passes IP packets from one to the
other and loses, doubles, delays and so reorders them by a seeded dice. TCP above is the kernel's
own. What is done to packets is set while it runs, and counted."""

import contextlib
import ctypes
import fcntl
import heapq
import mmap
import os
import random
import select
import signal
import struct
import time

import netns_world as lab

TUNSETIFF, IFF_TUN, IFF_NO_PI = 0x400454ca, 0x0001, 0x1000
QUEUE = 20000  # packets that are on their way; beyond it they are lost, as anywhere
FLOWS = 4096
HELLO = 1200  # bytes: a client that has sent more has sent its request, or some of it
SETTINGS = ("loss", "double", "delay", "jitter", "cut", "mute")
COUNTS = ("passed", "lost", "doubled", "overtaken", "muted")


class Shared(ctypes.Structure):
    """What the two processes say to each other. Chances are 0 to 1, times in seconds; `cut`
    loses all; `mute` loses what the far end answers to whoever has sent a request."""
    _fields_ = [(name, ctypes.c_double) for name in SETTINGS] + \
               [(name, ctypes.c_int64) for name in COUNTS]


def open_tun(space, name):
    lab.enter(space)
    fd = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
    fcntl.ioctl(fd, TUNSETIFF, struct.pack("16sH", name.encode(), IFF_TUN | IFF_NO_PI))
    return fd


def tcp_of(packet):
    """(source, its port, target, its port, bytes of data) of an IPv4 packet with TCP, or None."""
    if len(packet) < 40 or packet[0] >> 4 != 4 or packet[9] != 6:
        return None
    head = (packet[0] & 15) * 4
    source, target = struct.unpack_from(">HH", packet, head)
    data = struct.unpack_from(">H", packet, 2)[0] - head - (packet[head + 12] >> 4) * 4
    return packet[12:16], source, packet[16:20], target, data


class Forwarder:
    """The child's side."""

    def __init__(self, near, far, shared, seed):
        self.ends, self.shared, self.dice = (near, far), shared, random.Random(seed)
        self.queue, self.number, self.newest, self.asked = [], 0, [0, 0], {}

    def run(self):
        while True:
            wait = max(0, self.queue[0][0] - time.monotonic()) if self.queue else None
            ready, _, _ = select.select(self.ends, [], [], wait)
            for fd in ready:
                with contextlib.suppress(BlockingIOError):
                    while True:
                        self.take(self.ends.index(fd), os.read(fd, 65536))
            self.deliver()

    def is_muted(self, end, packet):
        """Follows who has asked; whether this is an answer that is not to arrive."""
        tcp = tcp_of(packet)
        if not tcp:
            return False
        source, port, target, its_port, data = tcp
        if end == 0:
            if len(self.asked) > FLOWS:
                self.asked.clear()
            self.asked[source, port] = self.asked.get((source, port), 0) + data
            return False
        return bool(self.shared.mute and data and self.asked.get((target, its_port), 0) > HELLO)

    def take(self, end, packet):
        s, roll = self.shared, self.dice.random
        if self.is_muted(end, packet):
            s.muted += 1
        elif s.cut or roll() < s.loss or len(self.queue) >= QUEUE:
            s.lost += 1
        else:
            twice = roll() < s.double
            s.doubled += twice
            for _ in range(1 + twice):
                self.number += 1
                due = time.monotonic() + s.delay + roll() * s.jitter
                heapq.heappush(self.queue, (due, self.number, end, packet))

    def deliver(self):
        while self.queue and self.queue[0][0] <= time.monotonic():
            _, number, end, packet = heapq.heappop(self.queue)
            self.shared.overtaken += number < self.newest[end]
            self.newest[end] = max(self.newest[end], number)
            try:
                os.write(self.ends[1 - end], packet)
                self.shared.passed += 1
            except OSError:  # the link there is down
                self.shared.lost += 1


class Wire:
    """`near` and `far` are (namespace, interface, address with its network): a client is near."""

    def __init__(self, world, near, far, seed):
        self.world, self.page = world, mmap.mmap(-1, mmap.PAGESIZE)
        self.shared = Shared.from_buffer(self.page)
        reading, writing = os.pipe()
        self.pid = os.fork()
        if self.pid == 0:
            try:
                lab.end_with_us()
                signal.signal(signal.SIGTERM, signal.SIG_DFL)
                fds = [open_tun(world.full(space), name) for space, name, _ in (near, far)]
                os.write(writing, b"!")
                Forwarder(*fds, self.shared, seed).run()
            except BaseException as error:
                print(f"wire: {error!r}", flush=True)
            finally:
                os._exit(1)
        world.children.append(self.pid)
        os.close(writing)
        with os.fdopen(reading, "rb") as pipe:
            if pipe.read(1) != b"!":
                raise AssertionError("no wire: is there /dev/net/tun?")
        for space, name, address in (near, far):
            world.address(space, name, address)
            world.ip(space, "link", "set", name, "up")

    def set(self, **settings):
        for name in SETTINGS:
            setattr(self.shared, name, float(settings.get(name, 0)))

    def counts(self):
        return {name: getattr(self.shared, name) for name in COUNTS}
