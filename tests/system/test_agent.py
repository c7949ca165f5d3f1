"""The agent from its enrolment to its evidence, as its user runs it, beside a real collector."""

import json
import os
import pathlib
import random
import re
import shutil
import signal
import subprocess
import time

import agent_world as lab
import ctl_world as world
import door_world
import uplink_world
from ctl_world import check, equal

# The machine's own addresses count as public here, whatever they are.
HOME = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "169.254.0.0/16",
        "192.0.2.0/24", "fd00::/19"]
USAGE, UNAVAILABLE, TRY_AGAIN, CONFIG = 64, 69, 75, 78


def own_addresses():
    """What an agent here should see on interfaces: all but loopback and link-local IPv6."""
    links = json.loads(subprocess.run(["ip", "-j", "addr"], check=True, capture_output=True,
                                      text=True).stdout)
    return sorted({a["local"] for link in links if "LOOPBACK" not in link["flags"]
                   for a in link["addr_info"] if a["scope"] == "global"})


def enrolled(ctl, collector, name="agent", **settings):
    agent = lab.Agent(ctl, name, lab_networks=door_world.LAB + HOME, **settings)
    return agent.put_key().enrol(collector)


def stub_for(collector, handler, **more):
    return uplink_world.Stub(uplink_world.Authority.of(collector).issue(), handler, **more)


def held(collector):
    """{(licence code, server's machines, source)} … as rows of the collector's store."""
    return collector.rows("SELECT source, count(*), min(first), max(last) FROM sighting"
                          " GROUP BY source")


def test_an_agent_enrols_reports_and_keeps_the_evidence(ctl):
    with door_world.Collector(ctl) as collector:
        with enrolled(ctl, collector) as agent:
            agent.wait_sent()
            first = agent.sent()
            agent.wait_sent(after=first + 1)
            status = agent.status()
        equal(status["is_running"], True)
        equal([(x["license"], x["version"], x["edition"], x["expires"])
               for x in status["licenses"]],
              [("PLSK.00000001", "0003", "web-pro", "2099-12-04")])
        equal(sorted(x["address"] for x in status["addresses"]), own_addresses())
        equal(status["held"]["set_aside"], 0)
        sources = {row[0] for row in held(collector)}
        equal(sources, {0, 4} if own_addresses() else {0}, "peer and interface")
        equal(collector.rows("SELECT count(DISTINCT machine) FROM sighting")[0][0], 1)
        evidence = [x for x in agent.history() if "address" in x]
        equal(sorted({x["address"] for x in evidence}), own_addresses())
        equal({x["license"] for x in evidence}, {"PLSK.00000001"} if own_addresses() else set())


def test_each_start_is_a_machine_of_one_server(ctl):
    """A snapshot or a clone is evidence, never a lock-out."""
    with door_world.Collector(ctl) as collector:
        agent = enrolled(ctl, collector)
        for _ in range(2):
            with agent:
                agent.wait_sent(after=int(time.time()) - 1)
            time.sleep(1.1)
        shutil.copytree(agent.folder, ctl.path("clone"))
        clone = lab.Agent.__new__(lab.Agent)
        clone.__dict__.update(agent.__dict__)
        clone.folder, clone.state = ctl.path("clone"), ctl.path("clone") / "state"
        clone.config = clone.folder / "agent.conf"
        clone.settings = {**agent.settings, "state": str(clone.state)}
        clone.write_config()
        with clone:
            clone.wait_sent(after=int(time.time()) - 1)
        equal(collector.rows("SELECT count(DISTINCT machine) FROM sighting WHERE source = 0"),
              [(3,)])
        equal(collector.rows("SELECT count(*) FROM server WHERE name LIKE 'srv-%'"), [(1,)])


def test_nothing_is_lost_while_the_collector_is_away(ctl):
    with door_world.Collector(ctl) as collector:
        with enrolled(ctl, collector) as agent:
            agent.wait_sent()
            before = agent.sent()
            collector.end()
            time.sleep(4)
            away = agent.status()
            check(away["held"]["waiting"] > 0, away)
            check(away["collector"]["failures"] > 0, away)
            collector.start()
            agent.wait_sent(after=before + 3)
            lab.wait_for(lambda: agent.status()["held"]["waiting"] <= 20, "the rest to be sent")
        if own_addresses():
            # One stretch without a hole, over the whole time.
            rows = collector.rows("SELECT address, first, last FROM sighting WHERE source = 4")
            equal(len(rows), len(own_addresses()), rows)
            check(all(last - first >= 4 for _, first, last in rows), rows)


