"""What strangers and compromised servers can do to a collector, and cannot. Sizes are smaller
under sanitizers; FAIRUSE_CASES and FAIRUSE_IDLERS set them."""

import functools
import random
import socket
import subprocess
import time

import ctl_world as world
import door_world as door
import hostile_world as hostile
from ctl_world import check, equal
from door_world import wait_for
from hostile_world import Crowd, Wire, answers_others, open_now, post_bytes, serves

SEED = 20190901
UNLIMITED = {"server_per_minute": 0, "address_per_minute": 0}
DROPPED = 'fairuse_connections_dropped_total{reason="%s"}'
TIMED_OUT = "fairuse_connections_timed_out_total"
EVICTED = "fairuse_connections_evicted_total"


def said(*words):
    print("   ", *words, flush=True)


def rows(c):
    return c.rows("SELECT (SELECT count(*) FROM report) + (SELECT count(*) FROM sighting)")[0][0]


# ---- Handshakes -------------------------------------------------------------------------------


def test_a_thousand_that_stop_in_mid_handshake_cost_nothing(ctl):
    with door.Collector(ctl, handshake_timeout="12s") as c, Crowd(c) as crowd:
        agent, hello = c.enrol(), hostile.client_hello(c)
        for of, say in ((2, b""), (3, hello[:20]), (4, hello)):
            crowd.come(334, say, of)
        wait_for(lambda: open_now(c) >= 1002, "all of them to be in")
        wait_for(lambda: hostile.cpu_beside(c, 0.5) < 100, "the handshakes to be answered")
        spent = hostile.cpu_beside(c, 3)
        said(f"1,002 stalled: {spent} ms of CPU in 3 s")
        check(spent < 600, spent)
        serves(c, agent)
        answers_others(c)
        wait_for(lambda: open_now(c) == 0, "their deadlines")
        equal((c.metrics()[TIMED_OUT], crowd.living()), (1002, 0))
        serves(c, agent)


def test_one_address_does_not_take_the_house(ctl):
    """The burst of an address is 600 connections, 256 at once."""
    with door.Collector(ctl, handshake_timeout="10m", address_per_minute=1) as c, \
            Crowd(c) as crowd:
        agent, hello = c.enrol(), hostile.client_hello(c)
        crowd.come(1000, hello, address="127.9.9.9")

        def dropped():
            m = c.metrics()
            return m[DROPPED % "rate"] + m[DROPPED % "per-address"] == 744
        wait_for(dropped, "all but 256 to be dropped")
        check(c.metrics()[DROPPED % "rate"] >= 399, c.look("/metrics"))
        equal((open_now(c), crowd.living()), (256, 256))
        serves(c, agent)
        equal(c.log().count("connection-dropped"), 1, c.log()[-2000:])


def test_connections_at_once_are_capped_by_address(ctl):
    with door.Collector(ctl, max_connections_per_address=10) as c, Crowd(c) as crowd:
        agent = c.enrol()
        crowd.come(100, address="127.9.9.9")
        wait_for(lambda: c.metrics()[DROPPED % "per-address"] == 90, "90 to be dropped")
        equal(open_now(c), 10)
        serves(c, agent)
        for s in crowd.sockets:  # whoever goes makes room for the next
            s.close()
        wait_for(lambda: open_now(c) == 0, "them to be gone")
        serves(c, agent, source="127.9.9.9")


def test_connections_in_quick_succession_are_capped_by_address(ctl):
    with door.Collector(ctl, address_burst=20, address_per_minute=1) as c, Crowd(c) as crowd:
        agent = c.enrol()
        crowd.come(100, address="127.9.9.9")
        wait_for(lambda: c.metrics()[DROPPED % "rate"] >= 79, "the rest to be dropped")
        check(c.metrics()[DROPPED % "rate"] <= 80, "the burst is 20")
        serves(c, agent)


