"""The small world of the fault tests: two resellers with charges, six licences on twenty
machines, 600 reports in three batches; and what a store holds, as text that two stores of the
same content share."""

import hashlib
import json
import pathlib
import re
import sqlite3
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "system"))
import ctl_world as world  # noqa: E402 (the path is made above)

BATCH = 256  # reports a commit of `import reports`
MACHINES, DAYS = 20, 30
PERIOD = world.Month.back(2)  # ended more than a month ago: it can be closed
AS_OF = PERIOD.end() + 10 * world.DAY


def license_key(number):
    return f"PLSK.{number:08d}"


def estate(limit=1000):
    return {
        "account_managers": [{"id": "am1", "name": "Ann", "email": "ann@example.nl",
                              "language": "nl"}],
        "resellers": [
            {"id": "r1", "name": "One", "account_manager": "am1", "email": "r@one.nl",
             "language": "nl", "currency": "EUR", "billing": "live",
             "networks": ["5.9.0.0/16"]},
            {"id": "r2", "name": "Two", "account_manager": "am1", "currency": "JPY"}],
        "licenses": [{"license": license_key(n), "reseller": "r1" if n <= 3 else "r2",
                      "product": "web pro", "from": "2020-01-01"} for n in range(1, 7)],
        "domains": [{"domain": f"example{n}.nl", "reseller": "r1", "limit": limit}
                    for n in range(4)],
        "servers": [{"server": f"srv-{n}", "reseller": "r1" if n % 6 < 3 else "r2"}
                    for n in range(MACHINES)],
        "tariffs": [
            {"kind": "extra-ip", "currency": "EUR", "unit_price": "12.50", "from": "2020-01-01"},
            {"kind": "extra-ip", "currency": "JPY", "unit_price": "150", "from": "2020-01-01"},
            {"kind": "mailboxes", "currency": "EUR", "unit_price": "0.10", "block": 10,
             "from": "2020-01-01"}]}


def reports():
    """A report a machine and day: every licence is on three machines or four."""
    lines = []
    for day in range(DAYS):
        for n in range(MACHINES):
            first = PERIOD.start() - 5 * world.DAY + day * world.DAY
            last = first + world.DAY
            sightings = [world.seen(license_key(n % 6 + 1), f"5.9.0.{10 + n}", first, last)]
            rows = [world.counted(f"example{n}.nl", 1200 + n, first, last)] if n < 4 else []
            lines.append(world.recorded(f"srv-{n}", day + 1, last, sightings, rows))
    return lines


def listing():
    """The vendor's listing of the licences, with secrets."""
    return {"code": 0, "desc": "", "data": {"total": 6, "results": [
        {"key_id": n, "key_number": license_key(n), "parent_key_id": 0, "product": "plesk",
         "title": "web", "status": "ACT", "order_date": "2020-01-05 11:07:35",
         "expiration_date": "2027-12-04 18:00:00", "ip_address_binding": f"5.9.0.{n}",
         "activation_code": "A00X00-SECRET-XXXX00"} for n in range(1, 7)]}}


def make_inputs(folder):
    """The files that commands read."""
    folder = pathlib.Path(folder)
    world.write_json(folder / "estate.json", estate())
    world.write_json(folder / "estate2.json", estate(limit=900))
    world.write_json(folder / "listing.json", listing())
    lines = reports()
    world.write_lines(folder / "reports.jsonl", lines)
    for n in range(BATCH, len(lines), BATCH):
        world.write_lines(folder / f"reports{n}.jsonl", lines[:n])


def older_store(schema):
    """The bytes of a store of an earlier schema, as the program of that schema left it."""
    sql = pathlib.Path(__file__).resolve().parent.parent / "contract" / f"schema{schema}.sql"
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "store.db"
        db = sqlite3.connect(path, isolation_level=None)
        db.executescript(sql.read_text())
        db.close()
        return path.read_bytes()


# ---- What a store holds -----------------------------------------------------------------------


def without_times(body):
    """A ledger's body, less what the clock and the chain put into it."""
    value = json.loads(body)
    return json.dumps({k: v for k, v in value.items() if k not in ("time", "previous_hash")},
                      sort_keys=True)


def names_of(db):
    """The numbers of servers and machines differ between stores of one content."""
    servers = dict(db.execute("SELECT id, name FROM server"))
    machines = {n: f"{servers[server]}/{boot.hex()}"
                for n, server, boot in db.execute("SELECT id, server, boot FROM machine")}
    return servers, machines


def row_text(table, row, servers, machines):
    said = []
    for column, value in zip(row.keys(), row):
        if column == "hash" or (column == "id" and table in ("server", "machine")):
            continue
        if column == "body":
            value = without_times(value)
        if column == "machine":
            value = machines[value]
        if column == "server" and isinstance(value, int):
            value = servers[value]
        if (table, column) in (("server", "retired"), ("event", "at")):
            value = value is not None  # at the time of the command
        said.append(f"{column}={value!r}")
    return f"{table}: {' '.join(said)}"


def dump(path):
    """Everything in a store, one sorted line a row."""
    db = sqlite3.connect(path)
    try:
        db.row_factory = sqlite3.Row
        if [r[0] for r in db.execute("PRAGMA integrity_check")] != ["ok"]:
            raise AssertionError("SQLite calls the file damaged")
        servers, machines = names_of(db)
        tables = [r[0] for r in db.execute("SELECT name FROM sqlite_schema WHERE type = 'table'"
                                           " AND name NOT LIKE 'sqlite_%'")]
        lines = [row_text(table, row, servers, machines) for table in tables
                 for row in db.execute(f"SELECT * FROM {table}")]
        lines.append(f"schema: {db.execute('PRAGMA user_version').fetchone()[0]}")
    finally:
        db.close()
    return "\n".join(sorted(lines))


HASH = re.compile(r"\b[0-9a-f]{64}\b")


def without_hashes(text):
    """Output of a closing: the ledger's head depends on the clock."""
    return HASH.sub("HASH", text)


def digest(files):
    """What the store's files say: all but the index, which is made anew."""
    h = hashlib.sha256()
    for name in sorted(files):
        if not name.endswith("-shm"):
            h.update(f"{name}:{len(files[name])}:".encode() + files[name])
    return h.hexdigest()
