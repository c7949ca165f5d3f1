"""The checks of the laws can fail: each rule is broken once in a copy of the checkout, and the
check must name the very file that breaks it.

usage: selftest.py CHECKOUT BUILD"""

import json
import pathlib
import shutil
import subprocess
import sys
import tempfile

import law

PURPOSE = "/* Planted. */\n"

# check, file, what is planted there, and what the check must say of it (None: a part of another).
PLANTED = [
    ("purity", "collector/audit/planted_clock.c",
     '#include <time.h>\nlong planted_clock(void);\nlong planted_clock(void)\n'
     '{\n    return time(NULL);\n}\n', "wants time"),
    ("purity", "common/domain/planted_output.c",
     '#include <stdio.h>\nvoid planted_output(void);\nvoid planted_output(void)\n'
     '{\n    puts("x");\n}\n', "wants puts"),
    ("purity", "common/base/planted_environment.c",
     '#include <stdlib.h>\nchar *planted_environment(void);\nchar *planted_environment(void)\n'
     '{\n    return getenv("x");\n}\n', "wants getenv"),
    ("purity", "collector/ledger/planted_counter.c",
     'int planted_counter(void);\nint planted_counter(void)\n'
     '{\n    static int n;\n    return ++n;\n}\n', "is writable data"),
    ("purity", "common/wire/planted_names.c",
     'extern const char *planted_names[];\nconst char *planted_names[] = {"x"};\n',
     "is writable data"),
    ("layers", "common/base/planted_up.c",
     '#include "audit/policy.h"\nextern int nothing;\n', "base may not include audit/policy.h"),
    ("layers", "common/domain/planted_dots.c",
     '#include "domain/../os/file.h"\nextern int nothing;\n',
     "domain may not include domain/../os/file.h"),
    ("layers", "common/json/planted_foreign.h", "#include <jansson.h>\n",
     "shows <jansson.h> to collector/ctl/planted_reader.c"),
    ("layers", "collector/ctl/planted_reader.c", '#include "json/planted_foreign.h"\n', None),
    ("layers", "collector/ctl/planted_sql.c", '#include <sqlite3.h>\nextern int nothing;\n',
     "<sqlite3.h> belongs in agent/spool or collector/store"),
    ("layers", "common/os/planted_new.c", '#include <bzlib.h>\nextern int nothing;\n',
     "<bzlib.h> has no home"),
    ("house", "collector/planted/main.c", "extern int nothing;\n" * 99, "a main of 100 lines"),
    ("house", "common/base/planted_test.c",
     "#ifdef FAIRUSE_TEST\nextern int nothing;\n#endif\n", "code under FAIRUSE_TEST"),
    ("house", "common/base/planted_needy.h",
     "#ifndef BASE_PLANTED_NEEDY_H\n#define BASE_PLANTED_NEEDY_H\n"
     "uint8_t planted(void);\n#endif\n",
     "does not stand alone (clang)"),
    ("house", "common/base/planted_twice.h", "enum { PLANTED_TWICE };\n",
     "is not guarded by BASE_PLANTED_TWICE_H"),
    ("house", "common/base/planted_copy.c",
     "int f(char *a, char *b);\nint f(char *a, char *b)\n{\n    strcpy(a, b);\n    return 0;\n}\n",
     "strcpy() is banned"),
    ("house", "common/base/planted_number.c",
     "int f(char *a);\nint f(char *a)\n{\n    return (int)strtoul(a, 0, 10);\n}\n",
     "strtoul() is banned"),
    ("house", "common/base/planted_long.c",
     "int g(int x);\nint g(int x)\n{\n" + "    x++;\n" * 57 + "    return x;\n}\n",
     "g() has 61 lines"),
    ("house", "common/base/planted_longer.c", "extern int nothing;\n" * 600, "601 lines"),
    ("house", "common/base/planted_later.c", "/* TO" "DO: all of it. */\nextern int nothing;\n",
     "finish it"),
    ("house", "collector/run/planted_query.c",
     'extern const char planted[];\nconst char planted[] = "SELECT a "\n    "FROM b";\n',
     "SQL outside of collector/store"),
    ("house", "collector/audit/planted_money.c", "double planted(void);\n",
     "double: money and time are integers"),
    ("format", "common/base/planted_format.c", "int   planted ( void );\n",
     "clang-format would change it"),
    ("tidy", "common/base/planted_null.c",
     "int planted_null(int *p);\nint planted_null(int *p)\n{\n    if (p)\n        return 0;\n"
     "    return *p;\n}\n", "NullDereference"),
    ("cppcheck", "common/base/planted_beyond.c",
     "int planted_beyond(void);\nint planted_beyond(void)\n{\n    int a[2] = {0, 0};\n"
     "    return a[2];\n}\n", "arrayIndexOutOfBounds"),
]


def copy_checkout(root, copy):
    for name in law.OURS + ("cmake", "CMakeLists.txt", ".clang-format", ".clang-tidy"):
        if (root / name).is_dir():
            shutil.copytree(root / name, copy / name,
                            ignore=shutil.ignore_patterns("corpus", "__pycache__"))
        elif (root / name).exists():
            shutil.copy(root / name, copy / name)


def plant(copy):
    for _, name, text, _ in PLANTED:
        path = copy / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(PURPOSE + text)


def write_build(root, build, copy, fake):
    """A build folder for the copy: the real include paths, with one room that sees too much."""
    rooms, entries, seen = law.read_rooms(copy), [], set()
    for entry in law.compiled(root, build):
        path = pathlib.Path(entry["file"]).relative_to(root)
        command = entry["command"]
        if path.parent == pathlib.Path(rooms["base"].folder):
            command += f" -I{build}/view/json"
        if path.parent not in seen and path.name != "main.c":
            seen.add(path.parent)
            entries.append({"file": str(copy / path), "command": command, "directory": str(build)})
    (fake / "compile_commands.json").write_text(json.dumps(entries))


def write_planted_build(copy, fake):
    """A build folder of nothing but what is planted for the linters."""
    entries = [{"file": str(copy / name), "directory": str(fake),
                "command": f"gcc -std=gnu17 -c {copy / name}"}
               for check, name, _, _ in PLANTED if check in ("tidy", "cppcheck")]
    (fake / "compile_commands.json").write_text(json.dumps(entries))


def main():
    root, build = (pathlib.Path(word).resolve() for word in sys.argv[1:3])
    expected = [(check, name, said) for check, name, _, said in PLANTED if said]
    expected.append(("layers", "common/base", "can include headers of json"))
    missing, said = [], {}
    with tempfile.TemporaryDirectory() as folder:
        copy = pathlib.Path(folder).resolve() / "copy"
        real, planted = copy.parent / "real", copy.parent / "planted"
        for path in (copy, real, planted):
            path.mkdir()
        copy_checkout(root, copy)
        plant(copy)
        write_build(root, build, copy, real)
        write_planted_build(copy, planted)
        for check in sorted({check for check, _, _ in expected}):
            where = planted if check in ("tidy", "cppcheck") else real
            done = subprocess.run(
                [sys.executable, str(root / f"tests/law/{check}.py"), str(copy), str(where)],
                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
            said[check] = done.stdout
            if done.returncode != 1:
                missing.append(f"{check}.py ended with {done.returncode}:\n{done.stdout}")
    for check, name, words in expected:
        if not any(name in line and words in line for line in said[check].splitlines()):
            missing.append(f"{check}.py does not say of {name}: {words}")
    print("\n".join(missing))
    print(f"{len(expected)} planted; {len(missing)} not found")
    sys.exit(1 if missing else 0)


main()
