/* The scanner that gives errors their line and column. */
#include "json/json_locate.h"

#include "json/json.h"

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static bool is_mark(char c)
{
    return c == '{' || c == '}' || c == '[' || c == ']' || c == ',' || c == ':';
}

/* The offset after the string whose opening quote is at `pos`. */
static size_t string_end(struct text raw, size_t pos)
{
    for (pos++; pos < raw.n && raw.p[pos] != '"'; pos++) {
        if (raw.p[pos] == '\\')
            pos++;
    }
    return pos < raw.n ? pos + 1 : raw.n;
}

static size_t token_end(struct text raw, size_t pos)
{
    if (raw.p[pos] == '"')
        return string_end(raw, pos);
    if (is_mark(raw.p[pos]))
        return pos + 1;
    while (pos < raw.n && !is_space(raw.p[pos]) && !is_mark(raw.p[pos]) && raw.p[pos] != '"')
        pos++;
    return pos;
}

static size_t skip_space(struct text raw, size_t pos)
{
    while (pos < raw.n && is_space(raw.p[pos]))
        pos++;
    return pos;
}

/* The innermost level if it is an object whose next member's key is still to come. */
static struct json_turn *awaits_key(struct json_trail *t)
{
    struct json_turn *top = t->depth > 0 ? &t->turn[t->depth - 1] : NULL;
    return top != NULL && top->is_object && top->key.p == NULL ? top : NULL;
}

/* Follows one token; false when it would lead deeper than the cap. */
static bool trail_follow(struct json_trail *t, struct text token)
{
    struct json_turn *object = awaits_key(t);
    switch (token.p[0]) {
    case '{':
    case '[':
        if (t->depth == CAP_JSON_DEPTH)
            return false;
        t->turn[t->depth++] = (struct json_turn){.is_object = token.p[0] == '{'};
        break;
    case '}':
    case ']':
        if (t->depth > 0)
            t->depth--;
        break;
    case ',':
        if (t->depth > 0) {
            t->turn[t->depth - 1].ordinal++;
            t->turn[t->depth - 1].key = (struct text){.p = NULL};
        }
        break;
    case '"':
        if (object != NULL && token.n >= 2)
            object->key = (struct text){token.p + 1, token.n - 2};
        break;
    default: break; /* a colon, or a scalar: the place stays the same */
    }
    return true;
}

struct text json_locate_token(struct text raw, size_t *pos)
{
    *pos = skip_space(raw, *pos);
    while (*pos < raw.n && (raw.p[*pos] == ',' || raw.p[*pos] == ':'))
        *pos = skip_space(raw, *pos + 1);
    size_t start = *pos;
    *pos = start < raw.n ? token_end(raw, start) : start;
    return (struct text){raw.p + start, *pos - start};
}

bool json_locate_deep(struct text raw, size_t *ret_offset)
{
    struct json_trail t = {.depth = 0};
    size_t end;
    for (size_t pos = skip_space(raw, 0); pos < raw.n; pos = skip_space(raw, end)) {
        end = token_end(raw, pos);
        if (!trail_follow(&t, (struct text){raw.p + pos, end - pos})) {
            *ret_offset = pos;
            return true;
        }
    }
    return false;
}

size_t json_count_opened(struct text text)
{
    size_t count = 0;
    for (size_t pos = 0; pos < text.n;) {
        count += text.p[pos] == '{' || text.p[pos] == '[';
        pos = text.p[pos] == '"' ? string_end(text, pos) : pos + 1;
    }
    return count;
}

void json_locate_trail(struct text raw, size_t limit, struct json_trail *ret)
{
    *ret = (struct json_trail){.depth = 0};
    size_t end;
    for (size_t pos = skip_space(raw, 0); pos < raw.n && pos < limit;
         pos = skip_space(raw, end)) {
        end = token_end(raw, pos);
        ret->last = pos;
        if (!trail_follow(ret, (struct text){raw.p + pos, end - pos}))
            return;
    }
}

/* Whether the next token, which begins with `c`, is the value at these ordinals. */
static bool trail_is_at(struct json_trail *t, char c, const size_t *ordinals, size_t n)
{
    if (t->depth != n || awaits_key(t) != NULL || c == '}' || c == ']' || c == ',' || c == ':')
        return false;
    for (size_t i = 0; i < n; i++) {
        if (t->turn[i].ordinal != ordinals[i])
            return false;
    }
    return true;
}

size_t json_locate_value(struct text raw, const size_t *ordinals, size_t n)
{
    struct json_trail t = {.depth = 0};
    size_t end;
    for (size_t pos = skip_space(raw, 0); pos < raw.n; pos = skip_space(raw, end)) {
        if (trail_is_at(&t, raw.p[pos], ordinals, n))
            return pos;
        end = token_end(raw, pos);
        if (!trail_follow(&t, (struct text){raw.p + pos, end - pos}))
            break;
    }
    return raw.n;
}

void json_locate_place(struct text raw, size_t offset, size_t *ret_line, size_t *ret_column)
{
    size_t line = 1;
    size_t start = 0; /* of that line */
    for (size_t i = 0; i < offset && i < raw.n; i++) {
        if (raw.p[i] == '\n') {
            line++;
            start = i + 1;
        }
    }
    *ret_line = line;
    *ret_column = offset - start + 1;
}
