/* The parts of a story, made one after another by story.c. Private to this room. */
#ifndef RUN_STORY_PARTS_H
#define RUN_STORY_PARTS_H

#include "audit/extra_ip.h"
#include "audit/mailboxes.h"
#include "audit/outside.h"
#include "run/findings.h"
#include "run/story.h"

/* What all parts are told. */
struct story_maker {
    struct story *s;
    const struct run_setup *setup;
    const struct book *book;
    const struct audit *a;
};

/* Copies into the story's arena; NULL when out of memory (for n = 0 too an address is given).
 */
void *story_keep(struct story_maker *m, const void *v, size_t n, size_t elem);
MUST_USE int story_keep_spans(struct story_maker *m, const struct spans *v,
                              struct story_spans *ret);
MUST_USE int story_keep_level(struct story_maker *m, const struct level *l,
                              struct story_level *ret);
/* A formatted text; NULL when out of memory. */
const char *story_print(struct story_maker *m, const char *fmt, ...) PRINTF_LIKE(2, 3);

/* A rule's level, where it was held, its answer and outlook; l may hold more than the window.
 */
MUST_USE int story_rule_fill(struct story_maker *m, const struct entry *e,
                             const struct level *l, struct story_rule *rule);

/* What holds of a rule from now on: its kind, terms and answer are set. `held` is joined. */
struct story_outlook story_outlook(const struct story_maker *m, const struct entry *e,
                                   const struct story_rule *rule, const struct spans *held);

/* A judged entry's facts: `ret` has reseller, valid, v, policy. */
MUST_USE int story_license_entry(struct story_maker *m, const struct license_case *c,
                                 const struct entry *e, struct story_entry *ret);
MUST_USE int story_domain_entry(struct story_maker *m, const struct domain_case *c,
                                const struct entry *e, struct story_entry *ret);

/* How units stood, and what held when; the entry's units and rules are there. */
struct story_walk_facts {
    const struct presences *presences;
    const struct extra_ip_facts *extra;
    const struct outside_facts *outside;
    const uint32_t *unit_no; /* by place: the entry's unit, or PRESENCE_ANY */
};
MUST_USE int story_walk(struct story_maker *m, const struct story_walk_facts *facts,
                        struct story_entry *e);

/* The rows of money, from the entries and the drafts of `findings` (the subject's own). */
MUST_USE int story_reckon(struct story_maker *m, struct findings *findings);

/* The sentences; all else is there. */
MUST_USE int story_advise(struct story_maker *m);

#endif
