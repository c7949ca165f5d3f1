"""`fairuse-probe replay`: what it says of captures, and that its decoder sees in every packet
what tshark sees, in captures that tcpdump and dumpcap made of real traffic."""

import json
import os
import socket
import subprocess
import sys

import capture_world as captures
import netns_world
from capture_world import (ACK, ETHERNET, FIN, HOST, LOOPBACK, OUTGOING, RAW, RST, SLL, SLL2, SYN,
                           answer, ethernet, folder_of, ip, opening, pcap, pcapng, sll, sll2, tcp)
from ctl_world import check, equal
from netns_world import KEY_SERVER, KEY_SERVER6, SERVER, SERVER6

NOW = 1795296400
OWN, OTHER, VISITOR = "203.0.113.9", "203.0.113.77", "192.0.2.55"
OWN6, TARGET6 = "2001:db8::9", "2001:db8:1::7"
TARGET = "198.51.100.7"
# What looks for leaks when a program ends needs calls that this one has given up; the library's
# tests look for them.
ENVIRONMENT = {**os.environ, "LC_ALL": "C.UTF-8", "ASAN_OPTIONS": "detect_leaks=0"}


def run(program, *words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, **more):
    done = subprocess.run([program / "fairuse-probe", "replay", *map(str, words)], stdin=stdin,
                          stdout=stdout, stderr=subprocess.PIPE, text=True, timeout=120,
                          check=False, env=ENVIRONMENT, **more)
    return done.returncode, done.stdout, done.stderr


def rows(out):
    """(address, source, first, last, packets) of each line."""
    return [tuple(json.loads(line).values()) for line in out.splitlines()]


def replay(program, *words, **more):
    code, out, err = run(program, *words, **more)
    equal((code, err), (0, ""))
    return rows(out)


def seen(address, source, first, last=None, packets=1):
    return address, source, first, last or first, packets


# ---- What it says -----------------------------------------------------------------------------


def test_a_line_is_as_the_contract_has_it(program, world):
    path = pcap(folder_of(world) / "a.pcap", ETHERNET,
                [(NOW, ethernet(opening(OWN, TARGET))), (NOW + 1000, ethernet(opening(OWN, TARGET))),
                 (NOW + 3300, ethernet(opening(OWN, TARGET)))])
    code, out, err = run(program, path, "--key-server", TARGET)
    equal((code, out, err), (0, '{"address":"203.0.113.9","source":"keyserver","first":1795296400,'
                                '"last":1795299700,"packets":3}\n', ""))


def test_what_counts_and_what_does_not(program, world):
    frames = [opening(OWN, TARGET), ip(OWN, TARGET, tcp(40000, 443, ACK)),
              ip(OWN, TARGET, tcp(40000, 443, SYN | ACK)), opening(OWN, TARGET, 80),
              opening(OWN, VISITOR), ip(OWN, TARGET, tcp(40000, 443, SYN), protocol=17),
              opening(TARGET, TARGET),
              answer(OTHER, VISITOR), answer(OTHER, VISITOR, 8880), answer(OTHER, VISITOR, 443),
              answer(OTHER, OTHER), ip(OTHER, VISITOR, tcp(8443, 50000, ACK | FIN)),
              ip(OTHER, VISITOR, tcp(8443, 50000, RST | ACK)),
              ip(VISITOR, OTHER, tcp(50000, 8443, SYN)),
              opening(OWN6, TARGET6), answer(OWN6, "2001:db8::55")]
    path = pcap(folder_of(world) / "a.pcap", RAW, [(NOW + i, f) for i, f in enumerate(frames)])
    equal(replay(program, path, "--key-server", TARGET, "--key-server", f"[{TARGET6}]:443"),
          [seen(OWN, "keyserver", NOW), seen(OTHER, "panel", NOW + 7, NOW + 8, 2),
           seen(OWN6, "keyserver", NOW + 14), seen(OWN6, "panel", NOW + 15)])


def test_without_key_servers_nothing_is_said_of_them(program, world):
    path = pcap(folder_of(world) / "a.pcap", RAW,
                [(NOW, opening(OWN, TARGET)), (NOW, answer(OWN, VISITOR))])
    equal(replay(program, path), [seen(OWN, "panel", NOW)])


