/* What is said of one finding. */
#include "bulletin/sentences.h"

enum { PIECE_MAX = 4096 };

/* A space before the next of several sentences. */
static void next_sentence(struct buf *out, size_t from)
{
    if (out->len > from)
        buf_add_char(out, ' ');
}

/* ---- What it is ------------------------------------------------------------------------ */

static void put_kind(const struct voice *v, const struct bulletin_line *l, struct buf *out)
{
    int64_t n = l->state == STATE_CLEAR ? l->was_quantity : l->quantity;

    if (l->kind == FINDING_EXTRA_IP)
        SAY_N(v, out, WORD_FOUND_EXTRA_IP, n);
    else if (l->kind == FINDING_MAILBOXES)
        SAY_N(v, out, WORD_FOUND_MAILBOXES, n);
    else if (l->kind == FINDING_OUTSIDE)
        SAY_N(v, out, WORD_FOUND_OUTSIDE, n);
    else
        buf_add_str(out, say_kind(v, l->kind));
}

/* The state with what a person or the agreement makes of it: "confirmed, disputed". */
static void put_state(const struct voice *v, const struct bulletin_line *l, struct buf *out)
{
    const char *state = say_state(v, l->state);

    if (l->is_trial)
        SAY(v, out, WORD_JOIN_STATE, state, voice_word(v, WORD_IS_TRIAL));
    else if (l->is_waived)
        SAY(v, out, WORD_JOIN_STATE, state, voice_word(v, WORD_IS_WAIVED));
    else if (l->is_disputed)
        SAY(v, out, WORD_JOIN_STATE, state, voice_word(v, WORD_IS_DISPUTED));
    else
        buf_add_str(out, state);
}

void say_finding(const struct voice *v, const struct bulletin_line *l, struct buf *out)
{
    AUTO(buf) struct buf kind = BUF_INIT(PIECE_MAX);
    AUTO(buf) struct buf state = BUF_INIT(PIECE_MAX);

    put_kind(v, l, &kind);
    if (l->state == STATE_NOTICE) {
        buf_add_str(out, buf_str(&kind));
        return;
    }
    put_state(v, l, &state);
    SAY(v, out, WORD_WITH_STATE, buf_str(&kind), buf_str(&state));
}

/* ---- What was seen ----------------------------------------------------------------------- */

static void put_count(const struct voice *v, const struct bulletin_seen *s, struct buf *out)
{
    char server[VOICE_NAME_SIZE], last[VOICE_TEXT_SIZE];

    SAY_N(v, out, WORD_SEEN_COUNT, s->count, voice_name(s->server, server),
          voice_moment(v, s->last, last));
}

static void put_place(const struct voice *v, const struct bulletin_seen *s, struct buf *out)
{
    char server[VOICE_NAME_SIZE], unit[VOICE_NAME_SIZE];
    char first[VOICE_TEXT_SIZE], last[VOICE_TEXT_SIZE];
    const char *name = voice_name(s->server, server);

    (void)voice_moment(v, s->first, first);
    (void)voice_moment(v, s->last, last);
    if (!s->unit[0] && !s->server[0])
        SAY(v, out, WORD_SEEN_LAST, last);
    else if (!s->unit[0] && s->goes_on)
        SAY(v, out, WORD_SEEN_SERVER_STILL, name, first);
    else if (!s->unit[0])
        SAY(v, out, WORD_SEEN_SERVER_UNTIL, name, first, last);
    else if (s->goes_on)
        SAY(v, out, WORD_SEEN_STILL, name, voice_name(s->unit, unit), first);
    else
        SAY(v, out, WORD_SEEN_UNTIL, name, voice_name(s->unit, unit), first, last);
    if (s->is_outside) {
        buf_add_char(out, ' ');
        SAY(v, out, WORD_SEEN_OUTSIDE);
    }
}

void say_seen(const struct voice *v, const struct bulletin_line *l, struct buf *out)
{
    bool is_domain = l->kind == FINDING_MAILBOXES || l->kind == FINDING_SPLIT_DOMAIN;
    char since[VOICE_TEXT_SIZE];
    size_t from = out->len;

    for (size_t i = 0; i < l->n_seen; i++) {
        next_sentence(out, from);
        if (is_domain)
            put_count(v, &l->seen[i], out);
        else
            put_place(v, &l->seen[i], out);
    }
    if (l->n_seen_more > 0) {
        next_sentence(out, from);
        SAY_N(v, out, WORD_SEEN_MORE, (int64_t)l->n_seen_more);
    }
    if (is_domain && l->n_seen > 0) {
        next_sentence(out, from);
        SAY_N(v, out, WORD_SEEN_LIMIT, l->limit);
    }
    if (l->n_seen == 0 && l->has_since)
        SAY(v, out, WORD_SEEN_SINCE, voice_moment(v, l->since, since));
}

