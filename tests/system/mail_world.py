"""Mail servers for tests, on loopback alone, each in a folder of its own that goes with it.

    PostfixServer   a real Postfix: STARTTLS on `port`, TLS from the start on `tls_port`, AUTH;
                    what it takes for its domains ends in a maildir. Needs root.
    AioServer       aiosmtpd: STARTTLS, and AUTH before anything is taken. Any domain.
    FlakyServer     does what it is told: each answer can be chosen, be late, or be the end.

All of them:

    with PostfixServer() as server:        or start() and stop()
        server.url, server.tls_url         "smtp://127.0.0.1:PORT"
        server.host, server.port           on 127.0.0.1; FlakyServer and AioServer take `host`
        server.ca                          file, PEM: the authority of its certificate
        server.user, server.password
        server.messages(n)                 waits for n messages (at most 20 s), gives all so far
        server.log()                       what it said, for a failure's message

A message has .sender, .recipient (both of the envelope) and .raw, its bytes with CRLF; .parsed is
Python's email.message of it. A certificate is for 127.0.0.1, ::1 and localhost."""

import atexit
import email
import email.policy
import json
import os
import pathlib
import pwd
import shutil
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import time

HERE = pathlib.Path(__file__).resolve()
SYSTEM_PYTHON = "/usr/bin/python3"  # Debian's own: python3-aiosmtpd is installed there
SHELVES = "/dev/shm"
USER, PASSWORD = "fairuse@tests.example", "p\u00e4ss word%\"\\'1"
WAIT_S = 20


def missing():
    """Why these tests cannot run here, in words; "" when they can."""
    if os.geteuid() != 0:
        return "Postfix starts as root only"
    for tool, package in {"postfix": "postfix", "saslpasswd2": "sasl2-bin"}.items():
        if not shutil.which(tool):
            return f"{tool} is not there: it is in the package {package}"
    done = subprocess.run([SYSTEM_PYTHON, "-c", "import aiosmtpd"], capture_output=True,
                          check=False)
    return "" if done.returncode == 0 else "aiosmtpd is not there: python3-aiosmtpd has it"


class Message:
    def __init__(self, sender, recipient, raw):
        self.sender, self.recipient, self.raw = sender, recipient, raw

    @property
    def parsed(self):
        return email.message_from_bytes(self.raw, policy=email.policy.default)


def openssl(*words):
    subprocess.run(["openssl", *map(str, words)], check=True, capture_output=True, timeout=60)


class Authority:
    """Signs servers' certificates. `cert` is its own, a file in PEM."""

    def __init__(self, folder, name="mail"):
        self.folder, self.name = pathlib.Path(folder), name
        self.cert, self.key = self.folder / f"{name}-ca.pem", self.folder / f"{name}-ca.key"
        openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                "-keyout", self.key, "-out", self.cert, "-days", "30", "-subj", f"/CN={name} CA")

    def server(self, names="IP:127.0.0.1,IP:::1,DNS:localhost", days=30):
        """A file with a key and its certificate."""
        base = self.folder / f"{self.name}-{len(list(self.folder.iterdir()))}"
        key, csr, cert, more = (base.with_suffix(s) for s in (".key", ".csr", ".crt", ".ext"))
        more.write_text(f"subjectAltName={names}\n")
        openssl("req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                "-keyout", key, "-out", csr, "-subj", "/CN=mail server")
        openssl("x509", "-req", "-in", csr, "-CA", self.cert, "-CAkey", self.key, "-out", cert,
                "-days", str(days), "-extfile", more, "-CAcreateserial")
        pem = base.with_suffix(".pem")
        pem.write_bytes(key.read_bytes() + cert.read_bytes())
        return pem


def free_port(host="127.0.0.1"):
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as s:
        s.bind((host, 0))
        return s.getsockname()[1]


class Server:
    """What all have: a folder, an authority, a user; they start and stop once."""

    def __init__(self, host="127.0.0.1"):
        self.host, self.port = host, None
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="fairuse-mail-", dir=SHELVES))
        self.folder.chmod(0o755)
        atexit.register(self.stop)
        self.authority = Authority(self.folder)
        self.ca, self.user, self.password = self.authority.cert, USER, PASSWORD

    @property
    def url(self):
        return f"smtp://{f'[{self.host}]' if ':' in self.host else self.host}:{self.port}"

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.stop()

    def start(self):
        raise NotImplementedError

    def stop(self):
        """Harmless when it is not running."""
        atexit.unregister(self.stop)
        shutil.rmtree(self.folder, ignore_errors=True)

    def taken(self):
        """All messages so far."""
        raise NotImplementedError

    def messages(self, n=0, seconds=WAIT_S):
        end = time.monotonic() + seconds
        while len(self.taken()) < n:
            if time.monotonic() > end:
                raise AssertionError(f"{len(self.taken())} messages, not {n}\n{self.log()}")
            time.sleep(0.05)
        return self.taken()

    def log(self):
        path = self.folder / "log"
        return path.read_text(errors="replace")[-4000:] if path.exists() else ""


