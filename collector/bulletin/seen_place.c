/* Where a licence was, from the evidence of extra-ip and outside. */
#include "base/grow.h"
#include "bulletin/seen_parts.h"
#include "domain/source.h"
#include <errno.h>
#include <string.h>

/* The lists of one finding's evidence, checked to be lists. */
struct places {
    const struct json *root;
    struct span window;
    dur_t bridge;
    struct json machines, units, sightings;
    struct json inside, declared; /* of outside */
};

static bool read_lists(const struct json *root, bool is_outside, struct places *ret)
{
    ret->root = root;
    ret->machines = json_member(root, "machines");
    ret->units = json_member(root, "units");
    ret->sightings = json_member(root, "sightings");
    ret->inside = json_member(root, "inside");
    ret->declared = json_member(root, "declared");
    if (is_outside && (!seen_get_array(&ret->inside) || !seen_get_array(&ret->declared)))
        return false;
    return seen_get_window(root, &ret->window) &&
           seen_get_seconds(root, "bridge", &ret->bridge) && seen_get_array(&ret->machines) &&
           seen_get_array(&ret->units) && seen_get_array(&ret->sightings);
}

/* ---- Rows -------------------------------------------------------------------------------- */

/* What the row's numbers stand for. */
static bool read_names(const struct places *p, int64_t machine, int64_t unit,
                       struct seen_row *ret)
{
    struct json m = json_item(&p->machines, (size_t)machine);
    struct json u = json_item(&p->units, (size_t)unit);
    struct json server = json_member(&m, "server"), name = json_member(&u, "unit");
    struct json one = json_member(&u, "one_place");
    struct json_error unused;
    bool is_one_place;

    if (!seen_get_text(&server, &ret->server) || !seen_get_text(&name, &ret->unit) ||
        json_get_bool(&one, &is_one_place, &unused) < 0)
        return false;
    ret->machine = (uint32_t)machine;
    ret->number = (uint32_t)unit;
    ret->is_anchor = is_one_place || !memchr(ret->unit.p, ':', ret->unit.n);
    return true;
}

/* [machine, unit, address, source, first, last]; its moments are not cut. */
static bool read_sighting(const struct places *p, const struct json *v, struct seen_row *ret)
{
    struct json machine = json_item(v, 0), unit = json_item(v, 1), source = json_item(v, 3);
    struct json first = json_item(v, 4), last = json_item(v, 5);
    int64_t machine_no, unit_no;
    struct text name;

    if (!seen_get_number(&machine, (int64_t)json_count(&p->machines) - 1, &machine_no) ||
        !seen_get_number(&unit, (int64_t)json_count(&p->units) - 1, &unit_no) ||
        !seen_get_text(&source, &name) || !seen_get_moment(&first, &ret->at.first) ||
        !seen_get_moment(&last, &ret->at.last) || ret->at.first.s > ret->at.last.s)
        return false;
    ret->by_collector = text_is(name, source_name(SOURCE_PEER));
    return read_names(p, machine_no, unit_no, ret);
}

static int read_rows(const struct places *p, struct seen_rows *rows)
{
    size_t n = json_count(&p->sightings);
    int r = grow(&rows->v, &rows->cap, n + 1, sizeof(*rows->v), SIZE_MAX);

    for (size_t i = 0; i < n && r >= 0; i++) {
        struct json v = json_item(&p->sightings, i);
        struct seen_row row = {0};
        if (!seen_get_array(&v) || !read_sighting(p, &v, &row))
            return -EBADMSG;
        if (span_cut(&row.at, p->window))
            rows->v[rows->n++] = row;
    }
    return r;
}

/* ---- Merging ----------------------------------------------------------------------------- */

static int by_machine(const void *a, const void *b)
{
    const struct seen_row *x = a, *y = b;

    if (x->machine != y->machine)
        return x->machine < y->machine ? -1 : 1;
    if (x->number != y->number)
        return x->number < y->number ? -1 : 1;
    return 0;
}

static int text_compare(struct text a, struct text b)
{
    size_t n = a.n < b.n ? a.n : b.n;
    int r = n > 0 ? memcmp(a.p, b.p, n) : 0;

    return r != 0 ? r : (a.n > b.n) - (a.n < b.n);
}

static int by_name(const void *a, const void *b)
{
    const struct seen_row *x = a, *y = b;
    int r = text_compare(x->server, y->server);
    return r != 0 ? r : text_compare(x->unit, y->unit);
}

/* Makes one row of those that compare as equal. */
static void merge(struct seen_rows *rows, int compare(const void *, const void *))
{
    size_t n = 0;

    if (rows->n > 1)
        qsort(rows->v, rows->n, sizeof(*rows->v), compare);
    for (size_t i = 0; i < rows->n; i++) {
        struct seen_row *to = &rows->v[n > 0 ? n - 1 : 0], *from = &rows->v[i];
        if (n == 0 || compare(to, from) != 0) {
            rows->v[n++] = *from;
            continue;
        }
        to->is_outside = from->at.last.s > to->at.last.s ? from->is_outside : to->is_outside;
        to->at.first = wall_min(to->at.first, from->at.first);
        to->at.last = wall_max(to->at.last, from->at.last);
        to->by_collector = to->by_collector || from->by_collector;
    }
    rows->n = n;
}

