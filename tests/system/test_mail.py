"""Mails as they arrive: composed and sent by the product's own rooms (mail_driver), read back by
Python's parser from a real Postfix, from aiosmtpd, from a server that fails in every way, and
from a sendmail program."""

import base64
import email
import email.header
import email.utils
import os
import pathlib
import re
import signal
import stat
import subprocess
import sys
import threading
import time

import ctl_world
import mail_world
from ctl_world import check, equal
from mail_world import DROP, HANG, AioServer, Authority, FlakyServer, PostfixServer

DRIVER = pathlib.Path(sys.argv[1]).resolve().parent / "mail_driver"
FROM = "fairuse@tests.example"
TEXT = ("Hello,\n\n.\n..\n.hidden\nFrom here on\ntrailing space \nand tab\t\n\u20ac 12,50 caf\u00e9\n"
        + "long " * 400 + "\n" + "x" * 3000 + "\n=_not a boundary\n--\n=3D=\nlast\n")
HTML = "<!doctype html>\n<p>caf\u00e9 <img src=\"cid:p1@fairuse\">\n" + "<b>y</b>" * 700 + "\n"
PICTURE = bytes(range(256)) * 40
TABLE = "a;b\r\n1;\"x\r\ny\"\r\n.;caf\u00e9\r\n".encode()


def run(*words, **environment):
    return subprocess.run([DRIVER, *map(str, words)], capture_output=True, timeout=120,
                          check=False, env={**os.environ, **environment})


def compose(ctl, pictures=1, tables=1, **fields):
    """The bytes of a mail."""
    words = {"from": FROM, "to": "am@tests.example", "subject": "A night", **fields}
    for name, value in {"text": TEXT, "html": HTML, **fields}.items():
        if name in ("text", "html"):
            ctl.path(name).write_text(value)
            words[name] = f"@{ctl.path(name)}"
    ctl.path("p").write_bytes(PICTURE)
    ctl.path("c").write_bytes(TABLE)
    more = [f"file=p{i}.png|image/png|p{i}@fairuse|{ctl.path('p')}" for i in range(pictures)]
    more += [f"file=t{i}.csv|text/csv; charset=utf-8||{ctl.path('c')}" for i in range(tables)]
    done = run("compose", *(f"{name}={value}" for name, value in words.items()), *more)
    equal(done.returncode, 0, done.stderr)
    return done.stdout


def parse(raw):
    return mail_world.Message("", "", raw).parsed


class Result:
    def __init__(self, line):
        fate, code, maybe, down, self.text = line.split("\t")
        self.fate, self.code = fate, int(code)
        self.may_have_arrived, self.is_route_down = maybe == "1", down == "1"

    def __repr__(self):
        return f"{self.fate} {self.code} {self.may_have_arrived} {self.is_route_down}: {self.text}"


def send(ctl, server, *mails, mail=None, **route):
    """Sends a mail to each of `mails` (addresses; a number waits so many seconds)."""
    path = ctl.path("mail.eml")
    path.write_bytes(mail if mail is not None else compose(ctl, 0, 0, html=""))
    words = {"from": FROM, "timeout": 20}
    if server:
        words.update(url=server.url, authority=server.ca, user=server.user,
                     password=server.password)
    words.update(route)
    steps = [f"wait={int(m * 1000)}" if isinstance(m, (int, float)) else f"mail={m}|{path}"
             for m in mails or ("am@tests.example",)]
    done = run("send", *(f"{name}={value}" for name, value in words.items()), *steps)
    equal(done.returncode, 0, done.stderr)
    secret = str(words.get("password", ""))
    check(not secret or secret.encode() not in done.stdout + done.stderr, "the password is said")
    return [Result(line) for line in done.stdout.decode().splitlines()]


def refused_route(**route):
    """Why a route is not taken."""
    done = run("send", f"from={FROM}", *(f"{name}={value}" for name, value in route.items()))
    equal(done.returncode, 65, done.stdout, done.stderr)
    return done.stderr.decode()