def wait_for_port(server, port, host="127.0.0.1"):
    for _ in range(400):
        try:
            with socket.create_connection((host, port), 1) as s:
                if s.recv(1) or True:
                    return
        except OSError:
            time.sleep(0.05)
    raise AssertionError(f"nobody listens\n{server.log()}")


# ---- Postfix -----------------------------------------------------------------------------------

MAIN_CF = """
compatibility_level = 3.6
queue_directory = {d}/queue
data_directory = {d}/data
maillog_file = /dev/stdout
myhostname = mail.tests.example
mydestination =
mynetworks =
inet_interfaces = 127.0.0.1, ::1
inet_protocols = all
alias_maps =
alias_database =
default_transport = error:nothing leaves this machine
relay_transport = error:nothing leaves this machine
virtual_mailbox_domains = {domains}
virtual_mailbox_base = {d}/mail
virtual_mailbox_maps = static:inbox/
virtual_mailbox_limit = 0
virtual_uid_maps = static:{uid}
virtual_gid_maps = static:{gid}
message_size_limit = {size}
smtpd_tls_chain_files = {pem}
smtpd_tls_security_level = may
smtpd_tls_auth_only = yes
smtpd_sasl_auth_enable = yes
smtpd_sasl_local_domain = tests.example
smtpd_relay_restrictions = permit_sasl_authenticated, reject_unauth_destination
smtpd_recipient_restrictions = check_recipient_access inline:{{{{nobody@tests.example = 550 5.1.1 no such mailbox}}, {{later@tests.example = 450 4.2.1 come back}}}}, permit_sasl_authenticated, reject_unauth_destination
smtpd_timeout = {idle}s
smtpd_error_sleep_time = 0
"""

MASTER_CF = """
127.0.0.1:{port} inet n - n - - smtpd
[::1]:{port} inet n - n - - smtpd
127.0.0.1:{tls_port} inet n - n - - smtpd
    -o smtpd_tls_wrappermode=yes
cleanup   unix  n - n - 0 cleanup
qmgr      unix  n - n 300 1 qmgr
tlsmgr    unix  - - n 1000? 1 tlsmgr
rewrite   unix  - - n - - trivial-rewrite
bounce    unix  - - n - 0 bounce
defer     unix  - - n - 0 bounce
trace     unix  - - n - 0 bounce
verify    unix  - - n - 1 verify
proxymap  unix  - - n - - proxymap
error     unix  - - n - - error
retry     unix  - - n - - error
virtual   unix  - n n - - virtual
anvil     unix  - - n - 1 anvil
postlog   unix-dgram n - n - 1 postlogd
"""


