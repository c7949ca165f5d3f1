/* The report's findings and money as tables for spreadsheets. */
#include "bulletin/render.h"
#include "bulletin/sentences.h"

/* ---- Fields ------------------------------------------------------------------------------ */

/* One table on its way. */
struct csv {
    const struct bulletin *r;
    struct buf *out;
    struct buf field; /* a text on its way */
    bool is_begun;    /* the row has a field */
};

static void csv_done(struct csv *c)
{
    buf_done(&c->field);
}

static void comma(struct csv *c)
{
    if (c->is_begun)
        buf_add_char(c->out, ',');
    c->is_begun = true;
}

static void end_row(struct csv *c)
{
    buf_add_str(c->out, "\r\n");
    c->is_begun = false;
}

/* Numbers and names of our own: nothing in them needs care. */
static void put_plain(struct csv *c, const char *text)
{
    comma(c);
    buf_add_str(c->out, text);
}

static void put_int(struct csv *c, int64_t v)
{
    comma(c);
    buf_add_int(c->out, v);
}

static void put_bool(struct csv *c, bool v)
{
    put_plain(c, v ? "true" : "false");
}

static void put_moment(struct csv *c, bool has, wall_t t)
{
    char text[WALL_TEXT_SIZE];
    put_plain(c, has ? wall_format(t, text) : "");
}

static void put_period(struct csv *c, period_t p)
{
    char text[PERIOD_TEXT_SIZE];
    put_plain(c, period_format(p, text));
}

static void put_money(struct csv *c, money_t m, const struct currency *currency)
{
    char text[MONEY_TEXT_SIZE];
    put_plain(c, money_format(m, currency, text));
}

/* What makes a spreadsheet take a field for a formula, in both widths. */
static bool begins_formula(uint32_t code)
{
    static const uint32_t signs[] = {'=', '+', '-', '@', 0xff1d, 0xff0b, 0xff0d, 0xff20};

    for (size_t i = 0; i < ARRAY_LEN(signs); i++)
        if (code == signs[i])
            return true;
    return false;
}

/* Whether a spreadsheet might run it: some pass over white space and marks before the sign. */
static bool is_formula(struct text t)
{
    uint32_t code;
    size_t n;

    while ((n = text_next(t, &code)) > 0) {
        if (code == '\t' || code == '\r')
            return true;
        if (!text_code_is_space(code) && !text_code_is_invisible(code) &&
            !text_code_is_control(code))
            return begins_formula(code);
        t = (struct text){t.p + n, t.n - n};
    }
    return false;
}

/* A text of somebody else's: quoted; without control characters, so that a row is a line;
 * well-formed. */
static void put_text(struct csv *c, struct text t)
{
    uint32_t code, before = 0;

    comma(c);
    buf_add_str(c->out, is_formula(t) ? "\"'" : "\"");
    while (t.n > 0) {
        size_t n = text_next(t, &code);
        /* A spreadsheet that takes another mark between fields begins a cell there. */
        if (n > 0 && (before == ';' || before == ',') && begins_formula(code))
            buf_add_char(c->out, '\'');
        if (n > 0 && !text_code_is_space(code))
            before = code;
        if (n == 0)
            buf_add_str(c->out, "\xef\xbf\xbd"); /* U+FFFD */
        else if (text_code_is_control(code))
            buf_add_char(c->out, ' ');
        else if (code == '"')
            buf_add_str(c->out, "\"\"");
        else
            buf_add(c->out, t.p, n);
        n = n > 0 ? n : 1;
        t = (struct text){t.p + n, t.n - n};
    }
    buf_add_char(c->out, '"');
}

static void put_name(struct csv *c, const char *name)
{
    char harmless[VOICE_NAME_SIZE];
    put_text(c, text_of(voice_name(name, harmless)));
}

static struct buf *field(struct csv *c)
{
    buf_reset(&c->field);
    return &c->field;
}

static void put_field(struct csv *c)
{
    if (buf_error(&c->field) && !buf_error(c->out))
        c->out->error = buf_error(&c->field);
    put_text(c, (struct text){buf_str(&c->field), c->field.len});
}

static void put_head(struct csv *c, const char *const names[], size_t n)
{
    buf_add_str(c->out, "\xef\xbb\xbf");
    for (size_t i = 0; i < n; i++)
        put_plain(c, names[i]);
    end_row(c);
}

/* What both tables begin with. */
#define OWN_HEADS "run", "serial", "as_of", "reseller", "reseller_name", "period", "kind"
static void put_own(struct csv *c, const struct bulletin_reseller *x)
{
    put_int(c, c->r->run);
    put_int(c, c->r->serial);
    put_moment(c, true, c->r->as_of);
    if (!x) {
        put_plain(c, "");
        put_plain(c, "");
        return;
    }
    put_text(c, text_of(x->id));
    put_name(c, x->name);
}

/* ---- Findings ---------------------------------------------------------------------------- */

static const char *const finding_heads[] = {
    OWN_HEADS,
    "state",
    "subject",
    "shown",
    "quantity",
    "since",
    "confirms_at",
    "change",
    "was_state",
    "was_quantity",
    "cost",
    "currency",
    "units",
    "unit_price",
    "trial",
    "waived",
    "disputed",
    "limit",
    "observed_seconds",
    "presence_seconds",
    "gaps",
    "clause",
    "places",
    "group",
    "explain",
};

