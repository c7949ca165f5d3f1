"""Counting mailboxes in a real MariaDB with Plesk's tables, by an account with no more rights than
that needs; and what happens when the database is not as it should be."""

import contextlib
import os
import pathlib
import pwd
import socket
import subprocess
import sys
import threading
import time

import ctl_world
import psa_world
from ctl_world import check, equal
from psa_world import AGENT, Look, generate

SERVERS = []


def server():
    """One for all cases; a case that ended it gets it started again."""
    if not SERVERS:
        SERVERS.append(psa_world.Server())
    s = SERVERS[0]
    if s.process.poll() is not None:
        s.start()
    return s


def world(ctl, rows=None, generation="new"):
    s = server()
    s.ask(f"DROP USER IF EXISTS '{AGENT}'@'localhost'")
    s.ask((rows or generate(1, generation)).sql())
    return s, Look(ctl, database_sockets=["/nonexistent/s", s.socket])


def set_up(look):
    done = look.setup()
    equal(done.returncode, 0, done.stderr)
    return done


# ---- Counting ----------------------------------------------------------------------------------


def test_every_number_is_that_of_the_rows(ctl):
    for generation in ("old", "new"):
        for seed in range(6):
            rows = generate(seed, generation)
            s, look = world(ctl, rows)
            set_up(look)
            got = look.mail()
            equal(got.code, 0, got.why)
            wanted, refused = rows.counted()
            equal(got.counts(), wanted, generation, seed)
            equal(got.refused(), refused, generation, seed)
            check(len(wanted) > 20 and any(n[5] for n in wanted.values()), "rows of every kind")
            equal(list(got.counts()), sorted(wanted), "sorted")


def test_tables_that_old_versions_lack_count_as_none(ctl):
    rows = generate(7, "new")
    s, look = world(ctl, rows)
    for table in ("MailLists", "mail_aliases", "domain_aliases", "Parameters"):
        s.ask(f"DROP TABLE psa.`{table}`")
        rows.rows.pop(table)
        set_up(look)
        equal(look.mail().counts(), rows.counted()[0], table)
    s.ask("DROP TABLE psa.DomainServices")
    rows.rows.pop("DomainServices")
    set_up(look)
    equal(look.mail().counts(), rows.counted()[0])
    s.ask("ALTER TABLE psa.mail DROP COLUMN mail_group")
    for row in rows.rows["mail"]:
        row["mail_group"] = "false"
    set_up(look)
    equal(look.mail().counts(), rows.counted()[0])


def test_a_table_that_every_version_has_is_missed(ctl):
    for column in ("domains.status", "mail.dom_id", "mail.postbox"):
        s, look = world(ctl)
        set_up(look)
        table, name = column.split(".")
        s.ask(f"ALTER TABLE psa.{table} RENAME COLUMN {name} TO other")
        got = look.mail()
        equal(got.code, -13, got.why)
        check(column in got.why and "setup" in got.why, got.why)


def test_an_empty_panel_counts_nothing(ctl):
    s, look = world(ctl, psa_world.Rows("new"))
    set_up(look)
    got = look.mail()
    equal((got.code, got.counts(), got.refused()), (0, {}, 0))


def test_a_large_server_is_counted_soon(ctl):
    """5,000 domains, 200,000 mailboxes, 20,000 aliases."""
    s, look = world(ctl, psa_world.Rows("new"))
    s.ask("INSERT INTO domains (id, name, displayName, htype) SELECT seq, CONCAT('d', seq,"
          " '.example'), '', 'vrt_hst' FROM seq_1_to_5000;"
          "INSERT INTO DomainServices (dom_id, type, parameters_id) SELECT seq, 'mail', seq"
          " FROM seq_1_to_5000;"
          "INSERT INTO Parameters SELECT seq, 'nonexist_mail', 'bounce' FROM seq_1_to_5000;"
          "INSERT INTO mail (id, mail_name, postbox, dom_id) SELECT seq, CONCAT('n', seq),"
          " 'true', seq % 5000 + 1 FROM seq_1_to_200000;"
          "INSERT INTO mail_aliases (mn_id, alias) SELECT seq * 10, 'a' FROM seq_1_to_20000",
          database="psa")
    set_up(look)
    got = look.mail()
    equal((got.code, len(got.counts())), (0, 5000), got.why)
    equal({n[:2] for n in got.counts().values()}, {(40, 0), (40, 40)})
    check(got.spent_ms < 20000, got.spent_ms)
    print(f"5,000 domains, 200,000 mailboxes: {got.spent_ms} ms, {got.most_kib} KiB")