def test_only_local_addresses_are_own(program, world):
    path = pcap(folder_of(world) / "a.pcap", RAW,
                [(NOW, opening(source, TARGET)) for source in (OWN, OTHER, "10.1.2.3")] +
                [(NOW, opening(OWN6, TARGET6))])
    both = ["--key-server", TARGET, "--key-server", TARGET6]
    for local, wanted in ([], [OWN, OTHER, "10.1.2.3", OWN6]), ([OWN], [OWN]), \
            ([f"{OWN}/32", "2001:db8::/64"], [OWN, OWN6]), ([OWN6], [OWN6]), \
            (["203.0.113.0/24"], [OWN, OTHER]), (["10.0.0.0/8", OTHER], ["10.1.2.3", OTHER]), \
            (["192.0.2.0/24"], []):
        words = [word for network in local for word in ("--local", network)]
        got = replay(program, path, *both, *words)
        equal(sorted(row[0] for row in got), sorted(wanted), local)


def test_ports_of_key_servers_and_of_the_panel(program, world):
    frames = [(NOW, opening(OWN, TARGET, 443)), (NOW, opening(OTHER, TARGET, 5224)),
              (NOW, answer(OWN, VISITOR, 8443)), (NOW, answer(OTHER, VISITOR, 8444))]
    path = pcap(folder_of(world) / "a.pcap", RAW, frames)
    for words, wanted in ([], [(OWN, "panel")]), (["--panel-port", 8444], [(OTHER, "panel")]), \
            (["--panel-port", 8444, "--panel-port", 8443], [(OWN, "panel"), (OTHER, "panel")]), \
            (["--panel-port", 1, "--key-server", TARGET], [(OWN, "keyserver")]), \
            (["--panel-port", 1, "--key-server", f"{TARGET}:5224"], [(OTHER, "keyserver")]), \
            (["--panel-port", 1, "--key-server", TARGET, "--key-server", f"[{TARGET}]:5224"],
             [(OWN, "keyserver"), (OTHER, "keyserver")]):
        equal([row[:2] for row in replay(program, path, *words)], wanted, words)


def test_stretches_are_joined_up_to_45_minutes_whatever_the_order(program, world):
    at = [NOW + 2700, NOW, NOW + 5400, NOW + 8101, NOW + 8101 + 2700]
    path = pcap(folder_of(world) / "a.pcap", RAW, [(t, answer(OWN, VISITOR)) for t in at])
    equal(replay(program, path), [seen(OWN, "panel", NOW, NOW + 5400, 3),
                                  seen(OWN, "panel", NOW + 8101, NOW + 10801, 2)])


def test_lines_are_sorted(program, world):
    """IPv4 before IPv6, by bytes, then by source."""
    addresses = ["2001:db8::9", "203.0.113.9", "203.0.113.10", "9.9.9.9", "10.0.0.1"]
    frames = [(NOW, f) for a in addresses
              for f in (answer(a, TARGET6 if ":" in a else VISITOR),
                        opening(a, TARGET6 if ":" in a else TARGET))]
    path = pcap(folder_of(world) / "a.pcap", RAW, frames)
    got = replay(program, path, "--key-server", TARGET, "--key-server", TARGET6)
    wanted = ["9.9.9.9", "10.0.0.1", "203.0.113.9", "203.0.113.10", "2001:db8::9"]
    equal([row[:2] for row in got], [(a, s) for a in wanted for s in ("keyserver", "panel")])


def test_every_format_and_link(program, world):
    folder = folder_of(world)
    made = {RAW: lambda p: p, ETHERNET: ethernet, SLL: sll, SLL2: sll2, 228: lambda p: p}
    for link, wrap in made.items():
        frames = [(NOW, wrap(opening(OWN, TARGET))), (NOW + 1, wrap(answer(OWN, VISITOR)))]
        files = [pcap(folder / "le.pcap", link, frames),
                 pcap(folder / "be.pcap", link, frames, order=">"),
                 pcap(folder / "ns.pcap", link, frames, magic=0xa1b23c4d),
                 pcapng(folder / "ng.pcapng", link, frames)]
        for path in files:
            equal(replay(program, path, "--key-server", TARGET),
                  [seen(OWN, "keyserver", NOW), seen(OWN, "panel", NOW + 1)], link, path.name)


