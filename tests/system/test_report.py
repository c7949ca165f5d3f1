"""The nightly report as people get it: who is mailed when, what a repeat does, what happens when
something fails. Nights are of last month; 12.50 EUR a machine too many."""

import contextlib
import json
import os
import signal
import sqlite3
import subprocess
import time

import ctl_world as world
from ctl_world import check, equal
from report_world import Nights, moment

USAGE, DATA, UNAVAILABLE, IO, TRY_AGAIN, CONFIG = 64, 65, 69, 74, 75, 78
MONTH = world.Month.back(1)
START, END = MONTH.start(), MONTH.end()
DAY = world.DAY


def scene(**more):
    """One licence of a reseller with an e-mail, on one machine all month."""
    s = world.Scene().reseller("r1", email="ops@r1.example", language="en",
                               networks=["5.9.0.0/16"], **more)
    s.tariff("extra-ip", "EUR", "12.50").license(1, "r1")
    return s.present(1, 1, START, END)


def second(s, first_day, last_day):
    """A second machine, from noon to noon of two days of the month."""
    return s.present(1, 2, moment(MONTH, first_day, 12), moment(MONTH, last_day, 12))


def test_a_night_without_findings_says_so(ctl):
    """The account manager is mailed all the same; the reseller is left in peace."""
    nights = Nights(ctl, scene())
    mails = nights.night(moment(MONTH, 10))
    equal(list(mails), ["ann@example.nl"])
    mail = mails["ann@example.nl"]
    equal(mail.defects(), [])
    equal(mail["From"], "Fair use <fairuse@distributor.example>")
    equal(mail["To"], "Ann <ann@example.nl>")
    equal(mail["Auto-Submitted"], "auto-generated")
    check("[fairuse 1]" in mail["Subject"], mail["Subject"])
    model = nights.models()["am1"]
    equal((model["confirmed"], model["potential"], model["serial"]), (0, 0, 1))


def test_a_potential_finding_is_told_on_its_first_night(ctl):
    """The second machine comes at noon of the 5th; at 3 in the morning of the 6th it is 15 hours
    old: potential. The reseller is told once, the account manager each night."""
    nights = Nights(ctl, second(scene(), 5, 12))
    equal(list(nights.night(moment(MONTH, 5))), ["ann@example.nl"])
    first = nights.night(moment(MONTH, 6))
    equal(sorted(first), ["ann@example.nl", "ops@r1.example"])
    reseller = first["ops@r1.example"]
    check(world.key(1) in reseller.text, reseller.text)
    check("5.9.1.2" in reseller.text and "5.9.1.1" in reseller.text, reseller.text)
    check("€12.50" in reseller.text, reseller.text)
    check(reseller.files("image/png"), "no timeline")
    equal(list(nights.night(moment(MONTH, 7))), ["ann@example.nl"])
    model = nights.models()["am1"]
    equal((model["potential"], model["serial"]), (1, 3))


def test_a_finding_that_ends_is_told(ctl):
    """Gone at noon of the 12th; 26 hours later (`bridge`) it no longer goes on."""
    nights = Nights(ctl, second(scene(), 5, 12))
    nights.night(moment(MONTH, 10))
    equal(list(nights.night(moment(MONTH, 12))), ["ann@example.nl"])
    ended = nights.night(moment(MONTH, 14))
    equal(sorted(ended), ["ann@example.nl", "ops@r1.example"])


def test_before_it_costs_it_is_told_again_and_then_that_it_does(ctl):
    """From noon of the 5th, more than 14 days are over just after noon of the 19th: three days
    before (`remind`) is the night of the 17th."""
    nights = Nights(ctl, second(scene(), 5, 27))
    nights.night(moment(MONTH, 6))
    equal(list(nights.night(moment(MONTH, 16))), ["ann@example.nl"])
    equal(sorted(nights.night(moment(MONTH, 17))), ["ann@example.nl", "ops@r1.example"])
    equal(list(nights.night(moment(MONTH, 18))), ["ann@example.nl"])
    confirmed = nights.night(moment(MONTH, 20))
    equal(sorted(confirmed), ["ann@example.nl", "ops@r1.example"])
    equal(nights.models()["am1"]["confirmed"], 1)
    equal(list(nights.night(moment(MONTH, 21))), ["ann@example.nl"])


def test_a_repeat_mails_nobody_twice(ctl):
    nights = Nights(ctl, second(scene(), 5, 12))
    equal(len(nights.night(moment(MONTH, 6))), 2)
    equal(len(nights.night(moment(MONTH, 6))), 0)
    equal(len(nights.night(moment(MONTH, 6, 9))), 0)  # later the same day
    equal(nights.models()["am1"]["serial"], 1)
    equal(len(nights.status()["runs"]), 1)


def test_what_was_said_does_not_go_back(ctl):
    nights = Nights(ctl, scene())
    nights.send(moment(MONTH, 10))
    ran = nights.send(moment(MONTH, 9), code=DATA)
    check("a later day was reported already" in ran.err, ran)


