"""A machine to break: systemd booted by systemd-nspawn on an overlay of this one's root. Nothing
of this machine's files is written to. Mounts and processes live in namespaces that end with the
test, also when it is killed."""

import os
import pathlib
import shutil
import subprocess
import sys
import time
import traceback

INSIDE = "FAIRUSE_NSPAWN_INSIDE"
HERE = pathlib.Path("/mnt")  # covered by a tmpfs, in a mount namespace of our own
BOOT_SECONDS = 60
NO_CAPABILITY = "0000000000000000"
# Sanitizers look for leaks by means that the units do not leave; they look in other tests.
ENVIRONMENT = "[Service]\nEnvironment=ASAN_OPTIONS=detect_leaks=0\n"


def enter_namespaces():
    """Runs this very test again in mount and process namespaces of its own, and ends as it
    does. Returns only inside of them."""
    if os.environ.get(INSIDE):
        # What systemd-nspawn leaves under /run is to go with the rest.
        for folder in (HERE, "/run"):
            mount("-t", "tmpfs", "-o", "mode=0755", "tmpfs", str(folder))
        return
    if os.geteuid() != 0:
        sys.exit("this boots a system: it needs root")
    if not shutil.which("systemd-nspawn"):
        sys.exit("systemd-nspawn is not there: it is in the package systemd-container")
    os.environ[INSIDE] = "yes"
    os.execvp("unshare", ["unshare", "--mount", "--propagation", "private", "--pid", "--fork",
                          "--kill-child", "--mount-proc", sys.executable, "-B", *sys.argv])


def mount(*words):
    subprocess.run(["mount", *words], check=True)


def wait_for(what, seconds, claim):
    """Until `claim` holds, and gives what it gave."""
    until = time.monotonic() + seconds
    while True:
        got = claim()
        if got:
            return got
        if time.monotonic() > until:
            raise AssertionError(f"{what}: not within {seconds} s")
        time.sleep(0.05)


class Groups:
    """Control groups of the machine's own: systemd-nspawn leaves some behind where it runs."""

    PREFIX = "fairuse-nspawn-"

    def __init__(self):
        self.parents = [path for path in map(self.place, open("/proc/self/cgroup")) if path]
        self.remove(f"{self.PREFIX}*")  # of a test that was killed
        self.made = [path / f"{self.PREFIX}{os.urandom(4).hex()}" for path in self.parents]
        for path in self.made:
            path.mkdir()

    @staticmethod
    def place(line):
        """Where the group of a line of /proc/self/cgroup is, if systemd cares about it."""
        _, controllers, path = line.rstrip("\n").split(":", 2)
        roots = {"name=systemd": ["systemd"], "": ["unified", ""]}.get(controllers, [])
        for root in roots:
            mounted = pathlib.Path("/sys/fs/cgroup", root)
            if (mounted / "cgroup.procs").exists():
                return mounted / path.lstrip("/")
        return None

    def enter(self):
        for path in self.made:
            (path / "cgroup.procs").write_text("0")

    def remove(self, pattern):
        """Bottom up; one that is still in use stays."""
        for top in (top for parent in self.parents for top in parent.glob(pattern)):
            for folder, _, _ in os.walk(top, topdown=False):
                try:
                    os.rmdir(folder)
                except OSError:
                    break

    def done(self):
        for path in self.made:
            wait_for("the end of its processes", 10, lambda p=path: self.is_empty(p))
            self.remove(path.name)

    @staticmethod
    def is_empty(path):
        return not any((pathlib.Path(folder) / "cgroup.procs").read_text()
                       for folder, _, _ in os.walk(path))