# ---- Rights ------------------------------------------------------------------------------------


def test_setup_gives_these_rights_and_no_other(ctl):
    s, look = world(ctl)
    done = set_up(look)
    columns = {"domains": "id, name, status", "mail": "id, dom_id, postbox, redirect, mail_group",
               "mail_aliases": "mn_id", "MailLists": "dom_id",
               "DomainServices": "dom_id, type, status, parameters_id",
               "Parameters": "id, parameter, value", "domain_aliases": "dom_id, mail"}
    rows = s.rows("SELECT TABLE_NAME, COLUMN_NAME, PRIVILEGE_TYPE, IS_GRANTABLE"
                  " FROM information_schema.COLUMN_PRIVILEGES WHERE GRANTEE ="
                  f" '''{AGENT}''@''localhost'''")
    equal(sorted(map(tuple, rows)),
          sorted((table, column, "SELECT", "NO") for table, words in columns.items()
                 for column in words.split(", ")))
    equal(len(s.grants()), 1 + len(columns), s.grants())
    usage = [g for g in s.grants() if "USAGE" in g]
    equal(len(usage), 1)
    check("unix_socket" in usage[0] and "MAX_USER_CONNECTIONS 2" in usage[0], usage)
    check("GRANT SELECT (id, name, status) ON `psa`.`domains`" in done.stdout, done.stdout)


def test_the_account_can_read_no_name_no_alias_no_password(ctl):
    s, look = world(ctl)
    set_up(look)
    for sql in ("SELECT mail_name FROM mail", "SELECT alias FROM mail_aliases",
                "SELECT password FROM accounts", "SELECT address FROM mail_redir",
                "SELECT name FROM MailLists", "SELECT name FROM domain_aliases",
                "SELECT displayName FROM domains", "SELECT * FROM mail",
                "SELECT User FROM mysql.user", "UPDATE mail SET postbox = 'true'",
                "DELETE FROM mail", "CREATE TABLE t (i INT)", "CREATE TEMPORARY TABLE t (i INT)",
                "SELECT id FROM domains INTO OUTFILE '/tmp/fairuse-never'",
                "SELECT LOAD_FILE('/etc/passwd') + 1 FROM accounts", "SHOW CREATE TABLE accounts",
                "GRANT SELECT (id) ON psa.mail TO 'root'@'localhost'", "USE mysql"):
        done = s.ask(sql, user=AGENT, database="psa", check=False)
        check(done.returncode != 0 and "denied" in done.stderr, sql, done)
    equal(s.rows("SELECT COUNT(*) > 0 FROM domains", user=AGENT, database="psa"), [["1"]],
          "the control")


def test_setup_can_be_run_again(ctl):
    s, look = world(ctl)
    first = set_up(look)
    before = s.grants()
    again = set_up(look)
    equal((again.stdout, s.grants()), (first.stdout, before))
    equal(look.mail().code, 0)


def test_setup_takes_back_what_an_older_version_gave(ctl):
    s, look = world(ctl)
    set_up(look)
    before = s.grants()
    s.ask(f"GRANT SELECT (mbox_quota) ON psa.mail TO '{AGENT}'@'localhost';"
          f"GRANT SELECT (type) ON psa.accounts TO '{AGENT}'@'localhost'")
    check(s.grants() != before)
    set_up(look)
    equal(s.grants(), before)


