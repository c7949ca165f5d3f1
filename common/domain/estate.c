/* Names of what the estate enumerates. */
#include "domain/estate.h"
#include <errno.h>

static const char *const charge_kind_names[] = {"extra-ip", "mailboxes", "outside"};
static_assert(ARRAY_LEN(charge_kind_names) == CHARGE_KIND_COUNT, "a name for each kind");

const char *charge_kind_name(enum charge_kind k)
{
    return charge_kind_names[k];
}

int charge_kind_parse(struct text t, enum charge_kind *ret)
{
    for (int i = 0; i < CHARGE_KIND_COUNT; i++)
        if (text_is(t, charge_kind_names[i])) {
            *ret = (enum charge_kind)i;
            return 0;
        }
    return -EBADMSG;
}