class Machine:
    """A booted system; files are put into `root` before it starts."""

    def __init__(self):
        self.root = HERE / "root"
        for name in ("upper", "work", "root"):
            (HERE / name).mkdir()
        mount("-t", "overlay", "overlay", "-o",
              f"lowerdir=/,upperdir={HERE}/upper,workdir={HERE}/work", str(self.root))
        (self.root / "etc/machine-id").write_text("")
        self.log = (HERE / "console").open("w+")
        self.groups = Groups()
        self.nspawn, self.leader = None, None

    def install(self, source, target, mode=0o644):
        path = self.root / target.lstrip("/")
        path.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, path)
        path.chmod(mode)

    def write(self, target, text, mode=0o644):
        path = self.root / target.lstrip("/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        path.chmod(mode)

    def boot(self):
        """As far as basic.target: none of this machine's own services."""
        self.nspawn = subprocess.Popen(
            ["systemd-nspawn", "--quiet", f"--directory={self.root}", "--boot", "--register=no",
             "--keep-unit", "--private-network", "--console=pipe", "--machine=fairuse-test",
             "--", "--unit=basic.target"],
            stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log,
            preexec_fn=self.groups.enter)
        self.leader = wait_for("the first process", BOOT_SECONDS, self.find_leader)
        wait_for("the boot", BOOT_SECONDS, self.is_up)
        return self

    def find_leader(self):
        if self.nspawn.poll() is not None:
            raise AssertionError(f"systemd-nspawn ended: {self.console()}")
        children = f"/proc/{self.nspawn.pid}/task/{self.nspawn.pid}/children"
        for pid in pathlib.Path(children).read_text().split():
            if pathlib.Path(f"/proc/{pid}/comm").read_text().strip() == "systemd":
                return pid
        return None

    def is_up(self):
        return self.run("systemctl", "is-active", "basic.target").stdout.strip() == "active"

    def command(self, *words):
        return ["nsenter", "--target", self.leader, "--all", *map(str, words)]

    def run(self, *words, **more):
        return subprocess.run(self.command(*words), stdin=subprocess.DEVNULL, check=False,
                              capture_output=True, text=True, timeout=120, **more)

    def must(self, *words, **more):
        done = self.run(*words, **more)
        if done.returncode != 0:
            raise AssertionError(f"{' '.join(map(str, words))}: exit {done.returncode}\n"
                                 f"{done.stdout}{done.stderr}\n{self.journal()}")
        return done.stdout

    def rewrite(self, target, text):
        """As `write`, while it runs."""
        self.must("sh", "-c", f"cat > {target} <<'END'\n{text}END\n")

    def show(self, unit, *names):
        out = self.must("systemctl", "show", unit, *[f"--property={name}" for name in names])
        said = dict(line.split("=", 1) for line in out.splitlines())
        return [said[name] for name in names]

    def pid_of(self, unit):
        return self.show(unit, "MainPID")[0]

    def hit(self, unit, signal):
        """A signal to its main process, whose id it gives."""
        pid = self.pid_of(unit)
        if pid == "0":
            raise AssertionError(f"{unit} does not run: {self.journal()}")
        self.must("kill", f"-{signal}", pid)
        return pid

    def lines(self, unit):
        return self.must("journalctl", "--no-pager", "--output=cat", f"--unit={unit}")

    def has_no_rights(self, pid):
        """Whether a process may do nothing but what any may: claims of proc(5)'s status."""
        status = self.must("cat", f"/proc/{pid}/status")
        said = {name: value.strip() for name, value in
                (line.split(":", 1) for line in status.splitlines() if ":" in line)}
        return said["Seccomp"] == "2" and said["NoNewPrivs"] == "1" and \
            {said[f"Cap{kind}"] for kind in ("Inh", "Prm", "Eff", "Amb")} == {NO_CAPABILITY}

    def journal(self):
        return self.run("journalctl", "--no-pager", "--output=cat", "--lines=60").stdout

    def console(self):
        self.log.flush()
        return (HERE / "console").read_text(errors="replace")

    def power_off(self):
        """Whatever happens, the namespaces' end takes the rest away."""
        if self.nspawn and self.nspawn.poll() is None:
            self.nspawn.terminate()
            try:
                self.nspawn.wait(20)
            except subprocess.TimeoutExpired:
                self.nspawn.kill()
                self.nspawn.wait()
        self.groups.done()
        subprocess.run(["umount", "--lazy", str(self.root)], check=False)


def run_cases(module, install):
    """One machine for every function test_*(machine) of a module, in their order; `install`
    puts its files in place before it boots."""
    enter_namespaces()
    programs = pathlib.Path(sys.argv[1]).resolve().parent
    cases = [(name[5:], case) for name, case in module.items() if name.startswith("test_")]
    machine = Machine()
    failed = 0
    try:
        install(machine, programs)
        machine.boot()
        for name, case in cases:
            try:
                case(machine)
            except Exception:  # whatever it is, the other cases still run
                failed += 1
                print(f"FAILED {name}: {case.__doc__ or ''}\n{traceback.format_exc()}",
                      flush=True)
        if failed:
            print(machine.journal())
    finally:
        machine.power_off()
    print(f"{len(cases) - failed} cases passed, {failed} failed")
    sys.exit(1 if failed else 0)
