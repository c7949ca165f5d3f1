/* The group `mail`: its defaults, reading it, what must fit together. */
#include "settings/mail_group.h"

#include <string.h>

#include "os/config.h"
#include "settings/keys.h"

static const char *const no_others[] = {NULL};

void settings_mail_init(struct settings_mail *m)
{
    static const char name[] = "Fair use";
    const int64_t minute = 60, day = 86400;
    memset(m, 0, sizeof *m);
    memcpy(m->from_name, name, sizeof name);
    m->tls = SETTINGS_MAIL_TLS_REQUIRED;
    m->timeout = (dur_t){5 * minute};
    m->retry_first = (dur_t){minute};
    m->retry_most = (dur_t){60 * minute};
    m->give_up = (dur_t){3 * day};
    m->remind = (dur_t){3 * day};
}

/* The group, and where its errors go. */
struct place {
    const struct table_file *file;
    const struct config_node *group;
};

/* Where to point: at the first of two keys that stands in the file. */
static const struct config_node *place_of(const struct place *p, const char *a, const char *b)
{
    const struct config_node *n = config_find(p->group, a);
    if (!n)
        n = config_find(p->group, b);
    return n ? n : p->group;
}

/* That there is one way, and that it can be gone. */
static int check_way(const struct place *p, const struct settings_mail *m)
{
    const struct config *config = p->file->config;
    bool has_user = m->user[0] != '\0', has_password = m->password_file[0] != '\0';
    if (m->url[0] && m->sendmail[0])
        return config_refuse(config, place_of(p, "sendmail", "url"), p->file->d,
                             "there is `url` too: mail goes one way, by a server or by a "
                             "program");
    if (has_user != has_password)
        return config_refuse(config, config_find(p->group, has_user ? "user" : "password_file"),
                             p->file->d, "needs `%s` beside it: both are set, or neither",
                             has_user ? "password_file" : "user");
    if (has_user && m->tls == SETTINGS_MAIL_TLS_NEVER)
        return config_refuse(config, place_of(p, "tls", "user"), p->file->d,
                             "must be \"required\": a password never goes in clear");
    if (strncmp(m->url, "smtps:", 6) == 0 && m->tls == SETTINGS_MAIL_TLS_NEVER)
        return config_refuse(config, place_of(p, "tls", "url"), p->file->d,
                             "must be \"required\": smtps:// is TLS");
    return 0;
}

static int check_times(const struct place *p, const struct settings_mail *m)
{
    char most[DUR_TEXT_SIZE];
    const char *low = "retry_first", *high = "retry_most";
    dur_t limit = m->retry_most;
    if (m->retry_first.s <= m->retry_most.s) {
        if (m->retry_most.s <= m->give_up.s)
            return 0;
        low = "retry_most";
        high = "give_up";
        limit = m->give_up;
    }
    return config_refuse(p->file->config, place_of(p, low, high), p->file->d,
                         "`%s` must be at most `%s`, which is %s", low, high,
                         dur_format(limit, most));
}

int settings_mail_read(const struct table_file *file, struct settings_mail *m)
{
    const struct table_group what = {settings_mail_keys, SETTINGS_MAIL_KEYS, no_others};
    const struct config_node *group = config_find(config_root(file->config), "mail");
    if (!group)
        return 0;
    if (config_kind(group) != CONFIG_GROUP)
        return config_refuse(file->config, group, file->d, "must be a group { … } of settings");
    struct place p = {file, group};
    int r = table_group_read(file, group, &what, m);
    if (r == 0)
        r = check_way(&p, m);
    return r == 0 ? check_times(&p, m) : r;
}
