/* Both chains from their beginnings, and every charge judged again. */
#include "json/json.h"
#include "run/close_parts.h"
#include "store/sorter.h"
#include <errno.h>
#include <string.h>

struct verifier {
    struct store *store;
    void (*complain)(void *arg, const char *sentence);
    void *arg;
    int64_t entries, defects;
    int64_t sequence; /* of the row before */
    char hash[DIGEST_TEXT_SIZE];
    struct sorter *by_key; /* the entries of each key, one after another */
};

/* What is remembered of an entry until its key's turn. */
struct step {
    int64_t sequence;
    money_t before, amount;
    bool is_adjustment;
};

static void complain(struct verifier *v, const char *chain, int64_t sequence, const char *what)
{
    struct diag d;

    v->defects++;
    diag_set(&d, 0, "%s %lld: %s", chain, (long long)sequence, what);
    v->complain(v->arg, d.text);
}

/* One row of a chain. */
struct link {
    const char *chain; /* "entry" or "decision", for messages */
    int64_t sequence;
    const char *body, *hash;
    struct text previous;
};

/* The links of a chain: numbers without holes, each body's hash, and the hash before it. */
static int check_link(struct verifier *v, const struct link *l)
{
    char computed[DIGEST_TEXT_SIZE];
    int r = ledger_hash(text_of(l->body), computed);

    if (r < 0)
        return r;
    if (l->sequence != v->sequence + 1)
        complain(v, l->chain, l->sequence, "rows before it are missing");
    if (strcmp(computed, l->hash) != 0)
        complain(v, l->chain, l->sequence, "its hash is not that of its content");
    if (!text_is(l->previous, v->hash))
        complain(v, l->chain, l->sequence, "it does not follow from the row before it");
    v->sequence = l->sequence;
    memcpy(v->hash, computed, sizeof(computed));
    return 0;
}

/* The columns that look-ups use must say what the hashed body says. */
static bool columns_agree(const struct store_entry *row, const struct ledger_entry *e)
{
    return row->sequence == e->sequence && row->period.month == e->period.month &&
           row->booked.month == e->booked.month && row->kind == e->kind &&
           text_is(e->reseller, row->reseller) && text_is(e->subject, row->subject) &&
           strcmp(row->currency, e->currency->code) == 0 &&
           row->amount.minor == e->amount.minor;
}

static int remember_step(struct verifier *v, const struct store_entry *row,
                         const struct ledger_entry *e)
{
    AUTO(buf) struct buf key = BUF_INIT(4096);
    struct step step = {e->sequence, e->entered_before, e->amount, e->is_adjustment};
    char period[PERIOD_TEXT_SIZE];

    buf_printf(&key, "%s/%s/%s/%s", period_format(row->period, period), row->reseller,
               charge_kind_name(row->kind), row->subject);
    int r = buf_error(&key);
    return r < 0 ? r
                 : sorter_put(v->by_key, (struct text){key.data, key.len},
                              (struct text){(const char *)&step, sizeof(step)});
}

static int check_entry(struct verifier *v, const struct store_entry *row)
{
    AUTO(json_doc) struct json_doc *doc = NULL;
    struct json_error error;
    struct ledger_entry e;
    struct diag d;
    int r = json_read(text_of(row->body), &doc, &error);

    if (r >= 0) {
        struct json root = json_root(doc);
        r = ledger_read_entry(&root, &e, &error);
    }
    if (r == -ENOMEM)
        return r;
    if (r < 0) {
        complain(v, "entry", row->sequence, "its content can not be read");
        return 0;
    }
    r = check_link(
        v, &(struct link){"entry", row->sequence, row->body, row->hash, text_of(e.previous)});
    if (r < 0)
        return r;
    if (!columns_agree(row, &e))
        complain(v, "entry", row->sequence, "its columns say something else than its content");
    r = ledger_check_entry(&e, text_of(row->evidence), &d);
    if (r == -EBADMSG)
        complain(v, "entry", row->sequence, d.text);
    return r < 0 && r != -EBADMSG ? r : remember_step(v, row, &e);
}