# ---- What arrives ------------------------------------------------------------------------------


def tree(part):
    """The types, nested; the top of a single part is its type."""
    kind = part.get_content_type()
    return [kind, *map(tree, part.iter_parts())] if part.is_multipart() else kind


def check_sound(raw):
    """What no mail may lack, or have twice. The parsed mail."""
    head = raw.partition(b"\r\n\r\n")[0].decode()
    names = [line.partition(":")[0].lower() for line in head.split("\r\n")
             if line[0] not in " \t"]
    for name in ("date", "from", "to", "subject", "message-id", "mime-version",
                 "auto-submitted", "content-language"):
        equal(names.count(name), 1, name)
    check(not set(names) - {"date", "from", "to", "reply-to", "subject", "message-id",
                            "mime-version", "auto-submitted", "content-language",
                            "x-fairuse-run", "x-auto-response-suppress", "content-type",
                            "content-transfer-encoding"}, names)
    equal(raw.count(b"\n"), raw.count(b"\r\n"))
    equal(raw.count(b"\r"), raw.count(b"\r\n"))
    check(raw.endswith(b"\r\n"), raw[-20:])
    check(max(map(len, raw.split(b"\r\n"))) <= 998, "a line is too long")
    mail = parse(raw)
    for part in mail.walk():
        equal(part.defects, [], part.get_content_type())
        for name, value in part.items():
            equal(list(value.defects), [], name, str(value))
    return mail


def text_of(part):
    return part.get_payload(decode=True).decode().replace("\r\n", "\n")


def check_whole(raw):
    """The mail of compose(), complete."""
    mail = check_sound(raw)
    equal(tree(mail), ["multipart/mixed",
                       ["multipart/alternative", "text/plain",
                        ["multipart/related", "text/html", "image/png"]],
                       "text/csv"])
    parts = {p.get_content_type(): p for p in mail.walk()}
    equal(text_of(parts["text/plain"]), TEXT)
    equal(text_of(parts["text/html"]), HTML)
    equal(parts["image/png"].get_payload(decode=True), PICTURE)
    equal(parts["text/csv"].get_payload(decode=True), TABLE)
    equal(parts["image/png"]["Content-ID"], "<p0@fairuse>")
    equal(parts["image/png"].get_content_disposition(), "inline")
    equal(parts["text/csv"].get_content_disposition(), "attachment")
    equal(parts["text/csv"].get_filename(), "t0.csv")
    equal(parts["multipart/related"].get_param("type"), "text/html")
    for kind in ("text/plain", "text/html", "text/csv"):
        equal(parts[kind].get_content_charset(), "utf-8")
    return mail


def test_postfix_takes_it_by_starttls_and_from_the_start(ctl):
    raw = compose(ctl)
    with PostfixServer() as server:
        results = send(ctl, server, "a@tests.example", "b@tests.example", mail=raw)
        equal([(r.fate, r.code) for r in results], [("sent", 250)] * 2, results)
        more = send(ctl, server, "c@tests.example", mail=raw, url=server.tls_url)
        equal(more[0].fate, "sent", more)
        check("queued" in more[0].text, more)
        found = server.messages(3)
        equal(sorted(m.recipient for m in found), [f"{c}@tests.example" for c in "abc"])
        for m in found:
            equal(m.sender, FROM)
            check("ESMTPSA" in m.received, m.received)
            equal(m.raw, raw)
            check_whole(m.raw)
        check(re.search(r"starttls=1 auth=1 mail=2 rcpt=2 data=2 quit=1", server.log()),
              server.log())


