/* Drafts as a table for people, with their sums. */
#ifndef CTL_DRAFT_TABLE_H
#define CTL_DRAFT_TABLE_H

#include "ctl/night.h"

/* Of all the night's periods, to standard output. 0 or an exit code. */
MUST_USE int draft_tables(struct night *n);

/* The rows of SPEC 7's `due`: a JSON array, or CSV with the same members as columns. */
MUST_USE int draft_json(struct night *n);
MUST_USE int draft_csv(struct night *n);

#endif
