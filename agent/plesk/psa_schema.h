/*
 * What mailboxes are counted by: these columns of Plesk's database are all that the agent ever
 * reads, and all that its account has rights to. None of them holds a mailbox's name, an alias
 * or a password. (Parameters.value holds, among settings, the address of a catch-all: it is
 * only ever compared with 'catch', inside the server.)
 */
#ifndef PLESK_PSA_SCHEMA_H
#define PLESK_PSA_SCHEMA_H

#include "plesk/psa_db.h"

enum psa_column {
    PSA_DOMAINS_ID,
    PSA_DOMAINS_NAME,
    PSA_DOMAINS_STATUS,
    PSA_MAIL_ID,
    PSA_MAIL_DOM_ID,
    PSA_MAIL_POSTBOX,
    PSA_MAIL_REDIRECT,
    PSA_MAIL_GROUP,
    PSA_ALIASES_MN_ID,
    PSA_LISTS_DOM_ID,
    PSA_SERVICES_DOM_ID,
    PSA_SERVICES_TYPE,
    PSA_SERVICES_STATUS,
    PSA_SERVICES_PARAMETERS_ID,
    PSA_PARAMETERS_ID,
    PSA_PARAMETERS_PARAMETER,
    PSA_PARAMETERS_VALUE,
    PSA_DOMAIN_ALIASES_DOM_ID, /* since Plesk 11.5 */
    PSA_DOMAIN_ALIASES_MAIL,
    PSA_DOMAINALIASES_DOM_ID, /* before it */
    PSA_DOMAINALIASES_MAIL,
    PSA_COLUMNS,
};
#define PSA_BIT(column) (UINT32_C(1) << (column))

struct psa_column_name {
    const char *table, *column; /* those of one table stand together */
};
extern const struct psa_column_name psa_columns[PSA_COLUMNS];

/* The columns that are there and that this account may read (a bit each), in the connection's
 * database. 0; as psa_db_rows(). */
MUST_USE int psa_schema_read(struct psa_db *db, uint32_t *ret, struct diag *d);

#endif
