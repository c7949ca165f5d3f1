/*
 * Mailboxes by domain, counted in Plesk's database: one consistent, read-only view, a question
 * for each kind of number, answers in numbers by the domain's id. Names of mailboxes, aliases
 * and addresses are never asked for.
 *
 * What is left out, for its mail does not work, and nobody is to be charged for it: domains
 * that are suspended (domains.status), and those whose mail service is off
 * (DomainServices.status).
 *
 * Plesk's versions differ. `domains` and `mail` are in each of them: where they cannot be seen,
 * nothing is counted. Of the others what is not there counts as none.
 */
#include <errno.h>
#include <string.h>

#include "base/grow.h"
#include "plesk/counts.h"
#include "plesk/psa_schema.h"

/* A domain of the database: where its numbers are. */
struct site {
    int64_t id;
    size_t at; /* in the counts */
    bool is_off;
};

struct tally {
    struct counts counts;
    struct site *sites; /* by id */
    size_t n, cap;
};

static void tally_done(struct tally *t)
{
    counts_done(&t->counts);
    free(t->sites);
}

/* ---- Rows ------------------------------------------------------------------------------- */

static int read_number(struct text t, int64_t *ret, struct diag *d)
{
    char quoted[TEXT_QUOTE_SIZE];
    if (!t.p) { /* the sum of nothing */
        *ret = 0;
        return 0;
    }
    if (text_to_int(t, 0, INT64_MAX, ret) == 0)
        return 0;
    return diag_set(d, -EBADMSG, "the database says %s where a number belongs",
                    text_quote(t, quoted));
}

static int take_domain(void *arg, const struct text *v, struct diag *d)
{
    struct tally *t = arg;
    struct site s = {.id = 0};
    int r = read_number(v[0], &s.id, d);
    if (r < 0)
        return r;
    if (t->n > 0 && s.id <= t->sites[t->n - 1].id)
        return diag_set(d, -EBADMSG, "the database says the same domain twice");
    r = counts_add(&t->counts, v[1].p ? v[1] : text_of(""), &s.at);
    if (r == -EBADMSG || r == -ERANGE)
        return 0; /* it is counted as refused */
    if (r == 0)
        r = grow(&t->sites, &t->cap, t->n + 1, sizeof *t->sites, COUNTS_DOMAINS_MAX);
    if (r < 0)
        return diag_set(d, r, "out of memory");
    t->sites[t->n++] = s;
    return 0;
}

static int compare_site(const void *id, const void *site)
{
    int64_t a = *(const int64_t *)id, b = ((const struct site *)site)->id;
    return (a > b) - (a < b);
}

/* The row's domain, by its first value; NULL for one that is not counted. */
static int find_site(struct tally *t, struct text id_text, struct site **ret, struct diag *d)
{
    int64_t id = 0;
    int r = read_number(id_text, &id, d);
    if (r == 0)
        *ret = t->n > 0 ? bsearch(&id, t->sites, t->n, sizeof *t->sites, compare_site) : NULL;
    return r;
}

/* Rows (domain, number): the number goes to the field of mail_counts at `offset`. */
static int take_number(struct tally *t, size_t offset, const struct text *v, struct diag *d)
{
    struct site *site = NULL;
    int64_t number = 0;
    int r = find_site(t, v[0], &site, d);
    if (r == 0)
        r = read_number(v[1], &number, d);
    if (r == 0 && site) {
        char *counts = (char *)&t->counts.v[site->at].counts;
        counts_raise((int64_t *)(void *)(counts + offset), number);
    }
    return r;
}

static int take_mail(void *arg, const struct text *v, struct diag *d)
{
    const struct text forwards[] = {v[0], v[2]};
    int r = take_number(arg, offsetof(struct mail_counts, mailboxes), v, d);
    return r == 0 ? take_number(arg, offsetof(struct mail_counts, forwards), forwards, d) : r;
}

static int take_aliases(void *arg, const struct text *v, struct diag *d)
{
    return take_number(arg, offsetof(struct mail_counts, aliases), v, d);
}

