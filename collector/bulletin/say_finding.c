/* What is said of one finding. */
#include "bulletin/sentences.h"

#include <string.h>

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

/* Since when, for a rule that says so. */
static void put_since(const struct voice *v, const struct bulletin_line *l, struct buf *out)
{
    char since[VOICE_TEXT_SIZE];
    enum word w = WORD_SINCE;

    if (!l->has_since)
        return;
    if (l->kind == FINDING_EXTRA_IP)
        w = WORD_SINCE_EXTRA_IP;
    else if (l->kind == FINDING_OUTSIDE)
        w = WORD_SINCE_OUTSIDE;
    else if (l->kind == FINDING_MAILBOXES)
        w = WORD_SINCE_MAILBOXES;
    SAY(v, out, w, voice_moment(v, l->since, since));
}

static void put_count(const struct voice *v, const struct bulletin_seen *s, struct buf *out)
{
    char server[VOICE_NAME_SIZE], last[VOICE_TEXT_SIZE];

    SAY_N(v, out, WORD_SEEN_COUNT, s->count, voice_name(s->server, server),
          voice_moment(v, s->last, last));
}

static bool is_network(const char *unit)
{
    return strchr(unit, '/') != NULL;
}

/* What was last seen, at no place that is known. */
static void put_last(const struct voice *v, const struct bulletin_seen *s, struct buf *out)
{
    char server[VOICE_NAME_SIZE], last[VOICE_TEXT_SIZE];

    (void)voice_moment(v, s->last, last);
    if (s->server[0])
        SAY(v, out, WORD_SEEN_LAST_ON, last, voice_name(s->server, server));
    else
        SAY(v, out, WORD_SEEN_LAST, last);
}

static void put_place(const struct voice *v, const struct bulletin_line *l,
                      const struct bulletin_seen *s, struct buf *out)
{
    AUTO(buf) struct buf place = BUF_INIT(PIECE_MAX);
    char server[VOICE_NAME_SIZE], unit[VOICE_NAME_SIZE];
    char first[VOICE_TEXT_SIZE], last[VOICE_TEXT_SIZE];

    SAY(v, &place, is_network(s->unit) ? WORD_PLACE_NETWORK : WORD_PLACE_ADDRESS,
        voice_name(s->unit, unit));
    (void)voice_name(s->server, server);
    (void)voice_moment(v, s->first, first);
    (void)voice_moment(v, s->last, last);
    if (s->goes_on)
        SAY(v, out, WORD_SEEN_STILL, server, buf_str(&place), first);
    else if (s->first.s == s->last.s)
        SAY(v, out, WORD_SEEN_ONCE, server, buf_str(&place), first);
    else
        SAY(v, out, WORD_SEEN_UNTIL, server, buf_str(&place), first, last);
    if (s->is_outside || l->kind == FINDING_OUTSIDE) {
        buf_add_char(out, ' ');
        SAY(v, out, s->is_outside ? WORD_SEEN_OUTSIDE : WORD_SEEN_NOT_OUTSIDE);
    }
}

static bool is_of_domain(enum finding_kind k)
{
    return k == FINDING_MAILBOXES || k == FINDING_SPLIT_DOMAIN;
}

static void put_seen(const struct voice *v, const struct bulletin_line *l, size_t i,
                     struct buf *out)
{
    if (is_of_domain(l->kind))
        put_count(v, &l->seen[i], out);
    else if (!l->seen[i].unit[0])
        put_last(v, &l->seen[i], out);
    else
        put_place(v, l, &l->seen[i], out);
}

void say_seen(const struct voice *v, const struct bulletin_line *l, struct buf *out)
{
    char limit[VOICE_TEXT_SIZE];
    size_t from = out->len;

    put_since(v, l, out);
    for (size_t i = 0; i < l->n_seen; i++) {
        next_sentence(out, from);
        put_seen(v, l, i, out);
    }
    if (l->n_seen_more > 0) {
        next_sentence(out, from);
        SAY_N(v, out, is_of_domain(l->kind) ? WORD_SEEN_MORE_SERVERS : WORD_SEEN_MORE,
              (int64_t)l->n_seen_more);
    }
    if (is_of_domain(l->kind) && l->n_seen > 0) {
        next_sentence(out, from);
        SAY(v, out, WORD_SEEN_LIMIT, voice_number(v, l->limit, limit));
    }
}

static enum word sure_collector(const struct bulletin_line *l)
{
    if (l->by_collector.s > 0)
        return WORD_SURE_COLLECTOR;
    for (size_t i = 0; i < l->n_seen; i++)
        if (l->seen[i].by_collector)
            return WORD_SURE_COLLECTOR_TOO;
    return WORD_SURE_AGENT;
}

