"""The agent as it is installed: the manual's own lines on a booted system, its two units with every
lock of them shut, and a collector beside them."""

import json
import pathlib
import re
import shlex
import time

import agent_world
import ctl_world
import nspawn_world
from ctl_world import check, equal
from nspawn_world import ENVIRONMENT, wait_for

SOURCE = pathlib.Path(__file__).resolve().parents[2]
CHECKOUT = "/root/checkout"
AGENT, PROBE = "fairuse-agent.service", "fairuse-probe.service"
COLLECTOR = "fairuse-collector.service"
STATE, CONFIG = "/var/lib/fairuse-agent", "/etc/fairuse/agent.conf"
COLLECTOR_CONFIG, SOCKET = "/etc/fairuse/collector.conf", "/run/fairuse-probe/probe.sock"
URL = "https://collector.example:9443"
ADDRESS = "203.0.113.10"
KEYS, KEY_GROUP = "/etc/sw/keys", "swkey-data"  # as Plesk has them
SOON = 60
NOT_RUNNING = 69

# Run inside the machine: which kinds of sockets a process has, by what /proc says of them.
SOCKETS = """
import os, pathlib, re, sys
own = set()
for fd in pathlib.Path("/proc", sys.argv[1], "fd").iterdir():
    own |= set(re.findall(r"^socket:.(\\d+)", os.readlink(fd)))
for kind in ("tcp", "tcp6", "udp", "udp6", "udplite", "udplite6", "icmp", "icmp6", "raw", "raw6",
             "packet", "netlink", "unix"):
    path = pathlib.Path("/proc", sys.argv[1], "net", kind)
    rows = path.read_text().splitlines()[1:] if path.exists() else []
    if own & {word for row in rows for word in row.split()}:
        print(kind)
"""


def manual_lines(name):
    """What the manual would have one type, from its section on setting up: [line]"""
    text = (SOURCE / "docs" / name).read_text()
    return [line.split(" # ")[0].strip() for line in re.findall(r"^    (.*)$", text, flags=re.M)]


def changed(path, **changes):
    """An example of settings as it is shipped, with some lines of it changed."""
    text = (SOURCE / path).read_text()
    for name, value in changes.items():
        text, n = re.subn(rf"^(\s*){name} = .*;$", rf"\1{name} = {value};", text, flags=re.M)
        equal(n, 1, name)
    return text


def agent_config(**changes):
    return changed("conf/agent.conf", **{
        "lab_networks": '( "203.0.113.0/24" )', "interval": '"1s"', "look": '"1s"',
        "key_servers": '( "192.0.2.1:443" )', "count_mailboxes": "false", **changes})


def install(machine, programs):
    """A checkout that was built, and a server as Plesk has left it."""
    for name in ("fairuse-agent", "fairuse-probe", "fairuse-look", "fairuse-uplink",
                 "fairuse-collector", "fairusectl"):
        machine.install(programs / name, f"{CHECKOUT}/build/bin/{name}", 0o755)
    for folder in ("packaging/systemd", "conf"):
        for path in (SOURCE / folder).iterdir():
            machine.install(path, f"{CHECKOUT}/{folder}/{path.name}")
    machine.write("/etc/hosts", "127.0.0.1 localhost collector.example\n")
    machine.write(f"{KEYS}/keys/key1", agent_world.key_text(), 0o640)
    estate = ctl_world.Scene().reseller("r1").license(1, "r1").estate
    machine.write("/srv/estate.json", json.dumps(estate))
    machine.write("/root/sockets.py", SOCKETS)
    for unit in (AGENT, PROBE, COLLECTOR):
        machine.write(f"/etc/systemd/system/{unit}.d/test.conf", ENVIRONMENT + "RestartSec=1\n")


def type_in(machine, line):
    return machine.must("sh", "-c", f"cd {CHECKOUT} && {line}")


def as_collector(machine, *words):
    return machine.must("runuser", "-u", "fairuse", "--", "fairusectl", "-c", COLLECTOR_CONFIG,
                        *words)


def status(machine):
    """Also of one that is just being started again."""
    done = machine.run("fairuse-agent", "status", "--format", "json")
    check(done.returncode in (0, NOT_RUNNING), done, machine.journal())
    return json.loads(done.stdout)


