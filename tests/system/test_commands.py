"""What an administrator types: every command of fairuse-agent, what it prints, its exit codes, and
what it says of odd states. Where the probe or the look must see something rare, a stand-in
(fake_child.c) says it in their stead."""

import json
import os
import pathlib
import shutil
import socket
import subprocess
import sys
import time

import agent_messages as messages
import agent_world as lab
import ctl_world as world
import door_world
import uplink_world
from ctl_world import check, equal

OK, USAGE, DATA, NO_INPUT, NO_USER, UNAVAILABLE = 0, 64, 65, 66, 67, 69
CANNOT_CREATE, IO, TRY_AGAIN, PROTOCOL, NO_PERMISSION, CONFIG = 73, 74, 75, 76, 77, 78
CAPTURE_FAILED, KEYS_FAILED, MAILBOXES_FAILED, FOLDERS_ONLY, NAMES_FAILED = 0, 1, 2, 4, 8
SEEN_SOURCES = 1 << 1 | 1 << 2 | 1 << 3 | 1 << 4  # keyserver, nat, panel, interface
ADDRESS = "203.0.113.7"


def now_s():
    """On the clock that the agent's processes share."""
    return int(time.clock_gettime(time.CLOCK_BOOTTIME))


def fake(ctl, **says):
    """A folder with the programs of the build, but for those that say what they are told to:
    program="bytes"."""
    folder, build = ctl.path("bin"), pathlib.Path(ctl.program).parent
    folder.mkdir(exist_ok=True)
    for name in ("agent", "probe", "look", "uplink"):
        program = folder / f"fairuse-{name}"
        program.unlink(missing_ok=True)
        shutil.copy(build / ("fake_child" if name in says else program.name), program)
        if name in says:
            pathlib.Path(f"{program}.says").write_bytes(says[name])
    return folder


def stub_for(collector, handler, **more):
    return uplink_world.Stub(uplink_world.Authority.of(collector).issue(), handler, **more)


def refused(done, code, *said):
    equal((done.returncode, done.stdout), (code, ""), done)
    for word in said:
        check(word in done.stderr, word, done)


def probe_says(why="", lost=0, overruns=0, gaps=(), seen=()):
    """A probe that sees all, and what it says of one address."""
    at = now_s()
    said = [messages.encode("hello", sources=SEEN_SOURCES, why=why),
            messages.encode("address", address=ADDRESS, is_there=1, at_s=at)]
    said += [messages.encode("seen", source=source, address=ADDRESS, first_s=at, last_s=at,
                             packets=1) for source in seen]
    said += [messages.encode("gap", what=what, first_s=at, last_s=at, lost=n)
             for what, n in gaps]
    said += [messages.encode("pulse", at_s=at, packets=1000, packets_lost=lost, flows=3,
                             overruns=overruns, tracking="works")]
    return b"".join(said)


def license_says(number="PLSK.00000001", since=-86400):
    return messages.encode("license", license=number, version="0003", product="plesk-unified",
                           edition="web-pro", expires="2099-12-04", since_s=since)


def domain_says(name, **counts):
    return messages.encode("domain", domain=name, filtered=1, **counts)


def end_says(troubles=0, counted=1, why=""):
    return messages.encode("end", troubles=troubles, has_counted=counted, why=why)


# ---- The command line --------------------------------------------------------------------------


def test_help_and_version(ctl):
    agent = lab.Agent(ctl)
    for program in ("fairuse-agent", "fairuse-probe"):
        path = str(agent.programs / program)
        for words, said in ((["--help"], f"  {program} " if program == "fairuse-agent"
                             else "fairuse-probe run"), (["--version"], f"{program} 0.")):
            done = subprocess.run([path, *words], capture_output=True, text=True, check=False)
            equal((done.returncode, done.stderr), (0, ""), done)
            check(said in done.stdout, done)
            with open("/dev/full", "w") as full:
                done = subprocess.run([path, *words], stdout=full, stderr=subprocess.PIPE,
                                      text=True, check=False)
            equal(done.returncode, IO, done)
            check("standard output cannot be written" in done.stderr, done)


def test_a_word_too_many_or_too_few(ctl):
    agent = lab.Agent(ctl)
    for words, said in ((["history", "--format", "xml"], "text or json"),
                        (["history", "--since", "soon"], "must be a date"),
                        (["history", "yesterday"], "one too many: \"yesterday\""),
                        (["status", "--language", "de"], "must be en or nl"),
                        (["status", "--format", "xml"], "text or json"),
                        (["once", "--watch", "long"], "must be a duration up to 1d"),
                        (["once", "--watch", "25h"], "must be a duration up to 1d"),
                        (["probe"], "say which capture"),
                        (["probe", *["x"] * 513], "more than 512 words"),
                        (["enroll"], "say where")):
        refused(agent.run(*words), USAGE, said)
    # An option's value may stand behind a "=".
    refused(agent.run("history", "--format=xml"), USAGE, "text or json")
    # After "--" nothing is an option.
    refused(agent.run("history", "--", "--format"), USAGE, "one too many: \"--format\"")


