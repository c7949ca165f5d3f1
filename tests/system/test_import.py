"""fairusectl import: estates all or nothing, reports line by line, and a vendor's secrets."""

import json
import re
import sqlite3

import ctl_world as world
from ctl_world import check, equal

DATA, NO_INPUT, TRY_AGAIN = 65, 66, 75
LAST = world.Month.back(2)


def estate():
    return world.Scene().reseller("r1").license(1, "r1").domain("example.nl", "r1").estate


def rows(ctl, table):
    db = sqlite3.connect(ctl.path("store.db"))
    try:
        return db.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
    finally:
        db.close()


# ---- Estate -----------------------------------------------------------------------------------


def test_an_import_makes_the_store_and_says_so(ctl):
    world.write_json(ctl.path("estate.json"), estate())
    ran = ctl.run("import", "estate", "estate.json")
    equal(ran.code, 0, ran)
    check("a new store was made" in ran.err, ran)
    check("resellers: 1\n" in ran.out and "4 added, 0 changed, 0 removed" in ran.out, ran)


def test_the_same_file_twice_changes_nothing(ctl):
    world.write_json(ctl.path("estate.json"), estate())
    ctl.must("import", "estate", "estate.json")
    before = ctl.path("store.db").read_bytes()
    check("0 added, 0 changed, 0 removed" in ctl.must("import", "estate", "estate.json"))
    equal(ctl.path("store.db").read_bytes(), before, "the file")


def test_an_import_replaces_the_tables_that_it_names(ctl):
    world.write_json(ctl.path("estate.json"), estate())
    ctl.must("import", "estate", "estate.json")
    world.write_json(ctl.path("more.json"), {"domains": [
        {"domain": "new.nl", "reseller": "r1"}, {"domain": "example.nl", "reseller": "r1",
                                                 "limit": 5}]})
    said = ctl.must("import", "estate", "more.json")
    check("domains: 2\n" in said and "1 added, 1 changed, 0 removed" in said, said)
    equal((rows(ctl, "domain_entry"), rows(ctl, "license_entry"), rows(ctl, "reseller")),
          (2, 1, 1))
    world.write_json(ctl.path("none.json"), {"domains": []})
    check("0 added, 0 changed, 2 removed" in ctl.must("import", "estate", "none.json"))


def test_what_is_wrong_is_named_by_file_line_and_column(ctl):
    """Line and column are those of the wrong value, which stands in a line of its own."""
    world.write_json(ctl.path("good.json"), estate())
    ctl.must("import", "estate", "good.json")
    before = ctl.path("store.db").read_bytes()
    for table, field, value, what in (
            ("licenses", "license", "PLSK.0000000A", "license"),
            ("licenses", "reseller", "nobody", "nobody"),
            ("licenses", "from", "2026-02-30", "from"),
            ("licenses", "frobnicate", 1, "frobnicate"),
            ("domains", "limit", -1, "limit"),
            ("domains", "limit", "many", "limit"),
            ("domains", "domain", "not a domain", "domain"),
            ("resellers", "currency", "XXY", "currency"),
            ("resellers", "networks", ["10.0.0.0/4"], "networks"),
            ("resellers", "billing", "free", "billing"),
            ("account_managers", "email", "nowhere", "email")):
        bad = estate()
        bad[table][0][field] = value
        world.write_json(ctl.path("bad.json"), bad)
        text = ctl.path("bad.json").read_text().splitlines()
        ran = ctl.run("import", "estate", "bad.json")
        equal((ran.code, ran.out), (DATA, ""), table, field, ran)
        place = re.search(r"bad\.json:(\d+):(\d+): ", ran.err)
        check(place and what in ran.err, table, field, ran)
        line = text[int(place.group(1)) - 1]
        check(int(place.group(2)) <= len(line), place.group(0), line)
    equal(ctl.path("store.db").read_bytes(), before, "all or nothing: the store has changed")


def test_broken_json_is_named_by_its_place(ctl):
    ctl.path("bad.json").write_text('{\n "resellers": [\n  {"id": "r1",, }]}\n')
    ran = ctl.run("import", "estate", "bad.json")
    equal(ran.code, DATA)
    check("bad.json:3:" in ran.err, ran)
    check(not ctl.path("store.db").exists(), "a store was made for it")


