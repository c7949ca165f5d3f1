/* Cases of the audit by hand. */
#include "support/casebuild.h"

#include "audit/evidence.h"

#include <stdio.h>
#include <string.h>

static const struct term EVER = {WALL_BEGIN, WALL_END};

/* Europe/Amsterdam around 2026: summer time from the last Sunday of March, 01:00 UTC, to that
 * of October. */
static void zone_init_amsterdam(struct zone *z)
{
    static const struct {
        const char *from;
        int32_t offset_s;
        const char *abbreviation;
    } steps[] = {
        {"2025-10-26T01:00:00Z", 3600, "CET"},
        {"2026-03-29T01:00:00Z", 7200, "CEST"},
        {"2026-10-25T01:00:00Z", 3600, "CET"},
        {"2027-03-28T01:00:00Z", 7200, "CEST"},
    };
    (void)snprintf(z->name, sizeof z->name, "Europe/Amsterdam");
    z->n = ARRAY_LEN(steps);
    for (size_t i = 0; i < z->n; i++) {
        struct zone_step *s = &z->steps[i];
        int r = wall_parse(text_of(steps[i].from), &s->from);
        assert(r == 0);
        (void)r;
        s->offset_s = steps[i].offset_s;
        (void)snprintf(s->abbreviation, sizeof s->abbreviation, "%s", steps[i].abbreviation);
    }
}

void case_begin(struct casebuild *c)
{
    static const char *const names[CASE_RESELLERS] = {"r1", "r2"};
    *c = (struct casebuild){.policy = {.version = "1", .from = WALL_BEGIN}};
    zone_init_amsterdam(&c->zone);
    policy_init(&c->policy.base);
    for (size_t i = 0; i < CASE_RESELLERS; i++)
        c->resellers[i] = (struct audit_reseller){.id = names[i], .networks = c->networks[i]};
    c->rows[0] = (struct audit_row){&c->resellers[0], EVER, {0}, 1000};
    c->n_rows = 1;
}

void case_entries(struct casebuild *c, const struct audit_row *rows, size_t n)
{
    assert(n <= CASE_ROWS);
    memcpy(c->rows, rows, n * sizeof *rows);
    c->n_rows = n;
}

/* By family, base, width, from: the order in which a reseller's networks are handed over. */
static bool network_is_before(const struct estate_network *a, const struct estate_network *b)
{
    int order = network_compare(&a->network, &b->network);
    return order != 0 ? order < 0 : a->valid.from.s < b->valid.from.s;
}

void case_network(struct casebuild *c, size_t reseller, const char *network, struct term valid,
                  bool is_one_place)
{
    struct estate_network n = {.valid = valid, .is_one_place = is_one_place};
    int r = network_parse(text_of(network), &n.network);
    struct estate_network *list = c->networks[reseller];
    size_t at = c->resellers[reseller].n_networks++;

    assert(r == 0 && at < CASE_NETWORKS);
    (void)r;
    n.reseller = c->resellers[reseller].id;
    for (; at > 0 && network_is_before(&n, &list[at - 1]); at--)
        list[at] = list[at - 1];
    list[at] = n;
}

void case_move(struct casebuild *c, wall_t from, wall_t to)
{
    assert(c->n_moves < CASE_MOVES);
    c->moves[c->n_moves++] = (struct term){from, to};
}

uint32_t case_server(struct casebuild *c, size_t reseller)
{
    static const char *const names[CASE_SERVERS] = {"srv-1", "srv-2", "srv-3", "srv-4",
                                                    "srv-5", "srv-6", "srv-7", "srv-8"};
    size_t i = c->n_servers++;
    assert(i < CASE_SERVERS);
    c->tenures[i] = (struct tenure){&c->resellers[reseller], EVER};
    c->servers[i] = (struct audit_server){names[i], &c->tenures[i], 1, WALL_END};
    c->server_list[i] = &c->servers[i];
    return (uint32_t)i;
}

uint32_t case_boot(struct casebuild *c, uint32_t server)
{
    size_t i = c->n_machines++;
    assert(i < CASE_MACHINES);
    c->machines[i] = (struct audit_machine){.server = &c->servers[server]};
    c->machines[i].boot.bytes[0] = (uint8_t)(i + 1);
    return (uint32_t)i;
}

void case_seen(struct casebuild *c, uint32_t machine, enum source source, const char *address,
               wall_t first, wall_t last)
{
    struct audit_sighting s = {.machine = machine, .source = source, .seen = {first, last}};
    int r = addr_parse(text_of(address), &s.address);
    assert(r == 0 && first.s <= last.s && c->n_sightings < CASE_SIGHTINGS);
    (void)r;
    c->sightings[c->n_sightings++] = s;
}

void case_count(struct casebuild *c, uint32_t server, int64_t mailboxes, wall_t first,
                wall_t last)
{
    assert(c->n_counts < CASE_COUNTS);
    c->counts[c->n_counts++] = (struct audit_count){
        server, {.mailboxes = mailboxes, .is_filtered = true}, {first, last}};
}

/* Evidence is one JSON value; and what can be charged is borne out by it: the rule says the
 * same of it again. */
