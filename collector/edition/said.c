/* What is said from now on: rows of many readers at once, given reader by reader. */
#include "edition/edition_parts.h"
#include <errno.h>
#include <string.h>

struct said {
    struct sorter *sorter;
    struct buf key, value; /* scratch */
};

void said_free(struct said *s)
{
    if (!s)
        return;
    sorter_free(s->sorter);
    buf_done(&s->key);
    buf_done(&s->value);
    free(s);
}

int said_new(struct said **ret, struct diag *d)
{
    AUTO(said) struct said *s = calloc(1, sizeof(*s));

    if (!s)
        return -ENOMEM;
    s->key = s->value = BUF_INIT(8192);
    int r = sorter_new(&s->sorter, d);
    if (r < 0)
        return r;
    *ret = STEAL(s);
    return 0;
}

static void add_terminated(struct buf *b, const char *text)
{
    buf_add(b, text, strlen(text) + 1);
}

static int put(struct said *s)
{
    int r = buf_error(&s->key) < 0 ? buf_error(&s->key) : buf_error(&s->value);

    return r < 0 ? r
                 : sorter_put(s->sorter, (struct text){s->key.data, s->key.len},
                              (struct text){buf_str(&s->value), s->value.len});
}

/* A reader without a row: its key is the beginning of its rows' keys, so it comes first. */
int said_begin(struct said *s, enum bulletin_audience audience, const char *id)
{
    buf_reset(&s->key);
    buf_add_char(&s->key, (char)audience);
    add_terminated(&s->key, id);
    buf_reset(&s->value);
    return put(s);
}

int said_put(struct said *s, enum bulletin_audience audience, const char *id,
             const struct edition_said *row)
{
    uint32_t month = (uint32_t)row->period.month;

    buf_reset(&s->key);
    buf_add_char(&s->key, (char)audience);
    add_terminated(&s->key, id);
    add_terminated(&s->key, row->reseller);
    buf_add_char(&s->key, (char)row->kind);
    add_terminated(&s->key, row->subject);
    for (int shift = 24; shift >= 0; shift -= 8)
        buf_add_char(&s->key, (char)(uint8_t)(month >> shift));
    buf_reset(&s->value);
    buf_add(&s->value, row, sizeof(*row));
    return put(s);
}

static int give(const struct edition_sink *sink, struct text key, struct text value)
{
    enum bulletin_audience audience = (enum bulletin_audience)key.p[0];
    const char *id = key.p + 1, *reseller = id + strlen(id) + 1;
    struct edition_said row;

    if (value.n == 0)
        return sink->begin(sink->arg, audience, id);
    assert(value.n == sizeof(row));
    memcpy(&row, value.p, sizeof(row));
    row.reseller = reseller;
    row.subject = reseller + strlen(reseller) + 2; /* behind the kind */
    return sink->said(sink->arg, &row);
}

int said_give(struct said *s, const struct edition_sink *sink)
{
    struct text key, value;
    int r;

    while ((r = sorter_next(s->sorter, &key, &value)) > 0) {
        r = give(sink, key, value);
        if (r != 0)
            return r;
    }
    return r;
}
