"""From findings to money, as a user sees it: closings, adjustments, decisions, bounds, amounts.
They are worked out by hand beside each case.

usage: test_ledger.py FAIRUSECTL [WORD...]"""

import csv
import json
import pathlib
import shutil
import tempfile
import time

import ctl_world as world
from ledger_world import (Case, DATA, DAY, KEY_1, KEY_2, KEY_3, NOW, P, P1, P2, TRY_AGAIN,
                          USAGE, brief, check, draft, estate, extra_ip, licence, main, reseller,
                          same, tariff, twenty_days, two_servers)

# ---- Closing --------------------------------------------------------------------------------

def closing_enters_the_drafts_once(case):
    case.begin(estate(), two_servers(P))
    # 2 machines at 2 places: 1 extra, 1 unit of 12.50.
    same(draft(case.due()), [("12.50", "0.00", "12.50")], "before")
    case.close(P)
    first = case.must("ledger", "export")
    same(brief(json.loads(first)), [("charge", str(P), str(P), "confirmed", "12.50")])
    case.close(P)
    same(case.must("ledger", "export"), first, "after a second closing")
    same(draft(case.due()), [("12.50", "12.50", "0.00")], "after")
    case.verifies()


def closing_the_running_month_is_too_early(case):
    case.begin(estate(), two_servers(P))
    running = world.Month.back(0)
    case.fails(TRY_AGAIN, ["ledger", "close", running, "--by", "Anna"], running)
    same(case.entries(), [])


def closing_waits_for_close_after(case):
    """The month ended between 6 and 37 days ago: 60 days after its end have not passed."""
    case.configure('close_after = "60d";').begin(estate(), two_servers(P))
    case.fails(TRY_AGAIN, ["ledger", "close", P, "--by", "Anna"], P, "close_after")
    same(case.entries(), [])
    case.configure('close_after = "6d";').take_estate(estate())
    case.close(P)
    same(len(case.entries()), 1)


def closing_needs_a_name_and_a_month(case):
    case.begin(estate(), two_servers(P))
    case.fails(USAGE, ["ledger", "close", P], "--by")
    case.fails(USAGE, ["ledger", "close", P, "--by", ""], "--by")
    case.fails(USAGE, ["ledger", "close", "2026-13", "--by", "Anna"], "2026-13")
    same(case.entries(), [])


def late_reports_become_an_adjustment_in_the_next_closing(case):
    case.begin(estate(), two_servers(P1))
    case.close(P1)
    case.take_reports([dict(line, sent_at=NOW, received_at=NOW)
                       for line in twenty_days(P1, "srv-3")])
    # 3 machines at 3 places: quantity 2, due 25.00; 12.50 of it stands in the ledger.
    same(draft(case.due()), [("25.00", "12.50", "12.50")])
    case.close(P)
    entries = case.entries()
    same(brief(entries), [("charge", str(P1), str(P1), "confirmed", "12.50"),
                          ("adjustment", str(P1), str(P), "confirmed", "12.50")])
    same((entries[1]["due"], entries[1]["entered_before"], entries[1]["quantity"]),
         ("25.00", "12.50", 2))
    case.verifies()


def a_charge_that_falls_away_is_taken_back(case):
    case.begin(estate(), two_servers(P1))
    case.close(P1)
    move = {"license": KEY_1, "from": f"{P1.day(1)}T00:00:00Z", "to": f"{P1.day(28)}T00:00:00Z",
            "reason": "declared late"}
    case.take_estate(estate(moves=[move]))
    # The move holds the 3rd to the 23rd: level 0 throughout, due 0.00.
    case.close(P)
    same(brief(case.entries()), [("charge", str(P1), str(P1), "confirmed", "12.50"),
                                 ("adjustment", str(P1), str(P), "clear", "-12.50")])
    case.verifies()


def a_charge_of_an_entry_that_is_gone_is_taken_back(case):
    case.begin(estate(), two_servers(P1))
    case.close(P1)
    case.take_estate(estate(licenses=[licence(KEY_2)]))
    case.close(P)
    same(brief(case.entries())[1:], [("adjustment", str(P1), str(P), "gone", "-12.50")])
    case.verifies()


