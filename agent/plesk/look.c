/* One look: rights, keys, mailboxes, hosts, the end. */
#include "plesk/look.h"

#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "options/url.h"
#include "os/clock.h"
#include "os/file.h"
#include "plesk/keys.h"
#include "plesk/look_parts.h"
#include "sandbox/sandbox.h"

enum {
    ALARM_S = 175, /* a look that takes longer hangs: its end without an END says enough */
    HOSTS_DEADLINE_MS = 30000,
    OUT_BYTES = 1 << 16,    /* after which it is given on */
    COLLECTOR_BYTES = 4096, /* of the state folder's file */
};

int look_fail(int code, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    (void)fputs("fairuse-look: ", stderr); /* there is nowhere else to tell it */
    (void)vfprintf(stderr, fmt, args);
    (void)fputc('\n', stderr);
    va_end(args);
    return code;
}

int look_options(const char *path, struct options *ret, struct diag *d)
{
    int r = options_load(path ? path : OPTIONS_PATH_DEFAULT, ret, d);
    if (r != -ENOENT || path)
        return r;
    r = options_init(ret);
    return r == 0 ? 0 : diag_set(d, r, "out of memory");
}

/* ---- The way out ------------------------------------------------------------------------ */

void look_flush(struct look *l)
{
    size_t at = 0;
    if (l->error == 0)
        l->error = buf_error(&l->out);
    while (l->error == 0 && at < l->out.len) {
        ssize_t n = write(STDOUT_FILENO, l->out.data + at, l->out.len - at);
        if (n >= 0)
            at += (size_t)n;
        else if (errno != EINTR)
            l->error = -errno;
    }
    buf_reset(&l->out);
}

void look_say(struct look *l, const struct message *m)
{
    if (l->error)
        return;
    message_encode(m, &l->out);
    if (l->out.len >= OUT_BYTES)
        look_flush(l);
}

void look_trouble(struct look *l, unsigned trouble, const char *why)
{
    l->end.troubles |= (uint8_t)trouble;
    if (l->end.why[0] == '\0')
        (void)snprintf(l->end.why, sizeof l->end.why, "%s", why);
}

/* ---- Licences --------------------------------------------------------------------------- */

/* The moment of a file's change on the clock that does not jump. A change in the future of this
 * server's clock is one of now. */
static int64_t since(const struct look *l, wall_t changed)
{
    int64_t age_s = changed.s < 0 ? l->now.s : l->now.s - changed.s;
    return l->boot_s - (age_s > 0 ? age_s : 0);
}

/* What stands beside a main key that was found takes nothing from it: it is said, but which
 * licences are here is known. */
static void say_keys(struct look *l)
{
    const struct options *o = l->options;
    AUTO(keys) struct keys k = {0};
    struct diag d = {""};
    const struct keys_order order = {
        .folder = o->keys, .registry = o->registry, .legacy = o->legacy_key, .now = l->now};
    int r = keys_find(&order, &k, &d);
    bool has_main = k.n > 0 && k.v[0].key.is_main;
    if (r != 0 || k.has_trouble)
        look_trouble(l, has_main ? 0 : MESSAGE_TROUBLE_KEYS, d.text);
    for (size_t i = 0; i < k.n; i++) {
        struct message m = {.kind = MESSAGE_LICENSE};
        m.as.license.license = k.v[i].key.license;
        m.as.license.since_s = since(l, k.v[i].changed);
        look_say(l, &m);
    }
}

/* ---- Hosts ------------------------------------------------------------------------------ */

static void say_target(void *arg, bool is_collector, const struct addr *a, uint16_t port)
{
    struct message m = {.kind = MESSAGE_TARGET};
    m.as.target = (struct message_target){is_collector, *a, port};
    look_say(arg, &m);
}

