"""The agent's way to the collector, with a real collector and with stand-ins for bad ones."""

import email.utils
import hashlib
import json
import os
import pathlib
import pwd
import signal
import socket
import ssl
import subprocess
import time

import ctl_world
import door_world
from ctl_world import check, equal, run_cases
from uplink_world import (ACCEPTED, SETTINGS, WHOLE_S, Authority, Proxy, Socks, Stand, Stub,
                          TlsProxy, Told, Uplink, in_mounts, openssl)

DAY = 86400
RUN = "0d9c6f0e-7c1c-4f7e-9d0f-2b1f6f0c9a11"


def report(**more):
    return door_world.report(**more)


def seen(c):
    return c.rows("SELECT server.name FROM observation JOIN server ON server.id = server")


def times(pem):
    """notBefore and notAfter of the first certificate of a file."""
    said = openssl("x509", "-in", pem, "-noout", "-startdate", "-enddate").decode()
    return [ssl.cert_time_to_seconds(line.split("=")[1]) for line in said.splitlines()]


def public_key(pem, kind):
    words = ["pkey", "-pubout"] if kind == "key" else ["x509", "-pubkey", "-noout"]
    return openssl(*words, "-in", pem)


def stub_of(c, handler=lambda request: request.answer(200, ACCEPTED), **more):
    """A stand-in that the authority of the collector vouches for."""
    return Stub(Authority.of(c).issue(), handler, **more)


def by_code(status, headers=(), body=b""):
    return lambda request: request.answer(status, body, headers)


# ---- Enrolment ---------------------------------------------------------------------------------


def test_a_token_makes_an_identity(ctl):
    with door_world.Collector(ctl) as c:
        u = Uplink(c)
        told = u.enrol(c.token() + "\n").must("done")
        equal(u.files(), {"identity.pem": "0o600", "authority.pem": "0o644",
                          "collector": "0o644"})
        url, server = u.path("collector").read_text().splitlines()
        equal(url, u.url())
        equal(c.rows("SELECT name FROM server WHERE enrolled_reseller = 'r1'"), [(server,)])
        equal(u.path("authority.pem").read_text(), c.path("store.db.ca.pem").read_text())
        identity = u.path("identity.pem")
        equal(public_key(identity, "key"), public_key(identity, "certificate"))
        check("id-ecPublicKey" in openssl("x509", "-in", identity, "-noout", "-text").decode())
        equal([told.result["identity_from"], told.result["identity_to"]], times(identity))
        equal((told.result["status"], told.result["why"], told.err), (200, "", ""))
        equal([(m["what"], m["number"], m["text"]) for m in told.of("setting")],
              [("interval", 900, ""), ("mx-suffix", 0, "spamexperts.com"),
               ("mx-suffix", 0, "spamexperts.eu"), ("mx-suffix", 0, "spamexperts.net"),
               ("key-server", 0, "ka.plesk.com:443"),
               ("key-server", 0, "alternate.ka.plesk.com:443")])


def test_who_is_not_the_one_of_the_token_never_hears_it(ctl):
    """The one who listens has any certificate of any authority."""
    with door_world.Collector(ctl) as c:
        u, token = Uplink(c), c.token()
        other = Authority(ctl.folder)
        with Stub(other.issue()) as stub:
            told = u.enrol(token, url=u.url(stub.port)).must("untrusted")
            check("not shown" in told.result["why"], told)
            equal((stub.requests, stub.heard), ([], b""))
        wrong = token[:-4] + ("0000" if token[-4:] != "0000" else "1111")
        u.enrol(wrong).must("untrusted")
        equal(u.files(), {"identity.new": "0o600"})
        equal(c.rows("SELECT used FROM token"), [(0,)])
        u.enrol(token).must("done")


def test_the_certificate_must_be_for_the_name(ctl):
    """Its chain has the token's authority, but it is another server's."""
    with door_world.Collector(ctl) as c:
        u, token = Uplink(c), c.token()
        with Stub(Authority.of(c).issue("DNS:other.example")) as stub:
            told = u.enrol(token, url=u.url(stub.port)).must("untrusted")
            equal(stub.heard, b"")
            check(token not in repr(told))
        with Stub(Authority.of(c).issue()) as stub:
            context = stub.context  # one that shows the authority, but is not signed by it
            other = Authority(ctl.folder)
            mixed = ctl.path("mixed.pem")
            mixed.write_bytes(other.issue().read_bytes() + c.path("store.db.ca.pem").read_bytes())
            context.load_cert_chain(mixed)
            u.enrol(token, url=u.url(stub.port)).must("untrusted")
            equal(stub.heard, b"")
        equal(c.rows("SELECT used FROM token"), [(0,)])


def test_tokens_that_do_not_hold(ctl):
    with door_world.Collector(ctl) as c:
        u = Uplink(c)
        used, short = c.token(), c.token("--expires", "1s")
        Uplink(c, "first").enrolled(used)
        unknown = used.split(".")
        unknown[2] = "0" * 32
        time.sleep(1.2)
        for token in (used, short, ".".join(unknown)):
            told = u.enrol(token).must("stranger")
            check(told.result["status"] in (401, 403) and told.result["why"], told)
            equal(told.of("setting"), [])
            equal(list(u.files()), ["identity.new"])
        u.enrol(c.token()).must("done")
        check("identity.new" not in u.files())


