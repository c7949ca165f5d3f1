/* The benchmark: one program, a command for each thing that is measured; see README.md. */
#include "bench/bench.h"

#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "base/text.h"

static const char usage[] =
    "usage: bench generate PATH LICENCES   a store with so many licences\n"
    "       bench read PATH                its sightings in key order, by SQLite alone\n"
    "       bench audit PATH PERIODS       a night's audit of the last so many periods\n"
    "       bench expect PATH LICENCES     whether the audit finds what was planted\n"
    "       bench sql PATH                 rule 6.1 as window functions\n"
    "       bench reports PATH SERVERS REPORTS   recorded reports, so many a server\n"
    "       bench import FAIRUSECTL STORE REPORTS   their import\n"
    "       bench put PATH SERVERS REPORTS BATCH SPACING   reports into a new store, by a "
    "loop\n"
    "       bench insert FROM TO COMMITS   the rows of one store put into another, bare\n";

static int64_t number(const char *text)
{
    int64_t v;
    if (text_to_int(text_of(text), 1, INT32_MAX, &v) != 0)
        bench_die("%s: must be a number from 1", text);
    return v;
}

int main(int argc, char **argv)
{
    const char *command = argc > 1 ? argv[1] : "";
    if (argc == 4 && strcmp(command, "generate") == 0)
        return bench_generate(argv[2], number(argv[3]));
    if (argc == 3 && strcmp(command, "read") == 0)
        return bench_read(argv[2]);
    if (argc == 4 && strcmp(command, "audit") == 0)
        return bench_audit(argv[2], number(argv[3]));
    if (argc == 4 && strcmp(command, "expect") == 0)
        return bench_expect(argv[2], number(argv[3]));
    if (argc == 3 && strcmp(command, "sql") == 0)
        return bench_sql(argv[2]);
    if (argc == 5 && strcmp(command, "reports") == 0)
        return bench_reports(argv[2], number(argv[3]), number(argv[4]));
    if (argc == 5 && strcmp(command, "import") == 0)
        return bench_import(argv[2], argv[3], argv[4]);
    if (argc == 5 && strcmp(command, "insert") == 0)
        return bench_insert(argv[2], argv[3], number(argv[4]));
    if (argc == 7 && strcmp(command, "put") == 0)
        return bench_put(argv[2], &(struct bench_run){number(argv[3]), number(argv[4]),
                                                      number(argv[5]), number(argv[6])});
    fputs(usage, stderr);
    return EX_USAGE;
}
