"""The collector as it is installed: its unit on a booted system, with every lock of it shut."""

import pathlib
import re
import resource
import time

import nspawn_world
from ctl_world import check, equal
from nspawn_world import ENVIRONMENT, NO_CAPABILITY, wait_for

SOURCE = pathlib.Path(__file__).resolve().parents[2]
UNIT = "fairuse-collector.service"
STATE = "/var/lib/fairuse"
CONFIG = "/etc/fairuse/collector.conf"
DROP_IN = f"/etc/systemd/system/{UNIT}.d/test.conf"

# Run inside the machine: what an agent, and whoever watches, sees.
ASK = """
import http.client, socket, ssl, sys
if sys.argv[1] == "health":
    c = http.client.HTTPConnection("127.0.0.1", 9444, timeout=10)
    c.request("GET", "/healthz")
else:
    trusted = ssl.create_default_context(cafile=sys.argv[2])
    raw = socket.create_connection((sys.argv[3], int(sys.argv[4])), timeout=10)
    c = http.client.HTTPSConnection("collector.example", timeout=10)
    c.sock = trusted.wrap_socket(raw, server_hostname="collector.example")
    c.request("POST", "/v1/reports", b"{}", {"Content-Type": "application/json"})
a = c.getresponse()
print(a.status, a.read().decode())
"""


def config(**changes):
    """The example as it is shipped, with the few lines that an installation must say."""
    text = (SOURCE / "conf/collector.conf").read_text()
    lines = {"store": f'"sqlite:{STATE}/fairuse.db"', "names": '( "collector.example" )',
             **changes}
    for name, value in lines.items():
        text, n = re.subn(rf"^(\s*){name} = .*;$", rf"\1{name} = {value};", text, flags=re.M)
        equal(n, 1, name)
    return text


def install(machine, programs):
    machine.install(programs / "fairuse-collector", "/usr/bin/fairuse-collector", 0o755)
    machine.install(programs / "fairusectl", "/usr/bin/fairusectl", 0o755)
    units = SOURCE / "packaging/systemd"
    machine.install(units / UNIT, f"/usr/lib/systemd/system/{UNIT}")
    machine.install(units / "fairuse-collector.socket",
                    "/usr/lib/systemd/system/fairuse-collector.socket")
    machine.install(units / "fairuse.sysusers", "/usr/lib/sysusers.d/fairuse.conf")
    machine.write(CONFIG, config())
    machine.write(DROP_IN, ENVIRONMENT)
    machine.write("/root/ask.py", ASK)


def show(machine, *names):
    return machine.show(UNIT, *names)


def main_pid(machine):
    return machine.pid_of(UNIT)


def lines(machine):
    return machine.lines(UNIT)


def ctl(machine, *words):
    """As the manual says: as the collector's own user."""
    return machine.must("runuser", "-u", "fairuse", "--", "fairusectl", "-c", CONFIG, *words)


def ask(machine, *words):
    return machine.must("python3", "/root/ask.py", *words)


def report(machine, address="::1", port=9443):
    return ask(machine, "report", f"{STATE}/fairuse.db.ca.pem", address, port)


# ---- Cases, in this order ----------------------------------------------------------------------


def test_first_start_as_the_manual_says(machine):
    machine.must("systemd-sysusers")
    machine.must("install", "-d", "-o", "fairuse", "-g", "fairuse", "-m", "0700", STATE)
    ctl(machine, "store", "init")
    machine.must("systemctl", "daemon-reload")
    machine.must("systemctl", "start", UNIT)  # comes back when it is ready, or failed


def test_is_ready_and_says_so(machine):
    equal(show(machine, "Type", "ActiveState", "SubState"), ["notify", "active", "running"])
    check("connections" in show(machine, "StatusText")[0], show(machine, "StatusText"))


def test_serves_health_to_this_host(machine):
    equal(ask(machine, "health").strip(), '200 {"status":"ok"}')


def test_serves_agents_under_its_name_and_authority(machine):
    """Over both families; without a certificate nobody is anybody."""
    for address in ("::1", "127.0.0.1"):
        check(report(machine, address).startswith("401 "), address)


