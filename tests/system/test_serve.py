"""The daemon's life from outside: what it refuses to start with, what systemd is told and hands
over, what a reload changes and what it leaves, and how it ends."""

import fcntl
import hashlib
import os
import pathlib
import re
import shutil
import signal
import socket
import sqlite3
import ssl
import subprocess
import time

import ctl_world as world
import door_world as door
from ctl_world import check, equal

UNAVAILABLE, TEMPFAIL, CONFIG = 69, 75, 78
FAKETIME = "/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1"
LINE = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ (error|warning|info|debug) [a-z][a-z-]*"
                  r"( [a-z_]+=.*| .*)?$")


def clock(shift):
    """An environment in which the clock shows another time."""
    return {"LD_PRELOAD": FAKETIME, "FAKETIME": shift, "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            "ASAN_OPTIONS": "verify_asan_link_order=0:detect_leaks=0"}


def contents(c):
    """What lies in the collector's folder: a start that was refused changes nothing."""
    return {p.name: hashlib.sha256(p.read_bytes()).hexdigest()
            for p in pathlib.Path(c.ctl.folder).iterdir() if p.is_file()}


def refuses(c, code, *said, env=None):
    """It does not start, says why in one line, was never open, and leaves all as it was."""
    before = contents(c)
    ran = c.ctl.raw(c.command(), env=env or {})
    equal(ran.code, code, ran)
    told = [line for line in ran.err.splitlines() if line.startswith("fairuse-collector: ")]
    equal(len(told), 1, ran)
    for word in said:
        check(word in told[0], word, "is not in", told[0])
    equal(contents(c), before, ran)


def openssl(c, *words):
    subprocess.run(["openssl", *words], cwd=c.ctl.folder, check=True, capture_output=True)


def bring_along(c, name="own", authority="store.db.ca", days="30", san="DNS:localhost"):
    """A server's certificate by an authority of the folder, and the settings for it."""
    openssl(c, "req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
            "-keyout", f"{name}.key", "-out", f"{name}.csr", "-subj", "/CN=localhost")
    c.path(f"{name}.ext").write_text(f"subjectAltName={san}\nextendedKeyUsage=serverAuth\n")
    openssl(c, "x509", "-req", "-in", f"{name}.csr", "-CA", f"{authority}.pem", "-CAkey",
            f"{authority}.key", "-days", days, "-extfile", f"{name}.ext", "-out", f"{name}.pem")
    c.path(f"{name}.key").chmod(0o600)
    c.settings.update(certificate=str(c.path(f"{name}.pem")), key=str(c.path(f"{name}.key")))
    c.write_config()


def make_authority(c, name):
    """Another authority, in the folder."""
    other = c.path("elsewhere")
    other.mkdir()
    ctl = world.Ctl(c.ctl.program, other)
    ctl.must("store", "init")
    for end in ("pem", "key"):
        shutil.copy(other / f"store.db.ca.{end}", c.path(f"{name}.{end}"))
    return name


def shown(c, ca=None):
    """The certificate that the door shows, DER."""
    with c.connect(**({"ca": ca} if ca else {})) as sock:
        return sock.getpeercert(binary_form=True)


def pem_of(path):
    return ssl.PEM_cert_to_DER_cert(pathlib.Path(path).read_text())


# ---- Not started ------------------------------------------------------------------------------


def test_a_store_of_a_newer_program_is_left_alone(ctl):
    c = door.Collector(ctl).install()
    store = sqlite3.connect(c.path("store.db"))
    (now,), = store.execute("PRAGMA user_version")
    store.execute(f"PRAGMA user_version = {now + 1}")
    store.commit()
    store.close()
    refuses(c, UNAVAILABLE, "store.db", "newer")


def test_without_an_authority_nobody_can_be_known(ctl):
    c = door.Collector(ctl).install()
    c.path("store.db.ca.pem").unlink()
    refuses(c, CONFIG, "store.db.ca.pem")
    make_authority(c, "other")
    shutil.copy(c.path("other.pem"), c.path("store.db.ca.pem"))
    refuses(c, CONFIG, "store.db.ca")  # another's certificate beside this key
    c.path("store.db.ca.key").unlink()
    refuses(c, CONFIG, "store.db.ca.key")


def test_an_authoritys_key_that_others_may_read_is_refused(ctl):
    c = door.Collector(ctl).install()
    c.path("store.db.ca.key").chmod(0o644)
    refuses(c, CONFIG, "store.db.ca.key", "chmod")


def test_an_authority_that_has_ended_signs_no_more(ctl):
    c = door.Collector(ctl).install()
    refuses(c, CONFIG, "store.db.ca.pem", "ended", env=clock("+60y"))


def test_a_certificate_that_agents_would_not_trust_is_refused(ctl):
    c = door.Collector(ctl).install()
    bring_along(c, "foreign", authority=make_authority(c, "other"))
    refuses(c, CONFIG, "foreign.pem")
    bring_along(c, "ended", days="1")
    refuses(c, CONFIG, "ended.pem", env=clock("+3d"))
    c.path("ended.pem").write_text("no certificate\n")
    refuses(c, CONFIG, "ended.pem")
    c.path("ended.pem").unlink()
    refuses(c, CONFIG, "ended.pem")


def test_a_port_that_is_taken_is_named(ctl):
    c = door.Collector(ctl).install()
    for port in (c.port, c.monitor):
        with socket.socket() as taken:
            taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            taken.bind(("127.0.0.1", port))
            taken.listen()
            refuses(c, UNAVAILABLE, f"127.0.0.1:{port}", "another program")


def test_settings_that_make_no_sense_are_named(ctl):
    c = door.Collector(ctl).install()
    good = dict(c.settings)
    for more, said in (({"lissten": ["[::]:1"]}, "lissten"), ({"queue": 0}, "queue"),
                       ({"monitor": good["listen"][0]}, "monitor"),
                       ({"monitor": "192.0.2.1:9"}, "monitor"),
                       ({"certificate": "x.pem"}, "key"), ({"max_body": 1 << 30}, "max_body")):
        c.settings = {**good, **more}
        c.write_config()
        refuses(c, CONFIG, "collector.conf", said)
    c.path("collector.conf").write_text("collector = {\n")
    refuses(c, CONFIG, "collector.conf")
    c.path("collector.conf").unlink()
    refuses(c, CONFIG, "collector.conf")


def test_a_clock_from_before_the_program_was_built_is_not_believed(ctl):
    """A machine that starts with 1970 would write evidence of 1970."""
    c = door.Collector(ctl).install()
    refuses(c, TEMPFAIL, "clock", "set", env=clock("-20y"))


def test_what_it_says_of_itself(ctl):
    c = door.Collector(ctl, queue=1234)
    program = c.program
    helped = ctl.raw([program, "--help"])
    check(helped.code == 0 and "check-config" in helped.out and not helped.err, helped)
    equal(ctl.raw([program, "-h"]).out, helped.out)
    version = ctl.raw([program, "--version"])
    check(version.code == 0 and re.fullmatch(r"fairuse-collector \d+\.\d+\.\d+\S*\n", version.out),
          version)
    checked = ctl.raw([program, "check-config", "-c", "collector.conf"])
    check(checked.code == 0 and "1234" in checked.out, checked)
    c.path("again.conf").write_text(checked.out)  # what it prints is a configuration
    equal(ctl.raw([program, "check-config", "-c", "again.conf"]).out, checked.out)
    c.path("again.conf").write_text("collector = { queue = 1.5; };\n")
    wrong = ctl.raw([program, "check-config", "-c", "again.conf"])
    check(wrong.code == CONFIG and "again.conf:1" in wrong.err and not wrong.out, wrong)
    full = subprocess.run([program, "check-config"], stdout=open("/dev/full", "w"),
                          stderr=subprocess.PIPE, text=True, check=False)
    check(full.returncode == 74 and "standard output" in full.stderr, full)


# ---- Reading anew -----------------------------------------------------------------------------


def test_a_new_certificate_is_shown_at_once_and_a_broken_one_never(ctl):
    with door.Collector(ctl) as c:
        own = shown(c)
        bring_along(c, "one")
        check(c.reload().startswith("reloaded"))
        equal(shown(c), pem_of(c.path("one.pem")))
        check(shown(c) != own)
        ends = c.metrics()["fairuse_certificate_end_timestamp_seconds"]
        equal(int(ends), int(ssl.cert_time_to_seconds(not_after(c, "one.pem"))))
        bring_along(c, "two", authority=make_authority(c, "other"))  # not trusted by agents
        said = c.reload()
        check(said.startswith("reload-failed") and "two.pem" in said, said)
        equal(shown(c), pem_of(c.path("one.pem")))
        c.path("collector.conf").write_text("nonsense")
        check(c.reload().startswith("reload-failed"))
        equal(shown(c), pem_of(c.path("one.pem")))
        agent = world_agent(c)
        equal(agent.post(door.report()).status, 200)


def not_after(c, name):
    done = subprocess.run(["openssl", "x509", "-noout", "-enddate", "-in", c.path(name)],
                          capture_output=True, text=True, check=True)
    return done.stdout.strip().split("=")[1]


def world_agent(c):
    """An agent whose enrolment needs no configuration that can be read."""
    c.ctl.config = None
    return c.enrol()


def test_a_reload_changes_what_can_change_and_says_what_cannot(ctl):
    with door.Collector(ctl, max_body=65536) as c:
        agent = c.enrol()
        equal(agent.post(b" " * 70000).status, 413)
        c.settings.update(max_body=131072)
        c.write_config()
        check(c.reload().startswith("reloaded"))
        check("reload-partial" not in c.log())
        equal(agent.post(b" " * 70000 + b"{}").status, 400)
        c.settings.update(listen=[f"127.0.0.1:{door.free_port()}"], queue=2222)
        c.write_config()
        check(c.reload().startswith("reloaded"))
        check("reload-partial" in c.log())
        equal(agent.post(door.report()).status, 200)  # where it was
        for _ in range(20):  # in a row, while it works
            c.process.send_signal(signal.SIGHUP)
            equal(agent.post(door.report(counter=time.monotonic_ns())).status, 200)


def request_bytes(body, *headers):
    data = door.json.dumps(body).encode()
    said = ["POST /v1/reports HTTP/1.1", "Host: localhost",
            f"Fairuse-Sent-At: {int(time.time())}", f"Content-Length: {len(data)}", *headers]
    return "\r\n".join(said).encode() + b"\r\n\r\n" + data


def test_another_authority_holds_for_connections_that_are_open(ctl):
    """It may have been replaced because its key was stolen."""
    with door.Collector(ctl) as c:
        agent = c.enrol()
        make_authority(c, "other")
        with c.connect(agent) as sock:
            sock.sendall(request_bytes(door.report(counter=1)))
            check(sock.recv(4096).startswith(b"HTTP/1.1 200"))
            c.settings.update(authority=str(c.path("other.pem")),
                              authority_key=str(c.path("other.key")))
            c.write_config()
            check(c.reload().startswith("reloaded"))
            sock.sendall(request_bytes(door.report(counter=2)))
            answer = sock.recv(4096)
            check(answer.startswith(b"HTTP/1.1 401"), answer)
        equal(c.rows("SELECT count(*) FROM report"), [(1,)])


def test_a_certificate_that_ends_soon_is_told_of(ctl):
    """Its own is made anew by itself; one that was brought along is somebody's to renew."""
    c = door.Collector(ctl).install()
    bring_along(c, "short", days="5")
    with c.start():
        door.wait_for(lambda: "certificate-ends" in c.log(), "a warning at the start", 10)
        equal(c.log().count("certificate-ends"), 1)
        bring_along(c, "long", days="90")
        check(c.reload().startswith("reloaded"))
        equal(c.log().count("certificate-ends"), 1)
        bring_along(c, "short", days="5")
        check(c.reload().startswith("reloaded"))
        equal(c.log().count("certificate-ends"), 2)


# ---- systemd ----------------------------------------------------------------------------------


class Manager:
    """The other end of NOTIFY_SOCKET: all that is said, in its order."""

    def __init__(self, c):
        self.path, self.said = str(c.path("notify")), []
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(self.path)
        self.socket.setblocking(False)

    def __enter__(self):
        return self

    def __exit__(self, *failure):
        self.socket.close()

    def hear(self):
        try:
            while True:
                self.said.append(self.socket.recv(4096).decode())
        except BlockingIOError:
            return self.said

    def wait(self, word):
        return door.wait_for(lambda: [s for s in self.hear() if s.startswith(word)], word)

    def steps(self):
        return [s.split("=")[0] for s in self.hear() if not s.startswith(("STATUS", "WATCHDOG"))]


def test_systemd_is_told_what_goes_on(ctl):
    c = door.Collector(ctl).install()
    with Manager(c) as manager:
        c.start(env={"NOTIFY_SOCKET": manager.path, "WATCHDOG_USEC": "1000000"}, wait=False)
        manager.wait("READY")
        check(c.is_up())  # ready means ready
        manager.wait("STATUS")
        equal(manager.steps(), ["READY"])
        door.wait_for(lambda: len(manager.wait("WATCHDOG")) >= 3, "the watchdog's feed")
        check(c.reload().startswith("reloaded"))
        c.path("collector.conf").write_text("nonsense")
        check(c.reload().startswith("reload-failed"))
        door.wait_for(lambda: len(manager.steps()) >= 5, "all steps")
        equal(manager.steps(), ["READY", "RELOADING", "READY", "RELOADING", "READY"])
        equal(c.end(), 0)
        equal(manager.steps()[5:], ["STOPPING"])


def test_a_refused_start_is_never_ready(ctl):
    c = door.Collector(ctl).install()
    c.path("store.db.ca.key").unlink()
    with Manager(c) as manager:
        equal(ctl.raw(c.command(), env={"NOTIFY_SOCKET": manager.path}).code, CONFIG)
        equal(manager.hear(), [])


def hand_over(c, sockets, names=None, count=None, pid="$$"):
    """Starts it with sockets as systemd hands them over: from descriptor 3 on."""
    high = [fcntl.fcntl(s, fcntl.F_DUPFD, 50) for s in sockets]
    moves = " ".join(f"{3 + i}<&{fd}" for i, fd in enumerate(high))
    names = f"export LISTEN_FDNAMES={':'.join(names)};" if names else ""
    script = (f"exec {moves or '3<&-'}; {names} export LISTEN_PID={pid} "
              f"LISTEN_FDS={len(sockets) if count is None else count}; exec \"$@\"")
    c.log_file = open(c.path("log"), "ab")
    c.process = subprocess.Popen(
        ["bash", "-c", script, "bash", *c.command()], cwd=c.ctl.folder, stderr=c.log_file,
        stdin=subprocess.DEVNULL, pass_fds=high,
        env={**os.environ, "LC_ALL": "C.UTF-8"})
    for fd in high:
        os.close(fd)
    return c


def is_open(port):
    try:
        with socket.create_connection(("127.0.0.1", port), 5):
            return True
    except OSError:
        return False


def listening(port=0):
    s = socket.socket()
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    s.bind(("127.0.0.1", port))
    s.listen()
    return s


def test_sockets_that_are_handed_over_are_listened_on(ctl):
    c = door.Collector(ctl).install()
    configured = c.port
    with listening() as agents, listening() as more, listening() as monitor:
        monitor_configured = c.monitor
        c.port, c.monitor = agents.getsockname()[1], monitor.getsockname()[1]
        with hand_over(c, [agents, monitor, more], ["agents", "monitor", "agents"]):
            agent = c.enrol()
            equal(agent.post(door.report()).status, 200)
            equal(c.look("/healthz")[0], 200)
            c.port = more.getsockname()[1]
            equal(agent.post(door.report(counter=2)).status, 200)
            check(not is_open(configured), "the settings' own place is open too")
            check(not is_open(monitor_configured), "the settings' own monitor is open too")


def test_sockets_that_are_meant_for_another_are_left_alone(ctl):
    c = door.Collector(ctl).install()
    with listening() as other, hand_over(c, [other], pid="1"):
        door.wait_for(c.is_up, "its own place")
        equal(c.log().count("listening"), 2, c.log())


def test_what_is_handed_over_and_no_listener_is_refused(ctl):
    c = door.Collector(ctl).install()

    def refused(*sockets, **more):
        hand_over(c, sockets, **more)
        try:
            code = c.process.wait(20)
        except subprocess.TimeoutExpired:
            code = "it started"
        c.end(signal.SIGKILL)
        return code

    with socket.socket() as deaf, socket.socket(type=socket.SOCK_DGRAM) as datagrams:
        deaf.bind(("127.0.0.1", 0))
        datagrams.bind(("127.0.0.1", 0))
        check(refused(deaf) in (71, CONFIG), c.log())  # bound, and never asked to listen
        check(refused(datagrams) in (71, CONFIG), c.log())
    a, b = socket.socketpair()
    with a, b:
        check(refused(a) in (71, CONFIG), c.log())
    check(refused(count=1) in (71, CONFIG), c.log())  # there is none
    for count in ("x", "-1", "99999"):
        equal(refused(count=count), CONFIG, c.log())


# ---- The log ----------------------------------------------------------------------------------


def test_each_line_of_the_log_is_one_event(ctl):
    with door.Collector(ctl, log_level="debug") as c:
        agent = c.enrol(token=c.token())
        agent.post(door.report())
        agent.post({"a\nb=c": 1})
        c.post("/v1/reports", {})
        c.raw(b"nonsense\r\n\r\n")
        c.reload()
        equal(c.end(), 0)
        lines = c.log().splitlines()
        for line in lines:
            check(LINE.match(line), "is no event:", line)
        events = [line.split()[2] for line in lines]
        for event in ("started", "listening", "enrolled", "refused", "body-refused",
                      "request-refused", "reloaded", "stopping", "stopped"):
            check(event in events, event, events)
        equal(events[-1], "stopped")


def test_the_journal_is_told_the_level_instead_of_the_time(ctl):
    c = door.Collector(ctl).install()
    c.path("log").touch()
    is_same = os.stat(c.path("log"))
    with c.start(env={"JOURNAL_STREAM": f"{is_same.st_dev}:{is_same.st_ino}"}):
        c.post("/v1/reports", {})
    for line in c.log().splitlines():
        check(re.match(r"<[3467]>[a-z-]+( |$)", line), line)


def test_a_log_that_nobody_reads_any_more_does_not_end_it(ctl):
    c = door.Collector(ctl).install()
    read_end, write_end = os.pipe()
    c.log_file = os.fdopen(write_end, "wb")
    c.process = subprocess.Popen(c.command(), cwd=ctl.folder, stderr=c.log_file,
                                 stdin=subprocess.DEVNULL)
    door.wait_for(c.is_up, "it to start")
    os.close(read_end)
    with c:
        agent = c.enrol()  # which is told
        equal(agent.post(door.report()).status, 200)


# ---- The end ----------------------------------------------------------------------------------


def test_what_was_begun_is_answered_before_it_ends(ctl):
    with door.Collector(ctl) as c:
        agent = c.enrol()
        say = request_bytes(door.report(counter=1))
        with c.connect(agent) as busy, c.connect(agent) as idle:
            busy.sendall(say[:-10])
            time.sleep(0.3)  # so that it is being read
            c.process.send_signal(signal.SIGTERM)
            door.wait_for(lambda: "stopping" in c.log(), "the signal to be seen")
            equal(c.receive(idle), b"")  # who asks for nothing is let go
            check(not is_open(c.port), "it still listens")
            c.process.send_signal(signal.SIGHUP)  # too late to matter
            busy.sendall(say[-10:])
            answer = busy.recv(4096)
            check(answer.startswith(b"HTTP/1.1 200") and b"Connection: close" in answer, answer)
        equal(c.process.wait(30), 0)
        check("drain-cut" not in c.log(), c.log())
        equal(c.rows("SELECT count(*) FROM report"), [(1,)])


def test_who_does_not_finish_is_waited_for_so_long_and_no_longer(ctl):
    with door.Collector(ctl, drain_timeout="2s") as c:
        agent = c.enrol()
        with c.connect(agent) as sock:
            sock.sendall(request_bytes(door.report())[:-10])
            time.sleep(0.3)
            began = time.monotonic()
            equal(c.end(), 0)
            check(1.5 < time.monotonic() - began < 20, time.monotonic() - began)
        check("drain-cut" in c.log(), c.log())


def test_asked_twice_it_ends_at_once(ctl):
    with door.Collector(ctl, drain_timeout="10m") as c:
        agent = c.enrol()
        with c.connect(agent) as sock:
            sock.sendall(request_bytes(door.report())[:-10])
            time.sleep(0.3)
            c.process.send_signal(signal.SIGTERM)
            door.wait_for(lambda: "stopping" in c.log(), "the signal to be seen")
            time.sleep(0.3)
            check(c.process.poll() is None, "it did not wait for the request")
            c.process.send_signal(signal.SIGINT)
            equal(c.process.wait(20), 0)
        equal(c.log().splitlines()[-1].split()[2], "stopped")


def test_a_signal_may_come_at_any_moment_of_the_start(ctl):
    c = door.Collector(ctl).install()
    for step in range(12):
        c.start(wait=False)
        time.sleep(step * 0.03)
        code = c.end()
        check(code in (0, -signal.SIGTERM), code, c.log())
    equal(sorted(p.name for p in pathlib.Path(ctl.folder).glob("store.db*")),
          ["store.db", "store.db.ca.key", "store.db.ca.pem", "store.db.key", "store.db.key.pub"])
    check(c.is_sound())


def test_a_store_that_is_well_again_is_told_without_a_report(ctl):
    """A balancer that sends nothing to a failing collector must see it recover."""
    with door.Collector(ctl) as c:
        agent = c.enrol()
        other = sqlite3.connect(c.path("store.db"), isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        equal(agent.post(door.report()).status, 503)
        equal(c.look("/healthz")[0], 503)
        other.execute("ROLLBACK")
        other.close()
        door.wait_for(lambda: c.look("/healthz")[0] == 200, "the store to be tried again")
        equal(c.rows("SELECT count(*) FROM machine"), [(0,)])


world.run_cases(globals())
