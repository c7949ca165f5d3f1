"""A database like Plesk's, on a MariaDB of the tests' own: two generations of the schema, rows of
a seeded generator, and a second, plain count of them."""

import atexit
import os
import pathlib
import pwd
import random
import shutil
import signal
import subprocess
import tempfile
import time

AGENT = "nobody"  # who counts: the account's name is the system user's
TOOLS = {"mariadbd": "mariadb-server", "mariadb-install-db": "mariadb-server",
         "mariadb": "mariadb-client", "setpriv": "util-linux"}
SHELVES, PREFIX = "/dev/shm", "fairuse-psa-"

# ---- The server --------------------------------------------------------------------------------


def missing():
    """Why these tests cannot run here, in words; "" when they can."""
    if os.geteuid() != 0:
        return "a database that knows root by the socket needs root"
    for tool, package in TOOLS.items():
        if not shutil.which(tool):
            return f"{tool} is not there: it is in the package {package}"
    return ""


def as_user(name):
    user = pwd.getpwnam(name)
    return ["setpriv", f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups"]


def sweep():
    """Folders of tests that were killed."""
    for path in pathlib.Path(SHELVES).glob(f"{PREFIX}[0-9]*-*"):
        pid = path.name[len(PREFIX):].split("-")[0]
        if pid.isdigit() and not pathlib.Path("/proc", pid).exists():
            shutil.rmtree(path, ignore_errors=True)


class Server:
    """A MariaDB with grants, as the user mysql, in a folder on a tmpfs. It ends by its id."""

    def __init__(self):
        sweep()
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix=f"{PREFIX}{os.getpid()}-",
                                                    dir=SHELVES))
        self.process = None
        atexit.register(self.remove)
        shutil.chown(self.folder, "mysql")
        self.folder.chmod(0o755)
        for name in ("data", "tmp"):
            (self.folder / name).mkdir()
            shutil.chown(self.folder / name, "mysql")
        self.socket = self.folder / "s"
        done = subprocess.run(
            as_user("mysql") + ["mariadb-install-db", "--no-defaults",
                                f"--datadir={self.folder}/data", f"--tmpdir={self.folder}/tmp",
                                "--auth-root-authentication-method=socket", "--skip-test-db",
                                "--skip-name-resolve"],
            cwd="/", capture_output=True, text=True, timeout=120, check=False)
        if done.returncode != 0:
            raise AssertionError(f"mariadb-install-db: {done.stdout}{done.stderr}")
        self.start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.remove()

    def start(self):
        self.process = subprocess.Popen(
            as_user("mysql") + [  # it ends with us, however we do
                "setpriv", "--pdeathsig", "KILL", "mariadbd", "--no-defaults",
                f"--datadir={self.folder}/data",
                f"--socket={self.socket}", f"--pid-file={self.folder}/pid", "--skip-networking",
                f"--tmpdir={self.folder}/tmp", "--innodb-buffer-pool-size=32M",
                "--innodb-log-file-size=4M", "--innodb-use-native-aio=0",
                "--innodb-flush-log-at-trx-commit=0", "--performance-schema=OFF",
                "--skip-log-bin", f"--log-error={self.folder}/err.log"],
            cwd="/", stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        for _ in range(300):
            if self.ask("SELECT 1", check=False).returncode == 0:
                return
            if self.process.poll() is not None:
                break
            time.sleep(0.05)
        raise AssertionError((self.folder / "err.log").read_text()[-3000:])

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def remove(self):
        if self.process and self.process.poll() is None:
            self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)

    def client(self, *words):
        return ["mariadb", "--no-defaults", f"--socket={self.socket}", "-N", "-B", *words]

    def ask(self, sql, user=None, check=True, database=None):
        """As root, or as another system user."""
        words = self.client(*([database] if database else []))
        done = subprocess.run((as_user(user) if user else []) + words, input=sql, text=True,
                              capture_output=True, timeout=120, check=False)
        if check and done.returncode != 0:
            raise AssertionError(f"{sql[:300]}: {done.stderr}")
        return done

    def rows(self, sql, **more):
        return [line.split("\t") for line in self.ask(sql, **more).stdout.splitlines()]

    def grants(self, account=f"'{AGENT}'@'localhost'"):
        return sorted(row[0] for row in self.rows(f"SHOW GRANTS FOR {account}"))


