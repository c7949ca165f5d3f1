/* Reading evidence, and judging again from it. */
#include "audit/evidence.h"
#include "base/grow.h"
#include <errno.h>

#define CAP_EVIDENCE_ITEMS (1u << 24)

static int get_moment(const struct json *v, wall_t *ret, struct json_error *e)
{
    return json_get_int(v, WALL_BEGIN.s, WALL_END.s, &ret->s, e);
}

static int get_member_moment(const struct json *o, const char *key, wall_t *ret,
                             struct json_error *e)
{
    struct json v = json_member(o, key);
    return get_moment(&v, ret, e);
}

static int get_member_dur(const struct json *o, const char *key, dur_t *ret,
                          struct json_error *e)
{
    struct json v = json_member(o, key);
    return json_get_int(&v, 0, WALL_END.s, &ret->s, e);
}

static int get_item_int(const struct json *array, size_t i, int64_t max, int64_t *ret,
                        struct json_error *e)
{
    struct json v = json_item(array, i);
    return json_get_int(&v, 0, max, ret, e);
}

static int get_item_moment(const struct json *array, size_t i, wall_t *ret,
                           struct json_error *e)
{
    struct json v = json_item(array, i);
    return get_moment(&v, ret, e);
}

/* An array's items i and i + 1 as a span; refused when it runs backwards. */
static int get_item_span(const struct json *array, size_t i, struct span *ret,
                         struct json_error *e)
{
    int r = get_item_moment(array, i, &ret->first, e);

    if (r >= 0)
        r = get_item_moment(array, i + 1, &ret->last, e);
    if (r >= 0 && ret->first.s > ret->last.s)
        r = json_refuse(array, e, "bad-value", "runs backwards in time");
    return r;
}

/* A member that is an array; *ret keeps a path through `o`, which must outlive it. */
static int get_list(const struct json *o, const char *key, struct json *ret,
                    struct json_error *e)
{
    *ret = json_member(o, key);
    return json_get_array(ret, CAP_EVIDENCE_ITEMS, e);
}

static int get_terms(const struct json *o, struct level_terms *t, struct json_error *e)
{
    struct json window, v;
    int r = get_list(o, "window", &window, e);

    if (r >= 0)
        r = get_list(o, "in_period", &v, e);
    if (r >= 0)
        r = get_item_span(&window, 0, &t->window, e);
    if (r >= 0)
        r = get_item_span(&v, 0, &t->v, e);
    if (r >= 0 && (t->v.first.s < t->window.first.s || t->v.last.s > t->window.last.s))
        r = json_refuse(&v, e, "bad-value", "does not lie in the window");
    if (r >= 0)
        r = get_member_moment(o, "end", &t->end, e);
    if (r >= 0)
        r = get_member_dur(o, "grace", &t->grace, e);
    if (r >= 0)
        r = get_member_dur(o, "period_min", &t->period_min, e);
    if (r >= 0)
        r = get_member_dur(o, "flag_after", &t->flag_after, e);
    return r;
}

static int get_unit(const struct json *o, struct place *ret, struct json_error *e)
{
    struct json unit = json_member(o, "unit"), one = json_member(o, "one_place");
    struct text t;
    int r = json_get_text(&unit, NETWORK_TEXT_SIZE, &t, e);

    if (r >= 0)
        r = json_get_bool(&one, &ret->is_one_place, e);
    if (r < 0)
        return r;
    if (addr_parse(t, &ret->unit.base) == 0) {
        ret->unit = network_default_unit(&ret->unit.base);
        return 0;
    }
    if (network_parse(t, &ret->unit) < 0)
        return json_refuse(&unit, e, "bad-value", "is no unit");
    return 0;
}

static int get_units(const struct json *o, struct presences *p, struct json_error *e)
{
    struct json list;
    int r = get_list(o, "units", &list, e);

    if (r < 0)
        return r;
    r = grow(&p->places, &p->cap_places, json_count(&list), sizeof(*p->places), UINT32_MAX);
    for (size_t i = 0; i < json_count(&list) && r >= 0; i++) {
        struct json unit = json_item(&list, i);
        r = get_unit(&unit, &p->places[i], e);
    }
    p->n_places = json_count(&list);
    return r;
}

