"""fairuse-collector(8), fairuse-agent(8) and what they are about: everything that the programs can
say has its line there."""

import pathlib
import re

import ctl_world as world
from ctl_world import check, equal

ROOT = pathlib.Path(__file__).resolve().parents[2]
MANUAL = (ROOT / "docs/fairuse-collector.8.md").read_text()
AGENT = (ROOT / "docs/fairuse-agent.8.md").read_text()


def sources(*folders):
    return "".join(path.read_text() for folder in folders
                   for path in sorted((ROOT / "collector" / folder).glob("*.c")))


def agent_sources():
    return "".join(path.read_text() for path in sorted((ROOT / "agent").glob("*/*.c")))


def missing(words, manual=MANUAL):
    return sorted(word for word in words if not re.search(rf"(?<![\w-]){word}(?![\w-])", manual))


def events_of(text):
    calls = re.findall(r"\b(?:log_event|door_tell)\(((?:[^;])*?)\);", text)
    found = set()
    for call in calls:
        names = re.findall(r'"([a-z]+(?:-[a-z]+)*)"', call)
        found |= set(names[:2 if "?" in call.split('"')[0] else 1])
    return found


def exit_codes(text):
    names = set(re.findall(r"\bEX_([A-Z]+)\b", text)) - {"OK"}
    codes = dict(re.findall(r"#define EX_(\w+)\s+(\d+)",
                            pathlib.Path("/usr/include/sysexits.h").read_text()))
    return {codes[name] for name in names}


def test_every_event_of_the_log_is_explained(_):
    events = events_of(sources("ingest", "serve"))
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
    table = MANUAL.split("## Exit status")[1].split("##")[0]
    equal(sorted(c for c in exit_codes(sources("serve")) if f"| {c} |" not in table), [])
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


def test_every_event_of_the_agent_is_explained(_):
    events = events_of(agent_sources())
    check({"started", "probe-lost", "not-sent", "report-refused"} <= events, events)
    equal(missing(events, AGENT.split("## What the log says")[1]), [])


def test_every_exit_code_of_the_agent_is_there(_):
    table = AGENT.split("## Signals, exit status")[1].split("##")[0]
    said = {code for row in re.findall(r"^\| ([\d, ]+) \|", table, re.M)
            for code in row.split(", ")}
    text = "".join(path.read_text() for path in sorted((ROOT / "agent/cli").glob("*.c")))
    equal(sorted(exit_codes(text) - said), [])


def test_every_command_of_the_agent_is_there(ctl):
    agent = str(pathlib.Path(ctl.program).with_name("fairuse-agent"))
    table = (ROOT / "agent/cli/cli.c").read_text().split("commands[] = {")[1].split("};")[0]
    names = re.findall(r'{"([a-z-]+)", cmd_', table)
    check(len(names) == 9, names)
    helped = ctl.raw([agent, "--help"])
    equal(helped.code, 0, helped)
    for name in names:
        check(f"    fairuse-agent {name}" in AGENT, name)
        check(f"fairuse-agent {name}" in helped.out, name)


def test_the_agents_example_is_its_defaults(ctl):
    agent = str(pathlib.Path(ctl.program).with_name("fairuse-agent"))
    shipped = ctl.raw([agent, "check-config", "-c", str(ROOT / "conf/agent.conf")])
    equal((shipped.code, shipped.err), (0, ""), shipped)
    ctl.path("empty.conf").write_text("")
    equal(ctl.raw([agent, "check-config", "-c", "empty.conf"]).out, shipped.out)


if __name__ == "__main__":
    world.run_cases(globals())
