"""Where mutants are built and tried: one changed file beside the objects of a finished build."""

import json
import os
import pathlib
import re
import resource
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile

FAILED = re.compile(r"^\[FAIL\] (\w+)::(\w+)", re.M)
PASSED = re.compile(r"^\[PASS\] (\w+)::(\w+): \(([\d.]+)s\)", re.M)
SUITE = re.compile(r"^(\w+): \d+ tests?$", re.M)
CASE_FAILED = re.compile(r"^(?:FAIL|FAILED) (\w+)", re.M)
PATIENCE_S = 900  # of the wall; processor time is what ends a loop
MEMORY_BYTES = 2 << 30


LIVE = set()  # groups of processes that are running


class Broken(Exception):
    """The build, or the tests without any mutant, are not as they should be."""


def run(command, cwd, env, cpu_s, memory=None):
    """(exit code, output); the whole group of processes is ended with it."""
    def limits():
        os.setpgid(0, 0)
        resource.setrlimit(resource.RLIMIT_CPU, (cpu_s, cpu_s + 1))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        if memory:
            resource.setrlimit(resource.RLIMIT_AS, (memory, memory))

    process = subprocess.Popen(command, cwd=cwd, env=env, stdin=subprocess.DEVNULL, text=True,
                               stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                               errors="replace", preexec_fn=limits)
    LIVE.add(process.pid)
    try:
        output, _ = process.communicate(timeout=PATIENCE_S)
    except subprocess.TimeoutExpired:
        output = "no end"
    finally:
        end(process.pid)
        LIVE.discard(process.pid)
        process.wait()
    return process.returncode, output


def end(group):
    try:
        os.killpg(group, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        pass  # it has ended by itself


def end_all():
    """Before leaving early."""
    for group in list(LIVE):
        end(group)


def link_line(build, target):
    result = subprocess.run(["ninja", "-C", build, "-t", "commands", target], text=True,
                            capture_output=True, check=True)
    line = result.stdout.splitlines()[-1]
    words = shlex.split(line)
    begin = words.index("&&") + 1
    end = len(words) - 1 - words[::-1].index("&&")
    return words[begin:end]


class Build:
    """A finished build folder: how its files are compiled, how its programs are linked."""

    def __init__(self, root, folder, programs, runner):
        self.root, self.folder = root, folder
        self.commands = {entry["file"]: shlex.split(entry["command"]) for entry in
                         json.loads((folder / "compile_commands.json").read_text())}
        lines = [link_line(folder, f"bin/{name}") for name in programs]
        objects = [word for line in lines for word in line if self.is_test_object(word)]
        self.tests = [word for word in lines[0]
                      if not self.is_test_object(word) and "libcriterion" not in word]
        # Calls that some test turns to a function of its own are turned for all of them.
        turned = {word for line in lines for word in line
                  if word.startswith(("-Wl,--wrap=", "-Wl,--undefined="))}
        self.tests[1:1] = objects + [str(runner)] + sorted(turned)
        self.command_line = link_line(folder, "bin/fairusectl")
        self.is_sanitized = any("-fsanitize" in word for word in lines[0])

    def compile_runner(self, source, target):
        """The runner that stands in for Criterion's (quick.c), built as the tests are."""
        flags = [word for word in self.tests if word.startswith(("-O", "-g", "-fsanitize"))]
        subprocess.run([self.tests[0], *flags, "-fPIE", "-w", "-c", source, "-o", target],
                       check=True)

    def suites(self, program):
        result = subprocess.run([self.folder / "bin" / program, "--list"], text=True,
                                capture_output=True, check=True)
        return SUITE.findall(result.stdout)

    @staticmethod
    def is_test_object(word):
        return word.endswith(".o") and word.startswith("tests/")

    def compile_line(self, file, source, target):
        words = list(self.commands[str(self.root / file)])
        if pathlib.Path(words[0]).name == "ccache":
            words.pop(0)
        words = [word for word in words if word != "-Werror"] + ["-w"]
        words[words.index("-o") + 1] = str(target)
        words[words.index("-c") + 1] = str(source)
        return words

    def link(self, line, extra, target):
        words = list(line)
        words[words.index("-o") + 1] = str(target)
        # Before the libraries: what it defines is not looked for there.
        words[1:1] = ["-fuse-ld=gold", str(extra)] if extra else ["-fuse-ld=gold"]
        return words


class Bench:
    """One worker's folder."""

    def __init__(self, build, where, seed):
        self.build, self.where = build, where
        memory = pathlib.Path("/dev/shm")
        self.tmp = pathlib.Path(tempfile.mkdtemp(prefix="fairuse-mutants-",
                                                 dir=memory if memory.is_dir() else None))
        self.env = dict(os.environ, LC_ALL="C.UTF-8", TMPDIR=str(self.tmp / "t"),
                        FAIRUSE_SEED=str(seed), FAIRUSE_SHOWN="0",
                        ASAN_OPTIONS="detect_leaks=0:abort_on_error=0",
                        UBSAN_OPTIONS="print_stacktrace=0")
        shutil.rmtree(where, ignore_errors=True)
        (where / "bin").mkdir(parents=True)
        self.tidy()
        self.original = {}

    def tidy(self):
        """Gives each mutant an empty folder for what its tests leave."""
        shutil.rmtree(self.tmp / "t", ignore_errors=True)
        (self.tmp / "t").mkdir()

    def close(self):
        shutil.rmtree(self.tmp, ignore_errors=True)
        shutil.rmtree(self.where, ignore_errors=True)

    def compile(self, file, text):
        """The object's bytes, or None where it does not compile."""
        source = self.where / pathlib.Path(file).name
        source.write_text(text)
        target = self.where / "mutant.o"
        code, _ = run(self.build.compile_line(file, source, target), self.build.folder,
                      self.env, 60)
        return target.read_bytes() if code == 0 else None

    def is_same_code(self, file, code):
        if file not in self.original:
            self.original[file] = self.compile(file, (self.build.root / file).read_text())
            if self.original[file] is None:
                raise Broken(f"{file} does not compile as it is")
            (self.where / "mutant.o").write_bytes(code)
        return code == self.original[file]

    def link(self, line, name, extra):
        target = self.where / "bin" / name
        code, output = run(self.build.link(line, extra, target), self.build.folder, self.env, 60)
        if code != 0:
            raise Broken(f"{name} can not be linked:\n{output}")
        return target

    def tests(self, words, cases, cpu_s):
        """The first test of those suites or tests that fails, or None; and what was said."""
        env = dict(self.env, FAIRUSE_CASES=str(cases))
        memory = None if self.build.is_sanitized else MEMORY_BYTES
        code, output = run([self.where / "bin" / "rules", str(cpu_s), *words], self.where, env,
                           cpu_s, memory)
        failed = FAILED.search(output)
        if code != 0 and not failed:
            return "?/?", output  # it did not even come so far
        return (f"{failed.group(1)}/{failed.group(2)}" if failed else None), output

    def system(self, file, words=()):
        """The name of the first case of a system test that fails, or None."""
        script = self.build.root / "tests" / "system" / f"test_{file}.py"
        code, output = run([sys.executable, "-B", script, self.where / "bin" / "fairusectl",
                            *words], self.where, self.env, 60)
        failed = CASE_FAILED.search(output)
        if code == 0:
            return None, output
        if not failed:
            raise Broken(f"{script} ended by itself:\n{output}")
        return f"{file}.py {failed.group(1)}", output