def sent(machine):
    return status(machine)["collector"]["sent"] or 0


def wait_sent(machine, count=2):
    """So many more moments at which a report was taken."""
    for _ in range(count):
        before = sent(machine)
        wait_for("a report to be taken", SOON, lambda b=before: sent(machine) > b)


def is_active(machine, unit):
    return machine.show(unit, "ActiveState") == ["active"]


def processes(machine, user):
    out = machine.run("ps", "-u", user, "-o", "pid=,comm=").stdout
    return [line.split(None, 1) for line in out.splitlines()]


# ---- Cases, in this order ----------------------------------------------------------------------


def test_a_collector_is_set_up_beside_it(machine):
    for line in manual_lines("fairuse-collector.8.md"):
        if re.match(r"install -m|install -D|systemd-sysusers|install -d .* /var/lib", line):
            type_in(machine, line)
    machine.rewrite(COLLECTOR_CONFIG, changed(
        "conf/collector.conf", store='"sqlite:/var/lib/fairuse/fairuse.db"',
        names='( "collector.example" )', key_servers='( "192.0.2.1:443" )'))
    as_collector(machine, "store", "init")
    as_collector(machine, "import", "estate", "/srv/estate.json", "--accept")
    machine.must("systemctl", "daemon-reload")
    machine.must("systemctl", "start", COLLECTOR)


def test_the_machine_has_an_address(machine):
    machine.must("ip", "link", "set", "lo", "up")
    machine.must("ip", "link", "add", "eth9", "type", "veth", "peer", "name", "eth9p")
    machine.must("ip", "address", "add", f"{ADDRESS}/24", "dev", "eth9")
    machine.must("ip", "link", "set", "eth9", "up")
    machine.must("ip", "link", "set", "eth9p", "up")


def test_it_is_installed_as_the_manual_says(machine):
    lines = [line for line in manual_lines("fairuse-agent.8.md")
             if re.match(r"install |systemctl daemon-reload|systemd-sysusers", line)]
    equal(len(lines), 7, lines)
    for line in lines:
        type_in(machine, line)
    installed = machine.must("cat", CONFIG)
    equal(installed, (SOURCE / "conf/agent.conf").read_text())
    machine.rewrite(CONFIG, agent_config())
    machine.must("fairuse-agent", "check-config")


def test_setup_lets_it_read_the_keys(machine):
    """The database is not there, and says so; the group is of use without it."""
    machine.must("groupadd", "--system", KEY_GROUP)
    machine.must("chgrp", "-R", KEY_GROUP, KEYS)
    machine.must("chmod", "0750", f"{KEYS}/keys")
    dry = machine.run("fairuse-agent", "setup", "--dry-run")
    check("usermod -aG" in dry.stdout, dry)
    equal(machine.run("id", "-nG", "fairuse-agent").stdout.split(), ["fairuse-agent"])
    done = machine.run("fairuse-agent", "setup")
    check(done.returncode != 0 and "database" in done.stderr, done)
    check(KEY_GROUP in machine.must("id", "-nG", "fairuse-agent").split())


def test_it_enrols_as_root(machine):
    token = as_collector(machine, "token", "create", "--reseller", "r1").splitlines()[-1]
    said = machine.must("sh", "-c", f"echo {shlex.quote(token)} | fairuse-agent enroll {URL}")
    check(f"enrolled at {URL}" in said, said)


def test_both_units_start(machine):
    """As the manual says: `enable --now`; it comes back when they are ready, or failed."""
    line = next(line for line in manual_lines("fairuse-agent.8.md") if "enable --now" in line)
    type_in(machine, line)
    for unit in (AGENT, PROBE):
        equal(machine.show(unit, "Type", "ActiveState", "SubState", "UnitFileState"),
              ["notify", "active", "running", "enabled"], unit)


def test_a_report_is_taken(machine):
    wait_sent(machine)
    rows = as_collector(machine, "server", "list")
    check("srv-" in rows, rows)
    wait_for("a stretch of evidence", SOON,
             lambda: ADDRESS in machine.must("fairuse-agent", "history"))


