"""Tokens, the authority's files, and who is let in: as a user runs fairusectl."""

import datetime
import json
import os
import pwd
import re
import sqlite3
import stat
import subprocess
import time

import ctl_world as world
from ctl_world import check, equal

USAGE, DATA, NO_INPUT, UNAVAILABLE, CONFIG = 64, 65, 66, 69, 78
TOKEN = re.compile(r"fairuse1\.([0-9a-f]{16})\.([0-9a-f]{32})\.([0-9a-f]{64})\n")
DAY = 86400


def ready(ctl):
    """A store with the authority, two resellers, and servers of theirs."""
    ctl.must("store", "init")
    scene = world.Scene().reseller("r1").reseller("r2")
    scene.server("srv-1", "r1")
    scene.server("srv-2", "r2")
    scene.estate["servers"].append({"server": "srv-old", "reseller": "r1",
                                    "to": world.days_from_now(-30)})
    scene.install(ctl)
    return ctl


def create(ctl, *words):
    """A token: its id, secret and fingerprint, and what was said of it."""
    ran = ctl.run("token", "create", *words)
    equal(ran.code, 0, words, ran)
    match = TOKEN.fullmatch(ran.out)
    check(match, ran)
    return (*match.groups(), ran.err)


def rows(ctl, *words):
    """A listing's rows, each a list of cells."""
    lines = ctl.must(*words).splitlines()
    return [re.split(r" {2,}", line.strip()) for line in lines[2:]]


def trail(ctl, *words):
    return json.loads(ctl.must("server", "trail", "--format", "json", *words))


def mode(ctl, name):
    return oct(stat.S_IMODE(ctl.path(name).stat().st_mode))


def enrol_by_hand(ctl, name, reseller):
    """What an enrolment leaves in the store, for tests of the commands alone."""
    db = sqlite3.connect(ctl.path("store.db"))
    with db:
        db.execute("INSERT INTO server(name) VALUES(?) ON CONFLICT DO NOTHING", (name,))
        db.execute("UPDATE server SET enrolled_reseller = ?, enrolled_at = ? WHERE name = ?",
                   (reseller, int(time.time()) - DAY, name))
    db.close()


# ---- The authority ----------------------------------------------------------------------------


def test_store_init_makes_the_authority_and_says_where(ctl):
    out = ctl.must("store", "init")
    check("store.db.ca.pem" in out and "store.db.ca.key" in out, out)
    equal((mode(ctl, "store.db.ca.pem"), mode(ctl, "store.db.ca.key")), ("0o644", "0o600"))
    equal(sorted(p.name for p in ctl.folder.glob("store.db.ca*")),
          ["store.db.ca.key", "store.db.ca.pem"])
    text = subprocess.run(["openssl", "x509", "-in", ctl.path("store.db.ca.pem"), "-noout",
                           "-text"], capture_output=True, text=True, check=True).stdout
    check("CA:TRUE" in text and "Certificate Sign" in text, text)


def test_a_narrow_umask_or_a_wide_one_changes_no_mode(ctl):
    for number, mask in enumerate((0o000, 0o077)):
        ctl.raw([ctl.program, "--store", f"sqlite:s{number}.db", "store", "init"],
                preexec_fn=lambda mask=mask: os.umask(mask))
        equal((mode(ctl, f"s{number}.db.ca.pem"), mode(ctl, f"s{number}.db.ca.key")),
              ("0o644", "0o600"), oct(mask))


def test_the_authority_is_made_once_and_never_overwritten(ctl):
    ctl.must("store", "init")
    before = {name: ctl.path(name).read_bytes()
              for name in ("store.db.ca.pem", "store.db.ca.key", "store.db.key")}
    first = ctl.must("store", "init")
    equal(ctl.must("store", "init"), first)
    for name, was in before.items():
        equal(ctl.path(name).read_bytes(), was, name)


