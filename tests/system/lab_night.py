"""One night in the lab (lab_world): twenty servers of three resellers, side by side in the same two
minutes of real time. `Night` lives it and keeps what everybody read; test_lab.py says what that
must be.

Durations. Agents look and report each 3 s. Whatever is to be confirmed lasts at least 15 s longer
than its grace of 40 s; whatever is not lasts some 10 s, 30 s shorter than that. The probe tells a
new address at once, and what follows on it 60 s later, as a stretch: addresses that the collector
does not see are waited for so long."""

import contextlib
import ipaddress
import json
import shutil
import sqlite3
import subprocess
import time

import agent_world
import ctl_world
import lab_world
import psa_world
from ctl_world import check, equal
from report_world import Mail

GRACE, BRIDGE, FLAG = 40, 18, 4
POLICY = {"grace": f"{GRACE}s", "outside_grace": f"{GRACE}s", "mailbox_sustain": f"{GRACE}s",
          "period_min": "15s", "bridge": f"{BRIDGE}s", "flag_after": f"{FLAG}s"}
TOP = {"merge_gap": "12s"}
AGENT = {"look": "3s", "interval": "3s", "count": "5s"}
COLLECTOR = {"mx_suffixes": ["filter.example"], "interval": "3s", "server_per_minute": 0}
LASTING = GRACE + 15  # confirmed, whatever the ends of what was seen are
TOLD = 10  # seconds of a stretch that the probe tells of

# Licences, by what they are about.
PLAIN, DUAL, UPSTREAM, SNAT, MULTI, OUTSIDE, CLONES, COPIED = 1, 2, 3, 4, 5, 6, 7, 8
IN_TIME, LATE, FAILOVER, SNAPSHOT, ABROAD, VICTIM = 9, 10, 11, 12, 13, 14
ANNA, BERT = "anna@distributor.example", "bert@distributor.example"
NOORD, ZUID, OOST = "ops@noord.example", "ops@zuid.example", "ops@oost.example"
BIG, SMALL, UNFILTERED = "groot.example", "klein.example", "los.example"
BOXES = {BIG: 1042, SMALL: 1000, UNFILTERED: 1100}
VIP, GATE, HIDDEN_GATE = "203.0.113.110", "203.0.113.70", "203.0.113.30"
SNATTED, FORGED, ORIGINAL, COPY = "203.0.113.41", "203.0.113.222", "203.0.113.80", "203.0.113.81"
FAR = "198.51.100.66"
MANY = ["203.0.113.50", "203.0.113.51", "203.0.113.52"]
DUAL6 = "2001:db8:2::20"
VISITED = {"203.0.113.10", DUAL6, FAR, COPY, *MANY}  # some of each kind
WORDS = (("copy", "nl"), ("far", "en"), ("plain", "nl"), ("new9", "nl"))  # read as people do


def missing():
    return psa_world.missing()


def scene():
    """Noord and Oost have an account manager who reads Dutch, Zuid one who reads English."""
    s = ctl_world.Scene()
    s.estate["account_managers"] = [
        {"id": "anna", "name": "Anna", "email": ANNA, "language": "nl"},
        {"id": "bert", "name": "Bert", "email": BERT, "language": "en"}]
    own = ["203.0.113.0/24", "2001:db8:2::/48"]
    s.reseller("noord", email=NOORD, language="nl", networks=own)
    s.reseller("oost", email=OOST, language="nl", networks=own)
    s.reseller("zuid", email=ZUID, language="en", networks=["198.51.100.128/25"])
    s.estate["resellers"][2]["account_manager"] = "bert"
    for row in s.estate["resellers"][:2]:
        row["account_manager"] = "anna"
    s.tariff("extra-ip", "EUR", "12.50").tariff("mailboxes", "EUR", "3.00", block=10)
    for number in (SNAT, MULTI, CLONES, COPIED, IN_TIME, LATE, VICTIM):
        s.license(number, "noord")
    for number in (PLAIN, DUAL, UPSTREAM, FAILOVER, SNAPSHOT):
        s.license(number, "oost")
    for number in (OUTSIDE, ABROAD):
        s.license(number, "zuid")
    return s.domain(BIG, "noord").domain(SMALL, "zuid")


NAMES = [f"mx-host={domain},{exchange},10" for domain, exchange in
         ((BIG, "mx1.filter.example"), (SMALL, "mx2.filter.example"),
          (UNFILTERED, "mail.elsewhere.example"))]


