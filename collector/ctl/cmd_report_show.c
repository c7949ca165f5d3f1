/* fairusectl report status, report show: the outbox, and what was said in any night. */
#include "ctl/report.h"

#include "ctl/commands.h"
#include "json/jsonw.h"
#include <errno.h>
#include <string.h>

enum { SHOW_MAX = 256 << 20, STATUS_RUNS_MAX = 7 };

static const char *const state_names[] = {"waits", "sent", "given up"};

static const char *reader_kind(enum store_reader_kind k)
{
    return k == READER_MANAGER    ? "account-manager"
           : k == READER_RESELLER ? "reseller"
                                  : "operator";
}

/* ---- report status --------------------------------------------------------------------- */

static void put_run_json(struct jsonw *w, const struct store_run *run)
{
    jsonw_object(w, NULL);
    jsonw_int(w, "run", run->run);
    jsonw_int(w, "made_at", run->made_at.s);
    jsonw_int(w, "as_of", run->as_of.s);
    jsonw_bool(w, "failed", run->is_failed);
    jsonw_raw(w, "about", run->about);
    jsonw_end_object(w);
}

static void put_mail_json(struct jsonw *w, const struct store_mail *m)
{
    jsonw_object(w, NULL);
    jsonw_int(w, "mail", m->id);
    jsonw_int(w, "run", m->run);
    jsonw_text(w, "reader", reader_kind(m->reader.kind));
    jsonw_text(w, "id", m->reader.id);
    jsonw_text(w, "recipient", m->recipient);
    jsonw_text(w, "message_id", m->message_id);
    jsonw_text(w, "state", state_names[m->state]);
    jsonw_int(w, "attempts", m->attempts);
    if (m->state == MAIL_STATE_WAITS)
        jsonw_int(w, "next_try", m->next_try.s);
    else
        jsonw_int(w, "settled", m->settled.s);
    jsonw_int(w, "code", m->last_code);
    jsonw_bool(w, "may_be_double", m->may_be_double);
    jsonw_text(w, "said", m->last_text);
    jsonw_end_object(w);
}

static int status_json(struct store *s, struct buf *out)
{
    AUTO(store_scan) struct store_scan *runs = NULL;
    AUTO(store_scan) struct store_scan *mails = NULL;
    struct jsonw w = jsonw_to(out, true);
    struct store_run run;
    struct store_mail m;
    int r = store_scan_runs(s, &runs);

    jsonw_object(&w, NULL);
    jsonw_array(&w, "runs");
    for (int i = 0; r >= 0 && i < STATUS_RUNS_MAX && (r = store_next_run(runs, &run)) > 0; i++)
        put_run_json(&w, &run);
    jsonw_end_array(&w);
    jsonw_array(&w, "mails"); /* that wait, or were given up */
    if (r >= 0)
        r = store_scan_mails(s, false, &mails);
    while (r >= 0 && (r = store_next_mail(mails, &m)) > 0)
        if (m.state != MAIL_STATE_SENT)
            put_mail_json(&w, &m);
    jsonw_end_array(&w);
    jsonw_end_object(&w);
    buf_add_str(out, "\n");
    return r < 0 ? r : buf_error(out);
}

static int put_runs(struct ctl *c, struct store *s, struct buf *out)
{
    static const char *const heads[] = {">Run", "Made", "As of", "Result", "About"};
    AUTO(store_scan) struct store_scan *scan = NULL;
    AUTO(table) struct table *t = NULL;
    const struct zone *z = &ctl_settings(c)->zone;
    char made[ZONE_TEXT_SIZE], as_of[ZONE_TEXT_SIZE];
    struct store_run run;
    int r = table_new(heads, ARRAY_LEN(heads), &t), n = 0;

    if (r >= 0)
        r = store_scan_runs(s, &scan);
    for (; r >= 0 && n < STATUS_RUNS_MAX && (r = store_next_run(scan, &run)) > 0; n++) {
        table_cell(t, "%lld", (long long)run.run);
        table_cell(t, "%s", zone_format(z, run.made_at, made));
        table_cell(t, "%s", zone_format(z, run.as_of, as_of));
        table_cell(t, "%s", run.is_failed ? "the audit failed" : "reported");
        table_cell(t, "%s", run.about);
    }
    if (r < 0)
        return r;
    if (n == 0)
        buf_add_str(out, "No night was reported yet.\n");
    return n == 0 ? 0 : table_write(t, out);
}