def test_killed_at_any_moment_it_loses_nothing_that_it_held(ctl):
    seed = random.randrange(1 << 32)
    print("seed", seed)
    chance = random.Random(seed)
    with door_world.Collector(ctl) as collector:
        agent = enrolled(ctl, collector)
        kept = set()
        for _ in range(8):
            agent.start()
            time.sleep(chance.uniform(0.3, 2.5))
            agent.end(signal.SIGKILL)
            kept |= {(bytes(a), s) for a, s in
                     agent.rows("SELECT DISTINCT address, source FROM sighting")} \
                if has_table(agent, "sighting") else set()
        with agent:
            agent.wait_sent(after=int(time.time()))
            lab.wait_for(lambda: agent.status()["held"]["waiting"] <= 20, "all to be sent")
        check("broken" not in agent.log(), agent.log())
        there = {(bytes(a), s) for a, s in
                 collector.rows("SELECT DISTINCT address, source FROM sighting")}
        check(kept <= there, kept - there)
        equal(collector.rows("SELECT count(*) FROM fork"), [(0,)], "no counter came twice")


def has_table(agent, name):
    return agent.rows("SELECT count(*) FROM sqlite_master WHERE name = ?", name)[0][0] == 1


def kill_child(agent, name):
    pid = agent.children().get(name)
    try:
        if pid:
            os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return None
    return pid


def test_children_that_are_killed_are_started_again(ctl):
    with door_world.Collector(ctl) as collector:
        with enrolled(ctl, collector) as agent:
            agent.wait_sent()
            probe = agent.children()["fairuse-probe"]
            os.kill(probe, signal.SIGKILL)
            lab.wait_for(lambda: agent.children().get("fairuse-probe", probe) != probe,
                         "another probe")
            killed = {"fairuse-look": 0, "fairuse-uplink": 0}
            until = time.monotonic() + 5
            while time.monotonic() < until:
                for name, pid in agent.children().items():
                    if name in killed:
                        try:
                            os.kill(pid, signal.SIGKILL)
                            killed[name] += 1
                        except ProcessLookupError:
                            pass
                time.sleep(0.01)
            check(killed["fairuse-look"] > 0, killed)
            # One that sends is there again only when a round that failed has waited.
            lab.wait_for(lambda: kill_child(agent, "fairuse-uplink"), "an uplink to kill")
            agent.wait_sent(after=int(time.time()))
        gaps = collector.rows("SELECT count(*) FROM gap WHERE what = 0")
        check(gaps[0][0] > 0, "a time without a probe is a gap")


def test_what_a_collector_lost_is_sent_again_once_an_hour(ctl):
    """As long as it still lacks something the same report is named to it, also after a kill."""
    lost = []

    def answer(request):
        request.answer(200, {**uplink_world.ACCEPTED, **({"resend": True} if lost else {})})

    def wait_requests(count):
        lab.wait_for(lambda: len(stub.requests) >= count, f"{count} reports", 90)

    def named(request):
        return request.header("fairuse-acknowledged")

    def first_seen(requests):
        return min(x["first"] for r in requests for x in json.loads(r.body)["sightings"])
    with door_world.Collector(ctl) as collector:
        agent = enrolled(ctl, collector)
        with stub_for(collector, answer) as stub:
            agent.settings["collectors"] = [f"https://localhost:{stub.port}"]
            agent.write_config()
            agent.start()
            wait_requests(4)
            bodies = [json.loads(r.body) for r in stub.requests[:4]]
            equal([named(r) for r in stub.requests[:4]],
                  [[]] + [[f"{b['boot_id']} {b['counter']}"] for b in bodies[:3]])
            check("resend" not in agent.log(), agent.log())
            count = len(stub.requests)
            lost.append(True)
            lab.wait_for(lambda: "resend rows=" in agent.log(), "all to wait again", 90)
            wait_requests(len(stub.requests) + 5)
            said = {tuple(named(r)) for r in stub.requests[-3:]}
            agent.end(signal.SIGKILL)
            equal((len(said), agent.log().count("resend rows=")), (1, 1), "within the hour", said)
            killed = len(stub.requests)
            agent.start()
            wait_requests(killed + 3)
            equal(tuple(named(stub.requests[killed])), said.pop())
            lab.wait_for(lambda: agent.log().count("resend rows=") == 2, "the new process", 90)
            agent.end()
            if own_addresses():
                begin = first_seen(stub.requests[:count])
                check(first_seen(stub.requests[count + 1:killed]) == begin, begin)


