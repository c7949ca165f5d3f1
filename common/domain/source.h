/* How an address was seen (SPEC 3). The numbers are stored: append only. */
#ifndef DOMAIN_SOURCE_H
#define DOMAIN_SOURCE_H

#include "base/text.h"

enum source {
    SOURCE_PEER = 0,
    SOURCE_KEYSERVER = 1,
    SOURCE_NAT = 2,
    SOURCE_PANEL = 3,
    SOURCE_INTERFACE = 4,
};
#define SOURCE_COUNT 5

/* What an agent could not see (SPEC 3, gaps). The numbers are stored: append only. */
enum gap_kind {
    GAP_CAPTURE = 0,
    GAP_CONNTRACK = 1,
    GAP_SPOOL = 2,
    GAP_MAILBOXES = 3,
};
#define GAP_KIND_COUNT 4

const char *source_name(enum source s);
MUST_USE int source_parse(struct text t, enum source *ret); /* 0 or -EBADMSG */
const char *gap_kind_name(enum gap_kind k);
MUST_USE int gap_kind_parse(struct text t, enum gap_kind *ret);

#endif
