"""Law 1: the core is pure. Its rooms are compiled as they stand; what their objects want from
outside must be named, with a reason, in pure-symbols.txt; and none of them has writable data.

usage: purity.py CHECKOUT"""

import concurrent.futures
import pathlib
import re
import sys
import tempfile

import law

PURE = ["base", "domain", "json", "wire", "http", "audit", "ledger", "bulletin", "message",
        "packet"]
WRITABLE = re.compile(r"^\.(data(?!\.rel\.ro)|bss|tdata|tbss)")


def read_allowed(path):
    """symbol -> reason."""
    allowed = {}
    for number, line in enumerate(path.read_text().splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        symbol, _, reason = line.partition(" ")
        if not reason.strip():
            sys.exit(f"{path.name}:{number}: {symbol} has no reason")
        allowed[symbol] = reason.strip()
    return allowed


def compile_one(job):
    """(source, object or None, output). As written: no optimisation that renames a call."""
    source, target, path = job
    code, output = law.run(["gcc", "-c", "-O0", "-fno-pic", "-fno-pie", "-fno-stack-protector",
                            *law.LANGUAGE, *path, str(source), "-o", str(target)])
    return source, target if code == 0 else None, output


def compile_rooms(root, rooms, where, findings):
    jobs = []
    for name in PURE:
        for source in rooms[name].files(root, "*.c"):
            target = where / f"{name}-{source.stem}.o"
            jobs.append((source, target, law.include_path(where, rooms[name].sees())))
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        done = list(pool.map(compile_one, jobs))
    for source, target, output in done:
        if target is None:
            findings.add(source, 0, "does not compile:\n" + output)
    return [(source, target) for source, target, _ in done if target]


def symbols_of(target):
    """({defined}, {wanted}, [(symbol, section) of writable data])."""
    defined, wanted, writable = set(), set(), []
    _, output = law.run(["nm", "--format=sysv", str(target)])
    for line in output.splitlines():
        cells = [cell.strip() for cell in line.split("|")]
        if len(cells) != 7 or cells[0] == "Name":
            continue
        symbol, kind, section = cells[0], cells[2], cells[6]
        if section == "*UND*":
            wanted.add(symbol)
            continue
        if kind.isupper():
            defined.add(symbol)
        if WRITABLE.match(section) or section == "*COM*":
            writable.append((symbol, section))
    return defined, wanted, writable


def check_sections(source, target, named, findings):
    """Data without a name is data too."""
    _, output = law.run(["size", "-A", "-d", str(target)])
    for line in output.splitlines():
        cells = line.split()
        if len(cells) == 3 and WRITABLE.match(cells[0]) and int(cells[1]) > 0 and not named:
            findings.add(source, 0, f"{cells[1]} bytes of writable data in {cells[0]}")


def main():
    root = pathlib.Path(sys.argv[1]).resolve()
    allowed = read_allowed(root / "tests/law/pure-symbols.txt")
    findings, rooms = law.Findings(root), law.read_rooms(root)
    defined, wanted = set(), {}
    with tempfile.TemporaryDirectory() as folder:
        where = pathlib.Path(folder)
        law.make_views(root, rooms, where)
        objects = compile_rooms(root, rooms, where, findings)
        for source, target in objects:
            own, outside, writable = symbols_of(target)
            defined |= own
            for symbol in outside:
                wanted.setdefault(symbol, []).append(source)
            for symbol, section in writable:
                findings.add(source, 0, f"{symbol} is writable data (in {section})")
            check_sections(source, target, writable, findings)
    outside = {symbol for symbol in wanted if symbol not in defined}
    for symbol in sorted(outside - set(allowed)):
        for source in wanted[symbol]:
            findings.add(source, 0, f"wants {symbol}, which pure-symbols.txt does not allow")
    for symbol in sorted(set(allowed) - outside):
        findings.add("tests/law/pure-symbols.txt", 0, f"{symbol} is wanted by nobody any more")
    findings.finish(f"{len(objects)} pure objects, {len(outside)} symbols from outside")


main()
