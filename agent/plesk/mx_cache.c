/* What was heard of mail exchangers, as a file. */
#include "plesk/mx_cache.h"

#include <errno.h>
#include <string.h>

#include "base/buf.h"
#include "base/grow.h"
#include "os/file.h"

enum {
    HEAD_BYTES = 2 * CAP_SUFFIXES * DNAME_SIZE + 16,
    LINE_BYTES = DNAME_SIZE + 32,
};
#define FILE_BYTES (HEAD_BYTES + (size_t)MX_CACHE_LINES_MAX * LINE_BYTES)

static const char head_word[] = "suffixes";
static const char *const words[] = {[MX_OTHER] = "other", [MX_FILTERED] = "filtered"};

void mx_cache_done(struct mx_cache *c)
{
    arena_done(&c->texts);
    free(c->v);
    *c = (struct mx_cache){.n = 0};
}

static int compare_names(const void *a, const void *b)
{
    const char *const *x = a, *const *y = b;
    return strcmp(*x, *y);
}

/* "suffixes a.example b.example": in any order they are the same. */
static void add_head(struct buf *b, const struct mx_suffixes *suffixes)
{
    const char *names[2 * CAP_SUFFIXES];
    for (size_t i = 0; i < suffixes->n; i++)
        names[i] = suffixes->v[i];
    if (suffixes->n > 1)
        qsort(names, suffixes->n, sizeof *names, compare_names);
    buf_add_str(b, head_word);
    for (size_t i = 0; i < suffixes->n; i++) {
        buf_add_char(b, ' ');
        buf_add_str(b, names[i]);
    }
}

/* ---- Reading ---------------------------------------------------------------------------- */

/* The part up to a space, or to the end, and the rest. */
static struct text cut(struct text *t)
{
    const char *space = t->n > 0 ? memchr(t->p, ' ', t->n) : NULL;
    struct text part = {t->p, space ? (size_t)(space - t->p) : t->n};
    size_t used = part.n + (space ? 1 : 0);
    *t = (struct text){t->p + used, t->n - used};
    return part;
}

static int parse_line(struct text line, wall_t now, char domain[static DNAME_SIZE],
                      struct mx_heard *ret)
{
    struct text name = cut(&line), word = cut(&line);
    struct mx_heard heard = {.domain = domain, .verdict = MX_UNKNOWN};
    if (text_is(word, words[MX_OTHER]))
        heard.verdict = MX_OTHER;
    else if (text_is(word, words[MX_FILTERED]))
        heard.verdict = MX_FILTERED;
    if (heard.verdict == MX_UNKNOWN || text_to_int(line, 0, WALL_MAX.s, &heard.at.s) != 0)
        return -EBADMSG;
    if (heard.at.s > now.s || now.s - heard.at.s > MX_KEEP.s)
        return -EBADMSG;
    int r = dname_parse(name, domain);
    if (r == 0 && !text_is(name, domain))
        r = -EBADMSG;
    if (r == 0)
        *ret = heard;
    return r;
}

/* The part up to a newline, or to the end; *bytes moves behind it. */
static struct text next_line(struct text *bytes)
{
    const char *newline = bytes->n > 0 ? memchr(bytes->p, '\n', bytes->n) : NULL;
    struct text line = {bytes->p, newline ? (size_t)(newline - bytes->p) : bytes->n};
    size_t used = line.n + (newline ? 1 : 0);
    *bytes = (struct text){bytes->p + used, bytes->n - used};
    return line;
}

static int compare_heard(const void *a, const void *b)
{
    const struct mx_heard *x = a, *y = b;
    return strcmp(x->domain, y->domain);
}

/* Sorted, and each domain once: the earliest of its answers. */
static void settle(struct mx_cache *c)
{
    size_t n = 0;
    if (c->n > 1)
        qsort(c->v, c->n, sizeof *c->v, compare_heard);
    for (size_t i = 0; i < c->n; i++) {
        if (n == 0 || compare_heard(&c->v[n - 1], &c->v[i]) != 0)
            c->v[n++] = c->v[i];
        else if (c->v[i].at.s < c->v[n - 1].at.s)
            c->v[n - 1] = c->v[i];
    }
    c->n = c->sorted = n;
}

int mx_cache_parse(struct mx_cache *c, struct text bytes, const struct mx_suffixes *suffixes,
                   wall_t now)
{
    AUTO(buf) struct buf head = BUF_INIT(HEAD_BYTES);
    add_head(&head, suffixes);
    if (buf_error(&head) < 0)
        return -ENOMEM;
    if (bytes.n == 0 || !text_is(next_line(&bytes), buf_str(&head)))
        return 0;
    while (bytes.n > 0) {
        char domain[DNAME_SIZE];
        struct mx_heard heard;
        int r = parse_line(next_line(&bytes), now, domain, &heard);
        if (r == 0)
            r = mx_cache_add(c, &heard);
        if (r == -ENOMEM)
            return r;
    }
    settle(c);
    return 0;
}

int mx_cache_load(struct mx_cache *c, const char *path, const struct mx_suffixes *suffixes,
                  wall_t now, struct diag *d)
{
    AUTO(buf) struct buf file = BUF_INIT(FILE_BYTES);
    int r = file_read(path, &file, d);
    if (r == -ENOENT || r == -ERANGE)
        return 0; /* one that is too long is not ours */
    if (r < 0)
        return r;
    r = mx_cache_parse(c, (struct text){file.data, file.len}, suffixes, now);
    return r == 0 ? 0 : diag_set(d, r, "out of memory");
}

/* ---- Finding, adding, writing ----------------------------------------------------------- */

struct mx_heard *mx_cache_find(const struct mx_cache *c, const char *domain)
{
    const struct mx_heard key = {.domain = domain};
    return c->sorted > 0 ? bsearch(&key, c->v, c->sorted, sizeof *c->v, compare_heard) : NULL;
}

int mx_cache_add(struct mx_cache *c, const struct mx_heard *heard)
{
    int r = grow(&c->v, &c->cap, c->n + 1, sizeof *c->v, MX_CACHE_LINES_MAX);
    if (r < 0)
        return r;
    const char *domain = arena_text(&c->texts, text_of(heard->domain));
    if (!domain)
        return -ENOMEM;
    c->v[c->n++] = (struct mx_heard){domain, heard->verdict, heard->at};
    return 0;
}

int mx_cache_save(const struct mx_cache *c, const char *path,
                  const struct mx_suffixes *suffixes, struct diag *d)
{
    AUTO(buf) struct buf b = BUF_INIT(FILE_BYTES);
    add_head(&b, suffixes);
    buf_add_char(&b, '\n');
    for (size_t i = 0; i < c->n; i++) {
        buf_add_str(&b, c->v[i].domain);
        buf_add_char(&b, ' ');
        buf_add_str(&b, words[c->v[i].verdict]);
        buf_add_char(&b, ' ');
        buf_add_int(&b, c->v[i].at.s);
        buf_add_char(&b, '\n');
    }
    if (buf_error(&b) < 0)
        return diag_set(d, buf_error(&b), "out of memory");
    return file_write(path, (struct text){b.data, b.len}, 0600, d);
}
