/* fairusectl report: the nightly report, as files or as mails. */
#include "ctl/report.h"

#include "ctl/commands.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>

static int read_language(struct ctl *c, struct report_order *o)
{
    const char *value = ctl_value(c, "language");
    char quoted[TEXT_QUOTE_SIZE];

    o->has_language = value != NULL;
    if (!value || strcmp(value, "nl") == 0 || strcmp(value, "en") == 0) {
        o->language = value && value[0] == 'n' ? LANGUAGE_NL : LANGUAGE_EN;
        return 0;
    }
    return ctl_fail(EX_USAGE, "--language %s: must be nl or en",
                    text_quote(text_of(value), quoted));
}

/* A word as a shell takes it, for commands that people copy. */
static bool is_plain_word(const char *s)
{
    static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
                                "_./:@%+=,-";

    return s[0] != '\0' && strspn(s, plain) == strlen(s);
}

/* The words that bring a reader of the mail to the same store. */
static void put_command(struct ctl *c, struct report_order *o)
{
    const char *config = ctl_value(c, "config"), *store = ctl_value(c, "store");
    const char *option = config ? " -c " : store ? " --store " : "";
    const char *value = config ? config : store ? store : "";

    if (!is_plain_word(value))
        option = value = "";
    int n = snprintf(o->command, sizeof(o->command), "fairusectl%s%s", option, value);
    if (n < 0 || (size_t)n >= sizeof(o->command))
        (void)snprintf(o->command, sizeof(o->command), "fairusectl");
}

static void put_scope(struct ctl *c, struct report_order *o)
{
    const char *period = ctl_value(c, "period"), *manager = o->setup.only_manager;
    const char *reseller = o->setup.only_reseller;

    const char *who = manager ? "account manager " : reseller ? "reseller " : "";
    const char *id = manager ? manager : reseller ? reseller : "";

    o->is_partial = period || manager || reseller;
    if (!o->is_partial)
        (void)snprintf(o->scope, sizeof(o->scope), "%s", KEEP_WHOLE);
    else
        (void)snprintf(o->scope, sizeof(o->scope), "%s%s%s%s%s", period ? "period " : "",
                       period ? period : "", period && who[0] ? " " : "", who, id);
}

/* An id that can stand in the estate; whether it does is told when the night is made. */
static int read_id(struct ctl *c, const char *option, const char **ret)
{
    char quoted[TEXT_QUOTE_SIZE];

    *ret = ctl_value(c, option);
    if (!*ret || text_is_label(text_of(*ret), CAP_ID))
        return 0;
    return ctl_fail(EX_USAGE, "--%s %s: is no id", option, text_quote(text_of(*ret), quoted));
}

int report_order_read(struct ctl *c, struct report_order *ret)
{
    *ret = (struct report_order){.setup = {.remind = ctl_settings(c)->mail.remind}};
    int code = read_language(c, ret);

    if (code == 0)
        code = read_id(c, "account-manager", &ret->setup.only_manager);
    if (code == 0)
        code = read_id(c, "reseller", &ret->setup.only_reseller);
    if (code != 0)
        return code;
    if (ret->setup.only_manager && ret->setup.only_reseller)
        return ctl_fail(EX_USAGE, "--account-manager or --reseller, not both");
    put_command(c, ret);
    put_scope(c, ret);
    return 0;
}

const char *report_reader_name(bool is_manager, const char *id,
                               char out[static REPORT_READER_SIZE])
{
    static const char safe[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
                               "-_";
    size_t n =
        (size_t)snprintf(out, REPORT_READER_SIZE, "%s-", is_manager ? "manager" : "reseller");

    for (const char *p = id; *p && n + 4 < REPORT_READER_SIZE; p++) {
        if (strchr(safe, *p))
            out[n++] = *p;
        else
            n += (size_t)snprintf(out + n, REPORT_READER_SIZE - n, "%%%02X",
                                  (unsigned)(unsigned char)*p);
    }
    out[n] = '\0';
    return out;
}

/* Whether the one reader that was asked for is in the estate. */
static int check_reader(struct ctl *c, const struct report_order *o)
{
    AUTO(store) struct store *s = NULL;
    AUTO(store_scan) struct store_scan *scan = NULL;
    struct estate_manager m;
    struct estate_reseller x;
    const char *manager = o->setup.only_manager, *reseller = o->setup.only_reseller;

    if (!manager && !reseller)
        return 0;
    int code = ctl_open_store(c, STORE_READ, &s);
    if (code != 0)
        return code;
    int r = manager ? store_scan_managers(s, &scan) : store_scan_resellers(s, &scan);
    while (manager && r >= 0 && (r = store_next_manager(scan, &m)) > 0)
        if (strcmp(m.id, manager) == 0)
            return 0;
    while (reseller && r >= 0 && (r = store_next_reseller(scan, &x)) > 0)
        if (strcmp(x.id, reseller) == 0)
            return 0;
    if (r < 0)
        return ctl_fail_errno(r, store_diag(s));
    return ctl_fail(EX_DATAERR, "the estate has no %s %s",
                    manager ? "account manager" : "reseller", manager ? manager : reseller);
}

static int run_report(struct ctl *c)
{
    AUTO(night) struct night n = {0};
    struct report_order o;
    bool has_output = ctl_flag(c, "output"), has_send = ctl_flag(c, "send");
    int code = report_order_read(c, &o);

    if (code != 0)
        return code;
    if (has_output == has_send)
        return ctl_fail(EX_USAGE, "report: --output DIR writes it, --send mails it: one of "
                                  "them");
    if (has_output && ctl_flag(c, "wait"))
        return ctl_fail(EX_USAGE, "--wait goes with --send");
    code = check_reader(c, &o);
    if (code != 0)
        return code;
    if (has_send)
        return report_send(c, &o);
    code = night_audit(c, &n);
    ctl_progress_end();
    return code == 0 ? report_files(c, &o, &n) : code;
}

static const struct ctl_option options[] = {
    {"account-manager", "ID", "this account manager's alone"},
    {"reseller", "ID", "this reseller's alone"},
    {"period", "YYYY-MM", "that month alone (default: all open periods)"},
    {"as-of", "TIME", "what is known up to then, RFC 3339 (default: now)"},
    {"language", "LANGUAGE", "nl or en (default: each reader's own)"},
    {"output", "DIR", "as files in that folder: text, HTML, CSV, JSON, pictures"},
    {"send", NULL,
     "as mails; what was mailed of that day before is not mailed again, what waits is tried"},
    {"wait", "AGE", "with --send: try for so long what servers put off, e.g. 4h"},
};

const struct ctl_command command_report = {
    .name = "report",
    .arguments = "",
    .help = "The nightly report: what account managers and resellers read in the morning",
    .options = options,
    .n_options = ARRAY_LEN(options),
    .run = run_report,
};