def test_what_is_no_token_goes_nowhere(ctl):
    with door_world.Collector(ctl) as c:
        u, good = Uplink(c), c.token()
        with stub_of(c) as stub:
            for token in ("", "\n", "fairuse1.", good[:-1], good + "0", good.replace("1.", "2."),
                          good.replace(".", "\n"), "x" * 5000, good[:30] + "\x01" + good[31:]):
                told = u.enrol(token, url=u.url(stub.port)).must("broken")
                check(good[30:50] not in repr(told), "the secret was repeated")
            equal(stub.connections, 0)
        equal(u.files(), {})


def test_an_answer_that_was_lost_is_asked_for_again(ctl):
    """The collector has let it in, and the connection breaks: the same key comes again."""
    with door_world.Collector(ctl) as c:
        u, token, lost = Uplink(c), c.token(), []

        def swallow(request):
            lost.append(c.post("/v1/enrol", request.body))  # and nothing is answered

        with stub_of(c, swallow) as stub:
            u.enrol(token, url=u.url(stub.port)).must("unreachable")
        equal(u.files(), {"identity.new": "0o600"})
        u.enrol(token).must("done")
        equal(u.server(), lost[0].json()["server"])
        equal(c.rows("SELECT count(*) FROM server WHERE enrolled_reseller IS NOT NULL"), [(1,)])
        check("identity.new" not in u.files(), u.files())
        u.send(report()).must("done")


def test_killed_in_the_middle_of_an_enrolment(ctl):
    with door_world.Collector(ctl) as c:
        u, token, asked = Uplink(c), c.token(), []

        def wait(request):
            asked.append(c.post("/v1/enrol", request.body).json()["server"])
            process.kill()
            process.wait()

        with stub_of(c, wait) as stub:
            process = u.start("enrol", u.url(stub.port))
            process.communicate(token.encode(), timeout=60)
        equal(process.returncode, -signal.SIGKILL)
        check("identity.pem" not in u.files(), u.files())
        u.enrol(token).must("done")
        equal(u.server(), asked[0])
        equal(set(u.files()), {"identity.pem", "authority.pem", "collector"})


def test_an_identity_is_only_replaced_when_that_is_said(ctl):
    with door_world.Collector(ctl) as c:
        u = Uplink(c).enrolled()
        was, server, token = u.contents(), u.server(), c.token()
        told = u.enrol(token).must("broken")
        check("--replace" in told.result["why"], told)
        equal((u.contents(), c.rows("SELECT sum(used) FROM token")), (was, [(1,)]))
        bad = token[:-4] + ("0000" if token[-4:] != "0000" else "1111")
        u.enrol(bad, "--replace").must("untrusted")
        u.enrol(token[:9] + "0" * 16 + token[25:], "--replace").must("stranger")
        equal({k: v for k, v in u.contents().items() if k in was}, was)
        u.send(report()).must("done")
        u.enrol(token, "--replace").must("done")
        check(u.server() != server and u.contents()["identity.pem"] != was["identity.pem"])
        u.send(report(counter=2)).must("done")


def test_the_token_is_in_no_argument_no_environment_and_no_message(ctl):
    with door_world.Collector(ctl) as c:
        u, token, found = Uplink(c), c.token(), {}

        def look(request):
            where = pathlib.Path(f"/proc/{process.pid}")
            for name in ("cmdline", "environ", "limits", "status"):
                found[name] = (where / name).read_text()
            check(token in request.body.decode(), "it is only in the body")
            request.answer(503)

        with stub_of(c, look) as stub:
            process = u.start("enrol", u.url(stub.port))
            out, err = process.communicate(token.encode(), timeout=60)
        secret = token.split(".")[2]
        check("enrol" in found["cmdline"], found["cmdline"])
        for text in (found["cmdline"], found["environ"], out.decode("latin-1"), err.decode()):
            check(secret not in text, text)
        for name, data in u.contents().items():
            check(secret.encode() not in data, name)
        limits = [line.split() for line in found["limits"].splitlines() if "core" in line]
        equal(limits[0][4:6], ["0", "0"], found["limits"])
        status = dict(line.split(":\t") for line in found["status"].splitlines())
        equal((int(status["CapEff"], 16), status["NoNewPrivs"]), (0, "1"))
        if not u.is_sanitized():
            equal(status["Seccomp"], "2")
        check(secret not in c.log())


# ---- Reports -----------------------------------------------------------------------------------


def test_a_report_is_in_the_store(ctl):
    with door_world.Collector(ctl) as c:
        u = Uplink(c).enrolled()
        now = int(time.time())
        told = u.send(report(counter=7, sightings=[ctl_world.seen(
            ctl_world.key(1), "203.0.113.9", now - 60, now)])).must("done")
        equal([(m["license"], m["state"], m["kinds"], m["since"], m["confirms_at"])
               for m in told.of("standing")], [("PLSK.00000001", "ok", "", 0, 0)])
        equal(told.of("setting")[0]["number"], 900)
        equal([told.result["identity_from"], told.result["identity_to"]],
              times(u.path("identity.pem")))
        equal(told.result["status"], 200)
        equal(told.of("taken"), [{"kind": "taken", "server": u.server(), "is_lacking": False}])
        text = c.ctl.must("server", "list")
        check(u.server() in text, text)
        found = c.rows("SELECT count(*) FROM sighting")
        check(found[0][0] >= 2, "the sighting and the peer", found)  # keyserver and peer