static void put_change(struct csv *c, const struct bulletin_line *l)
{
    put_plain(c, bulletin_change_name(l->change));
    put_plain(c, l->was_state == STATE_CLEAR ? "" : finding_state_name(l->was_state));
    put_int(c, l->was_quantity);
}

static void put_cost(struct csv *c, const struct bulletin_cost *cost)
{
    char price[MONEY_TEXT_SIZE];

    if (!cost->is_known) {
        put_plain(c, "");
        put_plain(c, cost->currency ? cost->currency->code : "");
        put_plain(c, "");
        put_plain(c, "");
        return;
    }
    put_money(c, cost->amount, cost->currency);
    put_plain(c, cost->currency->code);
    put_int(c, cost->units);
    put_plain(c, price_format(cost->unit_price, cost->currency, price));
}

/* "server unit first/last goes-on living outside; …; +3", for a domain "server count=12 …". */
static void put_places(struct csv *c, const struct bulletin_line *l)
{
    struct buf *out = field(c);
    char first[WALL_TEXT_SIZE], last[WALL_TEXT_SIZE];

    for (size_t i = 0; i < l->n_seen; i++) {
        const struct bulletin_seen *s = &l->seen[i];
        buf_add_str(out, i > 0 ? "; " : "");
        buf_add_str(out, s->server);
        if (s->unit[0] != '\0')
            buf_printf(out, "%s%s", s->server[0] != '\0' ? " " : "", s->unit);
        if (l->kind == FINDING_MAILBOXES)
            buf_printf(out, " count=%lld", (long long)s->count);
        buf_printf(out, "%s%s/%s", s->server[0] != '\0' ? " " : "",
                   wall_format(s->first, first), wall_format(s->last, last));
        buf_add_str(out, s->goes_on ? " goes-on" : "");
        buf_add_str(out, s->is_living ? " living" : "");
        buf_add_str(out, s->is_outside ? " outside" : "");
    }
    if (l->n_seen_more > 0)
        buf_printf(out, "; +%zu", l->n_seen_more);
    put_field(c);
}

/* "place:203.0.113.9", "server:…", "kind". */
static void put_group(struct csv *c, const struct bulletin_reseller *x,
                      const struct bulletin_line *l)
{
    if (!x || l->group < 0 || (size_t)l->group >= x->n_groups) {
        put_plain(c, "");
        return;
    }
    const struct bulletin_group *g = &x->groups[l->group];
    buf_add_str(field(c), bulletin_cause_name(g->cause));
    if (g->what[0] != '\0')
        buf_printf(&c->field, ":%s", g->what);
    put_field(c);
}

static void put_explain(struct csv *c, const struct bulletin_line *l)
{
    (void)field(c);
    if (say_can_explain(l))
        say_explain(c->r, l, &c->field);
    put_field(c);
}

static void put_line(struct csv *c, const struct bulletin_reseller *x,
                     const struct bulletin_line *l)
{
    put_own(c, x);
    put_period(c, l->period);
    put_plain(c, finding_kind_name(l->kind));
    put_plain(c, finding_state_name(l->state));
    put_text(c, text_of(l->subject));
    put_name(c, l->shown);
    put_int(c, l->quantity);
    put_moment(c, l->has_since, l->since);
    put_moment(c, l->has_confirms, l->confirms_at);
    put_change(c, l);
    put_cost(c, &l->cost);
    put_bool(c, l->is_trial);
    put_bool(c, l->is_waived);
    put_bool(c, l->is_disputed);
    put_int(c, l->limit);
    put_int(c, l->observed.s);
    put_int(c, l->presence.s);
    put_int(c, l->gaps);
    put_text(c, text_of(finding_clause(l->kind)));
    put_places(c, l);
    put_group(c, x, l);
    put_explain(c, l);
    end_row(c);
}

int bulletin_csv(const struct bulletin *r, struct buf *out)
{
    AUTO(csv) struct csv c = {.r = r, .out = out, .field = BUF_INIT((size_t)1 << 16)};

    put_head(&c, finding_heads, ARRAY_LEN(finding_heads));
    for (size_t i = 0; i < r->n_resellers; i++)
        for (size_t k = 0; k < r->resellers[i].n_lines; k++)
            put_line(&c, &r->resellers[i], &r->resellers[i].lines[k]);
    for (size_t i = 0; i < r->n_unassigned; i++)
        put_line(&c, NULL, &r->unassigned[i]);
    return buf_error(out);
}

/* ---- Money ------------------------------------------------------------------------------- */

static const char *const money_heads[] = {
    OWN_HEADS, "currency", "closed", "keys", "unpriced", "due", "entered", "draft",
};

int bulletin_money_csv(const struct bulletin *r, struct buf *out)
{
    AUTO(csv) struct csv c = {.r = r, .out = out};

    put_head(&c, money_heads, ARRAY_LEN(money_heads));
    for (size_t i = 0; i < r->n_resellers; i++)
        for (size_t k = 0; k < r->resellers[i].n_money; k++) {
            const struct bulletin_money *m = &r->resellers[i].money[k];
            put_own(&c, &r->resellers[i]);
            put_period(&c, m->period);
            put_plain(&c, charge_kind_name(m->kind));
            put_plain(&c, m->currency->code);
            put_bool(&c, m->is_closed);
            put_int(&c, m->keys);
            put_int(&c, m->unpriced);
            put_money(&c, m->due, m->currency);
            put_money(&c, m->entered, m->currency);
            put_money(&c, m->draft, m->currency);
            end_row(&c);
        }
    return buf_error(out);
}