def test_its_lines_carry_their_urgency(machine):
    """So that `journalctl -p warning` shows them: a stranger's report is one."""
    warnings = machine.must("journalctl", "--no-pager", "--output=cat", "-p", "warning",
                            f"--unit={UNIT}")
    check("refused reason=no-certificate" in warnings and "started" not in warnings, warnings)


def test_has_no_rights(machine):
    status = machine.must("cat", f"/proc/{main_pid(machine)}/status")
    said = dict(line.split(":", 1) for line in status.splitlines() if ":" in line)
    user = machine.must("id", "-u", "fairuse").strip()
    equal(said["Seccomp"].strip(), "2", "a filter of system calls")
    equal(said["NoNewPrivs"].strip(), "1")
    equal(set(said["Uid"].split()), {user})
    for kind in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"):
        equal(said[kind].strip(), NO_CAPABILITY, kind)


def test_keeps_no_core_and_may_open_files_enough(machine):
    limits = machine.must("cat", f"/proc/{main_pid(machine)}/limits")
    check(re.search(r"Max core file size +0 +0 ", limits), limits)
    enough = min(131072, resource.getrlimit(resource.RLIMIT_NOFILE)[1])  # a container's bound
    check(re.search(rf"Max open files +{enough} +{enough} ", limits), enough, limits)


def within(machine, *words):
    """In the service's own view of the files, but as root: only mounts can refuse."""
    return machine.run("nsenter", "--target", main_pid(machine), "--mount", *words)


def test_can_write_nowhere_but_in_its_state_directory(machine):
    for folder in ("/etc", "/etc/fairuse", "/usr", "/usr/bin", "/var/lib", "/var/log", "/opt",
                   "/srv"):
        done = within(machine, "touch", f"{folder}/fairuse-was-here")
        check(done.returncode != 0 and "Read-only" in done.stderr, folder, done)
    done = within(machine, "touch", f"{STATE}/was-here")
    equal(done.returncode, 0, done)
    equal(within(machine, "rm", f"{STATE}/was-here").returncode, 0)


def test_can_run_nothing_that_it_wrote(machine):
    for folder in (STATE, "/tmp", "/var/tmp", "/dev/shm"):
        copied = within(machine, "cp", "/usr/bin/true", f"{folder}/true")
        done = within(machine, f"{folder}/true")
        within(machine, "rm", "-f", f"{folder}/true")
        check(copied.returncode != 0 or
              (done.returncode != 0 and "ermission denied" in done.stderr), folder, done)
        equal(copied.returncode == 0 or folder == "/dev/shm", True, copied)


def test_sees_no_homes_and_no_devices(machine):
    machine.must("touch", "/root/secret")
    check(within(machine, "cat", "/root/secret").returncode != 0)
    devices = within(machine, "ls", "/dev").stdout.split()
    check("null" in devices and "kmsg" not in devices and "mem" not in devices, devices)


def test_its_files_are_its_own(machine):
    files = machine.must("find", STATE, "-printf", "%m %u %f\n").splitlines()
    check(files, "there are some")
    for line in files:
        mode, user, name = line.split()
        equal(user, "fairuse", line)
        check(mode in ("700", "600") or name.endswith((".pem", ".pub")), line)


def test_ctl_works_on_the_same_store_meanwhile(machine):
    check("store" in ctl(machine, "store", "check"))
    ctl(machine, "server", "list")


def test_reload_reads_the_settings_anew(machine):
    before = main_pid(machine)
    machine.rewrite(CONFIG, config(log_level='"debug"'))
    machine.must("systemctl", "reload", UNIT)
    wait_for("the reload", 10, lambda: "reloaded" in lines(machine))
    equal(main_pid(machine), before, "the same process")
    equal(show(machine, "ActiveState"), ["active"])


def test_reload_of_nonsense_keeps_what_held(machine):
    before = main_pid(machine)
    machine.must("sh", "-c", f"echo 'collector = {{ quue = 1; }};' > {CONFIG}")
    machine.must("systemctl", "reload", UNIT)
    wait_for("the refusal", 10, lambda: "reload-failed" in lines(machine))
    check("quue" in lines(machine) and f"{CONFIG}:1" in lines(machine), lines(machine))
    equal((main_pid(machine), ask(machine, "health").split()[0]), (before, "200"))
    machine.rewrite(CONFIG, config())