def test_a_collector_that_refuses_everything_costs_nothing_but_a_day(ctl):
    """400 to all: each report is set aside, the spool stays small, nothing is forgotten."""
    def refuse(request):
        request.answer(400, {"error": {"code": "bad-value", "message": "not today", "at": ""}})
    with door_world.Collector(ctl) as collector:
        agent = enrolled(ctl, collector)
        with stub_for(collector, refuse) as stub:
            agent.settings["collectors"] = [f"https://localhost:{stub.port}"]
            agent.write_config()
            with agent:
                lab.wait_for(lambda: len(stub.requests) >= 4, "some reports", 90)
                status = agent.status()
            counters = [json.loads(r.body)["counter"] for r in stub.requests]
            equal(counters, sorted(set(counters)), "each body has a counter of its own")
        check("report-refused" in agent.log(), agent.log())
        check(status["held"]["set_aside"] > 0 or not own_addresses(), status)
        check("not today" in (status["held"]["set_aside_why"] or ""), status)
        check((agent.state / "spool.db").stat().st_size < 1 << 20)


def test_one_bad_entry_is_set_aside_alone(ctl):
    def refuse_first_sighting(request):
        body = json.loads(request.body)
        if body.get("sightings"):
            request.answer(400, {"error": {"code": "bad-value", "message": "no",
                                           "at": "/sightings/0/address"}})
        else:
            request.answer(200, uplink_world.ACCEPTED)
    if len(own_addresses()) < 1:
        print("skipped: this machine has no address but loopback")
        return
    with door_world.Collector(ctl) as collector:
        agent = enrolled(ctl, collector)
        with stub_for(collector, refuse_first_sighting) as stub:
            agent.settings["collectors"] = [f"https://localhost:{stub.port}"]
            agent.write_config()
            with agent:
                agent.wait_sent()
                lab.wait_for(lambda: agent.status()["held"]["set_aside"] >= 1, "an entry aside")


def fill(path):
    """A file as large as the disk takes."""
    with open(path, "wb", buffering=0) as filler:
        try:
            while True:
                filler.write(b"x" * 4096)
        except OSError:
            pass


def test_a_full_disk_is_waited_for(ctl):
    agent = None
    with door_world.Collector(ctl) as collector:
        disk = ctl.path("disk")
        disk.mkdir()
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=4m,mode=0755", "tmpfs", disk],
                       check=True)
        try:
            agent = lab.Agent(ctl, lab_networks=door_world.LAB + HOME, state=str(disk / "state"))
            agent.state = disk / "state"
            agent.put_key().enrol(collector)
            with agent:
                agent.wait_sent()
                fill(disk / "filler")
                time.sleep(5)
                equal(agent.process.poll(), None, agent.log())
                (disk / "filler").unlink()
                agent.wait_sent(after=int(time.time()))
            check("spool-broken" not in agent.log(), agent.log())
        finally:
            subprocess.run(["umount", "-l", disk], check=False)
        if own_addresses():
            rows = collector.rows("SELECT address, first, last FROM sighting WHERE source = 4")
            equal(len(rows), len(own_addresses()), "one stretch each, over the full disk's time")


def test_a_spool_that_broke_is_set_aside_and_told_of(ctl):
    with door_world.Collector(ctl) as collector:
        agent = enrolled(ctl, collector)
        with agent:
            agent.wait_sent()
        (agent.state / "spool.db").write_bytes(b"this is no database, but 40 bytes of text")
        with agent:
            agent.wait_sent(after=int(time.time()))
        check("spool-broken" in agent.log(), agent.log())
        check(list(agent.state.glob("spool.db.broken-*")), list(agent.state.iterdir()))
        lab.wait_for(lambda: collector.rows("SELECT count(*) FROM gap WHERE what = 2")[0][0] > 0,
                     "the gap to be known")


def test_warnings_are_read_in_both_languages(ctl):
    """3 October 2026 is 1790985600, 17 October 1792195200."""
    def warn(request):
        licenses = [{"license": "PLSK.00000001", "state": "potential",
                     "kinds": ["extra-ip", "outside"], "since": 1790985600,
                     "confirms_at": 1792195200}]
        request.answer(200, {**uplink_world.ACCEPTED, "licenses": licenses})
    with door_world.Collector(ctl) as collector:
        agent = enrolled(ctl, collector)
        with stub_for(collector, warn) as stub:
            agent.settings["collectors"] = [f"https://localhost:{stub.port}"]
            agent.write_config()
            with agent:
                agent.wait_sent()
                english = agent.must("status", "--language", "en")
                dutch = agent.must("status", "--language", "nl")
    check("PLSK.00000001 is also in use elsewhere since 3 October 2026; will be charged from "
          "17 October 2026 unless" in english, english)
    check("outside your own networks since 3 October 2026" in english, english)
    check("PLSK.00000001 is sinds 3 oktober 2026 ook elders in gebruik; wordt vanaf 17 oktober "
          "2026 in rekening gebracht, tenzij" in dutch, dutch)


