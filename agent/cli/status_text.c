/* status: in words. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "cli/status.h"

static const char *time_text(struct buf *b, enum language l, wall_t t)
{
    buf_reset(b);
    words_time(b, l, t);
    return buf_str(b);
}

static const char *number_text(int64_t n, char out[static 24])
{
    (void)snprintf(out, 24, "%" PRId64, n);
    return out;
}

struct page {
    const struct status *s;
    enum language l;
    struct buf *out;
    struct buf a, b; /* fillings */
};

static void line(struct page *p, enum word w, const char *a, const char *b)
{
    words_put(p->out, p->l, w, &(struct filling){a, b, NULL});
    buf_add_char(p->out, '\n');
}

static void item(struct page *p, enum word w, const char *a, const char *b)
{
    buf_add_str(p->out, "  ");
    line(p, w, a, b);
}

static void head(struct page *p, enum word w)
{
    buf_add_char(p->out, '\n');
    line(p, w, NULL, NULL);
}

static void put_life(struct page *p)
{
    const struct state *s = &p->s->state;
    if (!p->s->has_run)
        line(p, WORD_NEVER_RAN, NULL, NULL);
    else if (p->s->is_running)
        line(p, WORD_RUNNING, time_text(&p->a, p->l, s->started), FAIRUSE_VERSION);
    else
        line(p, WORD_NOT_RUNNING, time_text(&p->a, p->l, s->as_of), NULL);
    if (p->s->is_running)
        line(p, WORD_AS_OF, time_text(&p->a, p->l, s->as_of), NULL);
}

static void put_collector(struct page *p)
{
    const struct state *s = &p->s->state;
    head(p, WORD_COLLECTOR);
    if (p->s->collector[0])
        buf_printf(p->out, "  %s (%s)\n", p->s->collector, p->s->server);
    else
        item(p, WORD_NOT_ENROLLED, NULL, NULL);
    if (s->identity_to.s != 0)
        item(p, WORD_IDENTITY_UNTIL, time_text(&p->a, p->l, s->identity_to), NULL);
    if (s->sent.s != 0)
        item(p, WORD_LAST_SENT, time_text(&p->a, p->l, s->sent), NULL);
    else
        item(p, WORD_NEVER_SENT, NULL, NULL);
    if (s->outcome != 0 && s->outcome != MESSAGE_DONE)
        item(p, WORD_NOT_SENT, time_text(&p->a, p->l, s->attempted), s->send_why);
    if (s->next.s != 0)
        item(p, WORD_NEXT, time_text(&p->a, p->l, s->next), NULL);
}

static void put_sources(struct page *p)
{
    const struct state *s = &p->s->state;
    buf_add_str(p->out, "  ");
    const char *between = "";
    for (int i = 0; i < SOURCE_COUNT; i++)
        if (s->sources & (1U << i)) {
            buf_printf(p->out, "%s%s", between, source_name((enum source)i));
            between = ", ";
        }
    buf_add_char(p->out, '\n');
}

static void put_probe(struct page *p)
{
    static const enum word tracking[] = {
        [MESSAGE_TRACKING_UNKNOWN] = WORD_TRACKING_UNKNOWN,
        [MESSAGE_TRACKING_NONE] = WORD_TRACKING_NONE,
        [MESSAGE_TRACKING_WORKS] = WORD_TRACKING_WORKS,
    };
    const struct state *s = &p->s->state;
    char lost[24], overruns[24];
    head(p, WORD_SEES);
    if (!s->has_probe)
        item(p, WORD_SEES_NOTHING, NULL, NULL);
    else
        put_sources(p);
    if (s->probe_why[0])
        item(p, WORD_SEES_NOT, s->probe_why, NULL);
    if (s->sources & (1U << SOURCE_NAT))
        item(p, tracking[s->pulse.tracking], NULL, NULL);
    if (s->pulse.packets_lost + s->pulse.overruns > 0)
        item(p, WORD_LOST, number_text(s->pulse.packets_lost, lost),
             number_text(s->pulse.overruns, overruns));
}

static void put_licenses(struct page *p)
{
    head(p, WORD_LICENSES);
    if (p->s->n_licenses == 0)
        item(p, WORD_NO_LICENSES, NULL, NULL);
    for (size_t i = 0; i < p->s->n_licenses; i++) {
        const struct status_license *l = &p->s->licenses[i];
        buf_printf(p->out, "  %s", l->number);
        if (l->product[0])
            buf_printf(p->out, "  %s", l->product);
        if (l->edition[0])
            buf_printf(p->out, "  %s", l->edition);
        if (l->expires[0]) {
            buf_add_str(p->out, "  ");
            words_put(p->out, p->l, WORD_EXPIRES, &(struct filling){l->expires, NULL, NULL});
        }
        buf_add_char(p->out, '\n');
    }
}