def test_status_as_root_shows_it(machine):
    said = machine.must("fairuse-agent", "status", "--language", "en")
    check("PLSK.00000001" in said and ADDRESS in said and URL in said, said)
    got = status(machine)
    equal((got["is_running"], got["look"]["trouble"]), (True, None), got)
    check({"keyserver", "panel", "interface"} <= set(got["probe"]["sources"]), got)


def test_it_has_no_rights(machine):
    for unit, user in ((AGENT, "fairuse-agent"), (PROBE, "fairuse-probe")):
        pid = machine.pid_of(unit)
        check(machine.has_no_rights(pid), unit, machine.must("cat", f"/proc/{pid}/status"))
        said = machine.must("cat", f"/proc/{pid}/status")
        ids = re.findall(r"^[UG]id:\t(\d+)\t(\d+)\t(\d+)\t(\d+)$", said, flags=re.M)
        uid, gid = (machine.must("id", flag, name).strip()
                    for flag, name in (("-u", user), ("-g", "fairuse-agent")))
        equal(ids, [(uid,) * 4, (gid,) * 4], unit)
        limits = machine.must("cat", f"/proc/{pid}/limits")
        check(re.search(r"Max core file size +0 +0 ", limits), limits)


def test_the_probe_has_no_internet_socket(machine):
    kinds = machine.must("python3", "/root/sockets.py", machine.pid_of(PROBE)).split()
    check({"packet", "netlink", "unix"} >= set(kinds) and "netlink" in kinds, kinds)
    collector = machine.must("python3", "/root/sockets.py", machine.pid_of(COLLECTOR)).split()
    check({"tcp", "tcp6"} & set(collector), "the script would see one:", collector)


def test_its_files_are_its_own(machine):
    """With the modes that the manual names."""
    modes = {"": "700", "identity.pem": "600", "authority.pem": "644", "collector": "644",
             "spool.db": "600"}
    for name, mode in modes.items():
        equal(machine.must("stat", "--format=%a %U", f"{STATE}/{name}").split(),
              [mode, "fairuse-agent"], name)
    equal(machine.must("stat", "--format=%a %U %G", SOCKET).split(),
          ["660", "fairuse-probe", "fairuse-agent"])
    refused = machine.run("runuser", "-u", "nobody", "--", "ls", STATE)
    check(refused.returncode != 0 and "denied" in refused.stderr, refused)


def within(machine, unit, *words):
    """In the service's own view of the files, but as root: only mounts can refuse."""
    return machine.run("nsenter", "--target", machine.pid_of(unit), "--mount", *words)


def test_they_can_write_nowhere_but_in_their_folders(machine):
    for unit, own in ((AGENT, STATE), (PROBE, "/run/fairuse-probe")):
        for folder in ("/etc", "/etc/fairuse", "/usr/bin", "/usr/lib/fairuse", "/var/lib", "/srv",
                       KEYS):
            done = within(machine, unit, "touch", f"{folder}/was-here")
            check(done.returncode != 0 and "Read-only" in done.stderr, unit, folder, done)
        equal(within(machine, unit, "touch", f"{own}/was-here").returncode, 0, unit)
        within(machine, unit, "cp", "/usr/bin/true", f"{own}/true")
        ran = within(machine, unit, f"{own}/true")
        check(ran.returncode != 0 and "ermission denied" in ran.stderr, unit, ran)
        within(machine, unit, "rm", f"{own}/was-here", f"{own}/true")


def test_each_comes_back_when_it_is_killed(machine):
    for unit in (PROBE, AGENT):
        before = machine.hit(unit, "KILL")
        wait_for(f"another process of {unit}", SOON,
                 lambda u=unit, b=before: machine.pid_of(u) not in (b, "0") and
                 is_active(machine, u))
        wait_for("both", SOON, lambda: is_active(machine, AGENT) and is_active(machine, PROBE))
        wait_sent(machine)
        wait_for("the probe to be heard again", SOON,
                 lambda: "interface" in status(machine)["probe"]["sources"])


