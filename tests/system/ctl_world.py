"""Small worlds for tests of fairusectl from outside: months, estates and reports relative to
today (`ledger close` asks the real clock), and a way to run the program."""

import datetime
import json
import os
import pathlib
import subprocess
import uuid
import zoneinfo

ZONE = zoneinfo.ZoneInfo("Europe/Amsterdam")  # the default of `time_zone`
DAY = 86400


class Month:
    """One period: a calendar month in Amsterdam."""

    def __init__(self, number):
        self.number = number  # months since year 0

    @classmethod
    def back(cls, months):
        """The month `months` before the present one."""
        today = datetime.datetime.now(ZONE)
        return cls(today.year * 12 + today.month - 1 - months)

    def plus(self, months):
        return Month(self.number + months)

    def __str__(self):
        return f"{self.number // 12:04d}-{self.number % 12 + 1:02d}"

    def start(self):
        """Its first moment, in Unix seconds."""
        first = datetime.datetime(self.number // 12, self.number % 12 + 1, 1, tzinfo=ZONE)
        return int(first.timestamp())

    def end(self):
        return self.plus(1).start()

    def day(self, number):
        """The date of a day of the month, from 1."""
        return f"{self}-{number:02d}"


def days_from_now(days):
    """A date in Amsterdam, `days` from today."""
    return (datetime.datetime.now(ZONE) + datetime.timedelta(days=days)).strftime("%Y-%m-%d")


def boot(name):
    """A boot_id that is always the same for a name."""
    return str(uuid.uuid5(uuid.NAMESPACE_DNS, name))


def seen(license_key, address, first, last, source="keyserver"):
    return {"license": license_key, "address": address, "source": source, "first": first,
            "last": last}


def counted(domain, mailboxes, first, last, **more):
    row = {"domain": domain, "mailboxes": mailboxes, "aliases": 0, "forwards": 0, "lists": 0,
           "catch_all": False, "alias_domains": 0, "filtered": True, "first": first,
           "last": last}
    row.update(more)
    return row


def recorded(server, counter, at, sightings=(), mailboxes=(), machine=None):
    """One line of a file of recorded reports: sent late (not live), by the server's first
    machine or by the one named."""
    return {"server": server, "sent_at": at, "received_at": at, "peer": None,
            "report": {"format": 1, "boot_id": boot(machine or server), "counter": counter,
                       "live": False, "sightings": list(sightings),
                       "mailboxes": list(mailboxes)}}


def daily(server, license_key, address, first, last, machine=None, counter=1):
    """A report a day over [first, last]: presence without a break."""
    lines = []
    while first < last:
        end = min(first + DAY, last)
        lines.append(recorded(server, counter, end,
                              [seen(license_key, address, first, end)], machine=machine))
        first, counter = end, counter + 1
    return lines


def write_lines(path, lines):
    pathlib.Path(path).write_text("".join(json.dumps(line) + "\n" for line in lines))


def write_json(path, value):
    pathlib.Path(path).write_text(json.dumps(value, indent=1) + "\n")


class Ran:
    """What a run of the program gave."""

    def __init__(self, code, out, err):
        self.code, self.out, self.err = code, out, err

    def __repr__(self):
        return f"exit {self.code}\n--- stdout\n{self.out}--- stderr\n{self.err}---"


class Ctl:
    """fairusectl with one store in a folder of its own."""

    def __init__(self, program, folder, config=None):
        self.program, self.folder = str(pathlib.Path(program).resolve()), pathlib.Path(folder)
        self.config = config

    def path(self, name):
        return self.folder / name

    def command(self, *words):
        where = ["-c", self.config] if self.config else ["--store", "sqlite:store.db"]
        return [self.program, *where, *map(str, words)]

    def run(self, *words, **more):
        return self.raw(self.command(*words), **more)

    def raw(self, command, text=True, **more):
        env = {**os.environ, "LC_ALL": "C.UTF-8", **more.pop("env", {})}
        done = subprocess.run(command, cwd=self.folder, env=env, stdin=subprocess.DEVNULL,
                              capture_output=True, text=text, errors=None, check=False,
                              timeout=120, **more)
        return Ran(done.returncode, done.stdout, done.stderr)

    def must(self, *words):
        """Runs what cannot fail, and gives its output."""
        ran = self.run(*words)
        if ran.code != 0:
            raise AssertionError(f"{' '.join(map(str, words))}: {ran}")
        return ran.out