void say_sure(const struct voice *v, const struct bulletin_line *l, struct buf *out)
{
    char presence[VOICE_TEXT_SIZE], observed[VOICE_TEXT_SIZE];
    size_t from = out->len;

    if (l->presence.s == 0)
        return;
    SAY(v, out, WORD_SURE, voice_duration(v, l->presence, presence),
        voice_duration(v, l->observed, observed));
    bool is_domain = l->kind == FINDING_MAILBOXES || l->kind == FINDING_SPLIT_DOMAIN;
    bool by_collector = false;
    for (size_t i = 0; i < l->n_seen; i++)
        by_collector = by_collector || l->seen[i].by_collector;
    if (!is_domain) {
        next_sentence(out, from);
        SAY(v, out, by_collector ? WORD_SURE_COLLECTOR : WORD_SURE_AGENT);
    }
    if (l->gaps > 0) {
        next_sentence(out, from);
        SAY_N(v, out, WORD_SURE_GAPS, l->gaps);
    }
}

void say_living(const struct voice *v, const struct bulletin_line *l, struct buf *out)
{
    char unit[VOICE_NAME_SIZE], server[VOICE_NAME_SIZE];
    char old_unit[VOICE_NAME_SIZE], old_server[VOICE_NAME_SIZE], last[VOICE_TEXT_SIZE];

    if (l->n_seen != 2 || l->n_seen_more > 0 || l->seen[0].is_living == l->seen[1].is_living)
        return;
    const struct bulletin_seen *living = &l->seen[l->seen[0].is_living ? 0 : 1];
    const struct bulletin_seen *old = &l->seen[l->seen[0].is_living ? 1 : 0];
    SAY(v, out, WORD_LIVING, voice_name(living->unit, unit), voice_name(living->server, server),
        voice_name(old->unit, old_unit), voice_name(old->server, old_server),
        voice_moment(v, old->last, last));
}

/* ---- What clears it ---------------------------------------------------------------------- */

static void clears_potential(const struct voice *v, const struct bulletin_line *l,
                             struct buf *out)
{
    char by[VOICE_TEXT_SIZE], limit[VOICE_TEXT_SIZE];

    if (!l->has_confirms) {
        SAY(v, out, WORD_CLEARS_ENDED);
        return;
    }
    (void)voice_moment(v, say_deadline(l->confirms_at), by);
    if (l->kind == FINDING_MAILBOXES)
        SAY(v, out, WORD_CLEARS_MAILBOXES, by, voice_number(v, l->limit, limit));
    else
        SAY(v, out, l->kind == FINDING_OUTSIDE ? WORD_CLEARS_OUTSIDE : WORD_CLEARS_EXTRA_IP,
            by);
}

static void clears_confirmed(const struct voice *v, const struct bulletin_line *l,
                             struct buf *out)
{
    char limit[VOICE_TEXT_SIZE];

