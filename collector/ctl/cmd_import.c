/* fairusectl import estate, import reports. */
#include "ctl/commands.h"
#include "estate/estate_import.h"
#include "os/file.h"
#include "run/intake.h"
#include <dirent.h>
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

/* An import is how an estate begins: the store is made where there is none, and it says so. */
static int open_or_create(struct ctl *c, struct store **ret)
{
    const char *url = ctl_value(c, "store");
    struct diag d;

    url = url ? url : ctl_settings(c)->store;
    if (!url[0] || store_open(url, STORE_WRITE, ret, &d) != -ENOENT)
        return *ret ? 0 : ctl_open_store(c, STORE_WRITE, ret);
    int code = ctl_open_store(c, STORE_CREATE, ret);
    if (code == 0)
        ctl_note("a new store was made: %s", url);
    return code;
}

/* ---- Estate ---------------------------------------------------------------------------- */

static int read_json_file(struct ctl *c, struct estate *e, const char *path, struct buf *text)
{
    struct diag d;
    int r = file_read(path, text, &d);

    if (r < 0)
        return ctl_fail(r == -ENOMEM ? EX_OSERR : EX_NOINPUT, "%s", d.text);
    r = estate_read_json(e, (struct text){text->data, text->len}, path,
                         ctl_value(c, "reseller"), &d);
    return r < 0 ? ctl_fail_errno(r, d.text) : 0;
}

static int read_table(struct estate *e, const char *folder, const char *file, struct buf *text)
{
    AUTO(buf) struct buf path = BUF_INIT(8192);
    AUTO(buf) struct buf table = BUF_INIT(512);
    struct diag d;

    buf_printf(&path, "%s/%s", folder, file);
    buf_add(&table, file, strlen(file) - strlen(".csv"));
    if (buf_error(&path) < 0 || buf_error(&table) < 0)
        return ctl_fail(EX_NOINPUT, "%s/…: the path is too long", folder);
    buf_reset(text);
    int r = file_read(buf_str(&path), text, &d);
    if (r < 0)
        return ctl_fail(r == -ENOMEM ? EX_OSERR : EX_NOINPUT, "%s", d.text);
    r = estate_read_csv(e, (struct text){text->data, text->len}, buf_str(&table),
                        buf_str(&path), &d);
    return r < 0 ? ctl_fail_errno(r, d.text) : 0;
}

static int is_csv(const struct dirent *entry)
{
    size_t n = strlen(entry->d_name);
    return entry->d_name[0] != '.' && n > 4 && strcmp(entry->d_name + n - 4, ".csv") == 0;
}

/* A folder with one CSV a table; what is no CSV file is not looked at. */
static int read_folder(struct estate *e, const char *folder, struct buf *text)
{
    struct dirent **files;
    int n = scandir(folder, &files, is_csv, alphasort), code = 0;

    if (n < 0)
        return ctl_fail(EX_NOINPUT, "%s: %s", folder, strerror(errno));
    if (n == 0)
        code =
            ctl_fail(EX_DATAERR,
                     "%s: there is no CSV file in it (resellers.csv, licenses.csv, …)", folder);
    for (int i = 0; i < n; i++) {
        if (code == 0)
            code = read_table(e, folder, files[i]->d_name, text);
        free(files[i]);
    }
    free(files);
    return code;
}

static int read_estate(struct ctl *c, struct estate *e)
{
    AUTO(buf) struct buf text = BUF_INIT((size_t)CAP_ESTATE_BYTES);
    const char *path = ctl_argument(c, 0);
    struct stat st;

    if (stat(path, &st) < 0)
        return ctl_fail(EX_NOINPUT, "%s: %s", path, strerror(errno));
    int code =
        S_ISDIR(st.st_mode) ? read_folder(e, path, &text) : read_json_file(c, e, path, &text);
    /* A listing's secrets end here. */
    if (text.data)
        explicit_bzero(text.data, text.size);
    return code;
}

