/* The group `collector`: its defaults, reading it, what must fit together. */
#include "settings/collector.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "os/config.h"
#include "settings/keys.h"

static const char *const no_others[] = {NULL};

/* The longest of a certificate's life that an agent may let pass before it renews. */
enum { INTERVALS_IN_LIFETIME = 3 };

static void texts_add(struct table_texts *t, const char *s)
{
    (void)snprintf(t->v[t->n++], TABLE_TEXT_SIZE, "%s", s);
}

static void limits_init(struct settings_collector *c)
{
    c->max_connections = 20000;
    c->max_connections_per_address = 256;
    c->address_burst = 600;
    c->address_per_minute = 600;
    c->server_burst = 60;
    c->server_per_minute = 60;
    c->max_body = CAP_REPORT_BYTES;
    c->max_in_flight = INT64_C(64) << 20;
    c->queue = 4096;
    c->batch = CAP_BATCH;
    c->gather_ms = 20;
}

static void times_init(struct settings_collector *c)
{
    const dur_t quarter = {INT64_C(90) * 24 * 3600};
    c->handshake_timeout = (dur_t){10};
    c->head_timeout = (dur_t){10};
    c->body_timeout = (dur_t){60};
    c->idle_timeout = (dur_t){60};
    c->answer_timeout = (dur_t){30};
    c->drain_timeout = (dur_t){10};
    c->certificate_lifetime = quarter;
    c->late_renewal = quarter;
    c->interval = (dur_t){15 * 60};
}

void settings_collector_init(struct settings_collector *c)
{
    memset(c, 0, sizeof *c);
    texts_add(&c->listen, "[::]:9443");
    (void)snprintf(c->monitor, sizeof c->monitor, "%s", "127.0.0.1:9444");
    limits_init(c);
    times_init(c);
    /* The vendor's own names for its MX and its licence servers. */
    texts_add(&c->mx_suffixes, "spamexperts.com");
    texts_add(&c->mx_suffixes, "spamexperts.eu");
    texts_add(&c->mx_suffixes, "spamexperts.net");
    texts_add(&c->key_servers, "ka.plesk.com:443");
    texts_add(&c->key_servers, "alternate.ka.plesk.com:443");
    c->log_level = SETTINGS_LOG_INFO;
}

void settings_collector_done(struct settings_collector *c)
{
    free(c->proxies);
    c->proxies = NULL;
    c->n_proxies = 0;
}

/* A group that was read, and where its errors go. */
struct reading {
    const struct table_file *file;
    const struct config_node *group;
};

/* Where to point: at the first of two keys that stands in the file. */
static const struct config_node *place_of(const struct reading *r, const char *a, const char *b)
{
    const struct config_node *n = config_find(r->group, a);
    if (!n)
        n = config_find(r->group, b);
    return n ? n : r->group;
}

struct named_text {
    const char *name, *value;
};

static int check_pair(const struct reading *r, struct named_text a, struct named_text b)
{
    bool has_a = a.value[0] != '\0', has_b = b.value[0] != '\0';
    if (has_a == has_b)
        return 0;
    const struct config_node *n = config_find(r->group, has_a ? a.name : b.name);
    return config_refuse(r->file->config, n ? n : r->group, r->file->d,
                         "needs `%s` beside it: both are set, or neither",
                         has_a ? b.name : a.name);
}

struct named_number {
    const char *name;
    int64_t value;
};

static int check_order(const struct reading *r, struct named_number a, struct named_number b)
{
    if (a.value <= b.value)
        return 0;
    return config_refuse(r->file->config, place_of(r, a.name, b.name), r->file->d,
                         "`%s` is %" PRId64 ", must be at most `%s`, which is %" PRId64, a.name,
                         a.value, b.name, b.value);
}

static int check_lifetime(const struct reading *r, const struct settings_collector *c)
{
    char interval[DUR_TEXT_SIZE];
    if (c->certificate_lifetime.s >= c->interval.s * INTERVALS_IN_LIFETIME)
        return 0;
    return config_refuse(r->file->config, place_of(r, "certificate_lifetime", "interval"),
                         r->file->d,
                         "`certificate_lifetime` must be at least %d times `interval`, which "
                         "is %s: an agent renews in the last third, when it reports",
                         INTERVALS_IN_LIFETIME, dur_format(c->interval, interval));
}

static int check_monitor(const struct reading *r, const struct settings_collector *c)
{
    for (size_t i = 0; i < c->listen.n; i++)
        if (strcmp(c->listen.v[i], c->monitor) == 0)
            return config_refuse(r->file->config, place_of(r, "monitor", "listen"), r->file->d,
                                 "`monitor` is where `listen` is too: each needs its own");
    return 0;
}

static int check_all(const struct reading *r, const struct settings_collector *c)
{
    int e = check_pair(r, (struct named_text){"certificate", c->certificate},
                       (struct named_text){"key", c->key});
    if (e == 0)
        e = check_pair(r, (struct named_text){"authority", c->authority},
                       (struct named_text){"authority_key", c->authority_key});
    if (e == 0)
        e = check_order(r, (struct named_number){"batch", c->batch},
                        (struct named_number){"queue", c->queue});
    if (e == 0)
        e = check_order(r, (struct named_number){"max_body", c->max_body},
                        (struct named_number){"max_in_flight", c->max_in_flight});
    if (e == 0)
        e = check_lifetime(r, c);
    return e == 0 ? check_monitor(r, c) : e;
}

int settings_collector_read(const struct table_file *file, struct settings_collector *c)
{
    const struct table_group what = {settings_collector_keys, SETTINGS_COLLECTOR_KEYS,
                                     no_others};
    const struct config_node *group = config_find(config_root(file->config), "collector");
    if (!group)
        return 0;
    if (config_kind(group) != CONFIG_GROUP)
        return config_refuse(file->config, group, file->d, "must be a group { … } of settings");
    int r = table_group_read(file, group, &what, c);
    return r == 0 ? check_all(&(struct reading){file, group}, c) : r;
}
