/* Reading the versions of the policy, and what each says for single resellers. */
#include "settings/book.h"

#include <errno.h>
#include <string.h>

#include "os/config.h"
#include "settings/keys.h"

static const char *const version_others[] = {"version", "from", "resellers", NULL};
static const char *const single_others[] = {"license_prefixes", "resellers", NULL};
static const char *const override_others[] = {"reseller", NULL};
static const char *const no_others[] = {NULL};

static struct table_group policy_group(const char *const *others)
{
    return (struct table_group){settings_policy_keys, SETTINGS_POLICY_KEYS, others};
}

/* Where each reseller's changes stand: a group of groups, or a list of groups. By id. */
struct change {
    const char *reseller;
    const struct config_node *node;
    size_t order; /* in the file */
};

struct changes {
    struct change *v;
    size_t n;
    bool is_list; /* each names its reseller by a member */
};

static void changes_done(struct changes *c)
{
    free(c->v);
}

static int compare_changes(const void *a, const void *b)
{
    const struct change *x = a, *y = b;
    int order = strcmp(x->reseller, y->reseller);
    return order != 0 ? order : (x->order > y->order) - (x->order < y->order);
}

static int change_read(const struct table_file *file, const struct config_node *n, bool is_list,
                       struct change *ret)
{
    if (config_kind(n) != CONFIG_GROUP)
        return config_refuse(file->config, n, file->d, "must be a group { … } of settings");
    const struct config_node *name = is_list ? config_find(n, "reseller") : NULL;
    if (is_list && (!name || config_kind(name) != CONFIG_STRING))
        return config_refuse(file->config, name ? name : n, file->d,
                             "must name its reseller: { reseller = \"ID\"; … }");
    ret->reseller = name ? config_string(name) : config_name(n);
    ret->node = n;
    if (!text_is_label(text_of(ret->reseller), CAP_ID))
        return config_refuse(file->config, name ? name : n, file->d,
                             "must be a reseller's id, of 1 to %d bytes", CAP_ID);
    return 0;
}

static int changes_read(const struct table_file *file, const struct config_node *n,
                        struct changes *ret)
{
    if (!n)
        return 0;
    if (config_kind(n) != CONFIG_GROUP && config_kind(n) != CONFIG_LIST)
        return config_refuse(file->config, n, file->d,
                             "must be a group { ID = { … }; } or a list ( { reseller = \"ID\"; "
                             "… } )");
    size_t count = config_count(n);
    if (count > CAP_OVERRIDES)
        return config_refuse(file->config, n, file->d, "names %zu resellers, at most %d may be",
                             count, CAP_OVERRIDES);
    if (count == 0)
        return 0;
    ret->v = calloc(count, sizeof ret->v[0]);
    if (!ret->v)
        return -ENOMEM;
    ret->is_list = config_kind(n) == CONFIG_LIST;
    for (; ret->n < count; ret->n++) {
        ret->v[ret->n].order = ret->n;
        int r = change_read(file, config_child(n, ret->n), ret->is_list, &ret->v[ret->n]);
        if (r < 0)
            return r;
    }
    qsort(ret->v, ret->n, sizeof ret->v[0], compare_changes);
    for (size_t i = 1; i < ret->n; i++)
        if (strcmp(ret->v[i - 1].reseller, ret->v[i].reseller) == 0)
            return config_refuse(file->config, ret->v[i].node, file->d,
                                 "names a reseller that stands here already");
    return 0;
}

static int change_apply(const struct table_file *file, const struct changes *from,
                        const struct change *change, struct policy *p)
{
    struct table_group what = policy_group(from->is_list ? override_others : no_others);
    return table_group_read(file, change->node, &what, p);
}