# ---- Plesk's tables ----------------------------------------------------------------------------

# What every version has, with what must never be read.
COMMON = """
CREATE TABLE accounts (id INT UNSIGNED PRIMARY KEY AUTO_INCREMENT, type VARCHAR(32),
 password TEXT);
CREATE TABLE mail (id INT UNSIGNED PRIMARY KEY AUTO_INCREMENT, mail_name VARCHAR(245) NOT NULL,
 perm_id INT UNSIGNED, postbox ENUM('false','true') NOT NULL DEFAULT 'false',
 account_id INT UNSIGNED, redirect ENUM('false','true') NOT NULL DEFAULT 'false', {MAIL}
 mail_group ENUM('false','true') NOT NULL DEFAULT 'false',
 autoresponder ENUM('false','true') NOT NULL DEFAULT 'false',
 mbox_quota BIGINT NOT NULL DEFAULT -1, dom_id INT UNSIGNED NOT NULL,
 UNIQUE (dom_id, mail_name));
CREATE TABLE mail_aliases (id INT UNSIGNED PRIMARY KEY AUTO_INCREMENT, mn_id INT UNSIGNED NOT NULL,
 alias VARCHAR(245) NOT NULL, UNIQUE (mn_id, alias));
CREATE TABLE mail_redir (id INT UNSIGNED PRIMARY KEY AUTO_INCREMENT, mn_id INT UNSIGNED NOT NULL,
 address VARCHAR(245) NOT NULL);
CREATE TABLE MailLists (id INT UNSIGNED PRIMARY KEY AUTO_INCREMENT, name VARCHAR(245) NOT NULL,
 dom_id INT UNSIGNED NOT NULL, status BIGINT UNSIGNED NOT NULL DEFAULT 0);
CREATE TABLE DomainServices (id INT UNSIGNED PRIMARY KEY AUTO_INCREMENT, dom_id INT UNSIGNED,
 type ENUM('mail','tomcat','maillists') NOT NULL, status BIGINT UNSIGNED NOT NULL DEFAULT 0,
 parameters_id INT UNSIGNED, UNIQUE (dom_id, type));
CREATE TABLE Parameters (id INT UNSIGNED NOT NULL, parameter VARCHAR(64) NOT NULL, value TEXT,
 PRIMARY KEY (id, parameter));
"""
GENERATIONS = {
    "old": COMMON.format(MAIL="redir_addr VARCHAR(245),") + """
CREATE TABLE domains (id INT UNSIGNED PRIMARY KEY AUTO_INCREMENT, name VARCHAR(255) NOT NULL,
 displayName VARCHAR(255) NOT NULL, htype ENUM('none','vrt_hst','std_fwd','frm_fwd') NOT NULL,
 status BIGINT UNSIGNED NOT NULL DEFAULT 0, cl_id INT UNSIGNED NOT NULL DEFAULT 1, UNIQUE (name));
CREATE TABLE domainaliases (id INT UNSIGNED PRIMARY KEY AUTO_INCREMENT, dom_id INT UNSIGNED,
 name VARCHAR(255), status BIGINT UNSIGNED NOT NULL DEFAULT 0, dns ENUM('false','true'),
 mail ENUM('false','true') NOT NULL DEFAULT 'false', web ENUM('false','true'),
 tomcat ENUM('false','true'));
""",
    "new": COMMON.format(MAIL="userId INT UNSIGNED, description VARCHAR(255),") + """
CREATE TABLE domains (id INT UNSIGNED PRIMARY KEY AUTO_INCREMENT, name VARCHAR(255) NOT NULL,
 displayName VARCHAR(255) NOT NULL, htype ENUM('none','vrt_hst','std_fwd','frm_fwd') NOT NULL,
 status BIGINT UNSIGNED NOT NULL DEFAULT 0, cl_id INT UNSIGNED NOT NULL DEFAULT 1,
 guid VARCHAR(36), webspace_id INT UNSIGNED NOT NULL DEFAULT 0,
 parentDomainId INT UNSIGNED NOT NULL DEFAULT 0, UNIQUE (name));
CREATE TABLE domain_aliases (id INT UNSIGNED PRIMARY KEY AUTO_INCREMENT, dom_id INT UNSIGNED,
 name VARCHAR(255), displayName VARCHAR(255), status BIGINT UNSIGNED NOT NULL DEFAULT 0,
 dns ENUM('false','true'), mail ENUM('false','true') NOT NULL DEFAULT 'false',
 web ENUM('false','true'), tomcat ENUM('false','true'), seoRedirect ENUM('false','true'));
""",
}


