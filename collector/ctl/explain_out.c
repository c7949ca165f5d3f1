/* Lines, paragraphs and tables of an explanation, and what its forms have in common. */
#include "base/grow.h"
#include "ctl/explain.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>

static const char *const clauses[FINDING_KIND_COUNT] = {
    [FINDING_EXTRA_IP] =
        "A Plesk licence may be registered on one server only, with one public IP address. A "
        "charge is made for every further IP address that is detected.",
    [FINDING_MAILBOXES] = "One domain may have at most 1,000 mailboxes. Above that limit extra "
                          "costs are charged.",
    [FINDING_OUTSIDE] =
        "Plesk licences may be used only in the reseller's own technical infrastructure, its "
        "servers and datacenters.",
};

const char *explain_clause(enum finding_kind k)
{
    return clauses[k] ? clauses[k] : "";
}

const char *explain_machine(const struct story_entry *e, uint32_t machine,
                            char out[static EXPLAIN_MACHINE_SIZE])
{
    const struct story_machine *m = &e->machines[machine];
    bool is_only = true;

    for (size_t i = 0; i < e->n_machines; i++)
        is_only = is_only && (i == machine || strcmp(e->machines[i].server, m->server) != 0);
    if (is_only)
        (void)snprintf(out, EXPLAIN_MACHINE_SIZE, "%s", m->server);
    else
        (void)snprintf(out, EXPLAIN_MACHINE_SIZE, "%s (run %.8s)", m->server, m->boot);
    return out;
}

/* ---- A domain's count over time -------------------------------------------------------- */

void mail_stretches_done(struct mail_stretches *m)
{
    free(m->v);
    *m = (struct mail_stretches){0};
}

static int compare_moments(const void *a, const void *b)
{
    const wall_t *x = a, *y = b;
    return x->s < y->s ? -1 : x->s > y->s;
}

/* Every moment at which one of the three may change, and the window's ends; sorted. */
static int gather_moments(const struct story_entry *e, wall_t **ret, size_t *ret_n)
{
    const struct story_level *over = &e->rules[0].level;
    wall_t *v = calloc(e->count.n + over->n + e->n_limits + 2, sizeof(*v));
    size_t n = 0;

    if (!v)
        return -ENOMEM;
    v[n++] = e->window.first;
    v[n++] = e->window.last;
    for (size_t i = 0; i < e->count.n; i++)
        v[n++] = e->count.v[i].at;
    for (size_t i = 0; i < over->n; i++)
        v[n++] = over->v[i].at;
    for (size_t i = 0; i < e->n_limits; i++)
        v[n++] = e->limits[i].at.first;
    qsort(v, n, sizeof(*v), compare_moments);
    *ret = v;
    *ret_n = n;
    return 0;
}

/* The level's value on the stretch after a moment; *next moves along with rising moments. */
static int64_t value_after(const struct story_level *l, wall_t at, size_t *next)
{
    while (*next < l->n && l->v[*next].at.s <= at.s)
        (*next)++;
    return *next > 0 ? l->v[*next - 1].after : 0;
}

static int64_t limit_after(const struct story_entry *e, wall_t at)
{
    int64_t limit = 0;

    for (size_t i = 0; i < e->n_limits; i++)
        if (e->limits[i].at.first.s <= at.s)
            limit = e->limits[i].limit;
    return limit;
}

static int add_stretch(struct mail_stretches *m, struct mail_stretch s)
{
    struct mail_stretch *last = m->n > 0 ? &m->v[m->n - 1] : NULL;

    if (last && last->count == s.count && last->limit == s.limit && last->over == s.over) {
        last->at.last = s.at.last;
        return 0;
    }
    int r = grow(&m->v, &m->cap, m->n + 1, sizeof(*m->v), SIZE_MAX);
    if (r >= 0)
        m->v[m->n++] = s;
    return r;
}

int mail_stretches_of(const struct story_entry *e, struct mail_stretches *ret)
{
    AUTO_FREE wall_t *moments = NULL;
    size_t n = 0, count = 0, over = 0;
    int r = gather_moments(e, &moments, &n);

    for (size_t i = 0; i + 1 < n && r >= 0; i++) {
        struct mail_stretch s = {.at = {moments[i], moments[i + 1]}};
        if (s.at.first.s < e->window.first.s || s.at.last.s > e->window.last.s ||
            s.at.first.s == s.at.last.s)
            continue;
        s.count = value_after(&e->count, s.at.first, &count);
        s.over = value_after(&e->rules[0].level, s.at.first, &over);
        s.limit = limit_after(e, s.at.first);
        r = add_stretch(ret, s);
    }
    return r;
}

