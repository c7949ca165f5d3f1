/* extra-ip and its notices on a judged entry: the findings that extra_ip.c's answers make. */
#include "audit/rules.h"

static struct extra_ip_facts facts_of(const struct judged *j)
{
    return (struct extra_ip_facts){
        .presences = &j->w->presences,
        .bridge = j->e->policy->bridge,
        .terms = entry_terms(j->a, j->e, j->e->policy->grace),
        .charge_by = j->e->policy->charge_by,
        .moves = j->c->moves,
        .n_moves = j->c->n_moves,
    };
}

static int say(const struct judged *j, enum finding_kind kind,
               const struct extra_ip_facts *facts, const struct level_answer *answer)
{
    char subject[LICENSE_TEXT_SIZE];
    struct finding f =
        finding_about(j->a, kind, j->e->reseller, license_format(j->c->license, subject));
    int r = evidence_of_extra_ip(facts, j->c, &j->w->evidence);

    if (r < 0)
        return r;
    finding_set_answer(&f, answer);
    f.evidence = buf_str(&j->w->evidence);
    return finding_emit(j->sink, &f);
}

/* Only where extra-ip says nothing. */
static int notices(const struct judged *j, const struct extra_ip_facts *facts)
{
    struct level_answer many, second, roaming;
    int r = many_addresses_judge(facts, &many);

    if (r >= 0 && many.state == STATE_NOTICE)
        r = say(j, FINDING_MANY_ADDRESSES, facts, &many);
    if (r >= 0)
        r = second_server_judge(facts, &second);
    if (r >= 0 && second.state == STATE_NOTICE)
        r = say(j, FINDING_SECOND_SERVER, facts, &second);
    if (r < 0 || many.state == STATE_NOTICE || second.state == STATE_NOTICE)
        return r;
    r = roaming_judge(facts, j->e->policy->max_places, &roaming);
    if (r >= 0 && roaming.state == STATE_NOTICE)
        r = say(j, FINDING_ROAMING, facts, &roaming);
    return r;
}

int rule_extra_ip(const struct judged *j)
{
    struct extra_ip_facts facts = facts_of(j);
    struct level_answer answer;
    int r = extra_ip_judge(&facts, &answer);

    if (r < 0)
        return r;
    if (answer.state != STATE_CLEAR || j->sink->wants_clear)
        r = say(j, FINDING_EXTRA_IP, &facts, &answer);
    return r >= 0 && answer.state == STATE_CLEAR ? notices(j, &facts) : r;
}
