"""The tool that looks for holes in the tests, tested: it must find those that are planted.

usage: selftest.py BUILD"""

import pathlib
import subprocess
import sys
import tempfile

import entries
import mutate
from profiles import PROFILES

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]

# Nothing that can be tested: an array has room for one more than it needs.
UNNOTICED = """clause: none
breaks: nothing that a test can see
file: collector/audit/sweep.c
text: w.active = malloc((p->n + 1)
becomes: w.active = malloc((p->n + 2)
"""
NOTICED = """clause: none
breaks: the half of a cent
file: common/domain/money.c
text: + divisor / 2) / divisor;
becomes: ) / divisor;
"""
ROTTEN = NOTICED.replace("divisor / 2", "divisor / 3")
EQUIVALENT = """file: {file}
in: {function}
text: {before}
becomes: {after}
why: planted
"""
SOURCE = """/* a < b */
#include <x.h>
#define LESS(a, b) ((a) < (b))
static int f(int a, const char *s)
{
    int n = 2;

    assert(a < 1);
    for (int i = 0; i < a; i++)
        n += i;
    if (!s || a == 0x10)
        return -ENOMEM;
    return n > 1 ? wall_min(n, -1) : 0;
}
"""
CHANGES = {
    (6, "2 becomes 3"), (9, "0 becomes 1"), (9, "< becomes >="),
    (10, "the statement dropped"), (10, "+= becomes -="),
    (11, "! dropped"), (11, "== becomes !="), (11, "0x10 becomes 0x11"),
    (13, "> becomes >="), (13, "> becomes <="), (13, "1 becomes 2"),
    (13, "wall_min becomes wall_max"), (13, "0 becomes 1"),
}


def tool(build, folder, steps, equivalent="", more=()):
    (folder / "steps").write_text(steps)
    (folder / "equivalent").write_text(equivalent)
    result = subprocess.run([sys.executable, "-B", HERE / "run", "--build", build, "--only",
                             "steps", "--steps", folder / "steps", "--equivalent",
                             folder / "equivalent", "--verbose", *more], text=True,
                            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    return result.returncode, result.stdout


def check(what, is_true, output=""):
    print(("ok   " if is_true else "FAIL ") + what, flush=True)
    if not is_true:
        print(output)
    return is_true


def first_line(entry, key):
    return next(line.split(": ", 1)[1] for line in entry.splitlines() if line.startswith(key))


def without_mutant():
    """Entries of equivalent.txt that are about nothing any more."""
    listed = entries.read_equivalents(HERE / "equivalent.txt")
    mutants = {file: list(mutate.mutants_of(file, (ROOT / file).read_text()))
               for file in {e.file for e in listed}}
    return [e.where for e in listed if not any(e.is_of(m) for m in mutants[e.file])]


def rotten_steps():
    """The lists of steps that speak of text that is no longer in its file."""
    found = []
    for profile in PROFILES.values():
        try:
            entries.read_steps(ROOT, HERE / profile.steps)
        except entries.Rotten as rotten:
            found.append(str(rotten))
    return found


def cases(build, folder):
    made = {(m.line, m.change) for m in mutate.mutants_of("f.c", SOURCE)}
    yield check("C is changed where it should be, and nowhere else", made == CHANGES,
                f"missing {CHANGES - made}, too many {made - CHANGES}")
    sources = {m.source.count("\n") for m in mutate.mutants_of("f.c", SOURCE)}
    yield check("no mutant has more lines or fewer", sources == {SOURCE.count("\n")})
    yield check("every equivalent is like some mutant", not without_mutant(),
                "\n".join(without_mutant()))
    yield check("every step's text is in its file", not rotten_steps(), "\n".join(rotten_steps()))
    code, output = tool(build, folder, UNNOTICED)
    yield check("a planted survivor is found", code == 1 and "no test notices" in output, output)
    (folder / "log").write_text(output)
    code, output = tool(build, folder, NOTICED + "\n" + UNNOTICED, "", ("--again", folder / "log"))
    yield check("what survived is tried again, and nothing else",
                code == 1 and "1 survived of 1 mutants" in output, output)
    code, output = tool(build, folder, NOTICED)
    yield check("a mutant that is noticed is none", code == 0 and "1 killed" in output, output)
    line = "wide rounded = ((wide)units * price.micro + divisor / 2) / divisor;"
    listed = EQUIVALENT.format(file="common/domain/money.c", function="", before=line,
                               after=line.replace("+ divisor / 2) / divisor", ") / divisor"))
    code, output = tool(build, folder, NOTICED, listed)
    yield check("an equivalent that is noticed is found",
                code == 1 and "is not equivalent" in output, output)
    code, output = tool(build, folder, ROTTEN)
    yield check("a step whose text is gone is found", code == 1 and "0 times" in output, output)


def main():
    with tempfile.TemporaryDirectory() as folder:
        results = list(cases(pathlib.Path(sys.argv[1]), pathlib.Path(folder)))
    print(f"{sum(results)} cases passed, {len(results) - sum(results)} failed")
    sys.exit(0 if all(results) else 1)


main()