/* ---- Text ------------------------------------------------------------------------------ */

void tell_line(const struct telling *t, const char *fmt, ...)
{
    char line[2048];
    va_list args;

    va_start(args, fmt);
    int n = vsnprintf(line, sizeof(line), fmt, args);
    va_end(args);
    if (n < 0)
        return;
    buf_add_str(t->out, line);
    buf_add_char(t->out, '\n');
}

void tell_heading(const struct telling *t, const char *text)
{
    size_t columns = text_columns(text);

    tell_line(t, "\n%s%s%s", t->has_colour ? "\033[1m" : "", text,
              t->has_colour ? "\033[0m" : "");
    for (size_t i = 0; i < columns; i++)
        buf_add_char(t->out, '-');
    buf_add_char(t->out, '\n');
}

/* One word; a name in it may hold what would upset a terminal: it is shown quoted then. */
static void tell_word(const struct telling *t, struct text word, size_t *column)
{
    char quoted[TEXT_QUOTE_SIZE];
    size_t before = t->out->len;
    /* Quoting that only adds the quotes changed nothing. */
    bool is_plain = strlen(text_quote(word, quoted)) == word.n + 2;

    if (is_plain)
        buf_add(t->out, word.p, word.n);
    else
        buf_add_str(t->out, quoted);
    if (buf_error(t->out) == 0)
        *column += text_columns(buf_str(t->out) + before);
}

void tell_wrapped(const struct telling *t, const char *lead, int indent, const char *text)
{
    size_t column = text_columns(lead);
    bool is_first = true;

    buf_add_str(t->out, lead);
    for (const char *p = text; *p;) {
        size_t n = strcspn(p, " ");
        if (!is_first && column + 1 + n > EXPLAIN_COLUMNS) {
            buf_printf(t->out, "\n%*s", indent, "");
            column = (size_t)indent;
        } else if (!is_first) {
            buf_add_char(t->out, ' ');
            column++;
        }
        if (n > 0)
            tell_word(t, (struct text){p, n}, &column);
        is_first = false;
        p += n;
        p += *p == ' ';
    }
    buf_add_char(t->out, '\n');
}

int tell_table(const struct telling *t, struct table *table, size_t left_out)
{
    AUTO(buf) struct buf laid = BUF_INIT(64 << 20);
    int r = table_write(table, &laid);

    table_free(table);
    if (r < 0)
        return r;
    for (const char *p = buf_str(&laid); *p;) {
        size_t n = strcspn(p, "\n"), shown = n;
        while (shown > 0 && p[shown - 1] == ' ')
            shown--;
        buf_add_str(t->out, "   ");
        buf_add(t->out, p, shown);
        buf_add_char(t->out, '\n');
        p += n + (p[n] != '\0');
    }
    if (left_out > 0)
        tell_line(t, "   \xE2\x80\xA6 and %zu more (--format json has all)", left_out);
    return buf_error(t->out);
}

const char *tell_moment(const struct telling *t, wall_t at,
                        char out[static EXPLAIN_MOMENT_SIZE])
{
    enum { TO_THE_MINUTE = 16 };

    (void)zone_format(t->zone, at, out);
    if (at.s >= WALL_MIN.s && at.s <= WALL_MAX.s)
        out[TO_THE_MINUTE] = '\0';
    return out;
}

const char *tell_term(const struct telling *t, struct term term, char out[static 96])
{
    char from[EXPLAIN_MOMENT_SIZE], to[EXPLAIN_MOMENT_SIZE];
    bool is_begun = term.from.s > WALL_MIN.s, is_ended = term.to.s < WALL_MAX.s;

    (void)tell_moment(t, term.from, from);
    (void)tell_moment(t, term.to, to);
    if (is_begun && is_ended)
        (void)snprintf(out, 96, "from %s to %s", from, to);
    else if (is_begun)
        (void)snprintf(out, 96, "from %s on", from);
    else if (is_ended)
        (void)snprintf(out, 96, "until %s", to);
    else
        (void)snprintf(out, 96, "always");
    return out;
}
