"""fairuse-look: one look at a server's licences, mailboxes and hosts, from outside."""

import fcntl
import glob
import os
import subprocess
import time

import agent_messages
import ctl_world as world
import look_world
from ctl_world import check, equal

KEYS, MAILBOXES, FOLDERS, NAMES = 1, 2, 4, 8
USAGE, DATA, CONFIG, IO = 64, 65, 78, 74
MACHINE = "00112233445566778899aabbccddeeff" * 2
# base64 of [{"version":1,"value":"<MACHINE>"}]
MACHINE_BASE64 = ("W3sidmVyc2lvbiI6MSwidmFsdWUiOiIwMDExMjIzMzQ0NTU2Njc3ODg5OWFhYmJjY2RkZWVmZjAwMTEy"
                  "MjMzNDQ1NTY2Nzc4ODk5YWFiYmNjZGRlZWZmIn1d")
TICKET = "marker-" + "of-the-update-" + "ticket"


def setting(what, text):
    return agent_messages.encode("setting", what=what, text=text)


# ---- Licences ---------------------------------------------------------------------------------


def test_a_licence_is_said_with_all_its_fields(ctl):
    server = look_world.Server(ctl).key(
        "keyAbCdEf", "PLSK.01234567", version="0003", product="plesk-unified",
        expires=world.days_from_now(30), edition="web-pro", machine=MACHINE_BASE64)
    seen = server.look("--no-mailboxes")
    found = seen.of("license")[0]
    since = found.pop("since_s")
    equal(found, {"kind": "license", "license": "PLSK.01234567", "version": "0003",
                  "product": "plesk-unified", "edition": "web-pro",
                  "expires": world.days_from_now(30), "machine_id": MACHINE})
    now = time.clock_gettime(time.CLOCK_BOOTTIME)
    check(now - 60 < since <= now, since, now)
    equal(seen.end, {"kind": "end", "troubles": 0, "has_counted": False, "why": ""})


def test_every_spelling_is_one_licence(ctl):
    server = look_world.Server(ctl)
    for number, version in (("PLSK.01234567", ""), ("PLSK.01234567.0003", "0003"),
                            ("PLSK012345670003", "0003"), ("plsk.01234567", ""),
                            ("plsk012345670003", "0003")):
        server.key("keyA", number)
        equal(server.look("--no-mailboxes").licenses(), [f"PLSK.01234567/{version}"], number)
    server.key("keyA", "PLSK.01234567", version="0004", core=look_world.CORE_2)
    equal(server.look("--no-mailboxes").licenses(), ["PLSK.01234567/0004"], "the older namespace")


def test_no_licence_is_no_trouble(ctl):
    server = look_world.Server(ctl)
    none = {"kind": "end", "troubles": 0, "has_counted": False, "why": ""}
    equal(server.look("--no-mailboxes").messages, [none], "an empty folder")
    for number in ("PLSK.00000000", "plsk.00000000.0000", "plsk000000000000"):
        server.key("keyA", number)
        equal(server.look("--no-mailboxes").messages, [none], number)
    server.settings["keys"] = str(server.root / "nowhere")
    equal(server.look("--no-mailboxes").messages, [none], "no Plesk")


def test_stale_keys_are_not_said(ctl):
    """A listed licence counts as seen here, so a stale one must not be listed."""
    later, soon, past = (world.days_from_now(days) for days in (60, 5, -20))
    server = look_world.Server(ctl).key("keyA", "PLSK.00000001", version="0007", expires=past)
    server.key("keyB", "PLSK.00000002", version="0002", expires=later)
    server.key("keyC", "PLSK.00000002", version="0001", expires=soon)
    server.key("keyD", "EXT.00000003", product="ext-acme-tools", expires=later)
    server.key("keyE", "EXT.00000004", product="ext-acme-other", expires=past)
    equal(server.look("--no-mailboxes").licenses(), ["PLSK.00000002/0002", "EXT.00000003/"])
    (server.root / "registry.xml").write_text(
        f'<keys><key file="{server.keys}/keyA"/></keys>')
    equal(server.look("--no-mailboxes").licenses(), ["PLSK.00000001/0007", "EXT.00000003/"],
          "the registry goes before")