def test_what_is_sent(ctl):
    with door_world.Collector(ctl) as c:
        u = Uplink(c).enrolled()
        body = json.dumps(report(), indent=1).encode() + b"\n" * 3000  # long enough for Expect
        with stub_of(c) as stub:
            u.set(collectors=[u.url(stub.port) + "/some/prefix/"])
            u.send(body).must("done")
            (request,) = stub.requests
        equal(request.line, "POST /some/prefix/v1/reports HTTP/1.1")
        equal(request.body, body, "byte for byte")
        names = sorted(key.lower() for key, _ in request.headers)
        equal(names, sorted(["host", "user-agent", "accept", "content-type", "content-length",
                             "fairuse-sent-at"]), request.headers)
        equal(request.header("content-type"), ["application/json"])
        check(request.header("user-agent")[0].startswith("fairuse-agent/"), request.headers)
        check(abs(int(request.header("fairuse-sent-at")[0]) - time.time()) <= 5)


def test_what_was_acknowledged_is_named_to_whom_it_was_sent(ctl):
    """Of another server's name, or of what is no report, nothing is said; nor is it in the way."""
    with door_world.Collector(ctl) as c:
        u = Uplink(c).enrolled()
        mine = u.server()
        with stub_of(c, lambda request: request.answer(200, {**ACCEPTED, "resend": True})) as stub:
            u.set(collectors=[u.url(stub.port)])
            for last, said in ((f"{RUN} 51 {mine}", [f"{RUN} 51"]), (f"{RUN} 51 {mine}x", []),
                               (f"{RUN} 51", []), (f"{RUN} 0 {mine}", []), (f"x 51 {mine}", []),
                               (f"{RUN}  51 {mine}", []), ("", [])):
                told = u.send(report(), "--acknowledged", last).must("done")
                equal(stub.requests[-1].header("fairuse-acknowledged"), said, last)
                equal(told.of("taken"), [{"kind": "taken", "server": mine, "is_lacking": True}])
            u.path("collector").write_text(u.path("collector").read_text().splitlines()[0])
            told = u.send(report(), "--acknowledged", f"{RUN} 51 {mine}").must("done")
            equal((stub.requests[-1].header("fairuse-acknowledged"), told.of("taken")), ([], []),
                  "who we are is not known")


def test_each_attempt_says_its_own_time(ctl):
    with door_world.Collector(ctl) as c:
        u = Uplink(c).enrolled()

        def slow(request):
            time.sleep(2.5)
            request.answer(503)

        with stub_of(c, slow) as first, stub_of(c) as second:
            u.set(collectors=[u.url(first.port), u.url(second.port)])
            u.send(report()).must("done")
        one, two = (int(s.requests[0].header("fairuse-sent-at")[0]) for s in (first, second))
        check(2 <= two - one <= 30, one, two)


def test_the_time_of_sending_is_told_by_the_clock_of_the_report(ctl):
    """Or a clock that is set while a report is on its way would move all that is in it."""
    with door_world.Collector(ctl) as c:
        u = Uplink(c).enrolled()
        with stub_of(c) as stub:
            u.set(collectors=[u.url(stub.port)])
            before = int(time.clock_gettime(time.CLOCK_BOOTTIME))
            u.send(report(), "--clock", "1700000000").must("done")
            after = int(time.clock_gettime(time.CLOCK_BOOTTIME))
            said = int(stub.requests[0].header("fairuse-sent-at")[0])
        check(1700000000 + before <= said <= 1700000000 + after, before, said, after)


def test_what_the_collectors_clock_shows_is_told(ctl):
    """As what it had when the machine started; 0 where it does not say, or nothing that is a
    date."""
    with door_world.Collector(ctl) as c:
        u = Uplink(c).enrolled()
        started = time.time() - time.clock_gettime(time.CLOCK_BOOTTIME)
        told = u.send(report()).must("done")
        check(abs(told.result["clock_boot"] - started) <= 60, told.result, started)
        date = "Date: Sun, 06 Nov 2044 08:49:37 GMT"  # 2,362,034,977 s since 1970
        for line, wanted in ((date, 2362034977 - time.clock_gettime(time.CLOCK_BOOTTIME)),
                             ("Date: noon", 0), ("X: y", 0)):
            with stub_of(c, by_code(200, [line], ACCEPTED)) as stub:
                told = u.set(collectors=[u.url(stub.port)]).send(report()).must("done")
            check(abs(told.result["clock_boot"] - wanted) <= 60, line, told.result, wanted)


def test_the_largest_body_arrives_and_a_larger_one_is_not_sent(ctl):
    with door_world.Collector(ctl) as c:
        u = Uplink(c).enrolled()
        with stub_of(c) as stub:
            u.set(collectors=[u.url(stub.port)])
            most = b"x" * (4 << 20)
            u.send(most).must("done")
            equal(hashlib.sha256(stub.requests[0].body).digest(), hashlib.sha256(most).digest())
            u.send(most + b"x").must("broken")
            equal(stub.connections, 1)


