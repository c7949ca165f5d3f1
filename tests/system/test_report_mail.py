"""The night through real mail servers: Postfix (STARTTLS, AUTH) and aiosmtpd, read back part by
part; and through servers that put off, refuse one of three, stall, or drop the answer."""

import ctl_world as world
import mail_world
from ctl_world import check, equal
from report_world import Mail, Nights, moment

TRY_AGAIN = 75
MONTH = world.Month.back(1)
NIGHT = moment(MONTH, 6)


def scene(managers=1):
    """Each account manager has a reseller with a licence on two machines: two mails each."""
    s = world.Scene().tariff("extra-ip", "EUR", "12.50")
    s.estate["account_managers"] = []
    for n in range(1, managers + 1):
        s.estate["account_managers"].append({"id": f"am{n}", "name": f"Manager {n}",
                                             "email": f"am{n}@distributor.example",
                                             "language": "nl" if n % 2 else "en"})
        s.estate["resellers"].append({"id": f"r{n}", "name": f"Firma {n} <xyz>", "currency": "EUR",
                                      "account_manager": f"am{n}", "language": "nl",
                                      "email": f"ops@r{n}.example", "networks": ["5.9.0.0/16"]})
        s.license(n, f"r{n}").present(n, 1, MONTH.start(), MONTH.end())
        s.present(n, 2, moment(MONTH, 5, 12), moment(MONTH, 12, 12))
    return s


def recipients(managers):
    return sorted([f"am{n}@distributor.example" for n in range(1, managers + 1)] +
                  [f"ops@r{n}.example" for n in range(1, managers + 1)])


def settings(server, ctl, **more):
    """The group `mail` for a server of mail_world."""
    lines = {"url": f"smtp://localhost:{server.port}", "retry_first": "1s", "retry_most": "2s",
             "timeout": "20s"}
    if getattr(server, "ca", None):
        lines["authority"] = str(server.ca)
    if getattr(server, "password", None):
        secret = ctl.path("password")
        secret.write_text(server.password + "\n")
        secret.chmod(0o600)
        lines["user"], lines["password_file"] = server.user, str(secret.resolve())
    lines.update(more)
    return " ".join(f'{name} = "{value}";' for name, value in lines.items())


def read_back(ctl, nights, raw_mails, managers):
    """Every mail parsed, and against the models that were kept."""
    mails = [Mail(raw) for raw in raw_mails]
    equal(sorted(mail["To"].split("<")[-1].rstrip(">") for mail in mails), recipients(managers))
    models = nights.models()
    for mail in mails:
        equal(mail.defects(), [])
        address = mail["To"].split("<")[-1].rstrip(">")
        manager = next((m for m in models.values()
                        if address == f"{m['id']}@distributor.example"), None)
        if manager is None:
            check(f"{world.key(int(address[5]))}" in mail.text, address)
            continue
        shown = ctl.must("report", "show", "last", "--account-manager", manager["id"])
        check(mail.text.strip() in shown, mail.text)
        check(f"[fairuse {manager['serial']}]" in mail["Subject"], mail["Subject"])
        tables = mail.tables()
        findings = next(rows for name, rows in tables.items() if name.endswith("findings.csv"))
        lines = [line for reseller in manager["resellers"] for line in reseller["lines"]]
        equal(sorted((row["subject"], row["kind"], row["state"]) for row in findings),
              sorted((line["subject"], line["kind"], line["state"]) for line in lines))
        check("<xyz" not in mail.html and "&lt;xyz&gt;" in mail.html, "a name became a tag")
        pictures = mail.files("image/png")
        equal(len(pictures), len(manager["pictures"]))
        for _, png in pictures:
            check(png.startswith(b"\x89PNG"), png[:8])
        for picture in manager["pictures"]:
            check(f'cid:{picture["cid"]}' in mail.html, picture)


def deliver_to(ctl, server):
    with server:
        nights = Nights(ctl, scene(3), settings(server, ctl))
        nights.send(NIGHT)
        read_back(ctl, nights, [m.raw for m in server.messages(6)], 3)
        equal(nights.status()["mails"], [])


def test_through_postfix_with_starttls_and_auth(ctl):
    domains = ("distributor.example", "r1.example", "r2.example", "r3.example")
    deliver_to(ctl, mail_world.PostfixServer(domains=domains))


def test_through_aiosmtpd_with_starttls_and_auth(ctl):
    deliver_to(ctl, mail_world.AioServer())


# ---- Servers that fail --------------------------------------------------------------------------


def arrived(server):
    """How often each recipient was delivered to."""
    counts = {}
    for message in server.taken():
        counts[message.recipient] = counts.get(message.recipient, 0) + 1
    return counts


def once(managers):
    return {address: 1 for address in recipients(managers)}


