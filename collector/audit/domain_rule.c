/* mailboxes, split-domain and never-counted on a domain. */
#include "audit/rules.h"

static int say(const struct audit *a, const struct domain_case *c, const struct entry *e,
               enum finding_kind kind, const struct level_answer *answer, struct audit_work *w,
               const struct finding_sink *sink)
{
    struct finding f = finding_about(a, kind, e->reseller, c->domain);
    int r = evidence_of_mailboxes(&w->mailboxes, c, &w->evidence);

    if (r < 0)
        return r;
    finding_set_answer(&f, answer);
    f.evidence = buf_str(&w->evidence);
    return finding_emit(sink, &f);
}

static int rule_mailboxes(const struct audit *a, const struct domain_case *c,
                          const struct entry *e, struct audit_work *w,
                          const struct finding_sink *sink)
{
    struct level_answer answer, split = {0};

    w->mailboxes.terms = entry_terms(a, e, e->policy->mailbox_sustain);
    int r = mailboxes_gather(&w->mailboxes, a, c, e);
    if (r >= 0)
        r = mailboxes_judge(&w->mailboxes, &answer);
    if (r < 0)
        return r;
    if (answer.state != STATE_CLEAR || sink->wants_clear)
        r = say(a, c, e, FINDING_MAILBOXES, &answer, w, sink);
    if (r >= 0 && answer.state == STATE_CLEAR)
        r = split_domain_judge(&w->mailboxes, &split);
    if (r >= 0 && split.state == STATE_NOTICE)
        r = say(a, c, e, FINDING_SPLIT_DOMAIN, &split, w, sink);
    return r;
}

/* Rows of an unfiltered domain are as if never reported, here too. */
static int rule_never_counted(const struct audit *a, const struct domain_case *c,
                              const struct entry *e, const struct finding_sink *sink)
{
    if (e->valid.from.s > a->p0.s || e->valid.to.s < a->end.s)
        return 0;
    for (size_t i = 0; i < c->n_counts; i++)
        if (c->counts[i].seen.first.s <= a->end.s &&
            (c->counts[i].counts.is_filtered || !e->policy->mailbox_filtered_only))
            return 0;
    struct finding f = finding_about(a, FINDING_NEVER_COUNTED, e->reseller, c->domain);
    return finding_emit(sink, &f);
}

int audit_domain(const struct audit *a, const struct domain_case *c, struct audit_work *w,
                 const struct finding_sink *sink)
{
    int r = 0;
    struct span v;

    for (size_t i = 0; i < c->n_rows && r >= 0;) {
        struct entry e = entry_at(a, c->rows, c->n_rows, i);
        if (entry_v(a, &e, &v)) {
            r = rule_mailboxes(a, c, &e, w, sink);
            if (r >= 0)
                r = rule_never_counted(a, c, &e, sink);
        }
        i += e.n_rows;
    }
    return r;
}
