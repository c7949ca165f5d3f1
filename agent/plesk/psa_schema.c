/* Which of the columns that are counted by a database has. */
#include "plesk/psa_schema.h"

static_assert(PSA_COLUMNS <= 32, "a bit for each column");

const struct psa_column_name psa_columns[PSA_COLUMNS] = {
    [PSA_DOMAINS_ID] = {"domains", "id"},
    [PSA_DOMAINS_NAME] = {"domains", "name"},
    [PSA_DOMAINS_STATUS] = {"domains", "status"},
    [PSA_MAIL_ID] = {"mail", "id"},
    [PSA_MAIL_DOM_ID] = {"mail", "dom_id"},
    [PSA_MAIL_POSTBOX] = {"mail", "postbox"},
    [PSA_MAIL_REDIRECT] = {"mail", "redirect"},
    [PSA_MAIL_GROUP] = {"mail", "mail_group"},
    [PSA_ALIASES_MN_ID] = {"mail_aliases", "mn_id"},
    [PSA_LISTS_DOM_ID] = {"MailLists", "dom_id"},
    [PSA_SERVICES_DOM_ID] = {"DomainServices", "dom_id"},
    [PSA_SERVICES_TYPE] = {"DomainServices", "type"},
    [PSA_SERVICES_STATUS] = {"DomainServices", "status"},
    [PSA_SERVICES_PARAMETERS_ID] = {"DomainServices", "parameters_id"},
    [PSA_PARAMETERS_ID] = {"Parameters", "id"},
    [PSA_PARAMETERS_PARAMETER] = {"Parameters", "parameter"},
    [PSA_PARAMETERS_VALUE] = {"Parameters", "value"},
    [PSA_DOMAIN_ALIASES_DOM_ID] = {"domain_aliases", "dom_id"},
    [PSA_DOMAIN_ALIASES_MAIL] = {"domain_aliases", "mail"},
    [PSA_DOMAINALIASES_DOM_ID] = {"domainaliases", "dom_id"},
    [PSA_DOMAINALIASES_MAIL] = {"domainaliases", "mail"},
};

static int mark(void *arg, const struct text *values, struct diag *d)
{
    uint32_t *found = arg;
    (void)d; /* whatever else is there is none of ours */
    for (unsigned i = 0; i < PSA_COLUMNS; i++) {
        if (text_is(values[0], psa_columns[i].table) &&
            text_is(values[1], psa_columns[i].column))
            *found |= PSA_BIT(i);
    }
    return 0;
}

int psa_schema_read(struct psa_db *db, uint32_t *ret, struct diag *d)
{
    /* It shows what the account has rights to, no more. */
    static const char sql[] =
        "SELECT TABLE_NAME, COLUMN_NAME FROM information_schema.COLUMNS"
        " WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME IN ('domains', 'mail',"
        " 'mail_aliases', 'MailLists', 'DomainServices', 'Parameters', 'domain_aliases',"
        " 'domainaliases')";
    uint32_t found = 0;
    const struct psa_question q = {sql, 2, mark, &found};
    int r = psa_db_rows(db, &q, d);
    if (r == 0)
        *ret = found;
    return r;
}
