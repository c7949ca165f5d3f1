"""What the ledger can prove: proofs without the store, tampering that `ledger verify` finds,
hashes that anyone can recompute, exports.

usage: test_proofs.py FAIRUSECTL"""

import csv
import datetime
import io
import json
import shutil
import sqlite3

import ctl_world as world
from ledger_world import (DATA, DAY, KEY_1, KEY_2, P, P1, canonical, check, digest, estate,
                          extra_ip, licence, main, same, three_entries, two_servers)

# docs/fairuse-ledger.5.md, "An entry".
MEMBERS = {"format", "sequence", "time", "who", "type", "booked_period", "period", "reseller",
           "kind", "subject", "basis", "quantity", "units", "unit_price", "currency", "tariff",
           "due", "entered_before", "amount", "policy_version", "evidence_sha256",
           "previous_hash", "hash", "evidence"}


# ---- Proofs ---------------------------------------------------------------------------------

def edited(case, text, change):
    """The path of a proof that somebody has changed."""
    proof = json.loads(text)
    change(proof)
    world.write_json(case.path("changed.json"), proof)
    return case.path("changed.json")


def longer(proof):
    proof["evidence"]["sightings"][0][5] += DAY


def other_signature(proof):
    old = proof["signature"]
    proof["signature"] = ("1" if old[0] == "0" else "0") + old[1:]


def other_amount(proof):
    proof["entry"]["amount"] = "12.51"


def other_name(proof):
    proof["entry"]["who"] = "Bea"


def one_member_more(proof):
    proof["entry"]["discount"] = "100.00"


def a_proof_verifies_without_the_store(case):
    case.begin(estate(), two_servers(P)).close(P)
    text = case.must("ledger", "proof", "1")
    case.must("ledger", "proof", "1", "--output", "proof.json")
    same(case.path("proof.json").read_text(), text, "to a file")
    case.fails(DATA, ["ledger", "proof", "2"], "2")
    public = case.path("store.db.key.pub").read_text()
    for path in case.folder.glob("store.db*"):
        path.unlink()
    case.path("public.pem").write_text(public)
    for words in ([], ["--key", "public.pem"]):
        ran = case.raw([case.program, "verify", "proof.json", *words])
        same(ran.code, 0, repr(ran))
        check("12.50" in ran.out and KEY_1 in ran.out, ran)
    for change in (other_amount, longer, other_signature, other_name, one_member_more):
        path = edited(case, text, change)
        ran = case.raw([case.program, "verify", str(path)])
        same(ran.code, DATA, f"{change.__name__}: {ran}")
    path = edited(case, text, lambda proof: None)
    same(case.raw([case.program, "verify", str(path)]).code, 0, "only spread over lines")


def a_proof_of_another_key_is_refused(case):
    case.begin(estate(), two_servers(P)).close(P)
    case.must("ledger", "proof", "1", "--output", "proof.json")
    case.raw([case.program, "--store", "sqlite:other.db", "store", "init"])
    ran = case.raw([case.program, "verify", "proof.json", "--key", "other.db.key.pub"])
    same(ran.code, DATA, repr(ran))
    ran = case.raw([case.program, "verify", "proof.json", "--key", "proof.json"])
    same(ran.code, DATA, repr(ran))


# ---- Tampering ------------------------------------------------------------------------------

def tamper(case, *statements):
    """Does what an owner of the file can: without the triggers, which stand again after it."""
    db = sqlite3.connect(case.path("store.db"), isolation_level=None)
    triggers = db.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger' "
                          "AND tbl_name IN ('entry', 'decision')").fetchall()
    check(len(triggers) >= 4, f"triggers: {triggers}")
    for name, _ in triggers:
        db.execute(f"DROP TRIGGER {name}")
    for statement in statements:
        check(db.execute(*statement).rowcount == 1, f"changed nothing: {statement}")
    for _, sql in triggers:
        db.execute(sql)
    db.close()


def column(case, sequence, name):
    db = sqlite3.connect(case.path("store.db"))
    value = db.execute(f"SELECT {name} FROM entry WHERE sequence = ?", (sequence,)).fetchone()
    db.close()
    return value[0]


def the_database_itself_refuses_changes(case):
    three_entries(case)
    db = sqlite3.connect(case.path("store.db"))
    for statement in ("UPDATE entry SET amount = 1", "DELETE FROM entry WHERE sequence = 3",
                      "UPDATE decision SET hash = ''", "DELETE FROM decision",
                      "INSERT OR REPLACE INTO entry SELECT * FROM entry WHERE sequence = 3"):
        try:
            db.execute(statement)
        except sqlite3.IntegrityError:
            continue
        raise AssertionError(f"done: {statement}")
    db.close()


def forged(case, change):
    """The last entry, changed, with digest and hash made anew: only the rule can tell."""
    body = json.loads(column(case, 3, "body"))
    evidence = json.loads(column(case, 3, "evidence"))
    change(body, evidence)
    body["evidence_sha256"] = digest(evidence)
    amount = int(body["amount"].replace(".", ""))
    return ("UPDATE entry SET body = ?, evidence = ?, hash = ?, amount = ? WHERE sequence = 3",
            (canonical(body), canonical(evidence), digest(body), amount))


