/* From a finding's evidence to what a report tells of it. */
#include "bulletin/seen_parts.h"
#include <errno.h>
#include <string.h>

enum { ITEMS_MAX = 1 << 24 };

/* ---- Typed reads ------------------------------------------------------------------------- */

bool seen_get_moment(const struct json *v, wall_t *ret)
{
    struct json_error unused;
    return json_get_int(v, WALL_BEGIN.s, WALL_END.s, &ret->s, &unused) == 0;
}

bool seen_get_seconds(const struct json *object, const char *key, dur_t *ret)
{
    struct json v = json_member(object, key);
    struct json_error unused;
    return json_get_int(&v, 0, WALL_END.s, &ret->s, &unused) == 0;
}

bool seen_get_number(const struct json *v, int64_t max, int64_t *ret)
{
    struct json_error unused;
    return json_get_int(v, 0, max, ret, &unused) == 0;
}

bool seen_get_text(const struct json *v, struct text *ret)
{
    struct json_error unused;
    return json_get_text(v, CAP_NAME, ret, &unused) == 0 && ret->n > 0;
}

bool seen_get_array(const struct json *v)
{
    struct json_error unused;
    return json_get_array(v, ITEMS_MAX, &unused) == 0;
}

bool seen_get_window(const struct json *root, struct span *ret)
{
    struct json window = json_member(root, "window");

    if (!seen_get_array(&window))
        return false;
    struct json first = json_item(&window, 0), last = json_item(&window, 1);
    return seen_get_moment(&first, &ret->first) && seen_get_moment(&last, &ret->last) &&
           ret->first.s <= ret->last.s;
}

/* ---- The places that are told ------------------------------------------------------------ */

/* What was seen last is told first when not all fit; then by name, so that there is one order.
 */
static int name_compare(const struct seen_row *x, const struct seen_row *y)
{
    size_t n = x->server.n < y->server.n ? x->server.n : y->server.n;
    int r = memcmp(x->server.p, y->server.p, n);

    if (r != 0)
        return r;
    if (x->server.n != y->server.n)
        return x->server.n < y->server.n ? -1 : 1;
    n = x->unit.n < y->unit.n ? x->unit.n : y->unit.n;
    r = n > 0 ? memcmp(x->unit.p, y->unit.p, n) : 0;
    return r != 0 ? r : (x->unit.n > y->unit.n) - (x->unit.n < y->unit.n);
}

static int by_last(const void *a, const void *b)
{
    const struct seen_row *x = a, *y = b;

    if (x->at.last.s != y->at.last.s)
        return x->at.last.s > y->at.last.s ? -1 : 1;
    if (x->at.first.s != y->at.first.s)
        return x->at.first.s < y->at.first.s ? -1 : 1;
    return name_compare(x, y);
}

static int by_first(const void *a, const void *b)
{
    const struct seen_row *x = a, *y = b;

    if (x->at.first.s != y->at.first.s)
        return x->at.first.s < y->at.first.s ? -1 : 1;
    if (x->at.last.s != y->at.last.s)
        return x->at.last.s < y->at.last.s ? -1 : 1;
    return name_compare(x, y);
}

/* Of two places of which one ended, the other lives on, if it began later. */
static void mark_living(struct bulletin_seen *v)
{
    int on = v[0].goes_on ? 0 : 1;

    if (v[0].goes_on != v[1].goes_on && v[on].first.s > v[1 - on].first.s)
        v[on].is_living = true;
}

static int tell_rows(const struct seen_question *q, struct seen_rows *rows, struct arena *keep,
                     struct bulletin_line *line)
{
    size_t n = rows->n < BULLETIN_SEEN_MAX ? rows->n : BULLETIN_SEEN_MAX;
    struct bulletin_seen *v = arena_array(keep, n + 1, sizeof(*v));

    if (!v)
        return -ENOMEM;
    if (rows->n > 1) {
        qsort(rows->v, rows->n, sizeof(*rows->v), by_last);
        qsort(rows->v, n, sizeof(*rows->v), by_first);
    }
    for (size_t i = 0; i < n; i++) {
        const struct seen_row *x = &rows->v[i];
        v[i] = (struct bulletin_seen){
            .server = arena_text(keep, x->server),
            .unit = arena_text(keep, x->unit),
            .first = x->at.first,
            .last = x->at.last,
            .goes_on = !q->is_over && x->at.last.s >= q->end.s - q->bridge.s,
            .is_outside = x->is_outside,
            .by_collector = x->by_collector,
            .count = x->count,
        };
        if (!v[i].server || !v[i].unit)
            return -ENOMEM;
    }
    if (rows->n == 2 && q->kind != FINDING_MAILBOXES)
        mark_living(v);
    line->seen = v;
    line->n_seen = n;
    line->n_seen_more = rows->n - n;
    return 0;
}

