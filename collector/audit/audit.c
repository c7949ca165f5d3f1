/* The audit of one licence, domain, server or address: which rules, in which order. */
#include "audit/rules.h"
#include <errno.h>
#include <string.h>

int audit_work_new(struct audit_work **ret)
{
    struct audit_work *w = calloc(1, sizeof(*w));

    if (!w)
        return -ENOMEM;
    w->evidence = BUF_INIT((size_t)CAP_EVIDENCE_BYTES);
    *ret = w;
    return 0;
}

void audit_work_free(struct audit_work *w)
{
    if (!w)
        return;
    presences_done(&w->presences);
    outside_facts_done(&w->outside);
    mailboxes_facts_done(&w->mailboxes);
    buf_done(&w->evidence);
    free(w);
}

bool audit_speaks_of(const struct audit *a, license_t license)
{
    for (size_t i = 0; i < a->n_license_prefixes; i++)
        if (license_has_prefix(license, a->license_prefixes[i]))
            return true;
    return false;
}

static int (*const entry_rules[])(const struct judged *) = {
    rule_extra_ip,   rule_outside,    rule_elsewhere, rule_foreign_server,
    rule_never_seen, rule_undeclared, rule_recurring,
};

static int audit_entry(const struct judged *j)
{
    int r = presences_gather(&j->w->presences, j->a, j->c, j->e);

    for (size_t i = 0; i < ARRAY_LEN(entry_rules) && r >= 0; i++)
        r = entry_rules[i](j);
    return r;
}

int audit_license(const struct audit *a, const struct license_case *c, struct audit_work *w,
                  const struct finding_sink *sink)
{
    int r = 0;

    if (!audit_speaks_of(a, c->license))
        return 0;
    for (size_t i = 0; i < c->n_rows && r >= 0;) {
        struct entry e = entry_at(a, c->rows, c->n_rows, i);
        struct judged j = {.a = a, .c = c, .e = &e, .w = w, .sink = sink};
        if (entry_v(a, &e, &j.v))
            r = audit_entry(&j);
        if (r >= 0)
            r = rule_silent_license(a, c, &e, w, sink);
        i += e.n_rows;
    }
    if (r >= 0)
        r = rule_unknown_license(a, c, w, sink);
    if (r >= 0)
        r = rule_expired_in_use(a, c, sink);
    return r;
}

int audit_server(const struct audit *a, const struct server_case *c, struct audit_work *w,
                 const struct finding_sink *sink)
{
    int r = rule_unknown_server(a, c, sink);

    if (r >= 0)
        r = rule_silent_server(a, c, w, sink);
    if (r >= 0)
        r = rule_forked_identity(a, c, w, sink);
    return r;
}