/* The whole policy of one reseller: the base, the top's changes, the version's own. */
static int override_add(const struct table_file *file, struct policy_version *v,
                        const struct changes *const from[2],
                        const struct change *const change[2])
{
    struct policy_override *o = &v->overrides[v->n_overrides];
    o->policy = v->base;
    for (size_t i = 0; i < 2; i++) {
        int r = change[i] ? change_apply(file, from[i], change[i], &o->policy) : 0;
        if (r < 0)
            return r;
    }
    o->reseller = strdup((change[0] ? change[0] : change[1])->reseller);
    if (!o->reseller)
        return -ENOMEM;
    v->n_overrides++;
    return 0;
}

/* Walks two lists, each by id, side by side. */
static int overrides_read(const struct table_file *file, const struct changes *top,
                          const struct changes *own, struct policy_version *v)
{
    if (top->n + own->n == 0)
        return 0;
    v->overrides = calloc(top->n + own->n, sizeof v->overrides[0]);
    if (!v->overrides)
        return -ENOMEM;
    const struct changes *const from[2] = {top, own};
    for (size_t i = 0, k = 0; i < top->n || k < own->n;) {
        int order = i == top->n   ? 1
                    : k == own->n ? -1
                                  : strcmp(top->v[i].reseller, own->v[k].reseller);
        const struct change *const both[2] = {order <= 0 ? &top->v[i] : NULL,
                                              order >= 0 ? &own->v[k] : NULL};
        int r = override_add(file, v, from, both);
        if (r < 0)
            return r;
        i += order <= 0;
        k += order >= 0;
    }
    return 0;
}

static int version_name_read(const struct table_file *file, const struct config_node *group,
                             struct policy_version *v)
{
    const struct config_node *n = config_find(group, "version");
    struct text t =
        n && config_kind(n) == CONFIG_STRING ? text_of(config_string(n)) : (struct text){"", 0};
    if (!text_is_label(t, CAP_VERSION))
        return config_refuse(file->config, n ? n : group, file->d,
                             "must have a version = \"NAME\" of 1 to %d bytes", CAP_VERSION);
    memcpy(v->version, t.p, t.n);
    return 0;
}

static int version_from_read(const struct table_file *file, const struct config_node *group,
                             const struct zone *zone, struct policy_version *v)
{
    const struct config_node *n = config_find(group, "from");
    int64_t days;
    if (!n || config_kind(n) != CONFIG_STRING ||
        civil_parse(text_of(config_string(n)), &days) < 0)
        return config_refuse(file->config, n ? n : group, file->d,
                             "must have a from = \"YYYY-MM-DD\", the day it begins");
    v->from = zone_day_start(zone, days);
    return 0;
}

/* What every version needs to know of the file. */
struct book_draft {
    const struct table_file *file;
    struct settings *s;
    struct changes top;
};

static int version_read(const struct book_draft *b, const struct config_node *group,
                        const char *const *others, struct policy_version *v)
{
    struct table_group what = policy_group(others);
    AUTO(changes) struct changes own = {.n = 0};
    int r = table_group_read(b->file, group, &what, &v->base);
    if (r == 0)
        r = changes_read(b->file, config_find(group, "resellers"), &own);
    return r == 0 ? overrides_read(b->file, &b->top, &own, v) : r;
}

static int single_read(const struct book_draft *b, const struct config_node *group)
{
    const struct config_node *root = config_root(b->file->config);
    const struct config_node *prefixes = config_find(group, "license_prefixes");
    if (prefixes && config_find(root, "license_prefixes"))
        return config_refuse(b->file->config, prefixes, b->file->d,
                             "stands at the top of the file already");
    if (prefixes) {
        const struct table_key *key =
            table_find(settings_top_keys, SETTINGS_TOP_KEYS, "license_prefixes");
        int r = table_value_read(b->file, prefixes, key, b->s);
        if (r < 0)
            return r;
    }
    return version_read(b, group, single_others, &b->s->policies.versions[0]);
}

