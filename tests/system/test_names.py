"""Which domains are filtered, and where hosts are: asked of a real name server, and of stand-ins
for bad ones."""

import socket
import sys
import threading

import ctl_world
import dns_world
from ctl_world import check, equal
from dns_world import Dnsmasq, Stub, cname, mx
from psa_world import Look
from uplink_world import in_mounts

NOW = 1795300000
HOUR = 3600
SUFFIXES = ["spamexperts.com", "filter.test"]
ZONE = [
    "mx-host=in.example,mx.spamexperts.com,10",
    "mx-host=second.example,mail.elsewhere.example,5",
    "mx-host=second.example,fallback.spamexperts.com,20",
    "mx-host=exact.example,filter.test,10",
    "mx-host=out.example,mail.elsewhere.example,10",
    "mx-host=near.example,notspamexperts.com,10",
    "mx-host=above.example,com,10",
    "mx-host=xn--mller-kva.example,mx.filter.test,10",
    "mx-host=case.example,MX.SpamExperts.COM,10",
    "host-record=none.example,192.0.2.9",
    "host-record=ka.test,192.0.2.1,2001:db8::1",
    "host-record=four.test,192.0.2.4",
    "host-record=collector.test,192.0.2.77",
    "cname=alias.test,four.test",
]
VERDICTS = {"in.example": "filtered", "second.example": "filtered", "exact.example": "filtered",
            "out.example": "other", "near.example": "other", "above.example": "other",
            "xn--mller-kva.example": "filtered", "case.example": "filtered",
            "none.example": "other", "no-such.example": "other"}


def ask(look, domains, now=NOW, suffixes=SUFFIXES, deadline_ms=20000, **more):
    got = look.run("mx", look.config, now, deadline_ms, *suffixes,
                   text="".join(d + "\n" for d in domains), **more)
    equal(got.err, "")
    got.verdicts = dict(line.split() for line in got.lines)
    return got


def hosts(look, *names, deadline_ms=20000, **more):
    got = look.run("hosts", look.config, deadline_ms, *names, **more)
    equal(got.err, "")
    equal(got.code, 0, got.why)
    got.failed = int(got.lines[-1].split()[1])
    got.found = sorted(got.lines[:-1])
    return got


# ---- Mail exchangers ---------------------------------------------------------------------------


def test_the_mail_exchanger_tells_who_is_filtered(ctl):
    with Dnsmasq(ctl.folder, ZONE) as dns:
        look = Look(ctl, resolvers=[dns.address()])
        got = ask(look, VERDICTS)
        equal((got.code, got.verdicts), (0, VERDICTS), got.why)
        equal(dns.asked(), {d: 1 for d in VERDICTS})
        equal(oct((look.state / "mx.cache").stat().st_mode & 0o777), "0o600")


def test_an_answer_holds_for_a_day_and_each_has_its_own_hour(ctl):
    domains = [f"d{i}.example" for i in range(300)]
    with Dnsmasq(ctl.folder, ZONE) as dns:
        look = Look(ctl, resolvers=[dns.address()])
        ask(look, domains)
        equal(len(dns.asked()), 300)
        again = ask(look, domains, NOW + 20 * HOUR - 1)
        equal((again.code, dns.asked()), (0, {}), "all are fresh for 20 hours")
        equal(set(again.verdicts.values()), {"other"})
        shares = []
        for hour in range(20, 29):
            ask(look, domains, NOW + hour * HOUR + 1)
            shares.append(len(dns.asked()))
        equal(sum(shares), 300, "none is fresh for more than 28 hours")
        check(all(10 < n < 90 for n in shares[1:]), "spread over the hours between", shares)


def test_other_suffixes_make_the_memory_void(ctl):
    with Dnsmasq(ctl.folder, ZONE) as dns:
        look = Look(ctl, resolvers=[dns.address()])
        ask(look, VERDICTS)
        dns.asked()
        ask(look, VERDICTS, NOW + 1, list(reversed(SUFFIXES)))
        equal(dns.asked(), {}, "their order does not matter")
        got = ask(look, VERDICTS, NOW + 1, ["elsewhere.example"])
        equal(len(dns.asked()), len(VERDICTS))
        equal({d for d, v in got.verdicts.items() if v == "filtered"},
              {"second.example", "out.example"})


def test_an_old_answer_stands_for_three_days_when_none_comes(ctl):
    with Dnsmasq(ctl.folder, ZONE) as dns:
        look = Look(ctl, resolvers=[dns.address()])
        ask(look, VERDICTS)
    unknown = {d: "unknown" for d in VERDICTS}
    for after, wanted in ((29 * HOUR, VERDICTS), (72 * HOUR, VERDICTS), (72 * HOUR + 1, unknown),
                          (-1, unknown)):
        got = ask(look, VERDICTS, NOW + after)
        equal(got.verdicts, wanted, after)
        equal(got.code, -113, got.why)
        check("no resolver answers" in got.why, got.why)


