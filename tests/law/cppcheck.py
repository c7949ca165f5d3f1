"""cppcheck over the product's sources, with the build's own flags; what it may say is in
cppcheck-suppressions.txt, each with its reason.

usage: cppcheck.py CHECKOUT BUILD"""

import json
import pathlib
import sys
import tempfile

import law


def read_suppressions(path):
    """The lines themselves; each must follow a comment that gives its reason."""
    lines, reason = [], ""
    for number, line in enumerate(path.read_text().splitlines(), 1):
        if line.startswith("#"):
            reason = line[1:].strip()
        elif line.strip():
            if not reason:
                sys.exit(f"{path.name}:{number}: {line} has no reason")
            lines.append(line.strip())
            reason = ""
    return lines


def main():
    root, build = (pathlib.Path(word).resolve() for word in sys.argv[1:3])
    findings = law.Findings(root)
    entries = law.compiled(root, build)
    suppressions = read_suppressions(root / "tests/law/cppcheck-suppressions.txt")
    memory = build / "cppcheck-passed"
    memory.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        project = pathlib.Path(folder) / "compile_commands.json"
        project.write_text(json.dumps(entries))
        code, output = law.run([
            "cppcheck", f"--project={project}", f"--cppcheck-build-dir={memory}", "-j2", "--quiet",
            "--enable=warning,style,performance,portability",
            "--library=posix", "--template={file}:{line}: {message} [{id}]", "--error-exitcode=1",
            "--inline-suppr", *[f"--suppress={line}" for line in suppressions]])
    if code != 0:
        findings.add(root, 0, "cppcheck\n" + output)
    findings.finish(f"{len(entries)} sources")


main()
