/* fairusectl audit: findings and drafts, as text or JSON; and what of it agents are told. */
#include "ctl/commands.h"
#include "ctl/draft_table.h"
#include "ctl/json_out.h"
#include "ctl/night.h"
#include "run/publish.h"
#include <errno.h>
#include <string.h>

enum { EXIT_FOUND = 2 };

/* What --fail-on asks for, and what was found. */
struct watch {
    enum finding_state least; /* STATE_CLEAR: not asked */
    bool is_found;
};

static int read_watch(struct ctl *c, struct watch *ret)
{
    const char *value = ctl_value(c, "fail-on");
    char quoted[TEXT_QUOTE_SIZE];

    *ret = (struct watch){STATE_CLEAR, false};
    if (!value)
        return 0;
    for (int s = STATE_NOTICE; s <= STATE_CONFIRMED; s++)
        if (strcmp(value, finding_state_name((enum finding_state)s)) == 0)
            ret->least = (enum finding_state)s;
    if (ret->least == STATE_CLEAR)
        return ctl_fail(EX_USAGE, "--fail-on %s: must be confirmed, potential or notice",
                        text_quote(text_of(value), quoted));
    return 0;
}

static void watch_finding(struct watch *w, const struct finding *f)
{
    if (w->least != STATE_CLEAR && f->state >= w->least)
        w->is_found = true;
}

/* ---- JSON ------------------------------------------------------------------------------ */

struct json_lines {
    struct buf *out;
    bool has_any;
};

/* The next element of an array, on a line of its own. */
static struct jsonw next_line(struct json_lines *l)
{
    buf_add_str(l->out, l->has_any ? ",\n" : "\n");
    l->has_any = true;
    return jsonw_to(l->out, false);
}

static int flush(struct buf *b)
{
    int code = ctl_print(b);
    buf_reset(b);
    return code;
}

static int json_findings(struct night *n, struct watch *watch, struct buf *out)
{
    struct json_lines lines = {.out = out};
    struct finding f;
    int r;

    while ((r = findings_next(n->findings, &f)) > 0) {
        if (!night_shows(n, f.period))
            continue;
        watch_finding(watch, &f);
        struct jsonw w = next_line(&lines);
        json_finding(&w, &f);
        int code = flush(out);
        if (code != 0)
            return code;
    }
    return r < 0 ? ctl_fail_errno(r, NULL) : 0;
}

static int json_draft(void *arg, const struct draft *d)
{
    struct json_lines *lines = arg;

    if (!due_has_row(d))
        return 0;
    struct jsonw w = next_line(lines);
    json_due(&w, d);
    return buf_error(lines->out);
}

static int audit_json(struct night *n, struct watch *watch)
{
    AUTO(buf) struct buf out = BUF_INIT((size_t)CAP_EVIDENCE_BYTES + 65536);
    struct json_lines lines = {.out = &out};
    period_t last = n->periods.v[n->periods.n - 1];

    struct jsonw w = jsonw_to(&out, false);
    jsonw_object(&w, NULL);
    jsonw_int(&w, "as_of", n->setup.as_of.s);
    jsonw_text(
        &w, "policy",
        policy_version_at(n->setup.policies, period_start(n->setup.zone, last))->version);
    buf_add_str(&out, ",\"findings\":[");
    int code = json_findings(n, watch, &out);
    if (code != 0)
        return code;
    buf_add_str(&out, "\n],\"due\":[");
    for (size_t i = 0; i < n->periods.n; i++) {
        int r = drafts_of(&n->setup, n->findings, n->periods.v[i], json_draft, &lines);
        if (r < 0)
            return ctl_fail_errno(r, store_diag(n->store));
        code = flush(&out);
        if (code != 0)
            return code;
    }
    buf_add_str(&out, "\n]}\n");
    return flush(&out);
}

/* ---- Text ------------------------------------------------------------------------------ */

enum { ROWS_A_TABLE = 500 }; /* so that memory does not grow with the findings */

static const char *const finding_heads[] = {"State",     "Kind",  "Reseller",  "Subject",
                                            ">Quantity", "Since", "Confirmed", "Clause"};

static void finding_row(struct table *t, const struct night *n, const struct finding *f)
{
    char since[ZONE_TEXT_SIZE], confirms[ZONE_TEXT_SIZE];

    table_cell(t, "%s%s", finding_state_name(f->state), f->is_trial ? " (trial)" : "");
    table_cell(t, "%s", finding_kind_name(f->kind));
    table_cell(t, "%s", f->reseller ? f->reseller : "-");
    table_cell(t, "%s", f->subject);
    table_cell(t, "%lld", (long long)f->quantity);
    table_cell(t, "%s", f->has_since ? zone_format(n->setup.zone, f->since, since) : "-");
    table_cell(t, "%s",
               f->has_confirms ? zone_format(n->setup.zone, f->confirms_at, confirms)
               : f->state == STATE_CONFIRMED ? "yes"
                                             : "-");
    table_cell(t, "%s", finding_clause(f->kind)[0] ? finding_clause(f->kind) : "-");
}

static int put_table(struct table *t)
{
    AUTO(buf) struct buf out = BUF_INIT(64 << 20);
    int r = table_write(t, &out);
    return r < 0 ? ctl_fail_errno(r, NULL) : ctl_print(&out);
}

