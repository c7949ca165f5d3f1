/* What clears a finding, what it costs, and what changed of it. */
#include "bulletin/sentences.h"

#include "bulletin/say_parts.h"

enum { PIECE_MAX = 4096 };

bool say_is_paid(const struct bulletin_line *l)
{
    return l->cost.is_known && l->cost.amount.minor != 0 && !l->is_trial && !l->is_waived;
}

/* ---- What clears it ---------------------------------------------------------------------- */

static void clears_potential(const struct voice *v, const struct bulletin_line *l,
                             struct buf *out)
{
    char by[VOICE_TEXT_SIZE];

    if (!l->has_confirms) {
        SAY(v, out, WORD_CLEARS_ENDED);
        return;
    }
    (void)voice_moment(v, say_deadline(l->confirms_at), by);
    if (l->kind == FINDING_MAILBOXES)
        SAY_N(v, out, WORD_CLEARS_MAILBOXES, l->limit, by);
    else
        SAY(v, out, l->kind == FINDING_OUTSIDE ? WORD_CLEARS_OUTSIDE : WORD_CLEARS_EXTRA_IP,
            by);
    if (say_is_paid(l)) {
        buf_add_char(out, ' ');
        SAY(v, out, WORD_CLEARS_FREE);
    }
}

static void clears_confirmed(const struct voice *v, const struct bulletin_line *l,
                             struct buf *out)
{
    char period[VOICE_TEXT_SIZE];

    if (say_is_paid(l) && !l->is_disputed) {
        SAY(v, out, WORD_CLEARS_STANDS, voice_period(v, l->period, period));
        buf_add_char(out, ' ');
    }
    if (l->kind == FINDING_MAILBOXES)
        SAY_N(v, out, WORD_CLEARS_NEXT_MAILBOXES, l->limit);
    else
        SAY(v, out,
            l->kind == FINDING_OUTSIDE ? WORD_CLEARS_NEXT_OUTSIDE : WORD_CLEARS_NEXT_EXTRA_IP);
}

static enum word clears_notice(enum finding_kind k)
{
    static const enum word words[FINDING_KIND_COUNT] = {
        [FINDING_EXTRA_IP] = WORD_CLEARS_ENDED, /* the three are never notices */
        [FINDING_MAILBOXES] = WORD_CLEARS_ENDED,
        [FINDING_OUTSIDE] = WORD_CLEARS_ENDED,
        [FINDING_MANY_ADDRESSES] = WORD_CLEARS_MANY_ADDRESSES,
        [FINDING_SECOND_SERVER] = WORD_CLEARS_SECOND_SERVER,
        [FINDING_ROAMING] = WORD_CLEARS_ROAMING,
        [FINDING_SPLIT_DOMAIN] = WORD_CLEARS_SPLIT_DOMAIN,
        [FINDING_UNDECLARED] = WORD_CLEARS_UNDECLARED,
        [FINDING_UNKNOWN_LICENSE] = WORD_CLEARS_UNKNOWN_LICENSE,
        [FINDING_EXPIRED_IN_USE] = WORD_CLEARS_EXPIRED_IN_USE,
        [FINDING_FOREIGN_SERVER] = WORD_CLEARS_FOREIGN_SERVER,
        [FINDING_UNKNOWN_SERVER] = WORD_CLEARS_UNKNOWN_SERVER,
        [FINDING_FORKED_IDENTITY] = WORD_CLEARS_FORKED_IDENTITY,
        [FINDING_ELSEWHERE] = WORD_CLEARS_ELSEWHERE,
        [FINDING_SILENT] = WORD_CLEARS_SILENT,
        [FINDING_NEVER_SEEN] = WORD_CLEARS_NEVER_SEEN,
        [FINDING_NEVER_COUNTED] = WORD_CLEARS_NEVER_COUNTED,
        [FINDING_CROWDED_ADDRESS] = WORD_CLEARS_CROWDED_ADDRESS,
        [FINDING_RECURRING] = WORD_CLEARS_RECURRING,
    };
    return words[k];
}

void say_clears(const struct voice *v, const struct bulletin_line *l, struct buf *out)
{
    switch (l->state) {
    case STATE_CLEAR: SAY(v, out, WORD_CLEARS_RESOLVED); break;
    case STATE_NOTICE: SAY(v, out, clears_notice(l->kind)); break;
    case STATE_POTENTIAL: clears_potential(v, l, out); break;
    case STATE_CONFIRMED: clears_confirmed(v, l, out); break;
    }
}

