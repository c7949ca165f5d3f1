/* What the agent's processes say to each other: bytes and values. */
#include "message/message_parts.h"

#include <errno.h>
#include <string.h>

#include "domain/addr.h"

enum { TEXT_LENGTH_BYTES = 2, FAMILY_BYTES = 1 };

/* Bytes of a form's number on the wire; 0 of what is none. */
static size_t width_of(enum message_form form)
{
    switch (form) {
    case MESSAGE_FORM_U8:
    case MESSAGE_FORM_BOOL:
    case MESSAGE_FORM_ENUM: return 1;
    case MESSAGE_FORM_U16: return 2;
    case MESSAGE_FORM_I64:
    case MESSAGE_FORM_LICENSE: return 8;
    case MESSAGE_FORM_ADDR:
    case MESSAGE_FORM_TEXT:
    case MESSAGE_FORM_REASON: break;
    }
    return 0;
}

/* ---- Writing ---------------------------------------------------------------------------- */

struct writer {
    uint8_t bytes[MESSAGE_BYTES_MAX];
    size_t n;
};

static void put_bytes(struct writer *w, const void *p, size_t n)
{
    assert(n <= sizeof w->bytes - w->n); /* every message that can be made fits */
    memcpy(w->bytes + w->n, p, n);
    w->n += n;
}

static void put_number(struct writer *w, uint64_t v, size_t width)
{
    for (size_t i = width; i > 0; i--) {
        uint8_t byte = (uint8_t)(v >> (8 * (i - 1)) & 0xff);
        put_bytes(w, &byte, 1);
    }
}

static void put_field(struct writer *w, const struct message *m, const struct message_field *f)
{
    const char *p = (const char *)m + f->at;
    size_t width = width_of(f->form);
    if (width > 0) {
        put_number(w, (uint64_t)message_number(m, f), width);
    } else if (f->form == MESSAGE_FORM_ADDR) {
        const struct addr *a = (const void *)p;
        put_number(w, a->family, FAMILY_BYTES);
        put_bytes(w, a->bytes, addr_len(a));
    } else {
        size_t n = strlen(p);
        put_number(w, n, TEXT_LENGTH_BYTES);
        put_bytes(w, p, n);
    }
}

/* A reason comes from libraries and servers, and was cut somewhere: nobody is to fail for it.
 */
static void make_fit(struct message *m, const struct message_field *fields, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        char *text = (char *)m + fields[i].at;
        if (fields[i].form == MESSAGE_FORM_REASON) {
            text[fields[i].size - 1] = '\0';
            message_make_fit(text);
        }
    }
}

void message_encode(const struct message *m, struct buf *out)
{
    struct diag why;
    size_t n = 0;
    const struct message_field *fields = message_fields(m->kind, &n);
    struct message fit = *m;
    if (fields)
        make_fit(&fit, fields, n);
    bool is_good = message_judge(&fit, &why) == 0;
    assert(is_good);
    struct writer w = {.n = MESSAGE_HEAD_BYTES};
    for (size_t i = 0; fields && i < n; i++)
        put_field(&w, &fit, fields + i);
    size_t total = w.n;
    w.n = 0;
    put_number(&w, (uint64_t)m->kind, 1);
    put_number(&w, total - MESSAGE_HEAD_BYTES, MESSAGE_HEAD_BYTES - 1);
    buf_add(out, w.bytes, total);
}

/* ---- Reading ---------------------------------------------------------------------------- */

struct reader {
    struct text rest; /* of this message */
    struct diag *diag;
};

static int cut_short(const struct reader *r, const char *name)
{
    return diag_set(r->diag, -EBADMSG, "the message ends before %s does", name);
}

static uint64_t get_number(struct reader *r, size_t width)
{
    uint64_t v = 0;
    for (size_t i = 0; i < width; i++)
        v = v << 8 | (uint8_t)r->rest.p[i];
    r->rest = (struct text){r->rest.p + width, r->rest.n - width};
    return v;
}

static int read_number(struct reader *r, const struct message_field *f, char *to)
{
    size_t width = width_of(f->form);
    if (r->rest.n < width)
        return cut_short(r, f->name);
    uint64_t v = get_number(r, width);
    if (f->form == MESSAGE_FORM_BOOL && v > 1)
        return diag_set(r->diag, -EBADMSG, "%s is %u, must be 0 or 1", f->name, (unsigned)v);
    if (f->form == MESSAGE_FORM_U16) {
        uint16_t port = (uint16_t)v;
        memcpy(to, &port, sizeof port);
    } else if (f->form == MESSAGE_FORM_ENUM) {
        int number = (int)v; /* of one byte */
        memcpy(to, &number, sizeof number);
    } else if (width == 1) {
        *to = (char)(uint8_t)v;
    } else {
        memcpy(to, &v, sizeof v); /* two's complement, as it was written */
    }
    return 0;
}