def test_a_server_that_is_down_gets_them_when_it_is_back(ctl):
    """The first that is tried says so; the others are not tried in vain."""
    server = mail_world.FlakyServer()
    with server:
        port = server.port
    nights = Nights(ctl, scene(2), settings(server, ctl, url=f"smtp://localhost:{port}"))
    nights.send(NIGHT, code=TRY_AGAIN)
    waiting = nights.status()["mails"]
    equal((len(waiting), sum(m["attempts"] for m in waiting)), (4, 1), waiting)
    server = mail_world.FlakyServer()
    with server:
        nights.configure(settings(server, ctl))
        nights.send(NIGHT, "--wait", "30s")
        equal(arrived(server), once(2))
    equal(nights.status()["mails"], [])


def test_a_greylisting_server_gets_them_at_the_second_try(ctl):
    """450 to each recipient at first."""
    seen = set()

    def grey(line):
        known = line in seen
        seen.add(line)
        return "250 2.1.5 ok" if known else "450 4.7.1 greylisted, come back"

    server = mail_world.FlakyServer(rcpt=grey)
    with server:
        nights = Nights(ctl, scene(2), settings(server, ctl))
        nights.send(NIGHT, code=TRY_AGAIN)
        waiting = nights.status()["mails"]
        equal([(m["state"], m["attempts"], m["code"]) for m in waiting], [("waits", 1, 450)] * 4)
        check("greylisted" in waiting[0]["said"], waiting)
        nights.send(NIGHT, "--wait", "30s")
        equal(arrived(server), once(2))


def test_one_recipient_that_is_refused_holds_up_nobody(ctl):
    """550 to one of three managers: given up, named in status and in the next night's mails."""
    def refuse(line):
        return "550 5.1.1 no such user" if "am2@" in line else "250 2.1.5 ok"

    server = mail_world.FlakyServer(rcpt=refuse)
    with server:
        nights = Nights(ctl, scene(3), settings(server, ctl))
        nights.send(NIGHT)
        wanted = once(3)
        del wanted["am2@distributor.example"]
        equal(arrived(server), wanted)
        dead = nights.status()["mails"]
        equal([(m["state"], m["recipient"], m["code"]) for m in dead],
              [("given up", "am2@distributor.example", 550)])
        nights.send(moment(MONTH, 7))
        mail = next(Mail(m.raw) for m in server.taken()
                    if m.recipient == "am1@distributor.example" and b"[fairuse 2]" in m.raw)
        said = " ".join(mail.text.split())
        check("am2@distributor.example" in said and "no such user" in said, mail.text)


def test_an_answer_that_is_lost_costs_one_repeat_at_most(ctl):
    """The connection is dropped after the dot of the first mail: it may have arrived. The repeat
    has the same Message-ID and the same bytes."""
    server = mail_world.FlakyServer(dot=[mail_world.DROP, "250 2.0.0 taken"])
    with server:
        nights = Nights(ctl, scene(2), settings(server, ctl))
        nights.send(NIGHT, code=TRY_AGAIN)
        doubtful = [m for m in nights.status()["mails"] if m["may_be_double"]]
        equal(len(doubtful), 1, nights.status())
        nights.send(NIGHT, "--wait", "30s")
        counts = arrived(server)
        check(set(counts) == set(recipients(2)) and sorted(counts.values()) in
              ([1, 1, 1, 1], [1, 1, 1, 2]), counts)
        twice = [m.raw for m in server.taken() if m.recipient == doubtful[0]["recipient"]]
        equal(len(set(twice)), 1, "the repeat is another mail")


def test_a_slow_server_is_waited_for(ctl):
    server = mail_world.FlakyServer(pace=0.01)
    with server:
        nights = Nights(ctl, scene(1), settings(server, ctl))
        nights.send(NIGHT)
        equal(arrived(server), once(1))


def test_a_server_that_hangs_is_left_for_later(ctl):
    """No answer to MAIL: after `timeout` it waits; another try, another server, and it arrives."""
    server = mail_world.FlakyServer(mail=mail_world.HANG)
    with server:
        nights = Nights(ctl, scene(1), settings(server, ctl, timeout="10s"))
        nights.send(NIGHT, code=TRY_AGAIN)
        check(nights.status()["mails"], "it waits")
    server = mail_world.FlakyServer()
    with server:
        nights.configure(settings(server, ctl))
        nights.send(NIGHT, "--wait", "30s")
        equal(arrived(server), once(1))


def test_a_password_is_not_said_without_tls(ctl):
    server = mail_world.FlakyServer(tls="none")
    with server:
        nights = Nights(ctl, scene(1), settings(server, ctl))
        nights.send(NIGHT, code=TRY_AGAIN)
        check(not any(c.upper().startswith(("AUTH", "MAIL")) for c in server.commands),
              server.commands)
        equal(len(nights.status()["mails"]), 2)


def test_a_password_that_others_can_read_is_refused(ctl):
    server = mail_world.FlakyServer()
    with server:
        nights = Nights(ctl, scene(1), settings(server, ctl))
        ctl.path("password").chmod(0o644)
        ran = nights.send(NIGHT, code=78)
        check("others can read it" in ran.err and server.password not in ran.err, ran)
        equal(server.connections, 0)


if __name__ == "__main__":
    world.run_cases(globals())