def test_tags_hide_nothing(program, world):
    tags = [], [0x8100], [0x88a8, 0x8100], [0x88a8, 0x8100, 0x8100, 0x8100]
    path = pcap(folder_of(world) / "a.pcap", ETHERNET,
                [(NOW, ethernet(opening(OWN, TARGET), *t)) for t in tags] +
                [(NOW, ethernet(answer(OWN6, TARGET6), *t)) for t in tags])
    equal(replay(program, path, "--key-server", TARGET),
          [seen(OWN, "keyserver", NOW, NOW, 4), seen(OWN6, "panel", NOW, NOW, 4)])


def test_loopback_and_what_is_only_forwarded(program, world):
    path = pcap(folder_of(world) / "a.pcap", SLL2, [
        (NOW, sll2(opening(OWN, TARGET), OUTGOING, LOOPBACK)),
        (NOW, sll2(answer(OWN, VISITOR), HOST, LOOPBACK)),
        # A container's: it comes in, and goes on under our address.
        (NOW, sll2(opening("10.0.3.5", TARGET, sequence=99), HOST)),
        (NOW, sll2(opening(OWN, TARGET, sequence=99), OUTGOING)),
        (NOW + 31, sll2(opening(OWN, TARGET, sequence=99), OUTGOING)),
        (NOW + 31, sll2(opening(OWN, TARGET, sequence=100), OUTGOING))])
    equal(replay(program, path, "--key-server", TARGET, "--local", "203.0.113.0/24"),
          [seen(OWN, "keyserver", NOW + 31, NOW + 31, 2)])


def test_standard_input_is_a_file_too(program, world):
    path = pcap(folder_of(world) / "a.pcap", RAW, [(NOW, answer(OWN, VISITOR))])
    with open(path, "rb") as file:
        equal(replay(program, "-", stdin=file), [seen(OWN, "panel", NOW)])


def test_nobody_may_run_it(program, world):
    """It needs no rights."""
    path = pcap(folder_of(world) / "a.pcap", RAW, [(NOW, answer(OWN, VISITOR))])
    with open(path, "rb") as file:
        equal(replay(program, "-", stdin=file, user=65534, group=65534, extra_groups=[]),
              [seen(OWN, "panel", NOW)])


def test_all_rights_are_gone_before_it_reads(program, world):
    with subprocess.Popen([program / "fairuse-probe", "replay", "-"], stdin=subprocess.PIPE,
                          stdout=subprocess.DEVNULL, env=ENVIRONMENT) as child:
        try:
            def status():
                with open(f"/proc/{child.pid}/status") as file:
                    return dict(line.rstrip("\n").split(":\t", 1) for line in file)
            captures.wait_until(lambda: status().get("Seccomp") == "2", "it is not confined")
            said = status()
            for name in "CapEff", "CapPrm", "CapInh", "CapBnd", "CapAmb":
                equal(int(said[name], 16), 0, name)
            equal(said["NoNewPrivs"], "1")
        finally:
            child.stdin.close()


def test_a_capture_that_is_cut_is_read_up_to_there(program, world):
    frames = [(NOW, answer(OWN, VISITOR)), (NOW + 1, answer(OWN, VISITOR))]
    for path in (pcap(folder_of(world) / "a.pcap", RAW, frames),
                 pcapng(folder_of(world) / "a.pcapng", RAW, frames)):
        path.write_bytes(path.read_bytes()[:-5])
        code, out, err = run(program, path)
        equal((code, rows(out)), (65, [seen(OWN, "panel", NOW)]), err)
        check(err.startswith(f"fairuse-probe: {path}: is damaged or cut short: "), err)


