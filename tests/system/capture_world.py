"""Captures: written frame by frame, made by other programs, and read by tshark."""

import contextlib
import fcntl
import os
import pathlib
import re
import shutil
import signal
import socket
import struct
import subprocess
import time

FIN, SYN, RST, ACK = 1, 2, 4, 16
ETHERNET, RAW, SLL, IPV4, IPV6, SLL2 = 1, 101, 113, 228, 229, 276
HOST, OUTGOING, LOOPBACK = 0, 4, 772
TOOLS = {"tshark": "tshark", "tcpdump": "tcpdump", "dumpcap": "wireshark-common",
         "editcap": "wireshark-common", "mergecap": "wireshark-common",
         "text2pcap": "wireshark-common"}


def missing():
    return "; ".join(f"{tool} is not there: it is in the package {package}"
                     for tool, package in TOOLS.items() if not shutil.which(tool))


# ---- Frames -----------------------------------------------------------------------------------


def packed(address):
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    return socket.inet_pton(family, address)


def tcp(source, target, flags, sequence=7):
    return struct.pack(">HHIIBBHHH", source, target, sequence, 0, 5 << 4, flags, 1024, 0, 0)


def ip(source, target, payload, protocol=6, options=b"", fragment=0):
    """A packet of the family of its addresses; options and fragment are IPv4's."""
    if ":" in source:
        head = struct.pack(">IHBB", 6 << 28, len(payload), protocol, 64)
    else:
        words = 5 + len(options) // 4
        head = struct.pack(">BBHHHBBH", 4 << 4 | words, 0, words * 4 + len(payload), 1, fragment,
                           64, protocol, 0)
    return head + packed(source) + packed(target) + options + payload


def opening(source, target, port=443, sequence=7):
    return ip(source, target, tcp(40000, port, SYN, sequence))


def answer(source, target, port=8443):
    return ip(source, target, tcp(port, 50000, SYN | ACK))


def kind_of(packet):
    return 0x86dd if packet[0] >> 4 == 6 else 0x0800


def ethernet(packet, *tags):
    """The tags are the types that announce them, from outside."""
    types = [*tags, kind_of(packet)]
    macs = bytes.fromhex("020000000001020000000002")
    return macs + b"\0\5".join(struct.pack(">H", t) for t in types) + packet


def sll(packet, way=OUTGOING, hardware=1):
    return struct.pack(">HHH8sH", way, hardware, 6, bytes(8), kind_of(packet)) + packet


def sll2(packet, way=OUTGOING, hardware=1):
    return struct.pack(">HHIHBB8s", kind_of(packet), 0, 3, hardware, way, 6, bytes(8)) + packet


# ---- Files ------------------------------------------------------------------------------------


def pcap(path, link, frames, magic=0xa1b2c3d4, order="<"):
    """frames: (seconds, bytes), each with the last fraction of its second."""
    fraction = 999999999 if magic == 0xa1b23c4d else 999999
    data = [struct.pack(order + "IHHiIII", magic, 2, 4, 0, 0, 262144, link)]
    for at, frame in frames:
        data += [struct.pack(order + "IIII", at, fraction, len(frame), len(frame)), frame]
    path.write_bytes(b"".join(data))
    return path


def pcapng(path, link, frames):
    """With nanoseconds (the option if_tsresol)."""
    data = [struct.pack("<IIIHHqI", 0x0a0d0d0a, 28, 0x1a2b3c4d, 1, 0, -1, 28),
            struct.pack("<IIHHIHHB3xHHI", 1, 32, link, 0, 262144, 9, 1, 9, 0, 0, 32)]
    for at, frame in frames:
        ns, padding = at * 10**9 + 999999999, -len(frame) % 4
        length = 32 + len(frame) + padding
        data += [struct.pack("<IIIIIII", 6, length, 0, ns >> 32, ns & 0xffffffff, len(frame),
                             len(frame)), frame, bytes(padding), struct.pack("<I", length)]
    path.write_bytes(b"".join(data))
    return path


def tool(*words, text=None):
    done = subprocess.run([str(word) for word in words], input=text, capture_output=True,
                          text=True, timeout=60, check=False)
    if done.returncode != 0:
        raise AssertionError(f"{' '.join(map(str, words))}: {done.stderr}")
    return done.stdout


# ---- What others capture ----------------------------------------------------------------------


MARK = b"the end of this capture"