def test_aiosmtpd_takes_it_byte_for_byte_on_both_families(ctl):
    raw = compose(ctl)
    for host in ("127.0.0.1", "::1"):
        with AioServer(host) as server:
            results = send(ctl, server, "a@tests.example", "j\u00e9@b\u00fccher.example", mail=raw)
            equal([r.fate for r in results], ["sent", "sent"], results)
            found = server.messages(2)
            equal([m.recipient for m in found],
                  ["a@tests.example", "j\u00e9@xn--bcher-kva.example"])
            for m in found:
                equal(m.raw, raw)


def test_levels_with_one_child_are_left_out(ctl):
    for pictures, tables, html, wanted in (
            (0, 0, "", "text/plain"),
            (0, 0, HTML, ["multipart/alternative", "text/plain", "text/html"]),
            (2, 0, HTML, ["multipart/alternative", "text/plain",
                          ["multipart/related", "text/html", "image/png", "image/png"]]),
            (0, 2, HTML, ["multipart/mixed",
                          ["multipart/alternative", "text/plain", "text/html"],
                          "text/csv", "text/csv"]),
            (0, 1, "", ["multipart/mixed", "text/plain", "text/csv"]),
            (1, 0, "", ["multipart/mixed", "text/plain", "image/png"])):
        mail = check_sound(compose(ctl, pictures, tables, html=html))
        equal(tree(mail), wanted)


def test_fields_say_what_they_should(ctl):
    mail = check_sound(compose(
        ctl, from_name="Fair Use, Ltd.", to_name="J\u00fcrgen", reply_to="am@b\u00fccher.example",
        subject="1 warning, \u20ac 12,50", language="nl", run="2026-11-22", date=1795296400,
        date_offset_s=3600, message_id="r1.am1@fairuse.tests.example"))
    equal(str(mail["From"]), '"Fair Use, Ltd." <fairuse@tests.example>')
    equal(mail["To"].addresses[0].display_name, "J\u00fcrgen")
    equal(mail["Reply-To"].addresses[0].addr_spec, "am@xn--bcher-kva.example")
    equal(str(mail["Subject"]), "1 warning, \u20ac 12,50")
    # 1795296400 = 2026-11-21T21:26:40Z
    equal(mail["Date"].datetime.isoformat(), "2026-11-21T22:26:40+01:00")
    equal(str(mail["Message-ID"]), "<r1.am1@fairuse.tests.example>")
    equal(str(mail["Auto-Submitted"]), "auto-generated")
    equal(str(mail["X-Auto-Response-Suppress"]), "All")
    equal(str(mail["Content-Language"]), "nl")
    equal(str(mail["X-Fairuse-Run"]), "2026-11-22")


def test_equal_orders_are_equal_bytes(ctl):
    one = compose(ctl)
    equal(one, compose(ctl))
    other = compose(ctl, message_id="2@tests.example")
    check(re.search(b"boundary=\"([^\"]*)", one)[1] != re.search(b"boundary=\"([^\"]*)", other)[1],
          "boundaries come of the Message-ID")


HOSTILE = (
    "x\r\nBcc: evil@tests.example", "x\n\nbody", "x\rSubject: y", "\r\n", "a\x0bb\x0cc\x1b[31m\x07",
    "=?utf-8?q?=0D=0ABcc:_evil@tests.example?=", "=?utf-8?b?DQpCY2M6IHg=?= =?x?q?y?=",
    "\u202egpj.exe\u202c", "\u2066\u2067x\u2069\u200b\ufeff\u200e\u061c", "\u0085\u009bx\u2028y\u2029z",
    "w" * 1000, "word " * 200, "\u4e2d" * 1000, "\U0001f468\u200d\U0001f469\u200d\U0001f467" * 100,
    "\" <evil@tests.example>, \"", "a@b, c@d;", "(comment \\", "<script>", "\\\"\\", "a: b; c, d",
    "\u05e9\u05dc\u05d5\u05dd", "\U000e0041\U000e0042", "caf\u00e9 " * 30, "'; --", "%s%n", "undefined\udc80\udcff",
)