def test_what_cannot_be_read(program, world):
    folder = folder_of(world)
    (folder / "empty").write_bytes(b"")
    (folder / "text").write_text("no capture, just a text that is long enough for a header\n")
    unknown = pcap(folder / "radio.pcap", 127, [(NOW, b"x")])
    for path, code, said in (folder / "none", 66, "cannot be opened: No such file"), \
            (folder / "text/none", 66, "cannot be opened: Not a directory"), \
            (folder, 74, "cannot be read"), \
            (folder / "empty", 65, "is not a pcap or pcapng capture"), \
            (folder / "text", 65, "is not a pcap or pcapng capture"), \
            (unknown, 65, "link type 127 (IEEE802_11_RADIO) is not understood"):
        got, out, err = run(program, path)
        equal((got, out), (code, ""), err)
        check(err.startswith(f"fairuse-probe: {path}: {said}"), err)
        equal(err.count("\n"), 1, err)


def test_what_cannot_be_meant(program, world):
    path = pcap(folder_of(world) / "a.pcap", RAW, [])
    for words, said in ([], "replay wants a FILE"), ([path, "b"], '"b" is one too many'), \
            ([path, "--local", "203.0.113.9/24"], "--local"), \
            ([path, "--local", "0.0.0.0/0"], "too wide"), \
            ([path, "--key-server", "ka.example"], "names are not looked up"), \
            ([path, "--key-server", f"{TARGET}:0"], "--key-server"), \
            ([path, "--panel-port", "70000"], "1 to 65535"), \
            ([path, "--panel-port"], "wants a value"), \
            ([path, "--listen", "x"], "option of run"), \
            ([path, "--colour"], "is no option"):
        code, out, err = run(program, *words)
        equal((code, out), (64, ""), words, err)
        check(said in err, err)


def test_an_output_that_is_full_is_an_error(program, world):
    path = pcap(folder_of(world) / "a.pcap", RAW, [(NOW, answer(OWN, VISITOR))])
    with open("/dev/full", "w") as full:
        code, _, err = run(program, path, stdout=full)
    equal(code, 74, err)
    check("standard output: cannot be written" in err, err)


def test_there_is_an_end_to_what_it_holds(program, world):
    """Room for 262,144 stretches, and as many until they are joined: an address a packet."""
    one = bytearray(answer(OWN, VISITOR))
    frames = []
    for number in range(600000):
        one[12:16] = (0x0b000000 + number).to_bytes(4, "big")
        frames.append((NOW, bytes(one)))
    path = pcap(folder_of(world) / "a.pcap", RAW, frames)
    code, out, err = run(program, path)
    equal(code, 65, err)
    check("more than 262144 stretches of addresses" in err and "editcap" in err, err)
    check(out.count("\n") > 262144, out.count("\n"))
    pcap(path, RAW, frames[:262144])
    equal(len(replay(program, path)), 262144)


# ---- What tshark says -------------------------------------------------------------------------


