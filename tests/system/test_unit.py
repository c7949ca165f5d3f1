"""The systemd units as they are shipped: what systemd makes of them, and how much they leave
open."""

import pathlib

import ctl_world as world
from ctl_world import check, equal

UNITS = pathlib.Path(__file__).resolve().parents[2] / "packaging" / "systemd"
SERVICE = UNITS / "fairuse-collector.service"
# In tenths, as --threshold has it: what is left is told in the unit's last section.
MOST_EXPOSED = 12


def directives(path):
    """What a unit says: (key, value), in order, without comments."""
    lines = path.read_text().splitlines()
    return [tuple(line.split("=", 1)) for line in lines if "=" in line and line[0] != "#"]


def test_the_service_leaves_hardly_anything_open(ctl):
    ran = ctl.raw(["systemd-analyze", "security", "--offline=true", "--no-pager",
                   f"--threshold={MOST_EXPOSED}", str(SERVICE)])
    equal(ran.code, 0, "too much is open:",
          "\n".join(line for line in ran.out.splitlines() if not line.startswith("✓")))


def test_a_unit_without_hardening_would_be_refused(ctl):
    """The gate closes at all."""
    bare = ctl.path("bare.service")
    bare.write_text("[Service]\nExecStart=/bin/true\n")
    ran = ctl.raw(["systemd-analyze", "security", "--offline=true", "--no-pager",
                   f"--threshold={MOST_EXPOSED}", str(bare)])
    equal(ran.code, 1, ran)


def test_systemd_understands_every_line(ctl):
    """With the programs that were built in the places where they will be installed."""
    folder = pathlib.Path(ctl.program).parent
    for name in ("fairuse-collector.service", "fairuse-collector.socket"):
        text = (UNITS / name).read_text()
        ctl.path(name).write_text(text.replace("/usr/bin/fairuse", f"{folder}/fairuse"))
    for name in ("fairuse-collector.service", "fairuse-collector.socket"):
        ran = ctl.raw(["systemd-analyze", "verify", "--man=no", "--recursive-errors=no",
                       str(ctl.path(name))])
        about_us = [line for line in ran.err.splitlines() if "fairuse" in line]
        equal((ran.code, about_us), (0, []), name, ran)


def test_what_is_relaxed_says_why(ctl):
    """Every line of the section of what it needs stands below a comment."""
    section = SERVICE.read_text().split("# ---- What it needs")[1].split("[Install]")[0]
    lines = [line for line in section.splitlines()[1:] if line]
    for before, line in zip(["", *lines], lines):
        check(line.startswith("#") or before.startswith("#"), line)


def test_it_holds_what_the_manual_promises(_):
    said = directives(SERVICE)
    for wanted in [("Type", "notify"), ("User", "fairuse"), ("StateDirectory", "fairuse"),
                   ("StateDirectoryMode", "0700"), ("LimitCORE", "0"), ("UMask", "0077"),
                   ("MemoryDenyWriteExecute", "yes"), ("ProtectSystem", "strict"),
                   ("RestrictAddressFamilies", "AF_INET AF_INET6 AF_UNIX"),
                   ("CapabilityBoundingSet", ""), ("RestartPreventExitStatus", "64 78")]:
        check(wanted in said, wanted)


def test_open_files_are_enough_for_every_connection_that_can_be_configured(ctl):
    """Settings allow 100000 connections; each is one descriptor, and some are the program's."""
    limit = int(dict(directives(SERVICE))["LimitNOFILE"])
    equal(limit >= 100000 + 1000, True, limit)
    ctl.path("c.conf").write_text("collector = { max_connections = 100001; };\n")
    equal(ctl.raw([ctl.program, "-c", "c.conf", "audit"]).code, 78)


def test_units_say_each_thing_once(_):
    for name in ("fairuse-collector.service", "fairuse-collector.socket"):
        keys = [key for key, _ in directives(UNITS / name)]
        twice = {key for key in keys if keys.count(key) > 1}
        equal(twice - {"SystemCallFilter"}, set(), name)


if __name__ == "__main__":
    world.run_cases(globals())
