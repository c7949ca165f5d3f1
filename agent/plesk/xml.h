/*
 * XML documents of others, element by element. The only place that knows expat.
 *
 * All memory of the parser, heap and stack, is wiped before it is given back: whatever passed
 * through it, also what nobody asked for, is nowhere afterwards. Doctypes are refused, and with
 * them all entities but the five that XML itself has; so is nesting deeper than XML_DEPTH_MAX.
 */
#ifndef PLESK_XML_H
#define PLESK_XML_H

#include "base/diag.h"
#include "base/text.h"

#define XML_DEPTH_MAX 32 /* key files need 4 */

struct xml_element {
    struct text space; /* the namespace's name; empty without one */
    struct text local;
    size_t depth;                  /* 1 = the root */
    const char *const *attributes; /* name, value, name, value, …, NULL */
};

/* What is told of a document, in its order; each may be NULL. What is passed is borrowed for
 * the call. A negative result ends the reading with it; the reason is to be in d then. */
struct xml_listener {
    int (*opened)(void *arg, const struct xml_element *e, struct diag *d);
    int (*text)(void *arg, struct text part, struct diag *d); /* often more than one in a row */
    int (*closed)(void *arg, size_t depth, struct diag *d);
    void *arg;
};

/* 0; -EBADMSG with the reason, "line 3, column 7: …", never with a value of the document;
 * -ENOMEM; what a listener returned, its reason with the place put before it. */
MUST_USE int xml_read(struct text bytes, const struct xml_listener *listener, struct diag *d);

/* Without the white space of XML at its ends. */
struct text xml_trim(struct text t);

#endif
