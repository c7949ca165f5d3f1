/* What is kept of an edition for good: a head that says how long the text is, text, model. */
#include "edition/keep.h"
#include "pack/pack.h"
#include <errno.h>
#include <string.h>

enum { KEPT_MAX = 128 << 20 };

static const char magic[] = "fairuse edition 1 ";

int keep_pack(struct text text, struct text json, struct buf *out)
{
    AUTO(buf) struct buf all = BUF_INIT(KEPT_MAX);

    buf_printf(&all, "%s%zu\n", magic, text.n);
    buf_add(&all, text.p, text.n);
    buf_add(&all, json.p, json.n);
    int r = buf_error(&all);
    return r < 0 ? r : pack((struct text){all.data, all.len}, out);
}

/* The head's number, and where the text begins. */
static int read_head(struct text all, size_t *ret_text, size_t *ret_length)
{
    size_t start = strlen(magic);
    int64_t length;

    if (all.n < start || memcmp(all.p, magic, start) != 0)
        return -EBADMSG;
    const char *end = memchr(all.p + start, '\n', all.n - start);
    if (!end)
        return -EBADMSG;
    struct text number = {all.p + start, (size_t)(end - all.p) - start};
    if (text_to_int(number, 0, KEPT_MAX, &length) < 0)
        return -EBADMSG;
    *ret_text = (size_t)(end - all.p) + 1;
    *ret_length = (size_t)length;
    return *ret_length <= all.n - *ret_text ? 0 : -EBADMSG;
}

int keep_unpack(struct text packed, struct buf *text, struct buf *json)
{
    AUTO(buf) struct buf all = BUF_INIT(KEPT_MAX);
    size_t start, length;
    int r = unpack(packed, &all);

    if (r >= 0)
        r = read_head((struct text){buf_str(&all), all.len}, &start, &length);
    if (r < 0)
        return r;
    buf_add(text, all.data + start, length);
    buf_add(json, all.data + start + length, all.len - start - length);
    return buf_error(text) < 0 ? buf_error(text) : buf_error(json);
}
