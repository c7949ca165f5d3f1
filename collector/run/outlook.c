/* By the finding's own evidence, judged again. */
#include "run/outlook.h"

#include <errno.h>

#include "audit/evidence.h"

static dur_t grace_of(const struct policy *p, enum finding_kind kind)
{
    if (kind == FINDING_MAILBOXES)
        return p->mailbox_sustain;
    return kind == FINDING_OUTSIDE ? p->outside_grace : p->grace;
}

int outlook_of(const struct run_setup *setup, const struct finding *f, struct outlook *ret)
{
    struct level_answer answer;
    enum finding_kind kind;
    struct json_error error;

    *ret = (struct outlook){.goes_on = f->has_confirms, .confirms_at = f->confirms_at};
    if (f->has_confirms)
        return 0;
    int r = evidence_judge(text_of(f->evidence), &kind, &answer, &error);
    if (r < 0)
        return r == -ENOMEM ? r : 0;
    wall_t p0 = period_start(setup->zone, f->period);
    wall_t p1 = period_start(setup->zone, period_plus(f->period, 1));
    wall_t end = wall_min(p1, setup->as_of);
    const struct policy *p = policy_for(policy_version_at(setup->policies, p0), f->reseller);
    if (kind != f->kind || !answer.has_last || end.s - answer.last.s > p->bridge.s)
        return 0;
    int64_t missing = grace_of(p, kind).s - answer.in_window.s;
    if (p->period_min.s - answer.in_v.s > missing)
        missing = p->period_min.s - answer.in_v.s;
    ret->goes_on = true;
    ret->confirms_at = wall_max((wall_t){answer.last.s + missing}, end);
    ret->confirms_at.s++;
    return 0;
}
