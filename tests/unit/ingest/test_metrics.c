/* The page for Prometheus, read by a small parser of the text format 0.0.4 that allows no more
 * than we need. */
#include <string.h>

#include "ingest/metrics.h"
#include "support/leak.h"

SUITE(metrics);

enum { MOST_SAMPLES = 100, MOST_FAMILIES = 50 };

struct sample {
    struct text name, labels, value; /* labels without their braces; empty = none */
};

struct page {
    struct sample samples[MOST_SAMPLES];
    size_t n_samples;
    struct text families[MOST_FAMILIES];
    size_t n_families;
    bool is_counter; /* the present family */
};

static bool are_equal(struct text a, struct text b)
{
    return a.n == b.n && memcmp(a.p, b.p, a.n) == 0;
}

/* Cuts what stands before `mark`, which must be there. */
static struct text take_until(struct text *rest, char mark)
{
    const char *at = rest->n > 0 ? memchr(rest->p, mark, rest->n) : NULL;
    cr_assert_not_null(at, "no '%c' in \"%.*s\"", mark, (int)rest->n, rest->p);
    struct text before = {rest->p, (size_t)(at - rest->p)};
    *rest = (struct text){at + 1, rest->n - before.n - 1};
    return before;
}

static bool is_lower_name(struct text t)
{
    for (size_t i = 0; i < t.n; i++) {
        if (t.p[i] != '_' && (t.p[i] < 'a' || t.p[i] > 'z'))
            return false;
    }
    return t.n > 0;
}

static bool ends_with(struct text t, const char *end)
{
    size_t n = strlen(end);
    return t.n > n && memcmp(t.p + t.n - n, end, n) == 0;
}

static bool is_number(struct text t)
{
    size_t points = 0;
    for (size_t i = 0; i < t.n; i++) {
        points += t.p[i] == '.';
        if (t.p[i] != '.' && !(t.p[i] == '-' && i == 0) && (t.p[i] < '0' || t.p[i] > '9'))
            return false;
    }
    return t.n > 0 && points <= 1 && t.p[t.n - 1] != '.';
}

/* "# HELP name text" and "# TYPE name counter|gauge", in this order, a family once. */
static void read_family(struct page *page, struct text help, struct text type)
{
    cr_assert(help.n > 7 && memcmp(help.p, "# HELP ", 7) == 0);
    cr_assert(type.n > 7 && memcmp(type.p, "# TYPE ", 7) == 0);
    help = (struct text){help.p + 7, help.n - 7};
    type = (struct text){type.p + 7, type.n - 7};
    struct text name = take_until(&help, ' ');
    cr_assert(are_equal(name, take_until(&type, ' ')), "HELP and TYPE are of one family");
    cr_assert(is_lower_name(name) && memcmp(name.p, "fairuse_", 8) == 0, "%.*s", (int)name.n,
              name.p);
    cr_assert(help.n > 0 && memchr(help.p, '\\', help.n) == NULL, "a sentence, no escapes");
    page->is_counter = text_is(type, "counter");
    cr_assert(page->is_counter || text_is(type, "gauge"));
    cr_expect_eq(page->is_counter, ends_with(name, "_total"), "%.*s", (int)name.n, name.p);
    for (size_t i = 0; i < page->n_families; i++)
        cr_assert(!are_equal(page->families[i], name), "a family twice");
    cr_assert(page->n_families < MOST_FAMILIES);
    page->families[page->n_families++] = name;
}

/* name="value" and commas between; values without anything that would have to be escaped. */
static void check_labels(struct text labels)
{
    while (labels.n > 0) {
        cr_assert(is_lower_name(take_until(&labels, '=')));
        cr_assert(labels.n > 1 && labels.p[0] == '"');
        labels = (struct text){labels.p + 1, labels.n - 1};
        struct text value = take_until(&labels, '"');
        cr_assert(value.n > 0 && memchr(value.p, '\\', value.n) == NULL);
        if (labels.n > 0)
            cr_assert_eq(take_until(&labels, ',').n, 0);
    }
}