def test_setup_follows_a_panels_upgrade(ctl):
    s, look = world(ctl, generation="old")
    set_up(look)
    check(any("domainaliases" in g for g in s.grants()))
    rows = generate(3, "new")
    s.ask(rows.sql())
    set_up(look)
    check(not any("domainaliases" in g for g in s.grants()), s.grants())
    equal(look.mail().counts(), rows.counted()[0])


def test_a_dry_run_changes_nothing_and_says_all(ctl):
    s, look = world(ctl)
    dry = look.setup("--dry-run")
    equal(dry.returncode, 0, dry.stderr)
    equal(s.rows(f"SELECT COUNT(*) FROM mysql.user WHERE User = '{AGENT}'"), [["0"]])
    real = set_up(look)
    equal(dry.stdout, real.stdout)
    s.ask(f"DROP USER '{AGENT}'@'localhost'")
    s.ask("".join(line + "\n" for line in dry.stdout.splitlines()))
    equal(look.mail().code, 0, "what it printed can be run by hand")


def test_a_dry_run_needs_no_database_and_no_root(ctl):
    look = Look(ctl, database_sockets=["/nonexistent/s"])
    dry = look.setup("--dry-run", user=AGENT)
    equal(dry.returncode, 0, dry.stderr)
    check("could not be asked" in dry.stdout and "GRANT SELECT (" in dry.stdout, dry.stdout)
    done = look.setup(user=AGENT)
    equal((done.returncode, done.stdout), (77, ""), done.stderr)
    check("only root" in done.stderr, done.stderr)


def test_an_account_of_somebody_else_is_left_alone(ctl):
    s, look = world(ctl)
    for right in ("PROCESS ON *.*", "SELECT ON psa.*", "SELECT ON psa.mail",
                  "UPDATE (postbox) ON psa.mail", "SELECT (id) ON psa.mail WITH GRANT OPTION"):
        what, _, option = right.partition(" WITH ")
        s.ask(f"DROP USER IF EXISTS '{AGENT}'@'localhost';"
              f"CREATE USER '{AGENT}'@'localhost' IDENTIFIED BY 'x';"
              f"GRANT {what} TO '{AGENT}'@'localhost'{' WITH ' + option if option else ''}")
        before = s.grants()
        done = look.setup()
        equal(done.returncode, 78, done)
        check("somebody's" in done.stderr and "database_user" in done.stderr, done.stderr)
        equal(s.grants(), before)


def test_an_account_with_a_password_is_closed_to_it(ctl):
    """One that was made by hand, and that anybody could enter."""
    s, look = world(ctl)
    s.ask(f"CREATE USER '{AGENT}'@'localhost'")
    set_up(look)
    done = subprocess.run([*psa_world.as_user("mysql"), *s.client("-u", AGENT, "-e", "SELECT 1")],
                          capture_output=True, text=True, check=False)
    check(done.returncode != 0 and "denied" in done.stderr, done)


def test_names_that_statements_cannot_hold_are_refused(ctl):
    s, look = world(ctl)
    for names in ({"database_user": "a'b"}, {"database_name": "p`sa"}, {"database_name": "p\\\\a"}):
        look.set(**{"database_user": AGENT, "database_name": "psa", **names})
        done = look.setup()
        equal((done.returncode, done.stdout), (78, ""), done.stderr)
        check(list(names)[0] in done.stderr, done.stderr)


def test_the_account_must_be_the_system_user(ctl):
    s, look = world(ctl)
    look.set(database_user="fairuse")
    done = look.setup()
    equal(done.returncode, 78, done)
    check("database_user must be user (nobody)" in done.stderr, done.stderr)


