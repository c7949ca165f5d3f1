"""The whole system for one night, in a lab with everything in it (lab_world, lab_night): twenty
servers of three resellers, each wired as a real customer's is; and what the audit, the account
managers, the resellers and the customers read of it. Each case says what that must be, by hand,
from how its server is wired and for how long; all of them ask the same night.

    test_lab.py FAIRUSECTL [WORD…]      cases whose names have one of the words"""

import pathlib
import sys
import time
import traceback

import agent_world
import ctl_world
import lab_night
import lab_world
from ctl_world import check, equal
from lab_night import (ANNA, BERT, BIG, CLONES, COPIED, COPY, DUAL, DUAL6, FAILOVER, FAR,
                       FLAG, FORGED, GATE, GRACE, HIDDEN_GATE, IN_TIME, LASTING, LATE, MANY, MULTI,
                       NOORD, OOST, ORIGINAL, OUTSIDE, PLAIN, SMALL, SNAPSHOT, SNAT, SNATTED,
                       UNFILTERED, UPSTREAM, VICTIM, VIP, ZUID, VISITED, ABROAD)
from report_world import Mail

key = ctl_world.key


def flat(text):
    """As it is read: lines do not matter."""
    return " ".join(text.split())


def text_of(night, reader):
    return flat(Mail(night.mails[reader].raw).text)


def of(night, number):
    """What was found of a licence."""
    return [f for f in night.audit["findings"] if f["subject"] == key(number)]


def the_one(night, number):
    found = of(night, number)
    equal(len(found), 1, "findings of", key(number), found)
    return found[0]


def rows_of(night, name, number):
    """Stretches of a licence at a customer's server, of the sources that count."""
    return [r for r in night.rows_of[number] if r[0] == night.servers[name] and
            r[3] in lab_world.COUNTED]


def first(rows):
    return min(r[4] for r in rows)


def last(rows):
    return max(r[5] for r in rows)


def extra_ip(night, number, state, one, other):
    """One server more than allowed, at a place of its own, since the second one was there."""
    found = the_one(night, number)
    a, b = rows_of(night, one, number), rows_of(night, other, number)
    equal((found["kind"], found["state"], found["reseller"], found["quantity"], found["clause"],
           found["since"]),
          ("extra-ip", state, "noord", 1, "FUP, licences 2", max(first(a), first(b))))
    return min(last(a), last(b)) - found["since"], found


def due_of(night, subject):
    return [(d["kind"], d["units"], d["due"], d["draft"]) for d in night.audit["due"]
            if d["subject"] == subject]


def nothing_of(night, number, *servers):
    """No finding, no draft, no word to anybody, and the customer reads that all is well."""
    equal(of(night, number), [])
    equal(due_of(night, key(number)), [])
    for reader in night.mails:
        check(key(number) not in text_of(night, reader), reader, "reads of", key(number))
    for server in servers:
        equal(standing(night, server), [(key(number), "ok", None)])


def standing(night, server):
    return [(s["license"], s["state"], s["kinds"]) for s in night.status[server]["standing"]]


# ---- All of it ----------------------------------------------------------------------------------


def test_all_that_is_found_and_nothing_else(night):
    """Sorted by kind, reseller and subject; each line is the business of a case below."""
    wanted = [
        ("extra-ip", "confirmed", "noord", key(COPIED), 1),
        ("extra-ip", "potential", "noord", key(IN_TIME), 1),
        ("extra-ip", "confirmed", "noord", key(LATE), 1),
        ("foreign-server", "notice", "noord", key(VICTIM), 1),
        ("forked-identity", "notice", "noord", night.servers["clone1"], 1),
        ("mailboxes", "confirmed", "noord", BIG, 42),
        ("many-addresses", "notice", "noord", key(SNAT), 1),
        ("many-addresses", "notice", "noord", key(MULTI), 2),
        ("outside", "confirmed", "zuid", key(OUTSIDE), 1),
        ("second-server", "notice", "noord", key(CLONES), 1)]
    got = [(f["kind"], f["state"], f["reseller"], f["subject"], f["quantity"])
           for f in night.audit["findings"]]
    equal(got, wanted)
    equal({f["period"] for f in night.audit["findings"]}, {night.period})