static int put_mails(struct ctl *c, struct store *s, struct buf *out)
{
    static const char *const heads[] = {">Run",      "Recipient",    "State",
                                        ">Attempts", "Next or last", "Said"};
    AUTO(store_scan) struct store_scan *scan = NULL;
    AUTO(table) struct table *t = NULL;
    char moment[ZONE_TEXT_SIZE];
    struct store_mail m;
    int64_t sent = 0, others = 0;
    int r = table_new(heads, ARRAY_LEN(heads), &t);

    if (r >= 0)
        r = store_scan_mails(s, false, &scan);
    while (r >= 0 && (r = store_next_mail(scan, &m)) > 0) {
        sent += m.state == MAIL_STATE_SENT;
        if (m.state == MAIL_STATE_SENT)
            continue;
        others++;
        table_cell(t, "%lld", (long long)m.run);
        table_cell(t, "%s", m.recipient);
        table_cell(t, "%s%s", state_names[m.state], m.may_be_double ? " (maybe arrived)" : "");
        table_cell(t, "%lld", (long long)m.attempts);
        table_cell(t, "%s",
                   zone_format(&ctl_settings(c)->zone,
                               m.state == MAIL_STATE_WAITS ? m.next_try : m.settled, moment));
        table_cell(t, "%s", m.last_text[0] ? m.last_text : "-");
    }
    if (r < 0)
        return r;
    buf_printf(out, "\nMails: %lld sent; %lld wait or were given up%s\n", (long long)sent,
               (long long)others, others > 0 ? ":\n" : ".");
    return others > 0 ? table_write(t, out) : buf_error(out);
}

static int run_status(struct ctl *c)
{
    static const char *const formats[] = {"text", "json", NULL};
    AUTO(store) struct store *s = NULL;
    AUTO(buf) struct buf out = BUF_INIT(SHOW_MAX);
    int format = ctl_format(c, formats);

    if (format < 0)
        return EX_USAGE;
    int code = ctl_open_store(c, STORE_READ, &s);
    if (code != 0)
        return code;
    int r = store_snapshot(s);
    if (r >= 0 && format == 1)
        r = status_json(s, &out);
    else if (r >= 0)
        r = put_runs(c, s, &out);
    if (r >= 0 && format == 0)
        r = put_mails(c, s, &out);
    return r < 0 ? ctl_fail_errno(r, store_diag(s)) : ctl_print(&out);
}

/* ---- report show ----------------------------------------------------------------------- */

/* Which of a run's editions are shown, and how. */
struct show {
    struct store *store;
    int64_t run;
    const char *manager, *reseller; /* NULL = any */
    bool is_json;
    struct buf text, json, packed;
};

static void show_done(struct show *w)
{
    buf_done(&w->text);
    buf_done(&w->json);
    buf_done(&w->packed);
}

static bool is_asked(const struct show *w, const struct store_reader *reader)
{
    const char *id = reader->kind == READER_MANAGER ? w->manager : w->reseller;

    if (!w->manager && !w->reseller)
        return true;
    return id && strcmp(id, reader->id) == 0;
}

static int show_one(struct show *w, const struct store_edition *e, size_t before)
{
    AUTO(buf) struct buf head = BUF_INIT(8192);

    buf_reset(&w->packed);
    buf_reset(&w->text);
    buf_reset(&w->json);
    int r = store_get_model(w->store, e->run, &e->reader, &w->packed);
    if (r >= 0)
        r = keep_unpack((struct text){buf_str(&w->packed), w->packed.len}, &w->text, &w->json);
    if (r < 0)
        return r;
    if (w->is_json)
        buf_add_str(&head, before > 0 ? ",\n" : "[\n");
    else
        buf_printf(&head, "%s==== %s %s, number %lld: %s\n\n", before > 0 ? "\n" : "",
                   reader_kind(e->reader.kind), e->reader.id, (long long)e->serial, e->subject);
    return ctl_print(&head) == 0 && ctl_print(w->is_json ? &w->json : &w->text) == 0 ? 0
                                                                                     : -EPIPE;
}