static int tell_summary(const struct estate_summary *sum)
{
    static const char *const names[ESTATE_TABLE_COUNT] = {
        "account managers", "resellers", "licences", "domains", "servers", "moves", "tariffs"};
    AUTO(buf) struct buf b = BUF_INIT(4096);

    for (int i = 0; i < ESTATE_TABLE_COUNT; i++)
        if (sum->named[i])
            buf_printf(&b, "%s: %lld\n", names[i], (long long)sum->rows[i]);
    if (sum->skipped > 0)
        buf_printf(&b, "passed over: %lld (deleted, or not Plesk)\n", (long long)sum->skipped);
    buf_printf(&b, "%lld added, %lld changed, %lld removed\n", (long long)sum->added,
               (long long)sum->changed, (long long)sum->removed);
    return ctl_print(&b);
}

static int apply_in_transaction(struct ctl *c, struct store *s, const struct estate *e)
{
    struct estate_leave leave = {ctl_now(c), ctl_flag(c, "accept")};
    struct estate_summary sum = {0};
    struct diag d = {""};
    int r = store_begin(s);

    if (r < 0)
        return ctl_fail_errno(r, store_diag(s));
    int code = policies_check(c, s);
    if (code != 0) {
        store_rollback(s);
        return code;
    }
    r = estate_apply(e, s, &leave, &sum, &d);
    if (r < 0 || (sum.needs_accept && !leave.accept)) {
        store_rollback(s);
        return r < 0 ? ctl_fail_errno(r, d.text[0] ? d.text : store_diag(s))
                     : ctl_fail(EX_TEMPFAIL,
                                "%s; nothing was imported: --accept imports it all the same",
                                sum.why.text);
    }
    r = store_commit(s);
    return r < 0 ? ctl_fail_errno(r, store_diag(s)) : tell_summary(&sum);
}

static int run_import_estate(struct ctl *c)
{
    AUTO(estate) struct estate *e = NULL;
    AUTO(store) struct store *s = NULL;

    if (estate_new(&ctl_settings(c)->zone, &e) < 0)
        return ctl_fail_errno(-ENOMEM, NULL);
    int code = read_estate(c, e);
    if (code == 0)
        code = open_or_create(c, &s);
    return code != 0 ? code : apply_in_transaction(c, s, e);
}

static const struct ctl_option estate_options[] = {
    {"accept", NULL, "also tariffs and policies that begin too soon (T&C 12.7, 15.2)"},
    {"reseller", "ID",
     "whose licences a licence listing shows, where the estate does not know"},
};

const struct ctl_command command_import_estate = {
    .group = "import",
    .name = "estate",
    .arguments = "PATH",
    .help = "Take in the estate: a JSON file, a folder of CSV files, or a licence listing",
    .options = estate_options,
    .n_options = ARRAY_LEN(estate_options),
    .min_arguments = 1,
    .max_arguments = 1,
    .run = run_import_estate,
};

/* ---- Reports --------------------------------------------------------------------------- */

enum { BATCH = 256 }; /* reports a commit: the knee of rate against latency */

struct importing {
    struct ctl *c;
    struct store *store;
    const char *path;
    struct line_reader *lines;
    int64_t taken, refused, pending; /* pending: in the open transaction */
};

static void refuse_line(struct importing *in, size_t line, size_t column, const char *at,
                        const char *why)
{
    in->refused++;
    (void)ctl_fail(EX_DATAERR, "%s:%zu:%zu: %s%s%s", in->path, line, column ? column : 1, at,
                   at[0] ? ": " : "", why);
}

static int store_trouble(struct importing *in, int r, const char *text)
{
    store_rollback(in->store);
    ctl_note("%s: %lld reports are stored; of the rest nothing: import the file again when it "
             "is mended",
             in->path, (long long)in->taken);
    in->pending = 0;
    return ctl_fail_errno(r, text);
}