def test_the_money(night):
    """12.50 for each of two servers too many; 42 mailboxes are five blocks of ten, 5 x 3.00 =
    15.00; nothing for what is only potential, and for `outside` there is no tariff: no due, so no
    row. Nothing is entered."""
    got = [(d["reseller"], d["kind"], d["subject"], d["quantity"], d["units"], d["unit_price"],
            d["due"], d["entered"], d["draft"]) for d in night.audit["due"]]
    equal(got, [
        ("noord", "extra-ip", key(COPIED), 1, 1, "12.50", "12.50", "0.00", "12.50"),
        ("noord", "extra-ip", key(LATE), 1, 1, "12.50", "12.50", "0.00", "12.50"),
        ("noord", "mailboxes", BIG, 42, 5, "3.00", "15.00", "0.00", "15.00")])


# ---- Who is not charged -------------------------------------------------------------------------


def test_a_plain_server(night):
    """One server, one address: nothing. Its panel was visited all the while."""
    nothing_of(night, PLAIN, "plain")
    seen = {(r[2], r[3]) for r in night.rows_of[PLAIN]}
    equal(seen, {("203.0.113.10", source) for source in ("peer", "keyserver", "panel",
                                                        "interface")})


def test_dual_stack(night):
    """IPv4 and IPv6 of one server are one place: nothing. Both were seen to connect to the key
    server, for longer than would be mentioned."""
    nothing_of(night, DUAL, "dual")
    for address in ("203.0.113.20", DUAL6):
        longest = max(r[5] - r[4] for r in rows_of(night, "dual", DUAL) if r[2] == address)
        check(longest > FLAG, address, longest)


def test_behind_somebody_elses_translation(night):
    """The server has a private address, and the collector sees its gateway's: that is the one
    address. Nothing; and the private one is nobody's business and was not sent."""
    nothing_of(night, UPSTREAM, "hidden")
    equal({(r[2], r[3]) for r in night.rows_of[UPSTREAM]}, {(HIDDEN_GATE, "peer")})


def test_a_failover_and_the_way_back(night):
    """A has the key and the address; A dies; B takes both; A comes back. Two servers and three
    runs, never two of them at once, and one address: nothing."""
    nothing_of(night, FAILOVER, "node-a")
    a, b = (rows_of(night, name, FAILOVER) for name in ("node-a", "node-b"))
    equal({r[2] for r in a + b}, {VIP})
    runs = [[r for r in a + b if r[1] == run] for run in {r[1] for r in a + b}]
    equal((len(runs), len({r[1] for r in a}), len({r[1] for r in b})), (3, 2, 1))
    runs.sort(key=first)
    check([r[0][0] for r in runs] == [a[0][0], b[0][0], a[0][0]], "A, B, A", runs)
    for one, other in zip(runs, runs[1:]):
        check(last(one) <= first(other), "one after another", one, other)


def test_a_snapshot_put_back(night):
    """The start from an older copy is another run of the same server, after the first one, at the
    same address: nothing. What the collector had, it has still, and the second run goes on. (Its
    administrator let it observe connections alone.)"""
    nothing_of(night, SNAPSHOT, "snap")
    rows = night.rows_of[SNAPSHOT]
    equal(({r[0] for r in rows}, {r[2] for r in rows}, {r[3] for r in rows}),
          ({night.servers["snap"]}, {"203.0.113.120"}, {"peer", "keyserver"}),
          "interfaces are not to be observed there")
    for had in night.before_restoring:
        check(any(r[:4] == had[:4] and r[4] <= had[4] and had[5] <= r[5] for r in rows), had)
    before = {r[1] for r in night.before_restoring}
    after = [r for r in rows if r[1] not in before]
    equal((len(before), len({r[1] for r in after})), (1, 1))
    check(last(night.before_restoring) <= first(after) < last(after), rows)


def test_a_thousand_mailboxes(night):
    """As many as are allowed: nothing."""
    equal([f for f in night.audit["findings"] if f["subject"] == SMALL], [])
    equal({r[:2] for r in night.counts if r[0] == SMALL}, {(SMALL, 1000)})
    for reader in night.mails:
        check(SMALL not in text_of(night, reader), reader)
    nothing_of(night, ABROAD, "abroad")


