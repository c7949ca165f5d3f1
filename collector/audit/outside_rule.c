/* outside and undeclared on a judged entry. */
#include "audit/rules.h"

int rule_outside(const struct judged *j)
{
    struct outside_facts *facts = &j->w->outside;
    char subject[LICENSE_TEXT_SIZE];
    struct level_answer answer;

    facts->presences = &j->w->presences;
    facts->bridge = j->e->policy->bridge;
    facts->terms = entry_terms(j->a, j->e, j->e->policy->outside_grace);
    int r = outside_gather(facts, j->e->reseller);
    if (r >= 0)
        r = outside_judge(facts, &answer);
    if (r < 0 || (answer.state == STATE_CLEAR && !j->sink->wants_clear))
        return r;
    struct finding f = finding_about(j->a, FINDING_OUTSIDE, j->e->reseller,
                                     license_format(j->c->license, subject));
    r = evidence_of_outside(facts, j->c, &j->w->evidence);
    if (r < 0)
        return r;
    finding_set_answer(&f, &answer);
    f.evidence = buf_str(&j->w->evidence);
    return finding_emit(j->sink, &f);
}

/* None of its networks is valid for any length of [P0, E]. Each judged licence says so; the
 * sink keeps one. */
int rule_undeclared(const struct judged *j)
{
    const struct audit_reseller *r = j->e->reseller;

    for (size_t i = 0; i < r->n_networks; i++) {
        struct span valid = term_closed(r->networks[i].valid);
        if (span_cut(&valid, (struct span){j->a->p0, j->a->end}) &&
            valid.first.s < valid.last.s)
            return 0;
    }
    struct finding f = finding_about(j->a, FINDING_UNDECLARED, r, r->id);
    return finding_emit(j->sink, &f);
}
