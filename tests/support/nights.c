/* Estates and nights by hand. */
#include "support/nights.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "run/close.h"
#include "support/leak.h"

enum { DAY = 86400, HOUR = 3600 };

static const struct term ever = {{-(INT64_C(1) << 53)}, {INT64_C(1) << 53}};
static const char prefixes[][8] = {"PLSK"};

static void must(int r)
{
    if (r < 0)
        abort();
}

static void must_store(struct nights *n, int r)
{
    if (r < 0) {
        (void)fprintf(stderr, "%d: %s\n", r, store_diag(n->store));
        abort();
    }
}

static const struct currency *euro(void)
{
    return currency_find(text_of("EUR"));
}

static void put_resellers(struct nights *n)
{
    static const struct estate_manager managers[] = {
        {"am1", "Ann", "ann@example.com", LANGUAGE_EN},
        {"am2", "Bob", "bob@example.com", LANGUAGE_NL},
    };
    static const struct estate_reseller resellers[] = {
        {.id = "r1", .name = "One", .manager = "am1", .email = "one@example.net"},
        {.id = "r2", .name = "Two", .manager = "am1"},
        {.id = "r3", .name = "Three", .manager = "am2", .email = "three@example.net"},
        {.id = "trial",
         .name = "Trial",
         .manager = "am1",
         .email = "t@example.net",
         .is_trial = true},
    };
    for (size_t i = 0; i < ARRAY_LEN(managers); i++)
        must_store(n, store_put_manager(n->store, &managers[i]));
    for (size_t i = 0; i < ARRAY_LEN(resellers); i++) {
        struct estate_reseller row = resellers[i];
        row.currency = euro();
        must_store(n, store_put_reseller(n->store, &row));
    }
}

void nights_init(struct nights *n)
{
    static const char *const lab[] = {"203.0.113.0/24", "198.51.100.0/24", "192.0.2.0/24"};
    struct diag d = {""};

    *n = (struct nights){.remind = {3 * DAY}, .text = BUF_INIT(1 << 22)};
    n->said = calloc(NIGHTS_SAID_MAX, sizeof(*n->said));
    must(n->said ? 0 : -1);
    zone_init_utc(&n->zone);
    policy_init(&n->version.base);
    (void)snprintf(n->version.version, sizeof n->version.version, "1");
    n->version.from = WALL_BEGIN;
    n->policies = (struct policy_book){&n->version, 1};
    for (size_t i = 0; i < ARRAY_LEN(lab); i++)
        n->lab[i] = net(lab[i]);
    must(store_backends[0].find_place(&n->place));
    must(store_open(n->place.url, STORE_CREATE, &n->store, &d));
    must_store(n, store_begin(n->store));
    put_resellers(n);
    must_store(n, store_commit(n->store));
    nights_tariff(n, CHARGE_EXTRA_IP, "EUR", 10);
}

void nights_done(struct nights *n)
{
    book_done(&n->book);
    store_close(n->store);
    temp_done(&n->place.dir);
    buf_done(&n->text);
    free(n->said);
}

wall_t nights_at(int day, int hour)
{
    return (wall_t){(civil_to_days(2026, 10, 1) + day - 1) * DAY + hour * HOUR};
}

struct span nights_days(int from, int to)
{
    return (struct span){nights_at(from, 0), nights_at(to, 0)};
}

/* ---- The estate ------------------------------------------------------------------------ */

#define PUT(n, call)                                                                           \
    do {                                                                                       \
        must_store((n), store_begin((n)->store));                                              \
        must_store((n), (call));                                                               \
        must_store((n), store_commit((n)->store));                                             \
    } while (0)

void nights_license(struct nights *n, const char *license, const char *reseller)
{
    struct estate_license row = {
        .license = lic(license), .reseller = reseller, .product = "", .valid = ever};
    PUT(n, store_put_license(n->store, &row));
}

void nights_server(struct nights *n, const char *server, const char *reseller)
{
    struct estate_server row = {server, reseller, ever, WALL_END};
    PUT(n, store_put_estate_server(n->store, &row));
}

void nights_network(struct nights *n, const char *network, const char *reseller)
{
    struct estate_network row = {reseller, net(network), ever, false};
    PUT(n, store_put_network(n->store, &row));
}

void nights_move(struct nights *n, const char *license, struct term valid)
{
    struct estate_move row = {lic(license), valid, "a migration"};
    PUT(n, store_put_move(n->store, &row));
}