def an_older_open_month_with_drafts_comes_first(case):
    case.begin(estate(), two_servers(P1) + two_servers(P, KEY_1, 1))
    case.fails(DATA, ["ledger", "close", P, "--by", "Anna"], P1)
    same(case.entries(), [])
    case.close(P1)
    case.close(P)
    same([e["period"] for e in case.entries()], [str(P1), str(P)])
    case.verifies()


def an_older_open_month_without_drafts_is_closed_along(case):
    case.begin(estate(), twenty_days(P1, "srv-1") + two_servers(P))
    check(str(P1) in case.close(P), "does not say that the older month is closed too")
    same(brief(case.entries()), [("charge", str(P), str(P), "confirmed", "12.50")])


# ---- Decisions ------------------------------------------------------------------------------

def a_waived_charge_is_taken_back_and_a_reinstated_one_returns(case):
    case.begin(estate(), two_servers(P2))
    case.close(P2)
    same(case.decide("waive", extra_ip(P2)).code, 0)
    same(draft(case.due()), [("0.00", "12.50", "-12.50")], "waived")
    case.close(P1)
    same(case.decide("reinstate", extra_ip(P2)).code, 0)
    case.close(P)
    same(brief(case.entries()), [("charge", str(P2), str(P2), "confirmed", "12.50"),
                                 ("adjustment", str(P2), str(P1), "waived", "-12.50"),
                                 ("adjustment", str(P2), str(P), "confirmed", "12.50")])
    case.verifies()


def what_is_waived_before_the_closing_is_never_entered(case):
    case.begin(estate(), two_servers(P1))
    same(case.decide("waive", extra_ip(P1)).code, 0)
    case.close(P1)
    same(case.entries(), [])
    same(case.decide("reinstate", extra_ip(P1)).code, 0)
    case.close(P)
    # The key's first entry is a charge, whenever it comes.
    same(brief(case.entries()), [("charge", str(P1), str(P), "confirmed", "12.50")])
    case.verifies()


def disputed_is_kept_out_until_upheld(case):
    case.begin(estate(), two_servers(P1))
    same(case.decide("dispute", extra_ip(P1)).code, 0)
    case.close(P1)
    same(case.entries(), [])
    # Still shown, as what is due and not entered.
    same(draft(case.due()), [("12.50", "0.00", "12.50")])
    same(case.decide("uphold", extra_ip(P1)).code, 0)
    case.close(P)
    same(brief(case.entries()), [("charge", str(P1), str(P), "confirmed", "12.50")])
    case.verifies()


def a_dispute_can_end_in_a_waiver(case):
    case.begin(estate(), two_servers(P))
    same(case.decide("dispute", extra_ip(P)).code, 0)
    same(case.decide("waive", extra_ip(P)).code, 0)
    case.close(P)
    same(case.entries(), [])
    case.verifies()


def decisions_need_a_name_and_a_reason(case):
    case.begin(estate(), two_servers(P))
    for verb in ("waive", "reinstate", "dispute", "uphold"):
        case.fails(USAGE, ["ledger", verb, extra_ip(P), "--reason", "so"], "--by")
        case.fails(USAGE, ["ledger", verb, extra_ip(P), "--by", "Bea"], "--reason")
        case.fails(USAGE, ["ledger", verb, extra_ip(P), "--by", "Bea", "--reason", ""],
                   "--reason")
    same(draft(case.due()), [("12.50", "0.00", "12.50")], "nothing was decided")


def impossible_decisions_are_refused(case):
    case.begin(estate(), two_servers(P))
    for done, refused in ((None, ("uphold", "reinstate")),
                          ("dispute", ("dispute", "reinstate")),
                          ("uphold", ("uphold", "reinstate")),
                          ("waive", ("waive", "dispute", "uphold")),
                          ("reinstate", ("reinstate", "uphold"))):
        if done:
            same(case.decide(done, extra_ip(P)).code, 0, done)
        for verb in refused:
            same(case.decide(verb, extra_ip(P)).code, DATA, f"{verb} after {done}")


