"""clang-tidy (.clang-tidy in the root) over the product's sources, with the build's own flags.
A source that passed is passed over until it, a header of it, or the rules change.

usage: tidy.py CHECKOUT BUILD"""

import concurrent.futures
import hashlib
import pathlib
import shlex
import sys

import law

# What gcc was told and clang does not know.
CLANG = ["--extra-arg=-Wno-unknown-warning-option", "--extra-arg=-Wno-unused-command-line-argument"]


def fingerprint(rules, path, command):
    """Of all that a verdict depends on: the rules, the flags, the text of the whole unit."""
    words = shlex.split(command)
    flags = [word for word in words[1:] if word.startswith(("-I", "-D", "-std", "-isystem"))]
    _, unit = law.run(["clang", "-E", "-CC", *flags, str(path)])
    return hashlib.sha256("\0".join([rules, command, unit]).encode()).hexdigest()


def check(job):
    """(source, clang-tidy's words); nothing said is nothing found."""
    build, passed, rules, path, command = job
    mark = passed / fingerprint(rules, path, command)
    if mark.exists():
        return path, ""
    code, output = law.run(["clang-tidy", "--quiet", "-p", str(build), *CLANG, str(path)])
    if code == 0:
        mark.touch()
        return path, ""
    return path, output


def main():
    root, build = (pathlib.Path(word).resolve() for word in sys.argv[1:3])
    findings = law.Findings(root)
    sources = {pathlib.Path(entry["file"]): entry["command"]
               for entry in law.compiled(root, build)}
    passed = build / "tidy-passed"
    passed.mkdir(exist_ok=True)
    rules = (root / ".clang-tidy").read_text() + law.run(["clang-tidy", "--version"])[1]
    jobs = [(build, passed, rules, path, command) for path, command in sorted(sources.items())]
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        for path, output in pool.map(check, jobs):
            if output:
                findings.add(path, 0, "clang-tidy\n" + output)
    findings.finish(f"{len(sources)} sources")


main()