def test_a_refused_report_says_where(ctl):
    with door_world.Collector(ctl) as c:
        u = Uplink(c).enrolled()
        now = int(time.time())
        told = u.send(report(sightings=[
            ctl_world.seen(ctl_world.key(1), "203.0.113.9", now - 60, now),
            ctl_world.seen(ctl_world.key(1), "203.0.113.9", now - 60, now, source="peer")])
            ).must("refused")
        equal((told.result["at"], told.result["status"]), ("/sightings/1/source", 400))
        check("peer" in told.result["why"] and u.url() in told.result["why"], told)
        told = u.send(b"nonsense").must("refused")
        equal(told.result["at"], "")


def test_who_is_no_longer_known(ctl):
    with door_world.Collector(ctl) as c:
        u = Uplink(c).enrolled()
        c.ctl.must("server", "revoke", u.server())
        told = u.send(report()).must("stranger")
        equal(told.result["status"], 403)
        check(told.result["identity_to"] > time.time(), "it is still said whose it is", told)
        u.renew().must("stranger")
        other = Uplink(c, "other").enrolled()
        with stub_of(c, by_code(401, body={"error": {"code": "unauthorized", "message": "no"}})
                     ) as stub:
            told = other.set(collectors=[other.url(stub.port)]).send(report()).must("stranger")
            check("401: no" in told.result["why"], told)


def test_a_collector_that_has_no_time_says_when(ctl):
    with door_world.Collector(ctl) as c:
        u = Uplink(c).enrolled()
        date = email.utils.formatdate(time.time() + 600, usegmt=True)
        for status, header, low, high in (
                (503, "Retry-After: 15", 15, 15), (429, "retry-after:   60", 60, 60),
                (503, f"Retry-After: {date}", 570, 601), (503, "X: y", 0, 0),
                (429, "Retry-After: never", 0, 0), (500, "Retry-After: 999999", DAY, DAY)):
            with stub_of(c, by_code(status, [header])) as stub:
                told = u.set(collectors=[u.url(stub.port)]).send(report()).must("later")
                equal(told.result["status"], status)
                check(low <= told.result["retry_after_s"] <= high, header, told)


def test_no_identity_nothing_to_show(ctl):
    with door_world.Collector(ctl) as c:
        u = Uplink(c)
        for told in (u.send(report()), u.renew()):
            told.must("no-identity")
            equal((told.result["identity_from"], told.result["identity_to"]), (0, 0))
            check("enroll" in told.result["why"], told)
        u.enrolled()
        u.path("collector").unlink()
        u.send(report()).must("no-identity")
        u.set(collectors=[u.url()]).send(report()).must("done")


def test_broken_files_are_said(ctl):
    with door_world.Collector(ctl) as c:
        u = Uplink(c).enrolled()
        whole = u.contents()
        other = Uplink(c, "other").enrolled().contents()
        key = whole["identity.pem"].split(b"-----BEGIN CERT")[0]
        for name, data in (("identity.pem", b""), ("identity.pem", whole["identity.pem"][:-40]),
                           ("identity.pem", key + b"-----BEGIN CERT" +
                            other["identity.pem"].split(b"-----BEGIN CERT")[1]),
                           ("collector", b"http://localhost\n"), ("collector", b"\xff" * 9)):
            u.path(name).write_bytes(data)
            told = u.send(report()).must("broken")
            check(name in told.result["why"] and "PRIVATE" not in repr(told), told)
            u.path(name).write_bytes(whole[name])
        u.path("authority.pem").unlink()
        u.send(report()).must("broken")
        u.path("authority.pem").write_bytes(b"")
        check(u.send(report()).outcome in ("broken", "untrusted"))
        u.path("authority.pem").write_bytes(whole["authority.pem"])
        u.send(report()).must("done")


def system_folder(ctl, public):
    """What /etc/ssl/certs looks like on a system that trusts an authority."""
    folder = ctl.path("certs")
    folder.mkdir()
    name = openssl("x509", "-in", public.cert, "-noout", "-hash").decode().strip()
    for file in (f"{name}.0", "ca-certificates.crt"):
        (folder / file).write_bytes(public.cert.read_bytes())
    return folder


# ---- Who is believed ---------------------------------------------------------------------------


def test_nobody_there(ctl):
    with door_world.Collector(ctl) as c:
        u = Uplink(c).enrolled()
        c.end()
        began = time.monotonic()
        told = u.send(report()).must("unreachable")
        check(time.monotonic() - began < 10, "refused at once")
        equal(told.result["status"], 0)
        check(u.url() in told.result["why"] and "connect" in told.result["why"].lower(), told)
        told = u.set(collectors=["https://nobody.invalid"]).send(report()).must("unreachable")
        check("resolve" in told.result["why"], told)


def test_another_authority_is_not_believed(ctl):
    with door_world.Collector(ctl) as c:
        u = Uplink(c).enrolled()
        with Stub(Authority(ctl.folder).issue()) as stub:
            u.set(collectors=[u.url(stub.port)])
            told = u.send(report()).must("untrusted")
            check("not to be believed" in told.result["why"], told)
            u.renew().must("untrusted")
            equal(stub.heard, b"")
        with Stub(Authority.of(c).issue("DNS:other.example")) as stub:
            u.set(collectors=[u.url(stub.port)]).send(report()).must("untrusted")
            equal(stub.heard, b"")