def test_the_probes_own_command_line(ctl):
    program = str(pathlib.Path(ctl.program).parent / "fairuse-probe")
    for words, said in (([], "no command is given"), (["watch"], "no command \"watch\""),
                        (["run"], "either --listen or --descriptor"),
                        (["run", "--descriptor", "2"], "3 or more"),
                        (["replay"], "replay wants a FILE"),
                        (["replay", "a", "b"], "\"b\" is one too many"),
                        (["run", "--local", "203.0.113.0/24", "--descriptor", "3"],
                         "an option of replay stands behind run"),
                        (["replay", "--panel-port"], "wants a value"),
                        (["--colour"], "is no option here")):
        done = subprocess.run([program, *words], capture_output=True, text=True, check=False)
        refused(done, USAGE, said, "fairuse-probe")


def test_a_capture_is_looked_at_by_the_probe(ctl):
    """An empty one: its head alone (microseconds, Ethernet)."""
    agent = lab.Agent(ctl)
    empty = ctl.path("empty.pcap")
    empty.write_bytes(bytes.fromhex("d4c3b2a1020004000000000000000000ffff000001000000"))
    for words in (["--replay", empty], [f"--replay={empty}", "--local", "203.0.113.0/24"]):
        done = subprocess.run([str(agent.programs / "fairuse-agent"), "probe", *map(str, words)],
                              capture_output=True, text=True, check=False)
        equal((done.returncode, done.stdout, done.stderr), (0, "", ""), done)


def test_without_the_other_programs_it_says_which_is_missing(ctl):
    folder = fake(ctl)
    agent = lab.Agent(ctl, programs=folder)
    (folder / "fairuse-probe").unlink()
    refused(agent.run("probe", "--replay", "x"), UNAVAILABLE, "fairuse-probe")
    done = agent.put_key().run("once")  # it does without, and says so
    equal(done.returncode, 0, done)
    check("no probe: " in done.stderr and "fairuse-probe" in done.stderr, done)
    equal([x["license"] for x in json.loads(done.stdout)["licenses"]], ["PLSK.00000001"])
    (folder / "fairuse-look").unlink()
    refused(agent.run("once"), UNAVAILABLE, "fairuse-look")


# ---- The probe's line --------------------------------------------------------------------------


class Line:
    """A keeper's end of a probe's socket."""

    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.socket.settimeout(lab.NOBODY_WAITS_LONGER)
        self.socket.connect(str(path))

    def hear(self):
        """The next message; None when the probe has ended the line."""
        try:
            data = self.socket.recv(5000)
        except ConnectionResetError:
            return None
        return messages.decode(data)[0] if data else None

    def say(self, data):
        self.socket.send(data)
        return self

    def wait_end(self):
        while self.hear():
            pass
        self.socket.close()


def test_the_probe_hears_one_keeper_and_no_nonsense(ctl):
    """Whoever says what makes no sense is put out, and whoever comes next is heard."""
    os.chmod(ctl.folder, 0o755)
    agent, path = lab.Agent(ctl), ctl.path("probe.sock")
    log = ctl.path("probe.log")
    watched = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    watched.bind(str(ctl.path("notify")))
    watched.settimeout(lab.NOBODY_WAITS_LONGER)
    with open(log, "wb") as file:
        probe = subprocess.Popen(
            [str(agent.programs / "fairuse-probe"), "run", "-c", str(agent.config), "--listen",
             str(path)], stderr=file,
            env={**agent.environment(), "NOTIFY_SOCKET": str(ctl.path("notify")),
                 "WATCHDOG_USEC": "1000000"})

    def wait_logged(word):
        lab.wait_for(lambda: word in log.read_text(), f"{word} in {log.read_text()}")
    try:
        lab.wait_for(path.exists, "the socket")
        equal(watched.recv(100), b"READY=1")
        equal(watched.recv(100), b"WATCHDOG=1")
        first = Line(path)
        equal(first.hear()["kind"], "hello")
        target = messages.encode("target", address="192.0.2.1", port=443)
        for said, why in ((b"\x63\0\0\0", "keeper-gone"), (target + target, "bytes left over"),
                          (license_says(), "keeper-gone"), (target[:-1], "keeper-gone"),
                          (b"x" * 4500, "a message is too long")):
            Line(path).say(said).wait_end()
            wait_logged(why)
        first.wait_end()  # another one came
        wait_logged("another one came")
        most = Line(path)
        for port in range(1, 130):  # 128 are held
            most.say(messages.encode("target", address="192.0.2.1", port=port))
        most.say(end_says())
        wait_logged("targets-cut held=128")
        os.chmod(path, 0o666)
        stranger = ("import socket, sys; s = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET);"
                    " s.settimeout(60); s.connect(sys.argv[1]); sys.exit(len(s.recv(100)))")
        done = subprocess.run(["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups",
                               sys.executable, "-c", stranger, str(path)], check=False,
                              timeout=lab.NOBODY_WAITS_LONGER)
        equal(done.returncode, 0, "it is told nothing")
        wait_logged("stranger uid=")
        most.say(end_says())  # the other one is still heard
    finally:
        probe.terminate()
        equal(probe.wait(lab.NOBODY_WAITS_LONGER), 0, log.read_text())
        watched.close()