static int take_lists(void *arg, const struct text *v, struct diag *d)
{
    return take_number(arg, offsetof(struct mail_counts, lists), v, d);
}

static int take_alias_domains(void *arg, const struct text *v, struct diag *d)
{
    return take_number(arg, offsetof(struct mail_counts, alias_domains), v, d);
}

/* Rows (domain, service off, catch-all). */
static int take_service(void *arg, const struct text *v, struct diag *d)
{
    struct tally *t = arg;
    struct site *site = NULL;
    int64_t is_off = 0, is_caught = 0;
    int r = find_site(t, v[0], &site, d);
    if (r == 0)
        r = read_number(v[1], &is_off, d);
    if (r == 0)
        r = read_number(v[2], &is_caught, d);
    if (r == 0 && site) {
        site->is_off = is_off != 0;
        t->counts.v[site->at].counts.catch_all = is_caught != 0;
    }
    return r;
}

/* ---- Questions -------------------------------------------------------------------------- */

enum question { MAIL, ALIASES, LISTS, SERVICES, ALIAS_DOMAINS, QUESTIONS };

#define NEEDS_DOMAINS                                                                          \
    (PSA_BIT(PSA_DOMAINS_ID) | PSA_BIT(PSA_DOMAINS_NAME) | PSA_BIT(PSA_DOMAINS_STATUS))
#define NEEDS_MAIL                                                                             \
    (PSA_BIT(PSA_MAIL_DOM_ID) | PSA_BIT(PSA_MAIL_POSTBOX) | PSA_BIT(PSA_MAIL_REDIRECT))
#define NEEDS_SERVICES                                                                         \
    (PSA_BIT(PSA_SERVICES_DOM_ID) | PSA_BIT(PSA_SERVICES_TYPE) | PSA_BIT(PSA_SERVICES_STATUS))
#define NEEDS_PARAMETERS                                                                       \
    (PSA_BIT(PSA_SERVICES_PARAMETERS_ID) | PSA_BIT(PSA_PARAMETERS_ID) |                        \
     PSA_BIT(PSA_PARAMETERS_PARAMETER) | PSA_BIT(PSA_PARAMETERS_VALUE))

static const char domains_sql[] = "SELECT id, name FROM domains WHERE status = 0 ORDER BY id";

/* Of each question the first form whose columns are there. */
static const struct form {
    enum question question;
    uint32_t needs;
    const char *sql;
    size_t columns;
    psa_row_fn *row;
} forms[] = {
    {MAIL, NEEDS_MAIL | PSA_BIT(PSA_MAIL_GROUP),
     "SELECT dom_id, SUM(postbox = 'true'),"
     " SUM(postbox = 'false' AND (redirect = 'true' OR mail_group = 'true'))"
     " FROM mail GROUP BY dom_id",
     3, take_mail},
    {MAIL, NEEDS_MAIL,
     "SELECT dom_id, SUM(postbox = 'true'), SUM(postbox = 'false' AND redirect = 'true')"
     " FROM mail GROUP BY dom_id",
     3, take_mail},
    {ALIASES, PSA_BIT(PSA_ALIASES_MN_ID) | PSA_BIT(PSA_MAIL_ID) | PSA_BIT(PSA_MAIL_DOM_ID),
     "SELECT m.dom_id, COUNT(*) FROM mail_aliases a JOIN mail m ON m.id = a.mn_id"
     " GROUP BY m.dom_id",
     2, take_aliases},
    {LISTS, PSA_BIT(PSA_LISTS_DOM_ID), "SELECT dom_id, COUNT(*) FROM MailLists GROUP BY dom_id",
     2, take_lists},
    {SERVICES, NEEDS_SERVICES | NEEDS_PARAMETERS,
     "SELECT s.dom_id, MAX(s.status <> 0), MAX(p.value = 'catch')"
     " FROM DomainServices s LEFT JOIN Parameters p"
     " ON p.id = s.parameters_id AND p.parameter = 'nonexist_mail'"
     " WHERE s.type = 'mail' GROUP BY s.dom_id",
     3, take_service},
    {SERVICES, NEEDS_SERVICES,
     "SELECT dom_id, MAX(status <> 0), 0 FROM DomainServices WHERE type = 'mail'"
     " GROUP BY dom_id",
     3, take_service},
    {ALIAS_DOMAINS, PSA_BIT(PSA_DOMAIN_ALIASES_DOM_ID) | PSA_BIT(PSA_DOMAIN_ALIASES_MAIL),
     "SELECT dom_id, COUNT(*) FROM domain_aliases WHERE mail = 'true' GROUP BY dom_id", 2,
     take_alias_domains},
    {ALIAS_DOMAINS, PSA_BIT(PSA_DOMAINALIASES_DOM_ID) | PSA_BIT(PSA_DOMAINALIASES_MAIL),
     "SELECT dom_id, COUNT(*) FROM domainaliases WHERE mail = 'true' GROUP BY dom_id", 2,
     take_alias_domains},
};

