/* Addresses that more than one server used as a peer (crowded-address). */
#ifndef RUN_ADDRESS_PASS_H
#define RUN_ADDRESS_PASS_H

#include "run/nightly.h"

MUST_USE int address_pass(const struct run_setup *setup, const struct run_period *periods,
                          size_t n, struct audit_work *w, const struct finding_sink *sink);

#endif