class PostfixServer(Server):
    """`domains` are those that it takes mail for; nobody@tests.example is refused (550),
    later@tests.example put off (450). `size` is the largest message, `idle` the seconds after
    which it ends a silent connection with 421."""

    def __init__(self, domains=("tests.example",), size=30_000_000, idle=60):
        super().__init__()
        self.domains, self.size, self.idle = domains, size, idle
        self.port, self.tls_port, self.process = None, None, None

    @property
    def tls_url(self):
        return f"smtps://{self.host}:{self.tls_port}"

    def start(self):
        d, owner = self.folder, pwd.getpwnam("nobody")
        for name in ("conf/sasl", "queue", "data", "mail"):
            (d / name).mkdir(parents=True)
        shutil.chown(d / "data", "postfix")
        shutil.chown(d / "mail", owner.pw_uid, owner.pw_gid)
        self.port, self.tls_port = free_port(), free_port()
        (d / "conf/main.cf").write_text(MAIN_CF.format(
            d=d, domains=", ".join(self.domains), uid=owner.pw_uid, gid=owner.pw_gid,
            size=self.size, pem=self.authority.server(), idle=self.idle))
        (d / "conf/master.cf").write_text(
            MASTER_CF.format(port=self.port, tls_port=self.tls_port))
        (d / "conf/sasl/smtpd.conf").write_text(
            "pwcheck_method: auxprop\nauxprop_plugin: sasldb\nmech_list: PLAIN LOGIN\n"
            f"sasldb_path: {d}/sasldb2\n")
        name, _, realm = self.user.partition("@")
        subprocess.run(["saslpasswd2", "-c", "-p", "-f", d / "sasldb2", "-u", realm, name],
                       input=self.password.encode(), check=True, capture_output=True, timeout=30)
        shutil.chown(d / "sasldb2", "postfix")
        with open(d / "log", "wb") as log:
            self.process = subprocess.Popen(["postfix", "-c", d / "conf", "start-fg"],
                                            stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                            cwd="/")
        wait_for_port(self, self.port)

    def stop(self):
        if self.process:
            subprocess.run(["postfix", "-c", self.folder / "conf", "stop"], capture_output=True,
                           timeout=60, check=False)
            self.process.wait(60)
            self.process = None
        super().stop()

    def taken(self):
        """Without the fields that its delivery puts on top."""
        found = []
        for path in sorted(self.folder.glob("mail/inbox/new/*"), key=lambda p: p.stat().st_mtime_ns):
            raw = path.read_bytes().replace(b"\n", b"\r\n")
            head = email.message_from_bytes(raw, policy=email.policy.default)
            top = raw.index(b"\r\nDate: ") + 2
            found.append(Message(head["Return-Path"].strip("<>"), head["X-Original-To"] or
                                 head["Delivered-To"], raw[top:]))
            found[-1].received = str(head["Received"])
        return found


# ---- aiosmtpd ----------------------------------------------------------------------------------


def serve_aio(folder, host, pem):
    """The process of an AioServer."""
    import asyncio  # pylint: disable=import-outside-toplevel

    from aiosmtpd.smtp import SMTP, AuthResult  # pylint: disable=import-outside-toplevel

    class Handler:
        count = 0

        async def handle_DATA(self, _server, _session, envelope):
            base = pathlib.Path(folder) / "new" / f"{Handler.count:04d}"
            Handler.count += 1
            base.with_suffix(".tmp").write_bytes(envelope.original_content)
            base.with_suffix(".json").write_text(
                json.dumps([envelope.mail_from, envelope.rcpt_tos]))
            base.with_suffix(".tmp").rename(base.with_suffix(".eml"))
            return "250 2.0.0 taken"

    def authenticate(_server, _session, _envelope, _mechanism, data):
        is_right = data.login == USER.encode() and data.password == PASSWORD.encode()
        return AuthResult(success=is_right, handled=False)

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)

    async def run():
        loop = asyncio.get_running_loop()
        server = await loop.create_server(
            lambda: SMTP(Handler(), require_starttls=True, tls_context=context,
                         auth_required=True, authenticator=authenticate, enable_SMTPUTF8=True,
                         hostname="aio.tests.example", loop=loop), host=host, port=0)
        print(server.sockets[0].getsockname()[1], flush=True)
        await server.serve_forever()

    asyncio.run(run())