def literal(value):
    return str(value) if isinstance(value, int) else "'" + value.replace("'", "''") + "'"


class Rows:
    """Rows as they are inserted, and what they amount to."""

    def __init__(self, generation):
        self.generation = generation
        self.alias_table = "domain_aliases" if generation == "new" else "domainaliases"
        self.columns, self.rows = {}, {}

    def add(self, table, **row):
        self.columns.setdefault(table, list(row))
        self.rows.setdefault(table, []).append(row)

    def of(self, table):
        return self.rows.get(table, [])

    def sql(self):
        parts = ["SET NAMES utf8mb4; DROP DATABASE IF EXISTS psa;"
                 "CREATE DATABASE psa CHARACTER SET utf8mb4; USE psa;",
                 GENERATIONS[self.generation]]
        for table, rows in self.rows.items():
            columns = self.columns[table]
            values = ",\n".join("(" + ",".join(literal(row[c]) for c in columns) + ")"
                                for row in rows)
            parts.append(f"INSERT INTO `{table}` ({','.join(columns)}) VALUES {values};")
        return "\n".join(parts)

    def counted(self):
        """{domain: (mailboxes, aliases, forwards, lists, alias domains, catch-all)}, row by
        row; and how many names were none."""
        result, refused = {}, 0
        for domain in self.of("domains"):
            services = [s for s in self.of("DomainServices")
                        if s["dom_id"] == domain["id"] and s["type"] == "mail"]
            if domain["status"] != 0:
                continue
            name = a_label(domain["name"])
            if name is None:
                refused += 1
                continue
            if any(s["status"] != 0 for s in services):
                continue
            numbers = self.numbers(domain["id"], services)
            before = result.get(name, (0, 0, 0, 0, 0, 0))
            result[name] = tuple(max(a, b) for a, b in zip(before, numbers))
        return result, refused

    def numbers(self, number, services):
        mail = [m for m in self.of("mail") if m["dom_id"] == number]
        ids = {m["id"] for m in mail}
        forwards = [m for m in mail if m["postbox"] == "false"
                    and "true" in (m["redirect"], m["mail_group"])]
        parameters = {s["parameters_id"] for s in services}
        caught = any(p["id"] in parameters and p["parameter"] == "nonexist_mail"
                     and p["value"] == "catch" for p in self.of("Parameters"))
        return (sum(m["postbox"] == "true" for m in mail),
                sum(a["mn_id"] in ids for a in self.of("mail_aliases")),
                len(forwards),
                sum(x["dom_id"] == number for x in self.of("MailLists")),
                sum(x["dom_id"] == number and x["mail"] == "true"
                    for x in self.of(self.alias_table)),
                int(caught))


# What the generator puts into `domains`, and what each is as an A-label; None: no domain's name.
ODD_NAMES = {"MIXED-Case.Example": "mixed-case.example", "xn--mller-kva.example":
             "xn--mller-kva.example", "müller.example": "xn--mller-kva.example",
             "straße.example": "xn--strae-oqa.example", "under_score.example":
             "under_score.example", "localhost": None, "192.0.2.1": None, "bad name.example": None,
             "": None}


def a_label(name):
    return ODD_NAMES.get(name, name)


