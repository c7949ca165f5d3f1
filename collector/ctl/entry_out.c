/* Entries, written row by row. */
#include "ctl/entry_out.h"
#include "json/json.h"
#include <errno.h>
#include <string.h>

static const char *copy_text(struct text t, char *out, size_t size)
{
    size_t n = t.n < size - 1 ? t.n : size - 1;

    memcpy(out, t.p ? t.p : "", n);
    out[n] = '\0';
    return out;
}

/* An entry read out of a stored body; the texts live as long as `doc`. */
static int read_body(const char *body, struct json_doc **doc, struct ledger_entry *ret)
{
    struct json_error e;
    int r = json_read(text_of(body), doc, &e);

    if (r >= 0) {
        struct json root = json_root(*doc);
        r = ledger_read_entry(&root, ret, &e);
    }
    return r == -EBADMSG ? -EIO : r;
}

/* ---- JSON: the members of the body, and what hangs on them --------------------------------
 */

static void put_json(const struct store_entry *row, struct buf *out)
{
    struct jsonw w = jsonw_to(out, false);

    /* The body is an object; its members are kept as they were hashed, and two join them. */
    buf_add(out, row->body, strlen(row->body) - 1);
    buf_add_str(out, ",\"evidence\":");
    buf_add_str(out, row->evidence);
    buf_add_str(out, ",\"hash\":");
    jsonw_text(&w, NULL, row->hash);
    buf_add_char(out, '}');
}

static int print_json(struct store *s, struct store_scan *scan)
{
    AUTO(buf) struct buf out = BUF_INIT((size_t)CAP_PROOF_BYTES * 2);
    struct store_entry row;
    bool has_any = false;
    int r, code = 0;

    buf_add_char(&out, '[');
    while (code == 0 && (r = store_next_entry(scan, &row)) > 0) {
        buf_add_str(&out, has_any ? ",\n" : "\n");
        has_any = true;
        put_json(&row, &out);
        code = ctl_print(&out);
        buf_reset(&out);
    }
    if (code == 0 && r < 0)
        return ctl_fail_errno(r, store_diag(s));
    buf_add_str(&out, "\n]\n");
    return code == 0 ? ctl_print(&out) : code;
}

/* ---- CSV (RFC 4180), safe from formulas ----------------------------------------------------
 */

void csv_text(struct buf *out, const char *s, bool is_last)
{
    /* A cell that begins like a formula gets an apostrophe before it; numbers never come here.
     */
    bool is_formula = s[0] != '\0' && strchr("=+-@\t\r", s[0]);

    buf_add_char(out, '"');
    if (is_formula)
        buf_add_char(out, '\'');
    for (; *s; s++) {
        if (*s == '"')
            buf_add_char(out, '"');
        buf_add_char(out, *s);
    }
    buf_add_str(out, is_last ? "\"\r\n" : "\",");
}

static void put_number(struct buf *out, int64_t v)
{
    buf_add_int(out, v);
    buf_add_char(out, ',');
}

static void put_csv_names(const struct ledger_entry *e, struct buf *out)
{
    char period[PERIOD_TEXT_SIZE], text[LEDGER_NAME_SIZE];

    csv_text(out, copy_text(e->who, text, sizeof(text)), false);
    csv_text(out, e->is_adjustment ? "adjustment" : "charge", false);
    csv_text(out, period_format(e->booked, period), false);
    csv_text(out, period_format(e->period, period), false);
    csv_text(out, copy_text(e->reseller, text, sizeof(text)), false);
    csv_text(out, charge_kind_name(e->kind), false);
    csv_text(out, copy_text(e->subject, text, sizeof(text)), false);
}

static void put_csv(const struct ledger_entry *e, const char *hash, struct buf *out)
{
    char moment[WALL_TEXT_SIZE], money[MONEY_TEXT_SIZE], text[LEDGER_NAME_SIZE];
    char digest[DIGEST_TEXT_SIZE];

    put_number(out, e->sequence);
    csv_text(out, wall_format(e->time, moment), false);
    put_csv_names(e, out);
    put_number(out, e->due.quantity);
    put_number(out, e->due.units);
    buf_printf(out, "%s,",
               e->due.block > 0 ? price_format(e->due.unit_price, e->currency, money) : "");
    csv_text(out, e->currency->code, false);
    buf_printf(out, "%s,", money_format(e->amount, e->currency, money));
    csv_text(out, due_basis_name(e->due.basis), false);
    csv_text(out, copy_text(e->policy, text, sizeof(text)), false);
    csv_text(out, digest_format(&e->evidence, digest), false);
    csv_text(out, e->previous, false);
    csv_text(out, hash, true);
}

/* ---- Text ----------------------------------------------------------------------------------
 */

static const char *const heads[] = {">No",      "Booked",  "Period",    "Reseller",
                                    "Kind",     "Subject", ">Quantity", ">Amount",
                                    "Currency", "Type",    "By",        "Hash"};