class AioServer(Server):
    def __init__(self, host="127.0.0.1", wrapper=()):
        super().__init__(host)
        self.process, self.wrapper = None, wrapper

    def start(self):
        (self.folder / "new").mkdir()
        with open(self.folder / "log", "wb") as log:
            self.process = subprocess.Popen(
                [*self.wrapper, SYSTEM_PYTHON, "-B", HERE, self.folder, self.host,
                 self.authority.server()],
                stdout=subprocess.PIPE, stderr=log, stdin=subprocess.DEVNULL, text=True)
        line = self.process.stdout.readline()
        if not line:
            raise AssertionError(f"aiosmtpd did not start\n{self.log()}")
        self.port = int(line)

    def stop(self):
        if self.process:
            self.process.kill()
            self.process.communicate()
            self.process = None
        super().stop()

    def taken(self):
        found = []
        for path in sorted(self.folder.glob("new/*.eml")):
            sender, recipients = json.loads(path.with_suffix(".json").read_text())
            found.append(Message(sender, recipients[0], path.read_bytes()))
        return found


# ---- A server that does what it is told --------------------------------------------------------

DROP = object()   # instead of an answer: the connection ends
HANG = object()   # instead of an answer: nothing, until the server is stopped

ANSWERS = {
    "greeting": "220 flaky.tests.example ESMTP",
    "ehlo": None,  # made of what is offered
    "helo": "250 flaky.tests.example",
    "starttls": "220 go on",
    "auth": "235 2.7.0 welcome",
    "mail": "250 2.1.0 fine",
    "rcpt": "250 2.1.5 fine",
    "data": "354 go on",
    "dot": "250 2.0.0 taken",
    "rset": "250 2.0.0 fine",
    "noop": "250 2.0.0 fine",
    "quit": "221 2.0.0 bye",
}


class FlakyServer(Server):
    """`tls` is "starttls", "implicit" or "none". `answers` are by the names in ANSWERS; each is a
    line (several with \\n between), DROP, HANG, a function of the client's line that gives one of
    these, or a list of these, one for each time, the last for ever. `drop_after` ends the
    connection when so many bytes of a text have come; `pace` is a pause after each byte that it
    says; `pem` is another certificate; `has_auth` says whether AUTH is offered, and `offers` what else.

    .commands has every line that it was sent (not texts), .connections how many came."""

    def __init__(self, host="127.0.0.1", tls="starttls", has_auth=True, offers=("8BITMIME", "SIZE"),
                 drop_after=None, pace=0, pem=None, **answers):
        super().__init__(host)
        self.tls, self.has_auth, self.offers = tls, has_auth, list(offers)
        self.drop_after, self.pace = drop_after, pace
        self.pem = pem
        self.answers = {**ANSWERS, **answers}
        self.commands, self.connections, self.arrived = [], 0, []
        self.listener, self.threads, self.sockets = None, [], []
        self.is_over = threading.Event()

    @property
    def url(self):
        plain = super().url
        return plain.replace("smtp:", "smtps:") if self.tls == "implicit" else plain

    def start(self):
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(self.pem or self.authority.server())
        family = socket.AF_INET6 if ":" in self.host else socket.AF_INET
        self.listener = socket.create_server((self.host, 0), family=family)
        self.port = self.listener.getsockname()[1]
        self.spawn(self.accept)

    def spawn(self, work, *words):
        self.threads.append(threading.Thread(target=work, args=words, daemon=True))
        self.threads[-1].start()

    def stop(self):
        self.is_over.set()
        if self.listener:
            self.listener.shutdown(socket.SHUT_RDWR)  # wakes who waits for the next
            self.listener.close()
            self.listener = None
        self.drop_all()
        for thread in list(self.threads):
            thread.join(0.3)
        super().stop()

    def drop_all(self):
        """Ends all connections, as a server does that is started anew."""
        for s in self.sockets:
            try:
                s.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
            s.close()
        self.sockets = []

    def accept(self):
        while True:
            try:
                s, _ = self.listener.accept()
            except OSError:
                return
            self.connections += 1
            self.spawn(self.talk, s)

    def talk(self, s):
        talk = Talk(self, s)
        try:
            if self.tls == "implicit":
                talk.begin_tls()
            self.sockets.append(talk.socket)
            talk.run()
        except (OSError, EOFError, ValueError):  # the client went, or we were stopped
            pass
        finally:
            talk.socket.close()

    def taken(self):
        return list(self.arrived)