def test_random_bytes_are_no_handshake(ctl):
    chance = random.Random(SEED)
    with door.Collector(ctl, handshake_timeout="5s", **UNLIMITED) as c:
        agent, hello = c.enrol(), hostile.client_hello(c)
        count, before = hostile.how_many(c, "FAIRUSE_CASES", 1500, 10000), c.memory_kb()
        for number in range(min(count, 10000)):
            say = bytearray(hello)
            if number % 3 == 0:
                say = chance.randbytes(chance.randrange(2000))
            else:
                for _ in range(chance.randrange(1, 6)):
                    say[chance.randrange(len(say))] = chance.randrange(256)
            with Crowd(c) as crowd:
                crowd.come(1, bytes(say), address=hostile.source(number))
            if number % 500 == 0:
                serves(c, agent, 1)
        wait_for(lambda: open_now(c) == 0, "them to be gone")
        check(c.metrics()['fairuse_tls_handshakes_total{result="failed"}'] > count / 2)
        said(f"{count} handshakes of noise: {c.memory_kb() - before} kB more")
        serves(c, agent)


# ---- Crowds -----------------------------------------------------------------------------------


def p99_beside(c, what):
    got = c.run_load(count=4, connections=4, reports=400, mode="full")
    said(f"{what}: a new connection and its report in p50 {got['p50_us'] / 1000:.1f} ms, "
         f"p99 {got['p99_us'] / 1000:.1f} ms")


def test_idle_connections_hold_little_and_hinder_nobody(ctl):
    with door.Collector(ctl, idle_timeout="10m", **UNLIMITED) as c:
        c.enrol_many(4)
        p99_beside(c, "alone")
        before, count = c.memory_kb(), hostile.how_many(c, "FAIRUSE_IDLERS", 1500, 10000)
        for wave in ("first", "second"):  # what the first one held serves the second
            with hostile.idlers(c, count, 600) as crowd:
                equal((crowd.opened, open_now(c)), (count, count))
                each = (c.memory_kb() - before) * 1024 // count
                said(f"{count} idle, the {wave} time: {each} bytes each, "
                     f"{hostile.cpu_beside(c, 2)} ms of CPU in 2 s")
                check(hostile.is_sanitized(c.program) or each < 64 << 10, each)
                p99_beside(c, "beside them")
                answers_others(c)
                equal(open_now(c), count)
            wait_for(lambda: open_now(c) == 0, "them to be gone")


def dribblers(ctl, what):
    with door.Collector(ctl, idle_timeout="10m", head_timeout="5s", body_timeout="5s",
                        **UNLIMITED) as c:
        c.enrol_many(4)
        before, count = c.memory_kb(), hostile.how_many(c, "FAIRUSE_IDLERS", 1000, 10000)
        with hostile.idlers(c, count, 12, dribble=what) as crowd:
            equal(crowd.opened, count)
            time.sleep(2)
            each = (c.memory_kb() - before) * 1024 // count
            said(f"{count} dribble a {what}: {each} bytes each")
            check(hostile.is_sanitized(c.program) or each < 64 << 10, each)
            p99_beside(c, "beside them")
            answers_others(c)
            equal(hostile.alive_at_the_end(crowd), 0)
        equal(c.metrics()[TIMED_OUT], count)
        equal(c.metrics()["fairuse_in_flight_bytes"], 0)


def test_a_byte_a_second_of_a_head_does_not_move_its_deadline(ctl):
    dribblers(ctl, "head")


def test_a_byte_a_second_of_a_body_does_not_move_its_deadline(ctl):
    dribblers(ctl, "body")


def test_where_the_house_is_full_the_idle_make_room(ctl):
    with door.Collector(ctl, max_connections=200, idle_timeout="10m", handshake_timeout="10m",
                        **UNLIMITED) as c, Crowd(c) as crowd:
        c.enrol_many(1)
        agent = c.enrol()
        with hostile.idlers(c, 300, 600) as idle:
            equal(idle.opened, 300)
            check(100 <= c.metrics()[EVICTED] <= 110, c.metrics()[EVICTED])
            check(open_now(c) <= 200)
            serves(c, agent, 20)
            crowd.come(500, hostile.client_hello(c))
            serves(c, agent, 20)
            answers_others(c)
            check(open_now(c) <= 200)