def clean(text):
    """What is left of a hostile text, by another way: characters by their Unicode properties."""
    import unicodedata  # pylint: disable=import-outside-toplevel

    kept = []
    for c in text.encode("utf-8", "surrogateescape").decode("utf-8", "replace"):
        kind = unicodedata.category(c)
        if kind in ("Cc", "Zs", "Zl", "Zp"):
            kept.append(" ")
        elif kind != "Cf" or (c == "\u200d" and kept and ord(kept[-1]) >= 0x600):
            kept.append(c)
    line = " ".join("".join(kept).split(" ")).strip()
    line = re.sub(" +", " ", line)
    return line if len(line) <= 200 else line[:199] + "\u2026"


def name_in(raw, field):
    """The name before an address, decoded by the older of Python's two decoders: the newer puts
    blanks between encoded words."""
    name, _ = email.utils.parseaddr(str(email.message_from_bytes(raw)[field]).replace("\r\n", ""))
    return str(email.header.make_header(email.header.decode_header(name)))


def test_hostile_names_stay_text(ctl):
    for text in HOSTILE:
        raw = compose(ctl, 0, 0, html="<p>", from_name=text, to_name=text, subject=text,
                      run=text, reply_to="x@tests.example", reply_to_name=text)
        mail = check_sound(raw)
        wanted = clean(text)
        equal(str(mail["Subject"]), wanted)
        for name, address in (("From", FROM), ("To", "am@tests.example"),
                              ("Reply-To", "x@tests.example")):
            found = mail[name].addresses
            equal([a.addr_spec for a in found], [address], name, text)
            equal(name_in(raw, name), wanted)


def test_what_is_no_address_makes_no_mail(ctl):
    for bad in ("", "a", "@tests.example", "a@", "a@b@c.example", "a b@tests.example",
                "a@tests.example\r\nBcc: x@y.example", "<a@tests.example>", "a@[127.0.0.1]",
                "a@127.0.0.1", '"a"@tests.example', ".a@tests.example", "a..b@tests.example",
                "a@tests.example, b@tests.example", "x" * 65 + "@tests.example"):
        for field in ("from", "to") + (("reply_to",) if bad else ()):
            ctl.path("bad").write_text(bad)
            words = {"from": FROM, "to": "am@tests.example", "text": "x",
                     field: f"@{ctl.path('bad')}"}
            done = run("compose", *(f"{name}={value}" for name, value in words.items()))
            equal(done.returncode, 65, field, bad)
            equal(done.stdout, b"")
            name = {"from": "From", "to": "To", "reply_to": "Reply-To"}[field]
            check(done.stderr.decode().startswith(f"{name}: "), done.stderr)


# ---- TLS and passwords -------------------------------------------------------------------------


def test_nothing_is_said_before_tls(ctl):
    with FlakyServer(tls="none") as server:
        for user, password in ((server.user, server.password), ("", "")):
            r, = send(ctl, server, user=user, password=password)
            equal((r.fate, r.is_route_down), ("not-us", True), r)
        equal({c.split()[0] for c in server.commands} - {"QUIT"}, {"EHLO"}, server.commands)
    with FlakyServer(starttls="454 4.7.0 no TLS now") as server:
        r, = send(ctl, server)
        equal((r.fate, r.code, r.is_route_down), ("later", 454, True), r)
        equal({c.split()[0] for c in server.commands} - {"QUIT"}, {"EHLO", "STARTTLS"})
    with FlakyServer(starttls="502 5.5.1 no TLS") as server:
        r, = send(ctl, server)
        equal((r.fate, r.code), ("not-us", 502), r)
        check("MAIL" not in str(server.commands) and "AUTH" not in str(server.commands),
              server.commands)