def test_what_the_collector_wants_holds_and_survives_a_restart(ctl):
    def answer(request):
        request.answer(200, {**uplink_world.ACCEPTED,
                             "settings": {"interval": 2, "mx_suffixes": ["mx.example.net"],
                                          "key_servers": ["198.51.100.9:443"]}})
    with door_world.Collector(ctl) as collector:
        agent = enrolled(ctl, collector, interval="0s")
        with stub_for(collector, answer) as stub:
            agent.settings["collectors"] = [f"https://localhost:{stub.port}"]
            agent.write_config()
            with agent:
                agent.wait_sent(seconds=120)
                lab.wait_for(lambda: len(stub.requests) >= 3, "reports each two seconds")
            count = len(stub.requests)
            with agent:  # 15 minutes would be the default
                lab.wait_for(lambda: len(stub.requests) >= count + 2, "the same again")


def test_clock_jumps_move_nothing_that_was_seen(ctl):
    """The wall clock of all the agent's processes is set a day ahead, a day back, and right
    again."""
    offset = ctl.path("offset")
    lab.set_clock(offset, 0)
    with door_world.Collector(ctl) as collector:
        agent = enrolled(ctl, collector)
        agent.programs = lab.shifted_programs(ctl, offset)
        started = time.time()
        with agent:
            agent.wait_sent()
            for jump in (86400, -86400, 0):
                lab.set_clock(offset, jump)
                sent = len(collector.rows("SELECT * FROM report"))
                lab.wait_for(lambda: len(collector.rows("SELECT * FROM report")) >= sent + 3,
                             f"reports with the clock {jump} off: {agent.log()}")
        ended = time.time()
        rows = collector.rows("SELECT source, first, last FROM sighting")
        equal({row[0] for row in rows}, {0, 4} if own_addresses() else {0})
        for source, first, last in rows:
            check(started - 3 <= first <= last <= ended + 3, source, first, last, started, ended)
        check("report-refused" not in agent.log(), agent.log())


def test_as_root_it_supervises_two_that_have_no_right(ctl):
    """Without systemd: a probe and a keeper, each under its own user, started again when killed."""
    socket = ctl.path("probe.sock")
    bin_folder = ctl.path("bin")
    with door_world.Collector(ctl) as collector:
        for folder in (ctl.folder, str(ctl.path("."))):
            os.chmod(folder, 0o755)
        shutil.copytree(pathlib.Path(ctl.program).parent, bin_folder,
                        ignore=lambda _, names: [n for n in names
                                                 if not n.startswith("fairuse-")])
        agent = lab.Agent(ctl, programs=bin_folder, user="nobody", probe_user="daemon",
                          lab_networks=door_world.LAB + HOME,
                          observe=["keyserver", "nat", "panel", "interface"])
        agent.put_key().enrol(collector)
        equal(agent.state.owner(), "nobody")
        agent.log_file = open(agent.folder / "log", "ab")
        agent.process = subprocess.Popen(
            agent.command("run", "--probe-socket", socket), stderr=agent.log_file,
            env=agent.environment())
        try:
            agent.wait_sent()
            for name, user in (("fairuse-probe", "daemon"), ("fairuse-agent", "nobody")):
                pid = agent.children()[name]
                said = pathlib.Path(f"/proc/{pid}/status").read_text()
                equal(re.search(r"CapEff:\t(\w+)", said).group(1), "0" * 16, name)
                equal(re.search(r"CapPrm:\t(\w+)", said).group(1), "0" * 16, name)
                check("NoNewPrivs:\t1" in said and "Seccomp:\t2" in said, name, said)
                equal(pathlib.Path(f"/proc/{pid}").owner() in ("root", user), True)
                equal(re.search(r"Uid:\t(\d+)", said).group(1) != "0", True, name)
            check("keyserver" in json.dumps(agent.status()["probe"]["sources"]), agent.status())
            # A second one would believe this one's probe, whatever network that sees.
            second = lab.Agent(ctl, "second", programs=bin_folder, user="nobody",
                               probe_user="daemon", observe=["keyserver", "interface"])
            refused = second.run("run", "--probe-socket", socket)
            equal(refused.returncode, 75, refused.stderr)
            check("another agent's probe" in refused.stderr, refused.stderr)
            for name in ("fairuse-probe", "fairuse-agent"):
                pid = agent.children()[name]
                os.kill(pid, signal.SIGKILL)
                lab.wait_for(lambda: agent.children().get(name, pid) != pid, f"{name} again")
                agent.wait_sent(after=int(time.time()))
        finally:
            code = agent.end()
        equal(code, 0, agent.log())
        # Asked while it ends: nobody is left behind.
        left = subprocess.run(["pgrep", "-f", str(bin_folder)], capture_output=True, text=True,
                              check=False).stdout
        equal(left, "")


