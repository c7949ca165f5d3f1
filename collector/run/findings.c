/* Findings packed into the sorter, and unpacked in order. */
#include "run/findings.h"
#include "store/sorter.h"
#include <errno.h>
#include <string.h>

/* What is packed beside the texts: reseller, subject, policy, evidence, each terminated. */
struct packed {
    struct finding f; /* its pointers mean nothing */
    bool has_reseller;
};

struct findings {
    struct sorter *sorter;
    struct buf key, value;     /* scratch */
    struct buf held_key, held; /* the pair that was read last, and not given yet */
    bool has_held;
};

int findings_new(struct findings **ret, struct diag *d)
{
    AUTO(findings) struct findings *f = calloc(1, sizeof(*f));

    if (!f)
        return -ENOMEM;
    f->key = f->held_key = BUF_INIT(4096);
    f->value = f->held = BUF_INIT((size_t)CAP_EVIDENCE_BYTES + 65536);
    int r = sorter_new(&f->sorter, d);
    if (r < 0)
        return r;
    *ret = STEAL(f);
    return 0;
}

void findings_free(struct findings *f)
{
    if (!f)
        return;
    sorter_free(f->sorter);
    buf_done(&f->key);
    buf_done(&f->value);
    buf_done(&f->held_key);
    buf_done(&f->held);
    free(f);
}

static void add_terminated(struct buf *b, const char *s)
{
    buf_add(b, s, strlen(s) + 1);
}

int findings_take(void *findings, const struct finding *f)
{
    struct findings *all = findings;
    struct packed p = {.f = *f, .has_reseller = f->reseller != NULL};
    char period[PERIOD_TEXT_SIZE];
    const char *reseller = f->reseller ? f->reseller : "";

    p.f.reseller = p.f.subject = p.f.policy = p.f.evidence = NULL;
    buf_reset(&all->key);
    add_terminated(&all->key, period_format(f->period, period));
    add_terminated(&all->key, finding_kind_name(f->kind));
    add_terminated(&all->key, reseller);
    add_terminated(&all->key, f->subject);
    buf_reset(&all->value);
    buf_add(&all->value, &p, sizeof(p));
    add_terminated(&all->value, reseller);
    add_terminated(&all->value, f->subject);
    add_terminated(&all->value, f->policy);
    add_terminated(&all->value, f->evidence);
    int r = buf_error(&all->key);
    if (r >= 0)
        r = buf_error(&all->value);
    if (r < 0)
        return r;
    return sorter_put(all->sorter, (struct text){all->key.data, all->key.len},
                      (struct text){all->value.data, all->value.len});
}

/* The texts point into the packed bytes. */
static void unpack(const char *bytes, struct finding *ret)
{
    struct packed p;
    const char *text = bytes + sizeof(p);

    memcpy(&p, bytes, sizeof(p));
    *ret = p.f;
    ret->reseller = p.has_reseller ? text : NULL;
    text += strlen(text) + 1;
    ret->subject = text;
    text += strlen(text) + 1;
    ret->policy = text;
    text += strlen(text) + 1;
    ret->evidence = text;
}

static int hold(struct findings *f, struct text key, struct text value)
{
    buf_reset(&f->held_key);
    buf_reset(&f->held);
    buf_add(&f->held_key, key.p, key.n);
    buf_add(&f->held, value.p, value.n);
    f->has_held = true;
    int r = buf_error(&f->held_key);
    return r < 0 ? r : buf_error(&f->held);
}

static bool is_held_key(const struct findings *f, struct text key)
{
    return key.n == f->held_key.len && memcmp(key.p, f->held_key.data, key.n) == 0;
}

int findings_next(struct findings *f, struct finding *ret)
{
    struct text key, value;
    int r;

    /* `value` takes what is given; `held` looks one ahead. */
    if (!f->has_held) {
        r = sorter_next(f->sorter, &key, &value);
        if (r <= 0)
            return r;
        r = hold(f, key, value);
        if (r < 0)
            return r;
    }
    struct buf spare = f->value;
    f->value = f->held;
    f->held = spare;
    f->has_held = false;
    unpack(f->value.data, ret);
    while ((r = sorter_next(f->sorter, &key, &value)) > 0) {
        struct finding other;
        if (!is_held_key(f, key)) {
            r = hold(f, key, value);
            return r < 0 ? r : 1;
        }
        unpack(value.p, &other);
        if (!finding_outranks(&other, ret))
            continue;
        buf_reset(&f->value);
        buf_add(&f->value, value.p, value.n);
        if (buf_error(&f->value) < 0)
            return buf_error(&f->value);
        unpack(f->value.data, ret);
    }
    return r < 0 ? r : 1;
}

int findings_rewind(struct findings *f)
{
    f->has_held = false;
    return sorter_rewind(f->sorter);
}
