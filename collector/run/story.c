/* A story from its beginning: reads the case, has the audit judge it, and gathers the parts. */
#include "base/grow.h"
#include "run/feed.h"
#include "run/story_parts.h"
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

int story_subject_parse(struct text t, struct story_subject *ret, struct diag *d)
{
    struct story_subject s = {.is_license = true};
    char quoted[TEXT_QUOTE_SIZE];
    int r = license_parse(t, &s.license, NULL);

    if (r == 0) {
        (void)license_format(s.license, s.name);
        *ret = s;
        return 0;
    }
    if (r > 0)
        return diag_set(d, -EBADMSG, "%s is the number of no licence", text_quote(t, quoted));
    s = (struct story_subject){.is_license = false};
    r = dname_parse(t, s.name);
    if (r == -EBADMSG)
        return diag_set(d, r,
                        "%s is neither a licence (as PLSK.01234567) nor a domain "
                        "(as example.nl)",
                        text_quote(t, quoted));
    if (r < 0)
        return diag_set(d, r, "not enough memory");
    *ret = s;
    return 0;
}

const char *story_dur(dur_t d, char out[static STORY_DUR_SIZE])
{
    static const struct {
        int64_t s;
        const char *name;
    } units[] = {{86400, "d"}, {3600, "h"}, {60, "min"}, {1, "s"}};
    int64_t rest = d.s;
    size_t n = 0;

    for (size_t i = 0; i < ARRAY_LEN(units); i++) {
        int64_t count = rest / units[i].s;
        bool is_all = i + 1 == ARRAY_LEN(units) && n == 0;
        if (count == 0 && !is_all)
            continue;
        n += (size_t)snprintf(out + n, STORY_DUR_SIZE - n, "%s%" PRId64 " %s", n ? " " : "",
                              count, units[i].name);
        rest -= count * units[i].s;
    }
    return out;
}

const char *story_lane_name(const struct story_entry *e, const struct story_lane *l,
                            char out[static STORY_LANE_SIZE])
{
    (void)snprintf(out, STORY_LANE_SIZE, "%s at %s", e->machines[l->machine].server,
                   e->units[l->unit].name);
    return out;
}

void *story_keep(struct story_maker *m, const void *v, size_t n, size_t elem)
{
    void *kept = arena_array(&m->s->arena, n + 1, elem);

    if (kept && n > 0)
        memcpy(kept, v, n * elem);
    return kept;
}

int story_keep_spans(struct story_maker *m, const struct spans *v, struct story_spans *ret)
{
    ret->v = story_keep(m, v->v, v->n, sizeof(*v->v));
    ret->n = v->n;
    return ret->v ? 0 : -ENOMEM;
}

int story_keep_level(struct story_maker *m, const struct level *l, struct story_level *ret)
{
    ret->v = story_keep(m, l->v, l->n, sizeof(*l->v));
    ret->n = l->n;
    return ret->v ? 0 : -ENOMEM;
}

const char *story_print(struct story_maker *m, const char *fmt, ...)
{
    AUTO(buf) struct buf b = BUF_INIT(65536);
    char line[2048];
    va_list ap;

    va_start(ap, fmt);
    int n = vsnprintf(line, sizeof(line), fmt, ap);
    va_end(ap);
    if (n < 0)
        return NULL;
    buf_add_str(&b, line);
    return buf_error(&b) < 0 ? NULL : arena_text(&m->s->arena, text_of(buf_str(&b)));
}

/* The times at which the level is at least 1, joined; moments that measure nothing left out. */
static int held_spans(const struct level *l, struct span window, struct spans *ret)
{
    for (size_t i = 0; i < l->n; i++) {
        wall_t until = i + 1 < l->n ? l->v[i + 1].at : window.last;
        struct span held = {l->v[i].at, wall_max(until, l->v[i].at)};
        if (l->v[i].after < 1 || !span_cut(&held, window) || held.first.s == held.last.s)
            continue;
        int r = spans_add(ret, held);
        if (r < 0)
            return r;
    }
    spans_join(ret, (dur_t){0});
    return 0;
}

int story_rule_fill(struct story_maker *m, const struct entry *e, const struct level *l,
                    struct story_rule *rule)
{
    AUTO(spans) struct spans held = {0};
    int r = level_judge(l, &rule->terms, &rule->answer);

    if (r >= 0)
        r = held_spans(l, rule->terms.window, &held);
    if (r >= 0)
        r = story_keep_level(m, l, &rule->level);
    if (r >= 0)
        r = story_keep_spans(m, &held, &rule->held);
    if (r >= 0)
        rule->outlook = story_outlook(m, e, rule, &held);
    return r;
}

/* What entries of either kind of subject have in common. */
static int entry_begin(struct story_maker *m, const struct entry *e, struct story_entry *ret)
{
    const struct estate_reseller *facts = book_facts(m->book, e->reseller->id);

    *ret = (struct story_entry){.is_trial = e->reseller->is_trial, .valid = e->valid};
    ret->reseller = arena_text(&m->s->arena, text_of(e->reseller->id));
    ret->reseller_name = arena_text(&m->s->arena, text_of(facts ? facts->name : ""));
    if (!ret->reseller || !ret->reseller_name)
        return -ENOMEM;
    ret->is_judged = entry_v(m->a, e, &ret->v);
    ret->policy = *e->policy;
    return 0;
}

/* The case of either kind; one of the two is NULL. */
struct story_case {
    const struct license_case *license;
    const struct domain_case *domain;
    const struct audit_row *rows;
    size_t n_rows;
};