def test_what_the_system_trusts_counts_for_nothing(ctl):
    """The same authority in the folder of those that every program here believes: another
    program does believe it, this one does not."""
    if os.geteuid() != 0:
        print("not root: left out")
        return
    with door_world.Collector(ctl) as c:
        u = Uplink(c).enrolled()
        public = Authority(ctl.folder)
        folder = system_folder(ctl, public)
        with Stub(public.issue()) as stub:
            u.set(collectors=[u.url(stub.port)])
            u.wrapper = in_mounts(ctl.folder, (folder, "/etc/ssl/certs"))
            control = subprocess.run([*u.wrapper, "curl", "-sS", "--noproxy", "*", "-d", "x",
                                      u.url(stub.port)], capture_output=True, check=False)
            equal((control.returncode, len(stub.requests)), (0, 1), control)
            u.send(report()).must("untrusted")
            equal(len(stub.requests), 1, "nothing was said to it")


def test_the_system_s_authorities_are_not_even_read(ctl):
    with door_world.Collector(ctl) as c:
        u = Uplink(c).enrolled()
        if u.is_sanitized():  # what looks for leaks cannot be traced
            u.env = {"ASAN_OPTIONS": "detect_leaks=0"}
        trace = ctl.path("trace")
        u.wrapper = ["strace", "-f", "-qq", "-e", "trace=%file", "-o", str(trace)]
        u.send(report()).must("done")
        opened = trace.read_text()
        check("authority.pem" in opened and "identity.pem" in opened, opened)
        check("/etc/ssl" not in opened and "/usr/share/ca-cert" not in opened, opened)


def test_tls_12_is_taken_and_older_is_not(ctl):
    with door_world.Collector(ctl, allow_tls12=True) as c:
        u = Uplink(c).enrolled()
        two, one = ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_1
        with stub_of(c, versions=(two, two)) as stub:
            u.set(collectors=[u.url(stub.port)]).send(report()).must("done")
        with stub_of(c, versions=(one, one)) as stub:
            u.set(collectors=[u.url(stub.port)]).send(report()).must("unreachable")
            equal(stub.heard, b"")


# ---- Several collectors ------------------------------------------------------------------------


def test_the_next_collector_is_asked_when_one_has_no_answer(ctl):
    with door_world.Collector(ctl) as c:
        u = Uplink(c).enrolled()
        dead = u.url(door_world.free_port())
        with stub_of(c, by_code(503, ["Retry-After: 5"])) as busy, \
                Stub(Authority(ctl.folder).issue()) as foreign:
            for first in ([dead], [u.url(busy.port)], [u.url(foreign.port)],
                          [dead, u.url(busy.port), u.url(foreign.port)]):
                u.set(collectors=[*first, u.url()]).send(report()).must("done")
            told = u.set(collectors=[dead, u.url(busy.port), u.url(foreign.port)]).send(report())
            told.must("later")
            equal((told.result["status"], told.result["retry_after_s"]), (503, 5))
            u.set(collectors=[dead, u.url(foreign.port)]).send(report()).must("untrusted")
            equal(foreign.heard, b"")


def test_what_one_collector_refuses_is_not_asked_of_the_next(ctl):
    with door_world.Collector(ctl) as c:
        u = Uplink(c).enrolled()
        for status, outcome in ((400, "refused"), (403, "stranger"), (401, "stranger")):
            with stub_of(c, by_code(status)) as one, stub_of(c) as two:
                u.set(collectors=[u.url(one.port), u.url(two.port)])
                u.send(report()).must(outcome)
                equal(two.connections, 0)


# ---- Proxies -----------------------------------------------------------------------------------


def test_through_a_proxy(ctl):
    with door_world.Collector(ctl) as c:
        u = Uplink(c)
        with Proxy() as proxy:
            u.set(proxy=f"http://anna:s%40cret%3A1@127.0.0.1:{proxy.port}")
            u.enrolled()
            told = u.send(report()).must("done")
            equal(len(proxy.heads), 3, "a look, the enrolment, the report")
            for head in proxy.heads:
                check(head.startswith(f"CONNECT localhost:{c.port} "), head)
                check("Basic YW5uYTpzQGNyZXQ6MQ==" in head, head)  # anna:s@cret:1
                check("Fairuse" not in head and "v1" not in head, head)
            check("cret" not in repr(told), told)


def test_a_proxy_that_refuses_and_one_that_is_not_there(ctl):
    with door_world.Collector(ctl) as c:
        u = Uplink(c).enrolled()
        for answer in ("407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm=x",
                       "403 Forbidden", "502 Bad Gateway"):
            with Proxy(answer) as proxy:
                u.set(proxy=f"http://anna:s3cret@127.0.0.1:{proxy.port}")
                told = u.send(report()).must("unreachable")
                check("s3cret" not in repr(told) and "anna" not in repr(told), told)
                equal(told.result["status"], 0)
        for proxy in (f"http://anna:s3cret@127.0.0.1:{door_world.free_port()}",
                      f"socks5h://anna:s3cret@127.0.0.1:{door_world.free_port()}",
                      "http://anna:s3cret@nobody.invalid:3128"):
            told = u.set(proxy=proxy).send(report()).must("unreachable")
            check("s3cret" not in repr(told) and "anna" not in repr(told), told)