def test_a_lost_half_of_the_authority_is_not_replaced(ctl):
    ctl.must("store", "init")
    for lost in ("store.db.ca.pem", "store.db.ca.key"):
        kept = {"store.db.ca.pem", "store.db.ca.key"} - {lost}
        content = ctl.path(lost).read_bytes()
        stays = [ctl.path(name).read_bytes() for name in kept]
        ctl.path(lost).unlink()
        ran = ctl.run("store", "init")
        equal(ran.code, CONFIG, ran)
        check(lost in ran.err, ran)
        check(not ctl.path(lost).exists(), lost)
        equal([ctl.path(name).read_bytes() for name in kept], stays)
        ctl.path(lost).write_bytes(content)
        ctl.path("store.db.ca.key").chmod(0o600)
    ctl.must("store", "init")


def test_two_at_once_make_one_authority(ctl):
    for number in range(5):
        words = [ctl.program, "--store", f"sqlite:n{number}.db", "store", "init"]
        both = [subprocess.Popen(words, cwd=ctl.folder, stdout=subprocess.PIPE, text=True,
                                 stderr=subprocess.PIPE) for _ in range(2)]
        said = [p.communicate(timeout=60) for p in both]
        codes = [p.returncode for p in both]
        check(0 in codes and set(codes) <= {0, 75}, codes, said)
        equal(ctl.raw(words).code, 0)  # loads both halves: they are of one making


def test_an_older_store_gets_its_authority(ctl):
    """One that was made before there was any."""
    ctl.must("store", "init")
    for name in ("store.db.ca.pem", "store.db.ca.key"):
        ctl.path(name).unlink()
    ran = ctl.run("token", "create", "--reseller", "r1")
    equal(ran.code, NO_INPUT, ran)
    check("store init" in ran.err and "store.db.ca.pem" in ran.err, ran)
    ctl.must("store", "init")
    check(ctl.path("store.db.ca.key").exists())


def test_a_key_that_everybody_may_read_is_refused(ctl):
    ready(ctl)
    ctl.path("store.db.ca.key").chmod(0o644)
    for words in (["token", "create", "--reseller", "r1"], ["store", "init"]):
        ran = ctl.run(*words)
        equal((ran.code, ran.out), (CONFIG, ""), ran)
        check("store.db.ca.key" in ran.err and "chmod" in ran.err, ran)
    equal(rows(ctl, "token", "list"), [])


def test_an_authority_that_was_brought_along_is_used(ctl):
    """Made by openssl, with another kind of key; the store's place gets none."""
    pem, key = ctl.path("our-ca.pem"), ctl.path("our-ca.key")
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "30",
                    "-subj", "/CN=Our own", "-addext", "keyUsage=critical,keyCertSign,cRLSign",
                    "-keyout", key, "-out", pem], check=True, capture_output=True)
    key.chmod(0o640)
    was = pem.read_bytes(), key.read_bytes()
    ctl.path("fine.conf").write_text(
        f'store = "sqlite:{ctl.path("store.db")}";\n'
        f'collector = {{ authority = "{pem}"; authority_key = "{key}"; }};\n')
    ctl.config = "fine.conf"
    check("our-ca.pem" in ready(ctl).must("store", "init"))
    fingerprint = create(ctl, "--reseller", "r1")[2]
    said = subprocess.run(["openssl", "x509", "-in", pem, "-noout", "-fingerprint", "-sha256"],
                          capture_output=True, text=True, check=True).stdout
    equal(said.strip().split("=")[1].replace(":", "").lower(), fingerprint)
    equal((pem.read_bytes(), key.read_bytes()), was)
    check(not ctl.path("store.db.ca.pem").exists())
    pem.write_text("nonsense\n")
    ran = ctl.run("token", "create", "--reseller", "r1")
    equal((ran.code, ran.out), (CONFIG, ""), ran)
    check("our-ca.pem" in ran.err, ran)


# ---- Tokens -----------------------------------------------------------------------------------


