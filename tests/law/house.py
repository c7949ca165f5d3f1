"""Law 4 and the style sheet's countable rules: small mains, no code for tests in the product,
headers that stand alone, no banned function, short functions and files, SQL in one room.

usage: house.py CHECKOUT"""

import concurrent.futures
import json
import pathlib
import re
import sys
import tempfile

import law

MAIN_LINES = 100
FUNCTION_LINES = 60
FILE_LINES = 600

# The style sheet's list, everywhere; their siblings, in the product.
BANNED = re.compile(
    r"\b(strcpy|strcat|sprintf|strncpy|strtok|atoi|strtol|sscanf|gets|fgets|alloca|localtime"
    r"|rand|system|popen)\s*\(")
BANNED_IN_PRODUCT = re.compile(
    r"\b(stpcpy|vsprintf|strncat|strtok_r|atol|atoll|atof|strto[dfl]|strtold|strtou?ll?"
    r"|strto[iu]max|v?f?scanf|vsscanf|gmtime|ctime|ctime_r|asctime|srand|random|setjmp|longjmp"
    r"|tmpnam|mktemp)\s*\(")

# Library rooms that may hold a `double`: JSON has reals to refuse, a picture has coordinates.
FLOATS = ("json", "picture")

SQL = re.compile(
    r"\b(SELECT\s.+\sFROM|INSERT\s+(OR\s+\w+\s+)?INTO|UPDATE\s+\w+\s+SET|DELETE\s+FROM"
    r"|(CREATE|DROP|ALTER)\s+(TABLE|INDEX|VIEW|TRIGGER)|PRAGMA\s|BEGIN\s+IMMEDIATE)", re.S)
# Our own databases, and Plesk's.
SQL_HOMES = ("collector/store", "agent/spool", "agent/plesk")

UNFINISHED = re.compile(r"\b(TO" r"DO|FIX" r"ME)\b")


def check_mains(root, findings):
    for path in law.our_files(root, law.PRODUCT, {".c"}):
        lines = path.read_text().count("\n")
        if path.name == "main.c" and lines >= MAIN_LINES:
            findings.add(path, 0, f"a main of {lines} lines: under {MAIN_LINES}")


def check_lines(root, findings):
    """What a line or a file by itself can break."""
    for path in law.our_files(root, law.OURS, {".c", ".h"}):
        text = path.read_text()
        if not text.startswith("/*"):
            findings.add(path, 1, "does not begin by saying what it is for")
        if text.count("\n") > FILE_LINES:
            findings.add(path, 0, f"{text.count(chr(10))} lines: at most {FILE_LINES}")
        code = law.strip_c(text)
        is_test = str(path.relative_to(root)).startswith("tests")
        banned = list(BANNED.finditer(code))
        banned += [] if is_test else list(BANNED_IN_PRODUCT.finditer(code))
        for match in banned:
            findings.add(path, code.count("\n", 0, match.start()) + 1,
                         f"{match.group(1)}() is banned")
        for match in re.finditer(r"^\s*#\s*(if|ifdef|ifndef|elif)\b.*\b(\w*TEST(S|ING)?)\b", code,
                                 re.M):
            if not is_test:
                findings.add(path, code.count("\n", 0, match.start()) + 1,
                             f"code under {match.group(2)}: tests link what ships")


def check_words(root, findings):
    """No unfinished work in anything that is written by hand."""
    folders = law.OURS + ("cmake", "conf", "packaging", ".ci", "docs")
    suffixes = {".c", ".h", ".py", ".sh", ".cmake", ".txt", ".md", ".conf", ".service", ""}
    paths = [path for path in law.our_files(root, folders, suffixes)]
    for path in paths + [root / "CMakeLists.txt"] + sorted(root.glob("*.md")):
        for number, line in enumerate(path.read_text(errors="replace").splitlines(), 1):
            match = UNFINISHED.search(line)
            if match:
                findings.add(path, number, f"{match.group(1)}: finish it, or write it up")


def check_guards(root, findings):
    for path in law.our_files(root, law.PRODUCT, {".h"}):
        guard = re.sub(r"\W", "_", f"{path.parent.name}_{path.stem}_H").upper()
        if f"#ifndef {guard}\n#define {guard}\n" not in path.read_text():
            findings.add(path, 0, f"is not guarded by {guard}")


def check_rooms(root, rooms, findings):
    """SQL and floating point have their rooms."""
    for room in rooms.values():
        for path in room.files(root, "*.[ch]"):
            text = path.read_text()
            if room.folder not in SQL_HOMES:
                for line, content in law.strings_of(text):
                    if SQL.search(content):
                        findings.add(path, line, f"SQL outside of {', '.join(SQL_HOMES)}")
            code = law.strip_c(text)
            for match in re.finditer(r"\b(float|double)\b", code):
                if room.name not in FLOATS:
                    findings.add(path, code.count("\n", 0, match.start()) + 1,
                                 f"{match.group(1)}: money and time are integers")


def check_functions(root, findings):
    paths = law.our_files(root, law.OURS, {".c", ".h"})
    code, output = law.run(["ctags", "--languages=C", "--langmap=C:.c.h", "--kinds-C=f",
                            "--fields=+ne", "--output-format=json", "-f", "-",
                            *map(str, paths)])
    if code != 0:
        sys.exit("ctags: " + output)
    count = 0
    for line in output.splitlines():
        tag = json.loads(line)
        lines = tag["end"] - tag["line"] + 1
        count += 1
        if lines > FUNCTION_LINES:
            findings.add(pathlib.Path(tag["path"]), tag["line"],
                         f"{tag['name']}() has {lines} lines: at most {FUNCTION_LINES}")
    return count


def compile_header(job):
    compiler, source, path = job
    return law.run([compiler, "-fsyntax-only", *law.LANGUAGE, *law.STRICT, *path, str(source)])


def check_headers(root, rooms, findings):
    """Each header by itself, and twice, by both compilers, with its own room's include path."""
    with tempfile.TemporaryDirectory() as folder:
        where, jobs, headers = pathlib.Path(folder), [], []
        law.make_views(root, rooms, where)
        everywhere = law.include_path(where, list(rooms)) + [f"-I{root}/tests"]
        plans = [(header, f"{room.name}/{header.name}", law.include_path(where, room.sees()))
                 for room in rooms.values() for header in room.files(root, "*.h")]
        plans += [(header, str(header.relative_to(root / "tests")), everywhere)
                  for header in law.our_files(root, ("tests",), {".h"})]
        for header, name, path in plans:
            source = where / (name.replace("/", "-") + ".c")
            source.write_text(f'#include "{name}"\n#include "{name}"\nextern int nothing;\n')
            for compiler in ("gcc", "clang"):
                jobs.append((compiler, source, path))
                headers.append((header, compiler))
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            results = list(pool.map(compile_header, jobs))
    for (header, compiler), (code, output) in zip(headers, results):
        if code != 0:
            findings.add(header, 0, f"does not stand alone ({compiler}):\n{output}")
    return len(plans)


def main():
    root = pathlib.Path(sys.argv[1]).resolve()
    findings, rooms = law.Findings(root), law.read_rooms(root)
    check_mains(root, findings)
    check_lines(root, findings)
    check_words(root, findings)
    check_guards(root, findings)
    check_rooms(root, rooms, findings)
    functions = check_functions(root, findings)
    headers = check_headers(root, rooms, findings)
    findings.finish(f"{functions} functions, {headers} headers")


main()