def double(body, _evidence):
    body.update(quantity=2, units=2, due="25.00", amount="25.00")


def two_days_only(_body, evidence):
    last = evidence["sightings"][0][4] + 2 * DAY
    evidence["sightings"] = [s for s in evidence["sightings"] if s[0] == 0]
    evidence["sightings"][0][5] = last


def from_nothing(body, _evidence):
    """Something entered before, where nothing was: 12.50 due, 2.50 before, 10.00 now."""
    body["entered_before"] = "2.50"
    body["amount"] = "10.00"


def tampering_with_the_database_is_found(case):
    three_entries(case)
    same(case.decide("waive", extra_ip(P)).code, 0)
    shutil.copytree(case.folder, case.path("sound"))
    body, evidence = column(case, 2, "body"), column(case, 2, "evidence")
    longer_one = json.loads(evidence)
    longer_one["sightings"][0][5] += 1
    update = "UPDATE entry SET {} WHERE sequence = 2"
    delete = "DELETE FROM {} WHERE sequence = {}"
    cheaper = body.replace('"amount":"12.50"', '"amount":"1.00"')
    other_name_in = "UPDATE decision SET body = replace(body, 'Bea', 'Eve') WHERE sequence = 2"
    attacks = {
        "the amount's column": ("entry 2", (update.format("amount = 1"),)),
        "the reseller's column": ("entry 2", (update.format("reseller = 'r2'"),)),
        "the amount": ("entry 2", (update.format("body = ?"), (cheaper,))),
        "the evidence": ("entry 2", (update.format("evidence = ?"), (canonical(longer_one),))),
        "who waived it": ("decision 2", (other_name_in,)),
        "what was decided": ("decision 2", ("UPDATE decision SET decision = 1 WHERE sequence = 2",)),
        "what it was about": ("decision 2",
                              ("UPDATE decision SET subject = 'PLSK.00000009' WHERE sequence = 2",)),
        "an adjustment out of nothing, hashed anew": ("entry 3", forged(case, from_nothing)),
        "the closing is gone": ("decision 2", (delete.format("decision", 1),)),
        "the last but one is gone": ("entry 3", (delete.format("entry", 2),)),
        "the first is gone": ("entry 2", (delete.format("entry", 1),)),
        "a doubled quantity, hashed anew": ("entry 3", forged(case, double)),
        "other evidence, hashed anew": ("entry 3", forged(case, two_days_only)),
    }
    for name, (said, statement) in attacks.items():
        for path in case.folder.glob("store.db*"):
            path.unlink()
        for path in case.path("sound").glob("store.db*"):
            shutil.copy2(path, case.folder)
        case.verifies()
        tamper(case, statement)
        ran = case.run("ledger", "verify")
        same(ran.code, DATA, f"{name}: {ran}")
        check(f"{said}:" in ran.err, f"{name}: does not name {said}: {ran}")


# ---- Exports --------------------------------------------------------------------------------

def exported_hashes_can_be_recomputed_by_anyone(case):
    three_entries(case)
    previous = ""
    for number, entry in enumerate(case.entries(), 1):
        same(set(entry), MEMBERS, "members")
        body = {k: v for k, v in entry.items() if k not in ("evidence", "hash")}
        same(entry["sequence"], number)
        same(entry["format"], 1)
        same(entry["evidence_sha256"], digest(entry["evidence"]), "evidence")
        same(entry["hash"], digest(body), "hash")
        same(entry["previous_hash"], previous, "chain")
        # Integers only: the tariff's first moment, midnight in Amsterdam.
        begin = int(datetime.datetime(2020, 1, 1, tzinfo=world.ZONE).timestamp())
        same(entry["tariff"], {"block": 1, "from": begin, "own": False})
        previous = entry["hash"]


def csv_has_a_row_an_entry_and_no_formula(case):
    tables = estate(licenses=[licence(KEY_1), licence(KEY_2)])
    case.begin(tables, two_servers(P, KEY_1, 1) + two_servers(P, KEY_2, 3))
    name = "=cmd|' /C \"calc\"'!A0, Ü"
    case.must("ledger", "close", P, "--by", name)
    same([e["who"] for e in case.entries()], [name] * 2, "JSON keeps the name")
    for command in ("list", "export"):
        text = case.must("ledger", command, "--format", "csv")
        rows = list(csv.DictReader(io.StringIO(text, newline=""), strict=True))
        same([row["who"] for row in rows], ["'" + name] * 2)
        same([(row["subject"], row["amount"]) for row in rows],
             [(KEY_1, "12.50"), (KEY_2, "12.50")])


def an_export_of_one_month_has_that_month_alone(case):
    case.begin(estate(), two_servers(P1) + two_servers(P))
    case.close(P1)
    case.close(P)
    for month in (P1, P):
        told = json.loads(case.must("ledger", "export", "--period", month))
        same([e["period"] for e in told], [str(month)])


CASES = [
    a_proof_verifies_without_the_store,
    a_proof_of_another_key_is_refused,
    the_database_itself_refuses_changes,
    tampering_with_the_database_is_found,
    exported_hashes_can_be_recomputed_by_anyone,
    csv_has_a_row_an_entry_and_no_formula,
    an_export_of_one_month_has_that_month_alone,
]


if __name__ == "__main__":
    main(CASES, __doc__)
