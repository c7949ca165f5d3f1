"""What the tests ran, room by room, from gcov's counters, and whether that is enough: in the four
rooms that decide about money every branch is taken or excused in exceptions.txt, in every other
room at least 90 % of the lines run.

usage: coverage.py CHECKOUT BUILD [--core] [--exceptions FILE]

BUILD is one with FAIRUSE_COVERAGE whose tests have run. With --core the four rooms are judged
alone. Exit code 1 when something is missing: one line each, with file and line."""

import argparse
import collections
import concurrent.futures
import json
import pathlib
import re
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "law"))
import law  # noqa: E402

# Here a branch that no test takes is a charge that nobody has looked at.
CORE = ("domain", "wire", "audit", "ledger")
LINES_PERCENT = 90
OBJECTS_A_CALL = 24

# What gcov says of an object that never ran, and of one that has nothing to run.
QUIET = ("assuming not executed", "no functions found")


class File:
    """What was counted of one source file, in whatever objects it was compiled into."""

    def __init__(self):
        self.lines = collections.Counter()
        self.functions = {}  # name -> [first line, calls]
        self.branches = {}  # (line, function) -> the counts of its branches, in gcov's order

    def add(self, report):
        for function in report["functions"]:
            entry = self.functions.setdefault(function["name"], [function["start_line"], 0])
            entry[1] += function["execution_count"]
        for line in report["lines"]:
            number = line["line_number"]
            self.lines[number] += line["count"]
            counts = [branch["count"] for branch in line["branches"]]
            if counts:
                self.add_branches((number, line.get("function_name", "")), counts)

    def add_branches(self, place, counts):
        """A function of a header is compiled many times: a branch is taken when one of them took
        it."""
        known = self.branches.setdefault(place, [0] * len(counts))
        if len(known) != len(counts):
            sys.exit(f"coverage: line {place[0]} has {len(known)} branches, and {len(counts)}")
        for i, count in enumerate(counts):
            known[i] += count


class Room:
    """One room's files, by path below the checkout."""

    def __init__(self, name, files):
        self.name, self.files = name, files

    def lines(self):
        """(run, all)"""
        counts = [n for file in self.files.values() for n in file.lines.values()]
        return sum(n > 0 for n in counts), len(counts)

    def branches(self):
        counts = [n for file in self.files.values() for ns in file.branches.values() for n in ns]
        return sum(n > 0 for n in counts), len(counts)