def test_one_reader_alone(ctl):
    """--account-manager beside the night: one mail a day; the night tells it, too, with all that
    is new, for it must not lose anything."""
    nights = Nights(ctl, second(scene(), 5, 12))
    equal(list(nights.night(moment(MONTH, 6), "--account-manager", "am1")), ["ann@example.nl"])
    equal(list(nights.night(moment(MONTH, 6), "--account-manager", "am1")), [])
    equal(sorted(nights.night(moment(MONTH, 6))), ["ann@example.nl", "ops@r1.example"])
    equal(nights.models()["am1"]["new"], 1)
    ran = nights.send(moment(MONTH, 6), "--account-manager", "nobody", code=DATA)
    check("no account manager nobody" in ran.err, ran)


def test_a_moment_to_come_is_not_told(ctl):
    nights = Nights(ctl, scene())
    ran = nights.send("2099-01-01T00:00:00Z", code=USAGE)
    check("future" in ran.err, ran)
    equal(nights.status()["runs"], [])


def test_a_partial_night_takes_no_news_from_the_whole_one(ctl):
    """One month alone in the night before: the whole night still tells what is new."""
    nights = Nights(ctl, second(scene(), 5, 12))
    nights.night(moment(MONTH, 6), "--period", str(MONTH.plus(-1)))
    mails = nights.night(moment(MONTH, 6))
    equal(sorted(mails), ["ann@example.nl", "ops@r1.example"])


def standing(ctl):
    """How often agents were given something to be told, and of how many licences."""
    with contextlib.closing(sqlite3.connect(ctl.path("store.db"))) as store:
        return store.execute("SELECT generation, (SELECT count(*) FROM standing) "
                             "FROM published").fetchone()


def test_agents_are_told_by_whole_nights_alone(ctl):
    """As by audit --publish; neither a repeat nor one reader's report changes what they are told."""
    nights = Nights(ctl, second(scene(), 5, 12))
    nights.night(moment(MONTH, 6), "--account-manager", "am1")
    equal(standing(ctl), (0, 0))
    nights.night(moment(MONTH, 6))
    equal(standing(ctl), (1, 1))
    nights.night(moment(MONTH, 6))
    nights.night(moment(MONTH, 7), "--period", str(MONTH))
    equal(standing(ctl), (1, 1))


