/* What is said first: the verdict in one line, and the mail's subject. */
#include "bulletin/sentences.h"

#include "bulletin/say_parts.h"
#include <inttypes.h>

enum {
    PIECE_MAX = 8192,
    SUBJECT_MAX = 120,  /* characters: most of it shows in a list of mails */
    CURRENCIES_MAX = 2, /* whose money is said in one line */
};

/* Months that can be closed and have something to enter: another one closes along with them. */
static int64_t to_close(const struct bulletin *r)
{
    int64_t n = 0;

    for (size_t i = 0; i < r->n_waiting; i++)
        n += r->waiting[i].drafts > 0;
    return n;
}

static bool needs_hands(const struct bulletin *r)
{
    return to_close(r) > 0 || r->n_dead > 0 || r->n_dead_more > 0;
}

/* ---- To a manager ------------------------------------------------------------------------ */

/* Starts the next of several parts of a line. */
static void next_part(struct buf *out, size_t from, const char *between)
{
    if (out->len > from)
        buf_add_str(out, between);
}

static void put_counts(const struct voice *v, const struct bulletin *r, struct buf *out)
{
    size_t from = out->len;

    if (r->confirmed > 0)
        SAY_N(v, out, WORD_VERDICT_CONFIRMED, r->confirmed);
    if (r->potential > 0) {
        next_part(out, from, ", ");
        SAY_N(v, out, WORD_VERDICT_POTENTIAL, r->potential);
    }
}

enum amount { AMOUNT_DRAFT, AMOUNT_ADJUSTMENT };

/* The money of a kind, of the first currencies that have any. */
static void put_amounts(const struct voice *v, const struct bulletin *r, enum amount kind,
                        struct buf *out)
{
    char money[VOICE_TEXT_SIZE];
    size_t from = out->len;
    int64_t n = 0;

    for (size_t i = 0; i < r->n_sums; i++) {
        const struct bulletin_sum *s = &r->sums[i];
        money_t m = kind == AMOUNT_DRAFT ? s->draft : s->adjustment;
        if (m.minor == 0 || n++ >= CURRENCIES_MAX)
            continue;
        next_part(out, from, ", ");
        SAY(v, out, kind == AMOUNT_DRAFT ? WORD_VERDICT_DRAFT : WORD_VERDICT_ADJUSTMENT,
            voice_money(v, m, s->currency, money));
    }
    if (n > CURRENCIES_MAX) {
        buf_add_char(out, ' ');
        SAY_N(v, out, WORD_AND_MORE, n - CURRENCIES_MAX);
    }
}

/* Whom to call, what was found, what it costs; then what waits for a person. */
static void manager_verdict(const struct voice *v, const struct bulletin *r, struct buf *out)
{
    int64_t dead = (int64_t)r->n_dead + r->n_dead_more;
    AUTO(buf) struct buf found = BUF_INIT(PIECE_MAX);

    if (r->n_calls > 0)
        SAY_N(v, out, WORD_VERDICT_CALLS, (int64_t)r->n_calls);
    else
        SAY(v, out, needs_hands(r) ? WORD_VERDICT_NOBODY : WORD_VERDICT_NOTHING);
    put_counts(v, r, &found);
    if (found.len == 0)
        SAY(v, &found, WORD_VERDICT_CLEAN);
    for (int i = AMOUNT_DRAFT; i <= AMOUNT_ADJUSTMENT; i++) {
        AUTO(buf) struct buf money = BUF_INIT(PIECE_MAX);
        put_amounts(v, r, (enum amount)i, &money);
        if (money.len > 0)
            buf_printf(&found, ", %s", buf_str(&money));
    }
    buf_printf(out, "; %s", buf_str(&found));
    if (to_close(r) > 0) {
        buf_add_str(out, "; ");
        SAY_N(v, out, WORD_VERDICT_WAITING, to_close(r));
    }
    if (dead > 0) {
        buf_add_str(out, "; ");
        SAY_N(v, out, WORD_VERDICT_DEAD, dead);
    }
    buf_add_char(out, '.');
}