def test_only_the_right_authority_and_name_are_believed(ctl):
    other = Authority(ctl.folder, "other")
    with FlakyServer() as server:
        for authority in (other.cert, "", "/nonexistent/ca.pem"):
            r, = send(ctl, server, authority=authority)
            equal((r.fate, r.code, r.is_route_down), ("not-us", 0, True), r)
        equal([c for c in server.commands if c.split()[0] not in ("EHLO", "STARTTLS", "QUIT")],
              [], "nothing more is said")
        equal(send(ctl, server)[0].fate, "sent")
    for tls in ("starttls", "implicit"):
        with FlakyServer(tls=tls) as server:
            wrong = server.authority.server("DNS:elsewhere.example")
            server.context.load_cert_chain(wrong)
            r, = send(ctl, server)
            equal((r.fate, r.is_route_down), ("not-us", True), r)
            check("AUTH" not in str(server.commands), server.commands)
    with FlakyServer(tls="none") as server:  # no TLS where it begins with it
        r, = send(ctl, server, url=server.url.replace("smtp:", "smtps:"), timeout=5)
        equal(r.fate, "not-us", r)


def test_a_named_authority_is_believed_alone(ctl):
    """Debian's libcurl would load all of /etc/ssl/certs beside it."""
    with FlakyServer() as server:
        path, trace = ctl.path("mail.eml"), ctl.path("trace")
        path.write_bytes(b"Subject: x\r\n\r\nx\r\n")
        done = subprocess.run(
            ["strace", "-f", "-e", "trace=openat,open", "-o", trace, DRIVER, "send",
             f"url={server.url}", f"authority={server.ca}", f"from={FROM}",
             f"mail=a@tests.example|{path}"], capture_output=True, timeout=120, check=False,
            env={**os.environ, "ASAN_OPTIONS": "detect_leaks=0"})
        check(done.stdout.startswith(b"sent"), done.stdout, done.stderr)
        check(str(server.ca) in trace.read_text(), "the authority is read")
        check("/etc/ssl/certs" not in trace.read_text(), "and no other")


def test_a_wrong_password_is_the_route_s_fault(ctl):
    for make in (PostfixServer, AioServer):
        with make() as server:
            r, = send(ctl, server, password="wrong and secret")
            equal((r.fate, r.code, r.is_route_down), ("not-us", 535, True), r)
            equal(server.taken(), [])
    for login in ("535 5.7.8 no: " + mail_world.PASSWORD, DROP, "504 5.5.4 how?",
                  "534 5.7.9 too weak"):
        with FlakyServer(auth=login) as server:
            r, = send(ctl, server)
            equal((r.fate, r.is_route_down), ("not-us", True), r)
            check("MAIL" not in str(server.commands), server.commands)
            secret = base64.b64encode(f"\0{server.user}\0{server.password}".encode()).decode()
            check(secret in server.commands or DROP is login, "it is told the password")
            check(mail_world.PASSWORD not in r.text and secret not in r.text, r.text)
    with FlakyServer(auth="454 4.7.0 cannot ask now") as server:
        r, = send(ctl, server)
        equal((r.fate, r.code, r.is_route_down), ("later", 454, True), r)


def test_routes_that_cannot_be(ctl):
    here = "smtp://127.0.0.1:2525"
    for why, route in (
            ("one of the two", {}),
            ("one of the two", {"url": here, "sendmail": "/bin/true"}),
            ("without TLS to this machine alone", {"url": "smtp://192.0.2.1", "tls": "never"}),
            ("without TLS to this machine alone", {"url": "smtp://[2001:db8::1]", "tls": "never"}),
            ("without TLS to this machine alone",
             {"url": "smtp://localhost.example.nl", "tls": "never"}),
            ("no password goes without TLS",
             {"url": here, "tls": "never", "user": "u", "password": "secret"}),
            ("cannot go without", {"url": "smtps://127.0.0.1", "tls": "never"}),
            ("both|neither", {"url": here, "user": "u"}),
            ("HOST", {"url": "smtp://u:secret@127.0.0.1:25"}),
            ("HOST", {"url": "http://127.0.0.1"})):
        said = refused_route(**route)
        check(re.search(why, said), route, said)
        check("secret" not in said, said)


