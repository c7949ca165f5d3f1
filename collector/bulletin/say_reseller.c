/* What is said of a reseller: calls, the text to forward, strikes, coverage. */
#include "bulletin/sentences.h"

enum { PIECE_MAX = 65536 };

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

static void say_reason(const struct voice *v, const struct bulletin_reseller *x,
                       const struct bulletin_call *c, enum bulletin_reason reason,
                       struct buf *out)
{
    char by[VOICE_TEXT_SIZE], seen[VOICE_TEXT_SIZE], known[VOICE_TEXT_SIZE];

    switch (reason) {
    case REASON_SOON:
        SAY(v, out, WORD_CALL_SOON, voice_moment(v, say_deadline(c->by), by));
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

static void forward_line(const struct voice *v, const struct bulletin_line *l, struct buf *out)
{
    AUTO(buf) struct buf finding = BUF_INIT(PIECE_MAX);
    char subject[VOICE_NAME_SIZE];

    say_finding(v, l, &finding);
    SAY(v, out, WORD_FORWARD_LINE, voice_name(l->shown, subject), buf_str(&finding));
    void (*const parts[])(const struct voice *, const struct bulletin_line *,
                          struct buf *) = {say_seen, say_living, say_clears};
    for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
        AUTO(buf) struct buf part = BUF_INIT(PIECE_MAX);
        parts[i](v, l, &part);
        if (part.len > 0)
            buf_printf(out, " %s", buf_str(&part));
    }
    AUTO(buf) struct buf cost = BUF_INIT(PIECE_MAX);
    say_cost(v, l, &cost);
    if (cost.len > 0)
        buf_printf(out, " %s", buf_str(&cost));
    buf_add_str(out, "\n\n");
}

void say_forward(const struct voice *v, const struct bulletin *r,
                 const struct bulletin_reseller *x, struct buf *out)
{
    char name[VOICE_NAME_SIZE], day[VOICE_TEXT_SIZE];

    SAY(v, out, WORD_GREETING, voice_name(x->name, name));
    buf_add_str(out, "\n\n");
    SAY(v, out, WORD_FORWARD_OPENING, voice_day(v, r->as_of, day));
    buf_add_str(out, "\n\n");
    for (size_t i = 0; i < x->n_lines; i++)
        if (bulletin_is_charging(x->lines[i].kind) && x->lines[i].state >= STATE_POTENTIAL)
            forward_line(v, &x->lines[i], out);
    SAY(v, out, WORD_FORWARD_CLOSING);
}

/* ---- Strikes and coverage ---------------------------------------------------------------- */

void say_strikes(const struct voice *v, const struct bulletin_strikes *s, struct buf *out)
{
    char concerned[VOICE_TEXT_SIZE], known[VOICE_TEXT_SIZE], share[VOICE_TEXT_SIZE];

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

static void say_part(const struct voice *v, enum word w, int64_t part, int64_t whole,
                     struct buf *out)
{
    char seen[VOICE_TEXT_SIZE], known[VOICE_TEXT_SIZE], share[VOICE_TEXT_SIZE];

    if (whole == 0)
        return;
    SAY(v, out, w, voice_number(v, part, seen), voice_number(v, whole, known),
        voice_share(v, part, whole, share));
    buf_add_char(out, ' ');
}

void say_coverage(const struct voice *v, const struct bulletin_coverage *c, struct buf *out)
{
    char text[VOICE_TEXT_SIZE];
    bool is_blind =
        c->licenses_seen < c->licenses_known || c->domains_counted < c->domains_known;

    say_part(v, WORD_COVERAGE_LICENSES, c->licenses_seen, c->licenses_known, out);
    say_part(v, WORD_COVERAGE_DOMAINS, c->domains_counted, c->domains_known, out);
    if (c->servers_silent > 0) {
        SAY_N(v, out, WORD_COVERAGE_SILENT, c->servers_silent,
              voice_number(v, c->servers_known, text));
        buf_add_char(out, ' ');
    }
    if (c->servers_with_gaps > 0) {
        SAY_N(v, out, WORD_COVERAGE_GAPS, c->servers_with_gaps,
              voice_duration(v, c->gaps, text));
        buf_add_char(out, ' ');
    }
    if (c->lacks_ipv4) {
        SAY(v, out, WORD_COVERAGE_IPV4);
        buf_add_char(out, ' ');
    }
    if (c->lacks_ipv6) {
        SAY(v, out, WORD_COVERAGE_IPV6);
        buf_add_char(out, ' ');
    }
    if (is_blind)
        SAY(v, out, WORD_COVERAGE_WARNING);
    else if (out->len > 0 && out->data[out->len - 1] == ' ')
        out->data[--out->len] = '\0';
}
