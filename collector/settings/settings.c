/* The collector's settings as a whole: their defaults, reading a file, freeing. */
#include "settings/settings.h"

#include <errno.h>
#include <string.h>

#include "os/config.h"
#include "os/zoneinfo.h"
#include "settings/book.h"
#include "settings/collector.h"
#include "settings/keys.h"
#include "settings/mail_group.h"

static const char zone_default[] = "Europe/Amsterdam";
static const char *const root_others[] = {"collector", "mail",      "policy",
                                          "policies",  "resellers", NULL};

/* All but the zone's steps. */
static int draft_init(struct settings *s)
{
    *s = (struct settings){
        .merge_gap = {45 * 60},
        .retention = {INT64_C(400) * 24 * 3600},
        .license_prefixes = {"PLSK"},
        .n_license_prefixes = 1,
    };
    memcpy(s->zone.name, zone_default, sizeof zone_default);
    settings_collector_init(&s->collector);
    settings_mail_init(&s->mail);
    return settings_book_init(&s->policies);
}

/* Gives a value to its owner to be; what held it is empty then. */
static void draft_take(struct settings *draft, struct settings *ret)
{
    *ret = *draft;
    *draft = (struct settings){.n_lab_networks = 0};
}

int settings_init(struct settings *s, struct diag *d)
{
    AUTO(settings) struct settings draft = {.n_lab_networks = 0};
    int r = draft_init(&draft);
    if (r < 0)
        return diag_set(d, r, "not enough memory");
    r = zoneinfo_load(zone_default, &draft.zone, d);
    if (r < 0)
        return r;
    draft_take(&draft, s);
    return 0;
}

static int zone_read(const struct table_file *file, settings_zone_loader *load,
                     struct settings *s)
{
    char name[ZONE_NAME_SIZE];
    memcpy(name, s->zone.name, sizeof name);
    struct diag reason;
    int r = load(name, &s->zone, &reason);
    if (r == 0)
        return 0;
    const struct config_node *n = config_find(config_root(file->config), "time_zone");
    if (!n || r == -ENOMEM)
        return diag_set(file->d, r, "%s", reason.text);
    return config_refuse(file->config, n, file->d, "%s", reason.text);
}

static int draft_read(const struct table_file *file, settings_zone_loader *load,
                      struct settings *s)
{
    const struct table_group root = {settings_top_keys, SETTINGS_TOP_KEYS, root_others};
    int r = table_group_read(file, config_root(file->config), &root, s);
    if (r == 0)
        r = zone_read(file, load, s);
    if (r == 0)
        r = settings_collector_read(file, &s->collector);
    if (r == 0)
        r = settings_mail_read(file, &s->mail);
    return r == 0 ? settings_book_read(file, s) : r;
}

int settings_read_zoned(struct text text, const char *name, settings_zone_loader *load,
                        struct settings *ret, struct diag *d)
{
    AUTO(config) struct config *config = NULL;
    AUTO(settings) struct settings draft = {.n_lab_networks = 0};
    int r = config_parse(text, name, &config, d);
    if (r < 0)
        return r;
    r = draft_init(&draft);
    if (r == 0)
        r = draft_read(&(struct table_file){config, d}, load, &draft);
    if (r == -ENOMEM)
        return diag_set(d, r, "not enough memory");
    if (r == 0)
        draft_take(&draft, ret);
    return r;
}

int settings_read(struct text text, const char *name, struct settings *ret, struct diag *d)
{
    return settings_read_zoned(text, name, zoneinfo_load, ret, d);
}

void settings_done(struct settings *s)
{
    free(s->lab_networks);
    s->lab_networks = NULL;
    s->n_lab_networks = 0;
    settings_collector_done(&s->collector);
    settings_book_done(&s->policies);
}
