/* From a finding to a line: what it is, what it costs, and whether it goes on. */
#include "bulletin/seen.h"
#include "domain/dname.h"
#include "edition/edition_parts.h"
#include "run/outlook.h"
#include <errno.h>
#include <string.h>

static const struct run_setup *run_of(const struct line_maker *m)
{
    return m->setup->run;
}

static const struct policy *policy_of(const struct line_maker *m, const struct finding *f)
{
    wall_t p0 = period_start(run_of(m)->zone, f->period);
    return policy_for(policy_version_at(run_of(m)->policies, p0), f->reseller);
}

/* E: up to where the period is known. */
static wall_t end_of(const struct line_maker *m, period_t period)
{
    wall_t p1 = period_start(run_of(m)->zone, period_plus(period, 1));
    return wall_min(p1, run_of(m)->as_of);
}

/* ---- Whether it goes on ---------------------------------------------------------------- */

static int put_outlook(const struct line_maker *m, const struct finding *f,
                       struct bulletin_line *line)
{
    wall_t p1 = period_start(run_of(m)->zone, period_plus(f->period, 1));
    struct outlook o;

    /* Once the period is over, only evidence that comes late would confirm it. */
    if (f->state != STATE_POTENTIAL || run_of(m)->as_of.s >= p1.s)
        return 0;
    int r = outlook_of(run_of(m), f, &o);
    line->has_confirms = r == 0 && o.goes_on;
    line->confirms_at = line->has_confirms ? o.confirms_at : (wall_t){0};
    return r;
}

/* ---- What it costs --------------------------------------------------------------------- */

static int put_decision(const struct line_maker *m, const struct finding *f,
                        struct bulletin_line *line)
{
    struct store_key key = {f->period, charge_of_finding(f->kind), f->reseller, f->subject};
    enum decision last;
    int r = store_key_decision(run_of(m)->store, &key, &last);

    if (r < 0)
        return r == -ENOENT ? 0 : r;
    line->is_waived = last == DECISION_WAIVE;
    line->is_disputed = last == DECISION_DISPUTE;
    return 0;
}

/* As if it were confirmed, if it is not. */
static int reckon(const struct line_maker *m, const struct finding *f, bool is_waived,
                  const struct currency *currency, struct due *ret)
{
    const struct book *book = run_of(m)->book;
    struct tariff_query query = {charge_of_finding(f->kind), f->reseller, currency,
                                 period_start(run_of(m)->zone, f->period)};
    struct due_question question = {
        .state = STATE_CONFIRMED,
        .quantity = f->quantity,
        .is_waived = is_waived,
        .tariff = ledger_tariff(book->tariffs, book->n_tariffs, &query),
        .currency = currency,
    };
    return ledger_due(&question, ret);
}

static int put_cost(const struct line_maker *m, const struct finding *f,
                    const struct draft *draft, struct bulletin_line *line)
{
    const struct estate_reseller *facts = book_facts(run_of(m)->book, f->reseller);
    const struct currency *currency = draft ? draft->currency : facts ? facts->currency : NULL;
    struct due due;
    int r = 0;

    if (!currency)
        return 0;
    if (draft && f->state == STATE_CONFIRMED)
        due = draft->due;
    else
        r = reckon(m, f, line->is_waived, currency, &due);
    if (r < 0)
        return r;
    line->cost = (struct bulletin_cost){
        .is_known = due.basis == DUE_CONFIRMED || due.basis == DUE_WAIVED,
        .units = due.units,
        .unit_price = due.unit_price,
        .amount = due.amount,
        .currency = currency,
    };
    return 0;
}

/* ---- The line -------------------------------------------------------------------------- */

static bool is_about_domain(enum finding_kind kind)
{
    return kind == FINDING_MAILBOXES || kind == FINDING_SPLIT_DOMAIN ||
           kind == FINDING_NEVER_COUNTED;
}

static int put_shown(const struct line_maker *m, struct bulletin_line *line)
{
    char shown[DNAME_SHOWN_SIZE];

    line->shown = line->subject;
    if (!is_about_domain(line->kind))
        return 0;
    line->shown = arena_text(m->scratch, text_of(dname_show(line->subject, shown)));
    return line->shown ? 0 : -ENOMEM;
}

int line_make(const struct line_maker *m, const struct finding *f, const struct draft *draft,
              struct bulletin_line *ret)
{
    struct bulletin_line line = {
        .kind = f->kind,
        .state = f->state,
        .period = f->period,
        .subject = f->subject,
        .quantity = f->quantity,
        .has_since = f->has_since,
        .since = f->since,
        .is_trial = f->is_trial,
        .policy = f->policy,
        .group = -1,
        .picture = -1,
    };
    int r = put_shown(m, &line);

    if (r >= 0 && bulletin_is_charging(f->kind) && f->reseller) {
        r = put_outlook(m, f, &line);
        if (r >= 0)
            r = put_decision(m, f, &line);
        if (r >= 0)
            r = put_cost(m, f, draft, &line);
    }
    if (r < 0)
        return r;
    *ret = line;
    return 0;
}

int line_digest(const struct line_maker *m, const struct finding *f, struct bulletin_line *line,
                const char **ret_cause)
{
    struct seen_question q = {
        .kind = f->kind,
        .evidence = text_of(f->evidence),
        .end = end_of(m, f->period),
        .bridge = policy_of(m, f)->bridge,
        .is_over = f->period.month < period_at(run_of(m)->zone, run_of(m)->as_of).month,
    };
    return seen_digest(&q, m->scratch, line, ret_cause);
}

int line_resolved(const struct line_maker *m, const struct finding *key, bool is_trial,
                  const struct prior_row *was, struct bulletin_line *ret)
{
    wall_t p0 = period_start(run_of(m)->zone, was->period);
    struct bulletin_line line = {
        .kind = key->kind,
        .state = STATE_CLEAR,
        .period = was->period,
        .subject = key->subject,
        .is_trial = is_trial,
        .policy = policy_version_at(run_of(m)->policies, p0)->version,
        .change = CHANGE_RESOLVED,
        .was_state = was->state,
        .was_quantity = was->quantity,
        .group = -1,
        .picture = -1,
    };
    int r = put_shown(m, &line);

    if (r < 0)
        return r;
    *ret = line;
    return 0;
}