static void judge_again(const struct finding *f)
{
    AUTO(json_doc) struct json_doc *doc = NULL;
    struct level_answer answer;
    struct json_error error;
    enum finding_kind kind;
    int read = json_read(text_of(f->evidence), &doc, &error);

    assert(read == 0);
    (void)read;
    if (f->kind != FINDING_EXTRA_IP && f->kind != FINDING_MAILBOXES &&
        f->kind != FINDING_OUTSIDE)
        return;
    int r = evidence_judge(text_of(f->evidence), &kind, &answer, &error);
    bool is_same = r == 0 && kind == f->kind && answer.state == f->state &&
                   answer.quantity == f->quantity && answer.has_since == f->has_since &&
                   answer.has_confirms == f->has_confirms &&
                   (!f->has_since || answer.since.s == f->since.s) &&
                   (!f->has_confirms || answer.confirms_at.s == f->confirms_at.s);
    if (!is_same)
        fprintf(stderr, "judged again, it is another: %s\n", f->evidence);
    assert(is_same);
}

static int take(void *arg, const struct finding *f)
{
    struct casebuild *c = arg;
    assert(c->n_said < CASE_VERDICTS);
    judge_again(f);
    if (c->heard)
        c->heard(f);
    c->said[c->n_said++] =
        (struct case_verdict){f->kind,      f->state,        f->reseller, f->quantity,
                              f->has_since, f->has_confirms, f->since,    f->confirms_at};
    return 0;
}

void case_frame(struct casebuild *c, period_t period, wall_t as_of, struct case_frame *ret)
{
    static const char prefixes[][8] = {"PLSK"};
    static const char *const lab[] = {"192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24",
                                      "2001:db8::/32"};
    static_assert(ARRAY_LEN(lab) == ARRAY_LEN(ret->lab), "a network each");
    int r = 0;

    for (size_t i = 0; i < ARRAY_LEN(lab) && r == 0; i++)
        r = network_parse(text_of(lab[i]), &ret->lab[i]);
    ret->audit = (struct audit){.period = period,
                                .p0 = period_start(&c->zone, period),
                                .p1 = period_start(&c->zone, period_plus(period, 1)),
                                .policy = &c->policy,
                                .lab_networks = ret->lab,
                                .n_lab_networks = ARRAY_LEN(ret->lab),
                                .license_prefixes = prefixes,
                                .n_license_prefixes = ARRAY_LEN(prefixes)};
    ret->audit.end = wall_min(ret->audit.p1, as_of);
    ret->license = (struct license_case){.rows = c->rows,
                                         .n_rows = c->n_rows,
                                         .moves = c->moves,
                                         .n_moves = c->n_moves,
                                         .machines = c->machines,
                                         .n_machines = c->n_machines,
                                         .sightings = c->sightings,
                                         .n_sightings = c->n_sightings};
    ret->domain = (struct domain_case){"example.nl", c->rows,   c->n_rows,  c->server_list,
                                       c->n_servers, c->counts, c->n_counts};
    if (r == 0)
        r = license_parse(text_of("PLSK.01234567"), &ret->license.license, NULL);
    assert(r == 0);
    (void)r;
}

static void audit_period(struct casebuild *c, period_t period, wall_t as_of)
{
    struct case_frame f, earlier;
    struct audit before[ARRAY_LEN(f.audit.before)];
    struct finding_sink sink = {.take = take, .arg = c};
    AUTO(audit_work) struct audit_work *work = NULL;

    case_frame(c, period, as_of, &f);
    for (size_t i = 0; i < ARRAY_LEN(before); i++) {
        case_frame(c, period_plus(period, -(int)i - 1), as_of, &earlier);
        before[i] = earlier.audit;
        before[i].lab_networks = f.lab;
        f.audit.before[i] = &before[i];
    }
    c->n_said = 0;
    int r = audit_work_new(&work);
    if (r == 0)
        r = audit_license(&f.audit, &f.license, work, &sink);
    if (r == 0)
        r = audit_domain(&f.audit, &f.domain, work, &sink);
    assert(r == 0);
    (void)r;
}

void case_audit(struct casebuild *c, wall_t as_of)
{
    audit_period(c, period_at(&c->zone, later(as_of, -1)), as_of);
}

struct case_verdict case_said(const struct casebuild *c, enum finding_kind kind)
{
    struct case_verdict best = {.kind = kind, .state = STATE_CLEAR};
    for (size_t i = 0; i < c->n_said; i++) {
        const struct case_verdict *v = &c->said[i];
        if (v->kind == kind &&
            (v->state > best.state || (v->state == best.state && v->quantity > best.quantity)))
            best = *v;
    }
    return best;
}

static bool has_confirmed(const struct casebuild *c)
{
    for (size_t i = 0; i < c->n_said; i++)
        if (c->said[i].state == STATE_CONFIRMED)
            return true;
    return false;
}

bool case_ever_confirmed(struct casebuild *c, wall_t first, wall_t last)
{
    for (wall_t night = first; night.s <= last.s; night.s += 86400) {
        period_t now = period_at(&c->zone, later(night, -1));
        for (int before = 0; before < 2; before++) {
            audit_period(c, period_plus(now, -before), night);
            if (has_confirmed(c))
                return true;
        }
    }
    return false;
}

wall_t october(int day)
{
    return (wall_t){(civil_to_days(2026, 10, 1) + day - 1) * 86400};
}

wall_t october_begin(void)
{
    return later(october(0), 22 * INT64_C(3600));
}

wall_t october_end(void)
{
    return later(october(31), 23 * INT64_C(3600));
}

wall_t later(wall_t t, int64_t seconds)
{
    return (wall_t){t.s + seconds};
}
