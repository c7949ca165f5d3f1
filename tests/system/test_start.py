"""What the daemon says when it is not started: a command line or a file that is wrong is named,
with what to do, and nothing half is begun."""

import pathlib
import shutil
import subprocess

import ctl_world as world
import door_world as door
from ctl_world import check, equal

USAGE, UNAVAILABLE, CONFIG = 64, 69, 78


def serve(c, *words):
    """To its end; for what ends by itself."""
    return c.ctl.raw(words or c.command())


def refuses(c, code, *said):
    ran = serve(c)
    equal((ran.code, ran.out), (code, ""), ran)
    check("listening" not in ran.err and all(word in ran.err for word in said), said, ran.err)


def test_a_wrong_command_line_is_named(ctl):
    program = str(pathlib.Path(ctl.program).with_name("fairuse-collector"))
    for words, said in (([], "what is to be done?"), (["go"], '"go"'), (["serve", "x"], '"x"'),
                        (["serve", "--go"], '"--go"'), (["serve", "-x"], '"-x"'),
                        (["serve", "-c"], "-c wants"), (["serve", "--config"], "-c wants"),
                        (["serve", "--store"], "--store wants"), (["--help=1"], '"--help=1"'),
                        (["\x1b[31m"], "no command"), (["--\x1b[31m"], "no option"),
                        (["serve", "\x1b[31m"], "one too many")):
        ran = ctl.raw([program, *words])
        equal((ran.code, ran.out, ran.err.count("\n")), (USAGE, "", 1), words, ran)
        check(ran.err.startswith("fairuse-collector: ") and said in ran.err, words, ran.err)
        check("fairuse-collector --help" in ran.err and "\x1b" not in ran.err, words, ran.err)


def test_options_may_stand_anywhere(ctl):
    ctl.path("a.conf").write_text("")
    program = str(pathlib.Path(ctl.program).with_name("fairuse-collector"))
    for words in (["-c", "a.conf", "check-config"], ["check-config", "--config=a.conf"],
                  ["--store", "sqlite:x", "check-config", "-ca.conf"]):
        equal(ctl.raw([program, *words]).code, 0, words)


def test_a_store_that_is_not_there(ctl):
    c = door.Collector(ctl)
    refuses(c, UNAVAILABLE, "store.db: no such store", "store init")
    equal(serve(c).err.count("store init"), 1, "what to do is said once")


def brought_along(c, *words):
    """The settings of a certificate made by openssl under the collector's authority."""
    run = openssl_of(c)
    run("req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
        "-keyout", "own.key", "-out", "own.csr", "-subj", "/CN=localhost")
    c.path("own.ext").write_text("subjectAltName=DNS:localhost\nextendedKeyUsage=serverAuth\n")
    run("x509", "-req", "-in", "own.csr", "-CA", "store.db.ca.pem", "-CAkey", "store.db.ca.key",
        "-extfile", "own.ext", "-out", "own.pem", *words)
    c.path("own.key").chmod(0o600)
    c.settings.update(certificate=str(c.path("own.pem")), key=str(c.path("own.key")))
    c.write_config()


def openssl_of(c):
    return lambda *words: subprocess.run(["openssl", *words], cwd=c.ctl.folder, check=True,
                                         capture_output=True)


def test_a_certificate_that_was_brought_along_is_shown(ctl):
    c = door.Collector(ctl).install()
    brought_along(c, "-days", "9")
    with c.start():
        equal(c.enrol().post(door.report()).status, 200)


def test_a_key_that_is_not_the_certificates_is_named(ctl):
    c = door.Collector(ctl).install()
    brought_along(c, "-days", "9")
    shutil.copy(c.path("store.db.ca.key"), c.path("own.key"))
    refuses(c, CONFIG, "own.pem", "own.key", "do not match")


def test_a_key_that_everybody_may_read_is_refused(ctl):
    c = door.Collector(ctl).install()
    brought_along(c, "-days", "9")
    c.path("own.key").chmod(0o644)
    refuses(c, CONFIG, "own.key", "0644", "chmod")


if __name__ == "__main__":
    world.run_cases(globals())