def test_a_password_in_a_file_is_used(ctl):
    s, look = world(ctl)
    secret = ctl.path("secret")
    secret.write_text("pass word 'x\nsecond line\n")
    secret.chmod(0o640)
    os.chown(secret, 0, pwd.getpwnam(AGENT).pw_gid)
    look.set(database_user="counter", database_password_file=secret)
    s.ask("DROP USER IF EXISTS 'counter'@'localhost'")
    done = look.setup()
    equal(done.returncode, 78, done)
    check("CREATE USER" in done.stderr and "GRANT" not in done.stdout, done)
    s.ask("CREATE USER 'counter'@'localhost' IDENTIFIED BY 'pass word ''x'")
    set_up(look)
    got = look.mail()
    equal(got.code, 0, got.why)
    secret.write_text("wrong\n")
    got = look.mail()
    equal(got.code, -13, got.why)
    check("wrong" not in got.why, got.why)
    for mode in (0o644, 0o660, 0o641):
        secret.chmod(mode)
        got = look.mail()
        equal(got.code, -13, oct(mode))
        check("chmod 640" in got.why, got.why)
    s.ask("DROP USER 'counter'@'localhost'")


def test_plesks_administrator_is_used_where_plesk_is(ctl):
    s, look = world(ctl)
    folder = ctl.path("etc-psa")
    folder.mkdir()
    shadow = folder / ".psa.shadow"
    shadow.write_text("$AES-128-CBC$secret$word==")
    shadow.chmod(0o600)
    s.ask("CREATE USER IF NOT EXISTS 'admin'@'localhost' IDENTIFIED BY '$AES-128-CBC$secret$word==';"
          "GRANT ALL ON *.* TO 'admin'@'localhost' WITH GRANT OPTION")
    wrapper = ["unshare", "--mount", "sh", "-c",
               'mkdir -p "$0/work" && mount -t tmpfs none "$0/work" &&'
               ' mkdir "$0/work/u" "$0/work/w" && mkdir "$0/work/u/psa" &&'
               ' cp -p "$0/etc-psa/.psa.shadow" "$0/work/u/psa/" &&'
               ' mount -t overlay none -o "lowerdir=/etc,upperdir=$0/work/u,workdir=$0/work/w" /etc'
               ' && exec "$@"', str(ctl.folder)]
    try:
        done = look.setup(wrapper=wrapper)
        equal(done.returncode, 0, done.stderr)
        check("secret" not in done.stdout + done.stderr, done)
        equal(look.mail().code, 0)
        s.ask("ALTER USER 'admin'@'localhost' IDENTIFIED BY 'another'")
        equal(look.setup(wrapper=wrapper).returncode, 0, "else as root")
        s.ask("ALTER USER 'root'@'localhost' IDENTIFIED BY 'another'")
        done = look.setup(wrapper=wrapper)
        equal(done.returncode, 77, done)
        check("neither Plesk's admin" in done.stderr and "another" not in done.stderr, done.stderr)
    finally:
        subprocess.run(s.client("-panother", "-e", "ALTER USER 'root'@'localhost'"
                                " IDENTIFIED VIA unix_socket"), check=False, capture_output=True)
        s.ask("DROP USER IF EXISTS 'admin'@'localhost'")


def test_the_agents_user_is_put_into_the_group_of_the_keys(ctl):
    """In an /etc of its own."""
    s, look = world(ctl)
    keys = ctl.path("keys")
    keys.mkdir()
    look.set(keys=keys)
    script = ctl.path("script")
    script.write_text(
        'set -e; mkdir -p "$1/up" && mount -t tmpfs none "$1/up" && mkdir "$1/up/u" "$1/up/w"\n'
        'mount -t overlay none -o "lowerdir=/etc,upperdir=$1/up/u,workdir=$1/up/w" /etc\n'
        'shift\n"$@" --dry-run\n"$@"\ngroupadd swkey-data\n"$@"\n'
        f'chgrp swkey-data "{keys}"\n"$@" --dry-run; id -Gn {AGENT}\n"$@"; id -Gn {AGENT}\n"$@"\n')
    done = look.setup(wrapper=["unshare", "--mount", "sh", str(script), str(ctl.folder)])
    equal(done.returncode, 0, done.stderr)
    said = [line for line in done.stdout.splitlines()
            if "swkey-data" in line or line.startswith("nogroup")]
    none = f"# {keys} is not of the group swkey-data: no group is given"
    equal(said, [none, none, none, f"usermod -aG swkey-data {AGENT}", "nogroup",
                 f"usermod -aG swkey-data {AGENT}", "nogroup swkey-data",
                 f"# {AGENT} is in the group swkey-data already"])


