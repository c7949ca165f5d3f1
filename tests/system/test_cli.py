"""fairusectl as a command: words, help, exit codes, settings, and where its output goes."""

import os
import pty
import re
import subprocess

import ctl_world as world
from ctl_world import check, equal

USAGE, DATA, NO_INPUT, UNAVAILABLE, IO, TRY_AGAIN, CONFIG = 64, 65, 66, 69, 74, 75, 78
LAST = world.Month.back(2)


def commands(ctl):
    """Each command of `fairusectl --help`, as words."""
    ran = ctl.raw([ctl.program, "--help"])
    found = []
    for line in ran.out.splitlines():
        match = re.match(r"  ([a-z]+)( [a-z]+)?( [A-Z]+\S*)?  +\S", line)
        if match:
            found.append([word.strip() for word in match.groups()[:2] if word])
    return found


def small(ctl):
    """One licence on two machines for a whole month, priced."""
    scene = world.Scene().reseller("r1").tariff("extra-ip", "EUR", "12.50").license(1, "r1")
    return scene.machines(1, 2, LAST).install(ctl)


def test_help_and_version_of_everything(ctl):
    found = commands(ctl)
    check(len(found) >= 19, found)
    for words in [[]] + found:
        for option in ("--help", "-h", "--version"):
            ran = ctl.raw([ctl.program, *words, option])
            equal((ran.code, ran.err), (0, ""), words, option)
        check(" ".join(words) in ctl.raw([ctl.program, *words, "--help"]).out, words)
    check(re.fullmatch(r"fairusectl \d+\.\d+\.\d+\n", ctl.raw([ctl.program, "--version"]).out))


def test_the_help_is_a_table(ctl):
    """Whatever characters a usage has."""
    lines = [line for line in ctl.raw([ctl.program, "--help"]).out.splitlines()
             if re.match(r"  [a-z]", line)]
    check(len(lines) >= 24, lines)
    equal({len(re.match(r"  .*?  +", line).group()) for line in lines}, {49}, lines)


def test_commands_of_the_contract_are_there(ctl):
    found = [" ".join(words) for words in commands(ctl)]
    for name in ("import estate", "import reports", "audit", "explain", "ledger list",
                 "ledger export", "ledger close", "ledger verify", "ledger waive",
                 "ledger reinstate", "ledger dispute", "ledger uphold", "ledger proof", "verify",
                 "store init", "store check", "store prune", "server list", "server retire"):
        check(name in found, name)


def test_what_is_no_command_is_refused(ctl):
    ctl.must("store", "init")
    for words in (["frobnicate"], ["ledger"], ["ledger", "frobnicate"], ["import"], [],
                  ["audit", "extra"], ["import", "estate"], ["import", "estate", "a", "b"],
                  ["ledger", "close"], ["ledger", "close", "October", "--by", "Ann"],
                  ["ledger", "close", str(LAST)], ["ledger", "proof", "first"],
                  ["ledger", "waive", "nonsense", "--by", "A", "--reason", "b"],
                  ["server", "retire"], ["verify"], ["explain"]):
        ran = ctl.run(*words)
        equal((ran.code, ran.out), (USAGE, ""), words)
        check(ran.err.startswith("fairusectl: "), ran)


def test_what_is_no_option_is_refused(ctl):
    ctl.must("store", "init")
    for words in (["audit", "--frobnicate"], ["audit", "-x"], ["audit", "--period"],
                  ["audit", "--period", "October"], ["audit", "--period", "2026-13"],
                  ["audit", "--as-of", "yesterday"], ["audit", "--format", "xml"],
                  ["audit", "--fail-on", "anything"], ["audit", "--format", "json", "--format",
                                                       "json"],
                  ["ledger", "list", "--accept"], ["store", "prune", "--keep", "long"],
                  ["ledger", "export", "--format", "pdf"], ["--help=yes"],
                  ["ledger", "waive", f"{LAST}/r1/extra-ip/PLSK.00000001", "--by", "Ann"]):
        ran = ctl.run(*words)
        equal((ran.code, ran.out), (USAGE, ""), words)
        check("--" in ran.err or "-x" in ran.err, ran)


def test_no_store_named(ctl):
    equal(ctl.raw([ctl.program, "audit"]).code, USAGE)


def test_a_store_that_is_not_there(ctl):
    for words in (["audit"], ["ledger", "list"], ["ledger", "verify"], ["store", "check"],
                  ["server", "list"], ["ledger", "close", str(LAST), "--by", "Ann"],
                  ["store", "prune"], ["explain", "PLSK.00000001"]):
        ran = ctl.run(*words)
        equal(ran.code, UNAVAILABLE, words)
        check("store.db" in ran.err, ran)
        equal(ran.err.count("store init"), 1, ran)  # what to do is said once
    equal(ctl.raw([ctl.program, "--store", "postgresql://db/x", "audit"]).code, UNAVAILABLE)
    check(not ctl.path("store.db").exists(), "it was made by a command that reads")