void nights_domain(struct nights *n, const char *domain, const char *reseller)
{
    struct estate_domain row = {domain, reseller, 1000, ever};
    PUT(n, store_put_domain(n->store, &row));
}

void nights_tariff(struct nights *n, enum charge_kind kind, const char *currency,
                   int64_t amount)
{
    struct estate_tariff row = {.kind = kind,
                                .currency = currency_find(text_of(currency)),
                                .unit_price = {amount * 1000000},
                                .block = 1,
                                .from = nights_at(-300, 0)};
    PUT(n, store_put_tariff(n->store, &row));
}

void nights_reseller(struct nights *n, const struct estate_reseller *row)
{
    AUTO(book) struct book b = {.n_resellers = 0};

    must(book_load(&b, n->store));
    must_store(n, store_begin(n->store));
    must_store(n, store_clear_table(n->store, ESTATE_RESELLERS)); /* the networks, too */
    for (size_t i = 0; i < b.n_resellers; i++) {
        const struct audit_reseller *x = &b.resellers[i];
        must_store(
            n, store_put_reseller(n->store, strcmp(x->id, row->id) == 0 ? row : &b.facts[i]));
        for (size_t k = 0; k < x->n_networks; k++)
            must_store(n, store_put_network(n->store, &x->networks[k]));
    }
    must_store(n, store_commit(n->store));
}

void nights_at_home(struct nights *n, const char *license, const char *reseller,
                    const char *server)
{
    nights_license(n, license, reseller);
    nights_server(n, server, reseller);
    nights_network(n, "203.0.113.0/24", reseller);
    nights_saw(n, server, license, "203.0.113.1", nights_days(-10, 60));
}

void nights_begin(struct nights *n)
{
    nights_init(n);
    nights_at_home(n, NIGHTS_L1, "r1", "s1");
    nights_server(n, "s2", "r1");
}

void nights_begin_with_two(struct nights *n)
{
    nights_begin(n);
    nights_saw(n, "s2", NIGHTS_L1, "203.0.113.2", nights_days(5, 60));
}

/* ---- What is seen ---------------------------------------------------------------------- */

static struct say say(struct nights *n, const char *server)
{
    return (struct say){.server = server,
                        .counter = ++n->counters,
                        .is_late = true,
                        .digest = (uint64_t)n->counters,
                        .received = nights_at(90, 0),
                        .gap = {45 * 60}};
}

void nights_saw(struct nights *n, const char *server, const char *license, const char *address,
                struct span seen)
{
    struct say what = say(n, server);

    what.sightings[0] =
        (struct report_sighting){lic(license), ip(address), SOURCE_KEYSERVER, seen};
    what.n_sightings = 1;
    PUT(n, store_say(n->store, what));
}

void nights_counted(struct nights *n, const char *server, const char *domain, int64_t mailboxes,
                    struct span seen)
{
    struct say what = say(n, server);

    (void)snprintf(what.mailboxes[0].domain, sizeof what.mailboxes[0].domain, "%s", domain);
    what.mailboxes[0].counts =
        (struct mail_counts){.mailboxes = mailboxes, .is_filtered = true};
    what.mailboxes[0].seen = seen;
    what.n_mailboxes = 1;
    PUT(n, store_say(n->store, what));
}

/* ---- Persons --------------------------------------------------------------------------- */

struct run_setup nights_setup(struct nights *n, wall_t as_of)
{
    return (struct run_setup){.store = n->store,
                              .book = &n->book,
                              .zone = &n->zone,
                              .policies = &n->policies,
                              .lab_networks = n->lab,
                              .n_lab_networks = ARRAY_LEN(n->lab),
                              .license_prefixes = prefixes,
                              .n_license_prefixes = 1,
                              .as_of = as_of};
}

void nights_close(struct nights *n, const char *period, wall_t at)
{
    struct run_setup setup = nights_setup(n, at);
    struct close_order order = {.who = "Carol", .accept = true};
    struct closing closing;
    struct diag d = {""};

    must(period_parse(text_of(period), &order.period));
    int r = ledger_close(&setup, &order, &closing, &d);
    if (r < 0)
        (void)fprintf(stderr, "%s\n", d.text);
    must(r);
}