def test_in_clear_to_this_machine_and_without_a_password(ctl):
    for host, name in (("127.0.0.1", "127.0.0.1"), ("::1", "[::1]"), ("127.0.0.1", "localhost")):
        with FlakyServer(host=host, tls="none", has_auth=False) as server:
            r, = send(ctl, server, url=f"smtp://{name}:{server.port}", tls="never", authority="",
                      user="", password="", hello="me.tests.example")
            equal(r.fate, "sent", r)
            equal(server.commands[0], "EHLO me.tests.example")


def test_the_environment_leads_no_mail_astray(ctl):
    ctl.path(".netrc").write_text("machine 127.0.0.1 login other password other\n")
    ctl.path("mail.eml").write_bytes(compose(ctl, 0, 0, html=""))
    with FlakyServer() as server:
        done = run("send", f"url={server.url}", f"authority={server.ca}", f"from={FROM}",
                   f"mail=a@tests.example|{ctl.path('mail.eml')}", HOME=str(ctl.folder),
                   ALL_PROXY="http://127.0.0.1:1", smtp_proxy="http://127.0.0.1:1")
        check(done.stdout.startswith(b"sent"), done.stdout, done.stderr)
        check("AUTH" not in str(server.commands), server.commands)


# ---- Servers that fail -------------------------------------------------------------------------

FAILURES = (
    # what the server does; fate, code, may have arrived, the route is down
    ({"greeting": "421 4.3.2 closing"}, "later", 421, False, True),
    ({"greeting": "554 5.7.1 not you"}, "not-us", 554, False, True),
    ({"greeting": DROP}, "later", 0, False, True),
    ({"ehlo": "421 4.3.2 closing"}, "later", 421, False, True),
    ({"mail": "451 4.3.0 later"}, "later", 451, False, False),
    ({"mail": "421 4.7.0 too many"}, "later", 421, False, True),
    ({"mail": "530 5.7.0 log in first"}, "not-us", 530, False, True),
    ({"mail": "550 5.7.1 you may not send as that"}, "not-us", 550, False, True),
    ({"mail": "552 5.3.4 too large"}, "refused", 552, False, False),
    ({"mail": DROP}, "later", 0, False, False),
    ({"rcpt": "450 4.2.0 greylisted, come back\nin 5 minutes"}, "later", 450, False, False),
    ({"rcpt": "550 5.1.1 no such mailbox"}, "refused", 550, False, False),
    ({"rcpt": "550 5.1.1 <relay@tests.example>: no such mailbox"}, "refused", 550, False, False),
    ({"rcpt": "554 5.7.1 <x@tests.example>: Relay access denied"}, "not-us", 554, False, False),
    ({"rcpt": "530 5.7.0 log in first"}, "not-us", 530, False, True),
    ({"rcpt": "421 4.3.2 closing"}, "later", 421, False, True),
    ({"rcpt": DROP}, "later", 0, False, False),
    ({"data": "451 4.3.0 later"}, "later", 451, False, False),
    ({"data": "554 5.5.1 no"}, "refused", 554, False, False),
    ({"data": DROP}, "later", 0, False, False),
    ({"dot": "452 4.2.2 full"}, "later", 452, False, False),
    ({"dot": "554 5.7.1 looks like spam"}, "refused", 554, False, False),
    ({"dot": DROP}, "later", 0, True, False),
)


def test_each_failure_has_its_fate(ctl):
    for answers, *wanted in FAILURES:
        with FlakyServer(**answers) as server:
            r, = send(ctl, server)
            equal([r.fate, r.code, r.may_have_arrived, r.is_route_down], wanted, answers, r)
            equal(server.taken(), [])
            check(r.text.startswith(server.url), r.text)
            equal(server.commands.count("DATA"),
                  1 if set(answers) & {"data", "dot"} else 0, answers)


