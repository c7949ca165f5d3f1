/* What others wrote, made harmless. */
#include "mail/clean.h"

enum {
    JOINER_FIRST = 0x200c, /* zero width non-joiner, zero width joiner */
    JOINER_LAST = 0x200d,
    JOINED_FROM = 0x600, /* scripts that need them come after this, as do emoji */
};

static const char replacement[] = "\xef\xbf\xbd"; /* U+FFFD */
static const char dots[] = "\xe2\x80\xa6";        /* U+2026 */

/* One character of a text, as it came: its bytes, or a bad one (code 0xfffd then). */
static struct text next_piece(struct text t, size_t at, uint32_t *ret_code)
{
    struct text rest = {t.p + at, t.n - at};
    size_t n = text_next(rest, ret_code);
    if (n > 0)
        return (struct text){rest.p, n};
    *ret_code = 0xfffd;
    return (struct text){rest.p, 1};
}

static void add_piece(struct text piece, uint32_t code, struct buf *out)
{
    if (code == 0xfffd)
        buf_add_str(out, replacement);
    else
        buf_add(out, piece.p, piece.n);
}

static bool is_gap(uint32_t code)
{
    return text_code_is_control(code) || text_code_is_space(code);
}

/* Whether a character that shows nothing is one that its script needs where it stands. */
static bool is_needed_joiner(uint32_t code, uint32_t before)
{
    bool is_joiner = code >= JOINER_FIRST && code <= JOINER_LAST;
    bool follows_joiner = before >= JOINER_FIRST && before <= JOINER_LAST;
    return is_joiner && before >= JOINED_FROM && !follows_joiner;
}

/* A line while it is made; `cut` is where it ends if one character too many comes. */
struct line {
    struct buf *out;
    size_t count, most, cut;
    bool is_over;
};

static void line_add(struct line *l, struct text piece, uint32_t code)
{
    if (l->count == l->most) {
        l->is_over = true;
        return;
    }
    add_piece(piece, code, l->out);
    if (++l->count == l->most - 1)
        l->cut = l->out->len;
}

/* A buffer that failed is left as it is. */
static void end_line(struct line *l)
{
    if (!l->is_over || buf_error(l->out) != 0)
        return;
    l->out->len = l->cut;
    buf_add_str(l->out, dots);
}

void clean_line(struct text t, size_t most, struct buf *out)
{
    static const struct text blank = {" ", 1};
    struct line l = {.out = out, .most = most, .cut = out->len};
    uint32_t before = 0;
    bool is_gap_open = false;
    for (size_t at = 0; at < t.n && !l.is_over;) {
        uint32_t code;
        struct text piece = next_piece(t, at, &code);
        at += piece.n;
        if (is_gap(code)) {
            is_gap_open = l.count > 0;
            continue;
        }
        if (text_code_is_invisible(code) && (is_gap_open || !is_needed_joiner(code, before)))
            continue;
        if (is_gap_open)
            line_add(&l, blank, ' ');
        line_add(&l, piece, code);
        is_gap_open = false;
        before = code;
    }
    end_line(&l);
}

void clean_lines(struct text t, struct buf *out)
{
    for (size_t at = 0; at < t.n;) {
        uint32_t code;
        struct text piece = next_piece(t, at, &code);
        at += piece.n;
        if (!text_code_is_control(code) || code == '\n' || code == '\t')
            add_piece(piece, code, out);
    }
}