def extension(next_header, kind=60, size=8):
    """Padding options fill it; a routing header is of type 0 and all gone through."""
    if kind == 43:
        return bytes([next_header, size // 8 - 1]) + bytes(size - 2)
    return bytes([next_header, size // 8 - 1, 1, size - 4]) + bytes(size - 4)


def samples():
    """Frames of every shape."""
    head = tcp(40000, 443, SYN, 0x01020304)
    fragment = bytes([6, 0, 0, 1, 0, 0, 0, 9])
    later = bytes([6, 0, 0, 0x18, 0, 0, 0, 9])
    ah = bytes([6, 2, 0, 0]) + bytes(12)
    six = (OWN6, TARGET6)
    return [
        opening(OWN, TARGET), opening(OWN6, TARGET6), answer(OWN, VISITOR),
        *[ip(OWN, TARGET, tcp(1, 65535, flags, 0xffffffff)) for flags in range(0, 256, 15)],
        ip(OWN, TARGET, head, options=b"\1" * 40), ip(OWN, TARGET, head, options=b"\1\1\1\0"),
        ip(OWN, TARGET, head + bytes(4), fragment=0x2000), ip(OWN, TARGET, head, fragment=0x2003),
        ip(OWN, TARGET, head, fragment=5), ip(OWN, TARGET, bytes(64), protocol=17),
        ip(OWN, TARGET, bytes(64), protocol=1), ip(OWN, TARGET, bytes(64), protocol=50),
        ip(OWN, TARGET, opening(OWN, TARGET), protocol=4),
        ip(OWN, TARGET, opening(OWN6, TARGET6), protocol=41),
        ip(*six, extension(6) + head, 60), ip(*six, extension(6, size=24) + head, 0),
        ip(*six, extension(60) + extension(43) + extension(6, 43) + head, 0),
        ip(*six, fragment + head + bytes(4), 44), ip(*six, later + head, 44),
        ip(*six, bytes([6, 0, 0, 0, 0, 0, 0, 9]) + head, 44), ip(*six, ah + head, 51),
        ip(*six, extension(51) + ah + head, 60), ip(*six, bytes(40), 59),
        ip(*six, bytes(64), 58), ip(*six, bytes(64), 50), ip(*six, extension(17) + bytes(40), 60),
    ]


def test_tshark_agrees_on_what_was_made(program, world):
    folder = folder_of(world)
    for link, wrap in (RAW, lambda p: p), (ETHERNET, ethernet), (SLL, sll), (SLL2, sll2):
        path = pcap(folder / f"{link}.pcap", link, [(NOW, wrap(p)) for p in samples()])
        captures.agree(program, path, 25)
    for tags in [0x8100], [0x88a8, 0x8100], [0x88a8, 0x8100, 0x8100]:
        path = pcap(folder / "tags.pcap", ETHERNET,
                    [(NOW, ethernet(p, *tags)) for p in samples()])
        captures.agree(program, path, 25)


def test_tshark_agrees_on_what_was_cut(program, world):
    folder = folder_of(world)
    whole = pcap(folder / "whole.pcap", ETHERNET, [(NOW, ethernet(p)) for p in samples()])
    for length in (10, 14, 20, 33, 34, 40, 46, 47, 48, 50, 54, 60, 67, 68, 75, 76, 80, 90):
        cut = folder / "cut.pcap"
        captures.tool("editcap", "-F", "pcap", "-s", length, whole, cut)
        captures.agree(program, cut, 10 if length >= 48 else 0)


def test_tshark_agrees_on_what_its_tools_made(program, world):
    folder = folder_of(world)
    text = captures.hex_dump([ethernet(p) for p in samples()])
    captures.tool("text2pcap", "-l", 1, "-", folder / "text.pcapng", text=text)
    captures.agree(program, folder / "text.pcapng", 25)
    one = pcap(folder / "one.pcap", ETHERNET, [(NOW, ethernet(p)) for p in samples()])
    captures.tool("mergecap", "-w", folder / "both.pcapng", folder / "text.pcapng", one)
    captures.agree(program, folder / "both.pcapng", 50)
    got = replay(program, folder / "both.pcapng", "--key-server", TARGET, "--local", OWN)
    check(("203.0.113.9", "keyserver", NOW) in [row[:3] for row in got], got)


# ---- Real traffic -----------------------------------------------------------------------------


def make_traffic(world):
    """Connections that open and that are refused, over both families; UDP, and errors; then the
    mark."""
    for address in KEY_SERVER, KEY_SERVER6:
        equal(world.connect("srv", address, times=3), SERVER6 if ":" in address else SERVER)
        check("errno" in world.connect("srv", address, 81), "refused")
    world.connect("net", SERVER, 8443)
    world.connect("srv", "127.0.0.1", 8443)
    netns_world.inside(world.full("srv"), captures.send_mark, KEY_SERVER)


def real(program, world, name, *command):
    """A capture of real traffic on `srv`, by a program that writes to the path given to it; what
    both make of it, and what replay says."""
    world.server(SERVER, addresses6=(SERVER6,))
    world.listen("srv", "0.0.0.0", 8443)
    path = folder_of(world) / name
    with captures.captured(world.full("srv"), path, *command, "-w", path):
        make_traffic(world)
    captures.agree(program, path, 20)
    return path


def expect_real(program, path):
    got = replay(program, path, "--key-server", KEY_SERVER, "--key-server", KEY_SERVER6,
                 "--local", SERVER, "--local", SERVER6)
    equal([(row[0], row[1], row[4]) for row in got],
          [(SERVER, "keyserver", 3), (SERVER, "panel", 1), (SERVER6, "keyserver", 3)])


# In immediate mode each packet takes as much of the ring as the longest may have.
TCPDUMP = ["tcpdump", "-n", "-U", "--immediate-mode", "-Z", "root", "-s", "4096", "-B", "16384"]


def test_ethernet_by_tcpdump(program, world):
    expect_real(program, real(program, world, "a.pcap", *TCPDUMP, "-i", "eth0"))


def test_cooked_by_tcpdump(program, world):
    expect_real(program, real(program, world, "a.pcap", *TCPDUMP, "-i", "any", "-y", "LINUX_SLL"))


def test_cooked_2_by_tcpdump(program, world):
    expect_real(program, real(program, world, "a.pcap", *TCPDUMP, "-i", "any", "-y",
                              "LINUX_SLL2"))


def test_short_and_in_nanoseconds_by_tcpdump(program, world):
    expect_real(program, real(program, world, "a.pcap", *TCPDUMP, "-i", "eth0", "-s", "96",
                              "--time-stamp-precision=nano"))


def test_by_dumpcap(program, world):
    expect_real(program, real(program, world, "a.pcapng", "dumpcap", "-q", "-i", "eth0"))


def test_tagged_frames_by_tcpdump(program, world):
    """On one interface the tags are there. On "any" the kernel takes the outer one off; with two
    it calls the packet IP and leaves the inner tag in front of it, which nobody can read: what
    of it concerns this host comes by again, on the interface of that VLAN."""
    world.server(SERVER)
    frames = [ethernet(p, *tags) for tags in ([0x8100], [0x88a8, 0x8100]) for p in samples()]
    for name, words, least in ("eth.pcap", ["-i", "srv0"], 60), ("any.pcap", ["-i", "any"], 30):
        path = folder_of(world) / name
        with captures.captured(world.full("net"), path, *TCPDUMP, *words, "-w", path):
            netns_world.inside(world.full("srv"), captures.send_raw, "eth0", frames)
            netns_world.inside(world.full("srv"), captures.send_mark, KEY_SERVER)
        captures.agree(program, path, least)
        got = replay(program, path, "--key-server", TARGET, "--local", OWN)
        equal([row[:2] for row in got], [(OWN, "keyserver"), (OWN, "panel")], name)


def begin_connection(address):
    """An opening goes out; nobody answers."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as s:
        s.setblocking(False)
        s.connect_ex((address, 443))


def open_tun_in(namespace):
    """A tunnel made in a namespace: one that exists when it goes there keeps its other end."""
    tun = captures.open_tun("fu-tun")
    netns_world.must("ip", "link", "set", "fu-tun", "netns", namespace)
    netns_world.must("ip", "-n", namespace, "link", "set", "fu-tun", "name", "tun0")
    return tun


def test_raw_ip_of_a_tunnel_by_tcpdump(program, world):
    """A tunnel that Python holds the other end of: packets come in by it, and a connection to a
    key server goes out."""
    world.add("srv")
    path = folder_of(world) / "tun.pcap"
    tun = open_tun_in(world.full("srv"))
    try:
        world.address("srv", "tun0", f"{SERVER}/24")
        world.ip("srv", "link", "set", "tun0", "up")
        world.ip("srv", "route", "add", "default", "dev", "tun0")
        with captures.captured(world.full("srv"), path, *TCPDUMP, "-i", "tun0", "-w", path):
            for packet in samples():
                os.write(tun, packet)
            netns_world.inside(world.full("srv"), begin_connection, KEY_SERVER)
            netns_world.inside(world.full("srv"), captures.send_mark, KEY_SERVER)
    finally:
        os.close(tun)
    captures.agree(program, path, 26)
    got = replay(program, path, "--key-server", KEY_SERVER, "--local", SERVER)
    equal([row[:2] for row in got], [(SERVER, "keyserver")])


if __name__ == "__main__":
    why = captures.missing()
    if why:
        sys.exit(f"nothing was tested: {why}")
    netns_world.run_cases(dict(globals()))