def test_a_house_for_one_serves_one(ctl):
    with door.Collector(ctl, max_connections=1, **UNLIMITED) as c:
        serves(c, c.enrol(), 5)


def test_strangers_in_the_middle_of_a_body_make_room_too(ctl):
    """A body that will be refused, or that asks for a certificate, is sent by nobody known."""
    with door.Collector(ctl, max_connections=40, body_timeout="10m", **UNLIMITED) as c, \
            Crowd(c) as crowd:
        agent = c.enrol()
        for path, length in (("/v1/reports", 60000), ("/v1/enrol", 1000), ("/nothing", 10)):
            for _ in range(45):
                s = c.connect()
                s.sendall(post_bytes(b"", length, path))
                crowd.sockets.append(s)
            serves(c, agent, 5)
            check(open_now(c) <= 40)


def test_strangers_do_not_use_up_the_room_for_reports(ctl):
    with door.Collector(ctl, max_body=65536, max_in_flight=131072, body_timeout="10m",
                        **UNLIMITED) as c, Crowd(c) as crowd:
        agent = c.enrol()
        for _ in range(20):
            s = c.connect()
            s.sendall(post_bytes(b"", 16384, "/v1/enrol"))
            crowd.sockets.append(s)
        wait_for(lambda: crowd.living() == 8, "the oldest to make room")
        check(c.metrics()["fairuse_in_flight_bytes"] <= 131072)
        serves(c, agent)
        serves(c, c.enrol("another"))


def test_one_server_does_not_use_up_the_room_of_others(ctl):
    """Bodies that do not come make room for those that do."""
    with door.Collector(ctl, max_body=65536, max_in_flight=262144, body_timeout="10m",
                        **UNLIMITED) as c, Crowd(c) as crowd:
        agent, bad = c.enrol("good"), c.enrol("bad")
        for _ in range(4):
            s = c.connect(bad)
            s.sendall(post_bytes(b" " * 100, 65536))
            crowd.sockets.append(s)
        wait_for(lambda: c.metrics()["fairuse_in_flight_bytes"] == 262144, "them to be in")
        wait_for(lambda: agent.post(door.report()).status == 200, "room")
        equal(crowd.living(), 3)


def bodies_until_full(c, agent, crowd):
    """Of one of ours, each in its middle: nobody is ended for the next one. How many there are."""
    for held in range(1000):
        raw = socket.create_connection(("127.0.0.1", c.port), 30)
        raw.settimeout(0.5)
        crowd.sockets.append(raw)
        try:
            s = c.context(agent).wrap_socket(raw, server_hostname="localhost")
        except OSError:
            return held  # nobody is let in any more
        crowd.sockets.append(s)
        s.sendall(post_bytes(b"", 100))
    return None


def few_descriptors(c, agent, most):
    """Whoever does nothing makes room; where nobody can, those who come wait without a cost."""
    with Crowd(c) as stalled:
        stalled.come(200)
        serves(c, agent)
        equal(c.look("/healthz")[0], 200)
    with Crowd(c) as crowd:
        held = bodies_until_full(c, agent, crowd)
        equal(held, most)
        crowd.come(50, of=5)
        spent = hostile.cpu_beside(c, 3)
        said(f"{held} bodies, 50 more wait: {spent} ms of CPU in 3 s")
        check(spent < 600, spent)
    serves(c, agent)
    answers_others(c)


def test_with_few_descriptors_some_are_kept_back(ctl):
    c = door.Collector(ctl, max_connections=1000, body_timeout="10m", handshake_timeout="10m",
                       **UNLIMITED)
    c.wrapper = ["prlimit", "--nofile=64:64"]
    with c:
        few_descriptors(c, c.enrol(), 32)
        check("few-descriptors" in c.log(), c.log())


