/* mailboxes, split-domain and never-counted on a domain. */
#include "audit/rules.h"

/* One judged entry of a domain. */
struct judged_domain {
    const struct audit *a;
    const struct domain_case *c;
    const struct entry *e;
    struct audit_work *w;
    const struct finding_sink *sink;
};

static int say(const struct judged_domain *j, enum finding_kind kind,
               const struct level_answer *answer)
{
    struct finding f = finding_about(j->a, kind, j->e->reseller, j->c->domain);
    int r = evidence_of_mailboxes(&j->w->mailboxes, j->c, &j->w->evidence);

    if (r < 0)
        return r;
    finding_set_answer(&f, answer);
    f.evidence = buf_str(&j->w->evidence);
    return finding_emit(j->sink, &f);
}

static int rule_mailboxes(const struct judged_domain *j)
{
    struct mailboxes_facts *facts = &j->w->mailboxes;
    struct level_answer answer, split = {0};

    facts->terms = entry_terms(j->a, j->e, j->e->policy->mailbox_sustain);
    int r = mailboxes_gather(facts, j->a, j->c, j->e);
    if (r >= 0)
        r = mailboxes_judge(facts, &answer);
    if (r < 0)
        return r;
    if (answer.state != STATE_CLEAR || j->sink->wants_clear)
        r = say(j, FINDING_MAILBOXES, &answer);
    if (r >= 0 && answer.state == STATE_CLEAR)
        r = split_domain_judge(facts, &split);
    if (r >= 0 && split.state == STATE_NOTICE)
        r = say(j, FINDING_SPLIT_DOMAIN, &split);
    return r;
}

/* Rows of an unfiltered domain are as if never reported, here too. */
static int rule_never_counted(const struct judged_domain *j)
{
    const struct audit *a = j->a;
    const struct domain_case *c = j->c;
    const struct entry *e = j->e;

    if (e->valid.from.s > a->p0.s || e->valid.to.s < a->end.s)
        return 0;
    for (size_t i = 0; i < c->n_counts; i++)
        if (c->counts[i].seen.first.s <= a->end.s &&
            (c->counts[i].counts.is_filtered || !e->policy->mailbox_filtered_only))
            return 0;
    struct finding f = finding_about(a, FINDING_NEVER_COUNTED, e->reseller, c->domain);
    return finding_emit(j->sink, &f);
}

int audit_domain(const struct audit *a, const struct domain_case *c, struct audit_work *w,
                 const struct finding_sink *sink)
{
    int r = 0;
    struct span v;

    for (size_t i = 0; i < c->n_rows && r >= 0;) {
        struct entry e = entry_at(a, c->rows, c->n_rows, i);
        if (entry_v(a, &e, &v)) {
            struct judged_domain j = {a, c, &e, w, sink};
            r = rule_mailboxes(&j);
            if (r >= 0)
                r = rule_never_counted(&j);
        }
        i += e.n_rows;
    }
    return r;
}
