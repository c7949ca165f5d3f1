/* A spool in a folder of a test's own. */
#include "support/spooling.h"

#include "base/buf.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { TEXT_BYTES = 256 << 20 };

void spooling_open(struct spooling *f)
{
    struct diag d = {""};
    spool_close(f->s);
    f->s = NULL;
    int r = spool_open(f->path, SPOOL_KEEP, &f->s, &f->found, &d);
    cr_assert_eq(r, 0, "%d %s", r, d.text);
}

void spooling_begin(struct spooling *f, int boot, int kernel, int64_t started,
                    int64_t started_s)
{
    struct spool_run run = {.started = {SPOOLING_T0 + started}, .started_s = started_s};
    run.boot.bytes[0] = (uint8_t)(boot >> 8);
    run.boot.bytes[15] = (uint8_t)boot;
    run.kernel.bytes[15] = (uint8_t)kernel;
    int r = spool_begin(f->s, &run);
    cr_assert_eq(r, 0, "%d %s", r, spool_diag(f->s));
}

void spooling_start(struct spooling *f)
{
    *f = (struct spooling){.s = NULL};
    /* In memory, where there is such a place: each call of the spool waits for the disk four
     * times. */
    if (access("/dev/shm", W_OK) == 0)
        (void)setenv("TMPDIR", "/dev/shm", 0);
    cr_assert_eq(temp_make(&f->temp), 0);
    (void)temp_file(&f->temp, "spool.db", f->path);
    spooling_open(f);
    spooling_begin(f, 1, 1, 0, 1000);
}

void spooling_done(struct spooling *f)
{
    spool_close(f->s);
    f->s = NULL;
    temp_done(&f->temp);
}

/* ---- What is put --------------------------------------------------------------------- */

static struct span after_t0(int64_t first, int64_t last)
{
    return (struct span){{SPOOLING_T0 + first}, {SPOOLING_T0 + last}};
}

struct report_sighting spooling_sighting(int license, int address, int64_t first, int64_t last)
{
    struct report_sighting x = {.source = SOURCE_KEYSERVER, .seen = after_t0(first, last)};
    char text[32];
    (void)snprintf(text, sizeof text, "PLSK.%08d", license);
    cr_assert_eq(license_parse(text_of(text), &x.license, NULL), 0);
    x.address.family = ADDR_IPV4;
    x.address.bytes[0] = 198;
    x.address.bytes[1] = 51;
    x.address.bytes[2] = (uint8_t)(address >> 8);
    x.address.bytes[3] = (uint8_t)address;
    return x;
}

struct report_mailboxes spooling_mailboxes(int domain, int64_t count, int64_t first,
                                           int64_t last)
{
    struct report_mailboxes x = {.counts = {.mailboxes = count, .is_filtered = true},
                                 .seen = after_t0(first, last)};
    (void)snprintf(x.domain, sizeof x.domain, "example%d.nl", domain);
    return x;
}

struct report_gap spooling_gap(enum gap_kind what, int64_t first, int64_t last, int64_t lost)
{
    return (struct report_gap){.what = what, .seen = after_t0(first, last), .lost = lost};
}

int spooling_put_sighting(struct spooling *f, struct report_sighting x)
{
    struct spool_facts facts = {.sightings = &x, .n_sightings = 1};
    return spool_put(f->s, &facts);
}

int spooling_put_mailboxes(struct spooling *f, struct report_mailboxes x)
{
    struct spool_facts facts = {.mailboxes = &x, .n_mailboxes = 1};
    return spool_put(f->s, &facts);
}

int spooling_put_gap(struct spooling *f, struct report_gap x)
{
    struct spool_facts facts = {.gaps = &x, .n_gaps = 1};
    return spool_put(f->s, &facts);
}

struct spool_now spooling_now(int64_t now, int64_t jump)
{
    return (struct spool_now){.now = {SPOOLING_T0 + now + jump}, .boot_s = 1000 + now};
}

/* ---- What is there ------------------------------------------------------------------- */

