/* Both chains from their beginnings, and every charge judged again. */
#include "json/json.h"
#include "run/close.h"
#include <errno.h>
#include <string.h>

struct verifier {
    struct store *store;
    void (*complain)(void *arg, const char *sentence);
    void *arg;
    int64_t entries, defects;
    int64_t sequence; /* of the row before */
    char hash[DIGEST_TEXT_SIZE];
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
    return r == -EBADMSG ? 0 : r;
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

static int check_decision(struct verifier *v, const struct store_decision *row)
{
    AUTO(json_doc) struct json_doc *doc = NULL;
    struct json_error error;
    struct text previous = {"", 0};
    int r = json_read(text_of(row->body), &doc, &error);

    if (r >= 0) {
        struct json root = json_root(doc), member = json_member(&root, "previous_hash");
        r = json_get_text(&member, DIGEST_TEXT_SIZE, &previous, &error);
    }
    if (r == -ENOMEM)
        return r;
    if (r < 0) {
        complain(v, "decision", row->sequence, "its content can not be read");
        return 0;
    }
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

int ledger_verify(struct store *s, void (*tell)(void *arg, const char *sentence), void *arg,
                  int64_t *ret_entries, int64_t *ret_defects)
{
    struct verifier v = {.store = s, .complain = tell, .arg = arg};
    int r = store_snapshot(s);

    if (r < 0)
        return r;
    r = check_entries(&v);
    if (r >= 0)
        r = check_decisions(&v);
    store_snapshot_end(s);
    if (r < 0)
        return r;
    *ret_entries = v.entries;
    *ret_defects = v.defects;
    return 0;
}
