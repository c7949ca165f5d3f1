/* The text of a header field: plain, or in encoded words (RFC 2047). */
#include "mail/words.h"

#include <string.h>

enum {
    LINE_MOST = 76,    /* RFC 2047 2: of a line with encoded words */
    ENCODED_MOST = 75, /* RFC 2047 2: of one encoded word */
    WORD_LONG = 66,    /* a longer word would make a line that is too long */
    ROOM_LEAST = 32,   /* an encoded word that would have to be shorter begins a line */
};

static const char word_begin[] = "=?utf-8?";
static const char word_end[] = "?=";
enum { WORD_FRAME = sizeof word_begin - 1 + sizeof "q?" - 1 + sizeof word_end - 1 };

void words_add(struct words *w, struct text word)
{
    /* Never at once behind the colon: a line of white space alone would be left there. */
    bool is_first = w->out->len == 0;
    if (!is_first && w->column + 1 + word.n > LINE_MOST) {
        buf_add_char(w->out, '\n');
        w->column = 0;
    }
    buf_add_char(w->out, ' ');
    buf_add(w->out, word.p, word.n);
    w->column += 1 + word.n;
}

/* ---- Encoded words ---------------------------------------------------------------------- */

static bool is_alnum(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

/* What the "q" encoding may leave as it is even in a name (RFC 2047 5 (3)). */
static bool is_q_safe(char c)
{
    return is_alnum(c) || (c != '\0' && strchr("!*+-/", c));
}

static size_t q_length(struct text t)
{
    size_t n = 0;
    for (size_t i = 0; i < t.n; i++)
        n += is_q_safe(t.p[i]) || t.p[i] == ' ' ? 1 : 3;
    return n;
}

static size_t b_length(size_t bytes)
{
    return (bytes + 2) / 3 * 4;
}

static void add_q(struct text t, struct buf *out)
{
    static const char digits[] = "0123456789ABCDEF";
    for (size_t i = 0; i < t.n; i++) {
        uint8_t byte = (uint8_t)t.p[i];
        if (is_q_safe(t.p[i])) {
            buf_add_char(out, t.p[i]);
        } else if (t.p[i] == ' ') {
            buf_add_char(out, '_');
        } else {
            char escape[] = {'=', digits[byte >> 4], digits[byte & 15]};
            buf_add(out, escape, sizeof escape);
        }
    }
}

static void add_b(struct text t, struct buf *out)
{
    static const char digits[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (size_t i = 0; i < t.n; i += 3) {
        size_t n = t.n - i < 3 ? t.n - i : 3;
        uint8_t bytes[3] = {0};
        memcpy(bytes, t.p + i, n);
        uint32_t v = ((uint32_t)bytes[0] << 16) | ((uint32_t)bytes[1] << 8) | bytes[2];
        char quad[4] = {digits[v >> 18], digits[(v >> 12) & 63], digits[(v >> 6) & 63],
                        digits[v & 63]};
        memset(quad + n + 1, '=', 3 - n);
        buf_add(out, quad, sizeof quad);
    }
}

/* As many whole characters from the start of a text as fit into `room` columns, at least one.
 */
static struct text fitting(struct text t, bool is_q, size_t room)
{
    size_t n = 0;
    while (n < t.n) {
        uint32_t code;
        size_t step = text_next((struct text){t.p + n, t.n - n}, &code);
        struct text more = {t.p, n + (step > 0 ? step : 1)};
        size_t length = is_q ? q_length(more) : b_length(more.n);
        if (n > 0 && WORD_FRAME + length > room)
            break;
        n = more.n;
    }
    return (struct text){t.p, n};
}

static void add_encoded_word(struct words *w, struct text t, bool is_q)
{
    struct buf word = BUF_INIT(2 * (size_t)ENCODED_MOST);
    buf_add_str(&word, word_begin);
    buf_add_str(&word, is_q ? "q?" : "b?");
    if (is_q)
        add_q(t, &word);
    else
        add_b(t, &word);
    buf_add_str(&word, word_end);
    if (buf_error(&word) == 0)
        words_add(w, (struct text){buf_str(&word), word.len});
    else if (w->out->error == 0)
        w->out->error = buf_error(&word);
    buf_done(&word);
}

static void add_encoded(struct words *w, struct text t)
{
    bool is_q = q_length(t) <= b_length(t.n);
    while (t.n > 0) {
        size_t left = w->column + 1 < LINE_MOST ? LINE_MOST - w->column - 1 : 0;
        struct text part = fitting(t, is_q, left >= ROOM_LEAST ? left : ENCODED_MOST);
        add_encoded_word(w, part, is_q);
        t = (struct text){t.p + part.n, t.n - part.n};
    }
}

/* ---- Plain ones ------------------------------------------------------------------------- */

/* Printable ASCII in words that fit a line, and nothing that looks like an encoded word. */
static bool is_plain(struct text t)
{
    size_t word = 0;
    for (size_t i = 0; i < t.n; i++) {
        if (t.p[i] < ' ' || t.p[i] > '~')
            return false;
        word = t.p[i] == ' ' ? 0 : word + 1;
        if (word > WORD_LONG || (t.p[i] == '=' && i + 1 < t.n && t.p[i + 1] == '?'))
            return false;
    }
    return true;
}

static void add_plain(struct words *w, struct text t)
{
    while (t.n > 0) {
        const char *space = memchr(t.p, ' ', t.n);
        size_t n = space ? (size_t)(space - t.p) : t.n;
        words_add(w, (struct text){t.p, n});
        n += space ? 1 : 0;
        t = (struct text){t.p + n, t.n - n};
    }
}

void words_add_text(struct words *w, struct text t)
{
    if (is_plain(t))
        add_plain(w, t);
    else
        add_encoded(w, t);
}

/* Atoms and spaces between them (RFC 5322 3.2.3). */
static bool is_atoms(struct text t)
{
    for (size_t i = 0; i < t.n; i++) {
        if (!is_alnum(t.p[i]) && t.p[i] != ' ' && !strchr("!#$%&'*+-/=?^_`{|}~", t.p[i]))
            return false;
    }
    return true;
}

/* In quotes, as one word: what is long is encoded instead. */
static void add_quoted(struct words *w, struct text t)
{
    char word[2 * WORD_LONG + 2];
    size_t n = 0;
    word[n++] = '"';
    for (size_t i = 0; i < t.n; i++) {
        if (t.p[i] == '"' || t.p[i] == '\\')
            word[n++] = '\\';
        word[n++] = t.p[i];
    }
    word[n++] = '"';
    words_add(w, (struct text){word, n});
}

void words_add_phrase(struct words *w, struct text t)
{
    if (is_plain(t) && is_atoms(t))
        add_plain(w, t);
    else if (is_plain(t) && t.n <= WORD_LONG)
        add_quoted(w, t);
    else
        add_encoded(w, t);
}