def test_two_at_once_make_one_night(ctl):
    nights = Nights(ctl, second(scene(), 5, 12))
    command = ctl.command("report", "--send", "--as-of", moment(MONTH, 6))
    both = [subprocess.Popen(command, cwd=ctl.folder, stdin=subprocess.DEVNULL,
                             stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            for _ in range(2)]
    codes = sorted(child.wait() for child in both)
    check(codes in ([0, 0], [0, TRY_AGAIN]), codes)
    nights.send(moment(MONTH, 6), "--wait", "60s")
    equal(len(nights.status()["runs"]), 1)
    equal(sorted(m.recipient for m in nights.mails()), ["ann@example.nl", "ops@r1.example"])


def test_a_host_without_a_domain_is_an_address(ctl):
    """An account manager in the own network; its reseller is mailed, too."""
    s = second(scene(), 5, 12)
    s.estate["account_managers"][0]["email"] = "anna@intranet"
    nights = Nights(ctl, s)
    equal(sorted(nights.night(moment(MONTH, 6))), ["anna@intranet", "ops@r1.example"])


def test_the_audit_fails_and_the_mail_says_so(ctl):
    """No place for temporary files: the audit cannot sort. Once a day; a repeat that succeeds
    makes the report."""
    nights = Nights(ctl, scene())
    broken = {"env": {"TMPDIR": "/nonexistent"}}
    nights.forget()
    ran = ctl.run("report", "--send", "--as-of", moment(MONTH, 10), **broken)
    equal(ran.code, IO, ran)
    mails = nights.mails()
    equal([m.recipient for m in mails], ["ann@example.nl"])
    check("/nonexistent" in mails[0].text, mails[0].text)
    nights.forget()
    ran = ctl.run("report", "--send", "--as-of", moment(MONTH, 10), **broken)
    equal((ran.code, nights.mails()), (IO, []), ran)
    mails = nights.night(moment(MONTH, 10))
    equal(list(mails), ["ann@example.nl"])
    check("[fairuse 2]" in mails["ann@example.nl"]["Subject"])


def test_a_store_that_cannot_be_read_is_told_to_the_operators(ctl):
    nights = Nights(ctl, scene())
    program = ctl.path("sendmail").resolve()
    nights.configure(f'sendmail = "{program}"; alarm_to = [ "night@distributor.example" ];')
    ctl.path("store.db").write_bytes(b"this is no store" * 100)
    nights.forget()
    ran = ctl.run("report", "--send")
    check(ran.code != 0, ran)
    equal([m.recipient for m in nights.mails()], ["night@distributor.example"])


def test_a_mail_that_is_put_off_waits(ctl):
    """75 of the mail program: try again. The next call finds it due after retry_first."""
    nights = Nights(ctl, scene())
    program = ctl.path("sendmail").resolve()
    nights.configure(f'sendmail = "{program}"; retry_first = "1s"; retry_most = "2s";')
    (nights.folder / "fail").write_text("75")
    ran = nights.send(moment(MONTH, 10), code=TRY_AGAIN)
    waiting = nights.status()["mails"]
    equal([(m["state"], m["attempts"]) for m in waiting], [("waits", 1)], ran)
    (nights.folder / "fail").unlink()
    nights.send(moment(MONTH, 10), "--wait", "10s")
    equal([m.recipient for m in nights.mails()], ["ann@example.nl"])
    equal(nights.status()["mails"], [])


def test_a_mail_that_is_refused_is_named_the_next_night(ctl):
    """69 of the mail program for one: given up; the next night's mail names it."""
    nights = Nights(ctl, scene())
    (nights.folder / "fail").write_text("67")  # EX_NOUSER
    nights.send(moment(MONTH, 10))
    dead = nights.status()["mails"]
    equal([(m["state"], m["recipient"]) for m in dead], [("given up", "ann@example.nl")])
    (nights.folder / "fail").unlink()
    mails = nights.night(moment(MONTH, 11))
    check("ann@example.nl" in mails["ann@example.nl"].text, mails["ann@example.nl"].text)


def test_killed_at_any_moment_a_night_is_whole_or_not_there(ctl):
    """kill -9 at some moments; then the night is made, and everybody has exactly one mail of
    each number."""
    nights = Nights(ctl, second(scene(), 5, 12))
    nights.configure(f'sendmail = "{ctl.path("sendmail").resolve()}"; timeout = "10s";')
    command = ctl.command("report", "--send", "--as-of", moment(MONTH, 6))
    for wait in (0.02, 0.05, 0.1, 0.2, 0.3, 0.45, 0.6, 0.9):
        child = subprocess.Popen(command, cwd=ctl.folder, stdin=subprocess.DEVNULL,
                                 stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(wait)
        child.send_signal(signal.SIGKILL)
        child.wait()
        runs = nights.status()["runs"]
        check(len(runs) <= 1, runs)
    deadline = time.monotonic() + 120  # a claim of a killed one ends 30 s after mail.timeout
    while True:
        ran = ctl.run("report", "--send", "--as-of", moment(MONTH, 6))
        if ran.code == 0:
            break
        equal(ran.code, TRY_AGAIN, ran)
        check(time.monotonic() < deadline, "the mails never went out", ran)
        time.sleep(5)
    equal(len(nights.status()["runs"]), 1)
    equal(sorted({m.recipient for m in nights.mails()}), ["ann@example.nl", "ops@r1.example"])
    equal(len({m["Message-ID"] for m in nights.mails()}), 2)
    check(ctl.must("store", "check"))


def test_what_was_said_is_shown_as_it_was_said(ctl):
    nights = Nights(ctl, second(scene(), 5, 12))
    mails = nights.night(moment(MONTH, 6))
    for words, recipient in ((("--account-manager", "am1"), "ann@example.nl"),
                             (("--reseller", "r1"), "ops@r1.example")):
        shown = ctl.must("report", "show", "1", *words)
        check(mails[recipient].text.strip() in shown, shown, mails[recipient].text)
    equal(ctl.run("report", "show", "7").code, DATA)
    equal(ctl.run("report", "show", "first").code, USAGE)


def test_files_are_a_look_and_change_nothing(ctl):
    nights = Nights(ctl, second(scene(), 5, 12))
    paths = ctl.must("report", "--output", "out", "--as-of", moment(MONTH, 6)).split()
    for name in ("manager-am1.txt", "manager-am1.html", "manager-am1.csv", "manager-am1.json",
                 "manager-am1-amounts.csv", "reseller-r1.txt", "reseller-r1-p1.png"):
        check(f"out/{name}" in paths, name, paths)
        check(ctl.path(f"out/{name}").stat().st_size > 0, name)
    model = json.loads(ctl.path("out/manager-am1.json").read_text())
    equal((model["serial"], model["potential"]), (0, 1))
    equal(nights.status()["runs"], [])
    dutch = ctl.must("report", "--output", "nl", "--as-of", moment(MONTH, 6), "--language", "nl",
                     "--reseller", "r1").split()
    check("nl/reseller-r1.txt" in dutch and "nl/manager-am1.txt" not in dutch, dutch)
    check("mogelijk" in ctl.path("nl/reseller-r1.txt").read_text().lower())


def test_what_is_asked_wrongly_is_refused(ctl):
    nights = Nights(ctl, scene())
    for words in (("report",), ("report", "--send", "--output", "x"),
                  ("report", "--output", "x", "--language", "de"),
                  ("report", "--output", "x", "--wait", "1h"),
                  ("report", "--send", "--wait", "soon"),
                  ("report", "--output", "x", "--account-manager", "am1", "--reseller", "r1"),
                  ("report", "nothing"), ("report", "show")):
        equal(ctl.run(*words).code, USAGE, words)
    nights.configure("")
    ran = ctl.run("report", "--send")
    equal(ran.code, CONFIG, ran)
    check("mail.url" in ran.err, ran)


if __name__ == "__main__":
    os.umask(0o077)
    world.run_cases(globals())