# ---- What goes wrong ---------------------------------------------------------------------------


def test_without_rights_it_says_what_to_do(ctl):
    s, look = world(ctl)
    got = look.mail()
    equal(got.code, -13, got.why)
    check("fairuse-agent setup" in got.why, got.why)
    s.ask(f"CREATE USER '{AGENT}'@'localhost' IDENTIFIED VIA unix_socket")
    got = look.mail()
    equal(got.code, -13, "no right to the database: " + got.why)
    check("fairuse-agent setup" in got.why, got.why)
    s.ask(f"GRANT SELECT (id) ON psa.domains TO '{AGENT}'@'localhost'")
    got = look.mail()
    equal(got.code, -13, "no right to a column: " + got.why)
    check("domains.name" in got.why and "fairuse-agent setup" in got.why, got.why)


def test_no_database_is_said(ctl):
    s, look = world(ctl)
    set_up(look)
    look.set(database_name="other")
    got = look.mail()
    check(got.code < 0 and ("setup" in got.why or "database_name" in got.why), got.why)
    done = look.setup()
    equal(done.returncode, 69, done)
    check("no such database" in done.stderr, done.stderr)
    look.set(database_name="psa", database_sockets=[])
    got = look.mail()
    equal((got.code, "names no socket" in got.why), (-2, True), got.why)
    look.set(database_sockets=["/nonexistent/s", ctl.path("agent.conf")])
    got = look.mail()
    equal((got.code, "start the database" in got.why), (-2, True), got.why)
    equal(look.setup().returncode, 69)


def test_a_database_that_is_not_plesks_is_refused(ctl):
    s, look = world(ctl)
    s.ask("DROP DATABASE psa; CREATE DATABASE psa; CREATE TABLE psa.domains (id INT)")
    done = look.setup()
    equal(done.returncode, 69, done)
    check("not Plesk's" in done.stderr, done.stderr)
    equal(s.rows(f"SELECT COUNT(*) FROM mysql.user WHERE User = '{AGENT}'"), [["0"]])


def test_a_server_that_is_gone_is_an_error(ctl):
    s, look = world(ctl)
    set_up(look)
    s.kill()
    got = look.mail()
    equal(got.code, -5, got.why)
    check(str(s.socket) in got.why and got.spent_ms < 2000, got.why, got.spent_ms)


@contextlib.contextmanager
def locked(s):
    """Whoever reads mail waits."""
    holder = subprocess.Popen(s.client("--unbuffered", "psa"), stdin=subprocess.PIPE,
                              stdout=subprocess.PIPE, text=True)
    try:
        holder.stdin.write("LOCK TABLES mail WRITE; SELECT 'locked';\n")
        holder.stdin.flush()
        equal(holder.stdout.readline(), "locked\n")
        yield
    finally:
        holder.kill()
        holder.communicate()


