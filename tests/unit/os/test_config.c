/* Claims about configuration text. */
#include "support/leak.h"
#include "support/seed.h"

#include "os/config.h"

#include <errno.h>
#include <string.h>

SUITE(config);

static struct config *parse(const char *text)
{
    struct config *c = NULL;
    struct diag d = {""};
    cr_assert_eq(config_parse(text_of(text), "f.conf", &c, &d), 0, "%s", d.text);
    return c;
}

static const struct config_node *find(const struct config *c, const char *name)
{
    const struct config_node *n = config_find(config_root(c), name);
    cr_assert_not_null(n, "%s", name);
    return n;
}

Test(config, every_kind_of_value_is_read)
{
    AUTO(config)
    struct config *c = parse("text = \"caf\xc3\xa9\";\n"
                             "number = -42;\n"
                             "wide = 9223372036854775807L;\n"
                             "hex = 0x7fffffff;\n"
                             "yes = true;\n"
                             "no = false;\n"
                             "real = 1.5;\n"
                             "array = [\"a\", \"b\"];\n"
                             "list = (1, \"x\", { y = 2; });\n"
                             "group: { inner = 7; };\n");
    cr_expect_eq(config_kind(config_root(c)), CONFIG_GROUP);
    cr_expect_eq(config_count(config_root(c)), 10);
    cr_expect_str_eq(config_string(find(c, "text")), "caf\xc3\xa9");
    cr_expect_eq(config_int(find(c, "number")), -42);
    cr_expect_eq(config_int(find(c, "wide")), INT64_MAX);
    cr_expect_eq(config_int(find(c, "hex")), INT32_MAX);
    cr_expect(config_bool(find(c, "yes")));
    cr_expect_not(config_bool(find(c, "no")));
    cr_expect_eq(config_kind(find(c, "real")), CONFIG_FLOAT);
    cr_expect_eq(config_kind(find(c, "array")), CONFIG_LIST);
    cr_expect_eq(config_count(find(c, "array")), 2);
    cr_expect_str_eq(config_string(config_child(find(c, "array"), 1)), "b");
    cr_expect_eq(config_kind(find(c, "list")), CONFIG_LIST);
    cr_expect_eq(config_count(find(c, "list")), 3);
    const struct config_node *last = config_child(find(c, "list"), 2);
    cr_expect_eq(config_kind(last), CONFIG_GROUP);
    cr_expect_str_eq(config_name(last), "");
    cr_expect_eq(config_int(config_find(last, "y")), 2);
    const struct config_node *inner = config_find(find(c, "group"), "inner");
    cr_expect_str_eq(config_name(inner), "inner");
    cr_expect_eq(config_int(inner), 7);
}

Test(config, what_is_not_there_is_not_found)
{
    AUTO(config) struct config *c = parse("a: { b = 1; };");
    cr_expect_null(config_find(config_root(c), "b"));
    cr_expect_null(config_find(config_root(c), "a.b"), "a name, not a path");
    cr_expect_null(config_find(config_root(c), ""));
    cr_expect_null(config_find(find(c, "a"), "a"));
}

Test(config, nothing_is_an_empty_group)
{
    AUTO(config) struct config *c = parse("");
    cr_expect_eq(config_count(config_root(c)), 0);
    AUTO(config) struct config *comment = parse("# nothing\n// here\n/* either\n */");
    cr_expect_eq(config_count(config_root(comment)), 0);
    struct config *none = NULL;
    struct diag d = {""};
    cr_expect_eq(config_parse((struct text){NULL, 0}, "f.conf", &none, &d), 0);
    config_free(none);
    config_free(NULL);
}

static const struct {
    const char *text;
    const char *message; /* how it begins */
    const char *why;
} refused[] = {
    {"a = 1;\nb = ;\n", "f.conf:2: syntax error", "syntax"},
    {"a = {\nb = 1;\n", "f.conf:3: ", "an open group, at the end"},
    {"a = 1;\na = 2;", "f.conf:2: duplicate setting name", "a name twice"},
    {"a = [1, \"x\"];", "f.conf:1: ", "an array of two types"},
    {"a = 1;\n@include \"/etc/passwd\"\n", "f.conf:2: @include", "the scan's part"},
    {"a = 1;\nb = 2147483648;", "f.conf:2: the integer is too large", "the scan's part"},
};

Test(config, what_is_refused_is_named_by_file_and_line)
{
    for (size_t i = 0; i < ARRAY_LEN(refused); i++) {
        struct config *c = NULL;
        struct diag d = {""};
        cr_expect_eq(config_parse(text_of(refused[i].text), "f.conf", &c, &d), -EBADMSG, "%s",
                     refused[i].why);
        cr_expect_null(c, "%s", refused[i].why);
        cr_expect_eq(strncmp(d.text, refused[i].message, strlen(refused[i].message)), 0,
                     "%s: %s", refused[i].why, d.text);
        config_free(c);
    }
}

Test(config, a_value_is_refused_with_file_line_and_key)
{
    AUTO(config)
    struct config *c = parse("a = 1;\npolicy: {\n  grace = \"x\";\n};\n"
                             "nets = (\"a\",\n \"b\");\n");
    struct diag d = {""};
    const struct config_node *grace = config_find(find(c, "policy"), "grace");
    cr_expect_eq(config_refuse(c, grace, &d, "%s is no duration", "\"x\""), -EBADMSG);
    cr_expect_str_eq(d.text, "f.conf:3: grace: \"x\" is no duration");
    cr_expect_eq(config_refuse(c, config_child(find(c, "nets"), 1), &d, "bad"), -EBADMSG);
    cr_expect_str_eq(d.text, "f.conf:6: nets[1]: bad");
    cr_expect_eq(config_refuse(c, config_root(c), &d, "store is missing"), -EBADMSG);
    cr_expect_not_null(strstr(d.text, "f.conf:"), "%s", d.text);
    cr_expect_not_null(strstr(d.text, ": store is missing"), "%s", d.text);
}

Test(config, damaged_text_is_refused_or_read_and_never_more)
{
    static const char sound[] =
        "store = \"sqlite:/var/lib/x\";\nlab_networks = [\"10.0.0.0/8\"];\n"
        "policy: { grace = \"14d\"; n = 4; big = 5000000000L; on = true; };\n"
        "/* c */ # d\nstrikes = (1, 3, 0x6);\n";
    struct rng rng = {seed_now()};
    for (int i = 0; i < 20000; i++) {
        char bytes[sizeof sound];
        memcpy(bytes, sound, sizeof sound);
        size_t n = rng_damage(&rng, bytes, sizeof sound - 1);
        struct config *c = NULL;
        struct diag d = {""};
        int r = config_parse((struct text){bytes, n}, "f.conf", &c, &d);
        cr_assert(r == 0 || (r == -EBADMSG && strncmp(d.text, "f.conf:", 7) == 0), "%s",
                  d.text);
        cr_assert_eq(c != NULL, r == 0);
        config_free(c);
    }
}
