/* Entries and decisions as canonical JSON, and back. */
#include "json/json.h"
#include "json/jsonw.h"
#include "ledger/ledger.h"
#include <errno.h>
#include <string.h>

#define ENTRY_FORMAT 1

static void put_text(struct jsonw *w, const char *key, struct text t)
{
    char copy[LEDGER_NAME_SIZE];
    size_t n = t.n < sizeof(copy) - 1 ? t.n : sizeof(copy) - 1;

    memcpy(copy, t.p ? t.p : "", n);
    copy[n] = '\0';
    jsonw_text(w, key, copy);
}

static void put_money(struct jsonw *w, const char *key, money_t m, const struct currency *c)
{
    char text[MONEY_TEXT_SIZE];
    jsonw_text(w, key, money_format(m, c, text));
}

static void put_period(struct jsonw *w, const char *key, period_t p)
{
    char text[PERIOD_TEXT_SIZE];
    jsonw_text(w, key, period_format(p, text));
}

static void put_price(struct jsonw *w, const struct ledger_entry *e)
{
    char text[MONEY_TEXT_SIZE];

    if (e->due.block == 0)
        jsonw_null(w, "unit_price");
    else
        jsonw_text(w, "unit_price", price_format(e->due.unit_price, e->currency, text));
    jsonw_int(w, "units", e->due.units);
}

static void put_tariff(struct jsonw *w, const struct due *d)
{
    if (d->block == 0) {
        jsonw_null(w, "tariff");
        return;
    }
    jsonw_object(w, "tariff");
    jsonw_int(w, "block", d->block);
    jsonw_int(w, "from", d->tariff_from.s);
    jsonw_bool(w, "own", d->tariff_is_own);
    jsonw_end_object(w);
}

/* Keys in byte order: that is what makes it canonical. */
void ledger_write_entry(const struct ledger_entry *e, struct buf *out)
{
    struct jsonw w = jsonw_to(out, false);
    char digest[DIGEST_TEXT_SIZE];

    jsonw_object(&w, NULL);
    put_money(&w, "amount", e->amount, e->currency);
    jsonw_text(&w, "basis", due_basis_name(e->due.basis));
    put_period(&w, "booked_period", e->booked);
    jsonw_text(&w, "currency", e->currency->code);
    put_money(&w, "due", e->due.amount, e->currency);
    put_money(&w, "entered_before", e->entered_before, e->currency);
    jsonw_text(&w, "evidence_sha256", digest_format(&e->evidence, digest));
    jsonw_int(&w, "format", ENTRY_FORMAT);
    jsonw_text(&w, "kind", charge_kind_name(e->kind));
    put_period(&w, "period", e->period);
    put_text(&w, "policy_version", e->policy);
    jsonw_text(&w, "previous_hash", e->previous);
    jsonw_int(&w, "quantity", e->due.quantity);
    put_text(&w, "reseller", e->reseller);
    jsonw_int(&w, "sequence", e->sequence);
    put_text(&w, "subject", e->subject);
    put_tariff(&w, &e->due);
    jsonw_int(&w, "time", e->time.s);
    jsonw_text(&w, "type", e->is_adjustment ? "adjustment" : "charge");
    put_price(&w, e);
    put_text(&w, "who", e->who);
    jsonw_end_object(&w);
}

void ledger_write_decision(const struct ledger_decision *d, struct buf *out)
{
    struct jsonw w = jsonw_to(out, false);

    jsonw_object(&w, NULL);
    jsonw_text(&w, "decision", d->decision);
    jsonw_text(&w, "kind", d->kind);
    put_period(&w, "period", d->period);
    jsonw_text(&w, "previous_hash", d->previous);
    jsonw_text(&w, "reason", d->reason);
    jsonw_text(&w, "reseller", d->reseller);
    jsonw_int(&w, "sequence", d->sequence);
    jsonw_text(&w, "subject", d->subject);
    jsonw_int(&w, "time", d->time.s);
    jsonw_text(&w, "who", d->who);
    jsonw_end_object(&w);
}