def test_entries_that_overlap_are_refused(ctl):
    bad = estate()
    bad["licenses"] = [
        {"license": world.key(1), "reseller": "r1", "from": "2026-01-01", "to": "2026-06-01"},
        {"license": "plsk.00000001.0003", "reseller": "r1", "from": "2026-05-31"}]
    world.write_json(ctl.path("bad.json"), bad)
    ran = ctl.run("import", "estate", "bad.json")
    equal(ran.code, DATA)
    check("overlap" in ran.err and world.key(1) in ran.err, ran)
    bad["licenses"][0]["to"] = "2026-05-31"  # `to` is exclusive: now they touch
    world.write_json(ctl.path("good.json"), bad)
    ctl.must("import", "estate", "good.json")


def test_a_file_that_is_not_there(ctl):
    ran = ctl.run("import", "estate", "missing.json")
    equal(ran.code, NO_INPUT)
    check("missing.json" in ran.err, ran)


def csv_folder(ctl):
    folder = ctl.path("estate")
    folder.mkdir()
    (folder / "account_managers.csv").write_text("id,name,email\nam1,Ann,ann@example.nl\n")
    (folder / "resellers.csv").write_text(
        'id,name,account_manager,currency\r\nr1,"The ""firm""",am1,EUR\r\n')
    (folder / "licenses.csv").write_text(
        "license,reseller,from,to\nPLSK.00000001,r1,2026-01-01,\n")
    (folder / "read me.txt").write_text("this is no table")
    return folder


def test_a_folder_of_tables(ctl):
    csv_folder(ctl)
    said = ctl.must("import", "estate", "estate")
    check("licences: 1\n" in said and "3 added" in said, said)
    check("0 added, 0 changed, 0 removed" in ctl.must("import", "estate", "estate"))


def test_what_is_wrong_in_a_table_is_named_by_its_place(ctl):
    folder = csv_folder(ctl)
    for text, place in (("license,reseller\nPLSK.00000001,r1\nPLSK.x,r1\n", "3:1"),
                        ("license,reseller\nPLSK.00000001,r2\n", "2:"),
                        ("license,reseller\nPLSK.00000001\n", "2:"),
                        ("license,color\nPLSK.00000001,red\n", "1:9"),
                        ("reseller\nr1\n", "1:1"), ('license,reseller\n"PLSK', "2:")):
        (folder / "licenses.csv").write_text(text)
        ran = ctl.run("import", "estate", "estate")
        equal(ran.code, DATA, text, ran)
        check(f"licenses.csv:{place}" in ran.err, text, ran)
    equal(rows(ctl, "reseller"), 0)


def test_a_folder_without_tables(ctl):
    ctl.path("nothing").mkdir()
    equal(ctl.run("import", "estate", "nothing").code, DATA)


# ---- Notice -----------------------------------------------------------------------------------


def tariff(start, price="12.50"):
    return {"kind": "extra-ip", "reseller": None, "currency": "EUR", "unit_price": price,
            "block": 1, "from": start}


def test_a_price_on_short_notice_needs_leave(ctl):
    """T&C 12.7: 14 days."""
    known = estate()
    known["tariffs"] = [tariff(world.days_from_now(16))]
    world.write_json(ctl.path("estate.json"), known)
    ctl.must("import", "estate", "estate.json")
    known["tariffs"].append(tariff(world.days_from_now(12), "13.00"))
    world.write_json(ctl.path("soon.json"), known)
    ran = ctl.run("import", "estate", "soon.json")
    equal((ran.code, ran.out), (TRY_AGAIN, ""))
    check("--accept" in ran.err and "12.7" in ran.err, ran)
    equal(rows(ctl, "tariff"), 1)
    ctl.must("import", "estate", "soon.json", "--accept")
    equal(rows(ctl, "tariff"), 2)
    ctl.must("import", "estate", "soon.json")  # it is known: nothing changes