static int show_all(struct show *w, size_t *ret_shown)
{
    AUTO(store_scan) struct store_scan *scan = NULL;
    struct store_edition e;
    int r = store_scan_editions(w->store, w->run, &scan);

    *ret_shown = 0;
    while (r >= 0 && (r = store_next_edition(scan, &e)) > 0) {
        if (!is_asked(w, &e.reader))
            continue;
        r = show_one(w, &e, *ret_shown);
        (*ret_shown)++;
    }
    return r;
}

/* The number, or the newest for "last". */
static int read_run(struct ctl *c, struct store *s, int64_t *ret)
{
    AUTO(store_scan) struct store_scan *scan = NULL;
    const char *word = ctl_argument(c, 0);
    char quoted[TEXT_QUOTE_SIZE];
    struct store_run run;

    if (text_to_int(text_of(word), 1, INT64_MAX, ret) == 0)
        return 0;
    if (strcmp(word, "last") != 0)
        return ctl_fail(EX_USAGE, "report show %s: must be a run's number, or last",
                        text_quote(text_of(word), quoted));
    int r = store_scan_runs(s, &scan);
    if (r >= 0)
        r = store_next_run(scan, &run);
    if (r < 0)
        return ctl_fail_errno(r, store_diag(s));
    if (r == 0)
        return ctl_fail(EX_DATAERR, "no night was reported yet");
    *ret = run.run;
    return 0;
}

static int run_show(struct ctl *c)
{
    static const char *const formats[] = {"text", "json", NULL};
    AUTO(store) struct store *s = NULL;
    AUTO(show)
    struct show w = {
        .text = BUF_INIT(SHOW_MAX), .json = BUF_INIT(SHOW_MAX), .packed = BUF_INIT(SHOW_MAX)};
    AUTO(buf) struct buf end = BUF_INIT(16);
    size_t shown = 0;
    int format = ctl_format(c, formats);

    if (format < 0)
        return EX_USAGE;
    int code = ctl_open_store(c, STORE_READ, &s);
    if (code == 0)
        code = read_run(c, s, &w.run);
    if (code != 0)
        return code;
    w.store = s;
    w.is_json = format == 1;
    w.manager = ctl_value(c, "account-manager");
    w.reseller = ctl_value(c, "reseller");
    int r = store_snapshot(s);
    if (r >= 0)
        r = show_all(&w, &shown);
    if (r < 0)
        return ctl_fail_errno(r, store_diag(s));
    if (shown == 0)
        return ctl_fail(EX_DATAERR,
                        "run %lld has no such report: `fairusectl report status` "
                        "lists the newest runs",
                        (long long)w.run);
    if (w.is_json)
        buf_add_str(&end, "]\n");
    return ctl_print(&end);
}

static const struct ctl_option status_options[] = {
    {"format", "FORMAT", "text or json"},
};

const struct ctl_command command_report_status = {
    .group = "report",
    .name = "status",
    .arguments = "",
    .help = "The newest nights, and the mails that wait or were given up",
    .options = status_options,
    .n_options = ARRAY_LEN(status_options),
    .run = run_status,
};

static const struct ctl_option show_options[] = {
    {"account-manager", "ID", "what this account manager was told alone"},
    {"reseller", "ID", "what this reseller was told alone"},
    {"format", "FORMAT", "text, as it was sent, or json: the model"},
};

const struct ctl_command command_report_show = {
    .group = "report",
    .name = "show",
    .arguments = "RUN",
    .help = "What was said in a night, by its number, or `last`",
    .options = show_options,
    .n_options = ARRAY_LEN(show_options),
    .min_arguments = 1,
    .max_arguments = 1,
    .run = run_show,
};
