"""Worlds with money in them: stores with an estate and reports of which charges are due, ways
to look at their ledger, and what runs a list of cases."""

import datetime
import hashlib
import json
import os
import pathlib
import shutil
import sys
import tempfile
import traceback

import ctl_world as world
from ctl_world import DAY

# The latest month that ended at least six days ago (`close_after` is five), and those before.
_SIX_AGO = datetime.datetime.now(world.ZONE) - datetime.timedelta(days=6)
P = world.Month(_SIX_AGO.year * 12 + _SIX_AGO.month - 1).plus(-1)
P1, P2 = P.plus(-1), P.plus(-2)
NOW = int(datetime.datetime.now(world.ZONE).timestamp())

KEY_1, KEY_2, KEY_3 = "PLSK.00000001", "PLSK.00000002", "PLSK.00000003"
LONG_AGO = "2020-01-01"
USAGE, DATA, TRY_AGAIN = 64, 65, 75


# ---- Small worlds ---------------------------------------------------------------------------

def tariff(kind="extra-ip", currency="EUR", price="12.50", block=1):
    return {"kind": kind, "reseller": None, "currency": currency, "unit_price": price,
            "block": block, "from": LONG_AGO}


def reseller(name, currency="EUR", **more):
    return {"id": name, "name": f"Hosting {name}", "account_manager": "am1",
            "currency": currency, "networks": ["5.9.0.0/16"], **more}


def licence(key, owner="r1"):
    return {"license": key, "reseller": owner, "product": "web pro", "from": LONG_AGO}


def estate(**tables):
    """One reseller with one licence and a price of 12.50 for an extra IP, unless told."""
    return {
        "account_managers": [{"id": "am1", "name": "Ann", "email": "ann@example.nl",
                              "language": "nl"}],
        "resellers": [reseller("r1")], "licenses": [licence(KEY_1)], "domains": [],
        "servers": [{"server": f"srv-{n}", "reseller": "r1"} for n in range(1, 10)],
        "moves": [], "tariffs": [tariff()], **tables}


def twenty_days(month, server, key=KEY_1, address=None):
    """A server at a place of its own from the 3rd day of a month on, for 20 days: longer than
    the grace of 14 with another one, and nothing of it in another month."""
    first = month.start() + 2 * DAY
    number = server.rsplit("-", 1)[1]
    return world.daily(server, key, address or f"5.9.0.{number}", first, first + 20 * DAY)


def two_servers(month, key=KEY_1, first=1):
    """One server too many: quantity 1, 12.50."""
    return (twenty_days(month, f"srv-{first}", key) +
            twenty_days(month, f"srv-{first + 1}", key))


def extra_ip(month, key=KEY_1, owner="r1"):
    return f"{month}/{owner}/extra-ip/{key}"


class Case(world.Ctl):
    """A store with an estate and reports in it."""

    def begin(self, tables, lines):
        self.must("store", "init")
        self.take_estate(tables)
        self.take_reports(lines)
        return self

    def take_estate(self, tables):
        world.write_json(self.path("estate.json"), tables)
        self.must("import", "estate", "estate.json", "--accept")

    def take_reports(self, lines):
        world.write_lines(self.path("reports.jsonl"), lines)
        self.must("import", "reports", "reports.jsonl")

    def configure(self, policy):
        self.config = str(self.path("collector.conf"))
        self.path("collector.conf").write_text(
            f'store = "sqlite:{self.path("store.db")}";\npolicy = {{ {policy} }};\n')
        return self

    def close(self, month, *more):
        return self.must("ledger", "close", month, "--by", "Anna", *more)

    def entries(self):
        return json.loads(self.must("ledger", "export"))

    def due(self, *more):
        return json.loads(self.must("audit", "--format", "json", *more))["due"]

    def decide(self, verb, key):
        return self.run("ledger", verb, key, "--by", "Bea", "--reason", "agreed by phone")

    def verifies(self):
        self.must("ledger", "verify")

    def fails(self, code, words, *parts):
        """The command fails with that code, and standard error says all the parts."""
        ran = self.run(*words)
        check(ran.code == code, f"{words}: not {code}: {ran}")
        for part in parts:
            check(str(part) in ran.err, f"{words}: does not say {part}: {ran}")
        return ran


def check(is_so, why):
    if not is_so:
        raise AssertionError(why)


def same(found, expected, why=""):
    check(found == expected, f"{why}: expected {expected!r}, found {found!r}")


def brief(entries):
    return [(e["type"], e["period"], e["booked_period"], e["basis"], e["amount"])
            for e in entries]


def draft(rows):
    return [(row["due"], row["entered"], row["draft"]) for row in rows]


def canonical(value):
    """docs/fairuse-ledger.5.md, "Canonical form"."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def digest(value):
    return hashlib.sha256(canonical(value).encode()).hexdigest()


def three_entries(case):
    tables = estate(licenses=[licence(KEY_1), licence(KEY_2), licence(KEY_3)])
    lines = (two_servers(P, KEY_1, 1) + two_servers(P, KEY_2, 3) + two_servers(P, KEY_3, 5))
    case.begin(tables, lines).close(P)
    same(len(case.entries()), 3)
    case.verifies()


# ---- Running them ---------------------------------------------------------------------------

def run_case(program, function):
    folder = pathlib.Path(tempfile.mkdtemp(prefix="fairuse-ledger-"))
    try:
        function(Case(program, folder))
    except Exception as error:  # each case is told of, whatever became of it
        print(f"FAIL {function.__name__}", flush=True)
        if not isinstance(error, AssertionError):
            traceback.print_exc(file=sys.stdout)
        where = traceback.extract_tb(error.__traceback__)
        print(f"     line {[f.lineno for f in where if f.filename != __file__]}: {error}",
              flush=True)
        return False
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    print(f"ok   {function.__name__}", flush=True)
    return True


def main(cases, usage):
    """Runs the cases with the program of the command line, and exits. Words after it choose
    some by a part of their names."""
    if len(sys.argv) < 2:
        sys.exit(usage)
    cases = [case for case in cases
             if not sys.argv[2:] or any(word in case.__name__ for word in sys.argv[2:])]
    support = pathlib.Path(__file__).resolve().parent.parent / "support"
    os.environ["LSAN_OPTIONS"] = f"suppressions={support / 'lsan.supp'}:print_suppressions=0"
    failed = [case for case in cases if not run_case(sys.argv[1], case)]
    print(f"{len(cases) - len(failed)} cases passed, {len(failed)} failed")
    sys.exit(1 if failed or not cases else 0)
