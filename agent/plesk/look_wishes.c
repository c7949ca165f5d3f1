/* What a look is to look for: the options' lists, and the collector's on top. */
#include "plesk/look_parts.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

static void add_suffix(struct look *l, struct text t)
{
    struct mx_suffixes *s = &l->suffixes;
    char name[DNAME_SIZE];
    if (s->n == ARRAY_LEN(s->v) || dname_parse(t, name) != 0)
        return; /* both were judged where they came from */
    for (size_t i = 0; i < s->n; i++) {
        if (strcmp(s->v[i], name) == 0)
            return;
    }
    memcpy(s->v[s->n++], name, sizeof name);
}

/* One that is longer than any name and port can be is none. */
static void add_server(struct look *l, const char *server)
{
    size_t n = strlen(server);
    if (l->n_key_servers == LOOK_SERVERS_MAX || n >= TABLE_TEXT_SIZE)
        return;
    for (size_t i = 0; i < l->n_key_servers; i++) {
        if (strcmp(l->key_servers[i], server) == 0)
            return;
    }
    memcpy(l->key_servers[l->n_key_servers++], server, n + 1);
}

static void take_setting(struct look *l, const struct message_setting *s)
{
    switch (s->kind) {
    case MESSAGE_SETTING_MX_SUFFIX: add_suffix(l, text_of(s->text)); break;
    case MESSAGE_SETTING_KEY_SERVER: add_server(l, s->text); break;
    case MESSAGE_SETTING_INTERVAL: break; /* the keeper's */
    }
}

/* The whole messages at the start of some bytes; *ret_used = how many bytes those were. */
static int take_messages(struct look *l, struct text bytes, size_t *ret_used, struct diag *d)
{
    size_t used = 0;
    for (;;) {
        struct message m;
        size_t n = 0;
        struct text rest = {bytes.p + used, bytes.n - used};
        int r = message_decode(rest, MESSAGE_BIT(MESSAGE_SETTING), &m, &n, d);
        if (r != 0) {
            *ret_used = used;
            return r == -EAGAIN ? 0 : r;
        }
        take_setting(l, &m.as.setting);
        used += n;
    }
}

/* To the end of standard input; between two readings there is less than one message. */
static int read_wishes(struct look *l, struct diag *d)
{
    char bytes[2 * MESSAGE_BYTES_MAX];
    size_t n = 0;
    for (;;) {
        size_t used = 0;
        ssize_t got = read(STDIN_FILENO, bytes + n, sizeof bytes - n);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return diag_set(d, -EIO, "standard input: %m");
        if (got == 0)
            break;
        n += (size_t)got;
        int r = take_messages(l, (struct text){bytes, n}, &used, d);
        if (r != 0) {
            diag_within(d, "standard input");
            return r;
        }
        n -= used;
        memmove(bytes, bytes + used, n);
    }
    return n == 0 ? 0 : diag_set(d, -EBADMSG, "standard input ends within a message");
}

int look_wishes(struct look *l, struct diag *d)
{
    const struct options *o = l->options;
    for (size_t i = 0; i < o->mx_suffixes.n; i++)
        add_suffix(l, text_of(o->mx_suffixes.v[i]));
    for (size_t i = 0; i < o->key_servers.n; i++)
        add_server(l, o->key_servers.v[i]);
    return read_wishes(l, d);
}
