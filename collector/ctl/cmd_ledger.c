/* fairusectl ledger list, export, close, verify. */
#include "ctl/commands.h"
#include "ctl/draft_table.h"
#include "ctl/entry_out.h"
#include "run/close.h"
#include <errno.h>

/* ---- list, export ---------------------------------------------------------------------- */

static int list_drafts(struct ctl *c, enum entry_format format)
{
    AUTO(night) struct night n = {0};
    int code = night_audit(c, &n);

    if (code != 0)
        return code;
    ctl_progress_end();
    switch (format) {
    case ENTRIES_TEXT: return draft_tables(&n);
    case ENTRIES_JSON: return draft_json(&n);
    case ENTRIES_CSV: return draft_csv(&n);
    }
    return EX_SOFTWARE;
}

static int open_entries(struct ctl *c, struct store **ret_store, struct store_scan **ret)
{
    bool is_given;
    period_t period = {0};
    int code = ctl_period(c, &is_given, &period);

    if (code == 0)
        code = ctl_open_store(c, STORE_READ, ret_store);
    if (code != 0)
        return code;
    int r = store_snapshot(*ret_store);
    if (r >= 0)
        r = store_scan_entries(*ret_store, is_given, period, ret);
    return r < 0 ? ctl_fail_errno(r, store_diag(*ret_store)) : 0;
}

static int write_entries(struct ctl *c, enum entry_format format)
{
    AUTO(store) struct store *s = NULL;
    AUTO(store_scan) struct store_scan *scan = NULL;
    int code = open_entries(c, &s, &scan);

    return code == 0 ? entries_print(c, s, scan, format) : code;
}

static int run_list(struct ctl *c)
{
    static const char *const formats[] = {"text", "json", "csv", NULL};
    int format = ctl_format(c, formats);

    if (format < 0)
        return EX_USAGE;
    return ctl_flag(c, "draft") ? list_drafts(c, (enum entry_format)format)
                                : write_entries(c, (enum entry_format)format);
}

static int run_export(struct ctl *c)
{
    static const char *const formats[] = {"json", "csv", "text", NULL};
    static const enum entry_format meaning[] = {ENTRIES_JSON, ENTRIES_CSV, ENTRIES_TEXT};
    int format = ctl_format(c, formats);

    if (format < 0)
        return EX_USAGE;
    return ctl_flag(c, "draft") ? list_drafts(c, meaning[format])
                                : write_entries(c, meaning[format]);
}

static const struct ctl_option list_options[] = {
    {"period", "YYYY-MM", "entries about that month alone"},
    {"draft", NULL, "what is due and not yet entered, instead of the entries"},
    {"as-of", "TIME", "with --draft: what is known up to then (default: now)"},
    {"format", "FORMAT", "text, json or csv"},
};

const struct ctl_command command_ledger_list = {
    .group = "ledger",
    .name = "list",
    .arguments = "",
    .help = "Show what was entered (or, with --draft, what is not yet)",
    .options = list_options,
    .n_options = ARRAY_LEN(list_options),
    .run = run_list,
};

const struct ctl_command command_ledger_export = {
    .group = "ledger",
    .name = "export",
    .arguments = "",
    .help = "The entries with all their members and evidence, for machines (JSON by default)",
    .options = list_options,
    .n_options = ARRAY_LEN(list_options),
    .run = run_export,
};

/* ---- close ----------------------------------------------------------------------------- */

static int tell_closing(const struct closing *closing)
{
    AUTO(buf) struct buf b = BUF_INIT(4096);
    char first[PERIOD_TEXT_SIZE], last[PERIOD_TEXT_SIZE];

    period_format(closing->first, first);
    period_format(closing->last, last);
    if (closing->was_closed) {
        buf_printf(&b, "period %s is closed already: nothing was entered\n", last);
        return ctl_print(&b);
    }
    if (closing->first.month < closing->last.month)
        buf_printf(&b, "periods %s to %s are closed (the older ones had nothing to enter)\n",
                   first, last);
    else
        buf_printf(&b, "period %s is closed\n", last);
    buf_printf(&b, "entries: %lld\n", (long long)closing->entries);
    if (closing->held > 0)
        buf_printf(&b, "kept out, in dispute: %lld\n", (long long)closing->held);
    if (closing->trial > 0)
        buf_printf(&b, "left out, trial resellers: %lld\n", (long long)closing->trial);
    buf_printf(&b, "ledger's head: %lld %s\n", (long long)closing->head,
               closing->hash[0] ? closing->hash : "(empty)");
    return ctl_print(&b);
}

