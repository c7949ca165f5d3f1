/* What a report says beside the findings, by hand. */
#include "support/sides.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char hash[] = "0123456789012345678901234567890123456789012345678901234567890123";
static const char prefixes[][8] = {"PLSK"};

static void must(const struct sides *s, int r)
{
    if (r >= 0)
        return;
    (void)fprintf(stderr, "%d: %s\n", r, s->store ? store_diag(s->store) : "");
    abort();
}

#define PUT(s, call)                                                                           \
    do {                                                                                       \
        must((s), store_begin((s)->store));                                                    \
        must((s), (call));                                                                     \
        must((s), store_commit((s)->store));                                                   \
    } while (0)

void sides_init(struct sides *s)
{
    *s = (struct sides){.store = NULL};
    nights_init(&s->nights);
    s->store = s->nights.store;
}

void sides_done(struct sides *s)
{
    findings_free(s->findings);
    arena_done(&s->keep);
    nights_done(&s->nights);
}

struct term sides_term(int from_day, int to_day)
{
    return (struct term){nights_at(from_day, 0), nights_at(to_day, 0)};
}

void sides_license(struct sides *s, const char *license, const char *reseller,
                   struct term valid)
{
    struct estate_license row = {
        .license = lic(license), .reseller = reseller, .product = "", .valid = valid};
    PUT(s, store_put_license(s->store, &row));
}

void sides_domain(struct sides *s, const char *domain, const char *reseller, struct term valid)
{
    struct estate_domain row = {domain, reseller, 1000, valid};
    PUT(s, store_put_domain(s->store, &row));
}

void sides_server(struct sides *s, const char *server, const char *reseller, struct term valid)
{
    struct estate_server row = {server, reseller, valid, WALL_END};
    PUT(s, store_put_estate_server(s->store, &row));
}

void sides_network(struct sides *s, const char *network, const char *reseller,
                   struct term valid)
{
    struct estate_network row = {reseller, net(network), valid, false};
    PUT(s, store_put_network(s->store, &row));
}

void sides_enrol(struct sides *s, const char *server, const char *reseller, wall_t at)
{
    PUT(s, store_enrol_server(s->store, server, reseller, at, at));
}

void sides_retire(struct sides *s, const char *server, wall_t at)
{
    PUT(s, store_retire_server(s->store, server, at));
}

void sides_revoke(struct sides *s, const char *server, wall_t at)
{
    PUT(s, store_revoke_server(s->store, server, at));
}

void sides_say(struct sides *s, struct say what)
{
    what.counter = ++s->nights.counters;
    what.digest = (uint64_t)what.counter;
    what.is_late = true;
    what.received = nights_at(90, 0);
    PUT(s, store_say(s->store, what));
}

/* ---- The ledger ------------------------------------------------------------------------- */

static struct ledger_key key_of(const struct sides *s, const char *text)
{
    struct ledger_key key;
    struct diag d = {""};

    must(s, ledger_key_parse(text_of(text), &key, &d));
    return key;
}

void sides_entry(struct sides *s, const char *text, int64_t minor)
{
    struct ledger_key key = key_of(s, text);
    struct store_entry e = {.sequence = ++s->entries,
                            .period = key.period,
                            .booked = key.period,
                            .kind = key.kind,
                            .reseller = key.reseller,
                            .subject = key.subject,
                            .currency = "EUR",
                            .amount = {minor},
                            .body = "{}",
                            .evidence = "{}",
                            .hash = hash};
    PUT(s, store_append_entry(s->store, &e));
}

void sides_decide(struct sides *s, enum decision decision, const char *text)
{
    struct ledger_key key = key_of(s, text);
    struct store_decision d = {.sequence = ++s->decisions,
                               .decision = decision,
                               .period = key.period,
                               .kind = key.kind,
                               .reseller = key.reseller,
                               .subject = key.subject,
                               .body = "{}",
                               .hash = hash};
    PUT(s, store_append_decision(s->store, &d));
}

void sides_close(struct sides *s, const char *period)
{
    struct store_decision d = {.sequence = ++s->decisions,
                               .decision = DECISION_CLOSE,
                               .reseller = "",
                               .subject = "",
                               .body = "{}",
                               .hash = hash};
    must(s, period_parse(text_of(period), &d.period));
    PUT(s, store_append_decision(s->store, &d));
}

void sides_kept(struct sides *s, const char *text, bool is_trial)
{
    struct ledger_key key = key_of(s, text);
    struct store_confirmed row = {key.reseller, key.period, key.kind, key.subject, is_trial};
    PUT(s, store_put_confirmed(s->store, &row));
}

/* ---- A night ---------------------------------------------------------------------------- */

void sides_set(struct sides *s, wall_t as_of, const char *const *periods, size_t n,
               size_t n_corrected)
{
    struct nights *nights = &s->nights;
    struct diag d = {""};

    must(s, book_load(&nights->book, s->store));
    must(s, findings_new(&s->findings, &d));
    s->run = (struct run_setup){.store = s->store,
                                .book = &nights->book,
                                .zone = &nights->zone,
                                .policies = &nights->policies,
                                .lab_networks = nights->lab,
                                .n_lab_networks = ARRAY_LEN(nights->lab),
                                .license_prefixes = prefixes,
                                .n_license_prefixes = 1,
                                .as_of = as_of};
    s->periods = (struct run_periods){.n = n, .n_corrected = n_corrected};
    for (size_t i = 0; i < n; i++)
        must(s, period_parse(text_of(periods[i]), &s->periods.v[i]));
    s->setup = (struct edition_setup){
        .run = &s->run, .periods = &s->periods, .findings = s->findings, .command = "c"};
}

void sides_find(struct sides *s, const char *text)
{
    static const enum finding_kind kinds[] = {[CHARGE_EXTRA_IP] = FINDING_EXTRA_IP,
                                              [CHARGE_MAILBOXES] = FINDING_MAILBOXES,
                                              [CHARGE_OUTSIDE] = FINDING_OUTSIDE};
    struct ledger_key key = key_of(s, text);
    const struct audit_reseller *reseller = book_reseller(&s->nights.book, key.reseller);
    struct finding f = {.period = key.period,
                        .kind = kinds[key.kind],
                        .state = STATE_CONFIRMED,
                        .reseller = key.reseller,
                        .subject = key.subject,
                        .quantity = 1,
                        .is_trial = reseller && reseller->is_trial,
                        .policy = "1",
                        .evidence = "{}"};
    must(s, findings_take(s->findings, &f));
}