def test_a_token_carries_the_authoritys_fingerprint(ctl):
    ready(ctl)
    said = subprocess.run(["openssl", "x509", "-in", ctl.path("store.db.ca.pem"), "-noout",
                           "-fingerprint", "-sha256"], capture_output=True, text=True,
                          check=True).stdout
    wanted = said.strip().split("=")[1].replace(":", "").lower()
    equal(create(ctl, "--reseller", "r1")[2], wanted)
    check(wanted in ctl.must("store", "init"))


def test_a_token_is_all_of_standard_output_and_the_rest_is_said_beside_it(ctl):
    ready(ctl)
    name, secret, _, said = create(ctl, "--reseller", "r1")
    check(name in said and "r1" in said and "1 new server " in said, said)
    check(secret not in said, said)
    week = datetime.datetime.now(world.ZONE) + datetime.timedelta(days=7)
    check(week.strftime("%Y-%m-%d") in said, said)
    said = create(ctl, "--reseller", "r2", "--uses", "20", "--expires", "2h")[3]
    check("20 new servers of r2" in said, said)
    said = create(ctl, "--reseller", "r1", "--server", "srv-1")[3]
    check("srv-1" in said and "comes back" in said, said)


def test_tokens_differ(ctl):
    ready(ctl)
    made = [create(ctl, "--reseller", "r1") for _ in range(4)]
    equal((len({t[0] for t in made}), len({t[1] for t in made})), (4, 4))
    equal(len({t[2] for t in made}), 1)


def test_the_secret_is_nowhere_but_on_standard_output(ctl):
    ready(ctl)
    name, secret, fingerprint, _ = create(ctl, "--reseller", "r1")
    ctl.must("token", "revoke", name)
    shown = [ctl.must("token", "list"), ctl.must("server", "trail"),
             ctl.must("server", "trail", "--format", "json"), ctl.must("server", "list")]
    for text in shown:
        check(secret not in text and f"{name}.{secret}" not in text, text)
    for path in ctl.folder.glob("store.db*"):
        held = path.read_bytes()
        for form in (secret.encode(), secret.upper().encode(), bytes.fromhex(secret)):
            check(form not in held, path)
    check(fingerprint not in shown[0], shown[0])


def test_token_list_shows_what_each_is_for_and_whether_it_holds(ctl):
    ready(ctl)
    one = create(ctl, "--reseller", "r1")[0]
    two = create(ctl, "--reseller", "r2", "--uses", "3", "--expires", "1s")[0]
    three = create(ctl, "--reseller", "r1", "--server", "srv-1")[0]
    ctl.must("token", "revoke", three)
    time.sleep(1.1)
    found = {row[0]: row for row in rows(ctl, "token", "list")}
    equal(set(found), {one, two, three})
    equal((found[one][1:4], found[one][-1]), (["r1", "-", "0 of 1"], "open"))
    equal((found[two][1:4], found[two][-1]), (["r2", "-", "0 of 3"], "expired"))
    equal((found[three][1:4], found[three][-1]), (["r1", "srv-1", "0 of 1"], "revoked"))


def test_when_a_token_expires(ctl):
    ready(ctl)
    db = sqlite3.connect(ctl.path("store.db"))
    at = int(time.time()) + 5 * DAY
    moment = datetime.datetime.fromtimestamp(at, datetime.timezone.utc)
    for words, wanted in (([], 7 * DAY), (["--expires", "90m"], 5400), (["--expires=2d"], 2 * DAY),
                          (["--expires", moment.strftime("%Y-%m-%dT%H:%M:%SZ")], None)):
        before = int(time.time())
        name = create(ctl, "--reseller", "r1", *words)[0]
        after = int(time.time())
        (expires,) = db.execute("SELECT expires FROM token WHERE id = ?",
                                (bytes.fromhex(name),)).fetchone()
        if wanted is None:
            equal(expires, at)
        else:
            check(before + wanted <= expires <= after + wanted, words, expires)
    db.close()


