/* What the rules share: making findings, and whose a server is. */
#include "audit/rules.h"

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