def test_through_a_socks_proxy(ctl):
    """It is asked for the name: the server itself may have no resolver."""
    with door_world.Collector(ctl) as c:
        u = Uplink(c).enrolled()
        with Socks("anna", "s@cret:1") as proxy:
            u.set(proxy=f"socks5h://anna:s%40cret%3A1@127.0.0.1:{proxy.port}")
            u.send(report()).must("done")
            equal(proxy.asked, [("localhost", c.port)])
            u.set(proxy=f"socks5h://anna:wr0ng@127.0.0.1:{proxy.port}")
            told = u.send(report()).must("unreachable")
            check("wr0ng" not in repr(told), told)


def test_through_a_proxy_behind_tls(ctl):
    """A proxy is believed by what the system trusts; the collector by its own authority alone."""
    if os.geteuid() != 0:
        print("not root: left out")
        return
    with door_world.Collector(ctl) as c:
        u, public = Uplink(c).enrolled(), Authority(ctl.folder)
        folder = system_folder(ctl, public)
        with TlsProxy(public.issue()) as proxy, Stub(public.issue()) as stub:
            u.set(proxy=f"https://anna:s3cret@localhost:{proxy.port}")
            told = u.send(report()).must("unreachable")
            check(not proxy.heads and "s3cret" not in repr(told), told)
            u.wrapper = in_mounts(ctl.folder, (folder, "/etc/ssl/certs"))
            u.send(report()).must("done")
            equal(len(proxy.heads), 1)
            u.set(proxy=f"https://anna:s3cret@localhost:{proxy.port}",
                  collectors=[u.url(stub.port)])
            u.send(report()).must("untrusted")
            equal((len(proxy.heads), stub.heard), (2, b""))


