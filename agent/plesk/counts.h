/* Making a list of counts: domains in any order, their names as somebody wrote them. */
#ifndef PLESK_COUNTS_H
#define PLESK_COUNTS_H

#include "plesk/count.h"

#define COUNTS_DOMAINS_MAX ((size_t)CAP_REPORT_MAILBOXES * 4)

/* A domain with nothing counted yet. 0 with its place; -EBADMSG: no domain name, or -ERANGE:
 * one more than there is room for (both are counted in c->refused); -ENOMEM. */
MUST_USE int counts_add(struct counts *c, struct text name, size_t *ret_at);

/* The most that a report can say of one domain. */
void counts_raise(int64_t *count, int64_t by);

/* Sorts them. What is one domain in two spellings stays once, with the larger of each number:
 * a sum could count the same mailboxes twice. */
void counts_settle(struct counts *c);

#endif