/* "2 to call, 1 confirmed, 3 potential: €37.50 draft" */
static void manager_subject(const struct voice *v, const struct bulletin *r, struct buf *out)
{
    AUTO(buf) struct buf counts = BUF_INIT(PIECE_MAX);
    AUTO(buf) struct buf money = BUF_INIT(PIECE_MAX);

    if (r->n_calls > 0)
        SAY_N(v, out, WORD_SUBJECT_CALLS, (int64_t)r->n_calls);
    else
        SAY(v, out, needs_hands(r) ? WORD_SUBJECT_NOBODY : WORD_SUBJECT_NOTHING);
    put_counts(v, r, &counts);
    if (counts.len > 0)
        buf_printf(out, ", %s", buf_str(&counts));
    if (to_close(r) > 0) {
        buf_add_str(out, ", ");
        SAY_N(v, out, WORD_VERDICT_WAITING, to_close(r));
    }
    put_amounts(v, r, AMOUNT_DRAFT, &money);
    if (money.len > 0)
        buf_printf(out, ": %s", buf_str(&money));
}

/* ---- To a reseller ----------------------------------------------------------------------- */

/* Whether a reseller can still do something about it, or pays for it. */
static bool needs_attention(const struct bulletin_line *l)
{
    return !l->is_waived &&
           (l->state == STATE_CONFIRMED || (l->state == STATE_POTENTIAL && l->has_confirms));
}

/* What a reseller's mail is about. */
struct concern {
    int64_t n;                      /* lines that need attention */
    const struct bulletin_line *of; /* the first of them, else of all */
    int64_t n_told;                 /* lines in all */
    bool has_by;
    wall_t by; /* the earliest confirms_at */
};

static struct concern concern_of(const struct bulletin *r)
{
    const struct bulletin_reseller *x = r->n_resellers > 0 ? &r->resellers[0] : NULL;
    struct concern c = {.of = NULL};

    for (size_t i = 0; x && i < x->n_lines; i++) {
        const struct bulletin_line *l = &x->lines[i];
        bool needs = needs_attention(l);
        if (!c.of || (needs && c.n == 0))
            c.of = l;
        c.n += needs;
        c.n_told++;
        if (!needs || l->state != STATE_POTENTIAL)
            continue;
        c.by = c.has_by ? wall_min(c.by, l->confirms_at) : l->confirms_at;
        c.has_by = true;
    }
    return c;
}

static void reseller_verdict(const struct voice *v, const struct bulletin *r, struct buf *out)
{
    struct concern c = concern_of(r);
    char by[VOICE_TEXT_SIZE];

    if (c.n == 0) {
        SAY(v, out, WORD_VERDICT_RESELLER_CLEAR);
        return;
    }
    SAY_N(v, out, WORD_VERDICT_RESELLER, c.n);
    if (c.has_by) {
        buf_add_char(out, ' ');
        SAY(v, out, WORD_VERDICT_FIRST, voice_moment(v, say_deadline(c.by), by));
    }
}

/* "before 17 October 2026", which is safe; today, or when that is past, to the minute. */
static void put_by(const struct voice *v, const struct bulletin *r, wall_t confirms_at,
                   struct buf *out)
{
    wall_t last = say_deadline(confirms_at);
    char text[VOICE_TEXT_SIZE];

    if (zone_date_at(v->zone, last) > zone_date_at(v->zone, r->as_of))
        SAY(v, out, WORD_BEFORE_DAY, voice_day(v, last, text));
    else
        SAY(v, out, WORD_BY_MOMENT, voice_moment(v, last, text));
}

