/* Where the key servers and the collectors are now. */
#include "plesk/mx.h"

#include <errno.h>
#include <string.h>

#include "options/url.h"
#include "os/clock.h"
#include "plesk/resolver.h"
#include "table/forms.h"

enum { HTTPS_PORT = 443, PORT_MAX = 65535 };

struct finding {
    const struct mx_hosts *hosts;
    struct resolver *resolver;
    int64_t failed;
};

/* A host that is asked for. */
struct slot {
    struct finding *finding;
    bool is_collector;
    struct url_host host;
};

/* ---- Texts ------------------------------------------------------------------------------ */

static void copy_name(struct text t, char ret[static TABLE_TEXT_SIZE])
{
    memcpy(ret, t.p, t.n); /* part of a text of that size */
    ret[t.n] = '\0';
}

/* "host", "host:port", "[address]:port", in the one spelling that settings have. */
static int server_parse(const char *server, struct url_host *ret)
{
    char text[TABLE_TEXT_SIZE];
    struct addr a;
    int64_t port = HTTPS_PORT;
    int r = form_server(text_of(server), text);
    if (r < 0)
        return r;
    struct text host = text_of(text);
    const char *colon = strrchr(text, ':');
    if (addr_parse(host, &a) == 0)
        colon = NULL; /* an IPv6 address has colons of its own */
    if (colon && text_to_int(text_of(colon + 1), 1, PORT_MAX, &port) != 0)
        return -EBADMSG;
    if (colon)
        host.n = (size_t)(colon - text);
    if (text[0] == '[') /* never without a port */
        host = (struct text){host.p + 1, host.n - 2};
    copy_name(host, ret->name);
    ret->port = (uint16_t)port;
    return 0;
}

/* ---- Asking ----------------------------------------------------------------------------- */

static void take_hosts(void *arg, const struct addr *v, size_t n)
{
    const struct slot *s = arg;
    const struct mx_hosts *hosts = s->finding->hosts;
    if (n == 0)
        s->finding->failed++;
    for (size_t i = 0; i < n; i++)
        hosts->found(hosts->arg, s->is_collector, &v[i], s->host.port);
}

/* Without DNS where it is an address. */
static void ask(struct slot *s)
{
    struct addr a;
    if (addr_parse(text_of(s->host.name), &a) == 0)
        take_hosts(s, &a, 1);
    else
        resolver_ask_host(s->finding->resolver, s->host.name, take_hosts, s);
}

static int wait_until(struct resolver *resolver, size_t most, mono_t until)
{
    int r = 0;
    while (r == 0 && resolver_waiting(resolver) > most && clock_mono().ms < until.ms)
        r = resolver_wait(resolver, until);
    return r;
}

/* The i-th of all hosts. */
static int fill(const struct mx_hosts *hosts, size_t i, struct slot *s)
{
    s->is_collector = i >= hosts->n_key_servers;
    if (s->is_collector)
        return url_host(text_of(hosts->collectors[i - hosts->n_key_servers]), &s->host);
    return server_parse(hosts->key_servers[i], &s->host);
}

static int ask_all(struct finding *f, struct slot *slots, mono_t until)
{
    size_t n = f->hosts->n_key_servers + f->hosts->n_collectors;
    int r = 0;
    for (size_t i = 0; i < n && r == 0; i++) {
        r = wait_until(f->resolver, RESOLVER_ASKED_MAX - 1, until);
        bool is_late = clock_mono().ms >= until.ms;
        slots[i].finding = f;
        int parsed = fill(f->hosts, i, &slots[i]);
        if (parsed == -ENOMEM)
            return parsed;
        if (parsed < 0 || is_late)
            f->failed++;
        else
            ask(&slots[i]);
    }
    return r == 0 ? wait_until(f->resolver, 0, until) : r;
}

int mx_find_hosts(const struct mx_order *order, const struct mx_hosts *hosts,
                  int64_t *ret_failed, struct diag *d)
{
    struct finding f = {.hosts = hosts};
    const mono_t until = {clock_mono().ms + order->deadline_ms};
    size_t n = hosts->n_key_servers + hosts->n_collectors;
    AUTO_FREE struct slot *slots = calloc(n + 1, sizeof *slots);
    if (!slots)
        return diag_set(d, -ENOMEM, "out of memory");
    int r = resolver_open(order->options, &f.resolver, d);
    if (r < 0)
        return r;
    r = ask_all(&f, slots, until);
    resolver_free(f.resolver); /* what is still asked for fails now */
    if (r < 0)
        return diag_set(d, r, "names cannot be looked up: %s", strerror(-r));
    *ret_failed = f.failed;
    return 0;
}