def test_a_broken_memory_is_as_good_as_none(ctl):
    good = "out.example filtered %d\n" % NOW
    head = "suffixes " + " ".join(sorted(SUFFIXES)) + "\n"
    broken = ["", "\n", "suffixes\n" + good, "\x00" * 5000, good, "x" * 70000 + "\n" + good,
              head + "out.example filtered %d\n" % (NOW + 1), head + "out.example unknown 5\n",
              head + "Out.example filtered %d\n" % NOW, head + "out.example  filtered %d\n" % NOW,
              head + "out.example filtered %d \n" % NOW, head + "out.example filtered -1\n",
              head + "out.example filtered\n", head + "out.example filtered 0%d\n" % NOW,
              head + "out.example filtered 99999999999999999999\n",
              head + "out.example other %d\n" % (NOW - 5) + good]
    with Dnsmasq(ctl.folder, ZONE) as dns:
        look = Look(ctl, resolvers=[dns.address()])
        memory = look.state / "mx.cache"
        for text in broken:
            memory.write_text(text)
            memory.chmod(0o644)
            got = ask(look, ["out.example"])
            equal((got.code, got.verdicts), (0, {"out.example": "other"}), text[:80])
        memory.write_text(head + "x" * 70000 + "\nnonsense\n" + good)
        got = ask(look, ["out.example"])
        equal(got.verdicts, {"out.example": "filtered"}, "the control: a good line is believed")


def test_a_memory_that_cannot_be_kept_is_said(ctl):
    with Dnsmasq(ctl.folder, ZONE) as dns:
        look = Look(ctl, resolvers=[dns.address()])
        look.state.chmod(0o500)
        got = ask(look, VERDICTS)
        equal((got.code, got.verdicts), (-13, VERDICTS), got.why)
        check("cannot be kept" in got.why, got.why)
        look.state.chmod(0o700)
        (look.state / "mx.cache").mkdir()
        got = ask(look, VERDICTS)
        equal((got.code, got.verdicts), (-21, VERDICTS), got.why)


def test_many_domains_are_asked_for_at_a_time_and_not_too_many(ctl):
    with Dnsmasq(ctl.folder, ZONE) as dns:
        look = Look(ctl, resolvers=[dns.address()])
        domains = [f"d{i}.example" for i in range(20000)]
        got = ask(look, domains, deadline_ms=100000)
        equal((got.code, len(dns.asked())), (0, 20000), got.why)
        print(f"20,000 domains: {got.spent_ms} ms")
        again = ask(look, domains)
        equal((again.code, dns.asked()), (0, {}))
        print(f"20,000 remembered: {again.spent_ms} ms")
    with Stub(lambda question: None) as stub:
        look.set(resolvers=[stub.address()])
        got = ask(look, [f"s{i}.example" for i in range(500)], deadline_ms=1500)
        equal(len(set(stub.asked)), 64, "before the first has timed out")
    equal(got.code, -113, got.why)
    check(1400 < got.spent_ms < 4000, got.spent_ms)


def test_silence_is_given_up(ctl):
    """Before the whole deadline: nobody is there."""
    with Stub(lambda question: None) as stub:
        look = Look(ctl, resolvers=[stub.address()])
        got = ask(look, [f"s{i}.example" for i in range(5000)], deadline_ms=60000)
        equal(got.code, -113, got.why)
        check(got.spent_ms < 20000, got.spent_ms)
        check(len(set(stub.asked)) <= 192, len(set(stub.asked)))
    equal(set(got.verdicts.values()), {"unknown"})


def test_trouble_leaves_a_domain_unknown_and_is_not_remembered(ctl):
    """The other domains are known all the same."""
    def handler(q):
        answers = {
            "servfail": lambda: q.answer(code=2), "refused": lambda: q.answer(code=5),
            "notimp": lambda: q.answer(code=4), "formerr": lambda: q.answer(code=1),
            "silent": lambda: None, "short": lambda: q.answer()[:11],
            "nonsense": lambda: b"\xff" * 100, "query": lambda: q.answer(flags=0x0100),
            "loop": lambda: q.answer(b"\xc0\x1f" + b"\0" * 20),
            "long": lambda: q.answer(mx(q.name, "mx.spamexperts.com")[:-5])}
        what = q.name.split(".")[0].lower()
        return answers.get(what, lambda: q.answer(mx(q.name, "mx.spamexperts.com")))()
    troubled = ["servfail", "refused", "notimp", "formerr", "silent", "short", "nonsense",
                "query", "loop", "long"]
    domains = [f"{t}.example" for t in troubled] + ["good.example"]
    with Stub(handler) as stub:
        look = Look(ctl, resolvers=[stub.address()])
        got = ask(look, domains)
        equal((got.code, {d.split(".")[0] for d, v in got.verdicts.items() if v == "unknown"}),
              (0, set(troubled)), got.why)
        equal(got.verdicts["good.example"], "filtered")
        before = len(stub.asked)
        ask(look, domains, NOW + 1)
        equal(set(stub.asked[before:]), {f"{t}.example" for t in troubled})