/* [machine, unit, address, source, first, last] */
static int get_sighting(const struct json *v, const struct presences *p, struct seen *ret,
                        struct json_error *e)
{
    struct json address = json_item(v, 2), source = json_item(v, 3);
    struct text address_text, source_text;
    int64_t machine, place;
    int r = json_get_array(v, 6, e);

    if (r >= 0)
        r = get_item_int(v, 0, (int64_t)p->n_machines - 1, &machine, e);
    if (r >= 0)
        r = get_item_int(v, 1, (int64_t)p->n_places - 1, &place, e);
    if (r >= 0)
        r = json_get_text(&address, ADDR_TEXT_SIZE, &address_text, e);
    if (r >= 0)
        r = json_get_text(&source, CAP_LABEL_TEXT, &source_text, e);
    if (r >= 0)
        r = get_item_span(v, 4, &ret->span, e);
    if (r < 0)
        return r;
    if (addr_parse(address_text, &ret->address) < 0 ||
        source_parse(source_text, &ret->source) < 0)
        return json_refuse(v, e, "bad-value", "has no address or no source");
    ret->machine = (uint32_t)machine;
    ret->place = (uint32_t)place;
    return 0;
}

static int get_presences(const struct json *o, struct presences *p, dur_t *ret_bridge,
                         struct json_error *e)
{
    struct json machines, list;
    int r = get_list(o, "machines", &machines, e);

    if (r >= 0)
        r = get_units(o, p, e);
    if (r >= 0)
        r = get_list(o, "sightings", &list, e);
    if (r >= 0)
        r = get_member_dur(o, "bridge", ret_bridge, e);
    if (r < 0)
        return r;
    p->n_machines = json_count(&machines);
    r = grow(&p->seen, &p->cap_seen, json_count(&list), sizeof(*p->seen), UINT32_MAX);
    for (size_t i = 0; i < json_count(&list) && r >= 0; i++) {
        struct json v = json_item(&list, i);
        r = get_sighting(&v, p, &p->seen[i], e);
    }
    p->n_seen = json_count(&list);
    return r < 0 ? r : presences_bridge(p, *ret_bridge);
}

/* A list of [from, to], or of [number, from, to]. */
struct term_list {
    bool is_numbered;
    int64_t max_number;
    int64_t *numbers;
    struct term *terms;
    size_t n;
};

static void term_list_done(struct term_list *l)
{
    free(l->numbers);
    free(l->terms);
}

static int get_term(const struct json *v, struct term_list *l, size_t i, struct json_error *e)
{
    struct span s;
    int r = json_get_array(v, 3, e);

    if (r >= 0 && l->is_numbered)
        r = get_item_int(v, 0, l->max_number, &l->numbers[i], e);
    if (r >= 0)
        r = get_item_span(v, l->is_numbered ? 1 : 0, &s, e);
    if (r >= 0)
        l->terms[i] = (struct term){s.first, s.last};
    return r;
}

static int get_term_list(const struct json *o, const char *key, struct term_list *l,
                         struct json_error *e)
{
    struct json list;
    int r = get_list(o, key, &list, e);

    if (r < 0)
        return r;
    l->n = json_count(&list);
    l->terms = calloc(l->n + 1, sizeof(*l->terms));
    l->numbers = calloc(l->n + 1, sizeof(*l->numbers));
    if (!l->terms || !l->numbers)
        return -ENOMEM;
    for (size_t i = 0; i < l->n && r >= 0; i++) {
        struct json v = json_item(&list, i);
        r = get_term(&v, l, i, e);
    }
    return r;
}

