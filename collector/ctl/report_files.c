/* fairusectl report --output DIR: each reader's report as files. */
#include "ctl/report.h"

#include "bulletin/render.h"
#include "edition/letter.h"
#include "os/file.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

enum { FILE_PATH_SIZE = 4096 };

/* Where files go, and what went wrong there. */
struct files {
    const struct report_order *order;
    const struct run_setup *run;
    const char *folder;
    size_t written;
    struct diag d;
};

static int put_file(struct files *f, const char *stem, const char *suffix, struct text bytes)
{
    char path[FILE_PATH_SIZE];
    int n = snprintf(path, sizeof(path), "%s/%s%s", f->folder, stem, suffix);

    if (n < 0 || (size_t)n >= sizeof(path))
        return diag_set(&f->d, -ENAMETOOLONG, "%s: the path is too long", f->folder);
    AUTO(buf) struct buf line = BUF_INIT(FILE_PATH_SIZE + 1);
    buf_printf(&line, "%s\n", path);
    int r = file_write(path, bytes, 0640, &f->d);
    if (r >= 0 && ctl_print(&line) != 0)
        r = -EPIPE;
    return r;
}

static struct text all_of(const struct buf *b)
{
    return (struct text){buf_str(b), b->len};
}

/* The HTML of a folder shows the pictures that lie beside it: NAME-p1.png … */
static int put_letter(struct files *f, const struct letter *l, const char *stem)
{
    AUTO(buf) struct buf html = BUF_INIT(64 << 20);
    char suffix[32];
    int r = bulletin_html(&l->bulletin, ".", &html);

    if (r >= 0)
        r = put_file(f, stem, ".html", all_of(&html));
    if (r >= 0)
        r = put_file(f, stem, ".txt", all_of(&l->text));
    if (r >= 0)
        r = put_file(f, stem, ".csv", all_of(&l->csv));
    if (r >= 0)
        r = put_file(f, stem, "-amounts.csv", all_of(&l->money_csv));
    if (r >= 0)
        r = put_file(f, stem, ".json", all_of(&l->json));
    for (size_t i = 0; i < l->bulletin.n_pictures && r >= 0; i++) {
        (void)snprintf(suffix, sizeof(suffix), "-p%zu.png", i + 1);
        r = put_file(f, stem, suffix, all_of(&l->pictures[i]));
    }
    return r;
}

static int take(void *arg, const struct bulletin *b)
{
    struct files *f = arg;
    struct bulletin own = *b;
    char stem[REPORT_READER_SIZE], left[REPORT_READER_SIZE + 1];
    struct letter_maker maker = {.run = f->run, .left = left, .right = "fairuse"};
    struct letter letter;

    if (f->order->has_language)
        own.language = f->order->language;
    (void)report_reader_name(b->audience == AUDIENCE_MANAGER, b->id, stem);
    (void)snprintf(left, sizeof(left), "%s-", stem);
    int r = letter_make(&maker, &own, &letter, &f->d);
    if (r < 0)
        return r;
    r = put_letter(f, &letter, stem);
    letter_done(&letter);
    f->written++;
    return r;
}

/* Files are a look: nothing counts as said. */
static int pass_begin(void *arg, enum bulletin_audience audience, const char *id)
{
    (void)arg, (void)audience, (void)id;
    return 0;
}

static int pass_row(void *arg, const struct edition_said *row)
{
    (void)arg, (void)row;
    return 0;
}

int report_files(struct ctl *c, const struct report_order *o, struct night *n)
{
    struct files f = {
        .order = o, .run = &n->setup, .folder = ctl_value(c, "output"), .d = {""}};
    struct edition_setup setup = o->setup;
    struct edition_sink sink = {take, pass_begin, pass_row, &f};

    if (mkdir(f.folder, 0750) < 0 && errno != EEXIST)
        return ctl_fail(EX_CANTCREAT, "%s: %s", f.folder, strerror(errno));
    setup.run = &n->setup;
    setup.periods = &n->periods;
    setup.findings = n->findings;
    setup.command = o->command;
    int r = edition_make(&setup, &sink, &f.d);
    if (r < 0)
        return ctl_fail_errno(r, f.d.text[0] ? f.d.text : store_diag(n->store));
    if (f.written == 0)
        ctl_note("the estate has no account manager: there is nobody to report to");
    return 0;
}