/* The findings of one period, in tables of at most ROWS_A_TABLE rows. `f` holds the first. */
static int text_period(struct night *n, struct watch *watch, struct finding *f, int *more)
{
    AUTO(buf) struct buf head = BUF_INIT(4096);
    period_t period = f->period;
    char text[PERIOD_TEXT_SIZE];

    buf_printf(&head, "\nFindings of %s\n\n", period_format(period, text));
    int code = ctl_print(&head);
    while (code == 0 && *more > 0 && f->period.month == period.month) {
        AUTO(table) struct table *t = NULL;
        if (table_new(finding_heads, ARRAY_LEN(finding_heads), &t) < 0)
            return ctl_fail_errno(-ENOMEM, NULL);
        for (int i = 0; i<ROWS_A_TABLE && * more> 0 && f->period.month == period.month; i++) {
            watch_finding(watch, f);
            finding_row(t, n, f);
            *more = findings_next(n->findings, f);
        }
        code = put_table(t);
    }
    return code;
}

static int text_findings(struct night *n, struct watch *watch)
{
    AUTO(buf) struct buf none = BUF_INIT(256);
    struct finding f;
    bool has_any = false;
    int more = findings_next(n->findings, &f), code = 0;

    while (more > 0 && code == 0) {
        if (!night_shows(n, f.period)) {
            more = findings_next(n->findings, &f);
            continue;
        }
        has_any = true;
        code = text_period(n, watch, &f, &more);
    }
    if (more < 0)
        return ctl_fail_errno(more, NULL);
    if (!has_any)
        buf_add_str(&none, "\nNo findings.\n");
    return code == 0 ? ctl_print(&none) : code;
}

static int audit_text(struct night *n, struct watch *watch)
{
    AUTO(buf) struct buf head = BUF_INIT(4096);
    char zoned[ZONE_TEXT_SIZE], first[PERIOD_TEXT_SIZE], last[PERIOD_TEXT_SIZE];

    buf_printf(&head, "Audit as of %s; periods %s to %s; zone %s\n",
               zone_format(n->setup.zone, n->setup.as_of, zoned),
               period_format(n->periods.v[n->periods.n_corrected], first),
               period_format(n->periods.v[n->periods.n - 1], last), n->setup.zone->name);
    int code = ctl_print(&head);
    if (code == 0)
        code = text_findings(n, watch);
    return code == 0 ? draft_tables(n) : code;
}

/* ---- Publishing ------------------------------------------------------------------------ */

/*
 * The store to publish into, opened before the audit: where it can not be written, that is told
 * at once, and an older one is brought up to date before it is read. NULL without --publish.
 */
static int open_writer(struct ctl *c, struct store **ret)
{
    if (!ctl_flag(c, "publish"))
        return 0;
    if (ctl_flag(c, "period") || ctl_flag(c, "as-of"))
        return ctl_fail(EX_USAGE, "--publish tells agents of all open periods as they are now: "
                                  "it goes without --period and --as-of");
    return ctl_open_store(c, STORE_WRITE, ret);
}

static int publish_in_transaction(struct publish *p, struct store *writer, wall_t as_of,
                                  int64_t *ret_rows)
{
    struct diag d = {""};
    int r = store_begin(writer);

    if (r < 0)
        return ctl_fail_errno(r, store_diag(writer));
    r = publish_put(p, writer, as_of, ret_rows, &d);
    if (r < 0) {
        store_rollback(writer);
        return ctl_fail_errno(r, d.text);
    }
    r = store_commit(writer);
    return r < 0 ? ctl_fail_errno(r, store_diag(writer)) : 0;
}

/* The reading is over by now: a collector is held up no longer than the rows take to write. */
static int publish(struct night *n, struct store *writer)
{
    AUTO(publish) struct publish *p = NULL;
    struct diag d = {""};
    int64_t rows = 0;
    int r = publish_new(&n->setup, &n->periods, &p, &d);

    store_snapshot_end(n->store);
    if (r >= 0)
        r = publish_take_all(p, n->findings);
    if (r < 0)
        return ctl_fail_errno(r, d.text);
    int code = publish_in_transaction(p, writer, n->setup.as_of, &rows);
    if (code == 0)
        ctl_note("published: agents are told of %lld licences that are potential or confirmed",
                 (long long)rows);
    return code;
}

static int run_audit_command(struct ctl *c)
{
    static const char *const formats[] = {"text", "json", NULL};
    AUTO(store) struct store *writer = NULL;
    AUTO(night) struct night n = {0};
    struct watch watch;
    int format = ctl_format(c, formats);

    if (format < 0)
        return EX_USAGE;
    int code = read_watch(c, &watch);
    if (code == 0)
        code = open_writer(c, &writer);
    if (code == 0)
        code = night_audit(c, &n);
    if (code != 0)
        return code;
    ctl_progress_end();
    code = format == 1 ? audit_json(&n, &watch) : audit_text(&n, &watch);
    if (code == 0 && writer)
        code = publish(&n, writer);
    return code == 0 && watch.is_found ? EXIT_FOUND : code;
}

static const struct ctl_option options[] = {
    {"period", "YYYY-MM", "that month alone (default: all open periods)"},
    {"as-of", "TIME", "what is known up to then, RFC 3339 (default: now)"},
    {"format", "FORMAT", "text or json"},
    {"fail-on", "STATE",
     "exit 2 if there is a finding of this state or a graver one: notice, potential, "
     "confirmed"},
    {"publish", NULL, "agents are told the states of their licences by this audit"},
};

const struct ctl_command command_audit = {
    .name = "audit",
    .arguments = "",
    .help = "Judge what is known by the rules: findings, and what is due and not yet entered",
    .options = options,
    .n_options = ARRAY_LEN(options),
    .run = run_audit_command,
};