def boxes(database, *domains):
    """Plesk's tables with so many mailboxes, in a database of that name."""
    rows, mail_id = psa_world.Rows("new"), 0
    for number, domain in enumerate(domains, 1):
        rows.add("domains", id=number, name=domain, displayName=domain, htype="vrt_hst", status=0)
        rows.add("DomainServices", dom_id=number, type="mail", status=0, parameters_id=number)
        for i in range(BOXES[domain]):
            mail_id += 1
            rows.add("mail", id=mail_id, mail_name=f"secret-name-{i}", dom_id=number,
                     account_id=mail_id, postbox="true", redirect="false", mail_group="false")
    return rows.sql().replace("DATABASE psa", f"DATABASE {database}") \
        .replace("DATABASE IF EXISTS psa", f"DATABASE IF EXISTS {database}") \
        .replace("USE psa", f"USE {database}")


def take_snapshot(agent, target):
    """A copy of the agent's folder as a disk's snapshot would have it; False, and none, when the
    copy has something that waits to be sent."""
    target.mkdir()
    for path in agent.state.iterdir():
        if not path.name.startswith("spool.db"):
            shutil.copy(path, target)
    with contextlib.closing(sqlite3.connect(agent.state / "spool.db", timeout=30)) as live, \
            contextlib.closing(sqlite3.connect(target / "spool.db")) as copy:
        live.backup(copy)
        waiting = copy.execute("SELECT count(*) FROM stretch WHERE place < 2").fetchone()[0]
    if waiting:
        shutil.rmtree(target)
        return False
    for path in (target, *target.iterdir()):
        shutil.chown(path, agent.state.owner(), agent.state.group())
        path.chmod((agent.state if path == target else agent.state / path.name).stat().st_mode
                   & 0o777)
    return True


