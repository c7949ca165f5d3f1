/* What fairuse-agent status knows, and how it says it. */
#ifndef CLI_STATUS_H
#define CLI_STATUS_H

#include "cli/words.h"
#include "keeper/state.h"
#include "options/options.h"
#include "spool/spool.h"

/* An address in use in the last day. */
struct status_place {
    struct addr address;
    enum source source;
    wall_t last;
};

struct status_license {
    char number[LICENSE_TEXT_SIZE], version[CAP_LABEL_TEXT + 1], expires[11];
    char edition[CAP_LABEL_TEXT + 1], product[CAP_LABEL_TEXT + 1];
};

struct status_standing {
    char license[LICENSE_TEXT_SIZE];
    enum message_state state;
    char kinds[65];
    wall_t since, confirms_at; /* 0 = not said */
};

struct status {
    wall_t now;
    bool has_run, is_running;
    char collector[TABLE_TEXT_SIZE], server[CAP_ID + 1]; /* "" = not enrolled */
    struct state state;
    struct spool_counts counts;
    struct status_place *places; /* sorted by address and source */
    size_t n_places, places_cap;
    struct status_license *licenses;
    size_t n_licenses, licenses_cap;
    struct status_standing *standing;
    size_t n_standing, standing_cap;
};

void status_done(struct status *s);
/* 0; -EIO and others with the reason in d. A spool that is not there is an agent that never
 * ran. */
MUST_USE int status_read(const struct options *o, wall_t now, struct status *ret,
                         struct diag *d);

/* buf_error() tells. */
void status_text(const struct status *s, enum language l, struct buf *out);
void status_json(const struct status *s, struct buf *out);

#endif