def ask_gcov(objects):
    """gcov's report on each file in some objects; an object that never ran has counts of 0."""
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(["gcov", "--json-format", "--stdout", "--branch-probabilities"]
                              + objects, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        sys.exit(f"coverage: gcov: {done.stderr}")
    complaints = [line for line in done.stderr.splitlines()
                  if line and not line.endswith(QUIET)]
    if complaints:
        sys.exit("coverage: gcov: " + "\n".join(complaints))
    found = []
    for line in done.stdout.splitlines():
        if line.startswith("{"):
            unit = json.loads(line)
            folder = pathlib.Path(unit["current_working_directory"])
            found += [(folder / file["file"], file) for file in unit["files"]]
    return found


def find_objects(build):
    """What the compiler wrote of each object; builds inside this one are not its own."""
    return [str(path) for path in sorted(build.rglob("*.gcno"))
            if "plain" not in path.relative_to(build).parts]


def read_counters(root, build):
    """Every source of ours that was compiled -> File. Headers are seen through links."""
    objects = find_objects(build)
    if not objects:
        sys.exit(f"{build}: no counters: is it a build with FAIRUSE_COVERAGE?")
    heaps = [objects[i : i + OBJECTS_A_CALL] for i in range(0, len(objects), OBJECTS_A_CALL)]
    files, real = {}, {}
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        for report in pool.map(ask_gcov, heaps):
            for path, counts in report:
                path = real.setdefault(path, path.resolve())
                if path.is_relative_to(root) and path.is_file(): # an object may outlive it
                    files.setdefault(str(path.relative_to(root)), File()).add(counts)
    return files


def read_rooms(root, build, files):
    """(room, its sources that were not built). A source of nothing but data has no counters."""
    rooms, objects = [], find_objects(build)

    def is_built(path):
        return any(o.endswith(f"/{path}.gcno") for o in objects)

    for name, room in law.read_rooms(root).items():
        inside = {path: file for path, file in files.items()
                  if str(pathlib.PurePath(path).parent) == room.folder}
        sources = [path.relative_to(root) for path in room.files(root, "*.c")]
        missing = [str(path) for path in sources if str(path) not in inside and not is_built(path)]
        rooms.append((Room(name, inside), missing))
    return rooms


def assert_lines(text):
    """The lines of assertions: their other branch ends the program, so no test can take it."""
    code, found = law.strip_c(text), set()
    for match in re.finditer(r"\bassert\s*\(", code):
        depth, end = 1, match.end()
        while depth and end < len(code):
            depth += {"(": 1, ")": -1}.get(code[end], 0)
            end += 1
        first = code.count("\n", 0, match.start()) + 1
        found.update(range(first, first + code.count("\n", match.start(), end) + 1))
    return found


class Exception_:
    """One entry of exceptions.txt: `FILE FUNCTION COUNT FRAGMENT`, and below it, indented, why
    these branches cannot be taken."""

    def __init__(self, where, words, fragment):
        self.where, self.file, self.function, self.fragment = where, words[0], words[1], fragment
        self.count, self.reason, self.is_used = int(words[2]), [], False

    def covers(self, path, function, text):
        return (path, function) == (self.file, self.function) and self.fragment in text


def read_exceptions(path):
    found = []
    for number, line in enumerate(path.read_text().splitlines(), 1):
        where = f"{path.name}:{number}"
        if not line.strip() or line.startswith("#"):
            continue
        if line[0] == " ":
            if not found:
                sys.exit(f"{where}: a reason without an exception")
            found[-1].reason.append(line.strip())
            continue
        words = line.split(None, 3)
        if len(words) < 4 or not words[2].isdigit() or words[2] == "0":
            sys.exit(f"{where}: not of the form FILE FUNCTION COUNT FRAGMENT")
        found.append(Exception_(where, words, words[3].strip()))
    for entry in found:
        if not entry.reason:
            sys.exit(f"{entry.where}: an exception without a reason")
    return found


def judge_branches(root, room, exceptions):
    """What is missing in a room of the core. An exception excuses as many branches of one line
    as it says, no more and no fewer."""
    found = []
    for path, file in sorted(room.files.items()):
        text = (root / path).read_text()
        lines, asserted = text.splitlines(), assert_lines(text)
        for name, (line, calls) in file.functions.items():
            if calls == 0:
                found.append((path, line, f"{name}() is never called"))
        for (line, function), counts in file.branches.items():
            missing = counts.count(0)
            if missing == 0 or line in asserted or file.functions[function][1] == 0:
                continue
            source = " ".join(lines[line - 1].split())
            fits = [e for e in exceptions if e.covers(path, function, source)]
            for entry in fits:
                entry.is_used = True
            excused = sum(entry.count for entry in fits)
            if missing != excused:
                but = f", and {excused} excused" if excused else ""
                found.append((path, line, f"{missing} of {len(counts)} branches not taken{but}: "
                              f"{source}"))
    return [f"{path}:{line}: {what}" for path, line, what in sorted(found)]


def judge_lines(room):
    run, total = room.lines()
    if run * 100 >= total * LINES_PERCENT:
        return []
    holes = sorted(((sum(n == 0 for n in file.lines.values()), path)
                    for path, file in room.files.items()), reverse=True)
    return [f"room {room.name}: {run} of {total} lines run, and "
            f"{-(-total * LINES_PERCENT // 100)} are asked for; the largest holes:"
            + "".join(f"\n  {path}: {missing} lines" for missing, path in holes[:5] if missing)]


def percent(part):
    """Cut, not rounded: 100 % is all of it."""
    done, total = part
    return f"{done * 1000 // total / 10:.1f} %" if total else "-"


def print_table(rooms):
    print(f"{'room':<10} {'lines':>14} {'':>8} {'branches':>14} {'':>8}")
    everything = Room("all", {p: f for room in rooms for p, f in room.files.items()})
    for room in rooms + [everything]:
        lines, branches = room.lines(), room.branches()
        print(f"{room.name:<10} {'%d / %d' % lines:>14} {percent(lines):>8} "
              f"{'%d / %d' % branches:>14} {percent(branches):>8}")


def judge(root, rooms, exceptions):
    found = []
    for room, missing in rooms:
        found += [f"{path}: was not built, so nothing is known of it" for path in missing]
        if room.name in CORE:
            found += judge_branches(root, room, exceptions)
        else:
            found += judge_lines(room)
    for entry in exceptions:
        if not entry.is_used:
            found.append(f"{entry.where}: no longer applies: {entry.file} {entry.function}(): "
                         f"{entry.fragment}")
    return found


def main():
    parser = argparse.ArgumentParser(usage=__doc__.split("usage: ")[1].split("\n")[0])
    parser.add_argument("checkout", type=pathlib.Path)
    parser.add_argument("build", type=pathlib.Path)
    parser.add_argument("--core", action="store_true")
    parser.add_argument("--exceptions", type=pathlib.Path,
                        default=pathlib.Path(__file__).with_name("exceptions.txt"))
    args = parser.parse_args()
    root, build = args.checkout.resolve(), args.build.resolve()
    rooms = read_rooms(root, build, read_counters(root, build))
    if args.core:
        rooms = [(room, missing) for room, missing in rooms if room.name in CORE]
    print_table([room for room, _ in rooms])
    exceptions = read_exceptions(args.exceptions)
    found = judge(root, rooms, exceptions)
    for line in found:
        print(line)
    print(f"{len(exceptions)} exceptions; {len(found)} findings")
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()