def test_what_is_wrong_with_an_order_is_said(ctl):
    ready(ctl)
    for words, code, said in (
            ([], USAGE, "--reseller"),
            (["--reseller", "r9"], DATA, "r9"),
            (["--reseller", ""], DATA, "reseller"),
            (["--reseller", "r1", "--uses", "0"], USAGE, "1000000"),
            (["--reseller", "r1", "--uses", "1000001"], USAGE, "1000000"),
            (["--reseller", "r1", "--uses", "many"], USAGE, "--uses"),
            (["--reseller", "r1", "--uses", "2", "--server", "srv-1"], USAGE, "one use"),
            (["--reseller", "r1", "--expires", "soon"], USAGE, "--expires"),
            (["--reseller", "r1", "--expires", "0s"], USAGE, "future"),
            (["--reseller", "r1", "--expires", "2020-01-01T00:00:00Z"], USAGE, "future"),
            (["--reseller", "r1", "--server", "srv-9"], DATA, "srv-9"),
            (["--reseller", "r1", "--server", "srv-2"], DATA, "r2"),
            (["--reseller", "r1", "--server", "srv-old"], DATA, "nobody"),
            (["--reseller", "r1", "--by", ""], USAGE, "--by"),
            (["--reseller", "r1", "--by", "a\x1b[2J"], USAGE, "--by"),
            (["r1"], USAGE, "r1")):
        ran = ctl.run("token", "create", *words)
        equal((ran.code, ran.out), (code, ""), words, ran)
        check(said in ran.err and "\x1b" not in ran.err, words, ran)
    equal((rows(ctl, "token", "list"), trail(ctl)), ([], []))


def test_a_million_uses_are_as_many_as_there_are(ctl):
    ready(ctl)
    check("1000000 new servers" in create(ctl, "--reseller", "r1", "--uses", "1000000")[3])


def test_token_revoke(ctl):
    ready(ctl)
    name, secret, fingerprint, _ = create(ctl, "--reseller", "r1")
    check(name in ctl.must("token", "revoke", name))
    ctl.must("token", "revoke", name)  # a second time is no error, and no second line
    equal([e["what"] for e in trail(ctl)], ["token-created", "token-revoked"])
    equal(ctl.run("token", "revoke", "0123456789abcdef").code, DATA)
    for word in ("xyz", name[:-1], f"fairuse1.{name}.{secret}.{fingerprint}", ""):
        ran = ctl.run("token", "revoke", word)
        equal((ran.code, ran.out), (USAGE, ""), ran)
        check(secret not in ran.err, "a secret on standard error")


# ---- Servers ----------------------------------------------------------------------------------


def test_server_list_shows_who_is_let_in(ctl):
    ready(ctl)
    equal([row[2] for row in rows(ctl, "server", "list")], ["-", "-", "-"])
    enrol_by_hand(ctl, "srv-1", "r1")
    enrol_by_hand(ctl, "srv-new", "r2")
    ctl.must("server", "revoke", "srv-1")
    found = {row[0]: row for row in rows(ctl, "server", "list")}
    check(found["srv-1"][2].startswith("revoked 20"), found)
    check(found["srv-new"][2].startswith("enrolled 20"), found)
    equal((found["srv-new"][1], found["srv-2"][2]), ("r2", "-"))


def test_server_revoke(ctl):
    ready(ctl)
    enrol_by_hand(ctl, "srv-1", "r1")
    back = create(ctl, "--reseller", "r1", "--server", "srv-1")[0]
    check("srv-1" in ctl.must("server", "revoke", "srv-1", "--by", "Ann"))
    equal({row[0]: row[-1] for row in rows(ctl, "token", "list")}, {back: "revoked"})
    equal([(e["what"], e["who"]) for e in trail(ctl, "srv-1")][1:],
          [("server-revoked", "Ann"), ("token-revoked", "Ann")])
    ctl.must("server", "revoke", "srv-1")
    equal(len(trail(ctl, "srv-1")), 3)
    for name in ("srv-9", "srv-2", "a\x1bb"):  # srv-2 is in the estate, but was never enrolled
        ran = ctl.run("server", "revoke", name)
        equal((ran.code, ran.out), (DATA, ""), ran)
        check("\x1b" not in ran.err and "server list" in ran.err, ran)
    equal(ctl.run("server", "revoke").code, USAGE)
    create(ctl, "--reseller", "r1", "--server", "srv-1")  # it may come back


