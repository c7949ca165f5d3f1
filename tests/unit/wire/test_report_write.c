/* The report's encoder: what it writes is read back equal, and is always the same text. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "support/json_edit.h"
#include "support/leak.h"
#include "support/seed.h"
#include "unit/wire/sound.h"
#include "wire/report_json.h"

SUITE(report_write);

enum { ROUNDS = 300, ENTRIES_MAX = 12 };

static void decode(const char *text, struct report *ret)
{
    struct json_error e;
    cr_assert_eq(report_from_json(text_of(text), ret, &e), 0, "%s: %s in %s", e.at, e.diag.text,
                 text);
}

Test(report_write, members_come_in_the_order_of_the_contract)
{
    AUTO(report) struct report r = {.n_licenses = 0};
    decode(REPORT_SOUND, &r);
    AUTO(buf) struct buf out = BUF_INIT(CAP_REPORT_BYTES);
    report_to_json(&r, &out);
    cr_assert_eq(buf_error(&out), 0);
    /* The sound report has them in that order; only the machine's id is lowered. */
    struct json_edit lowered = {
        JSON_EDIT_SET, "/licenses/0/machine_id", NULL,
        "\"00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff\""};
    AUTO(buf) struct buf want = BUF_INIT(CAP_REPORT_BYTES);
    json_edit(REPORT_SOUND, &lowered, &want);
    cr_expect_str_eq(buf_str(&out), buf_str(&want));
}

Test(report_write, what_is_empty_is_left_out)
{
    static const struct report r = {.counter = 1};
    AUTO(buf) struct buf out = BUF_INIT(CAP_REPORT_BYTES);
    report_to_json(&r, &out);
    cr_expect_str_eq(buf_str(&out),
                     "{\"format\":1,\"boot_id\":\"00000000-0000-0000-0000-000000000000\","
                     "\"counter\":1,\"live\":false}");
}

Test(report_write, the_cap_of_the_buffer_is_told)
{
    static const struct report r = {.counter = 1};
    AUTO(buf) struct buf out = BUF_INIT(20);
    report_to_json(&r, &out);
    cr_expect_eq(buf_error(&out), -ERANGE);
}

/* A random text of printable characters, some of which JSON escapes; "" half of the time. */
static void random_label(struct rng *rng, char *ret, size_t max)
{
    static const char letters[] = "abc\"\\/<>&'{}[]:,09.-_~";
    size_t n = rng_below(rng, 2) ? rng_below(rng, max + 1) : 0;
    for (size_t i = 0; i < n; i++)
        ret[i] = letters[rng_below(rng, sizeof letters - 1)];
    ret[n] = '\0';
}

static license_t random_license(struct rng *rng)
{
    static const char *const prefixes[] = {"PLSK", "EXT", "APS", "VZ", "ABCDEF"};
    char text[32];
    (void)snprintf(text, sizeof text, "%s.%08u", prefixes[rng_below(rng, ARRAY_LEN(prefixes))],
                   (unsigned)rng_between(rng, 1, 99999999));
    license_t license = {0};
    cr_assert_eq(license_parse(text_of(text), &license, NULL), 0, "%s", text);
    return license;
}

static struct span random_span(struct rng *rng)
{
    return (struct span){{rng_between(rng, 0, WALL_MAX.s)}, {rng_between(rng, 0, WALL_MAX.s)}};
}

static void random_address(struct rng *rng, struct addr *ret)
{
    uint8_t bytes[16];
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = rng_below(rng, 3) ? (uint8_t)rng_next(rng) : 0; /* runs of zeros too */
    cr_assert_eq(addr_from_bytes(bytes, rng_below(rng, 2) ? 4 : 16, ret), 0);
}

static void random_domain(struct rng *rng, char ret[static DNAME_SIZE])
{
    static const char *const names[] = {"example.nl", "xn--bcher-kva.example",
                                        "a.b.c.d.example", "_dmarc.example.com",
                                        "3com.example"};
    if (rng_below(rng, 3) == 0)
        (void)snprintf(ret, DNAME_SIZE, "%s", names[rng_below(rng, ARRAY_LEN(names))]);
    else
        (void)snprintf(ret, DNAME_SIZE, "d%u.example", (unsigned)rng_below(rng, 1000000));
}

