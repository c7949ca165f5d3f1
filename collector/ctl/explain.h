/* A story told: as text for people, as JSON, as a picture. */
#ifndef CTL_EXPLAIN_H
#define CTL_EXPLAIN_H

#include "ctl/ctl.h"
#include "picture/timeline.h"
#include "run/story.h"

/* What is told, where to, and how. All borrowed. */
struct telling {
    const struct story *story;
    const struct zone *zone;
    struct buf *out;
    bool has_colour;
};

/* Each adds to t->out. 0; -ENOMEM; -ERANGE over its cap; the picture also -EIO. */
MUST_USE int explain_text(const struct telling *t);
MUST_USE int explain_json(const struct telling *t);
MUST_USE int explain_picture(const struct telling *t, enum timeline_format format);

/* ---- What the three have in common ----------------------------------------------------- */

/* What a clause of the Fair Use Policy says, in a sentence; "" where there is none. */
const char *explain_clause(enum finding_kind k);

/* The run of an agent apart from others of its server: the first digits of its boot_id. */
#define EXPLAIN_MACHINE_SIZE (CAP_ID + 16)
const char *explain_machine(const struct story_entry *e, uint32_t machine,
                            char out[static EXPLAIN_MACHINE_SIZE]);

/* The moments between which a domain's count, its limit and what is over it stay the same. */
struct mail_stretch {
    struct span at;
    int64_t count, limit, over;
};
struct mail_stretches {
    struct mail_stretch *v;
    size_t n, cap;
};
void mail_stretches_done(struct mail_stretches *m);
MUST_USE int mail_stretches_of(const struct story_entry *e, struct mail_stretches *ret);

/* ---- Parts of the text ----------------------------------------------------------------- */

enum { EXPLAIN_COLUMNS = 96, EXPLAIN_ROWS_MAX = 60 };

/* A heading with a line under it. */
void tell_heading(const struct telling *t, const char *text);
/* A paragraph, broken at spaces, each line after `indent` spaces; the first after `lead`. */
void tell_wrapped(const struct telling *t, const char *lead, int indent, const char *text);
void tell_line(const struct telling *t, const char *fmt, ...) PRINTF_LIKE(2, 3);
/* The table, indented; and how many rows it had no room for, if any. Frees it. */
MUST_USE int tell_table(const struct telling *t, struct table *table, size_t left_out);

/* "2026-10-03 02:00": to the minute, in the zone. */
#define EXPLAIN_MOMENT_SIZE ZONE_TEXT_SIZE
const char *tell_moment(const struct telling *t, wall_t at,
                        char out[static EXPLAIN_MOMENT_SIZE]);

/* "from … to …", "always" where it is open at both ends. */
const char *tell_term(const struct telling *t, struct term term, char out[static 96]);

/* The steps of the rules, but for the question, which all have in common. */
MUST_USE int tell_extra_ip(const struct telling *t, const struct story_entry *e);
MUST_USE int tell_outside(const struct telling *t, const struct story_entry *e);
MUST_USE int tell_mailboxes(const struct telling *t, const struct story_entry *e);
MUST_USE int tell_gaps(const struct telling *t, const struct story_entry *e);

#endif
