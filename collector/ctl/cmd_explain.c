/* fairusectl explain: why one licence or domain is charged, or not. */
#include "ctl/commands.h"
#include "ctl/explain.h"
#include "os/file.h"
#include <errno.h>
#include <unistd.h>

enum explain_format { FORMAT_TEXT, FORMAT_JSON, FORMAT_SVG, FORMAT_PNG };
static const char *const formats[] = {"text", "json", "svg", "png", NULL};

/* What the command holds on to. */
struct explanation {
    struct store *store;
    struct run_setup setup;
    struct book book;
    struct story_subject subject;
    period_t period;
    struct story story;
};

static void explanation_done(struct explanation *e)
{
    story_done(&e->story);
    book_done(&e->book);
    store_close(e->store);
}

static int read_arguments(struct ctl *c, struct explanation *e)
{
    struct diag d = {""};
    bool is_given;
    int r = story_subject_parse(text_of(ctl_argument(c, 0)), &e->subject, &d);

    if (r < 0)
        return r == -EBADMSG ? ctl_fail(EX_USAGE, "%s", d.text) : ctl_fail_errno(r, d.text);
    int code = ctl_period(c, &is_given, &e->period);
    if (code == 0)
        code = ctl_open_store(c, STORE_READ, &e->store);
    if (code == 0)
        code = ctl_run_setup(c, e->store, &e->setup);
    if (code == 0 && !is_given)
        e->period = period_at(e->setup.zone, e->setup.as_of);
    return code;
}

/* All reading is done on one state of the store. */
static int load(struct explanation *e)
{
    struct diag d = {""};
    char period[PERIOD_TEXT_SIZE], as_of[ZONE_TEXT_SIZE];
    int r = store_snapshot(e->store);

    if (r >= 0)
        r = book_load(&e->book, e->store);
    e->setup.book = &e->book;
    if (r < 0)
        return ctl_fail_errno(r, store_diag(e->store));
    r = story_load(&e->setup, &e->subject, e->period, &e->story, &d);
    if (r == -ENOENT)
        return ctl_fail(EX_DATAERR,
                        "%s: nothing is known of it: it stands neither in the estate nor in "
                        "any report",
                        e->subject.name);
    if (r == -ERANGE)
        return ctl_fail(EX_USAGE, "period %s has not begun at %s",
                        period_format(e->period, period),
                        zone_format(e->setup.zone, e->setup.as_of, as_of));
    return r < 0 ? ctl_fail_errno(r, d.text[0] ? d.text : store_diag(e->store)) : 0;
}

static int tell(const struct explanation *e, enum explain_format format, bool has_colour,
                struct buf *out)
{
    struct telling t = {
        .story = &e->story, .zone = e->setup.zone, .out = out, .has_colour = has_colour};

    switch (format) {
    case FORMAT_TEXT: return explain_text(&t);
    case FORMAT_JSON: return explain_json(&t);
    case FORMAT_SVG: return explain_picture(&t, TIMELINE_SVG);
    case FORMAT_PNG: return explain_picture(&t, TIMELINE_PNG);
    }
    return -EINVAL;
}

static int deliver(const struct buf *out, const char *path)
{
    struct diag d = {""};

    if (!path)
        return ctl_print(out);
    int r = file_write(path, (struct text){buf_str(out), out->len}, 0644, &d);
    return r < 0 ? ctl_fail(EX_CANTCREAT, "%s", d.text[0] ? d.text : path) : 0;
}

static int run_explain(struct ctl *c)
{
    AUTO(explanation) struct explanation e = {.store = NULL};
    AUTO(buf) struct buf out = BUF_INIT((size_t)CAP_EVIDENCE_BYTES);
    const char *path = ctl_value(c, "output");
    int format = ctl_format(c, formats);

    if (format < 0)
        return EX_USAGE;
    if (format == FORMAT_PNG && !path && isatty(STDOUT_FILENO) == 1)
        return ctl_fail(EX_USAGE,
                        "a PNG is no text for a terminal: give --output FILE, or send "
                        "standard output to a file");
    int code = read_arguments(c, &e);
    if (code == 0)
        code = load(&e);
    if (code != 0)
        return code;
    int r = tell(&e, (enum explain_format)format, !path && ctl_has_colour(), &out);
    return r < 0 ? ctl_fail_errno(r, NULL) : deliver(&out, path);
}

static const struct ctl_option options[] = {
    {"period", "YYYY-MM", "that month (default: the month of --as-of)"},
    {"as-of", "TIME", "what is known up to then, RFC 3339 (default: now)"},
    {"format", "FORMAT", "text, json, or a picture: svg, png"},
    {"output", "FILE", "write there, not to standard output"},
};

const struct ctl_command command_explain = {
    .name = "explain",
    .arguments = "SUBJECT",
    .help =
        "Why a licence or a domain is charged or not, step by step, and what would clear it",
    .options = options,
    .n_options = ARRAY_LEN(options),
    .min_arguments = 1,
    .max_arguments = 1,
    .run = run_explain,
};