def test_a_policy_on_short_notice_needs_leave(ctl):
    """T&C 15.2: 30 days."""
    world.Scene().reseller("r1").tariff("extra-ip", "EUR", "12.50").license(1, "r1") \
        .machines(1, 2, LAST).install(ctl)
    settings = 'store = "sqlite:store.db";\npolicy = { grace = "7d"; };\n'
    ctl.path("strict.conf").write_text(settings)
    strict = world.Ctl(ctl.program, ctl.folder, config="strict.conf")
    for words in (["ledger", "close", LAST, "--by", "Ann"], ["import", "estate", "estate.json"]):
        ran = strict.run(*words)
        equal(ran.code, TRY_AGAIN, words, ran)
        check("--accept" in ran.err and "15.2" in ran.err, ran)
    check("no entries" in ctl.must("ledger", "list"))
    later = world.days_from_now(45)
    ctl.path("later.conf").write_text(
        'store = "sqlite:store.db";\npolicies = ( { version = "1"; from = "2000-01-01"; },'
        f' {{ version = "2"; from = "{later}"; grace = "7d"; }} );\n')
    ran = world.Ctl(ctl.program, ctl.folder, config="later.conf").run(
        "import", "estate", "estate.json")
    check(ran.code in (0, TRY_AGAIN), ran)
    strict.must("import", "estate", "estate.json", "--accept")
    strict.must("ledger", "close", LAST, "--by", "Ann")


# ---- Reports ----------------------------------------------------------------------------------


def sound(count=5):
    return world.daily("srv-1", world.key(1), "5.9.1.1", LAST.start(),
                       LAST.start() + count * world.DAY)


def test_a_refused_line_is_named_and_the_others_are_taken(ctl):
    lines = [json.dumps(line) for line in sound()]
    wrong = json.loads(lines[2])
    wrong["report"]["sightings"][0]["first"] = wrong["report"]["sightings"][0]["last"] + 1
    lines[2] = json.dumps(wrong)
    wrong = json.loads(lines[4])
    wrong["report"]["frobnicate"] = None
    lines[4] = json.dumps(wrong)
    lines.insert(1, "this is no JSON")
    ctl.path("reports.jsonl").write_text("\n".join(lines) + "\n\n")
    ran = ctl.run("import", "reports", "reports.jsonl")
    equal(ran.code, DATA)
    check("3 reports taken, 3 refused" in ran.out, ran)
    for place in ("reports.jsonl:2:", "reports.jsonl:4:", "reports.jsonl:6:"):
        check(place in ran.err, place, ran)
    check("/report/sightings/0" in ran.err and "/report/frobnicate" in ran.err, ran)
    equal(rows(ctl, "report"), 3)


def test_a_report_that_claims_the_collectors_own_word_is_refused(ctl):
    line = sound()[0]
    line["report"]["sightings"][0]["source"] = "peer"
    world.write_lines(ctl.path("reports.jsonl"), [line])
    ran = ctl.run("import", "reports", "reports.jsonl")
    equal(ran.code, DATA)
    check("/report/sightings/0/source" in ran.err, ran)


def test_several_files_in_any_order_come_to_the_same(ctl):
    """One by one, twice, and backwards: what the audit says is the same, byte for byte."""
    scene = world.Scene().reseller("r1").tariff("extra-ip", "EUR", "12.50").license(1, "r1")
    scene.machines(1, 3, LAST).write(ctl)
    ctl.must("import", "estate", "estate.json", "--accept")
    lines = scene.lines
    parts = [lines[0::3], lines[1::3], lines[2::3]]
    for n, part in enumerate(parts):
        world.write_lines(ctl.path(f"part{n}.jsonl"), part)
        world.write_lines(ctl.path(f"back{n}.jsonl"), part[::-1])
    ctl.must("import", "reports", "part0.jsonl", "part1.jsonl", "part2.jsonl", "part0.jsonl")
    other = world.Ctl(ctl.program, ctl.folder)
    other.command = lambda *words: [ctl.program, "--store", "sqlite:other.db", *map(str, words)]
    other.must("import", "estate", "estate.json", "--accept")
    other.must("import", "reports", "back2.jsonl")
    other.must("import", "reports", "back0.jsonl", "back1.jsonl")
    audit = ["audit", "--as-of", LAST.end() + world.DAY, "--format", "json"]
    equal(other.must(*audit), ctl.must(*audit))
    check(world.key(1) in ctl.must(*audit))


def test_reports_of_a_server_that_nobody_knows_are_kept_and_told(ctl):
    world.write_lines(ctl.path("reports.jsonl"), sound())
    ctl.must("import", "reports", "reports.jsonl")
    said = ctl.must("audit", "--period", LAST)
    check("unknown-server" in said and "srv-1" in said, said)