/* The unit of all that is outside, if it is one. */
static struct text outside_unit(const struct seen_rows *rows)
{
    struct text unit = {"", 0};

    for (size_t i = 0; i < rows->n; i++) {
        const struct seen_row *x = &rows->v[i];
        if (!x->is_outside)
            continue;
        if (unit.n > 0 && (unit.n != x->unit.n || memcmp(unit.p, x->unit.p, unit.n) != 0))
            return (struct text){"", 0};
        unit = x->unit;
    }
    return unit;
}

/* ---- Of each kind ------------------------------------------------------------------------ */

static bool is_of_rule(const struct json *root, enum finding_kind kind)
{
    struct json rule = json_member(root, "rule"), none = json_member(root, "none");
    struct text name;

    return seen_get_text(&rule, &name) && text_is(name, finding_kind_name(kind)) &&
           !json_is_given(&none);
}

/* {"server": …} of silent, if it is given; {"servers": […]} of foreign-server, if it is one. */
static struct text notice_server(const struct json *root, enum finding_kind kind)
{
    struct json server = json_member(root, "server"), list = json_member(root, "servers");
    struct text none = {"", 0}, name;

    if (kind == FINDING_SILENT)
        return seen_get_text(&server, &name) ? name : none;
    if (!seen_get_array(&list) || json_count(&list) != 1)
        return none;
    struct json only = json_item(&list, 0);
    return seen_get_text(&only, &name) ? name : none;
}

/* silent: when it was last seen. */
static int read_silent(const struct json *root, struct seen_rows *rows)
{
    struct json last = json_member(root, "last_seen");
    wall_t at;

    if (!seen_get_moment(&last, &at))
        return -EBADMSG;
    rows->v = calloc(1, sizeof(*rows->v));
    if (!rows->v)
        return -ENOMEM;
    rows->v[0] = (struct seen_row){
        .server = notice_server(root, FINDING_SILENT), .unit = {"", 0}, .at = {at, at}};
    rows->n = 1;
    return 0;
}

static int read_kind(const struct seen_question *q, const struct json *root,
                     struct seen_rows *rows, struct bulletin_line *line)
{
    if (q->kind == FINDING_SILENT)
        return read_silent(root, rows);
    if (!is_of_rule(root, q->kind))
        return -EBADMSG;
    if (q->kind == FINDING_MAILBOXES)
        return seen_read_mail(root, q->end, rows, line);
    return seen_read_places(root, q->kind == FINDING_OUTSIDE, rows, line);
}

static int digest(const struct seen_question *q, const struct json *root, struct arena *keep,
                  struct bulletin_line *line, const char **ret_cause)
{
    struct seen_rows rows = {0};
    struct bulletin_line told = *line;
    struct text cause = {"", 0};
    int r = 0;

    if (q->kind == FINDING_SILENT || q->kind == FINDING_FOREIGN_SERVER)
        cause = notice_server(root, q->kind);
    if (q->kind == FINDING_SILENT || bulletin_is_charging(q->kind)) {
        r = read_kind(q, root, &rows, &told);
        if (r >= 0 && q->kind == FINDING_OUTSIDE)
            cause = outside_unit(&rows);
        if (r >= 0)
            r = tell_rows(q, &rows, keep, &told);
    }
    const char *kept = r < 0 ? NULL : arena_text(keep, cause);
    free(rows.v);
    if (r < 0)
        return r;
    if (!kept)
        return -ENOMEM;
    *line = told;
    *ret_cause = kept;
    return 0;
}

int seen_digest(const struct seen_question *q, struct arena *keep, struct bulletin_line *line,
                const char **ret_cause)
{
    AUTO(json_doc) struct json_doc *doc = NULL;
    struct json_error unused;

    line->seen = NULL;
    line->n_seen = line->n_seen_more = 0;
    line->observed = line->presence = line->by_collector = (dur_t){0};
    line->gaps = line->limit = 0;
    *ret_cause = "";
    int r = json_read(q->evidence, &doc, &unused);
    if (r >= 0) {
        struct json root = json_root(doc);
        r = digest(q, &root, keep, line, ret_cause);
    }
    return r == -ENOMEM ? r : 0;
}