static int commit_batch(struct importing *in)
{
    if (in->pending == 0)
        return 0;
    int r = store_commit(in->store);
    if (r < 0)
        return store_trouble(in, r, store_diag(in->store));
    in->taken += in->pending;
    in->pending = 0;
    return 0;
}

static int put_recorded(struct importing *in, struct recorded *rec)
{
    char at[REPORT_AT_SIZE] = "", pointer[REPORT_AT_SIZE + 8];
    struct diag d = {""};
    int r = in->pending > 0 ? 0 : store_begin(in->store);

    if (r < 0)
        return store_trouble(in, r, store_diag(in->store));
    /* The transaction is open from here on, even when this report is refused. */
    r = intake_report(in->store, rec, ctl_settings(in->c)->merge_gap, at, &d);
    if (r == -EBADMSG) {
        (void)snprintf(pointer, sizeof(pointer), "/report%s", at);
        refuse_line(in, line_reader_number(in->lines), 0, pointer, d.text);
        if (in->pending == 0)
            store_rollback(in->store);
        return 0;
    }
    if (r < 0)
        return store_trouble(in, r, d.text);
    in->pending++;
    return in->pending == BATCH ? commit_batch(in) : 0;
}

static bool is_blank(struct text t)
{
    for (size_t i = 0; i < t.n; i++)
        if (t.p[i] != ' ' && t.p[i] != '\t' && t.p[i] != '\r')
            return false;
    return true;
}

static int take_line(struct importing *in, struct text line)
{
    struct recorded rec;
    struct json_error e = {0};

    if (is_blank(line))
        return 0;
    int r = recorded_from_json(line, &rec, &e);
    if (r == -EBADMSG) {
        refuse_line(in, line_reader_number(in->lines), e.column, e.at, e.diag.text);
        return 0;
    }
    if (r < 0)
        return store_trouble(in, r, NULL);
    int code = put_recorded(in, &rec);
    recorded_done(&rec);
    return code;
}

static int take_lines(struct importing *in)
{
    struct text line;
    int r, code = 0;

    while (code == 0 && (r = line_reader_next(in->lines, &line)) != 0) {
        if (r == -ERANGE)
            refuse_line(in, line_reader_number(in->lines), 1, "",
                        "the line is longer than a report may be");
        else if (r < 0)
            code = store_trouble(in, r, "the file could not be read to its end");
        else
            code = take_line(in, line);
        ctl_progress((void *)"reports", line_reader_done_bytes(in->lines),
                     line_reader_total_bytes(in->lines));
    }
    return code == 0 ? commit_batch(in) : code;
}

static int take_file(struct importing *in, const char *path)
{
    struct diag d;

    in->path = path;
    int r = line_reader_open(path, (size_t)CAP_REPORT_BYTES + 1024, &in->lines, &d);
    if (r < 0)
        return ctl_fail(r == -ENOMEM ? EX_OSERR : EX_NOINPUT, "%s", d.text);
    int code = take_lines(in);
    line_reader_free(in->lines);
    return code;
}

static int run_import_reports(struct ctl *c)
{
    AUTO(store) struct store *s = NULL;
    AUTO(buf) struct buf b = BUF_INIT(4096);
    struct importing in = {.c = c};
    int code = open_or_create(c, &s);

    in.store = s;
    for (int i = 0; i < ctl_argument_count(c) && code == 0; i++)
        code = take_file(&in, ctl_argument(c, i));
    buf_printf(&b, "%lld reports taken, %lld refused\n", (long long)in.taken,
               (long long)in.refused);
    if (code != 0)
        return code;
    code = ctl_print(&b);
    return code == 0 && in.refused > 0 ? EX_DATAERR : code;
}

const struct ctl_command command_import_reports = {
    .group = "import",
    .name = "reports",
    .arguments = "FILE…",
    .help = "Take in recorded reports, one JSON object a line, as if received then",
    .min_arguments = 1,
    .max_arguments = CTL_ARGUMENTS_MAX,
    .run = run_import_reports,
};
