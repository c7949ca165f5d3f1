/*
 * What the agent holds: observations that wait to be sent, and those that were acknowledged
 * (history). One SQLite file; every call that writes is one transaction, on disk when it
 * returns. What it holds is joined (SPEC 3), so it is bounded by what is different, not by how
 * long nobody listened. The only room of the agent that knows sqlite3.
 *
 * Time: a run's moments are on its own steady clock: wall time as it was when the run began,
 * plus what the clock that does not jump has counted since. `correction` is what must be added
 * to come to wall time as it is now; it is applied when a report is made, never to what is
 * stored.
 */
#ifndef SPOOL_SPOOL_H
#define SPOOL_SPOOL_H

#include "base/diag.h"
#include "domain/report.h"

struct spool;

#define SPOOL_MERGE_GAP                                                                        \
    ((dur_t){45 * 60}) /* SPEC 3: stretches at most so far apart are one                       \
                        */
#define SPOOL_HISTORY ((dur_t){INT64_C(400) * 86400}) /* 13 months */
#define SPOOL_RESEND ((dur_t){INT64_C(35) * 86400})   /* older backups are not worth it */

enum spool_open_how {
    SPOOL_KEEP, /* the keeper: makes it when there is none, sets a broken one aside */
    SPOOL_LOOK, /* status, history: reads only; -ENOENT when there is none */
};

/*
 * What opening found. It is said at each opening until spool_begin() has recorded it in a gap,
 * also after a crash between the two.
 */
struct spool_found {
    bool was_broken; /* a file that is no spool any more was renamed to `aside` */
    char aside[600];
    wall_t broken_since; /* the file's last change: from there on nothing is known to be held */
};

/*
 * 0; -EIO, -ENOSPC, -EACCES … with the reason in d; -EBUSY: another keeper has it; -EPROTO:
 * made by a newer version. A file of an older one is brought up (SPOOL_KEEP), whole or not at
 * all, or read as it is (SPOOL_LOOK). A file that is no database, or fails its check, is set
 * aside (SPOOL_KEEP): renamed to PATH.broken-TIME, TIME its last change, of which the three
 * newest are kept. SPOOL_LOOK says -EBADF of such a one. ret_found may be NULL.
 *
 * All calls below, besides what they say themselves: -EAGAIN, a reader held on to it for more
 * than 5 s, try again; -EBADF, the file was damaged, removed or replaced while it was open:
 * close it, open it again, and begin a run with a boot of its own (the counter of the present
 * one would start anew); -ENOMEM; -EROFS. After an error nothing of the call was done.
 */
MUST_USE int spool_open(const char *path, enum spool_open_how how, struct spool **ret,
                        struct spool_found *ret_found, struct diag *d);
void spool_close(struct spool *s);
static inline void spool_done(struct spool **s)
{
    spool_close(*s);
}
/* Of the last call that failed; borrowed. */
const char *spool_diag(const struct spool *s);

/* ---- Runs ---------------------------------------------------------------------------- */

struct spool_run {
    struct uuid boot;   /* this run's boot_id */
    struct uuid kernel; /* the machine's own: while it is the same, boot clocks are, too */
    wall_t started;     /* wall time at the run's start: its steady clock's */
    int64_t started_s;  /* clock_boot() at that moment */
};

/*
 * Begins the current run. Earlier runs without anything left are forgotten; reports that were
 * on their way go back to what waits. At most 1,024 runs are held: of a program that ends again
 * and again those go first of which all was acknowledged, then the oldest, and a gap `spool` of
 * the current run says so, as it does of a file that was set aside. 0; -EIO, -ENOSPC.
 * spool_tick(), spool_put() and spool_take_report() say -EINVAL before it.
 */
MUST_USE int spool_begin(struct spool *s, const struct spool_run *run);

/* The clocks as they are now: kept for this run and for earlier ones of the same kernel, so
 * that what is sent after a restart is still placed right. 0 or -errno. */
MUST_USE int spool_tick(struct spool *s, wall_t now, int64_t boot_s);

/* ---- Observations of the current run ------------------------------------------------- */

struct spool_facts { /* borrowed; moments on the run's steady clock */
    const struct report_sighting *sightings;
    size_t n_sightings;
    const struct report_mailboxes *mailboxes;
    size_t n_mailboxes;
    const struct report_gap *gaps;
    size_t n_gaps;
};

/*
 * Joins them to what waits. 0; -EIO, -ENOSPC: nothing of it is kept, call again; -EINVAL: what
 * no report may hold, and nothing of the rest either. Over the cap (spool_set_cap) the oldest
 * that waits, or was set aside, goes, and a gap `spool` of the current run says from when to
 * when and how many rows: one gap, however often. The same facts again change nothing; `lost`
 * of gaps is added up, but for one that lies within the other.
 */
MUST_USE int spool_put(struct spool *s, const struct spool_facts *facts);
/* Of rows that wait, all kinds; at least 1,000. Default CAP_SPOOL_ROWS. */
void spool_set_cap(struct spool *s, int64_t rows);
/* Of rows of history; beyond it the oldest go. At least 1,000. Default CAP_HISTORY_ROWS. */
void spool_set_history_cap(struct spool *s, int64_t rows);
/* Of rows that could be sent again, the same. Default CAP_SENT_ROWS. */
void spool_set_sent_cap(struct spool *s, int64_t rows);

