"""The systemd units as they are shipped: what systemd makes of them, and how much they leave
open."""

import pathlib
import re

import ctl_world as world
from ctl_world import check, equal

ROOT = pathlib.Path(__file__).resolve().parents[2]
UNITS = ROOT / "packaging" / "systemd"

# What all of them promise; and those that run always.
EACH = [("Restart", "on-failure"), ("RestartPreventExitStatus", "64 78"), ("LimitCORE", "0"),
        ("NoNewPrivileges", "yes"), ("MemoryDenyWriteExecute", "yes"),
        ("ProtectSystem", "strict"), ("ProtectHome", "yes"),
        ("SystemCallFilter", "@system-service")]
DAEMON = [("Type", "notify"), ("NotifyAccess", "main"), ("WantedBy", "multi-user.target"),
          ("StartLimitIntervalSec", "0")]

# By unit: how exposed it may be, in tenths as --threshold has it (what is left is told in the
# unit's last section); its manual, its file of users, and its own promises.
SERVICES = {
    "fairuse-collector.service": (12, "fairuse-collector.8.md", "fairuse.sysusers", [
        ("User", "fairuse"), ("Group", "fairuse"), ("StateDirectory", "fairuse"),
        ("StateDirectoryMode", "0700"), ("UMask", "0077"), ("CapabilityBoundingSet", ""),
        ("AmbientCapabilities", ""),
        ("RestrictAddressFamilies", "AF_INET AF_INET6 AF_UNIX")]),
    "fairuse-audit.service": (10, "fairuse-collector.8.md", "fairuse.sysusers", [
        ("Type", "oneshot"), ("User", "fairuse"), ("Group", "fairuse"),
        ("StateDirectory", "fairuse"), ("StateDirectoryMode", "0700"), ("UMask", "0077"),
        ("CapabilityBoundingSet", ""), ("AmbientCapabilities", ""), ("TimeoutStartSec", "6h"),
        ("RestrictAddressFamilies", "AF_INET AF_INET6")]),
    "fairuse-agent.service": (15, "fairuse-agent.8.md", "fairuse-agent.sysusers", [
        ("User", "fairuse-agent"), ("Group", "fairuse-agent"),
        ("StateDirectory", "fairuse-agent"), ("StateDirectoryMode", "0700"),
        ("UMask", "0077"), ("CapabilityBoundingSet", ""), ("AmbientCapabilities", ""),
        # A wish and no more: without the probe it works too.
        ("Wants", "fairuse-probe.service"),
        ("RestrictAddressFamilies", "AF_INET AF_INET6 AF_UNIX AF_NETLINK")]),
    "fairuse-probe.service": (15, "fairuse-agent.8.md", "fairuse-agent.sysusers", [
        ("User", "fairuse-probe"), ("Group", "fairuse-agent"),
        ("RuntimeDirectory", "fairuse-probe"), ("RuntimeDirectoryMode", "0750"),
        ("UMask", "0007"), ("IPAddressDeny", "any"),
        ("CapabilityBoundingSet", "CAP_NET_RAW CAP_NET_ADMIN"),
        ("AmbientCapabilities", "CAP_NET_RAW CAP_NET_ADMIN"),
        ("RestrictAddressFamilies", "AF_UNIX AF_NETLINK AF_PACKET")]),
}
DAEMONS = [name for name in SERVICES if name != "fairuse-audit.service"]
UNIT_NAMES = [*SERVICES, "fairuse-collector.socket", "fairuse-audit.timer"]


def directives(name):
    """What a unit says: (key, value), in order, without comments."""
    lines = (UNITS / name).read_text().splitlines()
    return [tuple(line.split("=", 1)) for line in lines if "=" in line and line[0] != "#"]


def words_of(name, key):
    return [word for k, value in directives(name) if k == key for word in value.split()]


def installed(manual):
    """{file in the checkout: where the manual installs it}"""
    lines = re.findall(r"^    install (.*)$", (ROOT / "docs" / manual).read_text(), flags=re.M)
    found = {}
    for line in lines:
        words = re.sub(r"-m [0-7]+|-D", "", line.split("#")[0]).split()
        if "-d" in words or "-o" in words:
            continue
        if words[0] == "-t":
            words = [*words[2:], words[1] + "/"]
        for source in words[:-1]:
            end = pathlib.PurePath(source).name if words[-1].endswith("/") else ""
            found[source] = words[-1] + end
    return found


def test_the_services_leave_hardly_anything_open(ctl):
    for name, (most, *_) in SERVICES.items():
        ran = ctl.raw(["systemd-analyze", "security", "--offline=true", "--no-pager",
                       f"--threshold={most}", str(UNITS / name)])
        equal(ran.code, 0, name, "too much is open:",
              "\n".join(line for line in ran.out.splitlines() if not line.startswith("✓")))


def test_a_unit_without_hardening_would_be_refused(ctl):
    """The gate closes at all."""
    bare = ctl.path("bare.service")
    bare.write_text("[Service]\nExecStart=/bin/true\n")
    most = max(row[0] for row in SERVICES.values())
    ran = ctl.raw(["systemd-analyze", "security", "--offline=true", "--no-pager",
                   f"--threshold={most}", str(bare)])
    equal(ran.code, 1, ran)


def test_systemd_understands_every_line(ctl):
    """With the programs that were built in the places where they will be installed."""
    folder = pathlib.Path(ctl.program).parent
    for name in UNIT_NAMES:
        text = (UNITS / name).read_text()
        ctl.path(name).write_text(re.sub(r"/usr/(bin|lib/fairuse)/fairuse", f"{folder}/fairuse",
                                         text))
    for name in UNIT_NAMES:
        ran = ctl.raw(["systemd-analyze", "verify", "--man=no", "--recursive-errors=no",
                       str(ctl.path(name))])
        about_us = [line for line in ran.err.splitlines() if "fairuse" in line]
        equal((ran.code, about_us), (0, []), name, ran)