/* ---- What it costs ----------------------------------------------------------------------- */

/* "€ 10,00", or "€ 10,00 (2 × € 5,00)" */
static void put_amount(const struct voice *v, const struct bulletin_cost *c, struct buf *out)
{
    char amount[VOICE_TEXT_SIZE], units[VOICE_TEXT_SIZE], price[VOICE_TEXT_SIZE];

    (void)voice_money(v, c->amount, c->currency, amount);
    if (c->units > 1)
        SAY(v, out, WORD_COST_TIMES, amount, voice_number(v, c->units, units),
            voice_price(v, c->unit_price, c->currency, price));
    else
        buf_add_str(out, amount);
}

/* A month is judged by what was seen up to its end: a later deadline is a later month's. */
static bool is_in_its_month(const struct voice *v, const struct bulletin_line *l)
{
    return l->confirms_at.s <= period_start(v->zone, period_plus(l->period, 1)).s;
}

static void cost_paid(const struct voice *v, const struct bulletin_line *l, struct buf *out)
{
    AUTO(buf) struct buf amount = BUF_INIT(PIECE_MAX);
    char period[VOICE_TEXT_SIZE], by[VOICE_TEXT_SIZE];

    put_amount(v, &l->cost, &amount);
    (void)voice_period(v, l->period, period);
    if (l->is_disputed)
        SAY(v, out, WORD_COST_DISPUTED, buf_str(&amount));
    else if (l->state == STATE_CONFIRMED)
        SAY(v, out, WORD_COST_DUE, buf_str(&amount), period);
    else if (l->has_confirms)
        SAY(v, out, is_in_its_month(v, l) ? WORD_COST_WOULD : WORD_COST_WOULD_LATER,
            buf_str(&amount), period, voice_moment(v, say_deadline(l->confirms_at), by));
    else
        SAY(v, out, WORD_COST_WOULD_ENDED, buf_str(&amount), period);
}

void say_cost(const struct voice *v, const struct bulletin_line *l, struct buf *out)
{
    if (l->state < STATE_POTENTIAL)
        return;
    if (l->is_trial)
        SAY(v, out, WORD_COST_TRIAL);
    else if (l->is_waived)
        SAY(v, out, WORD_COST_WAIVED);
    else if (!l->cost.is_known)
        SAY(v, out, WORD_COST_NONE);
    else if (!say_is_paid(l))
        SAY(v, out, WORD_COST_ZERO);
    else
        cost_paid(v, l, out);
}

/* ---- What changed ------------------------------------------------------------------------ */

static void changed_from(const struct voice *v, const struct bulletin_line *l, struct buf *out)
{
    char was[VOICE_TEXT_SIZE], is[VOICE_TEXT_SIZE], period[VOICE_TEXT_SIZE];
    const char *was_state = say_state(v, l->was_state), *state = say_state(v, l->state);

    (void)voice_number(v, l->was_quantity, was);
    (void)voice_number(v, l->quantity, is);
    if (l->was_state != l->state && l->was_quantity != l->quantity)
        SAY(v, out, WORD_CHANGED_BOTH, was_state, was, state, is);
    else if (l->was_state != l->state)
        SAY(v, out, WORD_CHANGED_STATE, was_state, state);
    else if (l->was_quantity != l->quantity)
        SAY(v, out, WORD_CHANGED_QUANTITY, was, is);
    else
        SAY(v, out, WORD_CHANGED_MONTH, voice_period(v, l->period, period));
}

void say_changed(const struct voice *v, const struct bulletin_line *l, struct buf *out)
{
    char by[VOICE_TEXT_SIZE];

    switch (l->change) {
    case CHANGE_NONE:
    case CHANGE_NEW: break; /* the word for it says all */
    case CHANGE_WORSE:
    case CHANGE_LESS: changed_from(v, l, out); break;
    case CHANGE_ENDED: SAY(v, out, WORD_CHANGED_ENDED); break;
    case CHANGE_AGAIN: SAY(v, out, WORD_CHANGED_AGAIN); break;
    case CHANGE_SOON:
        SAY(v, out, say_is_paid(l) ? WORD_CHANGED_SOON : WORD_CHANGED_SOON_FREE,
            voice_moment(v, say_deadline(l->confirms_at), by));
        break;
    case CHANGE_RESOLVED: SAY(v, out, WORD_CHANGED_RESOLVED, say_state(v, l->was_state)); break;
    }
}
