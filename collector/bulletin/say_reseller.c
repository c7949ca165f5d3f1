/* What is said of a reseller: calls, the text to forward, strikes, coverage. */
#include "bulletin/sentences.h"

#include "bulletin/plan.h"
#include "bulletin/say_parts.h"

enum {
    PIECE_MAX = 65536,
    FORWARD_MAX = 20,      /* findings, or groups, of one text: a letter, not a list */
    FORWARD_NAMED_MAX = 6, /* subjects of a group */
};

static void next_sentence(struct buf *out, size_t from)
{
    if (out->len > from)
        buf_add_char(out, ' ');
}

static const char *step_word(const struct voice *v, enum bulletin_step s)
{
    static const enum word words[] = {[STEP_NONE] = WORD_STEP_NONE,
                                      [STEP_NOTICE] = WORD_STEP_NOTICE,
                                      [STEP_WARNING] = WORD_STEP_WARNING,
                                      [STEP_REVIEW] = WORD_STEP_REVIEW};
    return voice_word(v, words[s]);
}

/* ---- Calls ----------------------------------------------------------------------------- */

/* Whether what must be cleared by then costs money otherwise. */
static bool is_paid_from(const struct bulletin_reseller *x, wall_t by)
{
    for (size_t i = 0; i < x->n_lines; i++) {
        const struct bulletin_line *l = &x->lines[i];
        if (l->state == STATE_POTENTIAL && l->has_confirms && l->confirms_at.s == by.s &&
            say_is_paid(l))
            return true;
    }
    return false;
}

static void say_reason(const struct voice *v, const struct bulletin_reseller *x,
                       const struct bulletin_call *c, enum bulletin_reason reason,
                       struct buf *out)
{
    char by[VOICE_TEXT_SIZE], seen[VOICE_TEXT_SIZE], known[VOICE_TEXT_SIZE];

    switch (reason) {
    case REASON_SOON:
        SAY(v, out, is_paid_from(x, c->by) ? WORD_CALL_SOON : WORD_CALL_SOON_FREE,
            voice_moment(v, say_deadline(c->by), by));
        break;
    case REASON_CONFIRMED: SAY(v, out, WORD_CALL_CONFIRMED); break;
    case REASON_LADDER: SAY(v, out, WORD_CALL_LADDER, step_word(v, x->strikes.step)); break;
    case REASON_NO_MAIL: SAY(v, out, WORD_CALL_NO_MAIL); break;
    case REASON_BLIND:
        SAY(v, out, WORD_CALL_BLIND, voice_number(v, x->coverage.licenses_seen, seen),
            voice_number(v, x->coverage.licenses_known, known));
        break;
    }
}

void say_call(const struct voice *v, const struct bulletin *r, const struct bulletin_call *c,
              struct buf *out)
{
    static const enum bulletin_reason order[] = {REASON_SOON, REASON_CONFIRMED, REASON_LADDER,
                                                 REASON_NO_MAIL, REASON_BLIND};
    size_t from = out->len;

    for (size_t i = 0; i < ARRAY_LEN(order); i++) {
        bool is_said = (c->reasons & order[i]) != 0 && (order[i] != REASON_SOON || c->has_by);
        if (!is_said)
            continue;
        next_sentence(out, from);
        say_reason(v, &r->resellers[c->reseller], c, order[i], out);
    }
}

/* ---- The text to forward ----------------------------------------------------------------- */

typedef void say_part(const struct voice *v, const struct bulletin_line *l, struct buf *out);

static void add_parts(const struct voice *v, const struct bulletin_line *l,
                      say_part *const parts[], size_t n, struct buf *out)
{
    for (size_t i = 0; i < n; i++) {
        AUTO(buf) struct buf part = BUF_INIT(PIECE_MAX);
        parts[i](v, l, &part);
        if (part.len > 0)
            buf_printf(out, " %s", buf_str(&part));
    }
}

static void add_clause(const struct voice *v, const struct bulletin_line *l, struct buf *out)
{
    buf_add_char(out, ' ');
    SAY(v, out, WORD_FORWARD_CLAUSE, say_clause(v, l->kind));
    buf_add_str(out, "\n\n");
}

static void forward_line(const struct voice *v, const struct bulletin_line *l, struct buf *out)
{
    static say_part *const parts[] = {say_seen, say_living, say_clears, say_cost};
    AUTO(buf) struct buf finding = BUF_INIT(PIECE_MAX);
    char subject[VOICE_NAME_SIZE], period[VOICE_TEXT_SIZE];

    say_finding(v, l, &finding);
    SAY(v, out, WORD_FORWARD_LINE, voice_name(l->shown, subject), buf_str(&finding),
        voice_period(v, l->period, period));
    add_parts(v, l, parts, ARRAY_LEN(parts), out);
    add_clause(v, l, out);
}