def test_what_is_relaxed_says_why(_):
    """Every line of the section of what it needs stands below a comment, or below one that
    does and begins with the same word."""
    for name in SERVICES:
        section = (UNITS / name).read_text().split("# ---- What it needs")[1]
        lines = [line for line in section.split("[Install]")[0].splitlines()[1:] if line]
        check(lines, name)
        for before, line in zip(["", *lines], lines):
            is_second = "CapabilityBoundingSet=" in before and "AmbientCapabilities=" in line
            check(line.startswith("#") or before.startswith("#") or is_second, name, line)


def test_they_hold_what_the_manual_promises(_):
    for name, (_, _, _, own) in SERVICES.items():
        said = directives(name)
        for wanted in [*EACH, *own, *(DAEMON if name in DAEMONS else [])]:
            check(wanted in said, name, wanted)


def test_everything_is_where_the_manual_installs_it(_):
    """Units, programs, settings, users: what a unit names is what was put there."""
    for name, (_, manual, users, _) in SERVICES.items():
        places = installed(manual)
        equal(places[f"packaging/systemd/{name}"], f"/usr/lib/systemd/system/{name}")
        check(places[f"packaging/systemd/{users}"].startswith("/usr/lib/sysusers.d/"), users)
        words = words_of(name, "ExecStart")
        equal(places[f"build/bin/{pathlib.PurePath(words[0]).name}"], words[0], name)
        check(words[words.index("-c") + 1] in places.values(), name, places)
        for source in places:
            check(source.startswith("build/") or (ROOT / source).exists(), source)


def test_its_users_are_made(_):
    """Each user and group that a unit names, and whose home is its state."""
    for name, (_, manual, users, _) in SERVICES.items():
        lines = [line.split() for line in (UNITS / users).read_text().splitlines()
                 if line and line[0] != "#"]
        made = {line[1]: line for line in lines}
        said = dict(directives(name))
        check({said["User"], said["Group"]} <= set(made), name, made)
        check(all(line[0] == "u" and line[-1] == "/usr/sbin/nologin" for line in lines), lines)
        if "StateDirectory" in said:
            equal(made[said["User"]][-2], f"/var/lib/{said['StateDirectory']}")
        text = (ROOT / "docs" / manual).read_text()
        check(said["User"] in text and f"/{said.get('StateDirectory', 'run')}" in text, name)


def test_the_halves_of_the_agent_meet_at_one_socket(_):
    """It is in the probe's folder, which the agent's group may enter."""
    agent = words_of("fairuse-agent.service", "ExecStart")
    probe = words_of("fairuse-probe.service", "ExecStart")
    socket = agent[agent.index("--probe-socket") + 1]
    equal(socket, probe[probe.index("--listen") + 1])
    folder = dict(directives("fairuse-probe.service"))["RuntimeDirectory"]
    equal(socket, f"/run/{folder}/probe.sock")
    check(f"`{socket}`" in (ROOT / "docs/fairuse-agent.8.md").read_text(), socket)


def test_the_night_comes_once_a_day_and_is_made_up_for(ctl):
    """The timer starts the service, nobody else does; systemd understands when."""
    said = directives("fairuse-audit.timer")
    check(("Persistent", "yes") in said and ("WantedBy", "timers.target") in said, said)
    check("WantedBy" not in dict(directives("fairuse-audit.service")))
    ran = ctl.raw(["systemd-analyze", "calendar", "--iterations=3",
                   "--base-time=2026-10-24 12:00:00 UTC", dict(said)["OnCalendar"]],
                  env={"TZ": "Europe/Amsterdam"})
    equal(ran.code, 0, ran)
    # Summer time ends on the 25th: it is still once each day, at half past five there.
    days = re.findall(r"(?:Next elapse|Iter. #\d): \w+ (\S+ \S+)", ran.out)
    equal(days, ["2026-10-25 05:30:00", "2026-10-26 05:30:00", "2026-10-27 05:30:00"], ran)


def test_the_night_may_wait_as_long_as_it_was_told_to(_):
    """--wait, and time for the audit before it, end before systemd ends it; an attempt to send
    that is under way when it is ended ends first."""
    said = dict(directives("fairuse-audit.service"))
    words = words_of("fairuse-audit.service", "ExecStart")
    equal(words[-4:], ["report", "--send", "--wait", "4h"])
    equal((said["TimeoutStartSec"], said["TimeoutStopSec"]), ("6h", "6min"))
    check('timeout = "5m";' in (ROOT / "conf/collector.conf").read_text())


def test_open_files_are_enough_for_every_connection_that_can_be_configured(ctl):
    """Settings allow 100000 connections; each is one descriptor, and some are the program's."""
    limit = int(dict(directives("fairuse-collector.service"))["LimitNOFILE"])
    equal(limit >= 100000 + 1000, True, limit)
    ctl.path("c.conf").write_text("collector = { max_connections = 100001; };\n")
    equal(ctl.raw([ctl.program, "-c", "c.conf", "audit"]).code, 78)


def test_units_say_each_thing_once(_):
    for name in UNIT_NAMES:
        keys = [key for key, _ in directives(name)]
        twice = {key for key in keys if keys.count(key) > 1}
        equal(twice - {"SystemCallFilter"}, set(), name)


if __name__ == "__main__":
    world.run_cases(globals())
