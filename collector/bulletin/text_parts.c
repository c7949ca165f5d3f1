/* The text report's lines: how wide they are, and where they break. */
#include "bulletin/text_parts.h"
#include <stdio.h>
#include <string.h>

/* ---- Width ------------------------------------------------------------------------------- */

/* What a terminal shows in no column, or in two: Unicode's Mn and Me, and East Asian Width W
 * and F, as far as names have them. */
static const struct {
    uint32_t first, last;
    unsigned columns;
} widths[] = {
    {0x0300, 0x036f, 0},   {0x0483, 0x0489, 0},   {0x0591, 0x05bd, 0},   {0x0610, 0x061a, 0},
    {0x064b, 0x065f, 0},   {0x0e31, 0x0e31, 0},   {0x0e34, 0x0e3a, 0},   {0x0e47, 0x0e4e, 0},
    {0x1100, 0x115f, 2},   {0x1ab0, 0x1aff, 0},   {0x20d0, 0x20ff, 0},   {0x2e80, 0x3029, 2},
    {0x302a, 0x302d, 0},   {0x302e, 0x303e, 2},   {0x3041, 0x3098, 2},   {0x3099, 0x309a, 0},
    {0x309b, 0xa4cf, 2},   {0xac00, 0xd7a3, 2},   {0xf900, 0xfaff, 2},   {0xfe00, 0xfe0f, 0},
    {0xfe20, 0xfe2f, 0},   {0xfe30, 0xfe6f, 2},   {0xff00, 0xff60, 2},   {0xffe0, 0xffe6, 2},
    {0x1f300, 0x1f64f, 2}, {0x1f900, 0x1f9ff, 2}, {0x20000, 0x3fffd, 2},
};

static size_t columns_of(uint32_t code)
{
    if (text_code_is_control(code) || text_code_is_invisible(code))
        return 0;
    for (size_t i = 0; i < ARRAY_LEN(widths); i++)
        if (code >= widths[i].first && code <= widths[i].last)
            return widths[i].columns;
    return 1;
}

/* The next character's bytes, and its columns; a byte that is none counts as one. */
static size_t next_character(struct text t, size_t *ret_columns)
{
    uint32_t code = 0xfffd;
    size_t n = text_next(t, &code);

    *ret_columns = columns_of(code);
    return n > 0 ? n : 1;
}

static struct text behind(struct text t, size_t n)
{
    return (struct text){t.p + n, t.n - n};
}

size_t page_columns(struct text t)
{
    size_t sum = 0, columns;

    while (t.n > 0) {
        t = behind(t, next_character(t, &columns));
        sum += columns;
    }
    return sum;
}

/* ---- Breaking ---------------------------------------------------------------------------- */

/* Where a line ends that has room for so many columns: at its last space, or within a word
 * that has no room on any line. At least one character. */
static size_t break_at(struct text t, size_t room)
{
    size_t at = 0, space = 0, used = 0, columns;

    while (at < t.n) {
        size_t n = next_character(behind(t, at), &columns);
        if (t.p[at] == ' ')
            space = at;
        if (used + columns > room && at > 0)
            return space > 0 ? space : at;
        used += columns;
        at += n;
    }
    return t.n;
}

/* A lead without what follows: no white space stands at a line's end. */
static void add_lead(struct buf *out, const char *lead, bool is_all)
{
    size_t n = strlen(lead);

    while (is_all && n > 0 && lead[n - 1] == ' ')
        n--;
    buf_add(out, lead, n);
}

/* One line of what was said, without a line break, as lines of the page. */
static void wrap_line(struct page *p, struct text t, const char *first, const char *rest)
{
    const char *lead = first;

    if (t.n == 0) {
        add_lead(p->out, lead, true);
        buf_add_char(p->out, '\n');
    }
    while (t.n > 0) {
        size_t used = page_columns(text_of(lead));
        size_t n = break_at(t, used < TEXT_WIDTH ? TEXT_WIDTH - used : 1);
        size_t end = n;
        while (end > 0 && t.p[end - 1] == ' ')
            end--;
        add_lead(p->out, lead, end == 0);
        buf_add(p->out, t.p, end);
        buf_add_char(p->out, '\n');
        while (n < t.n && t.p[n] == ' ')
            n++;
        t = behind(t, n);
        lead = rest;
    }
}