static void put_row(struct table *t, const struct ledger_entry *e, const char *hash)
{
    char period[PERIOD_TEXT_SIZE], text[LEDGER_NAME_SIZE], money[MONEY_TEXT_SIZE];

    table_cell(t, "%lld", (long long)e->sequence);
    table_cell(t, "%s", period_format(e->booked, period));
    table_cell(t, "%s", period_format(e->period, period));
    table_cell(t, "%s", copy_text(e->reseller, text, sizeof(text)));
    table_cell(t, "%s", charge_kind_name(e->kind));
    table_cell(t, "%s", copy_text(e->subject, text, sizeof(text)));
    table_cell(t, "%lld", (long long)e->due.quantity);
    table_cell(t, "%s", money_format(e->amount, e->currency, money));
    table_cell(t, "%s", e->currency->code);
    table_cell(t, "%s", e->is_adjustment ? "adjustment" : "charge");
    table_cell(t, "%s", copy_text(e->who, text, sizeof(text)));
    table_cell(t, "%.12s…", hash);
}

/* A tenth of a million rows at a time would be too many for a screen, and few for memory. */
enum { ROWS_A_TABLE = 1000 };

static int print_rows(struct store *s, struct store_scan *scan, bool is_csv, struct buf *out)
{
    AUTO(table) struct table *t = NULL;
    struct store_entry row;
    int r = table_new(heads, ARRAY_LEN(heads), &t), n = 0;

    while (r >= 0 && n < ROWS_A_TABLE && (r = store_next_entry(scan, &row)) > 0) {
        AUTO(json_doc) struct json_doc *doc = NULL;
        struct ledger_entry e;
        r = read_body(row.body, &doc, &e);
        if (r < 0)
            return ctl_fail_errno(r, "an entry can not be read: see `ledger verify`");
        if (is_csv)
            put_csv(&e, row.hash, out);
        else
            put_row(t, &e, row.hash);
        n++;
    }
    if (r < 0)
        return ctl_fail_errno(r, store_diag(s));
    if (n > 0 && !is_csv && table_write(t, out) < 0)
        return ctl_fail_errno(-ENOMEM, NULL);
    return n == ROWS_A_TABLE ? -1 : 0;
}

static int print_chunks(struct store *s, struct store_scan *scan, bool is_csv)
{
    AUTO(buf) struct buf out = BUF_INIT(64 << 20);
    int more;

    if (is_csv)
        buf_add_str(&out, "sequence,time,who,type,booked_period,period,reseller,kind,subject,"
                          "quantity,units,unit_price,currency,amount,basis,policy_version,"
                          "evidence_sha256,previous_hash,hash\r\n");
    do {
        more = print_rows(s, scan, is_csv, &out);
        if (more > 0)
            return more;
        if (out.len == 0 && !is_csv)
            buf_add_str(&out, "The ledger has no entries here.\n");
        int code = ctl_print(&out);
        if (code != 0)
            return code;
        buf_reset(&out);
    } while (more < 0);
    return 0;
}

int entries_print(struct ctl *c, struct store *s, struct store_scan *scan,
                  enum entry_format format)
{
    (void)c;
    switch (format) {
    case ENTRIES_JSON: return print_json(s, scan);
    case ENTRIES_CSV: return print_chunks(s, scan, true);
    case ENTRIES_TEXT: return print_chunks(s, scan, false);
    }
    return EX_SOFTWARE;
}

void entry_describe(const struct ledger_entry *e, const char *hash, const struct zone *zone,
                    struct buf *out)
{
    char zoned[ZONE_TEXT_SIZE], period[PERIOD_TEXT_SIZE], booked[PERIOD_TEXT_SIZE];
    char money[MONEY_TEXT_SIZE], price[MONEY_TEXT_SIZE];

    buf_printf(out, "entry      %lld, %s of %s %s, booked in %s\n", (long long)e->sequence,
               e->is_adjustment ? "adjustment" : "charge", e->currency->code,
               money_format(e->amount, e->currency, money), period_format(e->booked, booked));
    buf_printf(out, "key        %s/", period_format(e->period, period));
    ctl_put_name(out, e->reseller);
    buf_printf(out, "/%s/", charge_kind_name(e->kind));
    ctl_put_name(out, e->subject);
    buf_printf(out, "\ndue        %s %s: %s, quantity %lld", e->currency->code,
               money_format(e->due.amount, e->currency, money), due_basis_name(e->due.basis),
               (long long)e->due.quantity);
    if (e->due.block > 0)
        buf_printf(out, ", %lld × %s", (long long)e->due.units,
                   price_format(e->due.unit_price, e->currency, price));
    buf_add_str(out, "\nentered by ");
    ctl_put_name(out, e->who);
    buf_printf(out, ", %s\nhash       %s\n", zone_format(zone, e->time, zoned), hash);
}