/* Each entry of a key begins where the one before it ended, and only the first is a charge. */
static int check_steps(struct verifier *v)
{
    AUTO(buf) struct buf last = BUF_INIT(4096);
    struct text key, value;
    money_t sum = {0};
    int r;

    while ((r = sorter_next(v->by_key, &key, &value)) > 0) {
        struct step step;
        bool is_first = last.len != key.n || memcmp(buf_str(&last), key.p, key.n) != 0;
        memcpy(&step, value.p, sizeof(step));
        if (is_first) {
            sum = (money_t){0};
            buf_reset(&last);
            buf_add(&last, key.p, key.n);
        }
        if (step.before.minor != sum.minor || step.is_adjustment == is_first)
            complain(v, "entry", step.sequence,
                     "it does not go on where the key's entry before it ended");
        r = money_add(step.before, step.amount, &sum);
        if (r >= 0)
            r = buf_error(&last);
        if (r < 0)
            return r;
    }
    return r;
}

static int check_entries(struct verifier *v)
{
    struct store_scan *scan;
    struct store_entry row;
    int r = store_scan_entries(v->store, false, (period_t){0}, &scan);

    if (r < 0)
        return r;
    while (r >= 0 && (r = store_next_entry(scan, &row)) > 0) {
        v->entries++;
        r = check_entry(v, &row);
    }
    store_scan_end(scan);
    return r;
}

static int get_text(const struct json *o, const char *key, struct text *ret)
{
    struct json v = json_member(o, key);
    struct json_error unused;

    return json_get_text(&v, CAP_NAME, ret, &unused);
}

/* The columns that decide what is due must say what the hashed body says. */
static int read_decision(const struct json *o, const struct store_decision *row,
                         bool *ret_agrees, struct text *ret_previous)
{
    char period[PERIOD_TEXT_SIZE];
    const char *kind = row->decision == DECISION_CLOSE ? "" : charge_kind_name(row->kind);
    const struct {
        const char *key, *column;
    } members[] = {{"decision", decision_name(row->decision)},
                   {"period", period_format(row->period, period)},
                   {"kind", kind},
                   {"reseller", row->reseller},
                   {"subject", row->subject}};
    int r = get_text(o, "previous_hash", ret_previous);

    *ret_agrees = true;
    for (size_t i = 0; i < ARRAY_LEN(members) && r >= 0; i++) {
        struct text t;
        r = get_text(o, members[i].key, &t);
        *ret_agrees = *ret_agrees && r >= 0 && text_is(t, members[i].column);
    }
    return r;
}

static int check_decision(struct verifier *v, const struct store_decision *row)
{
    AUTO(json_doc) struct json_doc *doc = NULL;
    struct json_error error;
    struct text previous = {"", 0};
    bool agrees = false;
    int r = json_read(text_of(row->body), &doc, &error);

    if (r >= 0) {
        struct json root = json_root(doc);
        r = read_decision(&root, row, &agrees, &previous);
    }
    if (r == -ENOMEM)
        return r;
    if (r < 0) {
        complain(v, "decision", row->sequence, "its content can not be read");
        return 0;
    }
    if (!agrees)
        complain(v, "decision", row->sequence,
                 "its columns say something else than its content");
    return check_link(
        v, &(struct link){"decision", row->sequence, row->body, row->hash, previous});
}

static int check_decisions(struct verifier *v)
{
    struct store_scan *scan;
    struct store_decision row;
    int r = store_scan_decisions(v->store, &scan);

    if (r < 0)
        return r;
    v->sequence = 0;
    v->hash[0] = '\0';
    while (r >= 0 && (r = store_next_decision(scan, &row)) > 0)
        r = check_decision(v, &row);
    store_scan_end(scan);
    return r;
}

static int verify_all(struct verifier *v)
{
    struct diag unused;
    int r = sorter_new(&v->by_key, &unused);

    if (r >= 0)
        r = check_entries(v);
    if (r >= 0)
        r = check_steps(v);
    if (r >= 0)
        r = check_decisions(v);
    sorter_free(v->by_key);
    return r;
}

int ledger_verify(struct store *s, void (*tell)(void *arg, const char *sentence), void *arg,
                  int64_t *ret_entries, int64_t *ret_defects)
{
    struct verifier v = {.store = s, .complain = tell, .arg = arg};
    int r = store_snapshot(s);

    if (r < 0)
        return r;
    r = verify_all(&v);
    store_snapshot_end(s);
    if (r < 0)
        return r;
    *ret_entries = v.entries;
    *ret_defects = v.defects;
    return 0;
}