def drop_in(machine, text):
    machine.rewrite(DROP_IN, ENVIRONMENT + text)
    machine.must("systemctl", "daemon-reload")


def test_feeds_the_watchdog(machine):
    drop_in(machine, "WatchdogSec=2\nRestartSec=0\nTimeoutAbortSec=1\n")
    machine.must("systemctl", "restart", UNIT)
    before = main_pid(machine)
    time.sleep(5)
    equal((main_pid(machine), show(machine, "NRestarts")), (before, ["0"]))


def test_comes_back_when_it_hangs(machine):
    """Stopped in its tracks it feeds no watchdog; systemd ends it and starts another."""
    before = machine.hit(UNIT, "STOP")
    wait_for("another process", 30,
             lambda: main_pid(machine) not in (before, "0") and
             show(machine, "ActiveState") == ["active"])
    equal(show(machine, "NRestarts"), ["1"])
    equal(ask(machine, "health").split()[0], "200")


def test_comes_back_when_it_is_killed(machine):
    before = machine.hit(UNIT, "KILL")
    wait_for("another process", 30,
             lambda: main_pid(machine) not in (before, "0") and
             show(machine, "ActiveState") == ["active"])
    equal(ask(machine, "health").split()[0], "200")


def test_stops_cleanly(machine):
    pid = main_pid(machine)
    machine.must("systemctl", "stop", UNIT)
    equal(show(machine, "ActiveState", "Result", "ExecMainStatus"), ["inactive", "success", "0"])
    check(machine.run("test", "-d", f"/proc/{pid}").returncode != 0, "it has gone")
    check("stopping" in lines(machine) and "stopped" in lines(machine), lines(machine))
    ctl(machine, "store", "check")


def test_a_backup_is_put_back_as_the_manual_says(machine):
    machine.must("install", "-d", "-o", "fairuse", "-m", "0700", "/var/backups/fairuse")
    machine.must("systemctl", "start", UNIT)
    machine.must("runuser", "-u", "fairuse", "--", "sqlite3", f"{STATE}/fairuse.db",
                 ".backup '/var/backups/fairuse/fairuse.db'")
    machine.must("systemctl", "stop", UNIT)
    machine.must("rm", "-f", f"{STATE}/fairuse.db", f"{STATE}/fairuse.db-wal",
                 f"{STATE}/fairuse.db-shm")
    machine.must("install", "-o", "fairuse", "-g", "fairuse", "-m", "0600",
                 "/var/backups/fairuse/fairuse.db", f"{STATE}/fairuse.db")
    ctl(machine, "store", "check")
    machine.must("systemctl", "start", UNIT)
    equal(ask(machine, "health").split()[0], "200")
    machine.must("systemctl", "stop", UNIT)


def test_wrong_settings_are_not_tried_again(machine):
    machine.must("sh", "-c", f"echo 'nonsense' > {CONFIG}")
    check(machine.run("systemctl", "start", UNIT).returncode != 0)
    time.sleep(1)  # RestartSec is 0 here
    equal(show(machine, "ActiveState", "ExecMainStatus"), ["failed", "78"])
    machine.rewrite(CONFIG, config())


def listening(machine):
    """The ports: the local one of each line in the state LISTEN, which is 0A."""
    rows = machine.must("cat", "/proc/net/tcp6", "/proc/net/tcp").splitlines()
    fields = [row.split() for row in rows]
    return {int(f[1].split(":")[1], 16) for f in fields if f[3] == "0A"}


def test_takes_port_443_from_its_socket_unit(machine):
    """Without the right to open it; `listen` is passed over, the monitor is not."""
    machine.must("systemctl", "start", "fairuse-collector.socket")
    for address in ("::1", "127.0.0.1"):
        check(report(machine, address, 443).startswith("401 "), address)
    equal(ask(machine, "health").split()[0], "200")
    check("[::]:443" in lines(machine), lines(machine))
    equal(listening(machine), {443, 9444})
    machine.must("systemctl", "stop", "fairuse-collector.socket", UNIT)


if __name__ == "__main__":
    nspawn_world.run_cases(globals(), install)