class Talk:
    """One connection of a FlakyServer."""

    def __init__(self, server, s):
        self.server, self.socket, self.buffer = server, s, b""
        self.is_tls, self.sender, self.recipient = False, None, None

    def begin_tls(self):
        self.socket = self.server.context.wrap_socket(self.socket, server_side=True)
        self.is_tls, self.buffer = True, b""

    def line(self):
        while b"\r\n" not in self.buffer:
            more = self.socket.recv(65536)
            if not more:
                raise EOFError
            self.buffer += more
        line, _, self.buffer = self.buffer.partition(b"\r\n")
        return line

    def say(self, text):
        code, lines = text[:3], text[4:].split("\n")
        said = "".join(f"{code}-{line}\r\n" for line in lines[:-1]) + f"{code} {lines[-1]}\r\n"
        if not self.server.pace:
            self.socket.sendall(said.encode())
            return
        for byte in said.encode():
            self.socket.sendall(bytes([byte]))
            time.sleep(self.server.pace)

    def answer(self, name, line=""):
        """Gives the first digit of what was said."""
        wanted = self.server.answers[name]
        if isinstance(wanted, list):
            wanted = wanted.pop(0) if len(wanted) > 1 else wanted[0]
        if callable(wanted):
            wanted = wanted(line)
        if wanted is DROP:
            raise EOFError
        if wanted is HANG:
            self.server.is_over.wait()
            raise EOFError
        self.say(self.ehlo() if wanted is None else wanted)
        return "2" if wanted is None else wanted[0]

    def ehlo(self):
        words = ["flaky.tests.example", *self.server.offers]
        words += ["STARTTLS"] if self.server.tls == "starttls" and not self.is_tls else []
        words += ["AUTH PLAIN LOGIN"] if self.server.has_auth and self.is_tls else []
        return "250 " + "\n".join(words)

    def run(self):
        self.answer("greeting")
        while True:
            line = self.line().decode(errors="replace")
            self.server.commands.append(line)
            name = line.partition(" ")[0].lower()
            if name not in ANSWERS:
                self.say("502 5.5.2 what?")
                continue
            getattr(self, "on_" + name, self.on_other)(name, line)
            if name == "quit":
                return

    def on_other(self, name, line):
        self.answer(name, line)

    def on_starttls(self, name, line):
        if self.answer(name, line) == "2":
            self.begin_tls()
            self.server.sockets.append(self.socket)

    def on_auth(self, name, line):
        """PLAIN, and LOGIN's two questions."""
        if line.upper().startswith("AUTH LOGIN"):
            for question in ("VXNlcm5hbWU6", "UGFzc3dvcmQ6"):
                self.say("334 " + question)
                self.server.commands.append(self.line().decode())
        elif len(line.split()) == 2:
            self.say("334 ")
            self.server.commands.append(self.line().decode())
        self.answer(name, line)

    def on_mail(self, name, line):
        if self.answer(name, line) == "2":
            self.sender = line.partition("<")[2].partition(">")[0]

    def on_rcpt(self, name, line):
        if self.answer(name, line) == "2":
            self.recipient = line.partition("<")[2].partition(">")[0]

    def on_data(self, name, line):
        if self.answer(name, line) != "3":
            return
        text, drop_after = self.buffer, self.server.drop_after
        while not ("\r\n".encode() + text).endswith(b"\r\n.\r\n"):
            if drop_after is not None and len(text) >= drop_after:
                raise EOFError
            more = self.socket.recv(65536)
            if not more:
                raise EOFError
            text += more
        self.buffer = b""
        raw = b"\r\n".join(part[1:] if part.startswith(b".") else part
                           for part in text[:-3].split(b"\r\n"))
        if self.answer("dot", line) == "2":
            self.server.arrived.append(Message(self.sender, self.recipient, raw))


if __name__ == "__main__":
    serve_aio(*sys.argv[1:])
