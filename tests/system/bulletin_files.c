/*
 * Writes the sample reports as HTML into a folder, for tests/system/test_html.py:
 *
 *   NAME.html        with pictures as files, below "pictures"
 *   NAME.mail.html   as it stands in a mail
 *   NAME.names       what must be readable in it, one a line
 *
 * and prints "FILE WIDTH HEIGHT" for each picture.
 */
#include "bulletin/render.h"
#include "bulletin/voice.h"
#include "support/bulletin_sample.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>

static const struct {
    const char *name;
    struct bulletin (*make)(enum language language);
} samples[] = {
    {"manager", sample_manager}, {"reseller", sample_reseller}, {"empty", sample_empty},
    {"failed", sample_failed},   {"hostile", sample_hostile},   {"huge", sample_huge},
};

static int write_file(const char *folder, const char *name, const char *suffix,
                      const struct buf *text)
{
    char path[4096];

    (void)snprintf(path, sizeof path, "%s/%s%s", folder, name, suffix);
    FILE *f = fopen(path, "wb");
    if (!f)
        return -errno;
    bool is_whole = fwrite(text->data, 1, text->len, f) == text->len;
    return fclose(f) == 0 && is_whole ? 0 : -EIO;
}

static void add_name(struct buf *names, const char *name)
{
    char harmless[VOICE_NAME_SIZE];

    buf_printf(names, "%s\n", voice_name(name, harmless));
}

/* Who is told of, and the findings of those who have few. */
static int write_names(const struct bulletin *r, const char *folder, const char *name)
{
    AUTO(buf) struct buf names = BUF_INIT((size_t)1 << 20);

    add_name(&names, r->name);
    for (size_t i = 0; r->audience == AUDIENCE_MANAGER && i < r->n_resellers; i++)
        add_name(&names, r->resellers[i].name);
    for (size_t i = 0; i < r->n_resellers; i++)
        for (size_t j = 0; r->resellers[i].n_lines <= 20 && j < r->resellers[i].n_lines; j++)
            add_name(&names, r->resellers[i].lines[j].shown);
    int error = buf_error(&names);
    return error ? error : write_file(folder, name, ".names", &names);
}

static int write_html(const struct bulletin *r, const char *folder, const char *name)
{
    AUTO(buf) struct buf page = BUF_INIT((size_t)8 << 20);
    AUTO(buf) struct buf mail = BUF_INIT((size_t)8 << 20);
    int error = bulletin_html(r, "pictures", &page);

    if (!error)
        error = bulletin_html(r, NULL, &mail);
    if (!error)
        error = write_file(folder, name, ".html", &page);
    return error ? error : write_file(folder, name, ".mail.html", &mail);
}

static int write_sample(const struct bulletin *r, const char *folder, const char *name)
{
    int error = write_html(r, folder, name);

    if (!error)
        error = write_names(r, folder, name);
    for (size_t i = 0; !error && i < r->n_pictures; i++)
        printf("%.*s.png %u %u\n", (int)strcspn(r->pictures[i].cid, "@"), r->pictures[i].cid,
               (unsigned)r->pictures[i].width, (unsigned)r->pictures[i].height);
    return error;
}

int main(int argc, char **argv)
{
    if (argc != 2) {
        (void)fputs("usage: bulletin_files FOLDER\n", stderr);
        return 64;
    }
    for (size_t i = 0; i < 2 * ARRAY_LEN(samples); i++) {
        enum language language = i % 2 == 0 ? LANGUAGE_NL : LANGUAGE_EN;
        struct bulletin r = samples[i / 2].make(language);
        char name[64];
        (void)snprintf(name, sizeof name, "%s-%s", samples[i / 2].name,
                       language == LANGUAGE_NL ? "nl" : "en");
        int error = write_sample(&r, argv[1], name);
        if (error) {
            (void)fprintf(stderr, "%s: %s\n", name, strerror(-error));
            return 74;
        }
    }
    return 0;
}
