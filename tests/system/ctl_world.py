"""Small worlds for tests of fairusectl from outside: months, estates and reports relative to
today (`ledger close` asks the real clock), a way to run the program, and one to run cases."""

import datetime
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import traceback
import uuid
import zoneinfo

ZONE = zoneinfo.ZoneInfo("Europe/Amsterdam")  # the default of `time_zone`
DAY = 86400


class Month:
    """One period: a calendar month in Amsterdam."""

    def __init__(self, number):
        self.number = number  # months since year 0

    @classmethod
    def back(cls, months):
        """The month `months` before the present one."""
        today = datetime.datetime.now(ZONE)
        return cls(today.year * 12 + today.month - 1 - months)

    def plus(self, months):
        return Month(self.number + months)

    def __str__(self):
        return f"{self.number // 12:04d}-{self.number % 12 + 1:02d}"

    def start(self):
        """Its first moment, in Unix seconds."""
        first = datetime.datetime(self.number // 12, self.number % 12 + 1, 1, tzinfo=ZONE)
        return int(first.timestamp())

    def end(self):
        return self.plus(1).start()

    def day(self, number):
        """The date of a day of the month, from 1."""
        return f"{self}-{number:02d}"


def days_from_now(days):
    """A date in Amsterdam, `days` from today."""
    return (datetime.datetime.now(ZONE) + datetime.timedelta(days=days)).strftime("%Y-%m-%d")


def boot(name):
    """A boot_id that is always the same for a name."""
    return str(uuid.uuid5(uuid.NAMESPACE_DNS, name))


def seen(license_key, address, first, last, source="keyserver"):
    return {"license": license_key, "address": address, "source": source, "first": first,
            "last": last}


def counted(domain, mailboxes, first, last, **more):
    row = {"domain": domain, "mailboxes": mailboxes, "aliases": 0, "forwards": 0, "lists": 0,
           "catch_all": False, "alias_domains": 0, "filtered": True, "first": first,
           "last": last}
    row.update(more)
    return row


def recorded(server, counter, at, sightings=(), mailboxes=(), machine=None):
    """One line of a file of recorded reports: sent late (not live), by the server's first
    machine or by the one named."""
    return {"server": server, "sent_at": at, "received_at": at, "peer": None,
            "report": {"format": 1, "boot_id": boot(machine or server), "counter": counter,
                       "live": False, "sightings": list(sightings),
                       "mailboxes": list(mailboxes)}}


def daily(server, license_key, address, first, last, machine=None, counter=1):
    """A report a day over [first, last]: presence without a break."""
    lines = []
    while first < last:
        end = min(first + DAY, last)
        lines.append(recorded(server, counter, end,
                              [seen(license_key, address, first, end)], machine=machine))
        first, counter = end, counter + 1
    return lines


def write_lines(path, lines):
    pathlib.Path(path).write_text("".join(json.dumps(line) + "\n" for line in lines))


def write_json(path, value):
    pathlib.Path(path).write_text(json.dumps(value, indent=1) + "\n")


class Ran:
    """What a run of the program gave."""

    def __init__(self, code, out, err):
        self.code, self.out, self.err = code, out, err

    def __repr__(self):
        return f"exit {self.code}\n--- stdout\n{self.out}--- stderr\n{self.err}---"


class Ctl:
    """fairusectl with one store in a folder of its own."""

    def __init__(self, program, folder, config=None):
        self.program, self.folder = str(pathlib.Path(program).resolve()), pathlib.Path(folder)
        self.config = config

    def path(self, name):
        return self.folder / name

    def command(self, *words):
        where = ["-c", self.config] if self.config else ["--store", "sqlite:store.db"]
        return [self.program, *where, *map(str, words)]

    def run(self, *words, **more):
        return self.raw(self.command(*words), **more)

    def raw(self, command, text=True, **more):
        env = {**os.environ, "LC_ALL": "C.UTF-8", **more.pop("env", {})}
        done = subprocess.run(command, cwd=self.folder, env=env, stdin=subprocess.DEVNULL,
                              capture_output=True, text=text, errors=None, check=False,
                              timeout=120, **more)
        return Ran(done.returncode, done.stdout, done.stderr)

    def must(self, *words):
        """Runs what cannot fail, and gives its output."""
        ran = self.run(*words)
        if ran.code != 0:
            raise AssertionError(f"{' '.join(map(str, words))}: {ran}")
        return ran.out


# ---- Scenes -----------------------------------------------------------------------------------


def key(number):
    return f"PLSK.{number:08d}"


class Scene:
    """An estate and reports, put together in a few words. Machine m of licence n is the server
    "srv-n-m" at 5.9.n.m: each at a place of its own."""

    def __init__(self):
        self.estate = {
            "account_managers": [{"id": "am1", "name": "Ann", "email": "ann@example.nl"}],
            "resellers": [], "licenses": [], "domains": [], "servers": [], "tariffs": []}
        self.lines, self.counters = [], {}

    def reseller(self, name, currency="EUR", **more):
        self.estate["resellers"].append({"id": name, "name": f"The firm {name}",
                                         "account_manager": "am1", "currency": currency, **more})
        return self

    def tariff(self, kind, currency, unit_price, **more):
        self.estate["tariffs"].append({"kind": kind, "currency": currency,
                                       "unit_price": unit_price, "from": "2020-01-01", **more})
        return self

    def license(self, number, reseller, **more):
        self.estate["licenses"].append({"license": key(number), "reseller": reseller, **more})
        return self

    def domain(self, domain, reseller, **more):
        self.estate["domains"].append({"domain": domain, "reseller": reseller, **more})
        return self

    def server(self, name, reseller):
        if name not in [row["server"] for row in self.estate["servers"]]:
            self.estate["servers"].append({"server": name, "reseller": reseller})

    def owner(self, table, field, value):
        return next(r["reseller"] for r in self.estate[table] if r[field] == value)

    def next_counter(self, server):
        self.counters[server] = self.counters.get(server, 0) + 1
        return self.counters[server]

    def present(self, number, machine, first, last):
        """The machine uses the licence all the time of [first, last]."""
        server = f"srv-{number}-{machine}"
        self.server(server, self.owner("licenses", "license", key(number)))
        self.lines += daily(server, key(number), f"5.9.{number}.{machine}", first, last,
                            counter=self.next_counter(server))
        self.counters[server] += len(self.lines)
        return self

    def machines(self, number, count, month):
        """So many machines, each present for the whole month: count - 1 are too many."""
        for machine in range(1, count + 1):
            self.present(number, machine, month.start(), month.end())
        return self

    def mailboxes(self, domain, count, first, last, **more):
        server = f"mail-{domain}"
        self.server(server, self.owner("domains", "domain", domain))
        self.lines.append(recorded(server, self.next_counter(server), last,
                                   mailboxes=[counted(domain, count, first, last, **more)]))
        return self

    def write(self, ctl):
        write_json(ctl.path("estate.json"), self.estate)
        write_lines(ctl.path("reports.jsonl"), self.lines)
        return self

    def install(self, ctl):
        """Into the store of `ctl`, with what came since the last time."""
        self.write(ctl)
        ctl.must("import", "estate", "estate.json", "--accept")
        ctl.must("import", "reports", "reports.jsonl")
        self.lines = []
        return self


# ---- Cases ------------------------------------------------------------------------------------


def check(holds, *said):
    """An assertion that says what was there instead."""
    if not holds:
        raise AssertionError(" ".join(map(str, said)))


def equal(got, wanted, *said):
    check(got == wanted, *said, f"got {got!r}, wanted {wanted!r}")


def run_cases(module):
    """Every function test_*(ctl) of a module, each with a folder and a store of its own. The
    words after the program's path choose some by a part of their names."""
    program, chosen = sys.argv[1], sys.argv[2:]
    cases = [(name[5:], case) for name, case in module.items()
             if name.startswith("test_") and (not chosen or any(w in name for w in chosen))]
    failed = 0
    for name, case in cases:
        folder = tempfile.mkdtemp(prefix="fairuse-cli-")
        try:
            case(Ctl(program, folder))
        except Exception:  # whatever it is, the other cases still run
            failed += 1
            print(f"FAILED {name}: {case.__doc__ or ''}\n{traceback.format_exc()}", flush=True)
        finally:
            shutil.rmtree(folder, ignore_errors=True)
    print(f"{len(cases) - failed} cases passed, {failed} failed")
    sys.exit(1 if failed or not cases else 0)
