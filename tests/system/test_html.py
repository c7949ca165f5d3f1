"""The report's HTML as mail programs show it: sound markup, accessible, light and dark, 320 to
1,200 pixels wide, with nothing fetched and nothing run (tests/html/check.js). Screenshots stay
in the build folder, for whoever wants to look.

usage: test_html.py FAIRUSECTL     (bulletin_files lies beside it)"""

import hashlib
import json
import os
import pathlib
import re
import shutil
import struct
import subprocess
import sys
import zlib

import ctl_world
from ctl_world import check, equal

BIN = pathlib.Path(sys.argv[1]).resolve().parent
WORK = BIN.parent / "html"  # the checkers' packages, the pages and their screenshots
CHECKS = pathlib.Path(__file__).resolve().parent.parent / "html"
TIMEOUT_S = 480


def install():
    """The packages that tests/html/package-lock.json names, once for each state of it."""
    lock = (CHECKS / "package-lock.json").read_bytes()
    stamp, now = WORK / "installed", hashlib.sha256(lock).hexdigest()
    if stamp.exists() and stamp.read_text() == now:
        return
    WORK.mkdir(parents=True, exist_ok=True)
    for name in ("package.json", "package-lock.json"):
        shutil.copy(CHECKS / name, WORK / name)
    done = subprocess.run(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"], cwd=WORK,
                          capture_output=True, text=True, check=False, timeout=TIMEOUT_S)
    check(done.returncode == 0, "npm ci failed:", done.stderr)
    stamp.write_text(now)


def chromium():
    path = shutil.which("chromium")
    check(path, "there is no chromium: tests/run installs it")
    return path


def grey_png(width, height):
    """A picture to stand where a timeline would."""
    def chunk(kind, data):
        return (struct.pack(">I", len(data)) + kind + data +
                struct.pack(">I", zlib.crc32(kind + data)))
    rows = (b"\0" + b"\xb4" * width) * height
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0,
                                                              0, 0)) +
            chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))


class Page:
    """One sample as bulletin_files wrote it."""

    def __init__(self, folder, name):
        self.name, self.folder, self.file = name, folder, folder / f"{name}.html"
        self.html = self.file.read_text()
        self.mail = (folder / f"{name}.mail.html").read_text()
        # What must be readable, one a line: names of others, made harmless.
        self.texts = (folder / f"{name}.names").read_text().splitlines()

    def order(self):
        return {"name": self.name, "file": str(self.file), "texts": self.texts,
                "pictures": str(self.folder / "pictures")}

    def mutated(self, name, old, new):
        """The same page with a flaw: `old` must be there."""
        check(old in self.html, f"no {old!r} in {self.name}")
        path = self.folder / f"{name}.html"
        path.write_text(self.html.replace(old, new))
        return {**self.order(), "name": name, "file": str(path)}


def write_pages():
    """All samples, with pictures of the size that each one names."""
    folder = WORK / "pages"
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "pictures").mkdir(parents=True)
    done = subprocess.run([BIN / "bulletin_files", folder], capture_output=True, text=True,
                          check=False, timeout=60)
    check(done.returncode == 0, done.stderr)
    for line in done.stdout.splitlines():
        name, width, height = line.split()
        (folder / "pictures" / name).write_bytes(grey_png(int(width), int(height)))
    return [Page(folder, path.name.removesuffix(".names"))
            for path in sorted(folder.glob("*.names"))]


def problems_of(orders, shots=None):
    """What tests/html/check.js finds in pages, by name."""
    path = WORK / "order.json"
    path.write_text(json.dumps({"chromium": chromium(), "pages": orders,
                                "shots": str(shots) if shots else None}))
    done = subprocess.run(["node", CHECKS / "check.js", WORK, path], capture_output=True,
                          text=True, check=False, timeout=TIMEOUT_S,
                          env={**os.environ, "LC_ALL": "C.UTF-8"})
    check(done.returncode == 0, done.stderr)
    return json.loads(done.stdout)


# ---- Cases ------------------------------------------------------------------------------------


def test_every_sample_holds_in_a_mail_program(_ctl):
    """Every sample: no problem of any kind."""
    install()
    shots = WORK / "shots"
    shutil.rmtree(shots, ignore_errors=True)
    shots.mkdir(parents=True)
    pages = write_pages()
    check(len(pages) >= 6, "samples:", [page.name for page in pages])
    found = problems_of([page.order() for page in pages], shots)
    equal(sorted(found), sorted(page.name for page in pages))
    bad = {name: problems for name, problems in found.items() if problems}
    check(not bad, json.dumps(bad, indent=1))
    equal(len(list(shots.glob("*.png"))), 6 * len(pages), "screenshots")


def test_a_mail_is_the_same_but_for_its_pictures(_ctl):
    """The page that was looked at is the mail's, with files for Content-IDs."""
    for page in write_pages():
        as_files = re.sub(r'src="cid:([^"@]*)[^"]*"', r'src="pictures/\1.png"', page.mail)
        equal(as_files, page.html, page.name)


def test_flawed_pages_are_refused(_ctl):
    """The same checks find each flaw that is put into a sound page."""
    install()
    pages = write_pages()
    page = next(page for page in pages if "<img" in page.html)
    alt = re.search(r' alt="[^"]*"', page.html).group(0)
    flaws = {
        "contrast": ("color:#1c2127", "color:#c9ccd0"),
        "dark": (".s{color:#a9b2bc!important}", ".s{color:#33383e!important}"),
        "wordless": (alt, ""),
        "empty-alt": (alt, ' alt=""'),
        "unclosed": ("</h1>", ""),
        "skipped": ("h2", "h4"),
        "script": ("</body>", "<script>document.title = 1</script></body>"),
        "alert": ("</body>", "<script>alert(1)</script></body>"),
        "handler": ("<h1", '<h1 onclick="x()"'),
        "remote": ("</body>", '<img src="http://192.0.2.1/x.png" alt="x"></body>'),
        "wide": ("<h1", '<h1 data-label="x" class="x"><span style="display:block;width:900px">x'
                 '</span></h1><h1'),
        "no-picture": ("pictures/", "elsewhere/"),
        "speechless": ('<html lang="', '<html data-label="'),
    }
    wanted = {
        "contrast": "axe color-contrast", "dark": "axe color-contrast", "wordless": "alt",
        "empty-alt": "without words", "unclosed": "markup", "skipped": "heading",
        "script": "element <script>", "alert": "a script ran",
        "handler": "attribute onclick", "remote": "asks for http://192.0.2.1",
        "wide": "scrolls sideways", "no-picture": "is not shown", "speechless": "html-has-lang",
    }
    orders = [page.mutated(name, *flaw) for name, flaw in flaws.items()]
    orders.append({**page.order(), "name": "unreadable", "texts": ["no such name"]})
    found = problems_of(orders)
    for name, words in {**wanted, "unreadable": "not readable"}.items():
        check(any(words in problem for problem in found[name]), name, "is not refused:",
              found[name])


if __name__ == "__main__":
    ctl_world.run_cases(globals())