# ---- once --------------------------------------------------------------------------------------


def test_once_prints_all_that_probe_and_look_say(ctl):
    folder = fake(ctl, probe=probe_says("no packets are seen: it may not",
                                        gaps=[("conntrack", 4)], seen=["keyserver", "panel"]),
                  look=license_says() + domain_says("a.example", mailboxes=7, aliases=2) +
                  domain_says("b.example", mailboxes=1, catch_all=1) +
                  messages.encode("gap", what="mailboxes", first_s=now_s(), last_s=now_s(),
                                  lost=3) + end_says())
    agent = lab.Agent(ctl, programs=folder, observe=["keyserver", "nat", "panel", "interface"])
    before = int(time.time())
    done = agent.run("once")
    after = int(time.time())
    equal(done.returncode, 0, done)
    check("not everything can be seen: no packets are seen: it may not" in done.stderr, done)
    report = json.loads(done.stdout)
    equal(sorted((s["license"], s["address"], s["source"]) for s in report["sightings"]),
          [("PLSK.00000001", ADDRESS, source) for source in ("interface", "keyserver", "panel")])
    for s in report["sightings"]:
        check(before - 5 <= s["first"] <= s["last"] <= after + 1, s, before, after)
    equal([(m["domain"], m["mailboxes"], m["aliases"], m["catch_all"], m["filtered"])
           for m in report["mailboxes"]],
          [("a.example", 7, 2, False, True), ("b.example", 1, 0, True, True)])
    equal(sorted((g["what"], g["lost"]) for g in report["gaps"]),
          [("conntrack", 4), ("mailboxes", 3)])


def test_once_says_what_the_look_could_not_do(ctl):
    """Which keys are there is not known: then it says none, and that nothing was seen."""
    folder = fake(ctl, probe=probe_says(),
                  look=license_says() + end_says(KEYS_FAILED | MAILBOXES_FAILED, 0,
                                                 "the keys cannot be read: it hurts"))
    done = lab.Agent(ctl, programs=folder).run("once")
    equal(done.returncode, 0, done)
    check("the keys cannot be read: it hurts" in done.stderr, done)
    report = json.loads(done.stdout)
    equal((report.get("licenses", []), report.get("sightings", [])), ([], []))
    equal(sorted(g["what"] for g in report["gaps"]), ["capture", "mailboxes"])


def test_once_believes_no_nonsense(ctl):
    for said, why in ((b"\x63\0\0\1x", "said what makes no sense"),
                      (license_says()[:20], "ended in the middle of a message")):
        folder = fake(ctl, probe=probe_says(), look=said)
        done = lab.Agent(ctl, f"agent-{len(said)}", programs=folder).run("once")
        refused(done, UNAVAILABLE, "fairuse-look", why)


# ---- enroll ------------------------------------------------------------------------------------