def test_without_any_descriptors_it_rests_and_recovers(ctl):
    with door.Collector(ctl, max_connections=1000, body_timeout="10m", handshake_timeout="10m",
                        **UNLIMITED) as c:
        agent = c.enrol()
        serves(c, agent)
        wait_for(lambda: open_now(c) == 0, "nobody to be in")
        limit = hostile.descriptors_at_rest(c) + 22
        subprocess.run(["prlimit", f"--nofile={limit}:{limit}", "--pid", str(c.process.pid)],
                       check=True)
        few_descriptors(c, agent, 22)


# ---- Bodies -----------------------------------------------------------------------------------


def test_a_length_that_lies_is_believed_and_harms_nobody(ctl):
    with door.Collector(ctl, head_timeout="2s", body_timeout="2s", max_body=65536) as c:
        agent = c.enrol()
        body = door.json.dumps(door.report()).encode()
        short = c.raw(post_bytes(body, len(body) - 10), agent)
        equal(short.count(b"HTTP/1.1 "), 1, short)  # half a body; and the rest is no request
        check(short.startswith(b"HTTP/1.1 400"), short)
        equal(c.raw(post_bytes(body, len(body) + 10), agent), b"")  # then silence
        equal(c.raw(post_bytes(body[:20], len(body)), agent), b"")
        equal(c.metrics()[TIMED_OUT], 3)
        large = c.raw(post_bytes(b" " * (5 << 20)), agent)
        check(large.startswith(b"HTTP/1.1 413"), large)
        equal(rows(c), 0)
        serves(c, agent)


def test_the_end_may_come_anywhere(ctl):
    with door.Collector(ctl, **UNLIMITED) as c, Crowd(c) as crowd:
        agent = c.enrol()
        whole, hello = post_bytes(door.json.dumps(door.report()).encode()), hostile.client_hello(c)
        for at in range(0, len(hello), 5):
            crowd.come(1, hello[:at])
            crowd.sockets.pop().close()
        for at in range(0, len(whole), 3):
            s = c.connect(agent)
            s.sendall(whole[:at])
            if at % 2:
                s.shutdown(socket.SHUT_WR)  # the end without TLS's
            s.close()
        wait_for(lambda: open_now(c) == 0, "them to be gone")
        equal((rows(c), c.metrics()["fairuse_in_flight_bytes"]), (0, 0))
        serves(c, agent)


def test_answers_that_are_never_read_are_bounded(ctl):
    with door.Collector(ctl, answer_timeout="3s", **UNLIMITED) as c:
        agent, before = c.enrol(), c.memory_kb()
        with c.connect(agent) as s:
            s.settimeout(2)
            many = post_bytes(b"{}") * 1000
            try:
                for _ in range(1000):
                    s.sendall(many)
                check(False, "it takes requests for ever")
            except OSError:
                pass  # it waits for us
            said(f"answers that nobody reads: {c.memory_kb() - before} kB")
            check(hostile.is_sanitized(c.program) or c.memory_kb() - before < 20000)
            serves(c, agent)
            wait_for(lambda: open_now(c) == 0, "its deadline")
        serves(c, agent)


def test_every_case_of_json_is_refused(ctl):
    with door.Collector(ctl, **UNLIMITED) as c:
        agent, count = c.enrol(), 0
        good = door.json.dumps(door.report()).encode()
        with Wire(c, agent) as wire:
            for kind, name, data in hostile.conformance():
                status, answer = wire.ask(post_bytes(data))
                equal(status, 400, kind, name, answer)
                member = good[:-1] + b', "more": ' + data + b"}"
                equal(wire.ask(post_bytes(member))[0], 400, kind, name, "as a member")
                count += 1
            equal((rows(c), wire.opened), (0, 1))
            for kind, name, data in hostile.conformance():
                status, answer = wire.ask(post_bytes(good[:-1] + b', "agent_version": ' + data +
                                                     b"}"))
                check(status in (200, 400), kind, name, answer)  # some are a version's text
            said(f"{count} cases")
            equal(wire.opened, 1)
        serves(c, agent)


