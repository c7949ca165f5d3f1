"""The collector's door: who is let in, what is answered, what is stored."""

import json
import os
import socket
import subprocess
import ssl
import struct
import time

import ctl_world as world
import door_world as door
from ctl_world import check, equal

CONTRACT_BODY = {
    "format": 1, "agent_version": "1.0.0",
    "boot_id": "0d9c6f0e-7c1c-4f7e-9d0f-2b1f6f0c9a11", "counter": 42, "live": True,
    "licenses": [{"license": "PLSK.00000001", "version": "0003", "product": "plesk-unified",
                  "edition": "web-pro", "expires": "2026-12-04", "machine_id": "ab" * 32}],
    "gaps": []}
PEER = 0  # the number of a source in the store


def at(seconds, **body):
    """The contract's example with times around now."""
    now = int(time.time()) + seconds
    return {**CONTRACT_BODY,
            "sightings": [{"license": "PLSK.00000001", "address": "203.0.113.9",
                           "source": "keyserver", "first": now - 3600, "last": now}],
            "mailboxes": [{"domain": "example.nl", "mailboxes": 1042, "aliases": 12, "forwards": 3,
                           "lists": 0, "catch_all": False, "alias_domains": 1, "filtered": True,
                           "first": now - 3600, "last": now}], **body}


def stored(c):
    return {table: c.rows(f"SELECT count(*) FROM {table}")[0][0]
            for table in ("sighting", "mail_row", "machine", "report")}


def refused(answer, status, code=None):
    equal(answer.status, status, answer)
    error = answer.json()["error"]
    check(error["message"] and (code is None or error["code"] == code), answer)
    return error


def test_a_report_is_stored_before_it_is_acknowledged(ctl):
    with door.Collector(ctl) as c:
        agent = c.enrol()
        answer = agent.post(at(0))
        equal(answer.status, 200, answer)
        said = answer.json()
        check(said["accepted"] is True, said)
        equal(said["licenses"], [{"license": "PLSK.00000001", "state": "ok", "kinds": [],
                                  "since": None, "confirms_at": None}])
        equal(said["settings"]["interval"], 900)
        equal(stored(c), {"sighting": 2, "mail_row": 1, "machine": 1, "report": 1})
        equal(c.end(door.signal.SIGKILL), -9)  # nothing may be left to do at the end
        equal(stored(c), {"sighting": 2, "mail_row": 1, "machine": 1, "report": 1})
        check(c.is_sound())


def test_the_same_report_again_changes_nothing(ctl):
    with door.Collector(ctl) as c:
        agent, body = c.enrol(), at(0, live=False)
        for _ in range(3):
            equal(agent.post(body).status, 200)
        equal(stored(c), {"sighting": 1, "mail_row": 1, "machine": 1, "report": 1})


def test_the_peer_is_the_sockets_own_address(ctl):
    with door.Collector(ctl) as c:
        agent = c.enrol()
        for header in ("Forwarded", "X-Forwarded-For", "X-Real-IP"):
            refused(agent.post(door.report(), headers={header: "for=198.51.100.7"}), 400,
                    "forwarded")
        equal(stored(c)["sighting"], 0)
        equal(agent.post(door.report(), source="127.0.0.77").status, 200)
        equal(c.rows("SELECT hex(address), source FROM sighting"), [("047F00004D", PEER)])


def test_a_server_reports_as_its_certificates_name(ctl):
    with door.Collector(ctl) as c:
        one, two = c.enrol("one"), c.enrol("two")
        check(one.server != two.server)
        body = at(0)
        equal((one.post(body).status, two.post(body).status), (200, 200))
        equal(c.rows("SELECT s.name FROM machine m JOIN server s ON s.id = m.server ORDER BY 1"),
              sorted([(one.server,), (two.server,)]))
        listed = ctl.must("server", "list")
        check(one.server in listed and two.server in listed, listed)