def test_what_was_said_is_one_safe_line(ctl):
    with FlakyServer(rcpt="550 5.1.1 \x1b[31mred\x07 \u202eevil\tx\nand more\n" + "y" * 2000) as server:
        r, = send(ctl, server)
        equal((r.fate, r.code), ("refused", 550), r)
        check("550 5.1.1 [31mred evil x and more" in r.text, r.text)
        check(r.text.isprintable() and len(r.text) <= 250, r.text)


def test_nobody_there(ctl):
    for url in (f"smtp://127.0.0.1:{mail_world.free_port()}", "smtp://mail.invalid"):
        r, = send(ctl, None, url=url, timeout=15)
        equal((r.fate, r.code, r.may_have_arrived, r.is_route_down), ("later", 0, False, True), r)


def test_a_lost_text_is_not_taken_for_sent(ctl):
    """A mail that no buffer on the way can hold, lost in the middle."""
    big = compose(ctl, 0, 0, html="", text="x" * 70 + "\n" + ("y" * 70 + "\n") * 300000)
    with FlakyServer(drop_after=100000) as server:
        r, = send(ctl, server, mail=big)
        equal((r.fate, r.code, r.may_have_arrived), ("later", 0, False), r)
    with PostfixServer(size=1000000) as server:
        r, = send(ctl, server, mail=big)
        equal((r.fate, r.code), ("refused", 552), r)
        equal(server.taken(), [])


def test_a_slow_server_is_waited_for_and_a_silent_one_is_not(ctl):
    with FlakyServer(pace=0.01) as server:
        equal(send(ctl, server)[0].fate, "sent")
    for stage, maybe, down in (("greeting", False, True), ("rcpt", False, False),
                               ("dot", True, False)):
        with FlakyServer(**{stage: HANG}) as server:
            began = time.monotonic()
            r, = send(ctl, server, timeout=2)
            check(1.5 < time.monotonic() - began < 8, time.monotonic() - began)
            equal((r.fate, r.code, r.may_have_arrived, r.is_route_down),
                  ("later", 0, maybe, down), r)
    with FlakyServer(quit=HANG) as server:
        began = time.monotonic()
        equal(send(ctl, server)[0].fate, "sent")
        check(time.monotonic() - began < 8, "the answer to QUIT is not waited for")
        check("QUIT" in server.commands, server.commands)


def test_greylisted_once_goes_the_next_time_on_either_connection(ctl):
    with FlakyServer(rcpt=["450 4.2.0 greylisted", "250 2.1.5 fine"]) as server:
        fates = [r.fate for r in send(ctl, server, "a@tests.example", "a@tests.example")]
        equal(fates, ["later", "sent"])
        equal(len(server.messages(1)), 1)


def test_one_refused_recipient_spoils_no_other_mail(ctl):
    def rcpt(line):
        return "550 5.1.1 no" if "bad@" in line else "250 2.1.5 fine"
    with FlakyServer(rcpt=rcpt) as server:
        results = send(ctl, server, "a@tests.example", "bad@tests.example", "b@tests.example")
        equal([r.fate for r in results], ["sent", "refused", "sent"], results)
        equal([m.recipient for m in server.messages(2)], ["a@tests.example", "b@tests.example"])


