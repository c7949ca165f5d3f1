"""clang-format (.clang-format in the root) would change nothing of ours.

usage: format.py CHECKOUT"""

import pathlib
import re
import sys

import law


def main():
    root = pathlib.Path(sys.argv[1]).resolve()
    findings = law.Findings(root)
    paths = law.our_files(root, law.OURS, {".c", ".h"})
    _, output = law.run(["clang-format", "--dry-run", "-Werror",
                         f"--style=file:{root}/.clang-format", *map(str, paths)])
    said = {}
    for path, line in re.findall(r"^(/[^:\n]+):(\d+):\d+: error:", output, re.M):
        said.setdefault(pathlib.Path(path), line)
    for path, line in said.items():
        findings.add(path, line, "clang-format would change it")
    if output and not said:
        sys.exit("clang-format: " + output)
    findings.finish(f"{len(paths)} files")


main()
