/* Reading a report (SPEC 3): every member is known, typed and in range, or all is refused. */
#include "wire/report_json.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "wire/fields.h"

/* Counters are whole numbers in every JSON reader: at most 2^53. */
#define COUNTER_MAX (INT64_C(1) << 53)

enum { MACHINE_ID_BYTES = 32, VERSION_DIGITS_MAX = 8 };

static void read_license(struct fields *f, license_t *ret, char *ret_version, bool *ret_is_none)
{
    struct text t;
    if (!fields_text(f, "license", CAP_LABEL_TEXT, &t))
        return;
    int r = license_parse(t, ret, ret_version);
    *ret_is_none = r == 1;
    if (r < 0)
        fields_refuse(f, "license", t, "a key number such as PLSK.01234567");
}

/* An optional label; absent, it stays as it is. */
static void read_label(struct fields *f, const char *key, char ret[static CAP_LABEL_TEXT + 1])
{
    struct text t;
    if (!fields_has(f, key) || !fields_text(f, key, CAP_LABEL_TEXT, &t))
        return;
    if (!text_is_label(t, CAP_LABEL_TEXT)) {
        fields_refuse(f, key, t,
                      "not empty, without control characters and without space at its ends");
        return;
    }
    memcpy(ret, t.p, t.n);
    ret[t.n] = '\0';
}

/* Digits alone are a key's version, which is short; else letters, digits and dots. */
static bool is_version(struct text t)
{
    size_t digits = 0;
    for (size_t i = 0; i < t.n; i++) {
        char c = t.p[i];
        bool is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        bool is_digit = c >= '0' && c <= '9';
        if (!is_letter && !is_digit && c != '.')
            return false;
        digits += is_digit;
    }
    return t.n > 0 && (digits < t.n || t.n <= VERSION_DIGITS_MAX);
}

/* Given by itself it goes before the one that the licence's spelling carried. */
static void read_version(struct fields *f, char ret[static CAP_LABEL_TEXT + 1])
{
    struct text t;
    if (!fields_has(f, "version") || !fields_text(f, "version", CAP_LABEL_TEXT, &t))
        return;
    if (!is_version(t)) {
        fields_refuse(f, "version", t, "1 to 8 digits, or letters, digits and dots");
        return;
    }
    memcpy(ret, t.p, t.n);
    ret[t.n] = '\0';
}

static void read_expires(struct fields *f, char ret[static 11])
{
    struct text t;
    int64_t days;
    if (!fields_has(f, "expires") || !fields_text(f, "expires", CAP_LABEL_TEXT, &t))
        return;
    if (civil_parse(t, &days) < 0) {
        fields_refuse(f, "expires", t, "a date as YYYY-MM-DD");
        return;
    }
    memcpy(ret, t.p, t.n);
    ret[t.n] = '\0';
}

static void read_machine_id(struct fields *f, char ret[static 2 * MACHINE_ID_BYTES + 1])
{
    struct text t;
    uint8_t bytes[MACHINE_ID_BYTES];
    if (!fields_has(f, "machine_id") || !fields_text(f, "machine_id", CAP_LABEL_TEXT, &t))
        return;
    if (text_from_hex(t, bytes, sizeof bytes) < 0) {
        fields_refuse(f, "machine_id", t, "64 hex digits");
        return;
    }
    for (size_t i = 0; i < t.n; i++)
        ret[i] = t.p[i] >= 'A' && t.p[i] <= 'F' ? (char)(t.p[i] - 'A' + 'a') : t.p[i];
    ret[t.n] = '\0';
}

static void read_address(struct fields *f, struct addr *ret)
{
    struct text t;
    if (fields_text(f, "address", CAP_LABEL_TEXT, &t) && addr_parse(t, ret) < 0)
        fields_refuse(f, "address", t, "an IPv4 or IPv6 address");
}

