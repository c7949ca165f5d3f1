"""Laws 2 and 3: a room sees itself and the rooms that it USES, and each third-party library
lives in one folder, shown to no other.

usage: layers.py CHECKOUT BUILD     (BUILD configured: its include paths are tried for real)"""

import concurrent.futures
import pathlib
import re
import shlex
import sys
import tempfile

import law

INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*([<"])([^>"]+)[>"]', re.M)

# The folders where a library's headers may be included, by the beginning of their names. More
# than one only where two programs, that share nothing else, each need the library themselves.
LIBRARIES = {
    "jansson": {"common/json"},
    "idn2": {"common/domain"},
    "gnutls/": {"common/crypto"},
    "libconfig": {"common/os"},
    "sqlite3": {"collector/store", "agent/spool"},
    "cairo": {"collector/picture"},
    "pcap": {"agent/probe"},
    "libmnl/": {"agent/probe"},
    "libnetfilter_conntrack/": {"agent/probe"},
    "linux/netfilter": {"agent/probe"},
    "expat": {"agent/plesk"},
    "mysql": {"agent/plesk"},
    "mariadb/": {"agent/plesk"},
    "ares": {"agent/plesk"},
    "curl/": {"agent/uplink", "collector/mail"},
    "gmime/": {"collector/mail"},
    "glib": {"collector/mail"},
    "zlib": {"common/pack"},
    "seccomp": {"agent/sandbox"},
    "sys/capability": {"agent/sandbox"},
    "libpq-fe": {"collector/store"},
    "microhttpd": {"collector/ingest"},
}

# What is neither ours nor a third party's: C, POSIX, glibc and the kernel.
SYSTEM = re.compile(
    r"^(assert|ctype|dirent|endian|errno|fcntl|fnmatch|ftw|getopt|glob|grp|inttypes|libgen|limits"
    r"|locale|malloc|math|netdb|poll|pthread|pwd|regex|sched|signal|spawn|stdalign|stdarg|stdatomic"
    r"|stdbool|stddef|stdint|stdio|stdio_ext|stdlib|string|strings|sysexits|syslog|termios"
    r"|threads|time|unistd|wchar|((arpa|linux|net|netinet|sys)/[a-z_0-9]+))\.h$")


def homes_of(name):
    """The folders of the library that a header belongs to."""
    found = [homes for start, homes in LIBRARIES.items() if name.startswith(start)]
    return set().union(*found)


def is_system(name):
    """A library of the system's may stand among the kernel's and glibc's headers."""
    return SYSTEM.match(name) and not homes_of(name)


def includes(path):
    """(line, bracket, name) of each #include."""
    text = law.strip_c(path.read_text(), keep_strings=True)
    for match in INCLUDE.finditer(text):
        yield text.count("\n", 0, match.start()) + 1, match.group(1), match.group(2)


def check_order(rooms, findings):
    """Only downwards: a room uses rooms that CMakeLists.txt names before it."""
    above = list(rooms)
    for place, room in enumerate(rooms.values()):
        for used in room.uses:
            if used not in above[:place]:
                findings.add("CMakeLists.txt", 0, f"{room.name} uses {used}, not below it")


def check_room_includes(root, rooms, findings):
    """Our own headers are included as "room/stem.h", of a room that is in USES."""
    for room in rooms.values():
        for path in room.files(root, "*.[ch]"):
            for line, bracket, name in includes(path):
                folder = name.partition("/")[0]
                if bracket == '"' and (folder not in room.sees() or ".." in name):
                    findings.add(path, line, f"{room.name} may not include {name}")


def readers_outside(root, header):
    """Files of other folders that include a header of ours."""
    name = f"{header.parent.name}/{header.name}"
    return [path for path in law.our_files(root, law.OURS, {".c", ".h"})
            if path.parent != header.parent and any(name == n for _, _, n in includes(path))]


def check_home(root, path, line, name, findings):
    """A third-party header in a file of the product: in a folder that wraps it."""
    homes = homes_of(name)
    if not homes:
        findings.add(path, line, f"<{name}> has no home in tests/law/layers.py")
    elif str(path.parent.relative_to(root)) not in homes:
        findings.add(path, line, f"<{name}> belongs in {' or '.join(sorted(homes))}")


def check_libraries(root, findings):
    """Third-party headers: in files of one folder, and in no header of ours that another folder
    reads. (Tests may use what they test with; the test framework is everyone's.)"""
    for path in law.our_files(root, law.OURS, {".c", ".h"}):
        for line, bracket, name in includes(path):
            if bracket == '"' or is_system(name) or name.startswith("criterion/"):
                continue
            if path.relative_to(root).parts[0] in law.PRODUCT:
                check_home(root, path, line, name, findings)
            readers = readers_outside(root, path) if path.suffix == ".h" else []
            for reader in readers:
                findings.add(path, line, f"shows <{name}> to {reader.relative_to(root)}")


def real_paths(root, build, rooms):
    """The include path with which the build compiles each room. (A test may compile some of its
    files once more, for itself.)"""
    paths = {}
    for entry in law.compiled(root, build):
        words = shlex.split(entry["command"])
        target = words[words.index("-o") + 1]
        path = pathlib.Path(entry["file"])
        for room in rooms.values():
            is_its_own = target.startswith(f"CMakeFiles/{room.name}.dir/")
            if is_its_own and path.parent == root / room.folder:
                paths[room.name] = [word for word in words if word.startswith("-I")]
    return paths


def is_found(job):
    """Whether one header compiles with an include path."""
    source, path = job
    code, _ = law.run(["gcc", "-fsyntax-only", *law.LANGUAGE, *path, str(source)])
    return code == 0


def check_builds(root, build, rooms, findings):
    """Each pair of rooms, with the build's own include path: what is in USES compiles (or the
    trial itself would be broken), and nothing else does."""
    paths, jobs, pairs = real_paths(root, build, rooms), [], []
    with tempfile.TemporaryDirectory() as folder:
        for room in (room for room in rooms.values() if room.name in paths):
            for other in rooms.values():
                headers = other.files(root, "*.h")
                if headers:
                    source = pathlib.Path(folder) / f"{room.name}-{other.name}.c"
                    source.write_text(f'#include "{other.name}/{headers[0].name}"\n')
                    jobs.append((source, paths[room.name]))
                    pairs.append((room, other.name))
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            found = list(pool.map(is_found, jobs))
    for (room, other), is_there in zip(pairs, found):
        if is_there and other not in room.sees():
            findings.add(room.folder, 0, f"can include headers of {other}")
        if not is_there and other in room.sees():
            findings.add(room.folder, 0, f"cannot include headers of {other}")
    return len(pairs)


def main():
    root, build = (pathlib.Path(word).resolve() for word in sys.argv[1:3])
    findings, rooms = law.Findings(root), law.read_rooms(root)
    check_order(rooms, findings)
    check_room_includes(root, rooms, findings)
    check_libraries(root, findings)
    tried = check_builds(root, build, rooms, findings)
    findings.finish(f"{len(rooms)} rooms, {tried} pairs tried")


main()