static int get_charge_by(const struct json *o, enum charge_by *ret, struct json_error *e)
{
    struct json v = json_member(o, "charge_by");
    struct text t;
    int r = json_get_text(&v, CAP_LABEL_TEXT, &t, e);

    if (r < 0)
        return r;
    if (text_is(t, "both"))
        *ret = CHARGE_BY_BOTH;
    else if (text_is(t, "addresses"))
        *ret = CHARGE_BY_ADDRESSES;
    else if (text_is(t, "servers"))
        *ret = CHARGE_BY_SERVERS;
    else
        return json_refuse(&v, e, "bad-value", "must be both, addresses or servers");
    return 0;
}

static int judge_extra_ip(const struct json *o, struct level_answer *ret, struct json_error *e)
{
    AUTO(presences) struct presences p = {0};
    AUTO(term_list) struct term_list moves = {0};
    struct extra_ip_facts f = {.presences = &p};
    int r = get_terms(o, &f.terms, e);

    if (r >= 0)
        r = get_charge_by(o, &f.charge_by, e);
    if (r >= 0)
        r = get_presences(o, &p, &f.bridge, e);
    if (r >= 0)
        r = get_term_list(o, "moves", &moves, e);
    f.moves = moves.terms;
    f.n_moves = moves.n;
    return r < 0 ? r : extra_ip_judge(&f, ret);
}

static int judge_outside(const struct json *o, struct level_answer *ret, struct json_error *e)
{
    AUTO(presences) struct presences p = {0};
    AUTO(outside_facts) struct outside_facts f = {.presences = &p};
    AUTO(term_list) struct term_list inside = {.is_numbered = true};
    AUTO(term_list) struct term_list declared = {.is_numbered = true, .max_number = ADDR_IPV6};
    int r = get_terms(o, &f.terms, e);

    if (r >= 0)
        r = get_presences(o, &p, &f.bridge, e);
    inside.max_number = (int64_t)p.n_places - 1;
    if (r >= 0)
        r = get_term_list(o, "inside", &inside, e);
    if (r >= 0)
        r = get_term_list(o, "declared", &declared, e);
    if (r >= 0)
        r = grow(&f.inside, &f.cap_inside, inside.n, sizeof(*f.inside), SIZE_MAX);
    if (r >= 0)
        r = grow(&f.declared, &f.cap_declared, declared.n, sizeof(*f.declared), SIZE_MAX);
    if (r < 0)
        return r;
    for (size_t i = 0; i < inside.n; i++)
        f.inside[i] = (struct inside_term){(uint32_t)inside.numbers[i], inside.terms[i]};
    for (size_t i = 0; i < declared.n; i++)
        f.declared[i] =
            (struct declared_term){(enum addr_family)declared.numbers[i], declared.terms[i]};
    f.n_inside = inside.n;
    f.n_declared = declared.n;
    return outside_judge(&f, ret);
}

static int get_row(const struct json *o, int64_t n_servers, struct counted_row *ret,
                   struct json_error *e)
{
    struct json server = json_member(o, "server"), count = json_member(o, "count");
    int64_t number;
    int r = json_get_int(&server, 0, n_servers - 1, &number, e);

    if (r >= 0)
        r = json_get_int(&count, 0, INT64_C(4) * CAP_REPORT_COUNT, &ret->count, e);
    if (r >= 0)
        r = get_member_moment(o, "first", &ret->seen.first, e);
    if (r >= 0)
        r = get_member_moment(o, "last", &ret->seen.last, e);
    if (r >= 0)
        r = get_member_moment(o, "carry_until", &ret->carry_until, e);
    if (r < 0)
        return r;
    if (ret->seen.first.s > ret->seen.last.s || ret->carry_until.s < ret->seen.last.s)
        return json_refuse(o, e, "bad-value", "runs backwards in time");
    ret->server = (uint32_t)number;
    return 0;
}