/* `peer` is the collector's own observation: a report that claims one is refused. */
static void read_source(struct fields *f, enum source *ret)
{
    struct text t;
    enum source source = SOURCE_PEER;
    if (!fields_text(f, "source", CAP_LABEL_TEXT, &t))
        return;
    if (source_parse(t, &source) < 0 || source == SOURCE_PEER)
        fields_refuse(f, "source", t, "one of keyserver, nat, panel, interface");
    else
        *ret = source;
}

static void read_domain(struct fields *f, char ret[static DNAME_SIZE])
{
    struct text t;
    if (!fields_text(f, "domain", DNAME_SHOWN_SIZE, &t))
        return;
    int r = dname_parse(t, ret);
    if (r == -ENOMEM)
        f->error = r;
    else if (r < 0)
        fields_refuse(f, "domain", t, "a domain name of two labels or more");
}

static void read_what(struct fields *f, enum gap_kind *ret)
{
    struct text t;
    if (fields_text(f, "what", CAP_LABEL_TEXT, &t) && gap_kind_parse(t, ret) < 0)
        fields_refuse(f, "what", t, "one of capture, conntrack, spool, mailboxes");
}

static void read_span(struct fields *f, struct span *ret)
{
    fields_int(f, "first", 0, WALL_MAX.s, &ret->first.s);
    fields_int(f, "last", 0, WALL_MAX.s, &ret->last.s);
}

/* Each of these reads one entry: 0; 1 when it is sound but to be passed over; negative. */

static int read_license_entry(const struct json *v, void *ret, struct json_error *e)
{
    static const char *const known[] = {"license", "version",    "product", "edition",
                                        "expires", "machine_id", NULL};
    struct report_license *l = ret;
    char spelled[LICENSE_VERSION_SIZE] = "";
    bool is_none = false;
    struct fields f = fields_of(v, known, e);
    read_license(&f, &l->license, spelled, &is_none);
    (void)snprintf(l->version, sizeof l->version, "%s", spelled); /* always fits */
    read_version(&f, l->version);
    read_label(&f, "product", l->product);
    read_label(&f, "edition", l->edition);
    read_expires(&f, l->expires);
    read_machine_id(&f, l->machine_id);
    return f.error < 0 ? f.error : is_none;
}

static int read_sighting_entry(const struct json *v, void *ret, struct json_error *e)
{
    static const char *const known[] = {"license", "address", "source", "first", "last", NULL};
    struct report_sighting *s = ret;
    bool is_none = false;
    struct fields f = fields_of(v, known, e);
    read_license(&f, &s->license, NULL, &is_none);
    read_address(&f, &s->address);
    read_source(&f, &s->source);
    read_span(&f, &s->seen);
    return f.error < 0 ? f.error : is_none;
}

static int read_mailboxes_entry(const struct json *v, void *ret, struct json_error *e)
{
    static const char *const known[] = {
        "domain",        "mailboxes", "aliases", "forwards", "lists", "catch_all",
        "alias_domains", "filtered",  "first",   "last",     NULL};
    struct report_mailboxes *m = ret;
    struct mail_counts *c = &m->counts;
    struct fields f = fields_of(v, known, e);
    read_domain(&f, m->domain);
    fields_int(&f, "mailboxes", 0, CAP_REPORT_COUNT, &c->mailboxes);
    fields_int(&f, "aliases", 0, CAP_REPORT_COUNT, &c->aliases);
    fields_int(&f, "forwards", 0, CAP_REPORT_COUNT, &c->forwards);
    fields_int(&f, "lists", 0, CAP_REPORT_COUNT, &c->lists);
    fields_bool(&f, "catch_all", &c->catch_all);
    fields_int(&f, "alias_domains", 0, CAP_REPORT_COUNT, &c->alias_domains);
    fields_bool(&f, "filtered", &c->is_filtered);
    read_span(&f, &m->seen);
    return f.error;
}

static int read_gap_entry(const struct json *v, void *ret, struct json_error *e)
{
    static const char *const known[] = {"what", "first", "last", "lost", NULL};
    struct report_gap *g = ret;
    struct fields f = fields_of(v, known, e);
    read_what(&f, &g->what);
    read_span(&f, &g->seen);
    if (fields_has(&f, "lost"))
        fields_int(&f, "lost", 0, COUNTER_MAX, &g->lost);
    return f.error;
}