/* Without these nothing can be said. */
static int check_columns(uint32_t seen, struct diag *d)
{
    uint32_t missing = (NEEDS_DOMAINS | NEEDS_MAIL) & ~seen;
    for (unsigned i = 0; i < PSA_COLUMNS; i++) {
        if (missing & PSA_BIT(i))
            return diag_set(d, -EACCES,
                            "%s.%s cannot be seen in the database: run `fairuse-agent setup` "
                            "as root; where that does not help it is not Plesk's",
                            psa_columns[i].table, psa_columns[i].column);
    }
    return 0;
}

static int ask_all(struct psa_db *db, struct tally *t, struct diag *d)
{
    uint32_t seen = 0;
    bool is_asked[QUESTIONS] = {false};
    int r = psa_schema_read(db, &seen, d);
    if (r == 0)
        r = check_columns(seen, d);
    /* One view of all tables. The comment is part of the statement since MySQL 5.6 and MariaDB
     * 10.0; those before have no such words. */
    if (r == 0)
        r = psa_db_run(db, "START TRANSACTION WITH CONSISTENT SNAPSHOT /*!50605 , READ ONLY */",
                       d);
    if (r == 0)
        r = psa_db_rows(db, &(struct psa_question){domains_sql, 2, take_domain, t}, d);
    for (size_t i = 0; i < ARRAY_LEN(forms) && r == 0; i++) {
        const struct form *f = &forms[i];
        if (is_asked[f->question] || (f->needs & ~seen))
            continue;
        is_asked[f->question] = true;
        r = psa_db_rows(db, &(struct psa_question){f->sql, f->columns, f->row, t}, d);
    }
    return r;
}

/* ---- All of it -------------------------------------------------------------------------- */

static void drop_off(struct tally *t)
{
    size_t n = 0;
    for (size_t i = 0; i < t->n; i++) { /* the sites stand in the order of the counts */
        if (!t->sites[i].is_off)
            t->counts.v[n++] = t->counts.v[t->sites[i].at];
    }
    t->counts.n = n;
}

static int open_as_agent(const struct options *o, struct psa_db **ret, struct diag *d)
{
    char password[PSA_PASSWORD_SIZE] = "";
    bool has_password = o->database_password_file[0] != '\0';
    struct psa_login login = {.user = o->database_user, .database = o->database_name};
    login.socket = psa_socket_find(o, d);
    if (!login.socket)
        return -ENOENT;
    int r = has_password ? psa_password_read(o->database_password_file, password, d) : 0;
    if (has_password)
        login.password = password;
    if (r == 0)
        r = psa_db_open(&login, ret, d);
    explicit_bzero(password, sizeof password);
    return r;
}

int psa_count(const struct options *o, struct counts *ret, struct diag *d)
{
    AUTO(tally) struct tally t = {.n = 0};
    AUTO(psa_db) struct psa_db *db = NULL;
    int r = open_as_agent(o, &db, d);
    if (r == 0)
        r = ask_all(db, &t, d);
    if (r < 0)
        return r;
    drop_off(&t);
    counts_settle(&t.counts);
    *ret = t.counts;
    t.counts = (struct counts){0};
    return 0;
}