def a_key_about_nothing_is_refused(case):
    case.begin(estate(), two_servers(P))
    for key in (extra_ip(P, KEY_2), extra_ip(P1), extra_ip(P, owner="r9"),
                f"{P}/r1/outside/{KEY_1}", f"{P}/r1/mailboxes/example.nl"):
        for verb in ("waive", "dispute"):
            ran = case.decide(verb, key)
            same(ran.code, DATA, f"{verb} {key}")
            check(ran.err.startswith("fairusectl: "), ran)


def a_key_can_be_four_words(case):
    case.begin(estate(), two_servers(P))
    case.must("ledger", "waive", P, "r1", "extra-ip", KEY_1, "--by", "Bea", "--reason", "so")
    same(case.due(), [], "waived: neither due nor entered")


# ---- What is due ----------------------------------------------------------------------------

def a_trial_reseller_is_shown_and_not_entered(case):
    case.begin(estate(resellers=[reseller("r1", billing="trial")]), two_servers(P))
    rows = case.due()
    same([(row["due"], row["draft"], row["trial"]) for row in rows], [("12.50", "12.50", True)])
    case.close(P)
    same(case.entries(), [])


def bounds_need_accept(case):
    case.configure('max_close_amount = "10.00";').begin(estate(), two_servers(P))
    case.fails(TRY_AGAIN, ["ledger", "close", P, "--by", "Anna"], "max_close_amount",
               "--accept", "12.50", "10.00")
    same(case.entries(), [])
    case.close(P, "--accept")
    same([e["amount"] for e in case.entries()], ["12.50"])


def the_bound_itself_is_not_above_it(case):
    case.configure('max_close_amount = "12.50";').begin(estate(), two_servers(P))
    case.close(P)
    same([e["amount"] for e in case.entries()], ["12.50"])


def the_number_of_entries_is_bound_too(case):
    tables = estate(licenses=[licence(KEY_1), licence(KEY_2)])
    lines = two_servers(P, KEY_1, 1) + two_servers(P, KEY_2, 3)
    case.configure("max_close_entries = 1;").begin(tables, lines)
    case.fails(TRY_AGAIN, ["ledger", "close", P, "--by", "Anna"], "max_close_entries")
    same(case.entries(), [])
    case.close(P, "--accept")
    same(len(case.entries()), 2)