void nights_decide(struct nights *n, enum decision what, const char *key, wall_t at)
{
    struct run_setup setup = nights_setup(n, at);
    struct decision_order order = {what, "Carol", "a reason"};
    struct ledger_key parsed;
    struct diag d = {""};

    book_done(&n->book);
    must(book_load(&n->book, n->store));
    must(ledger_key_parse(text_of(key), &parsed, &d));
    int r = ledger_decide(&setup, &parsed, &order, &d);
    if (r < 0)
        (void)fprintf(stderr, "%s\n", d.text);
    must(r);
}

/* ---- A night --------------------------------------------------------------------------- */

static void note_reader(struct nights *n, enum nights_what what,
                        enum bulletin_audience audience, const char *id)
{
    struct nights_said *x = &n->said[n->n_said++];

    must(n->n_said < NIGHTS_SAID_MAX ? 0 : -1);
    *x = (struct nights_said){.what = what, .audience = audience};
    (void)snprintf(x->reseller, sizeof x->reseller, "%s", id);
}

static int take_bulletin(void *arg, const struct bulletin *b)
{
    struct nights *n = arg;

    n->n_bulletins++;
    nights_print(b, &n->text);
    if (n->look)
        n->look(n->look_arg, b);
    note_reader(n, NIGHTS_MAIL, b->audience, b->id);
    return n->refuse;
}

static int take_begin(void *arg, enum bulletin_audience audience, const char *id)
{
    note_reader(arg, NIGHTS_READER, audience, id);
    return 0;
}

static int take_said(void *arg, const struct edition_said *row)
{
    struct nights *n = arg;
    struct nights_said *x = &n->said[n->n_said++];

    must(n->n_said < NIGHTS_SAID_MAX ? 0 : -1);
    *x = (struct nights_said){.what = NIGHTS_ROW, .row = *row};
    (void)snprintf(x->reseller, sizeof x->reseller, "%s", row->reseller);
    (void)snprintf(x->subject, sizeof x->subject, "%s", row->subject);
    x->row.reseller = x->reseller;
    x->row.subject = x->subject;
    return 0;
}

static struct store_reader reader_of(const struct nights_said *x)
{
    return (struct store_reader){
        x->audience == AUDIENCE_MANAGER ? READER_MANAGER : READER_RESELLER, x->reseller};
}

static void keep_row(struct nights *n, const struct store_reader *reader,
                     const struct edition_said *row)
{
    must_store(n, store_put_said(n->store, &(struct store_said){
                                               .reader = *reader,
                                               .reseller = row->reseller,
                                               .kind = (uint8_t)row->kind,
                                               .subject = row->subject,
                                               .period = row->period,
                                               .state = (uint8_t)row->state,
                                               .quantity = row->quantity,
                                               .goes_on = row->goes_on,
                                               .confirms_at = row->confirms_at,
                                               .is_reminded = row->is_reminded,
                                           }));
}

static void keep_mail(struct nights *n, int64_t run, const struct store_reader *reader)
{
    int64_t serial;

    must_store(n, store_put_edition(
                      n->store,
                      &(struct store_edition){
                          .run = run, .reader = *reader, .subject = "", .model = text_of("x")},
                      &serial));
}

static void keep(struct nights *n, wall_t as_of, bool is_whole)
{
    struct store_run run = {
        .day = as_of.s / DAY, .as_of = as_of, .about = "{\"scope\":\"all\"}"};
    struct store_reader reader = {READER_MANAGER, ""};
    int64_t number;

    must_store(n, store_begin(n->store));
    must_store(n, store_begin_run(n->store, &run, &number));
    for (size_t i = 0; i < n->n_said; i++) {
        const struct nights_said *x = &n->said[i];
        if (x->what != NIGHTS_ROW)
            reader = reader_of(x);
        if (x->what == NIGHTS_MAIL)
            keep_mail(n, number, &reader);
        else if (x->what == NIGHTS_READER && is_whole)
            must_store(n, store_clear_said(n->store, &reader));
        else if (is_whole)
            keep_row(n, &reader, &x->row);
    }
    must_store(n, store_publish_run(n->store, number));
    must_store(n, store_commit(n->store));
}

static void choose_periods(struct nights *n, const struct run_setup *setup,
                           struct run_periods *ret)
{
    *ret = (struct run_periods){.n = 1};
    if (n->period)
        must(period_parse(text_of(n->period), &ret->v[0]));
    else
        must_store(n, run_periods_find(setup, ret));
}

static void clear_last(struct nights *n)
{
    buf_reset(&n->text);
    n->n_said = n->n_bulletins = 0;
    book_done(&n->book);
    must(book_load(&n->book, n->store));
}