def test_a_reseller_of_whom_nothing_was_found(night):
    """Oost has five licences on six servers in the lab, and is not mailed. Its account manager
    reads no finding of it, no call, no cent."""
    check(OOST not in night.mails, night.mails.keys())
    equal(sorted(night.mails), sorted([ANNA, BERT, NOORD, ZUID]))
    lines = next(rows for name, rows in Mail(night.mails[ANNA].raw).tables().items()
                 if name.endswith("findings.csv"))
    equal({row["reseller"] for row in lines}, {"noord"}, lines)
    check("2. " not in Mail(night.mails[ANNA].raw).text.split("Per reseller")[0], "one call only")


# ---- Who is noticed, and not charged ------------------------------------------------------------


def noticed(night, number, kind, quantity, *words):
    found = the_one(night, number)
    equal((found["kind"], found["state"], found["quantity"], found["confirms_at"]),
          (kind, "notice", quantity, None))
    equal(due_of(night, key(number)), [])
    check(key(number) not in text_of(night, NOORD), "a reseller is not mailed what costs nothing")
    check(any(f"{key(number)}: {w}" in text_of(night, ANNA) for w in words), words,
          text_of(night, ANNA))
    return found


def test_own_translation(night):
    """The collector sees the server's own address, the key server the one that it translates to,
    which only its connection tracking knows. One machine on two: one more than one."""
    found = noticed(night, SNAT, "many-addresses", 1, "één server op meerdere adressen")
    units = {u["unit"]: u["sources"] for u in found["evidence"]["units"]}
    equal(sorted(units), ["203.0.113.40", SNATTED])
    equal(units[SNATTED], ["nat"])
    check("peer" in units["203.0.113.40"], units)
    equal(standing(night, "snat"), [(key(SNAT), "ok", None)])


def test_several_addresses(night):
    """One machine that connects to the key server from each of its three: two more than one."""
    found = noticed(night, MULTI, "many-addresses", 2, "één server op meerdere adressen")
    equal(sorted(u["unit"] for u in found["evidence"]["units"]), MANY)
    equal(len(found["evidence"]["machines"]), 1)
    equal(standing(night, "multi"), [(key(MULTI), "ok", None)])


def test_two_clones_behind_one_translation(night):
    """A copied disk: the same server twice. Both are at the gateway's address, so there is no
    extra one; but a second server, and one identity in two machines."""
    found = noticed(night, CLONES, "second-server", 1, "meerdere servers achter één adres")
    equal([u["unit"] for u in found["evidence"]["units"]], [GATE])
    equal({m["server"] for m in found["evidence"]["machines"]}, {night.servers["clone1"]})
    equal(night.servers["clone1"], night.servers["clone2"])
    check(f"{night.servers['clone1']}: twee machines met één identiteit" in text_of(night, ANNA))
    for name in ("clone1", "clone2"):
        equal(standing(night, name), [(key(CLONES), "ok", None)])


def test_a_forged_report(night):
    """A server of Zuid's claims that Noord's licence was in use for 55 s at another address of
    Noord's; that would be confirmed. It is said of whom it came, and counted against nobody."""
    found = noticed(night, VICTIM, "foreign-server", 1, "op de server van een andere reseller")
    equal(found["reseller"], "noord")
    forged = [r for r in night.rows_of[VICTIM] if r[2] == FORGED]
    equal([(r[0], r[3], r[5] - r[4]) for r in forged],
          [(night.servers["forger"], "keyserver", LASTING)])
    check(LASTING > GRACE, "long enough, were it believed")
    equal(standing(night, "victim"), [(key(VICTIM), "ok", None)])


def test_a_migration_that_ends_in_time(night):
    """Both are there for some 10 s of the 40 that are free: mentioned (more than 4), not charged;
    it no longer goes on. Both resellers' sides read that it costs nothing, and where it lives
    now."""
    together, found = extra_ip(night, IN_TIME, "potential", "old9", "new9")
    check(FLAG < together < GRACE, together)
    equal(found["confirms_at"], None)
    equal(due_of(night, key(IN_TIME)), [])
    for reader in (NOORD, ANNA):
        said = text_of(night, reader)
        check(f"{key(IN_TIME)}: 1 extra IP-adres (mogelijk)" in said, said)
        check("De licentie is verhuisd: 203.0.113.91" in said and
              "Het is gestopt. Blijft dat zo, dan kost het niets." in said, said)
    equal(standing(night, "new9"), [(key(IN_TIME), "potential", "extra-ip")])
    check(f"{key(IN_TIME)} is sinds" in night.words["new9"] and
          "zolang het niet doorgaat wordt er niets in rekening gebracht" in night.words["new9"],
          night.words["new9"])