struct list {
    const char *key;
    size_t max, size; /* most entries, bytes of one */
    int (*read)(const struct json *v, void *ret, struct json_error *e);
};

/*
 * Reads a list that may be left out. The array is the caller's as soon as it is made, so that
 * it is freed with the report whatever happens.
 */
static void read_list(struct fields *f, const struct list *list, void **ret, size_t *ret_n)
{
    if (!fields_has(f, list->key))
        return;
    struct json v = json_member(f->object, list->key);
    f->error = json_get_array(&v, list->max, f->e);
    size_t n = json_count(&v);
    if (f->error < 0 || n == 0)
        return;
    uint8_t *entries = calloc(n, list->size);
    if (entries == NULL) {
        f->error = -ENOMEM;
        return;
    }
    *ret = entries;
    size_t taken = 0;
    for (size_t i = 0; i < n; i++) {
        struct json item = json_item(&v, i);
        uint8_t *entry = entries + taken * list->size;
        int r = list->read(&item, entry, f->e);
        if (r < 0) {
            f->error = r;
            return;
        }
        if (r == 0)
            taken++;
        else
            memset(entry, 0, list->size);
    }
    *ret_n = taken;
}

static void read_lists(struct fields *f, struct report *r)
{
    static const struct list licenses = {"licenses", CAP_REPORT_LICENSES,
                                         sizeof(struct report_license), read_license_entry};
    static const struct list sightings = {"sightings", CAP_REPORT_SIGHTINGS,
                                          sizeof(struct report_sighting), read_sighting_entry};
    static const struct list mailboxes = {"mailboxes", CAP_REPORT_MAILBOXES,
                                          sizeof(struct report_mailboxes),
                                          read_mailboxes_entry};
    static const struct list gaps = {"gaps", CAP_REPORT_GAPS, sizeof(struct report_gap),
                                     read_gap_entry};
    void *v = NULL;
    read_list(f, &licenses, &v, &r->n_licenses);
    r->licenses = v;
    v = NULL;
    read_list(f, &sightings, &v, &r->n_sightings);
    r->sightings = v;
    v = NULL;
    read_list(f, &mailboxes, &v, &r->n_mailboxes);
    r->mailboxes = v;
    v = NULL;
    read_list(f, &gaps, &v, &r->n_gaps);
    r->gaps = v;
}

static void read_boot(struct fields *f, struct uuid *ret)
{
    struct text t;
    if (fields_text(f, "boot_id", CAP_LABEL_TEXT, &t) && uuid_parse(t, ret) < 0)
        fields_refuse(f, "boot_id", t, "a UUID in lower case");
}

int report_from_value(const struct json *v, struct report *ret, struct json_error *reterr)
{
    static const char *const known[] = {
        "format",   "agent_version", "boot_id",   "counter", "live",
        "licenses", "sightings",     "mailboxes", "gaps",    NULL};
    AUTO(report) struct report r = {.n_licenses = 0};
    int64_t format;
    struct fields f = fields_of(v, known, reterr);
    fields_int(&f, "format", 1, 1, &format);
    read_label(&f, "agent_version", r.agent_version);
    read_boot(&f, &r.boot);
    fields_int(&f, "counter", 1, COUNTER_MAX, &r.counter);
    fields_bool(&f, "live", &r.is_live);
    read_lists(&f, &r);
    if (f.error < 0)
        return f.error;
    *ret = r;
    r = (struct report){.n_licenses = 0};
    return 0;
}

int report_from_json(struct text body, struct report *ret, struct json_error *reterr)
{
    AUTO(json_doc) struct json_doc *doc = NULL;
    int r = fields_read_document(body, CAP_REPORT_BYTES, &doc, reterr);
    if (r < 0)
        return r;
    struct json root = json_root(doc);
    return report_from_value(&root, ret, reterr);
}
