"""Nights for tests of `fairusectl report`: a month of evidence, a mail program that keeps what
it is given, and mails read back by Python's own parser."""

import csv
import datetime
import email
import email.policy
import io
import json
import pathlib
import stat

import ctl_world as world
from ctl_world import equal

FROM = "fairuse@distributor.example"

# A stand-in for sendmail(8): -i -f SENDER -- RECIPIENT. Each mail is a file; `fail` in the
# folder, if it is there, is the exit code.
SENDMAIL = """#!/bin/sh
cd "$(dirname "$0")/mail" || exit 74
if [ -e fail ]; then cat >/dev/null; exit "$(cat fail)"; fi
n=$(ls | wc -l)
printf '%s\\n' "$@" >"$(printf %04d "$n").args"
cat >"$(printf %04d "$n").eml"
"""


class Mail:
    """One mail, parsed."""

    def __init__(self, raw, recipient=None):
        self.raw = raw
        self.message = email.message_from_bytes(raw, policy=email.policy.default)
        self.recipient = recipient

    def __getitem__(self, name):
        return str(self.message[name])

    def part(self, kind):
        found = [p for p in self.message.walk() if p.get_content_type() == kind]
        return found[0].get_content() if found else None

    @property
    def text(self):
        return self.part("text/plain").replace("\r\n", "\n")

    @property
    def html(self):
        return self.part("text/html").replace("\r\n", "\n")

    def files(self, kind):
        """(name, bytes) of every part of a type."""
        return [(p.get_filename(), p.get_payload(decode=True))
                for p in self.message.walk() if p.get_content_type() == kind]

    def tables(self):
        """The attached CSV files, by name, as lists of dictionaries."""
        found = {}
        for name, raw in self.files("text/csv"):
            rows = csv.DictReader(io.StringIO(raw.decode("utf-8-sig"), newline=""))
            found[name] = list(rows)
        return found

    def defects(self):
        return [d for p in self.message.walk() for d in p.defects]


class Nights:
    """A store with a mail program, and reports of any night."""

    def __init__(self, ctl, scene, mail=""):
        self.ctl = ctl
        program = ctl.path("sendmail")
        program.write_text(SENDMAIL)
        program.chmod(program.stat().st_mode | stat.S_IXUSR)
        self.folder = ctl.path("mail")
        self.folder.mkdir(exist_ok=True)
        self.configure(mail or f'sendmail = "{program.resolve()}";')
        scene.install(ctl)

    def configure(self, mail, more=""):
        self.ctl.path("conf").write_text(
            f'store = "sqlite:store.db";\n{more}\n'
            f'mail = {{ from = "{FROM}"; from_name = "Fair use"; {mail} }};\n')
        self.ctl.config = "conf"

    def send(self, at, *words, code=0, **more):
        """The night as of `at` (Unix seconds), told."""
        ran = self.ctl.run("report", "--send", "--as-of", at, *words, **more)
        equal(ran.code, code, ran)
        return ran

    def mails(self):
        """What the program was given, in that order."""
        found = []
        for path in sorted(self.folder.glob("*.eml")):
            words = path.with_suffix(".args").read_text().splitlines()
            equal(words[:2] + words[3:4], ["-i", "-f", "--"], words)
            found.append(Mail(path.read_bytes(), words[4]))
        return found

    def forget(self):
        for path in self.folder.iterdir():
            path.unlink()

    def night(self, at, *words, **more):
        """Sends, and gives the mails of this night alone, by recipient."""
        self.forget()
        self.send(at, *words, **more)
        return {mail.recipient: mail for mail in self.mails()}

    def status(self):
        return json.loads(self.ctl.must("report", "status", "--format", "json"))

    def models(self, run="last"):
        """What was kept of a run: the readers' models, by reader."""
        shown = json.loads(self.ctl.must("report", "show", run, "--format", "json"))
        return {model["id"]: model for model in shown}


def moment(month, day, hour=3):
    """Unix seconds of an hour of a day of a month, in Amsterdam."""
    year, number = divmod(month.number, 12)
    return int(datetime.datetime(year, number + 1, day, hour, tzinfo=world.ZONE).timestamp())


def read(path):
    return pathlib.Path(path).read_bytes()
