"""The lists that are kept by hand: steps of the contract to break, and equivalent mutants.

An entry is a paragraph of `key: value` lines; a value goes on in lines that begin with a blank.
Spaces in what is looked for stand for any run of spaces and line ends, so a list survives
another indentation, and nothing else: text that is no longer there is an error."""

import pathlib
import re
from dataclasses import dataclass

import mutate


class Rotten(Exception):
    """An entry that no longer means anything."""


def paragraphs(path):
    """(line, {key: value}) for each entry; lines that begin with # are comments."""
    entry, start, key = {}, 0, None
    for number, line in enumerate(pathlib.Path(path).read_text().splitlines() + [""], 1):
        if line.startswith("#"):
            continue
        if not line.strip():
            if entry:
                yield start, entry
            entry, key = {}, None
        elif line[0].isspace():
            if key is None:
                raise Rotten(f"{path}:{number}: goes on with nothing")
            entry[key] += "\n" + line.strip()
        else:
            match = re.match(r"([a-z]+):(?: (.*))?$", line)
            if not match or match.group(1) in entry:
                raise Rotten(f"{path}:{number}: is no `key: value`, or the key came before")
            start = start if entry else number
            key = match.group(1)
            entry[key] = match.group(2) or ""


def need(path, line, entry, keys, optional=()):
    if set(entry) - set(optional) != set(keys):
        raise Rotten(f"{path}:{line}: needs {', '.join(keys)}, and has {', '.join(entry)}")


def pattern_of(text):
    return re.compile(r"\s+".join(re.escape(word) for word in text.split()))


def step_mutant(root, path, line, entry):
    source = (root / entry["file"]).read_text()
    found = list(pattern_of(entry["text"]).finditer(source))
    which = int(entry.get("nth", 1))
    if len(found) < which or "nth" not in entry and len(found) != 1:
        raise Rotten(f"{path}:{line}: the text occurs {len(found)} times in {entry['file']}: "
                     f"{entry['text']!r}")
    match = found[which - 1]
    made = mutate.changed(entry["file"], source, match.start(), match.end(), entry["becomes"],
                          f"SPEC {entry['clause']}: {entry['breaks']}")
    return made


def read_steps(root, path):
    """The mutants of a list of steps, in its order."""
    steps = []
    for line, entry in paragraphs(path):
        need(path, line, entry, ("clause", "breaks", "file", "text", "becomes"), ("nth",))
        steps.append(step_mutant(root, path, line, entry))
    return steps


@dataclass
class Equivalent:
    where: str
    file: str
    function: str
    text: str
    becomes: str
    why: str
    is_met: bool = False

    def is_of(self, mutant):
        return (self.file, self.function, self.text, self.becomes) == \
            (mutant.file, mutant.function, mutant.before, mutant.after)


def read_equivalents(path):
    found = []
    for line, entry in paragraphs(path):
        need(path, line, entry, ("file", "in", "text", "becomes", "why"))
        text, becomes = (" ".join(entry[key].split()) for key in ("text", "becomes"))
        found.append(Equivalent(f"{path}:{line}", entry["file"], entry["in"], text, becomes,
                                entry["why"]))
    return found


SURVIVED = re.compile(r"^([^\s:]+):\d+: (.+): no test notices\n    (.*)\n    (.*)$", re.M)


def read_survivors(path):
    """(file, change, before, after) of what survived in a run of which this is the output."""
    return SURVIVED.findall(path.read_text())
