"""What the checks of the laws share: the rooms as CMakeLists.txt names them, our files, and C
without its comments. Each check prints one line a finding and exits 1 when there is any."""

import json
import pathlib
import re
import subprocess
import sys

PRODUCT = ("common", "agent", "collector")
OURS = PRODUCT + ("tests",)
LANGUAGE = ["-std=gnu17", "-D_GNU_SOURCE", '-DFAIRUSE_VERSION="0"']
STRICT = ["-Wall", "-Wextra", "-Werror"]


class Room:
    """One room(...) of CMakeLists.txt."""

    def __init__(self, name, folder, uses):
        self.name, self.folder, self.uses = name, folder, uses

    def files(self, root, pattern):
        return sorted((root / self.folder).glob(pattern))

    def sees(self):
        return [self.name] + self.uses


def read_rooms(root):
    """All rooms in the order of CMakeLists.txt, by name."""
    text = re.sub(r"#.*", "", (root / "CMakeLists.txt").read_text())
    rooms = {}
    for body in re.findall(r"^room\(([^)]*)\)", text, re.M):
        name, lists, into = None, {}, None
        for word in body.split():
            if name is None:
                name = word
            elif word in ("DIR", "USES", "THIRD", "EXCEPT"):
                into = lists.setdefault(word, [])
            else:
                into.append(word)
        rooms[name] = Room(name, lists["DIR"][0], lists.get("USES", []))
    if not rooms:
        sys.exit("law: no room() in CMakeLists.txt: has its form changed?")
    return rooms


def make_views(root, rooms, where):
    """The include path of cmake/rooms.cmake again: a folder a room, with a link to it inside."""
    for room in rooms.values():
        view = where / "view" / room.name
        view.mkdir(parents=True)
        (view / room.name).symlink_to(root / room.folder)


def include_path(where, names):
    return [f"-I{where}/view/{name}" for name in names]


def our_files(root, folders, suffixes):
    """Our files by path; corpora are data, and the build folder is nobody's."""
    found = []
    for folder in folders:
        for path in sorted((root / folder).rglob("*")):
            inside = path.relative_to(root).parts
            if path.suffix in suffixes and path.is_file() and "corpus" not in inside:
                found.append(path)
    return found


def compiled(root, build):
    """The build's compile commands for the product's sources that are there."""
    entries = []
    for entry in json.loads((build / "compile_commands.json").read_text()):
        path = pathlib.Path(entry["file"])
        inside = path.is_relative_to(root) and path.relative_to(root).parts[0] in PRODUCT
        if inside and path.is_file():
            entries.append(entry)
    if not entries:
        sys.exit(f"{build}: compiles nothing of ours: is it configured?")
    return entries


TOKEN = re.compile(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', re.S)


def strip_c(text, keep_strings=False):
    """C with its comments (and the inside of strings) blanked, line for line."""

    def blank(match):
        token = match.group(0)
        if token[0] in "\"'":
            return token if keep_strings else token[0] * 2
        return " " + "\n" * token.count("\n")

    return TOKEN.sub(blank, text)


def strings_of(text):
    """(line, content) of every string literal; neighbours are one, as the compiler has it."""
    code, found, end = strip_c(text, keep_strings=True), [], None
    for match in re.finditer(r'"((?:\\.|[^"\\\n])*)"', code):
        if end is not None and not code[end : match.start()].strip():
            found[-1][1] += match.group(1)
        else:
            found.append([code.count("\n", 0, match.start()) + 1, match.group(1)])
        end = match.end()
    return found


class Findings:
    """What is wrong, gathered; finish() says it and ends the program."""

    def __init__(self, root):
        self.root, self.found = root, []

    def add(self, path, line, what):
        if isinstance(path, pathlib.Path) and path.is_relative_to(self.root):
            path = path.relative_to(self.root)
        self.found.append(f"{path}:{line}: {what}" if line else f"{path}: {what}")

    def finish(self, checked):
        for line in self.found:
            print(line)
        print(f"{checked}; {len(self.found)} findings")
        sys.exit(1 if self.found else 0)


def run(command):
    """(exit code, output) of a command; a missing one is an error of the workplace."""
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          check=False)
    return done.returncode, done.stdout