# ---- Who is not let in ------------------------------------------------------------------------


def test_without_a_certificate_nobody_reports(ctl):
    with door.Collector(ctl) as c:
        error = refused(c.post("/v1/reports", at(0)), 401)
        equal(sorted(error), ["code", "message"])
        refused(c.post("/v1/renew", {"csr": "x"}), 401)
        equal(stored(c)["machine"], 0)


def other_authority(c, name, *days):
    """A certificate of another authority for the agent's key."""
    agent = door.Agent(c, name)
    agent.make_request(subject="/CN=srv-1")
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                    "ec_paramgen_curve:P-256", "-nodes", "-keyout", c.path("other.key"), "-out",
                    c.path("other.pem"), "-subj", "/CN=other"], check=True, capture_output=True)
    subprocess.run(["openssl", "x509", "-req", "-in", agent.csr, "-CA", c.path("other.pem"),
                    "-CAkey", c.path("other.key"), "-out", agent.cert, "-days", "30", *days],
                   check=True, capture_output=True)
    return agent


def sign(c, agent, name, *, days="30", usage="clientAuth"):
    """By the collector's own authority, as nobody else could: to make what is never issued."""
    extensions = c.path("extensions")
    extensions.write_text(f"basicConstraints=critical,CA:FALSE\nextendedKeyUsage={usage}\n"
                          "keyUsage=critical,digitalSignature\n")
    subprocess.run(["openssl", "x509", "-req", "-in", agent.csr, "-CA",
                    c.path("store.db.ca.pem"), "-CAkey", c.path("store.db.ca.key"), "-out",
                    agent.cert, "-days", days, "-extfile", extensions, "-set_serial", "99"],
                   check=True, capture_output=True)
    check(name in subprocess.run(["openssl", "x509", "-in", agent.cert, "-noout", "-subject"],
                                 check=True, capture_output=True, text=True).stdout)
    return agent


def test_another_authoritys_certificate_is_refused(ctl):
    with door.Collector(ctl) as c:
        refused(other_authority(c, "stranger").post(at(0)), 401)
        equal(stored(c)["machine"], 0)


def test_a_certificate_for_another_purpose_is_refused(ctl):
    with door.Collector(ctl) as c:
        known = c.enrol("known")
        agent = door.Agent(c, "server")
        agent.make_request(subject=f"/CN={known.server}")
        sign(c, agent, known.server, usage="serverAuth")
        refused(agent.post(at(0)), 401)
        sign(c, agent, known.server)  # the same with the right purpose is let in: it counts
        equal(agent.post(at(0)).status, 200)


def test_a_server_that_was_never_enrolled_is_refused(ctl):
    with door.Collector(ctl) as c:
        agent = door.Agent(c, "invented")
        agent.make_request(subject="/CN=srv-invented")
        refused(sign(c, agent, "srv-invented").post(at(0)), 403)
        equal(stored(c)["machine"], 0)


def test_an_expired_certificate_reports_no_more_but_renews(ctl):
    """The clock goes on, the certificate does not."""
    with door.Collector(ctl, certificate_lifetime="1d", interval="1m", late_renewal="30d") as c:
        agent = c.enrol()
        token = c.token("--server", agent.server, "--expires", "60d")
        c.end()
        c.start(env=later("2d"))
        sent_at = int(time.time()) + 2 * world.DAY
        refused(agent.post(at(2 * world.DAY), sent_at=sent_at, verify=False), 401)
        equal(stored(c)["machine"], 0)
        agent.take(agent.renew(verify=False))
        equal(agent.post(at(2 * world.DAY), sent_at=sent_at, verify=False).status, 200)
        c.end()
        c.start(env=later("40d"))
        refused(agent.renew(verify=False), 401)  # past late_renewal: a new token is needed
        back = c.enrol("back", token=token, verify=False)
        equal(back.server, agent.server)