static const struct edition_sink *sink_of(struct nights *n, struct edition_sink *ret)
{
    *ret = (struct edition_sink){take_bulletin, take_begin, take_said, n};
    return ret;
}

void nights_run(struct nights *n, wall_t as_of)
{
    struct run_setup setup = nights_setup(n, as_of);
    struct run_periods periods;
    struct findings *findings = NULL;
    struct edition_sink sink;
    struct diag d = {""};

    clear_last(n);
    must_store(n, store_snapshot(n->store));
    choose_periods(n, &setup, &periods);
    must(findings_new(&findings, &d));
    must_store(n, run_audit(&setup, periods.v, periods.n,
                            &(struct finding_sink){.take = findings_take, .arg = findings}));
    struct edition_setup e = {.run = &setup,
                              .periods = &periods,
                              .findings = findings,
                              .command = "fairusectl",
                              .remind = n->remind,
                              .only_manager = n->only_manager,
                              .only_reseller = n->only_reseller};
    int r = edition_make(&e, sink_of(n, &sink), &d);
    findings_free(findings);
    store_snapshot_end(n->store);
    cr_assert_eq(r, n->refuse, "%d: %s %s", r, d.text, store_diag(n->store));
    if (r == 0)
        keep(n, as_of, !n->only_manager && !n->only_reseller && !n->period);
}

void nights_fail(struct nights *n, wall_t as_of, const char *why)
{
    struct run_setup setup = nights_setup(n, as_of);
    struct edition_setup e = {.run = &setup,
                              .command = "fairusectl",
                              .only_manager = n->only_manager,
                              .only_reseller = n->only_reseller};
    struct edition_sink sink;
    struct diag d = {""};

    clear_last(n);
    must_store(n, edition_fail(&e, why, sink_of(n, &sink), &d));
    keep(n, as_of, false);
}

/* ---- What it says ---------------------------------------------------------------------- */

static const char *change_word(enum bulletin_change c)
{
    static const char *const words[] = {
        [CHANGE_NONE] = ".",    [CHANGE_NEW] = "new",           [CHANGE_WORSE] = "worse",
        [CHANGE_LESS] = "less", [CHANGE_ENDED] = "ended",       [CHANGE_AGAIN] = "again",
        [CHANGE_SOON] = "soon", [CHANGE_RESOLVED] = "resolved",
    };
    static_assert(ARRAY_LEN(words) == BULLETIN_CHANGE_COUNT, "a word for each change");
    return words[c];
}

static void print_line(const char *reseller, const struct bulletin_line *l, struct buf *out)
{
    char period[PERIOD_TEXT_SIZE];

    buf_printf(out, "%s %s %s %s %s %lld %s\n", reseller, finding_kind_name(l->kind),
               l->subject, period_format(l->period, period), finding_state_name(l->state),
               (long long)l->quantity, change_word(l->change));
}

void nights_print(const struct bulletin *b, struct buf *out)
{
    buf_printf(out, "to %s: %lld new, %lld changed, %lld resolved\n", b->id,
               (long long)b->is_new, (long long)b->is_changed, (long long)b->is_resolved);
    for (size_t i = 0; i < b->n_unassigned; i++)
        print_line("-", &b->unassigned[i], out);
    for (size_t i = 0; i < b->n_resellers; i++)
        for (size_t k = 0; k < b->resellers[i].n_lines; k++)
            print_line(b->resellers[i].id, &b->resellers[i].lines[k], out);
}

bool nights_is_to(const struct bulletin *b, const char *id)
{
    return strcmp(b->id, id) == 0;
}

const struct bulletin_reseller *nights_of(const struct bulletin *b, const char *id)
{
    for (size_t i = 0; i < b->n_resellers; i++)
        if (strcmp(b->resellers[i].id, id) == 0)
            return &b->resellers[i];
    abort();
}

const struct edition_said *nights_said_of(const struct nights *n,
                                          enum bulletin_audience audience, const char *reader,
                                          const char *subject, const char *period)
{
    bool is_reader = false;
    period_t p;

    must(period_parse(text_of(period), &p));
    for (size_t i = 0; i < n->n_said; i++) {
        const struct nights_said *x = &n->said[i];
        if (x->what != NIGHTS_ROW)
            is_reader = x->what == NIGHTS_READER && x->audience == audience &&
                        strcmp(x->reseller, reader) == 0;
        else if (is_reader && strcmp(x->subject, subject) == 0 &&
                 x->row.period.month == p.month)
            return &x->row;
    }
    return NULL;
}