static int get_rows(const struct json *o, struct mailboxes_facts *f, struct json_error *e)
{
    struct json servers, list;
    int r = get_list(o, "servers", &servers, e);

    if (r >= 0)
        r = get_list(o, "rows", &list, e);
    if (r < 0)
        return r;
    f->n_rows = json_count(&list);
    r = grow(&f->rows, &f->cap_rows, f->n_rows, sizeof(*f->rows), SIZE_MAX);
    for (size_t i = 0; i < f->n_rows && r >= 0; i++) {
        struct json v = json_item(&list, i);
        r = get_row(&v, (int64_t)json_count(&servers), &f->rows[i], e);
        /* The writer has them by server and first; the walk relies on it. */
        if (r >= 0 && i > 0 &&
            (f->rows[i].server < f->rows[i - 1].server ||
             (f->rows[i].server == f->rows[i - 1].server &&
              f->rows[i].seen.first.s < f->rows[i - 1].seen.first.s)))
            r = json_refuse(&v, e, "bad-value", "is out of order");
    }
    return r;
}

static int get_limits(const struct json *o, struct mailboxes_facts *f, struct json_error *e)
{
    struct json list;
    int r = get_list(o, "limits", &list, e);

    if (r < 0)
        return r;
    f->n_limits = json_count(&list);
    r = grow(&f->limits, &f->cap_limits, f->n_limits, sizeof(*f->limits), SIZE_MAX);
    for (size_t i = 0; i < f->n_limits && r >= 0; i++) {
        struct json v = json_item(&list, i);
        r = json_get_array(&v, 2, e);
        if (r >= 0)
            r = get_item_moment(&v, 0, &f->limits[i].from, e);
        if (r >= 0)
            r = get_item_int(&v, 1, CAP_REPORT_COUNT, &f->limits[i].limit, e);
        if (r >= 0 && i > 0 && f->limits[i].from.s <= f->limits[i - 1].from.s)
            r = json_refuse(&v, e, "bad-value", "is out of order");
    }
    return r;
}

static int get_split(const struct json *o, struct mailboxes_facts *f, struct json_error *e)
{
    struct json v = json_member(o, "split");
    struct text t;
    int r = json_get_text(&v, CAP_LABEL_TEXT, &t, e);

    if (r >= 0 && !text_is(t, "max") && !text_is(t, "sum"))
        r = json_refuse(&v, e, "bad-value", "must be max or sum");
    if (r >= 0)
        f->split = text_is(t, "sum") ? SPLIT_SUM : SPLIT_MAX;
    return r;
}

static int judge_mailboxes(const struct json *o, struct level_answer *ret, struct json_error *e)
{
    AUTO(mailboxes_facts) struct mailboxes_facts f = {0};
    int r = get_terms(o, &f.terms, e);

    if (r >= 0)
        r = get_split(o, &f, e);
    if (r >= 0)
        r = get_member_dur(o, "bridge", &f.bridge, e);
    if (r >= 0)
        r = get_rows(o, &f, e);
    if (r >= 0)
        r = get_limits(o, &f, e);
    return r < 0 ? r : mailboxes_judge(&f, ret);
}

static const struct {
    enum finding_kind kind;
    int (*judge)(const struct json *o, struct level_answer *ret, struct json_error *e);
} judges[] = {
    {FINDING_EXTRA_IP, judge_extra_ip},
    {FINDING_MAILBOXES, judge_mailboxes},
    {FINDING_OUTSIDE, judge_outside},
};

int evidence_judge(struct text evidence, enum finding_kind *ret_kind, struct level_answer *ret,
                   struct json_error *reterr)
{
    AUTO(json_doc) struct json_doc *doc = NULL;
    struct text rule;
    int r = json_read(evidence, &doc, reterr);

    if (r < 0)
        return r;
    struct json root = json_root(doc), name = json_member(&root, "rule");
    struct json none = json_member(&root, "none");
    r = json_get_text(&name, CAP_LABEL_TEXT, &rule, reterr);
    if (r < 0)
        return r;
    for (size_t i = 0; i < ARRAY_LEN(judges); i++)
        if (text_is(rule, finding_kind_name(judges[i].kind))) {
            struct level_answer answer = {0};
            r = json_is_given(&none) ? 0 : judges[i].judge(&root, &answer, reterr);
            if (r < 0)
                return r;
            *ret_kind = judges[i].kind;
            *ret = answer;
            return 0;
        }
    return json_refuse(&name, reterr, "bad-value", "is no rule that charges");
}