def test_reload_reads_the_settings_anew(machine):
    before = machine.pid_of(AGENT)
    machine.rewrite(CONFIG, agent_config(interval='"2s"'))
    machine.must("systemctl", "reload", "fairuse-agent")
    wait_for("the reload", SOON, lambda: "reloaded" in machine.lines(AGENT))
    machine.rewrite(CONFIG, "quue = 1;\n")
    machine.must("systemctl", "reload", "fairuse-agent")
    wait_for("the refusal", SOON, lambda: "reload-failed" in machine.lines(AGENT))
    check("quue" in machine.lines(AGENT), machine.lines(AGENT))
    machine.rewrite(CONFIG, agent_config())
    machine.must("systemctl", "reload", "fairuse-agent")
    wait_sent(machine)
    equal(machine.pid_of(AGENT), before, "the same process")


def test_they_feed_their_watchdogs(machine):
    """Not more often than they are asked to, but in time; and one that hangs is replaced."""
    for unit in (AGENT, PROBE):
        machine.rewrite(f"/etc/systemd/system/{unit}.d/test.conf",
                        f"{ENVIRONMENT}RestartSec=1\nWatchdogSec=2\nTimeoutAbortSec=1\n")
    machine.must("systemctl", "daemon-reload")
    machine.must("systemctl", "restart", PROBE, AGENT)
    before = [machine.pid_of(unit) for unit in (AGENT, PROBE)]
    time.sleep(6)
    equal([machine.pid_of(unit) for unit in (AGENT, PROBE)], before)
    for unit in (PROBE, AGENT):
        hanging = machine.hit(unit, "STOP")
        wait_for(f"another process of {unit}", SOON,
                 lambda u=unit, h=hanging: machine.pid_of(u) not in (h, "0") and
                 is_active(machine, u))
    wait_sent(machine)


def test_the_probe_goes_on_when_the_agent_is_started_anew(machine):
    before = machine.pid_of(PROBE)
    machine.must("systemctl", "restart", AGENT)
    wait_sent(machine)
    equal(machine.pid_of(PROBE), before)


def test_they_stop_cleanly(machine):
    machine.must("systemctl", "stop", AGENT, PROBE)
    for unit in (AGENT, PROBE):
        equal(machine.show(unit, "ActiveState", "Result", "ExecMainStatus"),
              ["inactive", "success", "0"], unit)
    for user in ("fairuse-agent", "fairuse-probe"):
        equal(processes(machine, user), [], user)
    check("stopped" in machine.lines(AGENT), machine.lines(AGENT))
    said = machine.run("fairuse-agent", "status")
    equal(said.returncode, NOT_RUNNING, said)


def test_without_a_probe_it_needs_no_right_at_all(machine):
    """As the manual says: the unit of the one that has rights is masked."""
    machine.must("systemctl", "mask", "fairuse-probe.service")
    machine.rewrite(CONFIG, agent_config(observe='( "interface" )'))
    machine.must("systemctl", "start", AGENT)
    wait_sent(machine)
    got = status(machine)
    equal(got["probe"]["sources"], ["interface"], got)
    check(ADDRESS in [row["address"] for row in got["addresses"]], got)
    equal(machine.show(PROBE, "LoadState", "ActiveState"), ["masked", "inactive"])
    equal(processes(machine, "fairuse-probe"), [])
    own = dict(reversed(row) for row in processes(machine, "fairuse-agent"))
    check({"fairuse-agent", "fairuse-probe"} <= set(own), own)
    for name in ("fairuse-agent", "fairuse-probe"):
        check(machine.has_no_rights(own[name]), name)
    machine.must("systemctl", "stop", AGENT)
    equal(processes(machine, "fairuse-agent"), [])


def test_wrong_settings_are_not_tried_again(machine):
    machine.rewrite(CONFIG, "nonsense\n")
    check(machine.run("systemctl", "start", AGENT).returncode != 0)
    time.sleep(2)  # RestartSec is 1 here
    equal(machine.show(AGENT, "ActiveState", "ExecMainStatus"), ["failed", "78"])
    check(CONFIG in machine.lines(AGENT), machine.lines(AGENT))


if __name__ == "__main__":
    nspawn_world.run_cases(globals(), install)
