/*
 * crowded-address (SPEC 6.4): who was seen behind which address is kept outside memory while
 * the licences go by, and told address by address at the end.
 */
#ifndef RUN_ADDRESS_PASS_H
#define RUN_ADDRESS_PASS_H

#include "run/feed.h"
#include "run/nightly.h"

struct address_pass;

/* All borrowed. */
MUST_USE int address_pass_new(const struct run_setup *setup, const struct run_window *window,
                              struct address_pass **ret);
void address_pass_free(struct address_pass *p);

/* Notes where the collector saw the licence's servers in the periods. */
MUST_USE int address_pass_license(struct address_pass *p, const struct license_outline *o);

MUST_USE int address_pass_end(struct address_pass *p, struct audit_work *w,
                              const struct finding_sink *sink);

#endif