def generate(seed, generation, domains=60):
    """Every combination that a row can have, and rows that count for nothing."""
    chance, rows = random.Random(seed), Rows(generation)
    names = list(ODD_NAMES) + [f"d{i}.example" for i in range(domains)]
    mail_id = 0
    for number, name in enumerate(names, 1):
        status = chance.choice((0, 0, 0, 0, 2, 16)) if number > len(ODD_NAMES) else 0
        rows.add("domains", id=number, name=name, displayName=name, htype="vrt_hst",
                 status=status)
        for service in ("mail", "tomcat", "maillists"):
            if chance.random() < 0.8:
                rows.add("DomainServices", dom_id=number, type=service,
                         status=chance.choice((0, 0, 0, 0, 1)),
                         parameters_id=number * 10 + len(service))
                rows.add("Parameters", id=number * 10 + len(service), parameter="nonexist_mail",
                         value=chance.choice(("catch", "bounce", "reject")))
                rows.add("Parameters", id=number * 10 + len(service), parameter="catch_addr",
                         value=chance.choice(("catch", "secret@example")))
        # A trap: the parameters of nobody's service, by a domain's number.
        rows.add("Parameters", id=number + 100000, parameter="nonexist_mail", value="catch")
        for i in range(chance.choice((0, 1, 3, 40))):
            mail_id += 1
            rows.add("mail", id=mail_id, mail_name=f"secret-name-{i}", dom_id=number,
                     account_id=mail_id, **{c: chance.choice(("true", "false")) for c in
                                            ("postbox", "redirect", "mail_group")})
            rows.add("accounts", id=mail_id, type="plain", password=f"secret-word-{mail_id}")
            for j in range(chance.choice((0, 0, 1, 2))):
                rows.add("mail_aliases", mn_id=mail_id, alias=f"secret-alias-{j}")
        for i in range(chance.choice((0, 0, 1, 3))):
            rows.add("MailLists", name=f"secret-list-{i}", dom_id=number)
        for i in range(chance.choice((0, 0, 1, 2))):
            rows.add(rows.alias_table, dom_id=number, name=f"a{i}-{number}.example",
                     status=0, mail=chance.choice(("true", "false")))
    # What belongs to nobody any more.
    rows.add("mail", id=mail_id + 1, mail_name="orphan", dom_id=99999, account_id=1,
             postbox="true", redirect="false", mail_group="false")
    rows.add("mail_aliases", mn_id=mail_id + 7, alias="orphan")
    rows.add("MailLists", name="orphan", dom_id=99999)
    rows.add(rows.alias_table, dom_id=99999, name="orphan.example", status=0, mail="true")
    return rows


# ---- Programs ----------------------------------------------------------------------------------


class Counted:
    """What countmail printed."""

    def __init__(self, done):
        lines = done.stdout.splitlines()
        check = lines and lines[-1].startswith("result ")
        if not check:
            raise AssertionError(f"exit {done.returncode}: {done.stdout}{done.stderr}")
        _, code, spent_ms, most_kib, self.why = lines[-1].split(" ", 4)
        self.code, self.spent_ms, self.most_kib = int(code), int(spent_ms), int(most_kib)
        self.lines, self.err = lines[:-1], done.stderr

    def counts(self):
        return {line.split()[0]: tuple(map(int, line.split()[1:])) for line in self.lines[:-1]}

    def refused(self):
        return int(self.lines[-1].split()[1])


class Look:
    """Settings of an agent that is the user nobody, and the programs that read them."""

    def __init__(self, ctl, **settings):
        self.bin = pathlib.Path(ctl.program).parent
        self.config = ctl.path("agent.conf")
        self.state = ctl.path("state")
        ctl.folder.chmod(0o755)
        self.state.mkdir(exist_ok=True)
        shutil.chown(self.state, AGENT)
        self.settings = {"state": str(self.state), "user": AGENT, "database_user": AGENT}
        self.set(**settings)

    def set(self, **settings):
        self.settings.update(settings)
        quoted = []
        for name, value in self.settings.items():
            if isinstance(value, (list, tuple)):
                value = "( " + ", ".join(f'"{v}"' for v in value) + " )"
            elif isinstance(value, bool):
                value = str(value).lower()
            else:
                value = f'"{value}"'
            quoted.append(f"{name} = {value};\n")
        self.config.write_text("".join(quoted))
        self.config.chmod(0o644)
        return self

    def start(self, *words, user=AGENT, wrapper=(), **more):
        """countmail as the agent's user."""
        command = [*wrapper, *(as_user(user) if user else []), str(self.bin / "countmail"),
                   *map(str, words)]
        return subprocess.Popen(command, text=True, stdin=subprocess.PIPE,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE, **more)

    def run(self, *words, text="", **more):
        process = self.start(*words, **more)
        out, err = process.communicate(text, timeout=150)
        return Counted(subprocess.CompletedProcess(words, process.returncode, out, err))

    def mail(self, **more):
        return self.run("mail", self.config, **more)

    def setup(self, *words, wrapper=(), user=None):
        command = [*wrapper, *(as_user(user) if user else []), str(self.bin / "fairuse-look"),
                   "setup", "-c", str(self.config), *words]
        return subprocess.run(command, text=True, capture_output=True, timeout=60, check=False,
                              stdin=subprocess.DEVNULL)