static void random_license_entry(struct rng *rng, struct report_license *l)
{
    l->license = random_license(rng);
    if (rng_below(rng, 2))
        (void)snprintf(l->version, sizeof l->version, "%04u", (unsigned)rng_below(rng, 10000));
    random_label(rng, l->product, CAP_LABEL_TEXT);
    random_label(rng, l->edition, 10);
    if (rng_below(rng, 2))
        (void)snprintf(l->expires, sizeof l->expires, "%04u-%02u-%02u",
                       1 + (unsigned)rng_below(rng, 9999), 1 + (unsigned)rng_below(rng, 12),
                       1 + (unsigned)rng_below(rng, 28));
    if (rng_below(rng, 2))
        (void)snprintf(l->machine_id, sizeof l->machine_id, "%016llx%016llx%016llx%016llx",
                       (unsigned long long)rng_next(rng), (unsigned long long)rng_next(rng),
                       (unsigned long long)rng_next(rng), (unsigned long long)rng_next(rng));
}

static void random_counts(struct rng *rng, struct mail_counts *c)
{
    c->mailboxes = rng_between(rng, 0, CAP_REPORT_COUNT);
    c->aliases = rng_between(rng, 0, CAP_REPORT_COUNT);
    c->forwards = rng_between(rng, 0, CAP_REPORT_COUNT);
    c->lists = rng_between(rng, 0, CAP_REPORT_COUNT);
    c->alias_domains = rng_between(rng, 0, CAP_REPORT_COUNT);
    c->catch_all = rng_below(rng, 2) != 0;
    c->is_filtered = rng_below(rng, 2) != 0;
}

static void *random_list(struct rng *rng, size_t size, size_t *ret_n)
{
    *ret_n = rng_below(rng, ENTRIES_MAX);
    void *v = *ret_n > 0 ? calloc(*ret_n, size) : NULL;
    cr_assert(v != NULL || *ret_n == 0);
    return v;
}

static void random_report(struct rng *rng, struct report *r)
{
    random_label(rng, r->agent_version, CAP_LABEL_TEXT);
    for (size_t i = 0; i < sizeof r->boot.bytes; i++)
        r->boot.bytes[i] = (uint8_t)rng_next(rng);
    r->counter = rng_between(rng, 1, INT64_C(1) << 53);
    r->is_live = rng_below(rng, 2) != 0;
    r->licenses = random_list(rng, sizeof *r->licenses, &r->n_licenses);
    for (size_t i = 0; i < r->n_licenses; i++)
        random_license_entry(rng, &r->licenses[i]);
    r->sightings = random_list(rng, sizeof *r->sightings, &r->n_sightings);
    for (size_t i = 0; i < r->n_sightings; i++) {
        r->sightings[i].license = random_license(rng);
        random_address(rng, &r->sightings[i].address);
        r->sightings[i].source = (enum source)rng_between(rng, 1, SOURCE_COUNT - 1);
        r->sightings[i].seen = random_span(rng);
    }
    r->mailboxes = random_list(rng, sizeof *r->mailboxes, &r->n_mailboxes);
    for (size_t i = 0; i < r->n_mailboxes; i++) {
        random_domain(rng, r->mailboxes[i].domain);
        random_counts(rng, &r->mailboxes[i].counts);
        r->mailboxes[i].seen = random_span(rng);
    }
    r->gaps = random_list(rng, sizeof *r->gaps, &r->n_gaps);
    for (size_t i = 0; i < r->n_gaps; i++) {
        r->gaps[i].what = (enum gap_kind)rng_below(rng, GAP_KIND_COUNT);
        r->gaps[i].seen = random_span(rng);
        r->gaps[i].lost = rng_below(rng, 2) ? rng_between(rng, 0, INT64_C(1) << 53) : 0;
    }
}

static bool spans_equal(struct span a, struct span b)
{
    return a.first.s == b.first.s && a.last.s == b.last.s;
}

static bool counts_equal(const struct mail_counts *a, const struct mail_counts *b)
{
    return a->mailboxes == b->mailboxes && a->aliases == b->aliases &&
           a->forwards == b->forwards && a->lists == b->lists &&
           a->alias_domains == b->alias_domains && a->catch_all == b->catch_all &&
           a->is_filtered == b->is_filtered;
}

