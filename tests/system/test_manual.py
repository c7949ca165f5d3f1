"""fairuse-collector(8) and what it is about: everything that the program can say has its line
there."""

import pathlib
import re

import ctl_world as world
from ctl_world import check, equal

ROOT = pathlib.Path(__file__).resolve().parents[2]
MANUAL = (ROOT / "docs/fairuse-collector.8.md").read_text()


def sources(*folders):
    return "".join(path.read_text() for folder in folders
                   for path in sorted((ROOT / "collector" / folder).glob("*.c")))


def missing(words):
    return sorted(word for word in words if not re.search(rf"(?<![\w-]){word}(?![\w-])", MANUAL))


def test_every_event_of_the_log_is_explained(_):
    calls = re.findall(r"\b(?:log_event|door_tell)\(((?:[^;])*?)\);", sources("ingest", "serve"))
    events = {word for call in calls for word in re.findall(r'"([a-z]+(?:-[a-z]+)*)"', call)[:1]}
    check({"started", "refused", "store-failing"} <= events, events)
    equal(missing(events), [])


def test_every_reason_of_a_refusal_is_explained(_):
    names = set(re.findall(r'\[REFUSAL_\w+\] = {"([a-z-]+)"', sources("enrol"))) - {"none"}
    check(len(names) > 8, names)
    equal(missing(names), [])


def test_every_path_and_status_is_there(_):
    text = sources("ingest") + (ROOT / "common/http/http.c").read_text()
    paths = set(re.findall(r'{"(/[\w/]+)", HTTP_', text))
    check("/v1/reports" in paths, paths)
    equal([path for path in paths if path not in MANUAL], [])
    routes = (ROOT / "collector/ingest/route.c").read_text()
    statuses = set(re.findall(r"\brefused \w+\s*=\s*{\s*(\d{3}),", routes))
    statuses |= set(re.findall(r"refuse\((?:h->)?reterr, (\d{3}),", text))
    check({"401", "429", "503"} <= statuses, statuses)
    equal(missing(statuses), [])


def test_every_exit_code_is_there(ctl):
    names = set(re.findall(r"\bEX_([A-Z]+)\b", sources("serve"))) - {"OK"}
    codes = dict(re.findall(r"#define EX_(\w+)\s+(\d+)",
                            pathlib.Path("/usr/include/sysexits.h").read_text()))
    table = MANUAL.split("## Exit status")[1].split("##")[0]
    equal(sorted(name for name in names if f"| {codes[name]} |" not in table), [])
    collector = pathlib.Path(ctl.program).with_name("fairuse-collector")
    equal(ctl.raw([str(collector), "serve"]).code, 64, "no store was named")
    ctl.path("bad.conf").write_text("collector = { queue = 1; };\n")
    ran = ctl.raw([str(collector), "check-config", "-c", "bad.conf"])
    equal(ran.code, 78, ran)
    check("bad.conf:1" in ran.err and "`batch` is 256" in ran.err, ran)


def test_check_config_prints_what_reads_back(ctl):
    collector = str(pathlib.Path(ctl.program).with_name("fairuse-collector"))
    first = ctl.raw([collector, "check-config", "-c", str(ROOT / "conf/collector.conf")])
    equal((first.code, first.err), (0, ""), first)
    ctl.path("again.conf").write_text(first.out)
    equal(ctl.raw([collector, "check-config", "-c", "again.conf"]).out, first.out)


def test_every_file_beside_the_store_is_there(ctl):
    ctl.must("store", "init")
    found = {path.name.removeprefix("store.db") for path in ctl.folder.glob("store.db*")}
    equal(sorted(name for name in found if f"fairuse.db{name}`" not in MANUAL), [], found)


if __name__ == "__main__":
    world.run_cases(globals())