def test_server_retire_is_in_the_trail(ctl):
    ready(ctl)
    ctl.must("server", "retire", "srv-1", "--by", "Bo")
    (event,) = trail(ctl, "srv-1")
    equal((event["what"], event["who"], event["server"]), ("server-retired", "Bo", "srv-1"))
    equal(ctl.run("server", "retire", "srv-9").code, DATA)
    equal(len(trail(ctl)), 1)


def test_the_trail_says_who_did_what_when(ctl):
    ready(ctl)
    before = int(time.time())
    name = create(ctl, "--reseller", "r1", "--uses", "2", "--by", "Ann de Wit")[0]
    ctl.must("token", "revoke", name, "--by", "Bo")
    events = trail(ctl)
    equal([set(e) for e in events],
          [{"sequence", "at", "what", "who", "server", "reseller", "details"}] * 2)
    first, second = events
    equal((first["what"], first["who"], first["server"], first["reseller"]),
          ("token-created", "Ann de Wit", None, "r1"))
    equal((first["details"]["token"], first["details"]["uses"]), (name, 2))
    check(before <= first["at"] <= second["at"] <= int(time.time()), events)
    check(first["sequence"] < second["sequence"], events)
    equal((second["what"], second["who"]), ("token-revoked", "Bo"))
    text = ctl.must("server", "trail")
    check("Ann de Wit" in text and "token-created" in text and f"token {name}" in text, text)


def test_the_trail_of_one_server(ctl):
    ready(ctl)
    create(ctl, "--reseller", "r1")
    create(ctl, "--reseller", "r2", "--server", "srv-2")
    equal([e["server"] for e in trail(ctl, "srv-2")], ["srv-2"])
    equal(trail(ctl, "srv-1"), [])
    equal(len(trail(ctl)), 2)
    ran = ctl.run("server", "trail", "srv-9")
    equal((ran.code, ran.out), (DATA, ""), ran)
    equal(ctl.run("server", "trail", "--format", "xml").code, USAGE)


def test_who_does_it_is_the_user_unless_said(ctl):
    ready(ctl)
    me = pwd.getpwuid(os.getuid()).pw_name
    env = {"SUDO_USER": "anna"}
    ctl.raw(ctl.command("token", "create", "--reseller", "r1"), env={"SUDO_USER": ""})
    ctl.raw(ctl.command("token", "create", "--reseller", "r1"), env=env)
    ctl.raw(ctl.command("token", "create", "--reseller", "r1", "--by", "Bo"), env=env)
    through_sudo = "anna" if os.getuid() == 0 else me  # only root is believed to have come so
    equal([e["who"] for e in trail(ctl)], [me, through_sudo, "Bo"])


def test_reading_needs_no_authority_and_writes_nothing(ctl):
    ready(ctl)
    create(ctl, "--reseller", "r1")
    for name in ("store.db.ca.pem", "store.db.ca.key"):
        ctl.path(name).unlink()
    for words in (["token", "list"], ["server", "list"], ["server", "trail"]):
        ctl.must(*words)
    check(not ctl.path("store.db.ca.key").exists())


def test_without_a_store_nothing_is_made(ctl):
    for words in (["token", "create", "--reseller", "r1"], ["token", "list"],
                  ["token", "revoke", "0123456789abcdef"], ["server", "trail"],
                  ["server", "revoke", "srv-1"]):
        ran = ctl.run(*words)
        equal((ran.code, ran.out), (UNAVAILABLE, ""), words)
        check("store init" in ran.err, ran)
    equal(list(ctl.folder.iterdir()), [])


world.run_cases(globals())