def test_names_lead_on_and_strangers_do_not_count(ctl):
    evil = "mx.spamexperts.com"
    answers = {
        "alias.example": [cname("alias.example", "there.example"), mx("there.example", evil)],
        "chain.example": [mx("c.example", evil), cname("b.example", "c.example"),
                          cname("chain.example", "b.example")],
        "stranger.example": [mx("other.example", evil)],
        "beside.example": [cname("x.example", "y.example"), mx("y.example", evil)],
        "null.example": [mx("null.example", "", 0)],
        "round.example": [cname("round.example", "b.example"), cname("b.example", "round.example")],
    }
    with Stub(lambda q: q.answer(*answers[q.name])) as stub:
        look = Look(ctl, resolvers=[stub.address()])
        got = ask(look, answers)
    equal(got.verdicts, {"alias.example": "filtered", "chain.example": "filtered",
                         "stranger.example": "other", "beside.example": "other",
                         "null.example": "other", "round.example": "other"})


def test_the_next_resolver_is_asked_when_one_is_silent(ctl):
    with Dnsmasq(ctl.folder, ZONE) as dns, Stub(lambda q: None) as dead:
        look = Look(ctl, resolvers=[dead.address(), dns.address()])
        got = ask(look, VERDICTS)
        equal((got.code, got.verdicts), (0, VERDICTS), got.why)
        check(got.spent_ms < 10000, got.spent_ms)


def test_a_long_answer_is_asked_for_by_tcp(ctl):
    many = [f"mx-host=many.example,mx{i}.some-long-name-of-a-host-{i}.elsewhere.example,{i}"
            for i in range(60)] + ["mx-host=many.example,zz.spamexperts.com,99"]
    with Dnsmasq(ctl.folder, many) as dns:
        look = Look(ctl, resolvers=[dns.address()])
        equal(ask(look, ["many.example"]).verdicts, {"many.example": "filtered"})


# ---- Hosts -------------------------------------------------------------------------------------


def test_hosts_are_found_with_their_ports(ctl):
    with Dnsmasq(ctl.folder, ZONE) as dns:
        look = Look(ctl, resolvers=[dns.address()])
        got = hosts(look, "ka.test", "four.test:5224", "alias.test:1", "192.0.2.5",
                    "192.0.2.6:444", "2001:db8::6", "[2001:db8::7]:5224", "nobody.test",
                    "nonsense:port", "https://collector.test", "https://collector.test:9443/in",
                    "https://[2001:db8::9]:9443", "https://192.0.2.8/x")
        equal(got.found, sorted([
            "keyserver 192.0.2.1 443", "keyserver 2001:db8::1 443", "keyserver 192.0.2.4 5224",
            "keyserver 192.0.2.4 1", "keyserver 192.0.2.5 443", "keyserver 192.0.2.6 444",
            "keyserver 2001:db8::6 443", "keyserver 2001:db8::7 5224",
            "collector 192.0.2.77 443", "collector 192.0.2.77 9443",
            "collector 2001:db8::9 9443", "collector 192.0.2.8 443"]))
        equal(got.failed, 2, got.lines)


def test_the_hosts_file_counts(ctl):
    with Dnsmasq(ctl.folder, ZONE) as dns:
        look = Look(ctl, resolvers=[dns.address()])
        file = ctl.path("hosts")
        file.write_text("192.0.2.99 ka.test\n2001:db8::99 ka.test other.test\n")
        wrapper = in_mounts(ctl.folder, (file, "/etc/hosts"))
        got = hosts(look, "ka.test", "other.test:8443", wrapper=wrapper)
        equal(got.found, ["keyserver 192.0.2.99 443", "keyserver 2001:db8::99 443",
                          "keyserver 2001:db8::99 8443"])


def test_the_systems_resolver_is_asked_where_none_is_set(ctl):
    """By its own address: port 53 needs a file, not a server."""
    look = Look(ctl)
    file = ctl.path("resolv.conf")
    file.write_text("nameserver 127.0.0.9\noptions timeout:1\n")
    wrapper = in_mounts(ctl.folder, (file, "/etc/resolv.conf"))
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        s.bind(("127.0.0.9", 53))

        def loop():
            try:
                while True:
                    packet, peer = s.recvfrom(4096)
                    q = dns_world.Question(packet)
                    s.sendto(q.answer(mx(q.name, "mx.spamexperts.com")), peer)
            except OSError:
                return
        threading.Thread(target=loop, daemon=True).start()
        got = ask(look, ["out.example"], wrapper=wrapper)
        equal(got.verdicts, {"out.example": "filtered"}, got.why)


def test_hosts_fail_in_time_without_an_answer(ctl):
    with Stub(lambda question: None) as stub:
        look = Look(ctl, resolvers=[stub.address()])
        got = hosts(look, "ka.test", "alternate.test", "192.0.2.5", "https://collector.test",
                    deadline_ms=1000)
        equal((got.found, got.failed), (["keyserver 192.0.2.5 443"], 3))
        check(got.spent_ms < 3000, got.spent_ms)
        got = hosts(look, "ka.test")
        equal((got.found, got.failed), ([], 1))
        check(got.spent_ms < 15000, got.spent_ms)


def main():
    why = dns_world.missing()
    if why:
        print(f"not run: {why}")
        sys.exit(1)
    ctl_world.run_cases(globals())


main()