def test_each_way_an_enrolment_fails_has_its_exit_code(ctl):
    def by_code(status):
        return lambda request: request.answer(
            status, b'{"error":{"code":"x","message":"no"}}')
    with door_world.Collector(ctl) as collector:
        agent, token = lab.Agent(ctl), collector.token()

        def enrol(port, data=None, *words):
            return agent.run("enroll", f"https://localhost:{port}", *words,
                             data=token + "\n" if data is None else data)
        for status, code in ((400, NO_PERMISSION), (403, NO_PERMISSION), (503, TRY_AGAIN)):
            with stub_for(collector, by_code(status)) as stub:
                refused(enrol(stub.port), code, f"localhost:{stub.port}")
        free = socket.create_server(("127.0.0.1", 0))
        port = free.getsockname()[1]
        free.close()
        refused(enrol(port), UNAVAILABLE, f"localhost:{port}")
        ctl.path("other").mkdir()
        other = uplink_world.Authority(ctl.path("other"))
        with uplink_world.Stub(other.issue(), by_code(200)) as stub:
            refused(enrol(stub.port), PROTOCOL)
        refused(enrol(collector.port, " \n"), DATA, "there is no token")
        refused(enrol(collector.port, "x" * 600), IO, "the token")
        refused(enrol(collector.port, "", "--token-file", ctl.path("none")), NO_INPUT, "none")
        agent.settings["user"] = "nobody-of-that-name"
        agent.settings["state"] = str(agent.folder / "another")
        agent.write_config()
        refused(enrol(collector.port), NO_USER, "useradd --system nobody-of-that-name")
        agent.settings.update(user="root", state=str(agent.folder / "no" / "state"))
        agent.write_config()
        refused(enrol(collector.port), CANNOT_CREATE, "no/state")
        agent.settings["state"] = str(agent.state)
        agent.write_config()
        check("the identity is good until" in agent.must(
            "enroll", f"https://localhost:{collector.port}", data=token + "\n"))
        refused(enrol(collector.port, collector.token()), IO, "--replace")
        agent.must("enroll", f"https://localhost:{collector.port}", "--replace",
                   data=collector.token())


# ---- reset-identity ----------------------------------------------------------------------------


def test_what_waits_is_not_thrown_away_by_mistake(ctl):
    with door_world.Collector(ctl) as collector:
        agent = lab.Agent(ctl, lab_networks=door_world.LAB,
                          programs=fake(ctl, probe=probe_says(),
                                        look=license_says() + end_says())).enrol(collector)
        with agent:
            agent.wait_sent()
            refused(agent.run("reset-identity"), TRY_AGAIN, "the agent is running")
            collector.end()
            count = "SELECT count(*) FROM stretch WHERE place < 2"
            lab.wait_for(lambda: agent.rows(count)[0][0] > 0, "something that waits")
        refused(agent.run("reset-identity"), TRY_AGAIN, "wait to be sent", "--discard-unsent")
        for name in ("spool.db.broken-1700000000", "identity.pem.abcdef"):
            (agent.state / name).write_text("left over")
        said = agent.must("reset-identity", "--discard-unsent")
        for name in ("identity.pem", "authority.pem", "collector", "spool.db",
                     "spool.db.broken-1700000000", "identity.pem.abcdef"):
            check(f"removed {agent.state / name}\n" in said, name, said)
        equal([p.name for p in agent.state.iterdir()], [])
        equal(agent.must("reset-identity"), "", "there is nothing left")
        (agent.state / "spool.db").mkdir()  # what cannot be removed is said
        done = agent.run("reset-identity", "--discard-unsent")
        equal((done.returncode, done.stdout), (IO, ""), done)


# ---- status and history ------------------------------------------------------------------------


def test_what_was_lost_and_what_is_not_seen_is_told_in_two_languages(ctl):
    with door_world.Collector(ctl) as collector:
        agent = lab.Agent(
            ctl, lab_networks=door_world.LAB, count_mailboxes=True, count="1m",
            programs=fake(
                ctl, probe=probe_says("no translation is seen: it may not", 5, 2,
                                      [("capture", 5)], ["keyserver"]),
                look=license_says() + domain_says("a.example", mailboxes=7, catch_all=1) +
                end_says(FOLDERS_ONLY, 1, "counted in folders: no database")))
        agent.enrol(collector)
        with agent:
            agent.wait_sent()
            lab.wait_for(lambda: agent.status()["probe"]["packets_lost"] == 5, "the pulse")
            lab.wait_for(lambda: any("domain" in line for line in agent.history()), "a count")
            english, dutch = (agent.must("status", "--language", x) for x in ("en", "nl"))
            for text, words in (
                    (english, ("5 packets and 2 times events were lost", "were counted on")),
                    (dutch, ("5 pakketten en 2 maal meldingen gemist", "zijn geteld op"))):
                for word in ("no translation is seen: it may not",
                             "counted in folders: no database", *words):
                    check(word in text, word, text)
            lab.wait_for(lambda: "keyserver" in agent.must("history"), "what was sent")
            history = agent.must("history")
        check(f"PLSK.00000001  {ADDRESS}  keyserver" in history, history)
        check("a.example  mailboxes=7" in history and "catch-all" in history, history)
        check("gap capture lost=5" in history, history)
        done = agent.run("status")
        equal(done.returncode, UNAVAILABLE, done)
        check("The agent is not running" in done.stdout, done)


