/*
 * A spool as an agent would have left it, from a plan: earlier runs and what each of them saw,
 * none of it sent. So a test knows to the second what a collector must hold in the end.
 *
 *   spool_plant PATH < PLAN
 *
 * The plan's lines; times are Unix seconds, KERNEL and BOOT are UUIDs:
 *   run BOOT KERNEL STARTED STARTED_ON_THE_BOOT_CLOCK    the lines below are this run's
 *   seen LICENSE ADDRESS SOURCE FIRST LAST
 *   mail DOMAIN MAILBOXES FIRST LAST
 *   gap WHAT FIRST LAST LOST
 */
#include "spool/spool.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ROWS = 1000, WORDS = 6 };

struct planter {
    struct spool *s;
    struct report_sighting sightings[ROWS];
    struct report_mailboxes mailboxes[ROWS];
    struct report_gap gaps[ROWS];
    struct spool_facts facts;
};

static int number(struct text t, int64_t *ret)
{
    return text_to_int(t, WALL_BEGIN.s, WALL_END.s, ret);
}

static int span_of(const struct text *w, struct span *ret)
{
    int r = number(w[0], &ret->first.s);
    return r == 0 ? number(w[1], &ret->last.s) : r;
}

static int put(struct planter *p)
{
    int r = p->facts.n_sightings + p->facts.n_mailboxes + p->facts.n_gaps == 0
                ? 0
                : spool_put(p->s, &p->facts);
    p->facts.n_sightings = p->facts.n_mailboxes = p->facts.n_gaps = 0;
    return r;
}

static int do_run(struct planter *p, const struct text *w)
{
    struct spool_run run = {.started_s = 0};
    int r = put(p);
    if (r == 0)
        r = uuid_parse(w[0], &run.boot);
    if (r == 0)
        r = uuid_parse(w[1], &run.kernel);
    if (r == 0)
        r = number(w[2], &run.started.s);
    if (r == 0) /* before the kernel's start it is negative */
        r = text_to_int(w[3], -WALL_END.s, WALL_END.s, &run.started_s);
    return r == 0 ? spool_begin(p->s, &run) : r;
}

static int do_seen(struct planter *p, const struct text *w)
{
    struct report_sighting *x = &p->sightings[p->facts.n_sightings++];
    int r = license_parse(w[0], &x->license, NULL);
    if (r == 0)
        r = addr_parse(w[1], &x->address);
    if (r == 0)
        r = source_parse(w[2], &x->source);
    return r == 0 ? span_of(w + 3, &x->seen) : r;
}

static int do_mail(struct planter *p, const struct text *w)
{
    struct report_mailboxes *x = &p->mailboxes[p->facts.n_mailboxes++];
    *x = (struct report_mailboxes){.counts = {.is_filtered = true}};
    if (w[0].n >= sizeof x->domain)
        return -ERANGE;
    memcpy(x->domain, w[0].p, w[0].n);
    int r = text_to_int(w[1], 0, 10000000, &x->counts.mailboxes);
    return r == 0 ? span_of(w + 2, &x->seen) : r;
}

static int do_gap(struct planter *p, const struct text *w)
{
    struct report_gap *x = &p->gaps[p->facts.n_gaps++];
    int r = gap_kind_parse(w[0], &x->what);
    if (r == 0)
        r = span_of(w + 1, &x->seen);
    return r == 0 ? text_to_int(w[3], 0, INT64_MAX, &x->lost) : r;
}

/* The words of a line; how many, WORDS + 1 for too many. */
static size_t split(const char *line, struct text *ret)
{
    size_t n = 0;
    const char *at = line + strspn(line, " \n");
    for (; *at != '\0' && n < WORDS; n++) {
        ret[n] = (struct text){at, strcspn(at, " \n")};
        at += ret[n].n;
        at += strspn(at, " \n");
    }
    return *at == '\0' ? n : WORDS + 1;
}

static int do_line(struct planter *p, const char *line)
{
    static const struct {
        const char *name;
        size_t n;
        int (*run)(struct planter *p, const struct text *w);
    } kinds[] = {
        {"run", 5, do_run}, {"seen", 6, do_seen}, {"mail", 5, do_mail}, {"gap", 5, do_gap}};
    struct text w[WORDS];
    size_t n = split(line, w);
    const struct spool_facts *f = &p->facts;
    if (f->n_sightings == ROWS || f->n_mailboxes == ROWS || f->n_gaps == ROWS)
        return -E2BIG;
    for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
        if (n == kinds[i].n && text_is(w[0], kinds[i].name))
            return kinds[i].run(p, w + 1);
    return -EBADMSG;
}

static int plant(struct planter *p)
{
    AUTO_FREE char *line = NULL;
    size_t size = 0;
    int r = 0;
    while (r == 0 && getline(&line, &size, stdin) > 0) {
        r = do_line(p, line);
        if (r < 0)
            (void)fprintf(stderr, "spool_plant: %s: %s%s\n", strerror(-r), line,
                          spool_diag(p->s));
    }
    return r == 0 ? put(p) : r;
}

int main(int argc, char **argv)
{
    static struct planter p;
    struct diag d = {""};
    p.facts = (struct spool_facts){
        .sightings = p.sightings, .mailboxes = p.mailboxes, .gaps = p.gaps};
    if (argc != 2) {
        (void)fputs("usage: spool_plant PATH < PLAN\n", stderr);
        return 64;
    }
    if (spool_open(argv[1], SPOOL_KEEP, &p.s, NULL, &d) < 0) {
        (void)fprintf(stderr, "spool_plant: %s\n", d.text);
        return 1;
    }
    int r = plant(&p);
    spool_close(p.s);
    return r < 0;
}