static int version_check_unique(const struct book_draft *b, const struct config_node *group)
{
    const struct policy_book *book = &b->s->policies;
    const struct policy_version *last = &book->versions[book->n - 1];
    for (size_t i = 0; i + 1 < book->n; i++) {
        if (strcmp(book->versions[i].version, last->version) == 0)
            return config_refuse(b->file->config, config_find(group, "version"), b->file->d,
                                 "is the name of an earlier version in this list");
        if (book->versions[i].from.s == last->from.s)
            return config_refuse(b->file->config, config_find(group, "from"), b->file->d,
                                 "is the day on which another version in this list begins");
    }
    return 0;
}

static int compare_versions(const void *a, const void *b)
{
    const struct policy_version *x = a, *y = b;
    return (x->from.s > y->from.s) - (x->from.s < y->from.s);
}

static int list_read(const struct book_draft *b, const struct config_node *list)
{
    struct policy_book *book = &b->s->policies;
    size_t count = config_count(list);
    if (count == 0 || count > CAP_POLICIES)
        return config_refuse(b->file->config, list, b->file->d,
                             "must hold 1 to %d versions, each a group { version = …; from = "
                             "…; }",
                             CAP_POLICIES);
    struct policy_version *versions = calloc(count, sizeof versions[0]);
    if (!versions)
        return -ENOMEM;
    settings_book_done(book);
    *book = (struct policy_book){.versions = versions};
    for (size_t i = 0; i < count; i++) {
        const struct config_node *group = config_child(list, i);
        struct policy_version *v = &versions[book->n++];
        policy_init(&v->base);
        if (config_kind(group) != CONFIG_GROUP)
            return config_refuse(b->file->config, group, b->file->d,
                                 "must be a group { version = …; from = …; }");
        int r = version_name_read(b->file, group, v);
        if (r == 0)
            r = version_from_read(b->file, group, &b->s->zone, v);
        if (r == 0)
            r = version_check_unique(b, group);
        if (r == 0)
            r = version_read(b, group, version_others, v);
        if (r < 0)
            return r;
    }
    qsort(book->versions, book->n, sizeof book->versions[0], compare_versions);
    return 0;
}

static void book_draft_done(struct book_draft *b)
{
    changes_done(&b->top);
}

int settings_book_read(const struct table_file *file, struct settings *s)
{
    const struct config_node *root = config_root(file->config);
    const struct config_node *policy = config_find(root, "policy");
    const struct config_node *policies = config_find(root, "policies");
    AUTO(book_draft) struct book_draft b = {.file = file, .s = s};
    if (policy && policies)
        return config_refuse(file->config, policies, file->d,
                             "stands beside `policy`: one of them is enough");
    int r = changes_read(file, config_find(root, "resellers"), &b.top);
    if (r < 0)
        return r;
    const struct config_node *n = policy ? policy : policies;
    if (!n)
        return overrides_read(file, &b.top, &(struct changes){.n = 0},
                              &s->policies.versions[0]);
    if (config_kind(n) == CONFIG_LIST)
        return list_read(&b, n);
    if (config_kind(n) == CONFIG_GROUP && n == policy)
        return single_read(&b, n);
    return config_refuse(file->config, n, file->d,
                         "must be a list ( { version = …; from = …; }, … ) of versions%s",
                         n == policy ? ", or one group { … }" : "");
}

int settings_book_init(struct policy_book *b)
{
    struct policy_version *v = calloc(1, sizeof *v);
    if (!v)
        return -ENOMEM;
    v->version[0] = '1';
    v->from = WALL_BEGIN;
    policy_init(&v->base);
    *b = (struct policy_book){.versions = v, .n = 1};
    return 0;
}

void settings_book_done(struct policy_book *b)
{
    for (size_t i = 0; i < b->n; i++) {
        for (size_t k = 0; k < b->versions[i].n_overrides; k++)
            free((char *)b->versions[i].overrides[k].reseller);
        free(b->versions[i].overrides);
    }
    free(b->versions);
    *b = (struct policy_book){.n = 0};
}
