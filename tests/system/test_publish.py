"""fairusectl audit --publish: what stands afterwards for the collector to tell agents."""

import contextlib
import json
import sqlite3
import time

import ctl_world as world
from ctl_world import check, equal

USAGE, UNAVAILABLE, TRY_AGAIN, FOUND = 64, 69, 75, 2
NOW = world.Month.back(0)
OLD = world.Month.back(2)
EXTRA_IP, OUTSIDE = 1, 4  # a bit for each kind
HOUR = 3600


def rows(ctl, query):
    with contextlib.closing(sqlite3.connect(ctl.path("store.db"))) as store:
        return store.execute(query).fetchall()


def published(ctl):
    """(generation, as_of)."""
    return rows(ctl, "SELECT generation, as_of FROM published")[0]


def standing(ctl):
    """{(number of the licence, reseller): (is_confirmed, kinds, since, confirms_at)}."""
    found = rows(ctl, "SELECT license % 100000000, reseller, is_confirmed, kinds, since, "
                      "confirms_at FROM standing")
    return {row[:2]: row[2:] for row in found}


def scene():
    """Licence 1 was on two machines for a whole month that is still open; 2 is on one, outside;
    3 was on two for three days of it, too short to be confirmed; 4 is in order."""
    s = world.Scene()
    s.reseller("r1", networks=["5.9.0.0/16"]).reseller("r2", networks=["5.8.0.0/16"])
    for number, reseller in ((1, "r1"), (2, "r2"), (3, "r1"), (4, "r1")):
        s.license(number, reseller)
    s.machines(1, 2, OLD).machines(2, 1, OLD).machines(4, 1, OLD)
    s.present(3, 1, OLD.start(), OLD.end())
    s.present(3, 2, OLD.end() - 3 * world.DAY, OLD.end())
    return s


OPEN_AND_CONFIRMED = {(1, "r1"): (1, EXTRA_IP, OLD.start(), None),
                      (2, "r2"): (1, OUTSIDE, OLD.start(), None)}


def test_without_it_nothing_is_published(ctl):
    scene().install(ctl)
    ctl.must("audit")
    equal(standing(ctl), {})
    equal(published(ctl)[0], 0)


def test_what_is_confirmed_in_an_open_period_stands(ctl):
    """Potential in an older period, and in order, does not."""
    scene().install(ctl)
    before = int(time.time())
    ran = ctl.run("audit", "--publish", "--format", "json")
    equal(ran.code, 0, ran)
    states = {(f["subject"], f["kind"]): f["state"] for f in json.loads(ran.out)["findings"]
              if f["period"] == str(OLD)}
    equal(states[world.key(1), "extra-ip"], "confirmed", "it prints as usual")
    equal(states[world.key(3), "extra-ip"], "potential")
    check("2 licences" in ran.err, ran)
    equal(standing(ctl), OPEN_AND_CONFIRMED)
    generation, as_of = published(ctl)
    check(generation == 1 and before <= as_of <= time.time(), generation, as_of)


def test_what_goes_on_now_is_potential_and_says_when_it_is_confirmed(ctl):
    """Seen until some time from now, which an audit cuts at its moment E."""
    since = int(time.time()) - 3 * world.DAY
    if time.time() - NOW.start() < 2 * HOUR:
        return  # a month begins: nothing is longer than flag_after in it
    s = world.Scene().reseller("r1").license(1, "r1")
    for machine in (1, 2):
        s.present(1, machine, since, since + 3 * world.DAY + HOUR)
    s.install(ctl)
    ctl.must("audit", "--publish")
    _, as_of = published(ctl)
    in_month = min(as_of - since, as_of - NOW.start())
    confirms = as_of + max(14 * world.DAY - (as_of - since), world.DAY - in_month) + 1
    equal(standing(ctl), {(1, "r1"): (0, EXTRA_IP, since, confirms)})


def test_what_was_seen_until_lately_goes_on_and_says_when(ctl):
    """At night the last report is minutes old. Two machines over three days until an hour ago,
    which is less than `bridge`: if it goes on it is confirmed 14 days after it began. A third licence
    has its second machine gone for 30 hours, more than `bridge`: it does not go on."""
    now = int(time.time())
    since = now - 3 * world.DAY
    if since < NOW.start():
        return  # a month begins: the window is another
    s = world.Scene().reseller("r1").license(1, "r1").license(3, "r1")
    for machine, last in ((1, now - HOUR), (2, now - HOUR)):
        s.present(1, machine, since, last)
    for machine, last in ((1, now - HOUR), (2, now - 30 * HOUR)):
        s.present(3, machine, since, last)
    s.install(ctl)
    ctl.must("audit", "--publish")
    equal(standing(ctl), {(1, "r1"): (0, EXTRA_IP, since, since + 14 * world.DAY + 1),
                          (3, "r1"): (0, EXTRA_IP, since, None)})


def test_a_second_publishing_replaces_the_first(ctl):
    """Between the two, licence 1 is declared to have moved, and licence 4 is seen twice."""
    s = scene().install(ctl)
    ctl.must("audit", "--publish")
    s.estate["moves"] = [{"license": world.key(1), "from": f"{OLD.plus(-1)}-01T00:00:00Z",
                          "to": f"{OLD.plus(1)}-02T00:00:00Z", "reason": "a new machine"}]
    s.present(4, 2, OLD.start(), OLD.start() + 20 * world.DAY).install(ctl)
    ctl.must("audit", "--publish")
    equal(standing(ctl), {(4, "r1"): (1, EXTRA_IP, OLD.start(), None),
                          (2, "r2"): (1, OUTSIDE, OLD.start(), None)})
    equal(published(ctl)[0], 2)


def test_what_is_closed_stands_no_longer(ctl):
    scene().install(ctl)
    ctl.must("audit", "--publish")
    equal(standing(ctl), OPEN_AND_CONFIRMED)
    ctl.must("ledger", "close", OLD, "--by", "Ann")
    ctl.must("audit", "--publish")
    equal(standing(ctl), {})


def test_findings_still_choose_the_exit_code(ctl):
    scene().install(ctl)
    ran = ctl.run("audit", "--publish", "--fail-on", "confirmed")
    equal(ran.code, FOUND, ran)
    equal(standing(ctl), OPEN_AND_CONFIRMED)


def test_it_is_of_all_open_periods_as_they_are_now(ctl):
    scene().install(ctl)
    for more in (("--period", OLD), ("--as-of", OLD.end())):
        ran = ctl.run("audit", "--publish", *more)
        equal((ran.code, ran.out), (USAGE, ""), ran)
        check("--publish" in ran.err, ran)
    equal(published(ctl)[0], 0)


def test_while_another_writes_it_says_try_again_and_changes_nothing(ctl):
    scene().install(ctl)
    ctl.must("audit", "--publish")
    first = published(ctl)
    with contextlib.closing(sqlite3.connect(ctl.path("store.db"), isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        ran = ctl.run("audit", "--publish")
    equal(ran.code, TRY_AGAIN, ran)
    check("Findings of" in ran.out, "what was found is told all the same", ran)
    equal(published(ctl), first)
    equal(standing(ctl), OPEN_AND_CONFIRMED)


def test_where_there_is_no_store_it_says_so(ctl):
    ran = ctl.run("audit", "--publish")
    equal((ran.code, ran.out), (UNAVAILABLE, ""), ran)


world.run_cases(globals())
