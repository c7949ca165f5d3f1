/* Findings brought together by licence and reseller in the sorter, then written in its order.
 */
#include "run/publish.h"
#include "run/outlook.h"
#include "store/sorter.h"
#include <errno.h>
#include <string.h>

/* A key: the licence's code, big end first so that bytes sort as numbers, and the reseller. */
enum { CODE_BYTES = 8 };

struct publish {
    const struct run_setup *setup;
    struct sorter *sorter;
    bool has_open;
    period_t oldest, newest; /* that are open */
};

int publish_new(const struct run_setup *setup, const struct run_periods *periods,
                struct publish **ret, struct diag *d)
{
    AUTO(publish) struct publish *p = calloc(1, sizeof(*p));

    if (!p)
        return diag_set(d, -ENOMEM, "out of memory");
    p->setup = setup;
    p->has_open = periods->n > periods->n_corrected;
    if (p->has_open) {
        p->oldest = periods->v[periods->n_corrected];
        p->newest = periods->v[periods->n - 1];
    }
    int r = sorter_new(&p->sorter, d);
    if (r < 0)
        return r;
    *ret = STEAL(p);
    return 0;
}

void publish_free(struct publish *p)
{
    if (!p)
        return;
    sorter_free(p->sorter);
    free(p);
}

static bool is_told(const struct publish *p, const struct finding *f)
{
    if (f->kind != FINDING_EXTRA_IP && f->kind != FINDING_OUTSIDE)
        return false;
    if (!p->has_open || !f->reseller || f->period.month < p->oldest.month ||
        f->period.month > p->newest.month)
        return false;
    return f->state == STATE_CONFIRMED ||
           (f->state == STATE_POTENTIAL && f->period.month == p->newest.month);
}

static void put_key(license_t license, const char *reseller, struct buf *out)
{
    uint64_t code = (uint64_t)license.code;

    for (int shift = 8 * (CODE_BYTES - 1); shift >= 0; shift -= 8)
        buf_add_char(out, (char)(uint8_t)(code >> shift));
    buf_add_str(out, reseller);
}

int publish_take(void *publish, const struct finding *f)
{
    struct publish *p = publish;
    AUTO(buf) struct buf key = BUF_INIT(CODE_BYTES + CAP_ID);
    enum charge_kind kind = f->kind == FINDING_EXTRA_IP ? CHARGE_EXTRA_IP : CHARGE_OUTSIDE;
    bool is_confirmed = f->state == STATE_CONFIRMED;
    struct outlook o = {.goes_on = false};
    license_t license;
    int r = 0;

    if (!is_told(p, f))
        return 0;
    assert(f->has_since); /* of every potential and confirmed one */
    if (license_parse(text_of(f->subject), &license, NULL) != 0)
        return -EBADMSG;
    put_key(license, f->reseller, &key);
    if (buf_error(&key) < 0)
        return buf_error(&key);
    if (!is_confirmed && (r = outlook_of(p->setup, f, &o)) < 0)
        return r;
    struct store_standing row = {
        .license = license,
        .is_confirmed = is_confirmed,
        .kinds = (uint8_t)(1U << kind),
        .since = f->since,
        .has_confirms = o.goes_on,
        .confirms_at = o.confirms_at,
    };
    return sorter_put(p->sorter, (struct text){key.data, key.len},
                      (struct text){(const char *)&row, sizeof(row)});
}

int publish_take_all(struct publish *p, struct findings *f)
{
    struct finding finding;
    int r = findings_rewind(f);

    if (r < 0)
        return r;
    while ((r = findings_next(f, &finding)) > 0) {
        r = publish_take(p, &finding);
        if (r < 0)
            return r;
    }
    return r;
}

/* ---- Writing ------------------------------------------------------------------------- */

/* The row that is being brought together. */
struct pending {
    struct store *store;
    struct store_standing row; /* its reseller is the one below */
    char reseller[CAP_ID + 1];
    bool has_row;
    int64_t rows; /* written */
};

static int write_pending(struct pending *w, struct diag *d)
{
    if (!w->has_row)
        return 0;
    if (w->rows == CAP_STANDINGS)
        return diag_set(d, -ERANGE,
                        "more than %d licences are potential or confirmed: nothing was "
                        "published",
                        CAP_STANDINGS);
    /* That it will be confirmed is no news of what is confirmed. */
    if (w->row.is_confirmed)
        w->row.has_confirms = false;
    w->row.reseller = w->reseller;
    int r = store_put_standing(w->store, &w->row);
    if (r < 0)
        return diag_set(d, r, "%s", store_diag(w->store));
    w->rows++;
    return 0;
}

static void join(struct store_standing *a, const struct store_standing *b)
{
    a->is_confirmed |= b->is_confirmed;
    a->kinds |= b->kinds;
    a->since = wall_min(a->since, b->since);
    if (b->has_confirms)
        a->confirms_at =
            a->has_confirms ? wall_min(a->confirms_at, b->confirms_at) : b->confirms_at;
    a->has_confirms |= b->has_confirms;
}

static int add_row(struct pending *w, struct text key, struct text value, struct diag *d)
{
    struct text reseller = {key.p + CODE_BYTES, key.n - CODE_BYTES};
    struct store_standing row;

    assert(value.n == sizeof(row) && reseller.n <= CAP_ID);
    memcpy(&row, value.p, sizeof(row));
    if (w->has_row && w->row.license.code == row.license.code &&
        text_is(reseller, w->reseller)) {
        join(&w->row, &row);
        return 0;
    }
    int r = write_pending(w, d);
    if (r < 0)
        return r;
    w->row = row;
    memcpy(w->reseller, reseller.p, reseller.n);
    w->reseller[reseller.n] = '\0';
    w->has_row = true;
    return 0;
}

int publish_put(struct publish *p, struct store *s, wall_t as_of, int64_t *ret_rows,
                struct diag *d)
{
    struct pending w = {.store = s};
    struct text key, value;
    int r = store_clear_standings(s, as_of);

    if (r < 0)
        return diag_set(d, r, "%s", store_diag(s));
    r = sorter_rewind(p->sorter);
    while (r >= 0 && (r = sorter_next(p->sorter, &key, &value)) > 0) {
        r = add_row(&w, key, value, d);
        if (r < 0)
            return r;
    }
    if (r < 0)
        return diag_set(d, r, r == -ENOMEM ? "out of memory" : "the temporary file failed");
    r = write_pending(&w, d);
    if (r < 0)
        return r;
    *ret_rows = w.rows;
    return 0;
}
