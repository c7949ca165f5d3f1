/* How an address was seen, and what an agent could not see. */
#include "domain/source.h"

#include <errno.h>

static const char *const source_names[SOURCE_COUNT] = {
    [SOURCE_PEER] = "peer",   [SOURCE_KEYSERVER] = "keyserver", [SOURCE_NAT] = "nat",
    [SOURCE_PANEL] = "panel", [SOURCE_INTERFACE] = "interface",
};

static const char *const gap_names[GAP_KIND_COUNT] = {
    [GAP_CAPTURE] = "capture",
    [GAP_CONNTRACK] = "conntrack",
    [GAP_SPOOL] = "spool",
    [GAP_MAILBOXES] = "mailboxes",
};

/* The place of a text in a list of names; n where it has none. */
static size_t find_name(struct text t, const char *const *names, size_t n)
{
    size_t i = 0;
    while (i < n && !text_is(t, names[i]))
        i++;
    return i;
}

const char *source_name(enum source s)
{
    assert((size_t)s < SOURCE_COUNT);
    return source_names[s];
}

int source_parse(struct text t, enum source *ret)
{
    size_t i = find_name(t, source_names, SOURCE_COUNT);
    if (i == SOURCE_COUNT)
        return -EBADMSG;
    *ret = (enum source)i;
    return 0;
}

const char *gap_kind_name(enum gap_kind k)
{
    assert((size_t)k < GAP_KIND_COUNT);
    return gap_names[k];
}

int gap_kind_parse(struct text t, enum gap_kind *ret)
{
    size_t i = find_name(t, gap_names, GAP_KIND_COUNT);
    if (i == GAP_KIND_COUNT)
        return -EBADMSG;
    *ret = (enum gap_kind)i;
    return 0;
}