/* From the first to the last moment at which a machine was at addresses of its own; false when
 * it never was. */
static bool anchored(const struct seen_row *rows, size_t n, struct span *ret)
{
    bool found = false;

    for (size_t i = 0; i < n; i++) {
        if (!rows[i].is_anchor)
            continue;
        ret->first = found ? wall_min(ret->first, rows[i].at.first) : rows[i].at.first;
        ret->last = found ? wall_max(ret->last, rows[i].at.last) : rows[i].at.last;
        found = true;
    }
    return found;
}

static size_t count_of_machine(const struct seen_rows *rows, size_t first)
{
    size_t n = 1;

    while (first + n < rows->n && rows->v[first + n].machine == rows->v[first].machine)
        n++;
    return n;
}

/*
 * Dual stack is one place (SPEC 6.1, step 2): of a machine that is at an address of its own,
 * an IPv6 network is left out if it was there at no other time. Rows are by machine.
 */
static void fold_second_stacks(struct seen_rows *rows, dur_t bridge)
{
    size_t kept = 0, n;

    for (size_t first = 0; first < rows->n; first += n) {
        struct span own = {{0}, {0}};
        n = count_of_machine(rows, first);
        bool has_own = anchored(&rows->v[first], n, &own);
        for (size_t i = first; i < first + n; i++) {
            const struct seen_row *x = &rows->v[i];
            if (x->is_anchor || !has_own || x->at.first.s < own.first.s - bridge.s ||
                x->at.last.s > own.last.s + bridge.s)
                rows->v[kept++] = *x;
        }
    }
    rows->n = kept;
}

/* ---- Outside ----------------------------------------------------------------------------- */

/* Whether one of the terms [number, from, to] of that number holds the moment. */
static int is_held(const struct json *list, int64_t number, wall_t at, bool *ret)
{
    *ret = false;
    for (size_t i = 0; i < json_count(list); i++) {
        struct json v = json_item(list, i);
        if (!seen_get_array(&v))
            return -EBADMSG;
        struct json no = json_item(&v, 0), from = json_item(&v, 1), to = json_item(&v, 2);
        struct term valid;
        int64_t its;
        if (!seen_get_number(&no, UINT32_MAX, &its) || !seen_get_moment(&from, &valid.from) ||
            !seen_get_moment(&to, &valid.to))
            return -EBADMSG;
        *ret = *ret || (its == number && term_holds(valid, at));
    }
    return 0;
}

/* By what held when it was last seen: in no network, while there is one of its family. */
static int mark_outside(const struct places *p, struct seen_rows *rows)
{
    for (size_t i = 0; i < rows->n; i++) {
        struct seen_row *x = &rows->v[i];
        bool is_ipv6 = memchr(x->unit.p, ':', x->unit.n) != NULL;
        bool is_inside, is_declared;
        int r = is_held(&p->inside, x->number, x->at.last, &is_inside);
        if (r >= 0)
            r = is_held(&p->declared, is_ipv6 ? ADDR_IPV6 : ADDR_IPV4, x->at.last,
                        &is_declared);
        if (r < 0)
            return r;
        x->is_outside = is_declared && !is_inside;
    }
    return 0;
}

/* ---- Beside the rows --------------------------------------------------------------------- */

/* How many times an agent concerned could not see. */
static bool count_gaps(const struct places *p, int64_t *ret)
{
    for (size_t i = 0; i < json_count(&p->machines); i++) {
        struct json machine = json_item(&p->machines, i);
        struct json gaps = json_member(&machine, "gaps");
        if (!seen_get_array(&gaps))
            return false;
        *ret += (int64_t)json_count(&gaps);
    }
    return true;
}

int seen_read_places(const struct json *root, bool is_outside, struct seen_rows *ret,
                     struct bulletin_line *line)
{
    struct places p;

    if (!read_lists(root, is_outside, &p) || !count_gaps(&p, &line->gaps) ||
        !seen_get_seconds(root, "observed_seconds", &line->observed) ||
        !seen_get_seconds(root, "presence_seconds", &line->presence) ||
        !seen_get_seconds(root, "peer_seconds", &line->by_collector))
        return -EBADMSG;
    int r = read_rows(&p, ret);
    if (r < 0)
        return r;
    merge(ret, by_machine);
    fold_second_stacks(ret, p.bridge);
    if (is_outside)
        r = mark_outside(&p, ret);
    if (r >= 0)
        merge(ret, by_name);
    return r;
}