def amounts_have_the_decimals_of_their_currency(case):
    owners = [("r1", "EUR", KEY_1), ("r2", "JPY", KEY_2), ("r3", "BHD", KEY_3)]
    servers = [{"server": f"srv-{n}", "reseller": owners[(n - 1) // 2][0]} for n in range(1, 7)]
    case.begin(
        estate(resellers=[reseller(name, currency) for name, currency, _ in owners],
               licenses=[licence(key, name) for name, _, key in owners], servers=servers,
               domains=[{"domain": "example.nl", "reseller": "r1"}],
               tariffs=[tariff(), tariff(currency="JPY", price="150.5"),
                        tariff(currency="BHD", price="4.0625"),
                        tariff("mailboxes", "EUR", "0.0525", 25)]),
        two_servers(P, KEY_1, 1) + two_servers(P, KEY_2, 3) + two_servers(P, KEY_3, 5) +
        [world.recorded("srv-1", 100, P.start() + 20 * DAY, mailboxes=[world.counted(
            "example.nl", 1042, P.start() + 5 * DAY, P.start() + 20 * DAY)])])
    # Half away from zero: 150.5 yen are 151; 4.0625 dinar are 4.063. 42 mailboxes over 1,000 in
    # blocks of 25 are 2 units, of 0.0525: 0.105, which is 0.11.
    expected = {"r1/extra-ip": ("EUR", 1, 1, "12.50", "12.50"),
                "r2/extra-ip": ("JPY", 1, 1, "150.5", "151"),
                "r3/extra-ip": ("BHD", 1, 1, "4.0625", "4.063"),
                "r1/mailboxes": ("EUR", 42, 2, "0.0525", "0.11")}
    same({f"{row['reseller']}/{row['kind']}": (
        row["currency"], row["quantity"], row["units"], row["unit_price"], row["due"])
        for row in case.due()}, expected)
    case.close(P)
    entries = case.entries()
    same({f"{e['reseller']}/{e['kind']}": (
        e["currency"], e["quantity"], e["units"], e["unit_price"], e["amount"])
        for e in entries}, expected)
    case.verifies()


def without_a_tariff_for_outside_nothing_is_due(case):
    case.begin(estate(), twenty_days(P, "srv-1", address="9.9.9.9"))
    told = json.loads(case.must("audit", "--format", "json"))
    states = [(f["kind"], f["state"]) for f in told["findings"] if f["period"] == str(P)]
    check(("outside", "confirmed") in states, f"not confirmed: {states}")
    same(told["due"], [])
    check("no tariff" in case.must("ledger", "list", "--draft"), "does not say: no tariff")
    case.close(P)
    same(case.entries(), [])


# ---- Secrets, and the same answer twice -----------------------------------------------------

SECRETS = {"activation_code": "A00X00-PLANTED1-XXXX00", "password": "planted2&word",
           "smtp_password": "planted3&word", "user_password": "planted4&word",
           "update-ticket": "planted5ticket", "key": {"key": "planted6key", "item": "X"}}


def what_is_not_entered_yet_is_listed_in_three_forms(case):
    case.begin(estate(), two_servers(P))
    row = {"period": str(P), "reseller": "r1", "kind": "extra-ip", "subject": KEY_1,
           "quantity": 1, "units": 1, "unit_price": "12.50", "currency": "EUR", "due": "12.50",
           "entered": "0.00", "draft": "12.50", "trial": False}
    same(json.loads(case.must("ledger", "list", "--draft", "--format", "json")), [row])
    lines = case.must("ledger", "list", "--draft", "--format", "csv").splitlines()
    same(list(csv.reader(lines)), [list(row), [
        str(P), "r1", "extra-ip", KEY_1, "1", "1", "12.50", "EUR", "12.50", "0.00", "12.50",
        "false"]])
    check("12.50" in case.must("ledger", "list", "--draft"), "the table has no amount")
    case.close(P)
    entered = [{**row, "entered": "12.50", "draft": "0.00"}]
    same(json.loads(case.must("ledger", "list", "--draft", "--format", "json")), entered)
    lines = case.must("ledger", "list", "--draft", "--format", "csv").splitlines()
    same([r["draft"] for r in csv.DictReader(lines)], ["0.00"])


# ---- What is kept ---------------------------------------------------------------------------

def old_evidence_can_be_pruned_and_no_month_says_anything_else(case):
    """Of two and a half years ago, and of a month that is closed: no audit looks back so far."""
    case.begin(estate(), two_servers(P.plus(-30)) + two_servers(P))
    case.close(P)
    audit = ["audit", "--format", "json", "--period", P, "--as-of", int(time.time())]
    before = case.must(*audit)
    # Two servers, seen once a day for 20 days, and on the last one: 21 stretches each.
    # However little is to be kept: what the month needs stays.
    for words, rows, told in ((["--dry-run"], 42, "would be"), (["--dry-run"], 42, "would be"),
                              ([], 42, "were"), ([], 0, "were"),
                              (["--keep", "1d"], 0, "were")):
        said = case.must("store", "prune", *words)
        check(said.startswith(f"{rows} rows that ended before ") and f"{told} deleted" in said,
              said)
    same(case.must(*audit), before, "after pruning")
    case.must("store", "check")
    case.verifies()


def listing(**more):
    row = {"key_id": 1, "key_number": "PLSK.00000001.0003", "parent_key_id": 0,
           "product": "plesk", "title": "web01", "comment": "", "contract": "2014",
           "billing_type": "lease", "period": 1, "status": "ACT", "items": [],
           "sku_values": None, "order_date": "2020-01-05 11:07:35",
           "expiration_date": "2030-12-04 18:00:00", "ip_address_binding": "5.9.0.1", **SECRETS}
    return {"code": 0, "desc": "", "data": {"total": 1, "results": [{**row, **more}]}}


def secrets_of_a_vendor_listing_are_nowhere(case):
    case.begin(estate(), two_servers(P))
    folder = pathlib.Path(tempfile.mkdtemp(prefix="fairuse-listing-"))
    said = []
    try:
        for number, (value, code) in enumerate((
                (listing(), 0), (listing(key_number="planted7 no key"), None),
                (listing(activation_code=["planted8"], status=5), None))):
            path = folder / f"listing{number}.json"
            world.write_json(path, value)
            said.append(case.run("import", "estate", path))
            check(code is None or said[-1].code == code, said[-1])
        path.write_text(json.dumps(listing())[:-40] + "planted9")  # cut off
        said.append(case.run("import", "estate", path))
        same(said[-1].code, DATA, repr(said[-1]))
    finally:
        shutil.rmtree(folder)
    for words in (["audit", "--format", "json"], ["explain", KEY_1], ["store", "check"],
                  ["ledger", "close", P, "--by", "Anna"], ["ledger", "export"],
                  ["ledger", "proof", "1"]):
        said.append(case.run(*words))
        same(said[-1].code, 0, repr(said[-1]))
    # A key number that is none may be quoted in the error about it: it is no secret.
    for number in (1, 2, 3, 4, 5, 6, 8, 9):
        for word in (f"planted{number}", f"PLANTED{number}"):
            check(not any(word in ran.out + ran.err for ran in said), f"{word}: {said}")
            for path in case.folder.rglob("*"):
                check(path.is_dir() or word.encode() not in path.read_bytes(),
                      f"{word} is in {path.name}")


def an_audit_twice_is_the_same_bytes(case):
    lines = two_servers(P1) + two_servers(P)
    case.begin(estate(), lines)
    for form in ("json", "text"):
        words = ["audit", "--as-of", P.end() + DAY, "--format", form]
        first = case.must(*words)
        check(KEY_1 in first, first)
        same(case.must(*words), first, form)
        case.path(form).mkdir()
        other = Case(case.program, case.path(form))
        other.begin(estate(), lines[::-1])
        other.take_reports(lines)
        same(other.must(*words), first, f"{form}, reports backwards and twice")


CASES = [
    closing_enters_the_drafts_once,
    closing_the_running_month_is_too_early,
    closing_waits_for_close_after,
    closing_needs_a_name_and_a_month,
    late_reports_become_an_adjustment_in_the_next_closing,
    a_charge_that_falls_away_is_taken_back,
    a_charge_of_an_entry_that_is_gone_is_taken_back,
    an_older_open_month_with_drafts_comes_first,
    an_older_open_month_without_drafts_is_closed_along,
    a_waived_charge_is_taken_back_and_a_reinstated_one_returns,
    what_is_waived_before_the_closing_is_never_entered,
    disputed_is_kept_out_until_upheld,
    a_dispute_can_end_in_a_waiver,
    decisions_need_a_name_and_a_reason,
    impossible_decisions_are_refused,
    a_key_about_nothing_is_refused,
    a_key_can_be_four_words,
    a_trial_reseller_is_shown_and_not_entered,
    bounds_need_accept,
    the_bound_itself_is_not_above_it,
    the_number_of_entries_is_bound_too,
    amounts_have_the_decimals_of_their_currency,
    without_a_tariff_for_outside_nothing_is_due,
    what_is_not_entered_yet_is_listed_in_three_forms,
    old_evidence_can_be_pruned_and_no_month_says_anything_else,
    secrets_of_a_vendor_listing_are_nowhere,
    an_audit_twice_is_the_same_bytes,
]


if __name__ == "__main__":
    main(CASES, __doc__)