def test_the_key_of_an_old_panel_is_found(ctl):
    server = look_world.Server(ctl)
    server.settings["keys"] = str(server.root / "nowhere")
    (server.root / "psa.key").write_text(
        look_world.key_text("PLSK012345670009", core=look_world.CORE_2))
    equal(server.look("--no-mailboxes").licenses(), ["PLSK.01234567/0009"])


def test_a_broken_file_beside_a_key_is_said_and_no_more(ctl):
    server = look_world.Server(ctl).key("keyA", "PLSK.00000001")
    (server.keys / "keyB").write_text("<broken")
    with open(server.keys / "keyHuge", "wb") as file:
        file.truncate(1 << 40)
    seen = server.look("--no-mailboxes")
    equal(seen.licenses(), ["PLSK.00000001/"])
    equal(seen.end["troubles"], 0)
    check("/keys/key" in seen.end["why"] and "1 more" in seen.end["why"], seen.end)


def test_what_is_not_known_is_said_to_be_so(ctl):
    server = look_world.Server(ctl)
    (server.keys / "keyB").write_text("<broken")
    seen = server.look("--no-mailboxes")
    equal((seen.licenses(), seen.end["troubles"]), ([], KEYS), "nothing but a broken key")
    (server.keys / "keyB").unlink()
    if os.geteuid() != 0:
        return  # the look is as we are: what it may not read, we may not make
    server.key("keyA", "PLSK.00000001").keys.chmod(0o700)
    seen = server.look("--no-mailboxes")
    equal((seen.licenses(), seen.end["troubles"]), ([], KEYS), "a folder of others")
    check("Permission denied" in seen.end["why"] and "swkey-data" in seen.end["why"], seen.end)
    server.keys.chmod(0o755)
    (server.keys / "keyA").chmod(0o600)
    seen = server.look("--no-mailboxes")
    equal((seen.licenses(), seen.end["troubles"]), ([], KEYS), "a file of others")
    check("keyA: Permission denied" in seen.end["why"], seen.end)


# ---- The update ticket ------------------------------------------------------------------------


def memory_of(pid):
    """All bytes of a process that can be read, one piece at a time."""
    with open(f"/proc/{pid}/maps", encoding="ascii") as maps, \
            open(f"/proc/{pid}/mem", "rb", buffering=0) as memory:
        for line in maps:
            start, end = (int(word, 16) for word in line.split()[0].split("-"))
            if line.split()[1][0] != "r" or end - start > 1 << 30:
                continue  # sanitizers map terabytes that hold nothing
            try:
                yield os.pread(memory.fileno(), end - start, start)
            except OSError:
                continue  # the kernel's own pages


def held_at_its_end(server):
    """A look that has done all but say its last words: its standard output is full."""
    reader, writer = os.pipe()
    fcntl.fcntl(writer, fcntl.F_SETPIPE_SZ, 4096)
    os.write(writer, bytes(4096))
    process = subprocess.Popen(server.command("--no-mailboxes"), stdin=subprocess.DEVNULL,
                               stdout=writer, stderr=subprocess.PIPE)
    os.close(writer)
    for _ in range(1000):
        with open(f"/proc/{process.pid}/wchan", encoding="ascii") as file:
            if "pipe" in file.read() or process.poll() is not None:
                break
        time.sleep(0.02)
    return process, reader


def test_the_update_ticket_leaves_no_trace(ctl):
    """Neither in what is said, nor on disk, nor in the memory of the look at its end."""
    server = look_world.Server(ctl).key("keyA", "PLSK.00000001", ticket=TICKET)
    (server.keys / "keyB").write_text(
        look_world.key_text("PLSK.00000002", ticket=TICKET).replace("</p:key>", "</p:kex>"))
    marker = TICKET.encode()
    ran = server.run("--no-mailboxes")
    equal(ran.returncode, 0, ran.stderr)
    check(marker not in ran.stdout + ran.stderr)
    for path in glob.glob(f"{server.root}/state/**", recursive=True):
        if os.path.isfile(path):
            with open(path, "rb") as file:
                check(marker not in file.read(), path)
    process, reader = held_at_its_end(server)
    try:
        equal(process.poll(), None, "it waits to be read")
        pieces = list(memory_of(process.pid))
    except PermissionError:
        return  # a container that lets nobody look: the unit tests have looked at themselves
    finally:
        process.kill()
        process.wait()
        process.stderr.close()
        os.close(reader)
    check(any(b"PLSK" in piece for piece in pieces), "the memory was really read")
    check(not any(marker in piece for piece in pieces))