# ---- Who is charged -----------------------------------------------------------------------------


def charged(night, number, servers):
    """What Noord and its account manager read of a server too many."""
    equal(due_of(night, key(number)), [("extra-ip", 1, "12.50", "12.50")])
    for reader in (NOORD, ANNA):
        said = text_of(night, reader)
        check(f"{key(number)}: 1 extra IP-adres (bevestigd)" in said, said)
        part = said.split(f"* {key(number)}: 1 extra")[1].split("Grondslag")[0]
        check("€ 12,50" in part, part)
    for server in servers:
        equal(standing(night, server), [(key(number), "confirmed", "extra-ip")])


def test_a_copied_licence_on_a_second_server(night):
    """Two servers at two addresses for more than 40 s: one too many, 12.50. Who administers the
    copy reads it too."""
    together, found = extra_ip(night, COPIED, "confirmed", "original", "copy")
    check(together >= LASTING, together)
    equal(sorted(u["unit"] for u in found["evidence"]["units"]), [ORIGINAL, COPY])
    charged(night, COPIED, ("original", "copy"))
    check(f"{key(COPIED)} is sinds" in night.words["copy"] and
          "dit is bevestigd en wordt per extra adres in rekening gebracht" in night.words["copy"],
          night.words["copy"])


def test_a_migration_that_does_not_end_in_time(night):
    """The old server ended after 55 s beside the new one; 40 were free: 12.50, though it is
    over."""
    together, _ = extra_ip(night, LATE, "confirmed", "old10", "new10")
    check(together >= LASTING, together)
    check(last(rows_of(night, "old10", LATE)) < last(rows_of(night, "new10", LATE)), "it is over")
    charged(night, LATE, ("new10",))


def test_outside_the_resellers_networks(night):
    """Zuid declared half a network, and the server is in the other half for more than 40 s:
    confirmed; there is no tariff, so it costs nothing. Zuid and its manager read it in English."""
    found = the_one(night, OUTSIDE)
    equal((found["kind"], found["state"], found["reseller"], found["quantity"], found["clause"]),
          ("outside", "confirmed", "zuid", 1, "FUP, licences 4"))
    equal(found["since"], first(rows_of(night, "far", OUTSIDE)))
    for reader in (ZUID, BERT):
        said = text_of(night, reader)
        check(f"{key(OUTSIDE)}: at 1 place outside the declared networks (confirmed)" in said and
              FAR in said and "there is no tariff for it: it costs nothing" in said, said)
    equal(standing(night, "far"), [(key(OUTSIDE), "confirmed", "outside")])
    check("is in use outside your own networks" in night.words["far"], night.words["far"])


def test_too_many_mailboxes(night):
    """1,042 in Plesk's database, 1,000 allowed: 42 above, five blocks of ten, 15.00. The domain is
    filtered, for its MX says so; the one whose MX says otherwise never left its server."""
    found = next(f for f in night.audit["findings"] if f["subject"] == BIG)
    equal((found["quantity"], found["clause"]), (42, "FUP, SpamExperts 1"))
    equal({r[:2] for r in night.counts}, {(BIG, 1042), (SMALL, 1000)})
    for reader in (NOORD, ANNA):
        said = text_of(night, reader)
        check(f"{BIG}: 42 mailboxen boven de limiet (bevestigd)" in said and
              "1.042 mailboxen" in said and "€ 15,00" in said, said)
    check(UNFILTERED not in night.left, "a domain that is not filtered")


# ---- What people read, as a whole ---------------------------------------------------------------


def test_what_the_account_managers_read(night):
    """Anna: Noord to call, three confirmed (two servers, one domain), one potential, 12.50 + 12.50
    + 15.00 = 40.00. Bert: Zuid to call, one confirmed."""
    check("1 reseller te bellen; 3 bevestigd, 1 mogelijk, € 40,00 concept." in
          text_of(night, ANNA), text_of(night, ANNA))
    check("1 reseller to call; 1 confirmed." in text_of(night, BERT), text_of(night, BERT))
    for number in (COPIED, LATE, IN_TIME, SNAT, MULTI, CLONES, VICTIM):
        check(key(number) not in text_of(night, BERT), "another's")
    check(key(OUTSIDE) not in text_of(night, ANNA), "another's")
    for mail in night.mails.values():
        equal(Mail(mail.raw).defects(), [])