/* A sample of the present family, not seen before. */
static void read_sample(struct page *page, struct text line)
{
    struct sample s = {.labels = {line.p, 0}};
    cr_assert(page->n_families > 0 && page->n_samples < MOST_SAMPLES);
    if (memchr(line.p, '{', line.n) != NULL) {
        s.name = take_until(&line, '{');
        s.labels = take_until(&line, '}');
        cr_assert_eq(take_until(&line, ' ').n, 0);
        check_labels(s.labels);
    } else {
        s.name = take_until(&line, ' ');
    }
    s.value = line;
    cr_assert(are_equal(s.name, page->families[page->n_families - 1]), "under its own family");
    cr_assert(is_number(s.value) && (s.value.p[0] != '-' || !page->is_counter));
    for (size_t i = 0; i < page->n_samples; i++)
        cr_assert(!are_equal(page->samples[i].name, s.name) ||
                      !are_equal(page->samples[i].labels, s.labels),
                  "a sample twice");
    page->samples[page->n_samples++] = s;
}

static void read_page(struct text text, struct page *ret)
{
    *ret = (struct page){.n_samples = 0};
    cr_assert(text.n > 0 && text.p[text.n - 1] == '\n' && text_is_utf8(text));
    while (text.n > 0) {
        struct text line = take_until(&text, '\n');
        cr_assert(line.n > 0);
        if (line.p[0] == '#')
            read_family(ret, line, take_until(&text, '\n'));
        else
            read_sample(ret, line);
    }
}

static void expect_value(const struct page *page, const char *name, const char *labels,
                         const char *value)
{
    for (size_t i = 0; i < page->n_samples; i++) {
        const struct sample *s = &page->samples[i];
        if (!text_is(s->name, name) || !text_is(s->labels, labels))
            continue;
        cr_expect(text_is(s->value, value), "%s{%s} is %.*s, not %s", name, labels,
                  (int)s->value.n, s->value.p, value);
        return;
    }
    cr_expect_fail("%s{%s} is not there", name, labels);
}

/* Every field has a value of its own, so none can stand for another. */
static const struct metrics sound = {
    .connections_total = 101,
    .handshakes_full = 102,
    .handshakes_resumed = 103,
    .handshakes_failed = 104,
    .dropped_rate = 105,
    .dropped_per_address = 106,
    .dropped_proxy = 107,
    .evicted = 108,
    .timed_out = 109,
    .answers = {[METRIC_REPORTS] = {[2] = 110, [4] = 111, [5] = 112},
                [METRIC_ENROL] = {[1] = 113, [2] = 114},
                [METRIC_RENEW] = {[3] = 115},
                [METRIC_OTHER] = {[0] = 999, [4] = 116}},
    .refusals = {[REFUSAL_NONE] = 999, [REFUSAL_NO_CERTIFICATE] = 117, [REFUSAL_REVOKED] = 118},
    .reports_stored = 119,
    .busy = 120,
    .limited = 121,
    .commits = 122,
    .commit_failures = 123,
    .commit_us = 124000125,
    .commit_us_max = 126,
    .bytes_received = UINT64_MAX,
    .connections_open = 128,
    .queue_jobs = 129,
    .bytes_in_flight = 130,
    .standing_generation = 131,
    .standing_as_of = 1795300132,
    .started_at = 1795300133,
    .certificate_ends = 1795300134,
    .is_storing = true,
};