def test_settings_that_are_not_there(ctl):
    ran = ctl.raw([ctl.program, "-c", "missing.conf", "audit"])
    equal(ran.code, CONFIG)
    check("missing.conf" in ran.err, ran)


def test_bad_settings_name_file_and_line(ctl):
    for text, line, what in (
            ('store = "sqlite:store.db";\nfrobnicate = 1;\n', 2, "frobnicate"),
            ('\n\nmerge_gap = "a while";\n', 3, "merge_gap"),
            ('policy = {\n  grace = 14;\n};\n', 2, "grace"),
            ('time_zone = "Europe/Nowhere";\n', 1, "time_zone"),
            ('policy = {\n\n  charge_by = "mood";\n};\n', 3, "charge_by"),
            ('lab_networks = ( "203.0.113.9/24" );\n', 1, "lab_networks"),
            ('store = ;\n', 1, "")):
        ctl.path("bad.conf").write_text(text)
        ran = ctl.raw([ctl.program, "-c", "bad.conf", "audit"])
        equal(ran.code, CONFIG, text, ran)
        check(f"bad.conf:{line}:" in ran.err and what in ran.err, text, ran)


def test_the_store_of_the_settings_is_used(ctl):
    ctl.path("fine.conf").write_text('store = "sqlite:other.db";\n')
    equal(ctl.raw([ctl.program, "-c", "fine.conf", "store", "init"]).code, 0)
    check(ctl.path("other.db").exists())
    equal(oct(ctl.path("other.db").stat().st_mode & 0o777), "0o600")
    equal(oct(ctl.path("other.db.key").stat().st_mode & 0o777), "0o600")
    equal(ctl.raw([ctl.program, "store", "check", "--config=fine.conf"]).code, 0)


def test_store_init_again_keeps_the_key(ctl):
    ctl.must("store", "init")
    before = [ctl.path(f"store.db{end}").read_bytes() for end in (".key", ".key.pub")]
    ctl.must("store", "init")
    equal([ctl.path(f"store.db{end}").read_bytes() for end in (".key", ".key.pub")], before)


# ---- Where output goes ------------------------------------------------------------------------

PRINTING = (["--help"], ["audit", "--help"], ["--version"], ["audit"],
            ["audit", "--format", "json"], ["ledger", "list"], ["ledger", "export"],
            ["ledger", "export", "--format", "csv"], ["ledger", "list", "--draft"],
            ["ledger", "verify"], ["ledger", "proof", "1"], ["store", "check"],
            ["server", "list"], ["explain", "PLSK.00000001"],
            ["explain", "PLSK.00000001", "--format", "json"])


def test_a_full_output_is_an_error(ctl):
    small(ctl)
    ctl.must("store", "init")
    ctl.must("ledger", "close", LAST, "--by", "Ann")
    for words in PRINTING:
        with open("/dev/full", "w") as full:
            done = subprocess.run(ctl.command(*words), cwd=ctl.folder, stdout=full,
                                  stderr=subprocess.PIPE, text=True, check=False)
        equal(done.returncode, IO, words)
        check("standard output" in done.stderr, words, done.stderr)


def test_a_reader_that_went_away_is_an_error(ctl):
    small(ctl)
    ctl.must("store", "init")
    ctl.must("ledger", "close", LAST, "--by", "Ann")
    for words in PRINTING:
        reading, writing = os.pipe()
        os.close(reading)
        done = subprocess.run(ctl.command(*words), cwd=ctl.folder, stdout=writing,
                              stderr=subprocess.PIPE, text=True, check=False)
        os.close(writing)
        equal(done.returncode, IO, words)
        check("standard output" in done.stderr, words, done.stderr)


def test_work_is_done_even_when_it_cannot_be_told(ctl):
    world.Scene().reseller("r1").write(ctl)
    with open("/dev/full", "w") as full:
        done = subprocess.run(ctl.command("import", "estate", "estate.json"), cwd=ctl.folder,
                              stdout=full, stderr=subprocess.PIPE, check=False)
    equal(done.returncode, IO)
    check("0 added, 0 changed, 0 removed" in ctl.must("import", "estate", "estate.json"))


def on_terminal(ctl, words, **more):
    """Runs it with standard error (and, if asked, output) on a terminal; what it shows there."""
    master, slave = pty.openpty()
    streams = {"stdout": subprocess.DEVNULL, "stderr": slave, **more}
    if streams["stdout"] == "terminal":
        streams["stdout"] = slave
    child = subprocess.Popen(ctl.command(*words), cwd=ctl.folder, stdin=subprocess.DEVNULL,
                             env={**os.environ, "LC_ALL": "C.UTF-8"}, **streams)
    os.close(slave)
    shown = b""
    while True:
        try:
            some = os.read(master, 65536)
        except OSError:  # the terminal has no writer any more
            break
        if not some:
            break
        shown += some
    os.close(master)
    return child.wait(), shown.decode()