/* The collectors that are set or, where none is, the one that was enrolled with: how many. */
static size_t find_collectors(const struct look *l, char enrolled[static TABLE_TEXT_SIZE],
                              const char (**ret)[TABLE_TEXT_SIZE])
{
    AUTO(buf) struct buf file = BUF_INIT(COLLECTOR_BYTES);
    char path[OPTIONS_PATH_SIZE + 64];
    struct diag d;
    *ret = l->options->collectors.v;
    if (l->options->collectors.n > 0)
        return l->options->collectors.n;
    if (options_state_path(l->options, "collector", path) != 0 ||
        file_read(path, &file, &d) != 0)
        return 0; /* not enrolled yet */
    const char *line = buf_str(&file);
    *ret = (const char(*)[TABLE_TEXT_SIZE])enrolled;
    return url_form_collector((struct text){line, strcspn(line, "\n")}, enrolled) == 0;
}

static void say_hosts(struct look *l)
{
    char enrolled[TABLE_TEXT_SIZE];
    struct diag d = {""};
    int64_t failed = 0;
    struct mx_hosts hosts = {.key_servers = (const char(*)[TABLE_TEXT_SIZE])l->key_servers,
                             .n_key_servers = l->n_key_servers,
                             .found = say_target,
                             .arg = l};
    if (!(l->options->observe & (1U << SOURCE_KEYSERVER | 1U << SOURCE_NAT)))
        return; /* nobody watches connections to them */
    hosts.n_collectors = find_collectors(l, enrolled, &hosts.collectors);
    const struct mx_order order = {.options = l->options,
                                   .suffixes = &l->suffixes,
                                   .now = l->now,
                                   .deadline_ms = HOSTS_DEADLINE_MS};
    if (mx_find_hosts(&order, &hosts, &failed, &d) != 0)
        look_trouble(l, MESSAGE_TROUBLE_NAMES, d.text);
    else if (failed > 0)
        look_trouble(l, MESSAGE_TROUBLE_NAMES,
                     d.text[0] ? d.text
                               : "the addresses of key servers or of the collector are not "
                                 "known: connections to them cannot be told from others");
}

/* ---- All of it -------------------------------------------------------------------------- */

/* Before anything of others is read. A kernel without seccomp has one wall less. */
static int give_up_rights(const struct options *o, struct diag *d)
{
    int r = sandbox_become(o->user, d);
    if (r == 0)
        r = sandbox_drop_rights(d);
    if (r == 0)
        r = sandbox_confine(SANDBOX_LOOK, d);
    return r == -ENOSYS ? 0 : r;
}

static void say_all(struct look *l, bool has_mailboxes)
{
    say_keys(l);
    if (has_mailboxes && l->options->count_mailboxes)
        look_mailboxes(l);
    say_hosts(l);
    struct message m = {.kind = MESSAGE_END};
    m.as.end = l->end;
    look_say(l, &m);
    look_flush(l);
}

static int run(struct look *l, bool has_mailboxes)
{
    struct diag d = {""};
    (void)alarm(ALARM_S);
    (void)signal(SIGPIPE, SIG_IGN); /* fails only for a signal that does not exist */
    int r = give_up_rights(l->options, &d);
    if (r != 0)
        return look_fail(r == -ENOENT ? EX_NOUSER : EX_NOPERM, "%s", d.text);
    l->now = clock_now();
    l->boot_s = clock_boot();
    l->out = BUF_INIT(2 * (size_t)OUT_BYTES);
    r = look_wishes(l, &d);
    if (r != 0)
        return look_fail(r == -EBADMSG ? EX_DATAERR : EX_IOERR, "%s", d.text);
    say_all(l, has_mailboxes);
    if (l->error)
        return look_fail(EX_IOERR, "standard output: %s", strerror(-l->error));
    return 0;
}

int look_run(const struct options *o, bool has_mailboxes)
{
    struct look *l = calloc(1, sizeof *l);
    if (!l)
        return look_fail(EX_OSERR, "out of memory");
    l->options = o;
    int code = run(l, has_mailboxes);
    buf_done(&l->out);
    free(l);
    return code;
}