/* Of each address there is one form: a mapped one is not another form of IPv4. */
static int read_addr(struct reader *r, const struct message_field *f, struct addr *to)
{
    if (r->rest.n < FAMILY_BYTES)
        return cut_short(r, f->name);
    struct addr a = {.family = (uint8_t)get_number(r, FAMILY_BYTES)};
    size_t n = addr_len(&a);
    if (n == 0)
        return diag_set(r->diag, -EBADMSG, "%s is of family %u", f->name, (unsigned)a.family);
    if (r->rest.n < n)
        return cut_short(r, f->name);
    if (addr_from_bytes((const uint8_t *)r->rest.p, n, to) != 0 || to->family != a.family)
        return diag_set(r->diag, -EBADMSG, "%s is an IPv4 address in IPv6", f->name);
    r->rest = (struct text){r->rest.p + n, r->rest.n - n};
    return 0;
}

static int read_text(struct reader *r, const struct message_field *f, char *to)
{
    if (r->rest.n < TEXT_LENGTH_BYTES)
        return cut_short(r, f->name);
    size_t n = (size_t)get_number(r, TEXT_LENGTH_BYTES);
    if (n >= f->size)
        return diag_set(r->diag, -EBADMSG, "%s has %zu bytes, at most %zu are allowed", f->name,
                        n, f->size - 1);
    if (r->rest.n < n)
        return cut_short(r, f->name);
    if (n > 0 && memchr(r->rest.p, '\0', n))
        return diag_set(r->diag, -EBADMSG, "%s has a zero byte", f->name);
    memcpy(to, r->rest.p, n);
    to[n] = '\0';
    r->rest = (struct text){r->rest.p + n, r->rest.n - n};
    return 0;
}

static int read_field(struct reader *r, const struct message_field *f, struct message *m)
{
    char *to = (char *)m + f->at;
    if (width_of(f->form) > 0)
        return read_number(r, f, to);
    return f->form == MESSAGE_FORM_ADDR ? read_addr(r, f, (void *)to) : read_text(r, f, to);
}

static int read_fields(struct text body, struct message *m, struct diag *d)
{
    size_t n = 0;
    const struct message_field *fields = message_fields(m->kind, &n);
    struct reader r = {body, d};
    int error = 0;
    if (!fields)
        return diag_set(d, -EBADMSG, "there is no such kind of message");
    for (size_t i = 0; error == 0 && i < n; i++)
        error = read_field(&r, fields + i, m);
    if (error == 0 && r.rest.n > 0)
        error = diag_set(d, -EBADMSG, "%zu bytes are left over in %s", r.rest.n,
                         message_kind_name(m->kind));
    return error == 0 ? message_judge(m, d) : error;
}

static bool is_allowed(uint8_t kind, uint32_t allowed)
{
    return kind > 0 && kind <= MESSAGE_KIND_MAX && (allowed & MESSAGE_BIT(kind)) != 0;
}

int message_decode(struct text bytes, uint32_t allowed, struct message *ret, size_t *ret_used,
                   struct diag *d)
{
    if (bytes.n == 0)
        return -EAGAIN;
    struct reader head = {bytes, d};
    uint8_t kind = (uint8_t)bytes.p[0];
    if (!is_allowed(kind, allowed))
        return diag_set(d, -EBADMSG, "a message of kind %u (%s) is not expected", kind,
                        message_kind_name((enum message_kind)kind));
    if (bytes.n < MESSAGE_HEAD_BYTES)
        return -EAGAIN;
    size_t n = (size_t)get_number(&head, MESSAGE_HEAD_BYTES) & 0xffffff;
    if (n > MESSAGE_BYTES_MAX - MESSAGE_HEAD_BYTES)
        return diag_set(d, -EBADMSG, "a message of %zu bytes is too long", n);
    if (head.rest.n < n)
        return -EAGAIN;
    struct message m = {.kind = (enum message_kind)kind};
    int r = read_fields((struct text){head.rest.p, n}, &m, d);
    if (r != 0)
        return r;
    *ret = m;
    *ret_used = MESSAGE_HEAD_BYTES + n;
    return 0;
}
