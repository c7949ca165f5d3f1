/* Drafts as a table for people, with their sums. */
#ifndef CTL_DRAFT_TABLE_H
#define CTL_DRAFT_TABLE_H

#include "ctl/night.h"

/* Of all the night's periods, to standard output. 0 or an exit code. */
MUST_USE int draft_tables(struct night *n);

#endif
