/* What status shows. */
#include "keeper/state.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

bool state_line(struct text *t, struct text *ret_line)
{
    if (t->n == 0)
        return false;
    const char *end = memchr(t->p, '\n', t->n);
    size_t n = end ? (size_t)(end - t->p) : t->n;
    *ret_line = (struct text){t->p, n};
    n += end ? 1 : 0;
    *t = (struct text){t->p + n, t->n - n};
    return true;
}

size_t state_fields(struct text line, struct text *ret, size_t max)
{
    size_t n = 0;
    while (n < max) {
        const char *tab = n + 1 < max && line.n > 0 ? memchr(line.p, '\t', line.n) : NULL;
        size_t len = tab ? (size_t)(tab - line.p) : line.n;
        ret[n++] = (struct text){line.p, len};
        if (!tab)
            break;
        line = (struct text){tab + 1, line.n - len - 1};
    }
    return n;
}

/* Each line: a name, and numbers or one text. One table for writing and for reading. */
enum field_kind {
    FIELD_NUMBER,
    FIELD_WALL,
    FIELD_TEXT,
    FIELD_BITS,
    FIELD_FLAG,
    FIELD_OUTCOME,
    FIELD_TRACKING
};
struct field {
    const char *name;
    enum field_kind kind;
    size_t offset;
};

#define IN(member) offsetof(struct state, member)
static const struct field fields[] = {
    {"as-of", FIELD_WALL, IN(as_of)},
    {"started", FIELD_WALL, IN(started)},
    {"pid", FIELD_NUMBER, IN(pid)},
    {"has-probe", FIELD_FLAG, IN(has_probe)},
    {"sources", FIELD_BITS, IN(sources)},
    {"probe-why", FIELD_TEXT, IN(probe_why)},
    {"packets", FIELD_NUMBER, IN(pulse.packets)},
    {"packets-lost", FIELD_NUMBER, IN(pulse.packets_lost)},
    {"flows", FIELD_NUMBER, IN(pulse.flows)},
    {"overruns", FIELD_NUMBER, IN(pulse.overruns)},
    {"tracking", FIELD_TRACKING, IN(pulse.tracking)},
    {"looked", FIELD_WALL, IN(looked)},
    {"troubles", FIELD_BITS, IN(troubles)},
    {"look-why", FIELD_TEXT, IN(look_why)},
    {"counted", FIELD_WALL, IN(counted)},
    {"domains", FIELD_NUMBER, IN(n_domains)},
    {"sent", FIELD_WALL, IN(sent)},
    {"attempted", FIELD_WALL, IN(attempted)},
    {"next", FIELD_WALL, IN(next)},
    {"outcome", FIELD_OUTCOME, IN(outcome)},
    {"http-status", FIELD_NUMBER, IN(status)},
    {"failures", FIELD_NUMBER, IN(failures)},
    {"send-why", FIELD_TEXT, IN(send_why)},
    {"identity-from", FIELD_WALL, IN(identity_from)},
    {"identity-to", FIELD_WALL, IN(identity_to)},
    {"refused", FIELD_WALL, IN(refused)},
    {"refused-why", FIELD_TEXT, IN(refused_why)},
};

/* All but texts are integers of some width. */
static int64_t number_of(const struct field *f, const struct state *s)
{
    const char *p = (const char *)s + f->offset;
    switch (f->kind) {
    case FIELD_NUMBER: return *(const int64_t *)(const void *)p;
    case FIELD_WALL: return ((const wall_t *)(const void *)p)->s;
    case FIELD_BITS: return *(const uint8_t *)p;
    case FIELD_FLAG: return *(const bool *)p;
    case FIELD_OUTCOME: return *(const enum message_outcome *)(const void *)p;
    case FIELD_TRACKING: return *(const enum message_tracking *)(const void *)p;
    case FIELD_TEXT: break;
    }
    return 0;
}

void state_write(const struct state *s, struct buf *out)
{
    for (size_t i = 0; i < ARRAY_LEN(fields); i++) {
        const struct field *f = &fields[i];
        const char *text = (const char *)s + f->offset;
        if (f->kind == FIELD_TEXT && text[0])
            buf_printf(out, "%s\t%s\n", f->name, text);
        else if (f->kind != FIELD_TEXT && number_of(f, s) != 0)
            buf_printf(out, "%s\t%" PRId64 "\n", f->name, number_of(f, s));
    }
}

static int set_number(const struct field *f, int64_t v, struct state *s)
{
    char *p = (char *)s + f->offset;
    bool is_right = true;
    switch (f->kind) {
    case FIELD_NUMBER: *(int64_t *)(void *)p = v; break;
    case FIELD_WALL: ((wall_t *)(void *)p)->s = v; break;
    case FIELD_BITS:
        is_right = v >= 0 && v <= UINT8_MAX;
        *(uint8_t *)p = (uint8_t)v;
        break;
    case FIELD_FLAG: *(bool *)p = v != 0; break;
    case FIELD_OUTCOME:
        is_right = v >= MESSAGE_DONE && v <= MESSAGE_BROKEN;
        if (is_right)
            *(enum message_outcome *)(void *)p = (enum message_outcome)v;
        break;
    case FIELD_TRACKING:
        is_right = v >= MESSAGE_TRACKING_UNKNOWN && v <= MESSAGE_TRACKING_WORKS;
        if (is_right)
            *(enum message_tracking *)(void *)p = (enum message_tracking)v;
        break;
    case FIELD_TEXT: break;
    }
    return is_right ? 0 : -EBADMSG;
}

static int read_field(const struct field *f, struct text value, struct state *s)
{
    int64_t v;
    if (f->kind == FIELD_TEXT) { /* all texts of a state have the same size */
        (void)snprintf((char *)s + f->offset, MESSAGE_TEXT_MAX + 1, "%.*s", (int)value.n,
                       value.p);
        return 0;
    }
    int r = text_to_int(value, INT64_MIN, INT64_MAX, &v);
    return r < 0 ? -EBADMSG : set_number(f, v, s);
}

int state_read(struct text t, struct state *ret)
{
    struct state s = {.pid = 0};
    struct text line, part[2];
    while (state_line(&t, &line)) {
        if (state_fields(line, part, 2) != 2)
            return -EBADMSG;
        for (size_t i = 0; i < ARRAY_LEN(fields); i++)
            if (text_is(part[0], fields[i].name) && read_field(&fields[i], part[1], &s) < 0)
                return -EBADMSG;
    }
    *ret = s;
    return 0;
}