def test_the_environment_names_no_proxy(ctl):
    with door_world.Collector(ctl) as c:
        u = Uplink(c)
        with Proxy() as proxy:
            names = ("http_proxy", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY")
            u.env = {name: f"http://127.0.0.1:{proxy.port}" for name in names}
            u.enrolled()
            u.send(report()).must("done")
            equal(proxy.connections, 0)
            u.env = {"no_proxy": "*", "NO_PROXY": "localhost"}
            u.set(proxy=f"http://127.0.0.1:{proxy.port}").send(report()).must("done")
            equal(proxy.connections, 1)


def test_the_environment_is_no_way_to_listen_in(ctl):
    """GnuTLS writes the keys of a connection to the file that this names."""
    with door_world.Collector(ctl) as c:
        u = Uplink(c)
        u.env = {"SSLKEYLOGFILE": str(ctl.path("keys"))}
        u.enrolled().send(report()).must("done")
        check(not ctl.path("keys").exists())


# ---- Bad answers -------------------------------------------------------------------------------


def test_nobody_is_followed_elsewhere(ctl):
    with door_world.Collector(ctl) as c:
        u = Uplink(c).enrolled()
        with stub_of(c) as there:
            for status in (301, 302, 303, 307, 308):
                header = f"Location: {u.url(there.port)}/v1/reports"
                with stub_of(c, by_code(status, [header])) as stub:
                    u.set(collectors=[u.url(stub.port)])
                    equal(u.send(report()).must("later").result["status"], status)
            equal(there.connections, 0)


def test_answers_that_are_none(ctl):
    with door_world.Collector(ctl) as c:
        u = Uplink(c).enrolled()
        for body in (b"", b"<html>ok</html>", b"{}", json.dumps({**ACCEPTED, "accepted": False}),
                     json.dumps({**ACCEPTED, "settings": {**SETTINGS, "interval": 0}})):
            data = body if isinstance(body, bytes) else body.encode()
            with stub_of(c, by_code(200, body=data)) as stub:
                told = u.set(collectors=[u.url(stub.port)]).send(report()).must("later")
                equal((told.result["status"], len(told.messages)), (200, 1))
                check("the collector's answer" in told.result["why"], told)


def test_answers_that_are_too_long(ctl):
    """1 MiB is the most; headers have their limit too, or they would fill memory."""
    with door_world.Collector(ctl) as c:
        u = Uplink(c).enrolled()

        def endless_headers(request):
            request.sock.sendall(b"HTTP/1.1 200 OK\r\n")
            while True:
                request.sock.sendall(b"X-More: " + b"y" * 8000 + b"\r\n")

        def endless_body(request):
            request.sock.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
            while True:
                request.sock.sendall(b" " * 65536)

        padded = json.dumps(ACCEPTED).encode()
        exact = padded + b" " * ((1 << 20) - len(padded))
        for handler, outcome in ((by_code(200, body=exact), "done"),
                                 (by_code(200, body=exact + b" "), "later"),
                                 (endless_body, "later"), (endless_headers, "later")):
            with stub_of(c, handler) as stub:
                began = time.monotonic()
                u.set(collectors=[u.url(stub.port)]).send(report()).must(outcome)
                check(time.monotonic() - began < WHOLE_S / 2, "it waited for more")


def test_answers_that_never_end(ctl):
    """A byte a second, and silence: each is given up after a minute; all at once here."""
    with door_world.Collector(ctl) as c:
        u = Uplink(c).enrolled()
        config = u.config.read_text()

        def drip(request):
            request.sock.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n")
            while True:
                request.sock.sendall(b" ")
                time.sleep(1)

        class Mute(Stand):
            def serve(self, sock):
                time.sleep(WHOLE_S + 5)

        def nothing(_request):
            time.sleep(WHOLE_S + 5)

        with stub_of(c, drip) as slow, stub_of(c, nothing) as quiet, Mute() as mute:
            running = []
            for number, stand in enumerate((slow, quiet, mute)):
                u.config = u.folder / f"{number}.conf"
                u.config.write_text(config + f'collectors = ( "{u.url(stand.port)}" );\n')
                running.append((u.start("send"), time.monotonic()))
                running[-1][0].stdin.write(json.dumps(report()).encode())
                running[-1][0].stdin.close()
                running[-1][0].stdin = None
            for (process, began), least, most in zip(running, (55, 55, 8), (75, 75, 20)):
                out, err = process.communicate(timeout=3 * WHOLE_S)
                Told(process.returncode, out, err.decode()).must("unreachable")
                check(time.monotonic() - began >= least, "given up too early")
                if process is not running[2][0]:  # the last was done long before it is asked
                    check(time.monotonic() - began <= most, "given up too late")
        u.config = u.folder / "agent.conf"


def test_who_speaks_no_tls(ctl):
    with door_world.Collector(ctl) as c:
        u = Uplink(c).enrolled()

        class Plain(Stand):
            said = b""

            def serve(self, sock):
                Plain.said += sock.recv(4096)
                sock.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")

        class Gone(Stand):
            def serve(self, sock):
                sock.recv(1)

        for stand in (Plain(), Gone()):
            with stand:
                u.set(collectors=[u.url(stand.port)]).send(report()).must("unreachable")
        check(b"boot_id" not in Plain.said and b"POST" not in Plain.said)


# ---- Names and addresses -----------------------------------------------------------------------


def test_ipv4_is_preferred_and_ipv6_taken(ctl):
    if os.geteuid() != 0:
        print("not root: left out")
        return
    with door_world.Collector(ctl) as c:
        u = Uplink(c).enrolled()
        hosts = ctl.path("hosts")
        pem = Authority.of(c).issue("DNS:both.example")
        u.wrapper = in_mounts(ctl.folder, (hosts, "/etc/hosts"))
        hosts.write_text("::1 both.example\n127.0.0.1 both.example\n")
        with Stub(pem, host="::1") as six:
            u.set(collectors=[u.url(six.port, "both.example")])
            with Stub(pem, host="127.0.0.1", port=six.port) as four:
                for _ in range(3):
                    u.send(report()).must("done")
                equal((four.connections, six.connections), (3, 0))
            u.send(report()).must("done")
            equal(six.connections, 1, "nobody on IPv4")
        told = u.send(report()).must("unreachable")
        check("connect" in told.result["why"].lower(), told)


def test_a_resolver_that_never_answers(ctl):
    """Ten seconds for each kind of address, and it is not waited for at the end."""
    if os.geteuid() != 0:
        print("not root: left out")
        return
    with door_world.Collector(ctl) as c, socket.socket(type=socket.SOCK_DGRAM) as mute:
        u = Uplink(c).enrolled()
        mute.bind(("127.0.0.77", 53))
        ctl.path("resolv").write_text("nameserver 127.0.0.77\noptions timeout:30 attempts:5\n")
        u.wrapper = in_mounts(ctl.folder, (ctl.path("resolv"), "/etc/resolv.conf"))
        began = time.monotonic()
        told = u.set(collectors=["https://collector.example"]).send(report()).must("unreachable")
        check(19 <= time.monotonic() - began <= 30, told)
        check(mute.recv(512), "it was asked")


def test_addresses_instead_of_names(ctl):
    with door_world.Collector(ctl) as c:
        u = Uplink(c).enrolled()
        pem = Authority.of(c).issue()
        for host, name in (("127.0.0.1", "127.0.0.1"), ("::1", "[::1]")):
            with Stub(pem, host=host) as stub:
                u.set(collectors=[u.url(stub.port, name)]).send(report()).must("done")
            u.send(report()).must("unreachable")


# ---- Renewal -----------------------------------------------------------------------------------


def test_a_renewal_brings_another_key(ctl):
    with door_world.Collector(ctl) as c:
        u = Uplink(c).enrolled()
        was = u.contents()
        time.sleep(1.1)
        told = u.renew().must("done")
        now = u.contents()
        check(now["identity.pem"] != was["identity.pem"])
        equal({**now, "identity.pem": b""}, {**was, "identity.pem": b""})
        equal(u.files()["identity.pem"], "0o600")
        identity = u.path("identity.pem")
        equal(public_key(identity, "key"), public_key(identity, "certificate"))
        check(was["identity.pem"].split(b"-----END PRIV")[0] not in now["identity.pem"])
        equal([told.result["identity_from"], told.result["identity_to"]], times(identity))
        equal(len(told.of("setting")), 6)
        u.send(report()).must("done")


def test_an_answer_that_does_not_fit_changes_nothing(ctl):
    """Lost, cut, of another key, of an authority that is none."""
    with door_world.Collector(ctl) as c:
        u = Uplink(c).enrolled()
        was = u.contents()
        other = c.enrol("other")
        good = {"server": u.server(), "certificate": other.cert.read_text(),
                "authority": c.path("store.db.ca.pem").read_text(), "not_after": 1803072400,
                "settings": SETTINGS}

        def fitting(request, **changes):
            signed = Authority.of(c)
            csr = ctl.path("asked.csr")
            csr.write_text(json.loads(request.body)["csr"])
            pem = openssl("x509", "-req", "-in", csr, "-CA", signed.cert, "-CAkey", signed.key,
                          "-days", "3")
            request.answer(200, {**good, "certificate": pem.decode(), **changes})

        for handler, outcome in (
                (lambda request: None, "unreachable"), (by_code(200, body=good), "later"),
                (by_code(200, body={**good, "certificate": "x"}), "later"),
                (lambda request: fitting(request, authority="x"), "later"),
                (lambda request: fitting(request, authority=other.cert.read_text()), "later"),
                (lambda request: fitting(request, settings={}), "later")):
            with stub_of(c, handler) as stub:
                told = u.set(collectors=[u.url(stub.port)]).renew().must(outcome)
                equal((u.contents(), told.of("setting")), (was, []))
                check(told.result["identity_to"] == times(u.path("identity.pem"))[1])
        with stub_of(c, fitting) as stub:
            u.set(collectors=[u.url(stub.port)]).renew().must("done")


def test_one_that_ended_is_renewed_late(ctl):
    with door_world.Collector(ctl, interval="1s", certificate_lifetime="8s") as c:
        u = Uplink(c).enrolled()
        door_world.wait_for(lambda: times(u.path("identity.pem"))[1] + 1 < time.time(), "its end")
        told = u.send(report()).must("stranger")
        equal(told.result["status"], 401)
        u.renew().must("done")
        u.send(report()).must("done")


def test_two_never_change_the_identity_at_once(ctl):
    with door_world.Collector(ctl) as c:
        u, told = Uplink(c).enrolled(), []

        def meanwhile(request):
            told.append(u.renew())
            told.append(u.enrol(c.token(), "--replace"))
            request.answer(503)

        with stub_of(c, meanwhile) as stub:
            u.set(collectors=[u.url(stub.port)]).renew().must("later")
        for one in told:
            check("changed by another" in one.must("broken").result["why"], one)
        u.set().renew().must("done")


def test_a_folder_that_cannot_be_written(ctl):
    """The collector has let it in, and the disk is full: the same key comes again later."""
    if os.geteuid() != 0:
        print("not root: left out")
        return
    with door_world.Collector(ctl) as c:
        u, token = Uplink(c), c.token()
        filled = u.state / "filler"

        def fill(request):
            answer = c.post("/v1/enrol", request.body)
            with open(filled, "wb", buffering=0) as file:
                try:
                    while True:
                        file.write(b"x" * 4096)
                except OSError:
                    pass
            request.answer(200, answer.body)

        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "none", u.state], check=True)
        try:
            with stub_of(c, fill) as stub:
                told = u.enrol(token, url=u.url(stub.port)).must("broken")
                check("space" in told.result["why"], told)
                check("identity.pem" not in u.files() and "identity.new" in u.files(), u.files())
            filled.unlink()
            u.enrol(token).must("done")
            equal(c.rows("SELECT count(*) FROM server WHERE enrolled_reseller IS NOT NULL"),
                  [(1,)])
        finally:
            subprocess.run(["umount", u.state], check=True)


