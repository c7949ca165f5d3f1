/* The forms that texts of the settings have: each is checked, and brought to one spelling. */
#ifndef TABLE_FORMS_H
#define TABLE_FORMS_H

#include "table/table.h"

/* All as table_form. */
MUST_USE int form_endpoint(struct text t, char ret[static TABLE_TEXT_SIZE]);
/* An endpoint that only this host can reach. */
MUST_USE int form_loopback(struct text t, char ret[static TABLE_TEXT_SIZE]);
/* What a certificate can name: an address, a domain, or a host's name of one label. */
MUST_USE int form_host(struct text t, char ret[static TABLE_TEXT_SIZE]);
MUST_USE int form_domain(struct text t, char ret[static TABLE_TEXT_SIZE]);
/* "host", "host:port", "[address]:port". */
MUST_USE int form_server(struct text t, char ret[static TABLE_TEXT_SIZE]);

#endif