/* A name that stands in the ledger for good. */
static int read_person(struct ctl *c, const char **ret)
{
    const char *by = ctl_value(c, "by");

    if (!by)
        return ctl_fail(EX_USAGE, "who does this? --by NAME: the ledger keeps the name");
    if (!text_is_label(text_of(by), CAP_NAME))
        return ctl_fail(EX_USAGE, "--by: must be a name, of at most %d bytes", CAP_NAME);
    *ret = by;
    return 0;
}

static int check_policies(struct ctl *c, struct store *s)
{
    int r = store_begin(s);

    if (r < 0)
        return ctl_fail_errno(r, store_diag(s));
    int code = policies_check(c, s);
    if (code != 0) {
        store_rollback(s);
        return code;
    }
    r = store_commit(s);
    return r < 0 ? ctl_fail_errno(r, store_diag(s)) : 0;
}

static int run_close(struct ctl *c)
{
    AUTO(store) struct store *s = NULL;
    const char *by = NULL, *word = ctl_argument(c, 0);
    char quoted[TEXT_QUOTE_SIZE];
    struct closing closing;
    struct run_setup setup;
    struct diag d = {""};
    period_t period;

    if (period_parse(text_of(word), &period) < 0)
        return ctl_fail(EX_USAGE, "%s: must be a month, e.g. 2026-10",
                        text_quote(text_of(word), quoted));
    int code = read_person(c, &by);
    if (code == 0)
        code = ctl_open_store(c, STORE_WRITE, &s);
    if (code == 0)
        code = check_policies(c, s);
    if (code == 0)
        code = ctl_run_setup(c, s, &setup);
    if (code != 0)
        return code;
    setup.progress = ctl_progress;
    setup.progress_arg = (void *)"audit";
    struct close_order order = {period, by, ctl_flag(c, "accept")};
    int r = ledger_close(&setup, &order, &closing, &d);
    ctl_progress_end();
    return r < 0 ? ctl_fail_errno(r, d.text) : tell_closing(&closing);
}

static const struct ctl_option close_options[] = {
    {"by", "NAME", "who closes it"},
    {"accept", NULL, "also above max_close_entries and max_close_amount"},
};

const struct ctl_command command_ledger_close = {
    .group = "ledger",
    .name = "close",
    .arguments = "PERIOD",
    .help = "Enter the drafts of a month, and corrections of those before it: the only way "
            "money is entered",
    .options = close_options,
    .n_options = ARRAY_LEN(close_options),
    .min_arguments = 1,
    .max_arguments = 1,
    .run = run_close,
};

/* ---- verify ---------------------------------------------------------------------------- */

static void tell_defect(void *arg, const char *sentence)
{
    (void)arg;
    ctl_note("fairusectl: %s", sentence);
}

static int run_verify_ledger(struct ctl *c)
{
    AUTO(store) struct store *s = NULL;
    AUTO(buf) struct buf b = BUF_INIT(4096);
    int64_t entries = 0, defects = 0;
    int code = ctl_open_store(c, STORE_READ, &s);

    if (code != 0)
        return code;
    int r = ledger_verify(s, tell_defect, NULL, &entries, &defects);
    if (r < 0)
        return ctl_fail_errno(r, store_diag(s));
    if (defects > 0)
        return ctl_fail(EX_DATAERR,
                        "%lld defects in %lld entries: the ledger was changed by other hands",
                        (long long)defects, (long long)entries);
    buf_printf(
        &b,
        "%lld entries: every hash holds, and every rule, run again on its evidence, agrees\n",
        (long long)entries);
    return ctl_print(&b);
}

const struct ctl_command command_ledger_verify = {
    .group = "ledger",
    .name = "verify",
    .arguments = "",
    .help = "Recompute all hashes, and run each rule again on its stored evidence",
    .run = run_verify_ledger,
};