def test_killed_as_root_it_leaves_nobody_behind(ctl):
    """Nobody would end those two, and the probe would keep its socket from the next one."""
    bin_folder = ctl.path("bin")
    os.chmod(ctl.folder, 0o755)
    shutil.copytree(pathlib.Path(ctl.program).parent, bin_folder,
                    ignore=lambda _, names: [n for n in names if not n.startswith("fairuse-")])
    agent = lab.Agent(ctl, programs=bin_folder, user="nobody", probe_user="daemon",
                      observe=["keyserver", "interface"])
    agent.start("--probe-socket", ctl.path("probe.sock"))
    wanted = {"fairuse-probe", "fairuse-agent"}
    lab.wait_for(lambda: wanted <= set(agent.children()), "both")
    lab.wait_for(lambda: "probe-here" in agent.log(), "the probe to listen: " + agent.log())
    both = [agent.children()[name] for name in wanted]
    agent.end(signal.SIGKILL)
    try:
        lab.wait_for(lambda: not any(map(is_alive, both)), "their end")
    finally:
        for pid in filter(is_alive, both):
            os.kill(pid, signal.SIGKILL)


def is_alive(pid):
    try:
        return ") Z " not in pathlib.Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False


def test_without_any_right_it_sees_interfaces_and_reports(ctl):
    """The profile that asks for nothing: an ordinary user, no capability."""
    bin_folder = ctl.path("bin")
    os.chmod(ctl.folder, 0o755)
    with door_world.Collector(ctl) as collector:
        shutil.copytree(pathlib.Path(ctl.program).parent, bin_folder,
                        ignore=lambda _, names: [n for n in names
                                                 if not n.startswith("fairuse-")])
        agent = lab.Agent(ctl, programs=bin_folder, lab_networks=door_world.LAB + HOME)
        agent.put_key()
        for path in (agent.folder, agent.keys, agent.keys / "key1"):
            shutil.chown(path, "nobody")
        agent.wrapper = ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups",
                         "--bounding-set=-all", "--no-new-privs"]
        agent.enrol(collector)
        with agent:
            agent.wait_sent()
            equal(agent.status()["probe"]["sources"], ["interface"])
        equal({row[0] for row in held(collector)}, {0, 4} if own_addresses() else {0})


def test_once_prints_the_exact_report_and_sends_nothing(ctl):
    agent = lab.Agent(ctl, lab_networks=door_world.LAB + HOME).put_key()
    report = json.loads(agent.must("once"))
    equal((report["format"], report["counter"], report["live"]), (1, 1, True))
    equal([x["license"] for x in report["licenses"]], ["PLSK.00000001"])
    equal(sorted(x["address"] for x in report.get("sightings", [])), own_addresses())
    check(not agent.state.exists() or not list(agent.state.iterdir()), "it touches no file")
    # The collector takes it as it is.
    ctl.must("store", "init")
    world.Scene().reseller("r1").license(1, "r1").install(ctl)
    now = int(time.time())
    world.write_lines(ctl.path("r.jsonl"),
                      [{"server": "srv-1", "sent_at": now, "received_at": now,
                        "peer": "203.0.113.9", "report": report}])
    ctl.must("import", "reports", "r.jsonl")


def test_the_update_ticket_leaves_no_trace(ctl):
    with door_world.Collector(ctl) as collector:
        agent = enrolled(ctl, collector)
        said = agent.must("once")
        with agent:
            agent.wait_sent()
            said += agent.must("status") + agent.must("history")
        said += agent.log()
        check(lab.TICKET not in said, "in what it said")
        for folder in (agent.state, ctl.path(".")):
            for path in folder.iterdir():
                if path.is_file():
                    check(lab.TICKET.encode() not in path.read_bytes(), path)
        check(lab.TICKET in (agent.keys / "key1").read_text(), "the marker is where it should be")


