/* Claims about what is refused before libconfig reads it. */
#include "support/leak.h"

#include "os/config.h"
#include "os/config_scan.h"

#include <errno.h>
#include <string.h>

SUITE(config_scan);

static const struct {
    struct text text;
    const char *message; /* how it begins */
    const char *why;
} refused[] = {
#define T(s)                                                                                   \
    {                                                                                          \
        (s), sizeof(s) - 1                                                                     \
    }
    {T("a = 1;\n@include \"/etc/passwd\"\n"), "f.conf:2: @include", "another file"},
    {T("  @include \"/etc/passwd\"\n"), "f.conf:1: @include", "another file, indented"},
    {T("/* x */ @include \"y\"\n"), "f.conf:1: @include", "behind a comment"},
    {T("s = \"a\\\"\";\n@include \"y\"\n"), "f.conf:2: @include", "behind an escaped quote"},
    {T("s = \"\\\\\";\n@include \"y\"\n"), "f.conf:2: @include", "behind an escaped backslash"},
    {T("a = 2147483648;"), "f.conf:1: the integer is too large", "2^31 would be negative"},
    {T("a = 1;\n\nb = -2147483649;"), "f.conf:3: the integer is too large",
     "would be positive"},
    {T("a = 4294967296;"), "f.conf:1: the integer is too large", "2^32 would be 0"},
    {T("a = 0xffffffff;"), "f.conf:1: the integer is too large", "would be -1"},
    {T("a = 9223372036854775808L;"), "f.conf:1: the integer is too large", "2^63"},
    {T("a = 99999999999999999999999999LL;"), "f.conf:1: the integer is too large",
     "far beyond"},
    {T("a = [1, 2,\n 99999999999];"), "f.conf:2: the integer is too large", "within an array"},
    {T("a = 1;\nb = \"x\0y\";"), "f.conf:2: not UTF-8 text", "a NUL"},
    {T("a = 1;\0b = 2;"), "f.conf:1: not UTF-8 text", "what stands behind a NUL"},
    {T("a = 1;\nb = \"\xff\";"), "f.conf:2: not UTF-8 text", "Latin-1"},
    {T("a = 1;\nb = \"x;\n"), "f.conf:2: the string is not closed", "up to the end"},
    {T("a = \"x\" \"y"), "f.conf:1: the string is not closed", "the second one"},
    {T("a = \"x\\"), "f.conf:1: the string is not closed", "a backslash at the end"},
    {T("a = 1;\n/* b = 2;\n"), "f.conf:2: the comment is not closed", "up to the end"},
    {T("a = 1;\n/*/"), "f.conf:2: the comment is not closed", "not closed by its own star"},
    {T("a = 1 \"x\";"), "f.conf:1: a string where none can stand", "behind a number"},
    {T("a = b \"x\";"), "f.conf:1: a string where none can stand", "behind a name"},
    {T("a = 1;\n\"x\" = 2;"), "f.conf:2: a string where none can stand", "as a name"},
    {T("\"x\""), "f.conf:1: a string where none can stand", "at the start"},
    {T("a = \"x\", \"y\";"), "f.conf:1: a string where none can stand",
     "a comma ends a setting"},
    {T("a = { \"x\" };"), "f.conf:1: a string where none can stand", "a group has names"},
    {T("a = {b = 1, \"x\"};"), "f.conf:1: a string where none can stand", "a group has names"},
    {T("((((((((((((((((((((((((((((((((("), "f.conf:1: nested too deeply", "33 deep"},
#undef T
};

Test(config_scan, refuses_with_file_and_line)
{
    for (size_t i = 0; i < ARRAY_LEN(refused); i++) {
        struct diag d = {""};
        cr_expect_eq(config_scan(refused[i].text, "f.conf", &d), -EBADMSG, "%s",
                     refused[i].why);
        cr_expect_eq(strncmp(d.text, refused[i].message, strlen(refused[i].message)), 0,
                     "%s: %s", refused[i].why, d.text);
    }
}

/* What libconfig reads rightly is none of its business. */
static const char *const sound[] = {
    "",
    "# @include \"/etc/passwd\"\n",
    "# without a newline",
    "// @include \"/etc/passwd\"\n",
    "/*\n@include \"/etc/passwd\"\n99999999999 */\n",
    "s = \"\n@include \\\"/etc/passwd\\\"\n99999999999\n\";\n",
    "# 99999999999\na = 2147483647;",
    "a = -2147483647; b = 9223372036854775807L; c = 0x7fffffff; d = 0xffffffffL;",
    "name-99999999999 = 1;",
    "x99999999999 = 1;",
    "f = 1.99999999999;",
    "f = .99999999999;",
    "f = 12345678901.5e-3;",
    "s = \"//\"; t = \"/*\"; u = \"#\"; v = \"\";",
    "s = \"a\" \"b\"\n /* c */ \"d\";",
    "s: \"a\"; t: [\"a\", \"b\"]; u = (\"a\", [\"b\", \"c\"], {v = \"x\"}, \"d\");",
    "a = ((((((((((((((((((((((((((((((((1))))))))))))))))))))))))))))))));", /* 32 deep */
};

Test(config_scan, leaves_sound_text_alone)
{
    for (size_t i = 0; i < ARRAY_LEN(sound); i++) {
        struct config *c = NULL;
        struct diag d = {""};
        cr_expect_eq(config_scan(text_of(sound[i]), "f.conf", &d), 0, "%s: %s", sound[i],
                     d.text);
        cr_expect_eq(config_parse(text_of(sound[i]), "f.conf", &c, &d), 0, "%s: %s", sound[i],
                     d.text);
        config_free(c);
    }
}
