/* What the files of coverage share. Private to them. */
#ifndef EDITION_COVERAGE_PARTS_H
#define EDITION_COVERAGE_PARTS_H

#include "edition/sides.h"

/* One reseller's. */
struct covered {
    struct bulletin_coverage counts;
    wall_t since;       /* from here to the end counts as seen */
    dur_t silent_after; /* its policy's, as what follows */
    bool mailbox_filtered_only;
};

/* A server while it is one reseller's. */
struct seat {
    struct term valid;
    uint32_t reseller; /* in the book */
    bool has_gap;
};

struct seated {
    server_id id;
    wall_t last;    /* heard of: its enrolment, its latest evidence; cut at the end */
    uint32_t first; /* of the seats */
    uint32_t n;
    bool is_off; /* retired or revoked: nobody waits for it */
};

/* All servers that have a number, by it. */
struct seats {
    struct seated *servers;
    struct seat *v;
    size_t n_servers, cap_servers, n, cap;
    struct seated *latest; /* that was asked for: rows come by machine */
};

struct coverage {
    const struct book *book;
    struct covered *of; /* as the book's resellers */
    wall_t p0, end;     /* of the newest period: its start, and E */
    struct seats seats;
};

/* The servers with their resellers. 0; store errors; -ENOMEM. */
MUST_USE int seats_load(struct coverage *c, const struct run_setup *run);
void seats_done(struct seats *s);
/* NULL when the store has no such server. */
struct seated *seats_find(struct seats *s, server_id id);

/* Something was seen on that server. NULL when that was too long ago, or is to come, or the
 * server is unknown: then it shows nothing. */
struct seated *coverage_hear(struct coverage *c, server_id id, struct span seen);
/* Whether the server was the reseller's at some moment of a span. */
bool coverage_is_at_home(const struct coverage *c, const struct seated *s, uint32_t reseller,
                         struct span seen);

/* Each counts what its name says, for all resellers. 0; store errors; -ENOMEM. */
MUST_USE int coverage_licenses(struct coverage *c, const struct run_setup *run);
MUST_USE int coverage_domains(struct coverage *c, const struct run_setup *run);
MUST_USE int coverage_gaps(struct coverage *c, struct store *s);

#endif