@contextlib.contextmanager
def captured(namespace, path, *command):
    """Runs a capturing program in a namespace for the time of the block, until it has seen a
    datagram with MARK, which the block is to send last. `path` is where it writes to."""
    with subprocess.Popen(["ip", "netns", "exec", namespace, *map(str, command)],
                          stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                          stderr=subprocess.PIPE) as program:
        try:
            said = b""
            while b"listening on" not in said and b"Capturing on" not in said:
                more = os.read(program.stderr.fileno(), 4096)
                if not more:
                    raise AssertionError(f"{command}: {said.decode()}")
                said += more
            wait_until(path.exists, f"{command} has made no file")
            yield
            wait_until(lambda: MARK in path.read_bytes(), f"{command} has not seen the end")
        finally:
            program.send_signal(signal.SIGINT)
            with contextlib.suppress(subprocess.TimeoutExpired):
                program.wait(10)
            if program.poll() is None:
                program.kill()


def wait_until(holds, what, seconds=10):
    until = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > until:
            raise AssertionError(what)
        time.sleep(0.02)


def send_mark(address):
    """To be done in a namespace."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        s.sendto(MARK, (address, 9))


def send_raw(interface, frames):
    """Whole Ethernet frames, as they are; to be done in a namespace."""
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW) as s:
        s.bind((interface, 0))
        for frame in frames:
            s.send(frame)


def open_tun(name):
    """A tunnel of IP packets; it is there for as long as the descriptor is open."""
    tun = os.open("/dev/net/tun", os.O_RDWR | os.O_CLOEXEC)
    fcntl.ioctl(tun, 0x400454ca, struct.pack("16sH22x", name.encode(), 0x1001))  # TUNSETIFF
    return tun


# ---- Two opinions of a capture ----------------------------------------------------------------


FIELDS = ["frame.time_epoch", "frame.protocols", "ip.src", "ip.dst", "ipv6.src", "ipv6.dst",
          "tcp.srcport", "tcp.dstport", "tcp.flags", "tcp.seq_raw"]
# Links and tags, then IP with nothing but extension headers before TCP: not what an ICMP error
# quotes, nor what a tunnel carries.
OF_TCP = re.compile(r"(eth:ethertype:|sll:ethertype:|sll:|raw:)?((vlan|ieee8021ad):ethertype:)*"
                    r"(ip|ipv6(:ipv6\.\w+|:ah)*):tcp\b")


def by_tshark(path):
    """Of each packet: its second, and what it is of TCP, as far as that is captured, or None."""
    options = [f"-o{name}:FALSE" for name in ("ip.defragment", "ipv6.defragment",
                                             "tcp.desegment_tcp_streams")]
    out = tool("tshark", "-n", "-r", path, *options, "-Tfields", "-Eseparator=|",
               "-Eoccurrence=f", *[word for field in FIELDS for word in ("-e", field)])
    said = []
    for line in out.splitlines():
        at, protocols, src4, dst4, src6, dst6, sport, dport, flags, sequence = line.split("|")
        packet = None
        if sport and dport and OF_TCP.match(protocols):
            packet = (src4 or src6, dst4 or dst6, int(sport), int(dport))
            packet += (int(flags, 16) & 0xff, int(sequence)) if flags else ()
        said.append((int(at.split(".")[0]), packet))
    return said


def by_us(program, path):
    said = []
    for line in tool(program / "decode", path).splitlines():
        words = line.split()
        said.append((int(words[1]), (words[3], words[4], int(words[5]), int(words[6]),
                                     int(words[7], 16), int(words[8]))
                     if words[2] == "tcp" else None))
    return said


def is_same(ours, theirs):
    """tshark shows flags when the header is there to its end, we when they are; both say nothing
    of less than the ports."""
    if theirs is None or len(theirs) == 6:
        return ours == theirs
    return ours is None or ours[:4] == theirs


def agree(program, path, least_tcp):
    """Both see the same in every packet; how many packets there were."""
    ours, theirs = by_us(program, path), by_tshark(path)
    if len(ours) != len(theirs):
        raise AssertionError(f"{path.name}: {len(ours)} packets, tshark sees {len(theirs)}")
    for number, ((at, we), (when, they)) in enumerate(zip(ours, theirs), 1):
        if at != when or not is_same(we, they):
            raise AssertionError(f"{path.name}, packet {number}: {at} {we}, "
                                 f"tshark says {when} {they}")
    count = sum(what is not None for _, what in ours)
    if count < least_tcp:
        raise AssertionError(f"{path.name}: {count} of TCP in {len(ours)} packets")
    return len(ours)


def hex_dump(frames):
    """As text2pcap reads it."""
    lines = []
    for frame in frames:
        lines += [f"{at:06x} {frame[at:at + 16].hex(' ')}" for at in range(0, len(frame), 16)]
        lines.append("")
    return "\n".join(lines)


def folder_of(world):
    return pathlib.Path(world.folder)