static const struct {
    const char *name, *labels, *value;
} expected[] = {
    {"fairuse_connections_total", "", "101"},
    {"fairuse_tls_handshakes_total", "result=\"full\"", "102"},
    {"fairuse_tls_handshakes_total", "result=\"resumed\"", "103"},
    {"fairuse_tls_handshakes_total", "result=\"failed\"", "104"},
    {"fairuse_connections_dropped_total", "reason=\"rate\"", "105"},
    {"fairuse_connections_dropped_total", "reason=\"per-address\"", "106"},
    {"fairuse_connections_dropped_total", "reason=\"proxy\"", "107"},
    {"fairuse_connections_evicted_total", "", "108"},
    {"fairuse_connections_timed_out_total", "", "109"},
    {"fairuse_answers_total", "request=\"reports\",status=\"2xx\"", "110"},
    {"fairuse_answers_total", "request=\"reports\",status=\"4xx\"", "111"},
    {"fairuse_answers_total", "request=\"reports\",status=\"5xx\"", "112"},
    {"fairuse_answers_total", "request=\"enrol\",status=\"1xx\"", "113"},
    {"fairuse_answers_total", "request=\"enrol\",status=\"2xx\"", "114"},
    {"fairuse_answers_total", "request=\"renew\",status=\"3xx\"", "115"},
    {"fairuse_answers_total", "request=\"renew\",status=\"5xx\"", "0"},
    {"fairuse_answers_total", "request=\"other\",status=\"4xx\"", "116"},
    {"fairuse_refusals_total", "reason=\"no-certificate\"", "117"},
    {"fairuse_refusals_total", "reason=\"revoked\"", "118"},
    {"fairuse_reports_stored_total", "", "119"},
    {"fairuse_answers_busy_total", "", "120"},
    {"fairuse_answers_limited_total", "", "121"},
    {"fairuse_commits_total", "", "122"},
    {"fairuse_commit_failures_total", "", "123"},
    {"fairuse_commit_seconds_total", "", "124.000125"},
    {"fairuse_commit_max_seconds", "", "0.000126"},
    {"fairuse_received_bytes_total", "", "18446744073709551615"},
    {"fairuse_connections_open", "", "128"},
    {"fairuse_queue_jobs", "", "129"},
    {"fairuse_in_flight_bytes", "", "130"},
    {"fairuse_standing_generation", "", "131"},
    {"fairuse_standing_as_of_timestamp_seconds", "", "1795300132"},
    {"fairuse_start_timestamp_seconds", "", "1795300133"},
    {"fairuse_certificate_end_timestamp_seconds", "", "1795300134"},
    {"fairuse_storing", "", "1"},
    {"fairuse_build_info", "version=\"" FAIRUSE_VERSION "\"", "1"},
};

Test(metrics, every_field_has_its_sample)
{
    AUTO(buf) struct buf out = BUF_INIT(CAP_HTTP_ANSWER);
    struct page page;
    metrics_put(&sound, &out);
    cr_assert_eq(buf_error(&out), 0);
    read_page((struct text){out.data, out.len}, &page);
    for (size_t i = 0; i < ARRAY_LEN(expected); i++)
        expect_value(&page, expected[i].name, expected[i].labels, expected[i].value);
    for (size_t i = 0; i < page.n_samples; i++)
        cr_expect(!text_is(page.samples[i].value, "999"), "what is no answer, no refusal");
    /* Twenty families of one sample, of which five tell of connections, three of requests,
     * seven of the store and five of the state; two of three; four requests by five classes;
     * each refusal but NONE. */
    cr_expect_eq(page.n_samples, 20 + 3 + 3 + 20 + (REFUSAL_COUNT - 1));
}

Test(metrics, the_page_at_the_start_has_the_same_samples)
{
    static const struct metrics none = {.is_storing = false};
    AUTO(buf) struct buf first = BUF_INIT(CAP_HTTP_ANSWER);
    AUTO(buf) struct buf second = BUF_INIT(CAP_HTTP_ANSWER);
    struct page a, b;
    metrics_put(&none, &first);
    metrics_put(&sound, &second);
    read_page((struct text){first.data, first.len}, &a);
    read_page((struct text){second.data, second.len}, &b);
    cr_assert_eq(a.n_samples, b.n_samples);
    for (size_t i = 0; i < a.n_samples; i++)
        cr_expect(are_equal(a.samples[i].name, b.samples[i].name) &&
                      are_equal(a.samples[i].labels, b.samples[i].labels),
                  "sample %zu: the order is always the same", i);
    expect_value(&a, "fairuse_storing", "", "0");
    expect_value(&a, "fairuse_commit_seconds_total", "", "0.000000");
}

Test(metrics, the_largest_page_is_below_8_kib)
{
    struct metrics full;
    memset(&full, 0xff, sizeof full); /* the longest of all numbers */
    full.is_storing = true;
    AUTO(buf) struct buf out = BUF_INIT(8192);
    metrics_put(&full, &out);
    cr_expect_eq(buf_error(&out), 0);
}