    if (l->kind == FINDING_MAILBOXES)
        SAY(v, out, WORD_CLEARS_CONFIRMED_MAILBOXES, voice_number(v, l->limit, limit));
    else
        SAY(v, out,
            l->kind == FINDING_OUTSIDE ? WORD_CLEARS_CONFIRMED_OUTSIDE
                                       : WORD_CLEARS_CONFIRMED_EXTRA_IP);
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

static void cost_potential(const struct voice *v, const struct bulletin_line *l,
                           const char *amount, const char *period, struct buf *out)
{
    char from[VOICE_TEXT_SIZE];

    if (l->has_confirms)
        SAY(v, out, WORD_COST_WOULD, amount, period,
            voice_moment(v, say_deadline(l->confirms_at), from));
    else
        SAY(v, out, WORD_COST_WOULD_ENDED, amount, period);
}

void say_cost(const struct voice *v, const struct bulletin_line *l, struct buf *out)
{
    const struct currency *c = l->cost.currency;
    char amount[VOICE_TEXT_SIZE], period[VOICE_TEXT_SIZE];

    if (l->state < STATE_POTENTIAL)
        return;
    if (l->is_trial)
        SAY(v, out, WORD_COST_TRIAL);
    else if (l->is_waived)
        SAY(v, out, WORD_COST_WAIVED);
    else if (!l->cost.is_known)
        SAY(v, out, WORD_COST_NONE);
    else if (l->is_disputed)
        SAY(v, out, WORD_COST_DISPUTED, voice_money(v, l->cost.amount, c, amount));
    else if (l->state == STATE_CONFIRMED)
        SAY(v, out, WORD_COST_DUE, voice_money(v, l->cost.amount, c, amount),
            voice_period(v, l->period, period));
    else
        cost_potential(v, l, voice_money(v, l->cost.amount, c, amount),
                       voice_period(v, l->period, period), out);
}

/* ---- What changed ------------------------------------------------------------------------ */

static void changed_from(const struct voice *v, const struct bulletin_line *l, struct buf *out)
{
    char was[VOICE_TEXT_SIZE], is[VOICE_TEXT_SIZE], period[VOICE_TEXT_SIZE];

    if (l->was_state == l->state && l->was_quantity == l->quantity)
        SAY(v, out, WORD_CHANGED_MONTH, voice_period(v, l->period, period));
    else
        SAY(v, out, WORD_CHANGED_FROM, say_state(v, l->was_state),
            voice_number(v, l->was_quantity, was), say_state(v, l->state),
            voice_number(v, l->quantity, is));
}

void say_changed(const struct voice *v, const struct bulletin_line *l, struct buf *out)
{
    char moment[VOICE_TEXT_SIZE];

    switch (l->change) {
    case CHANGE_NONE:
    case CHANGE_NEW: break; /* the word for it says all */
    case CHANGE_WORSE:
    case CHANGE_LESS: changed_from(v, l, out); break;
    case CHANGE_ENDED: SAY(v, out, WORD_CHANGED_ENDED); break;
    case CHANGE_AGAIN: SAY(v, out, WORD_CHANGED_AGAIN); break;
    case CHANGE_SOON:
        SAY(v, out, WORD_CHANGED_SOON, voice_moment(v, say_deadline(l->confirms_at), moment));
        break;
    case CHANGE_RESOLVED: SAY(v, out, WORD_CHANGED_RESOLVED, say_state(v, l->was_state)); break;
    }
}

/* ---- Groups, and the command ------------------------------------------------------------- */

void say_group(const struct voice *v, const struct bulletin_group *g, struct buf *out)
{
    static const enum word words[] = {[CAUSE_PLACE] = WORD_GROUP_PLACE,
                                      [CAUSE_SERVER] = WORD_GROUP_SERVER,
                                      [CAUSE_KIND] = WORD_GROUP_KIND};
    char what[VOICE_NAME_SIZE];

    SAY_N(v, out, words[g->cause], (int64_t)g->n, voice_name(g->what, what));
}

bool say_can_explain(const struct bulletin_line *l)
{
    switch (l->kind) {
    case FINDING_UNDECLARED:
    case FINDING_UNKNOWN_SERVER:
    case FINDING_FORKED_IDENTITY:
    case FINDING_CROWDED_ADDRESS: return false;
    case FINDING_SILENT: { /* of a licence, or of a server */
        license_t license;
        return license_parse(text_of(l->subject), &license, NULL) == 0;
    }
    case FINDING_EXTRA_IP:
    case FINDING_MAILBOXES:
    case FINDING_OUTSIDE:
    case FINDING_MANY_ADDRESSES:
    case FINDING_SECOND_SERVER:
    case FINDING_ROAMING:
    case FINDING_SPLIT_DOMAIN:
    case FINDING_UNKNOWN_LICENSE:
    case FINDING_EXPIRED_IN_USE:
    case FINDING_FOREIGN_SERVER:
    case FINDING_ELSEWHERE:
    case FINDING_NEVER_SEEN:
    case FINDING_NEVER_COUNTED:
    case FINDING_RECURRING: break;
    }
    return true;
}

void say_explain(const struct bulletin *r, const struct bulletin_line *l, struct buf *out)
{
    char period[PERIOD_TEXT_SIZE], as_of[WALL_TEXT_SIZE];

    buf_printf(out, "%s explain %s --period %s --as-of %s", r->command, l->subject,
               period_format(l->period, period), wall_format(r->as_of, as_of));
}
