/* The JSON writer. Text that is not UTF-8 leaves as U+FFFD, so what is written is always JSON.
 */
#include "json/jsonw.h"

#include <string.h>

#include "base/text.h"

struct jsonw jsonw_to(struct buf *out, bool pretty)
{
    return (struct jsonw){.out = out, .pretty = pretty};
}

/* How many bytes from `p` are one well-formed character of two to four bytes; 0 when none are.
 */
static size_t multibyte_len(const char *p, size_t n)
{
    unsigned char lead = (unsigned char)p[0];
    size_t len = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
    return lead >= 0xc2 && len <= n && text_is_utf8((struct text){p, len}) ? len : 0;
}

static void add_escape(struct buf *out, char c)
{
    static const char shorts[] = "\"\\\b\f\n\r\t";
    static const char letters[] = "\"\\bfnrt";
    const char *found = strchr(shorts, c);
    if (found == NULL) {
        buf_printf(out, "\\u%04x", (unsigned)(unsigned char)c);
        return;
    }
    buf_add_char(out, '\\');
    buf_add_char(out, letters[found - shorts]);
}

static bool is_plain(char c)
{
    return (unsigned char)c >= 0x20 && (unsigned char)c < 0x80 && c != '"' && c != '\\';
}

static void add_string(struct buf *out, const char *s)
{
    size_t n = strlen(s);
    buf_add_char(out, '"');
    for (size_t i = 0; i < n;) {
        size_t run = 0;
        while (i + run < n && is_plain(s[i + run]))
            run++;
        buf_add(out, s + i, run);
        i += run;
        if (i == n)
            break;
        size_t len = multibyte_len(s + i, n - i);
        if (len > 0)
            buf_add(out, s + i, len);
        else if ((unsigned char)s[i] >= 0x80)
            buf_add_str(out, "\xef\xbf\xbd"); /* U+FFFD */
        else
            add_escape(out, s[i]);
        i += len > 0 ? len : 1;
    }
    buf_add_char(out, '"');
}

static void add_line(struct jsonw *w)
{
    if (!w->pretty)
        return;
    buf_add_char(w->out, '\n');
    for (unsigned i = 0; i < w->depth; i++)
        buf_add_str(w->out, "  ");
}

/* What stands before a value: the comma, the line and the key. */
static void begin(struct jsonw *w, const char *key)
{
    if (w->has_items[w->depth])
        buf_add_char(w->out, ',');
    w->has_items[w->depth] = true;
    if (w->depth > 0)
        add_line(w);
    if (key != NULL) {
        add_string(w->out, key);
        buf_add_str(w->out, w->pretty ? ": " : ":");
    }
}

static void open_level(struct jsonw *w, const char *key, char bracket)
{
    begin(w, key);
    buf_add_char(w->out, bracket);
    assert(w->depth + 1 < JSONW_DEPTH);
    w->depth++;
    w->has_items[w->depth] = false;
}

static void close_level(struct jsonw *w, char bracket)
{
    assert(w->depth > 0);
    bool has_items = w->has_items[w->depth];
    w->depth--;
    if (has_items)
        add_line(w);
    buf_add_char(w->out, bracket);
}

void jsonw_object(struct jsonw *w, const char *key)
{
    open_level(w, key, '{');
}

void jsonw_end_object(struct jsonw *w)
{
    close_level(w, '}');
}

void jsonw_array(struct jsonw *w, const char *key)
{
    open_level(w, key, '[');
}

void jsonw_end_array(struct jsonw *w)
{
    close_level(w, ']');
}

void jsonw_text(struct jsonw *w, const char *key, const char *value)
{
    if (value == NULL) {
        jsonw_null(w, key);
        return;
    }
    begin(w, key);
    add_string(w->out, value);
}

void jsonw_int(struct jsonw *w, const char *key, int64_t value)
{
    begin(w, key);
    buf_add_int(w->out, value);
}

void jsonw_bool(struct jsonw *w, const char *key, bool value)
{
    jsonw_raw(w, key, value ? "true" : "false");
}

void jsonw_null(struct jsonw *w, const char *key)
{
    jsonw_raw(w, key, "null");
}

void jsonw_raw(struct jsonw *w, const char *key, const char *json)
{
    begin(w, key);
    buf_add_str(w->out, json);
}