def test_settings_are_read_anew_and_never_half(ctl):
    with door_world.Collector(ctl) as collector:
        with enrolled(ctl, collector) as agent:
            agent.wait_sent()
            agent.config.write_text("look = \"1s\"; nonsense = 1;\n")
            agent.process.send_signal(signal.SIGHUP)
            lab.wait_for(lambda: "reload-failed" in agent.log(), "a refusal")
            check("nonsense" in agent.log(), agent.log())
            agent.settings["interval"] = "2s"
            agent.write_config()
            agent.process.send_signal(signal.SIGHUP)
            lab.wait_for(lambda: " reloaded" in agent.log(), "the new settings")
            agent.wait_sent(after=int(time.time()))


def test_two_agents_do_not_share_a_folder(ctl):
    with door_world.Collector(ctl) as collector:
        with enrolled(ctl, collector) as agent:
            other = agent.run("run", seconds=30)
            equal(other.returncode, TRY_AGAIN, other.stderr)


def test_a_copied_image_begins_as_nobody(ctl):
    with door_world.Collector(ctl) as collector:
        agent = enrolled(ctl, collector)
        with agent:
            agent.wait_sent()
            running = agent.run("reset-identity")
            equal(running.returncode, TRY_AGAIN, running.stderr)
            check("running" in running.stderr, running.stderr)
        refused = agent.run("reset-identity")
        check(refused.returncode in (0, TRY_AGAIN), refused.stderr)
        agent.must("reset-identity", "--discard-unsent")
        equal([p.name for p in agent.state.iterdir()], [])
        status = agent.run("status")
        equal(status.returncode, UNAVAILABLE, status.stdout)
        check("not enrolled" in status.stdout, status.stdout)


def test_without_an_identity_it_says_so_and_goes_on_when_there_is_one(ctl):
    with door_world.Collector(ctl) as collector:
        agent = lab.Agent(ctl, lab_networks=door_world.LAB + HOME).put_key()
        agent.state.mkdir(mode=0o700)
        with agent:
            lab.wait_for(lambda: agent.status()["collector"]["failures"] > 0, "an attempt")
            check("enroll" in agent.status()["collector"]["trouble"], agent.status())
            agent.enrol(collector)
            agent.wait_sent(seconds=90)


def test_what_is_wrong_on_the_command_line_is_said(ctl):
    agent = lab.Agent(ctl)
    for words, code, part in [
            ((), USAGE, "What is to be done"), (("dance",), USAGE, "dance"),
            (("status", "--loud"), USAGE, "--loud"), (("status", "--format"), USAGE, "--format"),
            (("status", "--format", "xml"), USAGE, "text or json"),
            (("once", "--watch", "soon"), USAGE, "--watch"),
            (("history", "--since", "yesterday"), USAGE, "--since"),
            (("enroll",), USAGE, "say where"), (("probe",), USAGE, "--replay")]:
        done = subprocess.run([str(agent.programs / "fairuse-agent"), *words],
                              capture_output=True, text=True, timeout=30, check=False,
                              stdin=subprocess.DEVNULL)
        equal(done.returncode, code, words, done.stderr)
        check(part.lower() in done.stderr.lower(), words, done.stderr)
    agent.config.write_text("look = \"2h\";\n")
    done = agent.run("check-config")
    equal(done.returncode, CONFIG, done.stderr)
    check("agent.conf:1" in done.stderr, done.stderr)
    agent.write_config()
    equal(agent.run("enroll", "https://localhost:1", data="").returncode, 65, "no token")


def test_check_config_prints_what_reads_back_to_the_same(ctl):
    agent = lab.Agent(ctl)
    printed = agent.must("check-config")
    agent.config.write_text(printed)
    equal(agent.must("check-config"), printed)


def test_the_history_has_thirteen_months_and_no_more(ctl):
    """Rows that are put there by hand: what ended 401 days ago goes at the next start."""
    with door_world.Collector(ctl) as collector:
        agent = enrolled(ctl, collector)
        with agent:
            agent.wait_sent()
        since = time.strftime("%Y-%m-%d", time.gmtime(time.time() + 86400))
        equal([x for x in agent.history("--since", since)], [])
        check(agent.history() or not own_addresses())


if __name__ == "__main__":
    world.run_cases(globals())