/* "Plesk licence PLSK.00000102: extra IP address; clearing it before … avoids a charge" */
static void subject_of_line(const struct voice *v, const struct bulletin *r,
                            const struct bulletin_line *l, struct buf *out)
{
    AUTO(buf) struct buf subject = BUF_INIT(PIECE_MAX);
    AUTO(buf) struct buf by = BUF_INIT(PIECE_MAX);
    char name[VOICE_NAME_SIZE];

    SAY(v, &subject, l->kind == FINDING_MAILBOXES ? WORD_SUBJECT_DOMAIN : WORD_SUBJECT_LICENSE,
        voice_name(l->shown, name));
    if (l->state == STATE_POTENTIAL && l->has_confirms && !l->is_waived) {
        put_by(v, r, l->confirms_at, &by);
        SAY(v, out, say_is_paid(l) ? WORD_SUBJECT_SOON : WORD_SUBJECT_SOON_FREE,
            buf_str(&subject), say_kind(v, l->kind), buf_str(&by));
        return;
    }
    SAY(v, out, WORD_SUBJECT_STATE, buf_str(&subject), say_kind(v, l->kind),
        l->change == CHANGE_RESOLVED || l->change == CHANGE_ENDED ? say_change(v, l->change)
        : l->is_waived ? voice_word(v, WORD_IS_WAIVED)
                       : say_state(v, l->state));
}

static void subject_of_many(const struct voice *v, const struct bulletin *r,
                            const struct concern *c, struct buf *out)
{
    AUTO(buf) struct buf many = BUF_INIT(PIECE_MAX);
    AUTO(buf) struct buf by = BUF_INIT(PIECE_MAX);

    if (c->n == 0) {
        SAY(v, out, WORD_SUBJECT_CLEAR);
        return;
    }
    SAY_N(v, &many, WORD_SUBJECT_MANY, c->n);
    if (!c->has_by) {
        buf_add_str(out, buf_str(&many));
        return;
    }
    put_by(v, r, c->by, &by);
    SAY(v, out, c->n == 1 ? WORD_JOIN_STATE : WORD_SUBJECT_FIRST, buf_str(&many), buf_str(&by));
}

static size_t characters(struct text t)
{
    uint32_t code;
    size_t n = 0;

    for (; t.n > 0; n++) {
        size_t length = text_next(t, &code);
        length = length > 0 ? length : 1;
        t = (struct text){t.p + length, t.n - length};
    }
    return n;
}

static void reseller_subject(const struct voice *v, const struct bulletin *r, struct buf *out)
{
    AUTO(buf) struct buf one = BUF_INIT(PIECE_MAX);
    struct concern c = concern_of(r);

    if (c.n == 1 || (c.n == 0 && c.n_told == 1))
        subject_of_line(v, r, c.of, &one);
    if (one.len > 0 && characters((struct text){buf_str(&one), one.len}) <= SUBJECT_MAX)
        buf_add_str(out, buf_str(&one));
    else
        subject_of_many(v, r, &c, out);
}

/* ---- Both -------------------------------------------------------------------------------- */

void say_verdict(const struct voice *v, const struct bulletin *r, struct buf *out)
{
    if (r->failure)
        SAY(v, out, WORD_VERDICT_FAILED);
    else if (r->audience == AUDIENCE_MANAGER)
        manager_verdict(v, r, out);
    else
        reseller_verdict(v, r, out);
}

void say_subject(const struct voice *v, const struct bulletin *r, struct buf *out)
{
    AUTO(buf) struct buf what = BUF_INIT(PIECE_MAX);
    AUTO(buf) struct buf serial = BUF_INIT(PIECE_MAX);

    if (r->audience == AUDIENCE_RESELLER && !r->failure) {
        reseller_subject(v, r, out);
        return;
    }
    if (r->failure)
        SAY(v, &what, WORD_SUBJECT_FAILED);
    else
        manager_subject(v, r, &what);
    buf_printf(&serial, "%" PRId64, r->serial);
    if (r->serial == 0)
        SAY(v, out, WORD_SUBJECT_PREVIEW, buf_str(&what));
    else
        SAY(v, out, WORD_SUBJECT_NUMBER, buf_str(&serial), buf_str(&what));
}
