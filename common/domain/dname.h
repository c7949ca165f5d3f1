/* Domain names as lower-case A-labels (SPEC 2). The only place that knows libidn2. */
#ifndef DOMAIN_DNAME_H
#define DOMAIN_DNAME_H

#include "base/caps.h"
#include "base/text.h"

#define DNAME_SIZE (CAP_DOMAIN + 1)
#define DNAME_SHOWN_SIZE 1024

/*
 * IDNA2008 with UTS 46 mapping (non-transitional), a trailing dot dropped; at least two
 * labels, each letters, digits, hyphens (and '_', which mail domains of old hosts carry), the
 * last one not all digits, which is an address.
 * 0; -EBADMSG; -ENOMEM.
 */
MUST_USE int dname_parse(struct text t, char ret[static DNAME_SIZE]);

/* The U-label form for people; the A-labels themselves where there is none. Returns `out`. */
const char *dname_show(const char *ascii, char out[static DNAME_SHOWN_SIZE]);

#endif