static void expect_licenses_equal(const struct report *a, const struct report *b)
{
    cr_assert_eq(a->n_licenses, b->n_licenses);
    for (size_t i = 0; i < a->n_licenses; i++) {
        const struct report_license *x = &a->licenses[i];
        const struct report_license *y = &b->licenses[i];
        cr_expect_eq(x->license.code, y->license.code);
        cr_expect_str_eq(x->version, y->version);
        cr_expect_str_eq(x->product, y->product);
        cr_expect_str_eq(x->edition, y->edition);
        cr_expect_str_eq(x->expires, y->expires);
        cr_expect_str_eq(x->machine_id, y->machine_id);
    }
}

static void expect_equal(const struct report *a, const struct report *b)
{
    cr_expect_str_eq(a->agent_version, b->agent_version);
    cr_expect_eq(memcmp(&a->boot, &b->boot, sizeof a->boot), 0);
    cr_expect(a->counter == b->counter && a->is_live == b->is_live);
    expect_licenses_equal(a, b);
    cr_assert(a->n_sightings == b->n_sightings && a->n_mailboxes == b->n_mailboxes &&
              a->n_gaps == b->n_gaps);
    for (size_t i = 0; i < a->n_sightings; i++) {
        const struct report_sighting *x = &a->sightings[i];
        const struct report_sighting *y = &b->sightings[i];
        cr_expect(x->license.code == y->license.code && x->source == y->source);
        cr_expect_eq(addr_compare(&x->address, &y->address), 0);
        cr_expect(spans_equal(x->seen, y->seen));
    }
    for (size_t i = 0; i < a->n_mailboxes; i++) {
        cr_expect_str_eq(a->mailboxes[i].domain, b->mailboxes[i].domain);
        cr_expect(counts_equal(&a->mailboxes[i].counts, &b->mailboxes[i].counts));
        cr_expect(spans_equal(a->mailboxes[i].seen, b->mailboxes[i].seen));
    }
    for (size_t i = 0; i < a->n_gaps; i++) {
        cr_expect(a->gaps[i].what == b->gaps[i].what && a->gaps[i].lost == b->gaps[i].lost);
        cr_expect(spans_equal(a->gaps[i].seen, b->gaps[i].seen));
    }
}

Test(report_write, what_is_written_is_read_back_equal)
{
    struct rng rng = {seed_now()};
    for (int round = 0; round < ROUNDS; round++) {
        AUTO(report) struct report r = {.n_licenses = 0};
        random_report(&rng, &r);
        AUTO(buf) struct buf out = BUF_INIT(CAP_REPORT_BYTES);
        report_to_json(&r, &out);
        cr_assert_eq(buf_error(&out), 0);
        AUTO(report) struct report back = {.n_licenses = 0};
        decode(buf_str(&out), &back);
        expect_equal(&r, &back);
        AUTO(buf) struct buf again = BUF_INIT(CAP_REPORT_BYTES);
        report_to_json(&back, &again);
        cr_assert_str_eq(buf_str(&again), buf_str(&out));
    }
}

Test(report_write, the_order_of_members_does_not_matter_to_the_reader)
{
    struct rng rng = {seed_now()};
    for (int round = 0; round < ROUNDS / 10; round++) {
        AUTO(report) struct report r = {.n_licenses = 0};
        random_report(&rng, &r);
        AUTO(buf) struct buf out = BUF_INIT(CAP_REPORT_BYTES);
        report_to_json(&r, &out);
        AUTO(buf) struct buf sorted = BUF_INIT(CAP_REPORT_BYTES);
        cr_assert_eq(json_canonical(text_of(buf_str(&out)), &sorted), 0);
        AUTO(report) struct report back = {.n_licenses = 0};
        decode(buf_str(&sorted), &back);
        expect_equal(&r, &back);
    }
}

Test(report_write, a_damaged_report_is_refused_or_means_something_stable)
{
    struct rng rng = {seed_now()};
    for (int round = 0; round < 10 * ROUNDS; round++) {
        char text[] = REPORT_SOUND;
        struct text damaged = {text, rng_damage(&rng, text, sizeof text - 1)};
        AUTO(report) struct report r = {.n_licenses = 0};
        struct json_error e = {.line = 0};
        if (report_from_json(damaged, &r, &e) < 0) {
            cr_assert(e.code[0] != '\0' && e.diag.text[0] != '\0' && e.line > 0 &&
                      e.column > 0);
            continue;
        }
        AUTO(buf) struct buf out = BUF_INIT(CAP_REPORT_BYTES);
        report_to_json(&r, &out);
        AUTO(report) struct report back = {.n_licenses = 0};
        decode(buf_str(&out), &back);
        expect_equal(&r, &back);
    }
}