def later(by):
    """An environment in which the clock shows another time."""
    return {"LD_PRELOAD": "/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1",
            "FAKETIME": f"+{by}", "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            "ASAN_OPTIONS": "verify_asan_link_order=0:detect_leaks=0"}


def test_revoking_works_at_the_next_request(ctl):
    with door.Collector(ctl) as c:
        agent = c.enrol()
        with c.connect(agent) as sock:  # also on a connection that was open before
            say = request_bytes(at(0))
            sock.sendall(say)
            check(sock.recv(4096).startswith(b"HTTP/1.1 200"))
            ctl.must("server", "revoke", agent.server, "--by", "Ann")
            sock.sendall(say)
            check(sock.recv(4096).startswith(b"HTTP/1.1 403"))
        refused(agent.post(at(0)), 403)
        refused(agent.renew(), 403)
        back = c.enrol("back", token=c.token("--server", agent.server))
        equal((back.server, back.post(at(0)).status), (agent.server, 200))
        refused(agent.post(at(0)), 403)  # the old certificate stays void
        trail = ctl.must("server", "trail", agent.server)
        for what in ("enrolled", "revoked", "Ann"):
            check(what in trail, what, trail)


def test_a_retired_servers_observations_are_not_lost(ctl):
    with door.Collector(ctl) as c:
        agent = c.enrol()
        ctl.must("server", "retire", agent.server)
        equal(agent.post(at(0)).status, 200)
        check("retired" in ctl.must("server", "trail", agent.server))


def test_tokens_end(ctl):
    with door.Collector(ctl) as c:
        token = c.token("--uses", "2")
        c.enrol("one", token=token)
        c.enrol("two", token=token)
        third = door.Agent(c, "third")
        body = {"token": token, "csr": third.make_request()}
        refused(c.post("/v1/enrol", body), 403)
        body["token"] = c.token()
        ctl.must("token", "revoke", body["token"].split(".")[1])
        refused(c.post("/v1/enrol", body), 403)
        good = c.token()
        wrong = good.split(".")
        wrong[2] = "0" * 32
        refused(c.post("/v1/enrol", {**body, "token": ".".join(wrong)}), 401)
        third.take(c.post("/v1/enrol", {**body, "token": good}))
        equal(c.rows("SELECT count(*) FROM server WHERE enrolled_reseller IS NOT NULL"), [(3,)])


def test_who_is_refused_comes_again_by_the_front(ctl):
    """Where connections are counted: so tokens are not tried faster than those may come."""
    with door.Collector(ctl) as c:
        agent = door.Agent(c, "agent")
        csr, good, wrong = agent.make_request(), c.token(), c.token().split(".")
        wrong[2] = "0" * len(wrong[2])
        for token, status in ((".".join(wrong), b"401"), (good, b"200")):
            data = json.dumps({"token": token, "csr": csr}).encode()
            said = (f"POST /v1/enrol HTTP/1.1\r\nHost: a\r\nContent-Length: {len(data)}\r\n\r\n"
                    .encode() + data)
            with c.connect() as sock:
                sock.sendall(said)
                answer = sock.recv(65536)
                check(answer.startswith(b"HTTP/1.1 " + status), answer)
                equal(b"Connection: close" in answer, status == b"401", answer)
        with c.connect() as sock:  # nor does a report without a certificate get a second one
            sock.sendall(request_bytes(at(0)) * 2)
            equal(b"".join(iter(lambda: c.receive(sock), b"")).count(b"HTTP/1.1 401"), 1)


def test_an_enrolment_whose_answer_was_lost_is_asked_for_again(ctl):
    with door.Collector(ctl) as c:
        agent, token = door.Agent(c, "agent"), c.token("--uses", "1")
        body = {"token": token, "csr": agent.make_request()}
        first = c.post("/v1/enrol", body).json()
        again = agent.take(c.post("/v1/enrol", body))
        equal(again.server, first["server"])
        equal(agent.post(at(0)).status, 200)


def test_a_certificate_is_renewed_for_the_same_or_a_new_key(ctl):
    with door.Collector(ctl) as c:
        agent = c.enrol()
        server, before = agent.server, agent.cert.read_text()
        agent.take(agent.renew())
        check(agent.cert.read_text() != before)
        fresh = door.Agent(c, "fresh")
        fresh.take(agent.renew(csr=fresh.make_request(subject="/CN=srv-somebody-else")))
        equal((agent.server, fresh.server), (server, server))  # the collector names, not the CSR
        equal((agent.post(at(0)).status, fresh.post(at(0)).status), (200, 200))
        details = [json.loads(d) for d, in c.rows(
            "SELECT details FROM event WHERE what = 'certificate-renewed'")]
        equal([sorted(d) for d in details], [["key", "not_after", "serial"]] * 2)  # no token's
        trail = json.loads(ctl.must("server", "trail", server, "--format", "json"))
        equal([(e["what"], "token" in e["details"]) for e in trail],
              [("server-enrolled", True), ("certificate-renewed", False),
               ("certificate-renewed", False)])


def test_bad_requests_for_certificates_are_refused(ctl):
    with door.Collector(ctl) as c:
        agent = door.Agent(c, "agent")
        csr, token = agent.make_request(), c.token("--uses", "9")
        for body in ({"token": token}, {"csr": csr}, {"token": token, "csr": csr, "server": "x"},
                     {"token": token, "csr": "-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n"},
                     {"token": "fairuse1.x", "csr": csr}, {"token": token, "csr": 1}, [], "x"):
            error = refused(c.post("/v1/enrol", body), 400)
            check(token not in json.dumps(error), "the secret is repeated")
        rsa = c.path("rsa.csr")
        subprocess.run(["openssl", "req", "-new", "-newkey", "rsa:2048", "-nodes", "-keyout",
                        c.path("rsa.key"), "-out", rsa, "-subj", "/CN=x"], check=True,
                       capture_output=True)
        refused(c.post("/v1/enrol", {"token": token, "csr": rsa.read_text()}), 400)
        equal(c.rows("SELECT used FROM token"), [(0,)])


def test_refusals_are_logged_once_a_minute_and_tell_nothing(ctl):
    with door.Collector(ctl) as c:
        bodies = {c.post("/v1/reports", at(0)).body for _ in range(20)}
        equal(len(bodies), 1)
        equal(c.log().count("reason=no-certificate"), 1)
        equal(c.metrics()['fairuse_refusals_total{reason="no-certificate"}'], 20)


def test_no_secret_is_in_the_log(ctl):
    with door.Collector(ctl, log_level="debug") as c:
        token = c.token()
        agent = c.enrol(token=token)
        agent.post(at(0))
        agent.post({"bad": token})
        for secret in (token.split(".")[2], "PRIVATE KEY"):
            check(secret not in c.log(), "in the log:", secret)
            for name in ("store.db", "store.db-wal"):
                check(secret.encode() not in c.path(name).read_bytes(), "in", name, secret)


# ---- What is said on the wire -----------------------------------------------------------------


def request_bytes(body, *headers, line="POST /v1/reports HTTP/1.1", length=None):
    data = json.dumps(body).encode() if not isinstance(body, bytes) else body
    said = [line, "Host: localhost", f"Fairuse-Sent-At: {int(time.time())}",
            f"Content-Length: {len(data) if length is None else length}", *headers]
    return "\r\n".join(said).encode() + b"\r\n\r\n" + data


def test_refused_reports_name_the_place(ctl):
    with door.Collector(ctl) as c:
        agent = c.enrol()
        for change, place in (({"counter": 0}, "/counter"), ({"live": 1}, "/live"),
                              ({"what": 1}, "/what"), ({"boot_id": "X"}, "/boot_id"),
                              ({"licenses": [{"license": "nonsense"}]}, "/licenses/0/license")):
            equal(refused(agent.post({**at(0), **change}), 400)["at"], place)
        body = at(0)
        body["sightings"][0]["source"] = "peer"
        equal(refused(agent.post(body), 400)["at"], "/sightings/0/source")
        body = at(3600)
        equal(refused(agent.post(body), 400)["at"], "/sightings/0/last")
        refused(agent.post(at(0), sent_at=False), 400, "sent-at")
        equal(stored(c)["machine"], 0)


def test_a_clock_that_is_wrong_is_put_right(ctl):
    """An hour slow: all times are an hour later on the collector's clock."""
    with door.Collector(ctl) as c:
        agent, now = c.enrol(), int(time.time())
        equal(agent.post(at(-3600, live=False), sent_at=now - 3600).status, 200)
        (first, last), = c.rows("SELECT first, last FROM sighting")
        check(now - 3600 <= first <= now - 3500 and now <= last <= now + 100, first - now,
              last - now)


RUN, OTHER_RUN = "0d9c6f0e-7c1c-4f7e-9d0f-2b1f6f0c9a11", "0d9c6f0e-7c1c-4f7e-9d0f-2b1f6f0c9a12"


def post_after(agent, counter, acknowledged, run=RUN):
    return agent.post(at(0, counter=counter, boot_id=run),
                      headers={"Fairuse-Acknowledged": acknowledged})


def test_what_the_store_lost_is_asked_for(ctl):
    """Only what a report names that the store does not hold; until it holds what is named."""
    with door.Collector(ctl) as c:
        agent, other = c.enrol(), c.enrol("other")
        told = agent.post(at(0, counter=1)).json()
        equal((told["accepted"], "resend" in told), (True, False), "nothing was named")
        for counter, acknowledged, is_lost, why in (
                (2, f"{RUN} 1", False, "it is held"),
                (4, f"{RUN} 3", True, "it is not, and a lower one is"),
                (5, f"{RUN} 3", True, "nor is it for a higher one: that answer may be lost"),
                (6, f"{RUN} 5", False, "it is held again"),
                (7, f"{OTHER_RUN} 1", True, "another run's")):
            said = post_after(agent, counter, acknowledged)
            equal((said.status, said.json().get("resend")), (200, is_lost or None), why)
        equal(post_after(other, 8, f"{RUN} 7").json().get("resend"), True, "another server's")
        equal(post_after(agent, 1, f"{RUN} 7", run=OTHER_RUN).json().get("resend"), None,
              "the run before it")
        for header in ("", "7", RUN, f"{RUN} 0", f"{RUN} x", f"{RUN},7", f"{RUN} 7 7"):
            refused(post_after(agent, 9, header), 400)
        equal(c.rows("SELECT max(counter) FROM report"), [(8,)])
    events = [line for line in c.log().splitlines() if "resend " in line]
    equal(len(events), 1, "once a minute", events)
    check("server=" in events[0], events)


def test_what_is_no_report_is_refused(ctl):
    with door.Collector(ctl) as c:
        agent = c.enrol()
        for method, path, status in (("GET", "/v1/reports", 405), ("PUT", "/v1/reports", 405),
                                     ("POST", "/", 404), ("POST", "/v1/report", 404),
                                     ("GET", "/healthz", 404), ("GET", "/metrics", 404)):
            refused(c.request(method, path, b"{}", agent=agent), status)
        for say, status in (
                (request_bytes(b"{}", "Transfer-Encoding: chunked"), b"400"),
                (b"POST /v1/reports HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n",
                 b"411"),
                (request_bytes(b"{}", "Content-Length: 2"), b"400"),
                (request_bytes(b"{}").replace(b"\r\n", b"\n"), b"400"),
                (request_bytes(b"{}", "X: a\r\n b"), b"400"),
                (request_bytes(b"{}", line="POST /v1/reports HTTP/1.0"), b"505"),
                (request_bytes(b"{}", line="POST /v1/reports?x HTTP/1.1"), b"400"),
                (request_bytes(b"{}", "X: " + "y" * 10000), b"431"),
                (request_bytes(b"", length=99999999999), b"413"),
                (b"GET http://localhost/healthz HTTP/1.1\r\nHost: localhost\r\n\r\n", b"400")):
            answer = c.raw(say, agent)
            check(answer.startswith(b"HTTP/1.1 " + status), say[:80], answer[:200])
        equal(stored(c)["machine"], 0)
        equal(agent.post(at(0)).status, 200)


def test_requests_in_a_row_are_answered_in_a_row(ctl):
    with door.Collector(ctl) as c:
        agent = c.enrol()
        many = b"".join(request_bytes(door.report(counter=n)) for n in range(1, 20))
        answer = c.raw(many + request_bytes(door.report(counter=20), "Connection: close"), agent)
        equal(answer.count(b"HTTP/1.1 200 OK"), 20)
        equal(stored(c)["report"], 20)


def test_a_large_body_is_asked_for_and_taken(ctl):
    """curl waits for "100 Continue" before it sends more than a megabyte."""
    with door.Collector(ctl) as c:
        agent = c.enrol()
        now = int(time.time())
        rows = [{**at(0)["mailboxes"][0], "domain": f"d{n}.example.nl", "last": now}
                for n in range(9000)]
        c.path("body.json").write_text(json.dumps(at(0, mailboxes=rows)))
        done = subprocess.run(
            ["curl", "-sS", "--cacert", c.path("store.db.ca.pem"), "--cert", agent.cert, "--key",
             agent.key, "-H", f"Fairuse-Sent-At: {now}", "-H", "Content-Type: application/json",
             "-H", "Expect: 100-continue", "--data-binary", "@" + str(c.path("body.json")), "-w",
             "%{http_code} %{size_upload}", f"https://localhost:{c.port}/v1/reports"],
            capture_output=True, text=True, check=True)
        check(done.stdout.endswith(f"200 {os.path.getsize(c.path('body.json'))}"),
              done.stdout[-200:])
        equal(stored(c)["mail_row"], 9000)


def test_an_oversized_body_is_refused_before_it_is_sent(ctl):
    with door.Collector(ctl, max_body=65536) as c:
        agent = c.enrol()
        refused(agent.post(b"x" * 65537), 413)
        refused(agent.post(b" " * 60000 + b"{}"), 400)
        answer = c.raw(request_bytes(b"", "Expect: 100-continue", length=65537), agent)
        check(answer.startswith(b"HTTP/1.1 413"), answer)


def test_only_the_present_tls_is_spoken(ctl):
    with door.Collector(ctl) as c:
        try:
            c.connect(tls=ssl.TLSVersion.TLSv1_2)
            check(False, "TLS 1.2 was spoken")
        except ssl.SSLError:
            pass
    other = world.Ctl(ctl.program, ctl.path("."))
    with door.Collector(other, allow_tls12=True).start() as c:
        with c.connect(tls=ssl.TLSVersion.TLSv1_2) as sock:
            equal(sock.version(), "TLSv1.2")


def test_every_listener_is_served_in_both_families(ctl):
    port = door.free_port()
    c = door.Collector(ctl, listen=[f"[::]:{port}", f"127.0.0.1:{door.free_port()}"])
    c.port = port
    with c:
        agent = c.enrol()
        equal(agent.post(door.report()).status, 200)  # IPv4 through the dual-stack socket
        equal(c.rows("SELECT hex(address) FROM sighting"), [("047F000001",)])
        raw = socket.create_connection(("::1", port), 30)
        with c.context(agent).wrap_socket(raw, server_hostname="localhost") as sock:
            sock.sendall(request_bytes(door.report(counter=2)))
            check(sock.recv(4096).startswith(b"HTTP/1.1 200"))


def test_a_cloned_disk_is_let_in_and_told_of(ctl):
    """Certificate, run and counter are the same on both: neither is turned away, since either
    may be the one that is paid for; but the audit says that they are two."""
    with door.Collector(ctl) as c:
        agent = c.enrol()
        equal(agent.post(door.report(machine="a")).status, 200)
        audit = json.loads(ctl.must("audit", "--format", "json"))
        check("forked-identity" not in [f["kind"] for f in audit["findings"]], audit)
        equal(agent.post(door.report(machine="a", agent_version="2")).status, 200)
        audit = json.loads(ctl.must("audit", "--format", "json"))
        forked = [(f["state"], f["subject"]) for f in audit["findings"]
                  if f["kind"] == "forked-identity"]
        equal(forked, [("notice", agent.server)], audit)


def test_agents_are_told_what_the_audit_found(ctl):
    """Licence 1 was on two machines all last month: confirmed. Only its reseller is told."""
    month = world.Month.back(1)
    scene = world.Scene().reseller("r1").reseller("r2").license(1, "r1").license(2, "r1")
    scene.machines(1, 2, month)
    c = door.Collector(ctl).install(scene)
    with c.start():
        own, other = c.enrol("own"), c.enrol("other", token=c.token(reseller="r2"))
        both = [{"license": world.key(1)}, {"license": world.key(2)}]
        states = {n["license"]: n["state"]
                  for n in own.post(door.report(licenses=both)).json()["licenses"]}
        equal(states, {world.key(1): "ok", world.key(2): "ok"})
        ctl.must("audit", "--publish")
        told = door.wait_for(lambda: next(
            (n for n in own.post(door.report(licenses=both)).json()["licenses"]
             if n["state"] != "ok"), None), "what was published")
        equal(told, {"license": world.key(1), "state": "confirmed", "kinds": ["extra-ip"],
                     "since": month.start(), "confirms_at": None})
        for said in other.post(door.report(licenses=both)).json()["licenses"]:
            equal((said["state"], said["kinds"]), ("ok", []))


# ---- Behind a balancer ------------------------------------------------------------------------


def proxy_header(source, command=0x21):
    address = socket.inet_aton(source) + socket.inet_aton("127.0.0.1")
    return (b"\r\n\r\n\0\r\nQUIT\n" + bytes([command, 0x11]) +
            struct.pack("!H", len(address) + 4) + address + struct.pack("!HH", 1234, 443))


def through(c, agent, header, source="127.0.0.1"):
    raw = socket.create_connection(("127.0.0.1", c.port), 30, source_address=(source, 0))
    raw.sendall(header)
    with c.context(agent).wrap_socket(raw, server_hostname="localhost") as sock:
        sock.sendall(request_bytes(door.report(counter=int(time.time() * 1000))))
        return sock.recv(4096)


def test_a_configured_balancer_says_whose_connection_it_is(ctl):
    with door.Collector(ctl, proxies=["127.0.0.9/32"]) as c:
        agent = c.enrol()
        check(through(c, agent, proxy_header("198.51.100.7"), "127.0.0.9").startswith(
            b"HTTP/1.1 200"))
        equal(c.rows("SELECT hex(address) FROM sighting"), [("04C6336407",)])
        for source, header in (("127.0.0.1", proxy_header("198.51.100.8")),  # not configured
                               ("127.0.0.9", b""),  # configured, and says nothing
                               ("127.0.0.9", b"PROXY TCP4 198.51.100.8 1.2.3.4 1 2\r\n"),
                               ("127.0.0.9", proxy_header("198.51.100.8", 0x31))):
            try:
                check(not through(c, agent, header, source), "it was let in", source, header)
            except OSError:  # ssl.SSLError is one too
                pass
        equal(c.rows("SELECT hex(address) FROM sighting"), [("04C6336407",)])


world.run_cases(globals())
