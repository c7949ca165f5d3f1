/* Findings and drafts put into the order of readers, outside memory. */
#include "edition/edition_parts.h"
#include <errno.h>
#include <string.h>

/* What is packed beside the texts: manager, reseller, subject, policy, evidence. */
struct packed {
    enum record_what what;
    struct finding finding; /* pointers mean nothing */
    struct draft draft;     /* but that of its currency, which is static */
};

struct regroup {
    const struct edition_setup *setup;
    const struct roster *roster;
    struct sorter *sorter;
    struct buf key, value; /* scratch */
};

void regroup_free(struct regroup *g)
{
    if (!g)
        return;
    sorter_free(g->sorter);
    buf_done(&g->key);
    buf_done(&g->value);
    free(g);
}

enum charge_kind charge_of_finding(enum finding_kind kind)
{
    assert(bulletin_is_charging(kind));
    if (kind == FINDING_MAILBOXES)
        return CHARGE_MAILBOXES;
    return kind == FINDING_OUTSIDE ? CHARGE_OUTSIDE : CHARGE_EXTRA_IP;
}

static enum finding_kind finding_of_charge(enum charge_kind kind)
{
    switch (kind) {
    case CHARGE_EXTRA_IP: return FINDING_EXTRA_IP;
    case CHARGE_MAILBOXES: return FINDING_MAILBOXES;
    case CHARGE_OUTSIDE: return FINDING_OUTSIDE;
    }
    return FINDING_EXTRA_IP;
}

bool periods_are_open(const struct run_periods *p, period_t period)
{
    for (size_t i = p->n_corrected; i < p->n; i++)
        if (p->v[i].month == period.month)
            return true;
    return false;
}

static bool is_newest(const struct run_periods *p, period_t period)
{
    return p->n > p->n_corrected && p->v[p->n - 1].month == period.month;
}

static void add_terminated(struct buf *b, const char *s)
{
    buf_add(b, s, strlen(s) + 1);
}

/* As the store orders what was said: texts by bytes, kinds and periods by number. */
static void put_key(struct buf *out, const struct record *x)
{
    uint32_t month = (uint32_t)x->period.month;

    buf_reset(out);
    add_terminated(out, x->manager);
    add_terminated(out, x->reseller);
    buf_add_char(out, (char)x->kind);
    add_terminated(out, x->subject);
    for (int shift = 24; shift >= 0; shift -= 8)
        buf_add_char(out, (char)(uint8_t)(month >> shift));
    buf_add_char(out, (char)x->what);
}

static int put_record(struct regroup *g, const struct record *x)
{
    bool has_finding = x->what != RECORD_MONEY, is_told = x->what == RECORD_TOLD;
    struct packed p;

    memset(&p, 0, sizeof(p));
    p.what = x->what;
    p.finding = x->finding;
    p.draft = x->draft;
    put_key(&g->key, x);
    buf_reset(&g->value);
    buf_add(&g->value, &p, sizeof(p));
    add_terminated(&g->value, x->manager);
    add_terminated(&g->value, x->reseller);
    add_terminated(&g->value, x->subject);
    add_terminated(&g->value, has_finding ? x->finding.policy : "");
    add_terminated(&g->value, is_told ? x->finding.evidence : "");
    int r = buf_error(&g->key) < 0 ? buf_error(&g->key) : buf_error(&g->value);
    return r < 0 ? r
                 : sorter_put(g->sorter, (struct text){g->key.data, g->key.len},
                              (struct text){g->value.data, g->value.len});
}

/* Whose it is. False where the night is not made for that reader. */
static bool assign(const struct regroup *g, const char *reseller, struct record *x)
{
    const struct edition_setup *s = g->setup;
    const struct estate_reseller *facts = reseller ? book_facts(s->run->book, reseller) : NULL;

    x->manager = x->reseller = "";
    if (facts && roster_find(g->roster, facts->manager)) {
        x->manager = facts->manager;
        x->reseller = facts->id;
    }
    if (s->only_reseller)
        return strcmp(x->reseller, s->only_reseller) == 0;
    return !s->only_manager || !x->manager[0] || strcmp(x->manager, s->only_manager) == 0;
}

/* What of a finding is needed; false: nothing. */
static bool choose(const struct run_periods *p, const struct finding *f, enum record_what *ret)
{
    bool is_confirmed = f->state == STATE_CONFIRMED;

    if (periods_are_open(p, f->period)) {
        *ret = is_confirmed || is_newest(p, f->period) ? RECORD_TOLD : RECORD_UNTOLD;
        return true;
    }
    *ret = RECORD_CHARGED;
    return is_confirmed && bulletin_is_charging(f->kind);
}

static int take_findings(struct regroup *g)
{
    struct finding f;
    int r = findings_rewind(g->setup->findings);

    while (r >= 0 && (r = findings_next(g->setup->findings, &f)) > 0) {
        struct record x = {
            .kind = f.kind, .subject = f.subject, .period = f.period, .finding = f};
        if (!choose(g->setup->periods, &f, &x.what) || !assign(g, f.reseller, &x) ||
            (!x.manager[0] && x.what != RECORD_TOLD))
            continue;
        r = put_record(g, &x);
        if (r < 0)
            return r;
    }
    return r;
}

static int take_draft(void *regroup, const struct draft *d)
{
    struct regroup *g = regroup;
    struct record x = {.what = RECORD_MONEY,
                       .kind = finding_of_charge(d->kind),
                       .subject = d->subject,
                       .period = d->period,
                       .draft = *d};

    if (!assign(g, d->reseller, &x) || !x.manager[0])
        return 0;
    return put_record(g, &x);
}

int regroup_new(const struct edition_setup *setup, const struct roster *roster,
                struct regroup **ret, struct diag *d)
{
    AUTO(regroup) struct regroup *g = calloc(1, sizeof(*g));

    if (!g)
        return -ENOMEM;
    g->setup = setup;
    g->roster = roster;
    g->key = BUF_INIT(8192);
    g->value = BUF_INIT((size_t)CAP_EVIDENCE_BYTES + 65536);
    int r = sorter_new(&g->sorter, d);
    if (r >= 0)
        r = take_findings(g);
    for (size_t i = 0; i < setup->periods->n && r >= 0; i++)
        r = drafts_of(setup->run, setup->findings, setup->periods->v[i], take_draft, g);
    if (r < 0)
        return r;
    *ret = STEAL(g);
    return 0;
}

static const char *next_text(const char **at)
{
    const char *text = *at;
    *at += strlen(text) + 1;
    return text;
}

int regroup_next(struct regroup *g, struct record *ret)
{
    struct text key, value;
    struct packed p;
    int r = sorter_next(g->sorter, &key, &value);

    if (r <= 0)
        return r;
    memcpy(&p, value.p, sizeof(p));
    const char *at = value.p + sizeof(p);
    struct record x = {.what = p.what, .finding = p.finding, .draft = p.draft};
    x.manager = next_text(&at);
    x.reseller = next_text(&at);
    x.subject = next_text(&at);
    x.finding.reseller = x.draft.reseller = x.reseller;
    x.finding.subject = x.draft.subject = x.subject;
    x.finding.policy = x.draft.policy = next_text(&at);
    x.finding.evidence = next_text(&at);
    x.draft.evidence = NULL;
    x.kind = p.what == RECORD_MONEY ? finding_of_charge(p.draft.kind) : p.finding.kind;
    x.period = p.what == RECORD_MONEY ? p.draft.period : p.finding.period;
    *ret = x;
    return 1;
}
