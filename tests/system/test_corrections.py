"""What is known late, and for how long it still counts; which price; proofs of nothing. Amounts
by hand: 12.50 EUR a machine too many, unless a case says otherwise."""

import json

import ctl_world as world
from ctl_world import check, equal

USAGE, DATA, NO_INPUT, TRY_AGAIN = 64, 65, 66, 75
FIRST, SECOND = world.Month.back(4), world.Month.back(3)  # both can be closed


def scene(count=2):
    s = world.Scene().reseller("r1").tariff("extra-ip", "EUR", "12.50").license(1, "r1")
    return s.machines(1, count, FIRST)


def close(ctl, month):
    return ctl.must("ledger", "close", month, "--by", "Ann")


def entries(ctl):
    """Each entry as (booked, period, type, amount)."""
    return [(e["booked_period"], e["period"], e["type"], e["amount"])
            for e in json.loads(ctl.must("ledger", "export"))]


def test_a_month_to_come_cannot_be_closed(ctl):
    scene().install(ctl)
    for month in (world.Month.back(0), world.Month.back(-1), world.Month.back(-20)):
        ran = ctl.run("ledger", "close", month, "--by", "Ann")
        equal((ran.code, ran.out), (TRY_AGAIN, ""), month)
    equal(entries(ctl), [])


def test_a_move_declared_late_takes_a_charge_back(ctl):
    s = scene().present(1, 1, SECOND.start(), SECOND.end()).install(ctl)
    close(ctl, FIRST)
    s.estate["moves"] = [{"license": world.key(1), "from": FIRST.day(1) + "T00:00:00Z",
                          "to": SECOND.day(2) + "T00:00:00Z", "reason": "a new rack"}]
    s.install(ctl)
    close(ctl, SECOND)
    equal(entries(ctl), [(str(FIRST), str(FIRST), "charge", "12.50"),
                         (str(SECOND), str(FIRST), "adjustment", "-12.50")])
    check("every hash holds" in ctl.must("ledger", "verify"))


def test_after_three_more_periods_a_closed_one_stays(ctl):
    """reaudit_periods: a closing corrects the three closed ones before it, and no older one."""
    months = [world.Month.back(n) for n in (6, 5, 4, 3, 2)]
    s = world.Scene().reseller("r1").tariff("extra-ip", "EUR", "12.50").license(1, "r1")
    s.machines(1, 2, months[0]).present(1, 1, months[1].start(), months[4].end()).install(ctl)
    for month in months[:4]:
        close(ctl, month)
    s.present(1, 3, months[0].start(), months[0].end()).install(ctl)
    close(ctl, months[4])
    equal(entries(ctl), [(str(months[0]), str(months[0]), "charge", "12.50")])


def test_within_three_periods_it_is_corrected(ctl):
    """The same, one period less: 3 machines are 2 too many, 25.00 less 12.50."""
    months = [world.Month.back(n) for n in (6, 5, 4, 3)]
    s = world.Scene().reseller("r1").tariff("extra-ip", "EUR", "12.50").license(1, "r1")
    s.machines(1, 2, months[0]).present(1, 1, months[1].start(), months[3].end()).install(ctl)
    for month in months[:3]:
        close(ctl, month)
    s.present(1, 3, months[0].start(), months[0].end()).install(ctl)
    close(ctl, months[3])
    equal(entries(ctl)[1:], [(str(months[3]), str(months[0]), "adjustment", "12.50")])


def test_the_price_is_that_of_the_periods_first_day(ctl):
    """The reseller's own before the general one; the latest that has begun; a price that begins
    on the second day is the next month's."""
    s = scene().tariff("extra-ip", "EUR", "9.99", reseller="r1")
    s.tariff("extra-ip", "EUR", "8.88", reseller="r1", **{"from": FIRST.day(1)})
    s.tariff("extra-ip", "EUR", "99.00", reseller="r1", **{"from": FIRST.day(2)})
    s.machines(1, 2, SECOND).install(ctl)
    close(ctl, FIRST)
    close(ctl, SECOND)
    equal(entries(ctl), [(str(FIRST), str(FIRST), "charge", "8.88"),
                         (str(SECOND), str(SECOND), "charge", "99.00")])


def test_no_proof_of_what_is_not_there(ctl):
    scene().install(ctl)
    close(ctl, FIRST)
    ran = ctl.run("ledger", "proof", "1")
    equal(ran.code, NO_INPUT)
    check("store init" in ran.err, ran)
    ctl.must("store", "init")
    ctl.must("ledger", "proof", "1")
    equal(ctl.run("ledger", "proof", "2").code, DATA)
    equal([ctl.run("ledger", "proof", word).code for word in ("0", "-1", "1.5", "01")],
          [USAGE] * 4)
    equal(ctl.run("verify", "missing.json").code, NO_INPUT)


def test_what_is_no_proof_is_refused(ctl):
    for text in ("", "no proof at all", "{}", "[]", "{\"entry\": 1}", "\0" * 99):
        ctl.path("bad.json").write_text(text)
        ran = ctl.raw([ctl.program, "verify", "bad.json"])
        equal((ran.code, ran.out), (DATA, ""), repr(text), ran)


world.run_cases(globals())
