"""The check of coverage can fail: a small checkout of two rooms, spoilt in one way a time.

usage: selftest.py"""

import pathlib
import subprocess
import sys
import tempfile

TOOL = pathlib.Path(__file__).resolve().with_name("coverage.py")
ROOMS = "room(audit DIR collector/audit)\nroom(base DIR common/base USES audit)\n"
JUDGE = """int judge(int a, int b);
int judge(int a, int b)
{
    assert(a < 100 && b < 100);
    if (a > 0 && b > 0)
        return 1;
    return 0;
}
"""
SPARE = "int spare(void);\nint spare(void)\n{\n    return 7;\n}\n"
PLAIN = "int plain(int n);\nint plain(int n)\n{\n" + "    n++;\n" * 20 + "    return n;\n}\n"
LONG = ("int lengthy(int n);\nint lengthy(int n)\n{\n    if (n) {\n" + "        n++;\n" * 9
        + "    }\n    return n;\n}\n")
BOTH = "judge(1, 1) + judge(1, 0) + judge(0, 0)"
FILE = "collector/audit/judge.c"
EXCUSE = f"{FILE} judge %d if (a > 0\n    Nobody has a b.\n"

# why, what the program calls, exceptions, what else stands in judge.c, and what must be said
# ("" = that all is well).
CASES = [
    ("all branches are taken", BOTH, "", "", ""),
    ("a branch is not taken", "judge(1, 1) + judge(0, 0)", "", "",
     f"{FILE}:6: 1 of 4 branches not taken: if (a > 0 && b > 0)"),
    ("it is excused", "judge(1, 1) + judge(0, 0)", EXCUSE % 1, "", ""),
    ("more is excused than is missing", "judge(1, 1) + judge(0, 0)", EXCUSE % 2, "",
     f"{FILE}:6: 1 of 4 branches not taken, and 2 excused"),
    ("less is excused than is missing", "judge(0, 0)", EXCUSE % 1, "",
     f"{FILE}:6: 3 of 4 branches not taken, and 1 excused"),
    ("nothing is missing any more", BOTH, EXCUSE % 1, "",
     "exceptions.txt:1: no longer applies"),
    ("there is no reason", "judge(1, 1) + judge(0, 0)", (EXCUSE % 1).split("\n")[0] + "\n", "",
     "exceptions.txt:1: an exception without a reason"),
    ("there is no number", BOTH, "a.c b if (x)\n    why\n", "", "not of the form"),
    ("a function is never called", BOTH, "", SPARE, f"{FILE}:11: spare() is never called"),
    ("a file was not built", BOTH, "", None, "common/base/unbuilt.c: was not built"),
    # Heads and statements: 22 of plain(), 12 of lengthy() without the 9 that do not run; and 90 %
    # of 34 are 30.6.
    ("another room has too few lines", BOTH + " + lengthy(0)", "", "",
     "room base: 25 of 34 lines run, and 31 are asked for"),
]


def write(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def run(command, folder):
    done = subprocess.run(command, cwd=folder, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, check=False)
    return done.returncode, done.stdout


def judge(folder, calls, exceptions, more):
    """Builds and runs the checkout; what the tool then says."""
    root, build = folder / "checkout", folder / "build"
    build.mkdir()
    write(root / "CMakeLists.txt", ROOMS)
    write(root / "collector/audit/judge.c", "#include <assert.h>\n" + JUDGE + (more or ""))
    write(root / "common/base/plain.c", PLAIN + (LONG if "lengthy" in calls else ""))
    write(root / "tests/main.c",
          "int judge(int a, int b);\nint plain(int n);\nint lengthy(int n);\n"
          f"int main(void)\n{{\n    return {calls} + plain(1) < 0;\n}}\n")
    write(folder / "exceptions.txt", exceptions)
    code, said = run(["gcc", "--coverage", "-O0", "-o", build / "main"]
                     + sorted(root.rglob("*.c")), build)
    if code == 0:
        code, said = run([build / "main"], build)
    if code != 0:
        sys.exit(f"the small program: {said}")
    if more is None:
        write(root / "common/base/unbuilt.c", SPARE)
    return run([sys.executable, "-B", TOOL, root, build, "--exceptions",
                folder / "exceptions.txt"], folder)


def main():
    failed = 0
    for why, calls, exceptions, more, wanted in CASES:
        with tempfile.TemporaryDirectory() as folder:
            code, said = judge(pathlib.Path(folder), calls, exceptions, more)
        if (code == 0) != (wanted == "") or wanted not in said:
            failed += 1
            print(f"{why}: exit code {code}, and not {wanted!r} in:\n{said}")
    print(f"{len(CASES)} checkouts; {failed} findings")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
