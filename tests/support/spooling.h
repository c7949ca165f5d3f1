/*
 * A spool in a folder of a test's own, short ways to say what is put into it, and its content
 * as text: one line a stretch, times in seconds after SPOOLING_T0.
 *
 *   S1 A2 keyserver 0-300            licence 1 on address 2
 *   example1.nl 7 0-300              domain 1 with 7 mailboxes
 *   gap spool 0-300 lost 4
 */
#ifndef SUPPORT_SPOOLING_H
#define SUPPORT_SPOOLING_H

#include "spool/spool.h"
#include "support/temp.h"

/* 2026-11-18T11:06:40Z, in seconds. */
#define SPOOLING_T0 INT64_C(1795000000)

struct spooling {
    struct temp temp;
    char path[TEMP_PATH_SIZE];
    struct spool *s;
    struct spool_found found; /* of the last opening */
};

/* A new one, open, with a run: number 1 of kernel 1, begun at T0, boot clock 1000. Fails the
 * test where that is not possible. */
void spooling_start(struct spooling *f);
void spooling_done(struct spooling *f);

/* Closes it, and opens it again. */
void spooling_open(struct spooling *f);
/* Begins run number `boot` on kernel `kernel`. */
void spooling_begin(struct spooling *f, int boot, int kernel, int64_t started,
                    int64_t started_s);

/* Times in seconds after T0. */
struct report_sighting spooling_sighting(int license, int address, int64_t first, int64_t last);
struct report_mailboxes spooling_mailboxes(int domain, int64_t count, int64_t first,
                                           int64_t last);
struct report_gap spooling_gap(enum gap_kind what, int64_t first, int64_t last, int64_t lost);

/* Puts one; what spool_put() says. */
int spooling_put_sighting(struct spooling *f, struct report_sighting x);
int spooling_put_mailboxes(struct spooling *f, struct report_mailboxes x);
int spooling_put_gap(struct spooling *f, struct report_gap x);

/* The clocks at `now` seconds after T0 on a machine whose boot clock was 1000 at T0, and whose
 * wall clock jumped by `jump` since. No licences. */
struct spool_now spooling_now(int64_t now, int64_t jump);

/* As text, to be freed. */
char *spooling_waiting(struct spooling *f);
char *spooling_history(struct spooling *f);
char *spooling_report(const struct report *r);

/* Whether it is this text; frees it, and shows both where it is not. */
bool spooling_is(char *text, const char *expected);

struct spool_counts spooling_counts(struct spooling *f);

/* Takes the next report, all of it as text; NULL when there is none. */
char *spooling_take(struct spooling *f, int64_t now, int64_t jump, bool is_first);

#endif
