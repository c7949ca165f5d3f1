"""What is changed, and which tests must notice."""

from dataclasses import dataclass, field


@dataclass
class Profile:
    sources: list            # globs of files whose operators are changed
    left_out: dict           # file: why it has no mutants of operators
    steps: str               # the list of steps
    programs: list           # test programs, linked into one
    apart: dict              # folder: the programs that have nothing to say about its files
    skipped: tuple           # suites that are about other rooms, and dear
    heavy: dict              # suites that come last, with their number of cases
    system: list             # system tests for files that only these see
    seen_by_system: tuple    # of such files, the folders
    only_system: tuple       # of these, those that no test program has
    # All other suites, and of each its program; filled in when it begins.
    light: dict = field(default_factory=dict)

    def light_for(self, file):
        apart = [p for folder, programs in self.apart.items() if file.startswith(folder)
                 for p in programs]
        return [suite for suite, program in self.light.items() if program not in apart]

    def system_for(self, file):
        return self.system if file.startswith(self.seen_by_system) else []

    def is_only_for_system(self, file):
        return file.startswith(self.only_system)

    def is_about(self, file):
        folders = {pattern.rsplit("/", 1)[0] for pattern in self.sources}
        return file.rsplit("/", 1)[0] in folders


PROFILES = {
    "rules": Profile(
        sources=["collector/audit/*.c", "collector/ledger/*.c", "common/domain/span.c",
                 "common/domain/money.c", "common/domain/period.c", "common/domain/addr.c"],
        left_out={},
        steps="steps.txt",
        programs=["unit_audit", "unit_ledger", "unit_domain", "fairness", "unit_run",
                  "property"],
        apart={"collector/": ["unit_domain"], "collector/ledger/": ["unit_audit"],
               "common/": ["unit_run"]},
        skipped=("audit_laws", "union_property"),
        heavy={"audit_agrees": 300, "quiet": 50},
        system=["ledger", "proofs", "corrections", "audit"],
        seen_by_system=("collector/run/",),
        only_system=(),
    ),
    "report": Profile(
        sources=["collector/edition/*.c", "collector/bulletin/*.c"],
        left_out={},
        steps="steps-report.txt",
        programs=["unit_edition", "unit_bulletin", "contract"],
        apart={"collector/bulletin/": ["unit_edition", "contract"],
               "collector/edition/": ["contract"],
               "collector/store/": ["unit_edition", "unit_bulletin"]},
        skipped=("store_damage", "store_migration", "store_sqlite"),
        heavy={},
        system=["publish", "report", "ledger"],
        seen_by_system=("collector/ctl/", "collector/edition/keep",
                        "collector/edition/deliver"),
        only_system=("collector/ctl/",),
    ),
}
