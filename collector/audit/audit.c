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

struct finding finding_about(const struct audit *a, enum finding_kind kind,
                             const struct audit_reseller *reseller, const char *subject)
{
    return (struct finding){
        .period = a->period,
        .kind = kind,
        .state = STATE_NOTICE,
        .reseller = reseller ? reseller->id : NULL,
        .subject = subject,
        .quantity = 1,
        .is_trial = reseller && reseller->is_trial,
        .policy = a->policy->version,
        .evidence = "{}",
    };
}

void finding_set_answer(struct finding *f, const struct level_answer *answer)
{
    f->state = answer->state;
    f->quantity = answer->quantity;
    f->has_since = answer->has_since;
    f->since = answer->since;
    f->has_confirms = answer->has_confirms;
    f->confirms_at = answer->confirms_at;
}

int finding_emit(const struct finding_sink *sink, const struct finding *f)
{
    return sink->take(sink->arg, f);
}

struct jsonw notice_begin(struct audit_work *w)
{
    buf_reset(&w->evidence);
    struct jsonw o = jsonw_to(&w->evidence, false);
    jsonw_object(&o, NULL);
    return o;
}

int notice_emit(const struct finding_sink *sink, struct finding *f, struct jsonw *o,
                struct audit_work *w)
{
    jsonw_end_object(o);
    f->evidence = buf_str(&w->evidence);
    int r = buf_error(&w->evidence);
    return r < 0 ? r : finding_emit(sink, f);
}

/* Order of states: confirmed, potential, notice; then the larger quantity. */
bool finding_outranks(const struct finding *b, const struct finding *a)
{
    return b->state != a->state ? b->state > a->state : b->quantity > a->quantity;
}

const struct audit_reseller *server_reseller(const struct audit_server *s, wall_t at)
{
    for (size_t i = 0; i < s->n_tenures; i++)
        if (term_holds(s->tenures[i].valid, at))
            return s->tenures[i].reseller;
    return NULL;
}

const struct audit_reseller *server_last_reseller(const struct audit_server *s, wall_t end)
{
    const struct audit_reseller *last = NULL;

    for (size_t i = 0; i < s->n_tenures; i++)
        if (s->tenures[i].valid.from.s <= end.s)
            last = s->tenures[i].reseller;
    return last;
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