def test_a_connection_that_died_in_between_is_made_anew_once(ctl):
    for gone in ("mail", "rcpt", "data"):
        for way in (DROP, "421 4.4.2 idle for too long"):
            good = mail_world.ANSWERS[gone]
            with FlakyServer(**{gone: [good, way, good]}) as server:
                results = send(ctl, server, "a@tests.example", "b@tests.example")
                equal([r.fate for r in results], ["sent", "sent"], gone, results)
                equal([m.recipient for m in server.messages(2)],
                      ["a@tests.example", "b@tests.example"], "each once")
                equal(server.connections, 2)
    with FlakyServer() as server:  # while nothing is said
        threading.Timer(1.5, server.drop_all).start()
        results = send(ctl, server, "a@tests.example", 3, "b@tests.example")
        equal([r.fate for r in results], ["sent", "sent"], results)
        equal(len(server.messages(2)), 2)
    with PostfixServer(idle=1) as server:
        results = send(ctl, server, "a@tests.example", 2.5, "b@tests.example")
        equal([r.fate for r in results], ["sent", "sent"], results)
        equal(len(server.messages(2)), 2)


def test_what_may_have_arrived_is_not_sent_again_by_itself(ctl):
    good = mail_world.ANSWERS["dot"]
    with FlakyServer(dot=[good, DROP, good]) as server:
        results = send(ctl, server, "a@tests.example", "b@tests.example", "c@tests.example")
        equal([(r.fate, r.may_have_arrived) for r in results],
              [("sent", False), ("later", True), ("sent", False)], results)
        equal(server.commands.count("DATA"), 3)


# ---- A sendmail program ------------------------------------------------------------------------


def program(ctl, script):
    path = ctl.path("sendmail")
    path.write_text(f"#!/bin/sh\ncd {ctl.folder} || exit 74\n{script}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return path


def test_a_program_gets_its_words_and_the_mail(ctl):
    raw = compose(ctl)
    path = program(ctl, "printf '%s\\n' \"$@\" >args; cat >stdin; env >env")
    r, = send(ctl, None, "-x@b\u00fccher.example", mail=raw, sendmail=path)
    equal((r.fate, r.code), ("sent", 0), r)
    equal(ctl.path("args").read_text().splitlines(),
          ["-i", "-f", FROM, "--", "-x@xn--bcher-kva.example"])
    equal(ctl.path("stdin").read_bytes(), raw.replace(b"\r\n", b"\n"))


def test_a_program_s_end_says_what_became_of_it(ctl):
    for code, fate in ((0, "sent"), (75, "later"), (65, "refused"), (67, "refused"),
                       (64, "not-us"), (68, "later"), (69, "later"), (70, "later"),
                       (71, "later"), (73, "later"), (74, "later"), (76, "later"),
                       (66, "not-us"), (72, "not-us"), (77, "not-us"), (78, "not-us"),
                       (1, "not-us"), (127, "not-us")):
        big = b"Subject: x\r\n\r\n" + b"y" * 70 * 20000 + b"\r\n"  # more than a pipe holds
        r, = send(ctl, None, mail=big, sendmail=program(ctl, f"exit {code}"))
        equal((r.fate, r.code, r.may_have_arrived), (fate, code, False), r)
    r, = send(ctl, None, sendmail=program(ctl, "kill -9 $$"))
    equal((r.fate, r.code, r.may_have_arrived), ("later", 128 + signal.SIGKILL, True), r)


def test_a_program_that_hangs_or_is_none(ctl):
    began = time.monotonic()
    r, = send(ctl, None, sendmail=program(ctl, "exec sleep 60"), timeout=1)
    equal((r.fate, r.may_have_arrived, r.is_route_down), ("later", True, True), r)
    check(time.monotonic() - began < 10, "it is not waited for")
    ctl.path("plain").write_text("x")
    for path in ("/nonexistent/sendmail", ctl.path("plain"), ctl.folder):
        r, = send(ctl, None, sendmail=path)
        equal((r.fate, r.code, r.is_route_down), ("not-us", 0, True), path, r)
        check(str(path) in r.text, r.text)
    check("full path" in refused_route(sendmail="sendmail"), "a bare name")


def main():
    why = mail_world.missing()
    if why:
        print(f"not run: {why}")
        sys.exit(1)
    if not DRIVER.exists():
        sys.exit(f"{DRIVER} is not there: build it")
    ctl_world.run_cases(globals())


main()
