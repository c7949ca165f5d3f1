/*
 * Reports of invented nights in full, as files: each was read line by line, and its values
 * follow by hand from tests/support/bulletin_sample.c. FAIRUSE_GOLDEN=write renews the files;
 * what then differs in the repository is to be read again.
 */
#include "bulletin/render.h"
#include "os/file.h"
#include "support/bulletin_sample.h"
#include "support/leak.h"
#include <string.h>

SUITE(golden);

#define GOLDEN_CAP ((size_t)1 << 24)
enum { DIFFERING_MAX = 8 }; /* lines that a failure shows */

static const struct {
    const char *name;
    struct bulletin (*make)(enum language);
} samples[] = {
    {"manager", sample_manager},
    {"reseller", sample_reseller},
    {"empty", sample_empty},
    {"failed", sample_failed},
};

static const struct {
    const char *name;
    int (*render)(const struct bulletin *r, struct buf *out);
} formats[] = {
    {"txt", bulletin_text},
    {"csv", bulletin_csv},
    {"json", bulletin_json},
};

static const struct {
    const char *name;
    enum language language;
} languages[] = {{"nl", LANGUAGE_NL}, {"en", LANGUAGE_EN}};

/* The next line of a text, which is moved past it. */
static struct text next_line(struct text *t)
{
    const char *end = memchr(t->p, '\n', t->n);
    struct text line = {t->p, end ? (size_t)(end - t->p) + 1 : t->n};

    *t = (struct text){t->p + line.n, t->n - line.n};
    return line;
}

/* Where the two differ, line by line. */
static void add_difference(struct text is, struct text was, struct buf *out)
{
    size_t shown = 0;

    for (size_t n = 1; is.n + was.n > 0 && shown < DIFFERING_MAX; n++) {
        struct text a = next_line(&was), b = next_line(&is);
        if (a.n == b.n && memcmp(a.p, b.p, a.n) == 0)
            continue;
        buf_printf(out, "line %zu\n  - %.*s\n  + %.*s\n", n, (int)a.n, a.p, (int)b.n, b.p);
        shown++;
    }
}

static void check(const char *path, struct text is)
{
    AUTO(buf) struct buf was = BUF_INIT(GOLDEN_CAP), difference = BUF_INIT(GOLDEN_CAP);
    const char *mode = getenv("FAIRUSE_GOLDEN");
    struct diag d = {0};

    if (mode && strcmp(mode, "write") == 0) {
        cr_assert_eq(file_write(path, is, 0644, &d), 0, "%s", path);
        return;
    }
    cr_assert_eq(file_read(path, &was, &d), 0, "%s", path);
    if (is.n == was.len && memcmp(is.p, buf_str(&was), is.n) == 0)
        return;
    add_difference(is, (struct text){buf_str(&was), was.len}, &difference);
    cr_expect_fail("%s\n%s", path, buf_str(&difference));
}

static void check_format(size_t format)
{
    for (size_t i = 0; i < ARRAY_LEN(samples); i++)
        for (size_t k = 0; k < ARRAY_LEN(languages); k++) {
            struct bulletin b = samples[i].make(languages[k].language);
            AUTO(buf) struct buf out = BUF_INIT(GOLDEN_CAP), path = BUF_INIT(4096);
            cr_assert_eq(formats[format].render(&b, &out), 0);
            buf_printf(&path, SOURCE_DIR "/tests/golden/%s.%s.%s", samples[i].name,
                       languages[k].name, formats[format].name);
            check(buf_str(&path), (struct text){buf_str(&out), out.len});
        }
}

Test(golden, texts_are_as_they_were_read)
{
    check_format(0);
}

Test(golden, tables_are_as_they_were_read)
{
    check_format(1);
}

Test(golden, json_is_as_it_was_read)
{
    check_format(2);
}
