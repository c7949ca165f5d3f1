/* Key files as Plesk writes them, with invented values. */
#ifndef UNIT_PLESK_KEYTEXT_H
#define UNIT_PLESK_KEYTEXT_H

#include "base/buf.h"

#define KEYTEXT_PRODUCT_SPACE "http://parallels.com/schemas/keys/products/plesk/unified/multi"
#define KEYTEXT_CORE_3 "http://parallels.com/schemas/keys/core/3"
#define KEYTEXT_CORE_2 "http://swsoft.com/schemas/keys/core/2"
#define KEYTEXT_TICKET "0123-invented-update-ticket-4567"

struct keytext {
    const char *number; /* NULL = the element is not there; so with all of them */
    const char *version, *product, *expires, *edition, *machine;
    const char *core; /* the namespace; NULL = core/3 */
};

static inline void keytext_element(struct buf *b, const char *name, const char *value)
{
    if (value)
        buf_printf(b, "  <%s>%s</%s>\n", name, value, name);
}

/* Appends the file. */
static inline void keytext_print(const struct keytext *k, struct buf *b)
{
    buf_add_str(b, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!-- a key -->\n");
    buf_printf(b,
               "<plesk-unified:key xmlns:plesk-unified=\"%s\" core:format=\"openfusion-3\""
               " xmlns:core=\"%s\">\n",
               KEYTEXT_PRODUCT_SPACE, k->core ? k->core : KEYTEXT_CORE_3);
    keytext_element(b, "core:key-number", k->number);
    keytext_element(b, "core:key-version", k->version);
    buf_add_str(b, "  <core:description><core:keytype>Web Pro</core:keytype>"
                   "<core:key-number>PLSK.99999999</core:key-number></core:description>\n");
    keytext_element(b, "core:product", k->product);
    keytext_element(b, "core:version", "17.0");
    keytext_element(b, "core:version", "18.0");
    keytext_element(b, "core:expiration-date", k->expires);
    keytext_element(b, "core:update-date", "never");
    buf_add_str(b, "  <core:update-ticket core:hidden=\"true\">" KEYTEXT_TICKET
                   "</core:update-ticket>\n");
    keytext_element(b, "plesk-unified:edition", k->edition);
    keytext_element(b, "plesk-unified:machine-id-info", k->machine);
    keytext_element(b, "plesk-unified:domains", "-1");
    buf_add_str(b, "</plesk-unified:key>\n");
}

#endif