static void put_places(struct page *p)
{
    head(p, WORD_ADDRESSES);
    if (p->s->n_places == 0)
        item(p, WORD_NO_ADDRESSES, NULL, NULL);
    for (size_t i = 0; i < p->s->n_places; i++) {
        const struct status_place *place = &p->s->places[i];
        char address[ADDR_TEXT_SIZE];
        buf_printf(p->out, "  %-39s  %-9s  ", addr_format(&place->address, address),
                   source_name(place->source));
        line(p, WORD_SEEN_LAST, time_text(&p->a, p->l, place->last), NULL);
    }
}

static void put_held(struct page *p)
{
    const struct status *s = p->s;
    char number[24];
    buf_add_char(p->out, '\n');
    if (s->state.counted.s != 0)
        line(p, WORD_MAILBOXES, number_text(s->state.n_domains, number),
             time_text(&p->a, p->l, s->state.counted));
    else
        line(p, WORD_NOT_COUNTED, NULL, NULL);
    if (s->state.look_why[0])
        line(p, WORD_TROUBLE, s->state.look_why, NULL);
    words_put(p->out, p->l, WORD_WAITING,
              &(struct filling){number_text(s->counts.waiting, number), NULL, NULL});
    if (s->counts.waiting > 0) {
        buf_add_str(p->out, ", ");
        words_put(p->out, p->l, WORD_WAITING_SINCE,
                  &(struct filling){time_text(&p->a, p->l, s->counts.oldest), NULL, NULL});
    }
    buf_add_char(p->out, '\n');
    if (s->counts.aside > 0)
        line(p, WORD_ASIDE, number_text(s->counts.aside, number), s->state.refused_why);
    line(p, WORD_HISTORY, number_text(s->counts.history, number), NULL);
}

static void put_consequence(struct page *p, const struct status_standing *st, bool is_extra)
{
    if (st->state == MESSAGE_STATE_CONFIRMED) {
        words_put(p->out, p->l, is_extra ? WORD_CHARGED_EXTRA_IP : WORD_CHARGED_OUTSIDE, NULL);
    } else if (st->confirms_at.s == 0) {
        words_put(p->out, p->l, WORD_OPEN_END, NULL);
    } else {
        buf_reset(&p->b);
        words_date(&p->b, p->l, st->confirms_at);
        words_put(p->out, p->l, is_extra ? WORD_WILL_CHARGE_EXTRA_IP : WORD_WILL_CHARGE_OUTSIDE,
                  &(struct filling){NULL, buf_str(&p->b), NULL});
    }
}

/* A kind that this version has no words for is named as the collector named it. */
static void put_warning(struct page *p, const struct status_standing *st, const char *kind)
{
    bool is_extra = strcmp(kind, "extra-ip") == 0, is_outside = strcmp(kind, "outside") == 0;
    buf_reset(&p->a);
    words_date(&p->a, p->l, st->since);
    buf_add_str(p->out, "  ! ");
    words_put(p->out, p->l,
              is_extra     ? WORD_EXTRA_IP
              : is_outside ? WORD_OUTSIDE
                           : WORD_OTHER_KIND,
              &(struct filling){st->license, buf_str(&p->a), kind});
    if (is_extra || is_outside)
        put_consequence(p, st, is_extra);
    buf_add_str(p->out, ".\n");
}

/* A sentence for each of "extra-ip,outside". */
static void put_standing(struct page *p, const struct status_standing *st)
{
    const char *rest = st->kinds;
    while (*rest) {
        char kind[sizeof st->kinds];
        size_t n = strcspn(rest, ",");
        (void)snprintf(kind, sizeof kind, "%.*s", (int)n, rest);
        put_warning(p, st, kind);
        rest += n + (rest[n] == ',');
    }
}

static void put_warnings(struct page *p)
{
    const struct status *s = p->s;
    size_t n = 0;
    for (size_t i = 0; i < s->n_standing; i++)
        n += s->standing[i].state != MESSAGE_STATE_OK;
    if (n == 0) {
        buf_add_char(p->out, '\n');
        line(p, s->n_standing > 0 ? WORD_ALL_WELL : WORD_NOTHING_SAID, NULL, NULL);
        return;
    }
    head(p, WORD_WARNINGS);
    for (size_t i = 0; i < s->n_standing; i++)
        if (s->standing[i].state != MESSAGE_STATE_OK)
            put_standing(p, &s->standing[i]);
}

void status_text(const struct status *s, enum language l, struct buf *out)
{
    struct page p = {s, l, out, BUF_INIT(256), BUF_INIT(256)};
    put_life(&p);
    put_warnings(&p);
    put_collector(&p);
    put_probe(&p);
    put_licenses(&p);
    put_places(&p);
    put_held(&p);
    buf_done(&p.a);
    buf_done(&p.b);
}