def test_a_progress_bar_on_a_terminal_alone(ctl):
    scene = small(ctl)
    scene.present(1, 1, LAST.end(), LAST.end() + 20 * world.DAY).write(ctl)
    code, shown = on_terminal(ctl, ["import", "reports", "reports.jsonl"])
    equal(code, 0)
    check(re.search(r"\rreports \[#*\.*\] +\d+ %", shown), repr(shown))
    check("100 %" in shown and shown.endswith("\033[K"), repr(shown[-80:]))
    ran = ctl.run("import", "reports", "reports.jsonl")
    equal((ran.code, ran.err), (0, ""))
    check("\r" not in ran.out and "\033" not in ran.out, repr(ran.out))


def test_no_colour_but_on_a_terminal(ctl):
    small(ctl)
    for words in PRINTING[3:10]:
        ran = ctl.run(*words)
        check("\033" not in ran.out + ran.err, words, repr(ran.out))
    words = ["explain", "PLSK.00000001", "--period", str(LAST)]
    ran = ctl.run(*words)
    check("\033" not in ran.out + ran.err, repr(ran.out))
    code, shown = on_terminal(ctl, words, stdout="terminal", stderr=subprocess.DEVNULL)
    equal(code, 0)
    check("\033[1m" in shown, repr(shown[:300]))


# ---- Names that would upset a terminal ---------------------------------------------------------

HOSTILE = "\u202egnihton\u202c \u200bhosting"  # turns the line's direction, hides a character


def test_names_with_control_characters_are_refused(ctl):
    for name in ("a\x1b[31mred", "two\nlines", "two\r\nlines", "bell\x07", "\x9b31m", "nul\x00"):
        for field in ("id", "name"):
            scene = world.Scene().reseller("r1")
            scene.estate["resellers"][0][field] = name
            scene.write(ctl)
            ran = ctl.run("import", "estate", "estate.json")
            equal(ran.code, DATA, repr(name), ran)
            check(re.search(r"estate\.json:\d+:\d+: ", ran.err), ran)
            check(not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]", ran.err), repr(ran.err))


def test_names_that_turn_the_line_are_shown_harmless(ctl):
    scene = world.Scene().reseller(HOSTILE).reseller("=1+1").license(1, HOSTILE)
    scene.license(2, "=1+1").tariff("extra-ip", "EUR", "12.50")
    scene.machines(1, 2, LAST).machines(2, 2, LAST).install(ctl)
    ctl.must("store", "init")
    ctl.must("ledger", "close", LAST, "--by", HOSTILE)
    ctl.must("ledger", "proof", "1", "--output", "proof.json")
    for words in (["audit", "--period", LAST], ["ledger", "list"], ["server", "list"],
                  ["ledger", "list", "--draft"], ["explain", "PLSK.00000001", "--period", LAST],
                  ["verify", "proof.json"], ["ledger", "verify"],
                  ["ledger", "waive", f"{LAST}/{HOSTILE}/extra-ip/PLSK.00000001", "--by", "A",
                   "--reason", HOSTILE]):
        ran = ctl.run(*words)
        equal(ran.code, 0, words, ran)
        check(not re.search("[\u200b\u202a-\u202e\u2066-\u2069]", ran.out + ran.err), words,
              ascii(ran.out + ran.err))
    listed = ctl.must("ledger", "export", "--format", "csv")
    check('"\'=1+1"' in listed and '"=1+1"' not in listed, listed)


def test_hostile_values_in_errors_are_quoted(ctl):
    ctl.path("bad.jsonl").write_bytes(b'{"server":"a\\u001b[31m","sent_at":1}\n\x1b[31m\n')
    ran = ctl.run("import", "reports", "bad.jsonl")
    equal(ran.code, DATA)
    check("\x1b" not in ran.err + ran.out, repr(ran.err))
    for words in (["\x1b[31m"], ["audit", "--period", "\x1b[31m"], ["explain", "\x1b[31m"],
                  ["audit", "--as-of", "\x1b[31m"], ["audit", "--format", "\x1b[31m"],
                  ["server", "retire", "\x1b[31m"], ["audit", "--fail-on", "\x1b[31m"],
                  ["ledger", "waive", "\x1b[31m", "--by", "A", "--reason", "b"]):
        ran = ctl.run(*words)
        check(ran.code != 0 and "\x1b" not in ran.err + ran.out, words, repr(ran.err))


world.run_cases(globals())