def test_root_leaves_no_file_of_root_s(ctl):
    if os.geteuid() != 0:
        print("not root: left out")
        return
    with door_world.Collector(ctl) as c:
        u = Uplink(c)
        nobody = pwd.getpwnam("nobody")
        for path in (u.state, u.folder):
            os.chown(path, nobody.pw_uid, nobody.pw_gid)
        ctl.folder.chmod(0o711)
        u.enrolled()
        u.renew().must("done")
        equal({p.stat().st_uid for p in u.state.iterdir()}, {nobody.pw_uid})
        u.send(report()).must("done")


# ---- The command line --------------------------------------------------------------------------


def test_the_command_line(ctl):
    u = Uplink(door_world.Collector(ctl))
    for words, said in (([], "what is to be done"), (["sent"], "sent"), (["send", "x"], "send"),
                        (["enrol"], "enrol"), (["enrol", "http://x"], "http://x"),
                        (["enrol", "https://u:p@x"], "no URL"), (["send", "--replace"], "send"),
                        (["enrol", "https://x", "y"], "enrol"), (["--colour"], "colour"),
                        (["send", "--clock", "noon"], "--clock: \"noon\""),
                        (["renew", "--clock", "1"], "renew"),
                        (["renew", "--acknowledged", f"{RUN} 1 x"], "renew")):
        told = u.run(*words)
        equal((told.code, told.out), (64, b""), words, told)
        check(said in told.err and "fairuse-uplink" in told.err, words, told)
    u.config.write_text("colour = 1;\n")
    told = u.send(b"")
    equal((told.code, told.out), (78, b""), told)
    check("agent.conf:1" in told.err, told)
    u.config = u.folder / "none.conf"
    equal(u.send(b"").code, 78)
    u.config = u.folder / "agent.conf"
    u.set(state=str(u.folder / "none"))
    u.send(b"").must("broken")
    with open("/dev/full", "wb") as full:
        done = subprocess.run(u.command("send"), input=b"", stdout=full, stderr=subprocess.PIPE,
                              check=False)
    equal(done.returncode, 74, done.stderr)
    for word in ("--help", "--version"):
        out = subprocess.run([u.program, word], capture_output=True, check=True).stdout
        check(b"fairuse-uplink" in out)


run_cases(globals())