static void show_span(struct buf *out, struct span x)
{
    buf_printf(out, " %lld-%lld", (long long)(x.first.s - SPOOLING_T0),
               (long long)(x.last.s - SPOOLING_T0));
}

static int show_sighting(void *arg, const struct report_sighting *x)
{
    struct buf *out = arg;
    char license[LICENSE_TEXT_SIZE];
    int64_t number = 0;
    (void)license_format(x->license, license);
    const char *digits = license + strlen("PLSK.");
    while (*digits == '0')
        digits++;
    cr_assert_eq(text_to_int(text_of(digits), 0, INT64_MAX, &number), 0);
    buf_printf(out, "S%lld A%d %s", (long long)number,
               x->address.bytes[2] << 8 | x->address.bytes[3], source_name(x->source));
    show_span(out, x->seen);
    buf_add_char(out, '\n');
    return buf_error(out);
}

static int show_mailboxes(void *arg, const struct report_mailboxes *x)
{
    struct buf *out = arg;
    buf_printf(out, "%s %lld", x->domain, (long long)x->counts.mailboxes);
    show_span(out, x->seen);
    buf_add_char(out, '\n');
    return buf_error(out);
}

static int show_gap(void *arg, const struct report_gap *x)
{
    struct buf *out = arg;
    buf_printf(out, "gap %s", gap_kind_name(x->what));
    show_span(out, x->seen);
    buf_printf(out, " lost %lld\n", (long long)x->lost);
    return buf_error(out);
}

static char *take_text(struct buf *out)
{
    char *text = out->len == 0 ? strdup("") : buf_take(out);
    cr_assert_not_null(text);
    buf_done(out);
    return text;
}

char *spooling_waiting(struct spooling *f)
{
    struct buf out = BUF_INIT(TEXT_BYTES);
    struct spool_reader r = {show_sighting, show_mailboxes, show_gap, &out};
    cr_assert_eq(spool_waiting(f->s, &r), 0, "%s", spool_diag(f->s));
    return take_text(&out);
}

char *spooling_history(struct spooling *f)
{
    struct buf out = BUF_INIT(TEXT_BYTES);
    struct spool_reader r = {show_sighting, show_mailboxes, show_gap, &out};
    struct span all = {WALL_BEGIN, WALL_END};
    cr_assert_eq(spool_history(f->s, all, &r), 0, "%s", spool_diag(f->s));
    return take_text(&out);
}

char *spooling_report(const struct report *r)
{
    struct buf out = BUF_INIT(TEXT_BYTES);
    buf_printf(&out, "run %d counter %lld %s\n", r->boot.bytes[0] << 8 | r->boot.bytes[15],
               (long long)r->counter, r->is_live ? "live" : "late");
    for (size_t i = 0; i < r->n_sightings; i++)
        cr_assert_eq(show_sighting(&out, &r->sightings[i]), 0);
    for (size_t i = 0; i < r->n_mailboxes; i++)
        cr_assert_eq(show_mailboxes(&out, &r->mailboxes[i]), 0);
    for (size_t i = 0; i < r->n_gaps; i++)
        cr_assert_eq(show_gap(&out, &r->gaps[i]), 0);
    return take_text(&out);
}

bool spooling_is(char *text, const char *expected)
{
    bool is_same = text && strcmp(text, expected) == 0;
    if (!is_same)
        (void)fprintf(stderr, "---- is:\n%s---- not:\n%s----\n", text ? text : "(nothing)\n",
                      expected);
    free(text);
    return is_same;
}

struct spool_counts spooling_counts(struct spooling *f)
{
    struct spool_counts c;
    cr_assert_eq(spool_count(f->s, &c), 0, "%s", spool_diag(f->s));
    return c;
}

char *spooling_take(struct spooling *f, int64_t now, int64_t jump, bool is_first)
{
    AUTO(report) struct report r = {.counter = 0};
    struct spool_now at = spooling_now(now, jump);
    int e = spool_take_report(f->s, &at, is_first, &r);
    cr_assert_geq(e, 0, "%d %s", e, spool_diag(f->s));
    return e == 1 ? spooling_report(&r) : NULL;
}