/* ---- Sending ------------------------------------------------------------------------- */

/* The licences that a live report lists. */
struct spool_now {
    const struct report_license *licenses;
    size_t n_licenses;
    wall_t now;     /* wall time at this attempt … */
    int64_t boot_s; /* … and clock_boot() */
};

/*
 * The next report: of the current run first (even when it saw nothing new: then it says which
 * licences are there), later calls give what is left of it, then of earlier runs, with
 * is_live false and their own boot; those list no licences. At most the caps of a report and
 * about 3 MiB. Its counter is on disk before this returns and never used again, so no two
 * bodies of a run share one. What it holds is on its way until one of the three calls below;
 * only one is on its way at a time. `is_first`: the first call of a round, which gives the live
 * one always. Nothing is said to be seen after `now`. Of more licences than a report may list
 * the first are.
 *
 * 1 with *ret, for report_done(); 0: nothing is left; -EBUSY: one is on its way; -errno.
 */
MUST_USE int spool_take_report(struct spool *s, const struct spool_now *at, bool is_first,
                               struct report *ret);

/* Each of the three does nothing where nothing is on its way; after an error it still is: call
 * again. */

/*
 * The collector has it on disk: to history; and it is kept to be sent again, should the
 * collector lose it. `server`: the name under which it was sent ("" = not known: it is not
 * kept); of another name than before, what was kept before goes. The note
 * SPOOL_NOTE_ACKNOWLEDGED says which report it was. `is_lacking`: the collector lacks what it
 * acknowledged before, and is not sent it now; the note stays as it was, so that it is asked
 * again. On a full disk what is kept to be sent again makes room.
 */
MUST_USE int spool_acknowledge(struct spool *s, const char *server, bool is_lacking);
/*
 * What was acknowledged under that name, and not pruned since, waits again, joined to what
 * waits, as it was put: by its run, on that one's clock. As much as the cap of what waits has
 * room for; the newest. Again is nothing. *ret_rows = how many rows.
 */
MUST_USE int spool_resend(struct spool *s, const char *server, int64_t *ret_rows);
/* Not this time: back to what waits. */
MUST_USE int spool_give_back(struct spool *s);
/*
 * It was refused for good (400). `at` is the collector's pointer ("/mailboxes/3/domain"): where
 * it names an entry of a list, that entry alone is set aside and the others go back; else all
 * of it is. Set aside = kept, joined, bounded like the rest, tried again once by
 * spool_retry_aside(). *ret_rows = how many rows were set aside: 0 where the pointer names a
 * licence, which is not held here; all goes back then, and the caller lists it otherwise, or
 * not at all, the next time. The note SPOOL_NOTE_REFUSED keeps the last `at` and `why`.
 */
MUST_USE int spool_set_aside(struct spool *s, const char *at, const char *why,
                             int64_t *ret_rows);
/* Once a day: what was set aside before `before` (wall time) waits again. */
MUST_USE int spool_retry_aside(struct spool *s, wall_t before);

struct spool_counts {
    int64_t waiting, aside, history; /* rows; what is on its way waits, too */
    int64_t runs;                    /* with something waiting */
    wall_t oldest;                   /* of what waits, wall time; WALL_END = nothing */
    int64_t bytes;                   /* of the file */
};
MUST_USE int spool_count(struct spool *s, struct spool_counts *ret);

/* ---- History ------------------------------------------------------------------------- */

/* Acknowledged stretches, wall time, joined over runs; in order of licence, address, source,
 * time, or of domain and time. A callback's non-zero return ends the walk and is returned. It
 * may take its time: nothing is locked meanwhile. */
typedef int spool_sighting_fn(void *arg, const struct report_sighting *s);
typedef int spool_mailboxes_fn(void *arg, const struct report_mailboxes *m);
typedef int spool_gap_fn(void *arg, const struct report_gap *g);
struct spool_reader {
    spool_sighting_fn *sighting; /* NULL = passed over */
    spool_mailboxes_fn *mailboxes;
    spool_gap_fn *gap;
    void *arg;
};
/* Those that meet the window, whole. */
MUST_USE int spool_history(struct spool *s, struct span window, const struct spool_reader *r);
/* The same of what waits or is on its way, wall time by the run's last known correction. All of
 * it is in memory meanwhile, some 15 MB at most: for programs that end soon. */
MUST_USE int spool_waiting(struct spool *s, const struct spool_reader *r);
/* Drops history that ended before `before`, and what could be sent again that was last
 * sent before `sent_before` (see SPOOL_RESEND); gives free pages back. */
MUST_USE int spool_prune(struct spool *s, wall_t before, wall_t sent_before);

/* ---- Notes: what status shows, small texts by name ------------------------------------ */

#define SPOOL_NOTE_MAX 65536
#define SPOOL_NOTE_REFUSED "refused" /* "POINTER: REASON" */
/* "BOOT_ID COUNTER SERVER": the last report that was acknowledged, and under which name. */
#define SPOOL_NOTE_ACKNOWLEDGED "acknowledged"
/* Replaces; NULL removes. Names are ours; those that begin with "spool." are the spool's own.
 * -ERANGE: over SPOOL_NOTE_MAX. */
MUST_USE int spool_note_put(struct spool *s, const char *name, const char *value);
/* A copy to free, or NULL where there is none; -errno on failure. */
MUST_USE int spool_note_get(struct spool *s, const char *name, char **ret);

#endif