def test_a_report_far_too_long_is_one_refused_line(ctl):
    line = json.dumps(sound()[0])
    ctl.path("reports.jsonl").write_text(
        '{"server":"' + "x" * (5 << 20) + '"}\n' + line + "\n")
    ran = ctl.run("import", "reports", "reports.jsonl")
    equal(ran.code, DATA)
    check("reports.jsonl:1:" in ran.err and "1 reports taken, 1 refused" in ran.out, ran)
    check(len(ran.err) < 2000, len(ran.err))


# ---- Secrets ----------------------------------------------------------------------------------

SECRETS = ("A00X00-SECRETCODE", "Pa55word-of-reseller", "update-ticket-4711", "smtp-S3cret",
           "7777777")


def listing(**more):
    row = {"key_id": 1, "key_number": world.key(1), "parent_key_id": 0, "product": "plesk",
           "title": "web", "comment": SECRETS[3], "status": "ACT",
           "order_date": "2024-01-05 11:07:35", "expiration_date": "2027-12-04 18:00:00",
           "ip_address_binding": "5.9.1.1", "activation_code": SECRETS[0],
           "user_password": SECRETS[1], "smtp_password": SECRETS[3],
           "key": {"update-ticket": SECRETS[2], "body": [SECRETS[1]]}}
    row.update(more)
    return {"code": 0, "desc": "", "data": {"total": 1, "results": [row]}}


def check_silent(ctl, *rans):
    for ran in rans:
        for secret in SECRETS:
            check(secret not in ran.out + ran.err, secret, ran)
    for path in ctl.folder.iterdir():
        if path.is_file() and not path.name.endswith(".json"):
            data = path.read_bytes()
            for secret in SECRETS:
                check(secret.encode() not in data, secret, "is in", path.name)


def test_secrets_of_a_listing_reach_nothing(ctl):
    world.write_json(ctl.path("estate.json"), estate())
    world.write_json(ctl.path("listing.json"), listing())
    first = ctl.run("import", "estate", "estate.json")
    ran = ctl.run("import", "estate", "listing.json")
    equal(ran.code, 0, ran)
    shown = ctl.run("explain", world.key(1))
    check_silent(ctl, first, ran, shown, ctl.run("audit", "--format", "json"))
    equal(rows(ctl, "license_entry"), 1)


def test_secrets_of_a_listing_stay_out_of_errors(ctl):
    """Also where they stand in the wrong place, or the file is broken."""
    world.write_json(ctl.path("estate.json"), estate())
    ctl.must("import", "estate", "estate.json")
    for wrong in ({"key_number": SECRETS[0]}, {"ip_address_binding": SECRETS[1]},
                  {"order_date": SECRETS[2]}, {"status": [SECRETS[3]]},
                  {"product": SECRETS[0] * 9}):
        world.write_json(ctl.path("listing.json"), listing(**wrong))
        ran = ctl.run("import", "estate", "listing.json")
        check_silent(ctl, ran)
    text = json.dumps(listing())
    for cut in (text[:-30], text.replace('"activation_code":', '"activation_code"'),
                text.replace(f'"{SECRETS[0]}"', f"{SECRETS[0]}"),
                text.replace("A00X00", "A00\\x00")):
        ctl.path("listing.json").write_text(cut)
        ran = ctl.run("import", "estate", "listing.json")
        equal(ran.code, DATA, cut[-50:])
        check_silent(ctl, ran)


def test_a_listing_of_a_new_licence_needs_its_reseller(ctl):
    world.write_json(ctl.path("estate.json"), world.Scene().reseller("r1").estate)
    ctl.must("import", "estate", "estate.json")
    world.write_json(ctl.path("listing.json"), listing(key_number="PLSK.00000009"))
    equal(ctl.run("import", "estate", "listing.json").code, DATA)
    ctl.must("import", "estate", "listing.json", "--reseller", "r1")
    equal(rows(ctl, "license_entry"), 1)


def test_an_error_answer_of_the_api_is_no_listing(ctl):
    world.write_json(ctl.path("estate.json"), estate())
    ctl.must("import", "estate", "estate.json")
    world.write_json(ctl.path("listing.json"), {**listing(), "code": 196, "desc": "Auth"})
    equal(ctl.run("import", "estate", "listing.json").code, DATA)
    equal(rows(ctl, "license_entry"), 1)


world.run_cases(globals())