static int get_text(const struct json *o, const char *key, size_t max, struct text *ret,
                    struct json_error *e)
{
    struct json v = json_member(o, key);
    return json_get_text(&v, max, ret, e);
}

static int get_int(const struct json *o, const char *key, int64_t *ret, struct json_error *e)
{
    struct json v = json_member(o, key);
    return json_get_int(&v, INT64_MIN, INT64_MAX, ret, e);
}

static int get_period(const struct json *o, const char *key, period_t *ret,
                      struct json_error *e)
{
    struct json v = json_member(o, key);
    struct text t;
    int r = json_get_text(&v, PERIOD_TEXT_SIZE, &t, e);

    if (r >= 0 && period_parse(t, ret) < 0)
        r = json_refuse(&v, e, "bad-value", "must be a period, YYYY-MM");
    return r;
}

static int get_money(const struct json *o, const char *key, const struct currency *c,
                     money_t *ret, struct json_error *e)
{
    struct json v = json_member(o, key);
    struct text t;
    int r = json_get_text(&v, MONEY_TEXT_SIZE, &t, e);

    if (r >= 0 && money_parse(t, c, ret) < 0)
        r = json_refuse(&v, e, "bad-value", "must be an amount of the currency");
    return r;
}

/* A member that is one of a NULL-terminated list of names: its index. */
static int get_named(const struct json *o, const char *key, const char *const names[], int *ret,
                     struct json_error *e)
{
    struct json v = json_member(o, key);
    struct text t;
    int r = json_get_text(&v, CAP_LABEL_TEXT, &t, e);

    for (int i = 0; names[i] && r >= 0; i++)
        if (text_is(t, names[i])) {
            *ret = i;
            return 0;
        }
    return r < 0 ? r : json_refuse(&v, e, "bad-value", "is none of the names it may have");
}

static int get_currency(const struct json *o, const struct currency **ret, struct json_error *e)
{
    struct json v = json_member(o, "currency");
    struct text t;
    int r = json_get_text(&v, CAP_LABEL_TEXT, &t, e);

    if (r < 0)
        return r;
    *ret = currency_find(t);
    return *ret ? 0 : json_refuse(&v, e, "bad-value", "must be a currency of ISO 4217");
}

static int get_tariff(const struct json *o, struct due *d, struct json_error *e)
{
    struct json tariff = json_member(o, "tariff"), price = json_member(o, "unit_price");
    struct json own = json_member(&tariff, "own");
    struct text t;

    d->block = 0;
    d->tariff_from = WALL_BEGIN;
    if (!json_is_given(&tariff))
        return 0;
    int r = get_int(&tariff, "block", &d->block, e);
    if (r >= 0)
        r = get_int(&tariff, "from", &d->tariff_from.s, e);
    if (r >= 0)
        r = json_get_bool(&own, &d->tariff_is_own, e);
    if (r >= 0)
        r = json_get_text(&price, MONEY_TEXT_SIZE, &t, e);
    if (r >= 0 && (price_parse(t, &d->unit_price) < 0 || d->block < 1))
        r = json_refuse(&price, e, "bad-value", "must be a price, and the block at least 1");
    return r;
}

static int get_due(const struct json *o, struct ledger_entry *e, struct json_error *err)
{
    static const char *const bases[] = {"confirmed", "unpriced", "clear",
                                        "gone",      "waived",   NULL};
    int basis = 0;
    int r = get_named(o, "basis", bases, &basis, err);

    e->due.basis = (enum due_basis)basis;
    if (r >= 0)
        r = get_int(o, "quantity", &e->due.quantity, err);
    if (r >= 0)
        r = get_int(o, "units", &e->due.units, err);
    if (r >= 0)
        r = get_tariff(o, &e->due, err);
    if (r >= 0)
        r = get_money(o, "due", e->currency, &e->due.amount, err);
    if (r >= 0)
        r = get_money(o, "entered_before", e->currency, &e->entered_before, err);
    if (r >= 0)
        r = get_money(o, "amount", e->currency, &e->amount, err);
    return r;
}