static bool is_forwarded(const struct bulletin_line *l)
{
    return bulletin_is_charging(l->kind) && l->state >= STATE_POTENTIAL && !l->is_waived;
}

/* Whether the group of `first` tells of `l` in the text to forward: told alike, one is enough.
 */
static bool is_alike(const struct bulletin_line *first, const struct bulletin_line *l)
{
    return is_forwarded(l) && l->group == first->group && l->state == first->state &&
           l->is_disputed == first->is_disputed && l->has_confirms == first->has_confirms;
}

/* "PLSK.00000001, PLSK.00000002 and 3 more" */
static void add_subjects(const struct voice *v, const struct bulletin_reseller *x,
                         const struct bulletin_line *first, struct buf *out)
{
    char name[VOICE_NAME_SIZE];
    int64_t n = 0;

    for (size_t i = 0; i < x->n_lines; i++) {
        if (!is_alike(first, &x->lines[i]))
            continue;
        if (n < FORWARD_NAMED_MAX)
            buf_printf(out, "%s%s", n > 0 ? ", " : "", voice_name(x->lines[i].shown, name));
        n++;
    }
    if (n > FORWARD_NAMED_MAX) {
        buf_add_char(out, ' ');
        SAY_N(v, out, WORD_AND_MORE, n - FORWARD_NAMED_MAX);
    }
}

/* What clears the first, which is the soonest, clears all; what each costs is its own. */
static void forward_group(const struct voice *v, const struct bulletin_reseller *x,
                          const struct bulletin_line *first, struct buf *out)
{
    static say_part *const parts[] = {say_clears, say_cost};
    AUTO(buf) struct buf kind = BUF_INIT(PIECE_MAX);
    AUTO(buf) struct buf cause = BUF_INIT(PIECE_MAX);
    AUTO(buf) struct buf subjects = BUF_INIT(PIECE_MAX);
    char period[VOICE_TEXT_SIZE];

    say_group(v, &x->groups[first->group], &cause);
    SAY(v, &kind, WORD_WITH_STATE, say_kind(v, first->kind), say_state(v, first->state));
    add_subjects(v, x, first, &subjects);
    SAY(v, out, WORD_FORWARD_GROUP, buf_str(&subjects), buf_str(&kind),
        voice_period(v, first->period, period), buf_str(&cause));
    add_parts(v, first, parts, say_is_paid(first) ? 1 : ARRAY_LEN(parts), out);
    add_clause(v, first, out);
}

/* Whether an earlier line of its group has told of it. */
static bool is_led(const struct bulletin_reseller *x, size_t at)
{
    for (size_t i = 0; plan_is_grouped(x, &x->lines[at]) && i < at; i++)
        if (is_alike(&x->lines[at], &x->lines[i]))
            return true;
    return false;
}

/* How many lines one paragraph tells of. */
static int64_t count_alike(const struct bulletin_reseller *x, const struct bulletin_line *l)
{
    int64_t n = 0;

    for (size_t i = 0; plan_is_grouped(x, l) && i < x->n_lines; i++)
        n += is_alike(l, &x->lines[i]);
    return plan_is_grouped(x, l) ? n : 1;
}

/* How many findings are left out. */
static int64_t forward_lines(const struct voice *v, const struct bulletin_reseller *x,
                             struct buf *out)
{
    int64_t told = 0, left_out = 0;

    for (size_t i = 0; i < x->n_lines; i++) {
        const struct bulletin_line *l = &x->lines[i];
        if (!is_forwarded(l) || is_led(x, i))
            continue;
        if (told == FORWARD_MAX) {
            left_out += count_alike(x, l);
            continue;
        }
        told++;
        if (plan_is_grouped(x, l))
            forward_group(v, x, l, out);
        else
            forward_line(v, l, out);
    }
    return left_out;
}

/* Half of the licences or more are not seen: the same bound as that of REASON_BLIND. */
static bool is_blind(const struct bulletin_coverage *c)
{
    return c->licenses_known >= 3 && c->licenses_seen * 2 <= c->licenses_known;
}

static void forward_rest(const struct voice *v, const struct bulletin_reseller *x,
                         int64_t left_out, struct buf *out)
{
    char known[VOICE_TEXT_SIZE], seen[VOICE_TEXT_SIZE];

    if (left_out > 0) {
        SAY_N(v, out, WORD_FORWARD_MORE, left_out);
        buf_add_str(out, "\n\n");
    }
    if (is_blind(&x->coverage)) {
        SAY(v, out, WORD_FORWARD_BLIND, voice_number(v, x->coverage.licenses_known, known),
            voice_number(v, x->coverage.licenses_seen, seen));
        buf_add_str(out, "\n\n");
    }
}