void say_sure(const struct voice *v, const struct bulletin_line *l, struct buf *out)
{
    char presence[VOICE_TEXT_SIZE], observed[VOICE_TEXT_SIZE], share[VOICE_TEXT_SIZE];
    char seen[VOICE_TEXT_SIZE];

    if (l->presence.s == 0)
        return;
    (void)voice_duration(v, l->presence, presence);
    if (l->observed.s >= l->presence.s)
        SAY(v, out, WORD_SURE_ALL, presence);
    else
        SAY(v, out, WORD_SURE, presence, voice_duration(v, l->observed, observed),
            voice_share(v, l->observed.s, l->presence.s, share));
    if (!is_of_domain(l->kind)) {
        buf_add_char(out, ' ');
        SAY(v, out, sure_collector(l), voice_duration(v, l->by_collector, seen));
    }
    if (l->gaps > 0) {
        buf_add_char(out, ' ');
        SAY_N(v, out, WORD_SURE_GAPS, l->gaps);
    }
}

/* What a licence can be bound to: an address, or one of a network's. */
static void put_bound(const struct voice *v, const char *unit, struct buf *out)
{
    char name[VOICE_NAME_SIZE];

    if (is_network(unit))
        SAY(v, out, WORD_LIVING_IN, voice_name(unit, name));
    else
        buf_add_str(out, voice_name(unit, name));
}

static void put_moved(const struct voice *v, const struct bulletin_seen *living,
                      const struct bulletin_seen *old, struct buf *out)
{
    AUTO(buf) struct buf to = BUF_INIT(PIECE_MAX);
    AUTO(buf) struct buf from = BUF_INIT(PIECE_MAX);
    char unit[VOICE_NAME_SIZE], server[VOICE_NAME_SIZE];
    char old_unit[VOICE_NAME_SIZE], old_server[VOICE_NAME_SIZE], last[VOICE_TEXT_SIZE];

    SAY(v, out, WORD_LIVING_MOVED, voice_name(living->unit, unit),
        voice_name(living->server, server), voice_name(old->unit, old_unit),
        voice_name(old->server, old_server), voice_moment(v, old->last, last));
    if (living->is_outside) /* nothing should be bound to where it must not be */
        return;
    put_bound(v, living->unit, &to);
    put_bound(v, old->unit, &from);
    buf_add_char(out, ' ');
    SAY(v, out, WORD_LIVING_BIND, buf_str(&to), buf_str(&from));
}

void say_living(const struct voice *v, const struct bulletin_line *l, struct buf *out)
{
    AUTO(buf) struct buf to = BUF_INIT(PIECE_MAX);
    char server[VOICE_NAME_SIZE], old_server[VOICE_NAME_SIZE], last[VOICE_TEXT_SIZE];

    if (l->n_seen != 2 || l->n_seen_more > 0 || l->seen[0].is_living == l->seen[1].is_living)
        return;
    const struct bulletin_seen *living = &l->seen[l->seen[0].is_living ? 0 : 1];
    const struct bulletin_seen *old = &l->seen[l->seen[0].is_living ? 1 : 0];
    if (strcmp(living->unit, old->unit) != 0) {
        put_moved(v, living, old, out);
        return;
    }
    put_bound(v, living->unit, &to);
    SAY(v, out, WORD_LIVING_SERVER, voice_name(living->server, server),
        voice_name(old->server, old_server), voice_moment(v, old->last, last), buf_str(&to));
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

/* A word of a command as a shell takes it: what is not plain stands in single quotes. */
static void put_word(const char *word, struct buf *out)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                "0123456789.:_-";
    char name[VOICE_NAME_SIZE];
    const char *p = voice_name(word, name);

    if (p[strspn(p, plain)] == '\0') {
        buf_add_str(out, p);
        return;
    }
    buf_add_char(out, '\'');
    for (; *p; p++)
        if (*p == '\'')
            buf_add_str(out, "'\\''");
        else
            buf_add_char(out, *p);
    buf_add_char(out, '\'');
}

void say_explain(const struct bulletin *r, const struct bulletin_line *l, struct buf *out)
{
    char period[PERIOD_TEXT_SIZE], as_of[WALL_TEXT_SIZE];

    buf_printf(out, "%s explain ", r->command);
    put_word(l->subject, out);
    buf_printf(out, " --period %s --as-of %s", period_format(l->period, period),
               wall_format(r->as_of, as_of));
}