def test_what_the_resellers_read(night):
    """Noord: three that cost something need attention (the fourth is over). Zuid: its one
    finding."""
    check("3 bevindingen vragen uw aandacht." in text_of(night, NOORD), text_of(night, NOORD))
    for number in (PLAIN, SNAT, MULTI, CLONES, VICTIM, OUTSIDE):
        check(key(number) not in text_of(night, NOORD), number)
    check("1 finding needs your attention." in text_of(night, ZUID), text_of(night, ZUID))
    check("noord" not in text_of(night, ZUID).lower(), "another's")


def test_what_a_customer_reads_of_whom_nothing_was_found(night):
    said = night.words["plain"]
    check("De collector heeft geen opmerking over de licenties van deze server." in said, said)
    check("Waarschuwingen" not in said, said)


def test_customers_are_warned_while_it_can_still_be_ended(night):
    """An audit was published when both servers of the migration had been there for more than 4 s:
    their administrators read of it at their next report. It had gone on without a break until the
    last reports, some seconds before; so it would be confirmed when it is longer than 40 s."""
    found = next(f for f in night.early["findings"] if f["subject"] == key(IN_TIME))
    equal((found["kind"], found["state"]), ("extra-ip", "potential"))
    told = night.early_status["standing"][0]
    equal((told["license"], told["state"], told["kinds"], told["since"], told["confirms_at"]),
          (key(IN_TIME), "potential", "extra-ip", found["since"], found["since"] + GRACE + 1))
    check(f"{key(IN_TIME)} is sinds" in night.early_words and
          "tenzij de licentie voor die tijd op nog maar een server in gebruik is" in
          flat(night.early_words), night.early_words)


# ---- What must be nowhere -----------------------------------------------------------------------


def test_nothing_of_a_visitor(night):
    """Two of them, one of each family, visited every panel each second. They are in no store, no
    spool, no log and no mail. (A server's own address is found the same way.)"""
    check(VISITED <= night.visited, "panels were visited",
          night.visited)
    equal(night.found_in[lab_world.VISITOR] + night.found_in[lab_world.VISITOR6], [])
    check("store.db" in str(night.found_in["203.0.113.10"]), "the search finds nothing at all")
    check("spool.db" in str(night.found_in[DUAL6]), "the search finds nothing at all")


def test_nothing_that_is_to_stay_on_a_server(night):
    """Names of mailboxes and the key's update ticket are neither in the collector's store nor in
    its log nor in a mail."""
    for secret in ("secret-name-", agent_world.TICKET):
        check(secret not in night.left, secret)
    check(BIG in night.left, "the search finds nothing at all")


def test_nobody_complained(night):
    """No error in any log, and no report was refused. (One is put off where its cable was cut.)"""
    for name, log in night.logs.items():
        errors = [line for line in log.splitlines()
                  if " error " in line or " report-refused " in line]
        equal(errors, [], name)


def run():
    why = lab_world.missing() or lab_night.missing()
    if why:
        sys.exit(f"nothing was tested: {why}")
    program, chosen = sys.argv[1], sys.argv[2:]
    cases = [(name[5:], case) for name, case in globals().items()
             if name.startswith("test_") and (not chosen or any(w in name for w in chosen))]
    began, failed = time.monotonic(), 0
    with lab_world.folder() as path:
        night = lab_night.Night(ctl_world.Ctl(pathlib.Path(program).resolve(), path)).live()
    print(f"the night: {time.monotonic() - began:.0f} s", flush=True)
    for name, case in cases:
        try:
            case(night)
        except Exception:  # whatever it is, the other cases still run
            failed += 1
            print(f"FAILED {name}: {case.__doc__ or ''}\n{traceback.format_exc()}", flush=True)
    print(f"{len(cases) - failed} cases passed, {failed} failed")
    sys.exit(1 if failed or not cases else 0)


if __name__ == "__main__":
    run()