void say_forward(const struct voice *v, const struct bulletin *r,
                 const struct bulletin_reseller *x, struct buf *out)
{
    AUTO(buf) struct buf lines = BUF_INIT(out->cap);
    AUTO(buf) struct buf rest = BUF_INIT(PIECE_MAX);
    char name[VOICE_NAME_SIZE], day[VOICE_TEXT_SIZE];

    forward_rest(v, x, forward_lines(v, x, &lines), &rest);
    if (lines.len + rest.len == 0)
        return;
    SAY(v, out, WORD_GREETING, voice_name(x->name, name));
    buf_add_str(out, "\n\n");
    if (lines.len > 0) {
        SAY(v, out, WORD_FORWARD_OPENING, voice_day(v, r->as_of, day));
        buf_add_str(out, "\n\n");
    }
    buf_add(out, buf_str(&lines), lines.len);
    buf_add(out, buf_str(&rest), rest.len);
    if (lines.len > 0) {
        SAY(v, out, WORD_FORWARD_CLOSING);
        buf_add_str(out, "\n\n");
    }
    SAY(v, out, WORD_FORWARD_REGARDS);
    buf_printf(out, "\n\n%s", voice_name(r->name, name));
    if ((buf_error(&lines) || buf_error(&rest)) && !buf_error(out))
        out->error = buf_error(&lines) ? buf_error(&lines) : buf_error(&rest);
}

/* ---- Strikes and coverage ---------------------------------------------------------------- */

void say_strikes(const struct voice *v, const struct bulletin_strikes *s, struct buf *out)
{
    char concerned[VOICE_TEXT_SIZE], known[VOICE_TEXT_SIZE], share[VOICE_TEXT_SIZE];

    if (s->periods == 0)
        SAY(v, out, WORD_STRIKES_NEVER);
    else
        SAY_N(v, out, WORD_STRIKES, s->periods, step_word(v, s->step));
    if (s->next_at > 0) {
        buf_add_char(out, ' ');
        SAY_N(v, out, WORD_STRIKES_NEXT, s->next_at);
    }
    if (s->licenses_concerned > 0) {
        buf_add_char(out, ' ');
        SAY(v, out, WORD_STRIKES_SHARE, voice_number(v, s->licenses_concerned, concerned),
            voice_number(v, s->licenses_known, known),
            voice_share(v, s->licenses_concerned, s->licenses_known, share));
    }
}

static void say_seen_of(const struct voice *v, enum word w, int64_t part, int64_t whole,
                        struct buf *out)
{
    char seen[VOICE_TEXT_SIZE], known[VOICE_TEXT_SIZE], share[VOICE_TEXT_SIZE];

    SAY(v, out, w, voice_number(v, part, seen), voice_number(v, whole, known),
        voice_share(v, part, whole, share));
}

/* The sentences of what is not as it should be. */
static void say_unseen(const struct voice *v, const struct bulletin_coverage *c, size_t from,
                       struct buf *out)
{
    char text[VOICE_TEXT_SIZE];

    if (c->servers_silent > 0) {
        next_sentence(out, from);
        SAY_N(v, out, WORD_COVERAGE_SILENT, c->servers_silent,
              voice_number(v, c->servers_known, text));
    }
    if (c->servers_with_gaps > 0) {
        next_sentence(out, from);
        SAY_N(v, out, WORD_COVERAGE_GAPS, c->servers_with_gaps,
              voice_duration(v, c->gaps, text));
    }
    if (c->lacks_ipv4) {
        next_sentence(out, from);
        SAY(v, out, WORD_COVERAGE_IPV4);
    }
    if (c->lacks_ipv6) {
        next_sentence(out, from);
        SAY(v, out, WORD_COVERAGE_IPV6);
    }
}

void say_coverage(const struct voice *v, const struct bulletin_coverage *c, struct buf *out)
{
    AUTO(buf) struct buf unseen = BUF_INIT(PIECE_MAX);
    size_t from = out->len;

    if (c->licenses_known > 0)
        say_seen_of(v, WORD_COVERAGE_LICENSES, c->licenses_seen, c->licenses_known, out);
    if (c->domains_known > 0) {
        next_sentence(out, from);
        say_seen_of(v, WORD_COVERAGE_DOMAINS, c->domains_counted, c->domains_known, out);
    }
    say_unseen(v, c, 0, &unseen);
    if (unseen.len > 0)
        next_sentence(out, from);
    buf_add(out, buf_str(&unseen), unseen.len);
    if (unseen.len > 0 || c->licenses_seen < c->licenses_known ||
        c->domains_counted < c->domains_known) {
        next_sentence(out, from);
        SAY(v, out, WORD_COVERAGE_WARNING);
    }
}