/* ---- waive, reinstate, dispute, uphold --------------------------------------------------- */

/* PERIOD/RESELLER/KIND/SUBJECT as one word, or as four. */
static int read_key(struct ctl *c, struct ledger_key *ret)
{
    AUTO(buf) struct buf word = BUF_INIT(8192);
    struct diag d = {""};

    if (ctl_argument_count(c) == 4)
        buf_printf(&word, "%s/%s/%s/%s", ctl_argument(c, 0), ctl_argument(c, 1),
                   ctl_argument(c, 2), ctl_argument(c, 3));
    else if (ctl_argument_count(c) == 1)
        buf_add_str(&word, ctl_argument(c, 0));
    else
        return ctl_fail(EX_USAGE, "a key is one word, PERIOD/RESELLER/KIND/SUBJECT, or four");
    int r = buf_error(&word);
    if (r >= 0)
        r = ledger_key_parse((struct text){word.data, word.len}, ret, &d);
    if (r == -ENOMEM)
        return ctl_fail_errno(r, NULL);
    return r < 0 ? ctl_fail(EX_USAGE, "%s", d.text) : 0;
}

static int decide(struct ctl *c, enum decision decision, const char *done)
{
    AUTO(store) struct store *s = NULL;
    AUTO(buf) struct buf b = BUF_INIT(4096);
    AUTO(buf) struct buf word = BUF_INIT(4096);
    const char *by = NULL, *reason = ctl_value(c, "reason");
    struct ledger_key key;
    struct run_setup setup;
    struct diag d = {""};
    int code = read_key(c, &key);

    if (code == 0)
        code = read_person(c, &by);
    if (code == 0 && (!reason || !text_is_label(text_of(reason), CAP_REASON)))
        code =
            ctl_fail(EX_USAGE, "why? --reason TEXT, of at most %d bytes: the ledger keeps it",
                     CAP_REASON);
    if (code == 0)
        code = ctl_open_store(c, STORE_WRITE, &s);
    if (code == 0)
        code = ctl_run_setup(c, s, &setup);
    if (code != 0)
        return code;
    struct decision_order order = {decision, by, reason};
    int r = ledger_decide(&setup, &key, &order, &d);
    if (r < 0)
        return ctl_fail_errno(r, d.text);
    ledger_key_format(&key, &word);
    ctl_put_name(&b, (struct text){word.data, word.len});
    buf_printf(&b, ": %s\n", done);
    if (buf_error(&word) < 0)
        return ctl_fail_errno(buf_error(&word), NULL);
    return ctl_print(&b);
}

static int run_waive(struct ctl *c)
{
    return decide(c, DECISION_WAIVE, "waived: nothing is due for it until it is reinstated");
}

static int run_reinstate(struct ctl *c)
{
    return decide(c, DECISION_REINSTATE, "reinstated: the rules decide what is due");
}

static int run_dispute(struct ctl *c)
{
    return decide(c, DECISION_DISPUTE,
                  "in dispute: kept out of closings until upheld or waived");
}

static int run_uphold(struct ctl *c)
{
    return decide(c, DECISION_UPHOLD, "upheld: the next closing enters what is due");
}

static const struct ctl_option decide_options[] = {
    {"reason", "TEXT", "why"},
    {"by", "NAME", "who decides"},
};

#define DECISION_COMMAND(word, text)                                                           \
    const struct ctl_command command_ledger_##word = {                                         \
        .group = "ledger",                                                                     \
        .name = #word,                                                                         \
        .arguments = "KEY",                                                                    \
        .help = (text),                                                                        \
        .options = decide_options,                                                             \
        .n_options = ARRAY_LEN(decide_options),                                                \
        .min_arguments = 1,                                                                    \
        .max_arguments = 4,                                                                    \
        .run = run_##word,                                                                     \
    }

DECISION_COMMAND(waive, "Make a key's due 0, until it is reinstated");
DECISION_COMMAND(reinstate, "Take a waiver back");
DECISION_COMMAND(dispute, "Keep a key out of closings, until it is upheld or waived");
DECISION_COMMAND(uphold, "Decide a dispute for the charge");