# ---- Mailboxes --------------------------------------------------------------------------------


def full_server(ctl):
    """Three domains with 2, 1 and 1 mailboxes, in folders alone."""
    server = look_world.Server(ctl).key("keyA", "PLSK.00000001")
    server.mailbox("filtered.example", "ann").mailbox("filtered.example", "bob")
    server.mailbox("direct.example", "cas").mailbox("silent.example", "dirk")
    server.settings["mx_suffixes"] = ["spam.test"]
    return server


ANSWERS = {("filtered.example", look_world.MX): [look_world.mx("mx1.spam.test")],
           ("direct.example", look_world.MX): [look_world.mx("mail.direct.example")],
           ("silent.example", look_world.MX): look_world.SERVFAIL}


def test_filtered_domains_are_counted(ctl):
    server = full_server(ctl)
    with look_world.Resolver(ANSWERS) as resolver:
        server.settings["resolvers"] = [f"127.0.0.1:{resolver.port}"]
        seen = server.look()
    equal(seen.domains(), {"filtered.example": (2, True)})
    equal((seen.end["troubles"], seen.end["has_counted"]), (FOLDERS | NAMES, True))
    gap = seen.of("gap")[0]
    equal((gap["what"], gap["lost"]), ("mailboxes", 1), "the domain of which nothing is known")
    equal(seen.licenses(), ["PLSK.00000001/"])


def test_all_domains_are_said_on_demand_but_for_those_not_known(ctl):
    server = full_server(ctl)
    server.settings["all_domains"] = True
    with look_world.Resolver(ANSWERS) as resolver:
        server.settings["resolvers"] = [f"127.0.0.1:{resolver.port}"]
        seen = server.look()
    equal(seen.domains(), {"filtered.example": (2, True), "direct.example": (1, False)})
    equal([gap["lost"] for gap in seen.of("gap")], [1])


def test_the_collectors_suffixes_come_on_top(ctl):
    server = full_server(ctl)
    wishes = setting("mx-suffix", "direct.example") + agent_messages.encode(
        "setting", what="interval", number=900)
    with look_world.Resolver(ANSWERS) as resolver:
        server.settings["resolvers"] = [f"127.0.0.1:{resolver.port}"]
        seen = server.look(stdin=wishes)
    equal(seen.domains(), {"filtered.example": (2, True), "direct.example": (1, True)})


def test_nothing_is_counted_where_nobody_wants_it(ctl):
    server = full_server(ctl)
    for words, counts in ((["--no-mailboxes"], True), ([], False)):
        server.settings["count_mailboxes"] = counts
        seen = server.look(*words)
        equal((seen.domains(), seen.of("gap")), ({}, []), words)
        equal(seen.end, {"kind": "end", "troubles": 0, "has_counted": False, "why": ""}, words)


def test_where_nothing_can_be_counted_it_is_said(ctl):
    server = look_world.Server(ctl).key("keyA", "PLSK.00000001")
    seen = server.look()
    equal((seen.end["troubles"], seen.end["has_counted"]), (MAILBOXES, False))
    check(seen.end["why"], seen.end)
    equal(seen.licenses(), ["PLSK.00000001/"])


# ---- Hosts ------------------------------------------------------------------------------------