def random_load(ctl, mode, sanitized, released):
    with door.Collector(ctl, **UNLIMITED) as c:
        c.enrol_many(4)
        agent, count = c.enrol(), hostile.how_many(c, "FAIRUSE_CASES", sanitized, released)
        count = count if mode == "body" else min(count, 10000)
        hostile.hostile(c, mode=mode, count=count // 10, connections=4, seed=SEED + 1)
        before, began = c.memory_kb(), time.monotonic()
        got = hostile.hostile(c, mode=mode, count=count, connections=4, seed=SEED, seconds=3000)
        took = time.monotonic() - began
        grown = c.memory_kb() - before
        said(f"{got} in {took:.0f} s, {grown} kB more ({before} kB before)")
        equal((got["sent"], got["wrong"], got["broken"]), (count, 0, 0))
        check(hostile.is_sanitized(c.program) or grown < 32 << 10, grown)
        serves(c, agent)
        answers_others(c)
        check(c.is_sound())
        return got


def test_random_bodies_are_taken_or_refused(ctl):
    got = random_load(ctl, "body", 20000, 100000)
    equal(got["accepted"] + got["refused"], got["sent"])
    check(got["accepted"] > got["sent"] // 100, "the good ones among them")


def test_random_requests_are_answered_or_hung_up_on(ctl):
    got = random_load(ctl, "http", 1500, 10000)
    equal(got["answered"] + got["silent"], got["sent"])


def test_a_body_that_becomes_large_in_memory_is_bounded(ctl):
    """Three bytes of text are a list: the worst that a reader of JSON is given."""
    with door.Collector(ctl, **UNLIMITED) as c:
        agent = c.enrol()
        for again in (b"[],", b"{},", b'{"a":{}},', b'"",', b"1,"):
            size = (4 << 20) - 1000
            for before, behind in ((b'{"licenses": [', b"1]}"), (b"[", b"1]"),
                                   (b'{"sightings": [[', b"1]]}")):
                data = before + again * ((size - 30) // len(again)) + behind
                with Wire(c, agent) as wire:
                    equal(wire.ask(post_bytes(data))[0], 400, again, before)
            said(f"4 MiB of {again.decode()}: at most {c.most_kb()} kB, {c.memory_kb()} kB now")
        check(hostile.is_sanitized(c.program) or c.most_kb() < 256 << 10, c.most_kb())
        serves(c, agent)


# ---- Rates ------------------------------------------------------------------------------------


def test_a_server_that_reports_too_often_is_told_when_to_come_back(ctl):
    with door.Collector(ctl, server_burst=5, server_per_minute=1) as c:
        agent, other = c.enrol("one"), c.enrol("two")
        serves(c, agent, 5)
        for _ in range(10):
            answer = agent.post(door.report(counter=99))
            equal(answer.status, 429, answer)
            check(1 <= int(answer.headers["Retry-After"]) <= 60, answer)
        serves(c, other, 5)
        equal(c.metrics()["fairuse_answers_limited_total"], 10)
        equal(c.log().count("rate-limited"), 1)


# ---- The end ----------------------------------------------------------------------------------


def test_it_ends_whoever_is_still_there(ctl):
    with door.Collector(ctl, drain_timeout="3s", body_timeout="10m", idle_timeout="10m",
                        handshake_timeout="10m", **UNLIMITED) as c, Crowd(c) as crowd:
        c.enrol_many(1)
        agent, hello = c.enrol(), hostile.client_hello(c)
        crowd.come(100, hello)
        for say in (b"", post_bytes(b"", 100)[:50], post_bytes(b"", 100)) * 10:
            s = c.connect(agent)
            s.sendall(say)
            crowd.sockets.append(s)
        with hostile.idlers(c, 200, 600):
            equal(open_now(c), 330)
            equal(c.end(), 0, c.log())


# ---- Running them -----------------------------------------------------------------------------


def timed(case):
    @functools.wraps(case)
    def run(ctl):
        began = time.monotonic()
        try:
            case(ctl)
        finally:
            print(f"{time.monotonic() - began:6.1f} s  {case.__name__[5:]}", flush=True)
    return run


world.run_cases({name: timed(case) if name.startswith("test_") else case
                 for name, case in globals().items()})