def test_what_may_not_be_read_is_said(ctl):
    agent = lab.Agent(ctl)
    refused(agent.run("history"), UNAVAILABLE, "has not run on this server yet")
    agent.state.mkdir(mode=0o700)
    (agent.state / "spool.db").write_bytes(b"no database at all" * 100)
    refused(agent.run("history"), IO, "spool.db")
    refused(agent.run("status"), IO, "spool.db")
    os.chmod(ctl.folder, 0o755)
    agent.programs = fake(ctl)
    agent.wrapper = ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups"]
    for command in ("history", "status", "reset-identity"):
        refused(agent.run(command), NO_PERMISSION, "spool.db")


# ---- The daemon --------------------------------------------------------------------------------


def test_a_licence_that_is_refused_keeps_nothing_else_out(ctl):
    """The collector's fault names an entry of `licenses`: it is left out until the next look."""
    with door_world.Collector(ctl) as collector:
        bodies = []

        def refuse_second(request):
            body = json.loads(request.body)
            numbers = [x["license"] for x in body["licenses"]]
            bodies.append(numbers)
            if "PLSK.00000002" in numbers:
                at = f"/licenses/{numbers.index('PLSK.00000002')}/version"
                request.answer(400, json.dumps({"error": {"code": "bad-value", "message": "no",
                                                          "at": at}}).encode())
            else:
                request.answer(200, uplink_world.ACCEPTED)
        agent = lab.Agent(ctl, lab_networks=door_world.LAB, programs=fake(
            ctl, probe=probe_says(),
            look=license_says() + license_says("PLSK.00000002") + end_says())).enrol(collector)
        with stub_for(collector, refuse_second) as stub:
            agent.settings["collectors"] = [f"https://localhost:{stub.port}"]
            agent.write_config()
            with agent:
                agent.wait_sent()
        equal(bodies[:2], [["PLSK.00000001", "PLSK.00000002"], ["PLSK.00000001"]])
        check("report-refused" in agent.log(), agent.log())


def test_a_spool_that_is_taken_away_is_made_anew(ctl):
    """Its rows are gone; the agent says from when to when, and goes on as another machine."""
    with door_world.Collector(ctl) as collector:
        agent = lab.Agent(ctl, lab_networks=door_world.LAB, programs=fake(
            ctl, probe=probe_says(), look=license_says() + end_says())).enrol(collector)
        with agent:
            agent.wait_sent()
            for path in agent.state.glob("spool.db*"):
                path.unlink()
            lab.wait_for(lambda: "spool-failed" in agent.log(), "that it is noticed")
            lab.wait_for(lambda: len(collector.rows("SELECT * FROM machine")) == 2,
                         "another machine: " + agent.log())
            lab.wait_for(lambda: collector.rows("SELECT * FROM gap"), "a gap")
        equal(agent.log().count("spool-failed") >= 1, True)


def test_what_needs_a_restart_is_refused_by_a_reload(ctl):
    agent = lab.Agent(ctl).put_key()
    with agent:
        agent.settings["observe"] = ["interface", "keyserver"]
        agent.write_config()
        agent.process.send_signal(1)
        lab.wait_for(lambda: "need a restart" in agent.log(), "a refusal: " + agent.log())


def test_the_identity_is_renewed_in_time(ctl):
    """At two thirds of its time: this one began 61 days ago and ends in 29."""
    day, now = 86400, int(time.time())
    said = messages.encode("result", outcome="done", status=200, identity_from=now - 61 * day,
                           identity_to=now + 29 * day)
    with lab.Agent(ctl, programs=fake(ctl, uplink=said)).put_key() as agent:
        lab.wait_for(lambda: "identity-renewed" in agent.log(), "a renewal")
        last = time.strftime("%-d %B %Y", time.gmtime(now + 29 * day))
        check(f"identity good until {last}" in agent.must("status"), agent.must("status"))


def test_an_identity_that_is_good_for_long_is_left_alone(ctl):
    """It began 59 days ago and ends in 31: three rounds, and none of them renews it."""
    day, now = 86400, int(time.time())
    said = messages.encode("result", outcome="done", status=200, identity_from=now - 59 * day,
                           identity_to=now + 31 * day)
    with lab.Agent(ctl, programs=fake(ctl, uplink=said)).put_key() as agent:
        sent = 0
        for _ in range(3):
            sent = agent.wait_sent(after=sent)
        check("renewed" not in agent.log(), agent.log())


if __name__ == "__main__":
    world.run_cases(globals())