/* The digests; an entry without one before it says "". */
static int get_digests(const struct json *o, struct ledger_entry *e, struct json_error *err)
{
    struct text evidence, previous;
    struct digest unused;
    int r = get_text(o, "evidence_sha256", DIGEST_TEXT_SIZE, &evidence, err);

    if (r >= 0)
        r = get_text(o, "previous_hash", DIGEST_TEXT_SIZE, &previous, err);
    if (r < 0)
        return r;
    if (digest_parse(evidence, &e->evidence) < 0 ||
        (previous.n > 0 && digest_parse(previous, &unused) < 0))
        return json_refuse(o, err, "bad-value", "holds a hash that is none");
    memcpy(e->previous, previous.p, previous.n);
    e->previous[previous.n] = '\0';
    return 0;
}

static int get_names(const struct json *o, struct ledger_entry *e, struct json_error *err)
{
    static const char *const types[] = {"charge", "adjustment", NULL};
    static const char *const kinds[] = {"extra-ip", "mailboxes", "outside", NULL};
    int type = 0, kind = 0;
    int r = get_named(o, "type", types, &type, err);

    if (r >= 0)
        r = get_named(o, "kind", kinds, &kind, err);
    if (r >= 0)
        r = get_text(o, "who", CAP_NAME, &e->who, err);
    if (r >= 0)
        r = get_text(o, "reseller", CAP_ID, &e->reseller, err);
    if (r >= 0)
        r = get_text(o, "subject", CAP_DOMAIN, &e->subject, err);
    if (r >= 0)
        r = get_text(o, "policy_version", CAP_VERSION, &e->policy, err);
    e->is_adjustment = type == 1;
    e->kind = (enum charge_kind)kind;
    return r;
}

int ledger_read_entry(const struct json *v, struct ledger_entry *ret, struct json_error *reterr)
{
    static const char *const known[] = {"amount",
                                        "basis",
                                        "booked_period",
                                        "currency",
                                        "due",
                                        "format",
                                        "entered_before",
                                        "evidence_sha256",
                                        "kind",
                                        "period",
                                        "quantity",
                                        "policy_version",
                                        "previous_hash",
                                        "reseller",
                                        "sequence",
                                        "subject",
                                        "tariff",
                                        "time",
                                        "type",
                                        "unit_price",
                                        "units",
                                        "who",
                                        NULL};
    struct ledger_entry e = {0};
    struct json format = json_member(v, "format");
    int64_t version;
    int r = json_only(v, known, reterr);

    if (r >= 0)
        r = json_get_int(&format, ENTRY_FORMAT, ENTRY_FORMAT, &version, reterr);
    if (r >= 0)
        r = get_int(v, "sequence", &e.sequence, reterr);
    if (r >= 0)
        r = get_int(v, "time", &e.time.s, reterr);
    if (r >= 0)
        r = get_period(v, "booked_period", &e.booked, reterr);
    if (r >= 0)
        r = get_period(v, "period", &e.period, reterr);
    if (r >= 0)
        r = get_currency(v, &e.currency, reterr);
    if (r >= 0)
        r = get_names(v, &e, reterr);
    if (r >= 0)
        r = get_due(v, &e, reterr);
    if (r >= 0)
        r = get_digests(v, &e, reterr);
    if (r >= 0)
        *ret = e;
    return r;
}

int ledger_hash(struct text body, char ret[static DIGEST_TEXT_SIZE])
{
    struct digest d;
    int r = digest_sha256(body, &d);

    if (r >= 0)
        digest_format(&d, ret);
    return r;
}
