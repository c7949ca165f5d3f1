/* Reads a configuration text by its tokens, as libconfig's scanner would. */
#include "os/config_scan.h"

#include "base/ckd.h"

#include <errno.h>
#include <string.h>

enum { NESTING_MOST = 32 };

struct scan {
    struct text rest;
    size_t line;
    char before;             /* the character that ended the last token; '"' after a string */
    char open[NESTING_MOST]; /* the brackets not yet closed */
    size_t depth;
};

static bool starts_with(struct text t, const char *s)
{
    size_t n = strlen(s);
    return t.n >= n && memcmp(t.p, s, n) == 0;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_name_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || is_digit(c) || c == '_' ||
           c == '-' || c == '*';
}

static bool is_blank(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

/* Steps over n bytes, counting lines. */
static void skip(struct scan *s, size_t n)
{
    for (size_t i = 0; i < n; i++)
        s->line += s->rest.p[i] == '\n';
    s->rest = (struct text){s->rest.p + n, s->rest.n - n};
}

/* Steps over all up to and including `end`; false when the text ends first. */
static bool skip_past(struct scan *s, const char *end)
{
    while (s->rest.n > 0 && !starts_with(s->rest, end))
        skip(s, 1);
    bool is_there = s->rest.n > 0;
    skip(s, is_there ? strlen(end) : 0);
    return is_there;
}

static void skip_name(struct scan *s)
{
    while (s->rest.n > 0 && is_name_char(s->rest.p[0]))
        skip(s, 1);
    s->before = 'a';
}

/* A string is a value: behind = or :, in a list, or behind another, which it continues. */
static bool string_may_stand(const struct scan *s)
{
    if (s->before == ',') {
        char open = s->depth > 0 ? s->open[s->depth - 1] : '\0';
        return open == '(' || open == '[';
    }
    return strchr("=:([\"", s->before) != NULL;
}

static const char *scan_string(struct scan *s)
{
    if (!string_may_stand(s))
        return "a string where none can stand (is a ; missing before it?)";
    skip(s, 1);
    while (s->rest.n > 0 && s->rest.p[0] != '"')
        skip(s, s->rest.p[0] == '\\' && s->rest.n > 1 ? 2 : 1);
    if (s->rest.n == 0)
        return "the string is not closed";
    skip(s, 1);
    s->before = '"';
    return NULL;
}

static int digit_value(char c)
{
    if (is_digit(c))
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : 16;
}

/* An unsigned number, decimal or 0x, with L behind it where it has 64 bits. */
static const char *scan_number(struct scan *s)
{
    bool is_hex = starts_with(s->rest, "0x") || starts_with(s->rest, "0X");
    int base = is_hex ? 16 : 10;
    bool fits = true;
    int64_t v = 0;
    skip(s, is_hex ? 2 : 0);
    for (; s->rest.n > 0 && digit_value(s->rest.p[0]) < base; skip(s, 1))
        fits =
            fits && ckd_mul_i64(v, base, &v) && ckd_add_i64(v, digit_value(s->rest.p[0]), &v);
    s->before = '0';
    if (starts_with(s->rest, "."))
        return NULL; /* no integer at all */
    bool is_wide = starts_with(s->rest, "L");
    while (starts_with(s->rest, "L"))
        skip(s, 1);
    if (fits && (is_wide || v <= INT32_MAX))
        return NULL;
    return "the integer is too large (above 2147483647 it needs an L behind it)";
}

static const char *scan_mark(struct scan *s)
{
    char c = s->rest.p[0];
    bool opens = strchr("([{", c) != NULL;
    if (opens && s->depth == NESTING_MOST)
        return "nested too deeply";
    if (opens)
        s->open[s->depth++] = c;
    else if (strchr(")]}", c) && s->depth > 0)
        s->depth--; /* whether it is the right one is libconfig's question */
    s->before = c;
    skip(s, 1);
    return NULL;
}

/* One token, comment or blank; never at a NUL. NULL, or what is wrong with it. */
static const char *scan_token(struct scan *s)
{
    char c = s->rest.p[0];
    if (is_blank(c)) {
        skip(s, 1);
    } else if (c == '#' || starts_with(s->rest, "//")) {
        (void)skip_past(s, "\n"); /* the last line may lack its newline */
    } else if (starts_with(s->rest, "/*")) {
        skip(s, 2);
        return skip_past(s, "*/") ? NULL : "the comment is not closed";
    } else if (c == '"') {
        return scan_string(s);
    } else if (starts_with(s->rest, "@include")) {
        return "@include is not allowed: the configuration is one file";
    } else if (is_digit(c)) {
        return scan_number(s);
    } else if (c == '.') {
        skip(s, 1); /* a fraction of a float: its digits are no integer */
        skip_name(s);
    } else if (is_name_char(c) && c != '-') {
        skip_name(s);
    } else {
        return scan_mark(s);
    }
    return NULL;
}

/* The number of the first line that is not UTF-8; 0 where all are. */
static size_t find_not_utf8(struct text text)
{
    for (size_t line = 1; text.n > 0; line++) {
        const char *newline = memchr(text.p, '\n', text.n);
        size_t n = newline ? (size_t)(newline - text.p) + 1 : text.n;
        if (memchr(text.p, '\0', n) || !text_is_utf8((struct text){text.p, n}))
            return line;
        text = (struct text){text.p + n, text.n - n};
    }
    return 0;
}

int config_scan(struct text text, const char *name, struct diag *d)
{
    size_t line = find_not_utf8(text);
    if (line > 0)
        return diag_set(d, -EBADMSG, "%s:%zu: not UTF-8 text", name, line);
    struct scan s = {.rest = text, .line = 1, .before = ';'};
    while (s.rest.n > 0) {
        line = s.line;
        const char *wrong = scan_token(&s);
        if (wrong)
            return diag_set(d, -EBADMSG, "%s:%zu: %s", name, line, wrong);
    }
    return 0;
}