struct buf *page_say(struct page *p)
{
    buf_reset(&p->said);
    return &p->said;
}

/* A sentence that could not be said is the report's failure. */
static void pass_error(struct page *p)
{
    if (buf_error(&p->said) && !buf_error(p->out))
        p->out->error = buf_error(&p->said);
}

void page_name(struct page *p, const char *name)
{
    char harmless[VOICE_NAME_SIZE];
    buf_add_str(&p->said, voice_name(name, harmless));
}

void page_word(struct page *p, enum word w)
{
    buf_add_str(&p->said, voice_word(p->v, w));
}

void page_wrap(struct page *p, const char *first, const char *rest)
{
    struct text t = {buf_str(&p->said), p->said.len};
    const char *lead = first;

    pass_error(p);
    while (t.n > 0 && t.p[t.n - 1] == '\n')
        t.n--;
    while (t.n > 0) {
        const char *end = memchr(t.p, '\n', t.n);
        size_t n = end ? (size_t)(end - t.p) : t.n;
        wrap_line(p, (struct text){t.p, n}, lead, rest);
        t = behind(t, end ? n + 1 : n);
        lead = rest;
    }
}

void page_gap(struct page *p)
{
    const char *at = buf_str(p->out);
    size_t n = p->out->len;

    if (n > 0 && !(n > 1 && at[n - 1] == '\n' && at[n - 2] == '\n'))
        buf_add_char(p->out, '\n');
}

/* What was said, taken out of the page. */
static struct buf take_said(struct page *p)
{
    struct buf said = p->said;

    p->said = BUF_INIT(said.cap);
    return said;
}

const char *page_lead(const char *indent, const char *sign, char out[static PAGE_LEAD_SIZE])
{
    int n = snprintf(out, PAGE_LEAD_SIZE, "%s%s", indent, sign);

    assert(n >= 0 && n < PAGE_LEAD_SIZE);
    return out;
}

void page_fact(struct page *p, enum word label, const char *indent)
{
    char rest[PAGE_LEAD_SIZE];

    if (p->said.len == 0) {
        pass_error(p);
        return;
    }
    AUTO(buf) struct buf said = take_said(p);
    buf_printf(&p->said, "%s: ", voice_word(p->v, label));
    buf_add(&p->said, buf_str(&said), said.len);
    p->said.error = p->said.error ? p->said.error : buf_error(&said);
    page_wrap(p, indent, page_lead(indent, "  ", rest));
}

void page_unbroken(struct page *p, const char *indent)
{
    pass_error(p);
    buf_add_str(p->out, indent);
    buf_add(p->out, buf_str(&p->said), p->said.len);
    buf_add_char(p->out, '\n');
}

/* ---- Headings ---------------------------------------------------------------------------- */

void page_heading_said(struct page *p, int level)
{
    static const char signs[] = {[1] = '=', [2] = '-', [3] = '~'};
    size_t columns = page_columns((struct text){buf_str(&p->said), p->said.len});

    page_gap(p);
    if (level > 3)
        buf_add_char(&p->said, ':');
    page_wrap(p, "", "");
    for (size_t i = 0; level <= 3 && i < columns && i < TEXT_WIDTH; i++)
        buf_add_char(p->out, signs[level]);
    buf_add_str(p->out, level <= 3 ? "\n\n" : "");
}

void page_heading(struct page *p, int level, enum word w)
{
    (void)page_say(p);
    page_word(p, w);
    page_heading_said(p, level);
}

void page_section(struct page *p, int level, enum word heading, const char *indent)
{
    if (p->said.len == 0) {
        pass_error(p);
        return;
    }
    AUTO(buf) struct buf said = take_said(p);
    page_heading(p, level, heading);
    buf_add(page_say(p), buf_str(&said), said.len);
    p->said.error = p->said.error ? p->said.error : buf_error(&said);
    page_wrap(p, indent, indent);
}