def test_key_servers_and_collectors_are_found(ctl):
    server = look_world.Server(ctl)
    server.settings["key_servers"] = ["ka.key.test:5224", "198.51.100.7"]
    server.settings["collectors"] = ["https://collector.test:9443"]
    answers = {("ka.key.test", look_world.A): [look_world.ipv4("198.51.100.5"),
                                               look_world.ipv4("198.51.100.6")],
               ("more.key.test", look_world.A): [look_world.ipv4("198.51.100.8")],
               ("collector.test", look_world.A): [look_world.ipv4("203.0.113.1")]}
    with look_world.Resolver(answers) as resolver:
        server.settings["resolvers"] = [f"127.0.0.1:{resolver.port}"]
        seen = server.look("--no-mailboxes", stdin=setting("key-server", "more.key.test"))
    found = {(m["address"], m["port"], m["is_collector"]) for m in seen.of("target")}
    equal(found, {("198.51.100.5", 5224, False), ("198.51.100.6", 5224, False),
                  ("198.51.100.7", 443, False), ("198.51.100.8", 443, False),
                  ("203.0.113.1", 9443, True)})
    equal(seen.end["troubles"], 0, seen.end)


def test_the_collector_that_was_enrolled_with_is_one(ctl):
    server = look_world.Server(ctl)
    (server.root / "state" / "collector").write_text("https://198.51.100.9/fair\nmore\n")
    seen = server.look("--no-mailboxes")
    equal([(m["address"], m["port"], m["is_collector"]) for m in seen.of("target")],
          [("198.51.100.9", 443, True)])


def test_a_host_that_is_not_found_is_said(ctl):
    server = look_world.Server(ctl).key("keyA", "PLSK.00000001")
    server.settings["key_servers"] = ["ka.key.test", "198.51.100.7"]
    with look_world.Resolver({}) as resolver:
        server.settings["resolvers"] = [f"127.0.0.1:{resolver.port}"]
        seen = server.look("--no-mailboxes")
    equal([m["address"] for m in seen.of("target")], ["198.51.100.7"])
    equal(seen.end["troubles"], NAMES)
    check(seen.end["why"], seen.end)


# ---- The command ------------------------------------------------------------------------------


def test_standard_input_is_judged(ctl):
    server = look_world.Server(ctl)
    whole = setting("mx-suffix", "spam.test")
    for stdin, why in ((whole[:-1], "cut off"), (b"\xff" * 20, "no message"),
                       (agent_messages.encode("end"), "of another kind"),
                       (whole + b"\x07", "a byte too many"),
                       (setting("mx-suffix", "no name"), "no domain")):
        ran = server.run("--no-mailboxes", stdin=stdin)
        equal((ran.returncode, ran.stdout), (DATA, b""), why)
        check(ran.stderr.startswith(b"fairuse-look: standard input"), ran.stderr)
    equal(server.look("--no-mailboxes", stdin=whole * 2000).end["troubles"], 0, "many")


def test_whoever_does_not_listen_is_told(ctl):
    server = look_world.Server(ctl)
    reader, writer = os.pipe()
    os.close(reader)
    ran = subprocess.run(server.command("--no-mailboxes"), stdin=subprocess.DEVNULL,
                         stdout=writer, stderr=subprocess.PIPE, check=False, timeout=60)
    os.close(writer)
    equal(ran.returncode, IO)
    check(b"standard output" in ran.stderr, ran.stderr)


def test_words_and_settings_are_judged(ctl):
    server = look_world.Server(ctl)
    for words in (["frobnicate"], ["setup", "more"], ["--frobnicate"], ["--dry-run"],
                  ["setup", "--no-mailboxes"], ["-c"]):
        ran = subprocess.run([server.program, *words], capture_output=True, check=False,
                             timeout=60)
        equal((ran.returncode, ran.stdout), (USAGE, b""), words)
        check(ran.stderr, words)
    for words, start in ((["--help"], b"fairuse-look [-c FILE]"),
                         (["--version"], b"fairuse-look ")):
        ran = subprocess.run([server.program, *words], capture_output=True, check=False,
                             timeout=60)
        equal((ran.returncode, ran.stderr), (0, b""), words)
        check(ran.stdout.startswith(start), ran.stdout)
    server.settings["frobnicate"] = 1
    ran = server.run()
    equal((ran.returncode, ran.stdout), (CONFIG, b""))
    check(b"agent.conf:" in ran.stderr and b"frobnicate" in ran.stderr, ran.stderr)
    ran = subprocess.run([server.program, "-c", f"{server.root}/none.conf"], capture_output=True,
                         check=False, timeout=60)
    equal((ran.returncode, ran.stdout), (CONFIG, b""))


world.run_cases(globals())