def test_a_server_killed_in_the_middle_is_an_error(ctl):
    s, look = world(ctl)
    set_up(look)
    with locked(s):
        process = look.start("mail", look.config)
        for _ in range(200):
            waiting = s.rows("SELECT COUNT(*) FROM information_schema.PROCESSLIST"
                             f" WHERE USER = '{AGENT}' AND STATE LIKE '%lock%'")
            if waiting == [["1"]]:
                break
            time.sleep(0.05)
        equal(waiting, [["1"]], "it waits for the lock")
        begin = time.monotonic()
        s.kill()
        out, err = process.communicate(timeout=60)
    got = psa_world.Counted(subprocess.CompletedProcess([], process.returncode, out, err))
    equal((got.code, got.lines), (-5, []), got.why)
    check(time.monotonic() - begin < 5, "at once")


def test_a_server_that_hangs_in_the_middle_is_left(ctl):
    s, look = world(ctl)
    set_up(look)
    with locked(s):
        got = look.mail()
    equal((got.code, got.lines), (-5, []), got.why)
    check(15000 < got.spent_ms < 30000, got.spent_ms)


def listen(path, serve):
    """A socket that is no database: `serve` gets each connection."""
    with contextlib.suppress(FileNotFoundError):
        pathlib.Path(path).unlink()
    s = socket.socket(socket.AF_UNIX)
    s.bind(str(path))
    os.chmod(path, 0o777)
    s.listen(8)

    def loop():
        with contextlib.suppress(OSError):
            while True:
                serve(s.accept()[0])
    threading.Thread(target=loop, daemon=True).start()
    return s


def test_a_server_that_never_answers_is_left(ctl):
    look = Look(ctl, database_sockets=[ctl.path("s")])
    kept = []
    with listen(ctl.path("s"), kept.append):
        got = look.mail()
    equal((got.code, got.lines), (-5, []), got.why)
    check(got.spent_ms < 25000, got.spent_ms)
    done_ms = got.spent_ms
    for connection in kept:
        connection.close()
    print(f"a database that never answers: {done_ms} ms")


def test_a_server_that_talks_nonsense_is_refused(ctl):
    look = Look(ctl, database_sockets=[ctl.path("s")])
    greeting = (b"\x0a10.11.6-MariaDB\x00\x01\x00\x00\x00abcdefgh\x00\xff\xf7\x08\x02\x00\xff\x81"
                b"\x15\x00\x00\x00\x00\x00\x00\x07\x00\x00\x00abcdefghijkl\x00")

    def framed(body, number=0):
        return len(body).to_bytes(3, "little") + bytes([number]) + body

    said = []
    clear = framed(b"\xfemysql_clear_password\x00", 2)
    for words in (b"", b"HTTP/1.1 400 Bad Request\r\n\r\n", b"\xff" * 4096, b"\x00" * 64,
                  framed(greeting[:20]), framed(greeting) + b"\xff\xff\xff\x02" + b"a" * 100,
                  framed(greeting) + clear, framed(greeting) + framed(b"\xfe\x00", 2),
                  framed(greeting) + framed(b"\xff\x15\x04#28000\x1b[31mno\nno", 2),
                  framed(greeting) + framed(b"\x00\x00\x00\x02\x00\x00\x00", 2) + b"\xff" * 5000):
        def serve(connection, words=words):
            with connection, contextlib.suppress(OSError):
                connection.sendall(words)
                connection.settimeout(1)
                said.append(connection.recv(4096))
                said.append(connection.recv(4096))
        secret = ctl.path("secret")
        secret.write_text("pass-in-the-clear\n")
        secret.chmod(0o640)
        os.chown(secret, 0, pwd.getpwnam(AGENT).pw_gid)
        look.set(database_password_file=secret)
        with listen(ctl.path("s"), serve):
            got = look.mail()
        check(got.code < 0 and got.lines == [] and not got.err, words[:40], got.code, got.err)
        check("\x1b" not in got.why and got.why, got.why)
        check(got.spent_ms < 25000, words[:40], got.spent_ms)
    check(not any(b"pass-in-the-clear" in s for s in said), said)


def main():
    why = psa_world.missing()
    if why:
        print(f"not run: {why}")
        sys.exit(1)
    ctl_world.run_cases(globals())


main()