class Night:
    """Everything that was read of it. `program`: fairusectl of the build."""

    def __init__(self, ctl):
        self.lab = lab_world.Lab(ctl, scene(), policy=POLICY, top=TOP, collector=COLLECTOR,
                                 agent=AGENT, names=NAMES)
        self.status, self.words = {}, {}

    def live(self):
        """All of it; the lab is gone when this returns."""
        with psa_world.Server() as self.database, self.lab:
            self.add_all()
            self.migrate_in_time()
            self.put_a_snapshot_back()
            self.fail_over()
            self.wait_for_the_rest()
            self.forge()
            self.read_all()
            self.end_all()
        return self

    # ---- Who is there

    def add(self, name, reseller, *words, **more):
        return self.lab.add_customer(name, reseller, *words, start=False, **more)

    def add_counted(self, name, reseller, number, address, user, *domains):
        """One whose mailboxes are counted, by an agent of that user."""
        database = f"psa_{name}"
        self.database.ask(boxes(database, *domains))
        customer = self.add(name, reseller, number, [address], count_mailboxes=True,
                            database_name=database, user=user, database_user=user,
                            database_sockets=[str(self.database.socket)])
        customer.agent.must("setup")

    def add_all(self):
        """First all of them, then all are switched on at nearly the same time."""
        self.add("old9", "noord", IN_TIME, ["203.0.113.90"])
        self.add("new9", "noord", IN_TIME, ["203.0.113.91"])
        self.add("snap", "oost", SNAPSHOT, ["203.0.113.120"],
                 observe=["keyserver", "nat"])
        self.add("node-a", "oost", FAILOVER, [VIP, "203.0.113.111"], sources=(VIP,))
        self.add("node-b", "oost", None, ["203.0.113.112"])
        self.add("old10", "noord", LATE, ["203.0.113.100"])
        self.add("new10", "noord", LATE, ["203.0.113.101"])
        self.add("original", "noord", COPIED, [ORIGINAL])
        self.add("copy", "noord", COPIED, [COPY])
        self.add("plain", "oost", PLAIN, ["203.0.113.10"])
        self.add("dual", "oost", DUAL, ["203.0.113.20", DUAL6])
        self.add("multi", "noord", MULTI, MANY, sources=MANY)
        self.add_translated()
        self.add("far", "zuid", OUTSIDE, [FAR])
        self.add_counted("victim", "noord", VICTIM, "203.0.113.140", "nobody", BIG, UNFILTERED)
        self.add_counted("abroad", "zuid", ABROAD, "198.51.100.130", "games", SMALL)
        self.add("forger", "zuid", None, ["198.51.100.131"])
        for name, customer in self.lab.customers.items():
            if name not in ("new9", "forger"):
                customer.start()

    def add_translated(self):
        lab = self.lab
        lab.add_gateway("home", HIDDEN_GATE)
        self.add("hidden", "oost", UPSTREAM, behind="home")
        lab.add_gateway("office", GATE)
        one = self.add("clone1", "noord", CLONES, behind="office")
        self.add("clone2", "noord", CLONES, behind="office", clone_of=one)
        self.add("snat", "noord", SNAT, ["203.0.113.40"],
                 snat=f"ip daddr {lab_world.KEY_SERVER} snat to {SNATTED}")
        lab.route("snat", SNATTED)

    # ---- What happens

    def together(self, one, other, number):
        """How long the collector knows both to be there."""
        spans = [self.lab.span(name, number) for name in (one, other)]
        if None in spans:
            return 0
        return min(s[1] for s in spans) - max(s[0] for s in spans)

    def wait_together(self, one, other, number, seconds):
        agent_world.wait_for(lambda: self.together(one, other, number) >= seconds,
                             f"{one} and {other} to be together for {seconds} s",
                             lab_world.NOBODY_WAITS_LONGER)

    def migrate_in_time(self):
        """The new one is there for some 10 s when the old one ends. Just before, an audit is
        published."""
        self.lab.wait_seen("old9", IN_TIME, seconds=3)
        self.lab["new9"].start()
        self.wait_together("old9", "new9", IN_TIME, FLAG + 4)
        self.early = self.lab.audit("--publish")
        self.lab["old9"].stop()
        self.lab["old9"].end_plesk()
        self.early_status = self.wait_standing("new9", "potential")
        self.early_words = self.lab["new9"].agent.must("status", "--language", "nl")

    def wait_standing(self, name, state, goes_on=None):
        """What a server's administrator is told, once that is the state of its licence (and, where
        that is said, whether it goes on); after a while whatever it is, for a case to find."""
        until = time.monotonic() + 60
        while True:
            status = self.lab[name].agent.status()
            told = [(s["state"], goes_on if goes_on is None else s["confirms_at"] is not None)
                    for s in status["standing"]]
            if told == [(state, goes_on)] or time.monotonic() > until:
                return status
            time.sleep(0.2)

    def put_a_snapshot_back(self):
        """A copy of the running server's disk is made; it goes on; it ends; the copy is put back;
        the second run begins. When the copy is made nothing waits to be sent, or both would send
        it."""
        snap = self.lab["snap"]
        self.lab.wait_seen("snap", SNAPSHOT, seconds=6)
        snap.end_plesk()
        saved = snap.agent.folder / "saved"
        agent_world.wait_for(lambda: take_snapshot(snap.agent, saved), "a copy without a rest",
                             lab_world.NOBODY_WAITS_LONGER)
        snap.run_plesk()
        self.lab.wait_seen("snap", SNAPSHOT, after=int(time.time()) + 6)
        snap.stop()
        self.before_restoring = self.lab.seen("snap")
        shutil.rmtree(snap.agent.state)
        lab_world.copy_folder(saved, snap.agent.state)
        snap.start()

    def fail_over(self):
        """A dies: power and cable at once. B takes the address and the key. Then back."""
        lab, a, b = self.lab, self.lab["node-a"], self.lab["node-b"]
        lab.wait_seen("node-a", FAILOVER, seconds=8)
        a.cut()
        a.stop(9)
        a.end_plesk()
        lab.give("node-b", VIP)
        lab.speak_from("node-b", VIP)
        b.put_key(FAILOVER)
        b.run_plesk([VIP])
        lab.wait_seen("node-b", FAILOVER, seconds=8)
        b.stop()
        b.end_plesk()
        b.take_key()
        lab.take("node-b", VIP)
        a.mend()
        a.run_plesk([VIP])
        a.start()
        lab.wait_seen("node-a", FAILOVER, after=int(time.time()) + 3)

    def wait_for_the_rest(self):
        lab = self.lab
        self.wait_together("old10", "new10", LATE, LASTING)
        lab["old10"].stop()
        lab["old10"].end_plesk()
        self.wait_together("original", "copy", COPIED, LASTING)
        self.wait_together_runs("clone1", CLONES, LASTING)
        lab.wait_seen("far", OUTSIDE, seconds=LASTING)
        for name, address in [("multi", a) for a in MANY] + [("dual", DUAL6), ("snat", SNATTED)]:
            agent_world.wait_for(lambda n=name, a=address: self.told(n, a) >= TOLD,
                                 f"{name} to be seen on {address}", 150)
        agent_world.wait_for(lambda: VISITED <= self.visited_panels(), "panels to be visited", 150)
        agent_world.wait_for(lambda: self.counted(BIG) >= LASTING and
                             self.counted(SMALL) >= LASTING, "mailboxes to be counted", 150)

    def wait_together_runs(self, name, number, seconds):
        """Two runs of one server."""
        def together():
            runs = {}
            for row in self.lab.seen(name, number):
                first, last = runs.get(row[1], (row[4], row[5]))
                runs[row[1]] = (min(first, row[4]), max(last, row[5]))
            return len(runs) == 2 and (min(last for _, last in runs.values()) -
                                       max(first for first, _ in runs.values())) >= seconds
        agent_world.wait_for(together, f"two runs of {name}", 150)

    def visited_panels(self):
        return {row[2] for row in self.lab.seen(source="panel")}

    def told(self, name, address):
        """The longest stretch that the agent itself told of."""
        return max([r[5] - r[4] for r in self.lab.seen(name)
                    if r[2] == address and r[3] in ("keyserver", "nat")], default=0)

    def counted(self, domain):
        rows = self.lab.collector.rows("SELECT min(first), max(last) FROM mail_row"
                                       " WHERE domain = ?", domain)
        return rows[0][1] - rows[0][0] if rows[0][1] else 0

    def forge(self):
        """A server of Zuid's says, with its own certificate, that Noord's licence was in use at
        some other address of Noord's for long enough to be charged."""
        forger, now = self.lab["forger"], int(time.time())
        body = {"format": 1, "boot_id": ctl_world.boot("forger"), "counter": 1, "live": True,
                "licenses": [{"license": ctl_world.key(VICTIM)}],
                "sightings": [{"license": ctl_world.key(VICTIM), "address": FORGED,
                               "source": "keyserver", "first": now - LASTING, "last": now}]}
        state = forger.agent.state
        done = subprocess.run(
            [*self.lab.inside("forger"), "curl", "-sS", "--max-time", "60", "--cacert",
             state / "authority.pem", "--cert", state / "identity.pem", "--key",
             state / "identity.pem", "-H", "Content-Type: application/json", "-H",
             f"Fairuse-Sent-At: {now}", "--data-binary", "@-",
             f"https://{lab_world.COLLECTOR}:{lab_world.PORT}/v1/reports"],
            input=json.dumps(body), capture_output=True, text=True, check=False)
        check(done.returncode == 0 and json.loads(done.stdout)["accepted"] is True, done)

    # ---- What is read

    def read_all(self):
        """The night is told; then each server has heard of it, and its administrator asks."""
        lab = self.lab
        self.mails = lab.night()
        self.audit = lab.audit()
        states = {f["subject"]: f["state"] for f in self.audit["findings"]
                  if f["kind"] in ("extra-ip", "outside")}
        self.period = lab.period(self.audit["as_of"])
        self.servers = {name: customer.server for name, customer in lab.customers.items()}
        for name, customer in lab.customers.items():
            if customer.agent.process and customer.number:
                state = states.get(ctl_world.key(customer.number), "ok")
                # What is potential in the end is over; at the early audit it was not.
                goes_on = False if state == "potential" else None
                self.status[name] = self.wait_standing(name, state, goes_on)
        for name, language in WORDS:
            self.words[name] = lab[name].agent.must("status", "--language", language)

    def end_all(self):
        """The agents end by themselves; then all that they left is searched."""
        lab = self.lab
        self.rows_of = {number: lab.seen(number=number) for number in range(PLAIN, VICTIM + 1)}
        self.counts = lab.collector.rows("SELECT DISTINCT domain, mailboxes FROM mail_row")
        self.visited = self.visited_panels()
        for name, customer in lab.customers.items():
            code = customer.stop()
            check(code in (0, None), name, "exit code", code, customer.agent.log())
        equal(lab.collector.end(), 0, lab.collector.log())
        self.logs = {name: c.agent.log() for name, c in lab.customers.items()}
        self.logs["collector"] = lab.collector.log()
        files = self.files()
        self.found_in = {address: [str(path) for path, held in files.items()
                                   if holds(held, address)] for address in
                         (lab_world.VISITOR, lab_world.VISITOR6, "203.0.113.10", DUAL6)}
        self.left = "\n".join(held.decode(errors="replace") for path, held in files.items()
                              if path.name.startswith(("store.db", "log")) and
                              path.parent == lab.ctl.folder or path.suffix == ".eml")
        for mail in self.mails.values():
            self.left += Mail(mail.raw).text + Mail(mail.raw).html

    def files(self):
        """Everything that programs wrote, by path: stores, spools, logs, mails."""
        folders = (self.lab.ctl.folder, self.lab.mail.folder)
        return {path: path.read_bytes() for folder in folders for path in folder.rglob("*")
                if path.is_file() and "bin" not in path.parts}


def holds(data, address):
    """As text, or as bytes the way that stores keep it: behind its family."""
    packed = ipaddress.ip_address(address).packed
    family = b"\x04" if len(packed) == 4 else b"\x06"
    return address.encode() in data or family + packed in data