static int gather_entries(struct story_maker *m, const struct story_case *c)
{
    struct story *s = m->s;

    s->entries = arena_array(&s->arena, c->n_rows + 1, sizeof(*s->entries));
    if (!s->entries)
        return -ENOMEM;
    for (size_t i = 0; i < c->n_rows;) {
        struct entry e = entry_at(m->a, c->rows, c->n_rows, i);
        struct story_entry *to = &s->entries[s->n_entries];
        int r = entry_begin(m, &e, to);
        if (r >= 0 && to->is_judged && s->is_spoken_of)
            r = c->license ? story_license_entry(m, c->license, &e, to)
                           : story_domain_entry(m, c->domain, &e, to);
        if (r < 0)
            return r;
        to->is_judged = to->is_judged && s->is_spoken_of;
        s->n_entries++;
        i += e.n_rows;
    }
    return 0;
}

static bool is_charge(enum finding_kind k)
{
    return k == FINDING_EXTRA_IP || k == FINDING_MAILBOXES || k == FINDING_OUTSIDE;
}

static int keep_notice(struct story_maker *m, const struct finding *f, struct story_notice *ret)
{
    *ret = (struct story_notice){
        .kind = f->kind, .quantity = f->quantity, .has_since = f->has_since, .since = f->since};
    ret->subject = arena_text(&m->s->arena, text_of(f->subject));
    ret->reseller = f->reseller ? arena_text(&m->s->arena, text_of(f->reseller)) : NULL;
    return ret->subject && (ret->reseller || !f->reseller) ? 0 : -ENOMEM;
}

/* What the audit itself said: the state of all, and the notices. */
static int gather_findings(struct story_maker *m, struct findings *findings)
{
    AUTO_FREE struct story_notice *v = NULL;
    size_t n = 0, cap = 0;
    struct finding f;
    int r;

    while ((r = findings_next(findings, &f)) > 0) {
        m->s->state = f.state > m->s->state ? f.state : m->s->state;
        if (is_charge(f.kind))
            continue;
        r = grow(&v, &cap, n + 1, sizeof(*v), SIZE_MAX);
        if (r >= 0)
            r = keep_notice(m, &f, &v[n++]);
        if (r < 0)
            return r;
    }
    if (r < 0)
        return r;
    m->s->notices = story_keep(m, v, n, sizeof(*v));
    m->s->n_notices = n;
    return m->s->notices ? 0 : -ENOMEM;
}

/* Reads the one case of the subject, judges it, and gathers while it is there. */
static int read_license(struct story_maker *m, const struct finding_sink *sink)
{
    AUTO(license_feed) struct license_feed *feed = NULL;
    AUTO(audit_work) struct audit_work *work = NULL;
    license_t license = m->s->subject.license;
    struct license_outline outline;
    const struct license_case *c;
    int r = license_feed_open(m->setup->store, m->book,
                              (struct license_range){license, license}, &feed);

    if (r >= 0)
        r = audit_work_new(&work);
    if (r >= 0)
        r = license_feed_next(feed, &outline);
    if (r <= 0)
        return r < 0 ? r : -ENOENT;
    r = license_feed_case(feed, &c);
    if (r >= 0)
        r = audit_license(m->a, c, work, sink);
    return r < 0 ? r : gather_entries(m, &(struct story_case){c, NULL, c->rows, c->n_rows});
}

static int read_domain(struct story_maker *m, const struct finding_sink *sink)
{
    AUTO(domain_feed) struct domain_feed *feed = NULL;
    AUTO(audit_work) struct audit_work *work = NULL;
    const char *domain = m->s->subject.name;
    const struct domain_case *c;
    int r = domain_feed_open(m->setup->store, m->book, (struct domain_range){domain, domain},
                             &feed);

    if (r >= 0)
        r = audit_work_new(&work);
    if (r >= 0)
        r = domain_feed_next(feed, &c);
    if (r <= 0)
        return r < 0 ? r : -ENOENT;
    r = audit_domain(m->a, c, work, sink);
    return r < 0 ? r : gather_entries(m, &(struct story_case){NULL, c, c->rows, c->n_rows});
}

static int story_make(struct story_maker *m, struct diag *d)
{
    AUTO(findings) struct findings *findings = NULL;
    int r = findings_new(&findings, d);

    if (r < 0)
        return r;
    struct finding_sink sink = {findings_take, findings, false};
    r = m->s->subject.is_license ? read_license(m, &sink) : read_domain(m, &sink);
    if (r >= 0)
        r = gather_findings(m, findings);
    if (r >= 0)
        r = story_reckon(m, findings);
    return r < 0 ? r : story_advise(m);
}

int story_load(const struct run_setup *setup, const struct story_subject *subject,
               period_t period, struct story *ret, struct diag *d)
{
    AUTO(story) struct story s = {.subject = *subject, .period = period, .as_of = setup->as_of};
    AUTO_FREE struct run_period *run = calloc(1, sizeof(*run));

    if (!run)
        return -ENOMEM;
    if (!run_period_init(run, setup, period))
        return -ERANGE;
    s.p0 = run->now.p0;
    s.p1 = run->now.p1;
    s.end = run->now.end;
    s.is_spoken_of = !subject->is_license || audit_speaks_of(&run->now, subject->license);
    struct story_maker m = {&s, setup, setup->book, &run->now};
    s.policy = arena_text(&s.arena, text_of(run->now.policy->version));
    int r = s.policy ? story_make(&m, d) : -ENOMEM;
    if (r < 0)
        return r;
    *ret = s;
    s = (struct story){.is_spoken_of = false};
    return 0;
}

void story_done(struct story *s)
{
    arena_done(&s->arena);
    *s = (struct story){.is_spoken_of = false};
}
