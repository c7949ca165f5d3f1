/*
 * Where the elements of an array stand in a JSON text: one pass over a document that the JSON
 * reader has already found sound. The reader itself finds a place by reading from the start,
 * which is right for one error and too slow for every row.
 */
#include "estate/estate_internal.h"

#include <errno.h>
#include <string.h>

#include "base/grow.h"

struct cursor {
    struct text text;
    size_t at, line, line_start;
};

static char here(const struct cursor *c)
{
    return c->at < c->text.n ? c->text.p[c->at] : '\0';
}

static void step(struct cursor *c)
{
    if (here(c) == '\n') {
        c->line++;
        c->line_start = c->at + 1;
    }
    if (c->at < c->text.n)
        c->at++;
}

static void skip_space(struct cursor *c)
{
    while (here(c) == ' ' || here(c) == '\t' || here(c) == '\n' || here(c) == '\r')
        step(c);
}

/* Gives what stands between the quotes, as it is written. */
static struct text skip_string(struct cursor *c)
{
    size_t from = ++c->at;
    while (c->at < c->text.n && c->text.p[c->at] != '"')
        c->at += c->text.p[c->at] == '\\' ? 2 : 1;
    size_t end = c->at < c->text.n ? c->at : c->text.n;
    c->at = end < c->text.n ? end + 1 : end;
    return (struct text){c->text.p + (from < end ? from : end), from < end ? end - from : 0};
}

static bool ends_scalar(char c)
{
    return c == ',' || c == ']' || c == '}' || c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static void skip_value(struct cursor *c)
{
    size_t depth = 0;
    do {
        skip_space(c);
        char first = here(c);
        if (first == '"') {
            (void)skip_string(c);
        } else if (first == '{' || first == '[') {
            depth++;
            step(c);
        } else if (first == '}' || first == ']') {
            depth--;
            step(c);
        } else if (depth > 0 && (first == ',' || first == ':')) {
            step(c);
        } else {
            while (c->at < c->text.n && !ends_scalar(here(c)) && here(c) != ':')
                step(c);
        }
    } while (depth > 0 && c->at < c->text.n);
}

/* Goes to the value of a member of the object here; false when there is none so written. */
static bool enter_member(struct cursor *c, const char *key)
{
    skip_space(c);
    if (here(c) != '{')
        return false;
    do {
        step(c);
        skip_space(c);
        if (here(c) != '"')
            return false;
        struct text name = skip_string(c);
        skip_space(c);
        step(c); /* the colon */
        skip_space(c);
        if (text_is(name, key))
            return true;
        skip_value(c);
        skip_space(c);
    } while (here(c) == ',');
    return false;
}

static int spots_add(struct spots *s, const struct cursor *c)
{
    int r = grow(&s->v, &s->cap, s->n + 1, sizeof s->v[0], SIZE_MAX);
    if (r < 0)
        return r;
    s->v[s->n++] = (struct spot){(uint32_t)c->line, (uint32_t)(c->at - c->line_start + 1)};
    return 0;
}
static_assert(CAP_ESTATE_BYTES <= UINT32_MAX, "a line and a column fit in 32 bits");

int spots_find(struct text text, const char *const *path, size_t depth, struct spots *ret)
{
    struct cursor c = {.text = text, .line = 1};
    for (size_t i = 0; i < depth; i++)
        if (!enter_member(&c, path[i]))
            return 0;
    if (here(&c) != '[')
        return 0;
    do {
        step(&c);
        skip_space(&c);
        if (here(&c) == ']')
            return 0;
        int r = spots_add(ret, &c);
        if (r < 0)
            return r;
        skip_value(&c);
        skip_space(&c);
    } while (here(&c) == ',');
    return 0;
}

struct estate_place spots_place(const struct spots *s, size_t i, const char *file)
{
    if (i >= s->n)
        return (struct estate_place){file, 1, 1};
    return (struct estate_place){file, s->v[i].line, s->v[i].column};
}

void spots_done(struct spots *s)
{
    free(s->v);
}
