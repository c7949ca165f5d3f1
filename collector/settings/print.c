/* Printing settings: for people in the file's own grammar, and canonical for a digest. */
#include "settings/keys.h"

#include <inttypes.h>
#include <string.h>

static void print_policy(const struct policy *p, struct buf *out, int depth)
{
    table_print(settings_policy_keys, SETTINGS_POLICY_KEYS, p, out, depth);
}

/* A list with the ids as texts: a group's names could not hold every id. */
static void print_overrides(const struct policy_version *v, struct buf *out, int depth)
{
    if (v->n_overrides == 0)
        return;
    table_print_indent(out, depth);
    buf_add_str(out, "resellers = (\n");
    for (size_t i = 0; i < v->n_overrides; i++) {
        table_print_indent(out, depth + 1);
        buf_add_str(out, "{\n");
        table_print_indent(out, depth + 2);
        buf_add_str(out, "reseller = ");
        table_text_print(v->overrides[i].reseller, out);
        buf_add_str(out, ";\n");
        print_policy(&v->overrides[i].policy, out, depth + 2);
        table_print_indent(out, depth + 1);
        buf_add_str(out, i + 1 < v->n_overrides ? "},\n" : "}\n");
    }
    table_print_indent(out, depth);
    buf_add_str(out, ");\n");
}

static void print_version(const struct zone *zone, const struct policy_version *v,
                          struct buf *out)
{
    int64_t year;
    int month, day;
    civil_from_days(zone_date_at(zone, v->from), &year, &month, &day);
    buf_add_str(out, "    {\n        version = ");
    table_text_print(v->version, out);
    buf_printf(out, ";\n        from = \"%04" PRId64 "-%02d-%02d\"; # a day in the time zone\n",
               year, month, day);
    print_policy(&v->base, out, 2);
    print_overrides(v, out, 2);
    buf_add_str(out, "    }");
}

static bool is_single(const struct policy_book *b)
{
    return b->n == 1 && b->versions[0].from.s == WALL_BEGIN.s;
}

void settings_print(const struct settings *s, struct buf *out)
{
    table_print(settings_top_keys, SETTINGS_TOP_KEYS, s, out, 0);
    buf_add_str(out, "collector = {\n");
    table_print(settings_collector_keys, SETTINGS_COLLECTOR_KEYS, &s->collector, out, 1);
    buf_add_str(out, "};\n");
    buf_add_str(out, "mail = {\n");
    table_print(settings_mail_keys, SETTINGS_MAIL_KEYS, &s->mail, out, 1);
    buf_add_str(out, "};\n");
    if (is_single(&s->policies)) {
        buf_add_str(out, "policy = {\n");
        print_policy(&s->policies.versions[0].base, out, 1);
        print_overrides(&s->policies.versions[0], out, 1);
        buf_add_str(out, "};\n");
        return;
    }
    buf_add_str(out, "policies = (\n");
    for (size_t i = 0; i < s->policies.n; i++) {
        print_version(&s->zone, &s->policies.versions[i], out);
        buf_add_str(out, i + 1 < s->policies.n ? ",\n" : "\n");
    }
    buf_add_str(out, ");\n");
}

/* The top's keys that can change what is due: where things are kept cannot. */
static bool changes_money(const struct table_key *key)
{
    static const char *const harmless[] = {"store", "retention", "signing_key"};
    for (size_t i = 0; i < ARRAY_LEN(harmless); i++)
        if (strcmp(key->name, harmless[i]) == 0)
            return false;
    return true;
}

static void print_pair(const struct table_key *key, const void *base, struct buf *out)
{
    buf_printf(out, " %s=", key->name);
    table_value_print(key, base, out);
}

static void print_line(const struct policy_version *v, const char *reseller,
                       const struct policy *p, struct buf *out)
{
    char from[WALL_TEXT_SIZE];
    buf_add_str(out, "policy version=");
    table_text_print(v->version, out);
    buf_printf(out, " from=%s", wall_format(v->from, from));
    if (reseller) {
        buf_add_str(out, " reseller=");
        table_text_print(reseller, out);
    }
    for (size_t i = 0; i < SETTINGS_POLICY_KEYS; i++)
        print_pair(&settings_policy_keys[i], p, out);
    buf_add_char(out, '\n');
}

void settings_policy_text(const struct settings *s, struct buf *out)
{
    buf_add_str(out, "settings");
    for (size_t i = 0; i < SETTINGS_TOP_KEYS; i++)
        if (changes_money(&settings_top_keys[i]))
            print_pair(&settings_top_keys[i], s, out);
    buf_add_char(out, '\n');
    for (size_t i = 0; i < s->policies.n; i++) {
        const struct policy_version *v = &s->policies.versions[i];
        print_line(v, NULL, &v->base, out);
        for (size_t k = 0; k < v->n_overrides; k++)
            print_line(v, v->overrides[k].reseller, &v->overrides[k].policy, out);
    }
}
