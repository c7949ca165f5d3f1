/*
 * An agent: the product's presence, tally and spool, driven as the keeper drives them, with
 * clocks and a machine that are simulated. What it knows before it is on its disk dies with it.
 */
#include "sim/agent_parts.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "wire/report_json.h"

/* ---- Clocks -------------------------------------------------------------------------------
 */

static wall_t steady(const struct agent *a, int64_t t)
{
    return (wall_t){a->run.started.s + (t - a->started)};
}

wall_t agent_wall(const struct agent *a, int64_t t)
{
    int64_t boot_s = t - a->kernel_boot;
    return (wall_t){trust_boot(&a->trust, (wall_t){t + a->offset - boot_s}).s + boot_s};
}

/* As the keeper does. */
static void learn_clock(struct agent *a, int64_t t, wall_t date)
{
    int64_t boot_s = t - a->kernel_boot;
    if (trust_learn(&a->trust, (wall_t){date.s - boot_s}, (wall_t){t + a->offset - boot_s}))
        a->error = a->trust.error;
}

static int64_t true_time(const struct agent *a, wall_t steady_time)
{
    return steady_time.s - a->run.started.s + a->started;
}

const struct event *agent_event(const struct agent *a, enum event_kind k, int64_t t)
{
    for (size_t i = 0; i < a->n_events; i++)
        if (a->events[i]->kind == k && event_holds(a->events[i], t))
            return a->events[i];
    return NULL;
}

/* ---- Its life -----------------------------------------------------------------------------
 */

static char *spool_path(const struct sim *s, const struct agent *a,
                        char out[static TEMP_PATH_SIZE])
{
    char name[32];
    /* A folder each: opening looks through it for what was set aside. */
    (void)snprintf(name, sizeof name, "agent-%d", a->slot);
    (void)mkdir(temp_file(&s->temp, name, out), 0700);
    (void)snprintf(name, sizeof name, "agent-%d/spool", a->slot);
    return temp_file(&s->temp, name, out);
}

/* Its last byte tells the machines of one server apart. */
static struct uuid boot_of(struct sim *s, const struct agent *a)
{
    struct uuid u = {{0}};
    uint64_t h = sim_hash(s, 'b', (uint64_t)a->slot, (uint64_t)a->starts);
    memcpy(u.bytes, &h, sizeof h);
    u.bytes[8] = (uint8_t)(a->slot >> 8);
    u.bytes[9] = (uint8_t)a->slot;
    u.bytes[10] = (uint8_t)a->starts;
    u.bytes[15] = (uint8_t)++s->agents[a->server].machines;
    return u;
}

static void link_addresses(struct agent *a, int64_t t)
{
    for (size_t i = 0; i < a->n_events; i++) {
        const struct event *e = a->events[i];
        struct addr address;
        if (e->kind != EV_ADDRESS || e->b != SOURCE_INTERFACE || !event_holds(e, t))
            continue;
        address = sim_address(e->a);
        if (presence_link(a->presence, &address, true, steady(a, t)) < 0)
            abort();
    }
}

static void sleep_if_many(const struct sim *s, struct agent *a)
{
    if (a->slot < s->most_open)
        return;
    spool_close(a->spool);
    a->spool = NULL;
}

/* Where its disk does not let it, it stays down. */
void agent_start(struct sim *s, struct agent *a, int64_t t)
{
    char path[TEMP_PATH_SIZE];
    struct diag d = {""};
    struct spool_found found;
    agent_arm_disk(a, t);
    int r = spool_open(spool_path(s, a, path), SPOOL_KEEP, &a->spool, &found, &d);
    if (r == 0) {
        a->run = (struct spool_run){
            .boot = boot_of(s, a), .started = {t + a->offset}, .started_s = t - a->kernel_boot};
        memcpy(a->run.kernel.bytes, &a->kernels, sizeof a->kernels);
        a->run.kernel.bytes[15] = (uint8_t)a->slot;
        a->starts++;
        r = spool_begin(a->spool, &a->run);
    }
    bool was_met = disk_disarm();
    if (r < 0 || found.was_broken) {
        if (!was_met)
            sim_fail(s, "spool", "agent %d cannot open its spool at %lld: %d %s%s", a->slot,
                     (long long)t, r, d.text, r == 0 ? "it was found broken" : "");
        spool_close(a->spool);
        a->spool = NULL;
        return;
    }
    if (presence_new(s->world->lab, s->world->n_lab, &a->presence) < 0)
        abort();
    a->is_up = a->is_first = true;
    a->trust = (struct trust){.error = a->error};
    a->resent_at = 0;
    a->started = a->seen_to = t;
    link_addresses(a, t);
    a->next = t + 1 + (int64_t)(sim_hash(s, 's', (uint64_t)a->slot, (uint64_t)t) % 60);
    sleep_if_many(s, a);
}

/* The process ends: what was in memory is gone. */
void agent_stop(struct agent *a)
{
    spool_close(a->spool);
    presence_free(a->presence);
    tally_done(&a->tally);
    sent_unref(a->sent);
    a->spool = NULL;
    a->presence = NULL;
    a->sent = NULL;
    a->tally = (struct tally){.sightings = NULL};
    a->n_mail = 0;
    a->is_up = false;
}

void agent_copy_disk(const struct sim *s, const struct agent *from, const struct agent *to)
{
    static const char *const ends[] = {"", "-journal"};
    char a[TEMP_PATH_SIZE], b[TEMP_PATH_SIZE], name[TEMP_PATH_SIZE + 16],
        other[TEMP_PATH_SIZE + 16];
    (void)spool_path(s, from, a);
    (void)spool_path(s, to, b);
    for (size_t i = 0; i < ARRAY_LEN(ends); i++) {
        struct image x = {NULL, 0};
        (void)snprintf(name, sizeof name, "%s%s", a, ends[i]);
        (void)snprintf(other, sizeof other, "%s%s", b, ends[i]);
        image_take(name, &x);
        image_put(other, &x);
        image_done(&x);
    }
}

/* ---- Looking ------------------------------------------------------------------------------
 */

static int64_t later(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

static int64_t earlier(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static void see_address(struct agent *a, const struct event *e, int64_t t)
{
    struct addr address = sim_address(e->a);
    int r = 0;
    if (e->b != SOURCE_INTERFACE) {
        if (e->from <= t && e->to >= a->seen_to)
            r = presence_seen(a->presence, (enum source)e->b, &address,
                              (struct span){steady(a, later(e->from, a->seen_to)),
                                            steady(a, earlier(e->to, t))});
    } else {
        if (e->from > a->seen_to && e->from <= t)
            r = presence_link(a->presence, &address, true, steady(a, e->from));
        if (r == 0 && e->to > a->seen_to && e->to <= t)
            r = presence_link(a->presence, &address, false, steady(a, e->to));
    }
    if (r < 0)
        abort();
}

/* The licences that are there, each once, with the time of its file. */
static size_t find_licenses(struct agent *a, int64_t t, struct presence_license v[static 64])
{
    size_t n = 0;
    a->n_licenses = 0;
    for (size_t i = 0; i < a->n_events && n < 64; i++) {
        const struct event *e = a->events[i];
        if (e->kind != EV_LICENSE || !event_holds(e, t))
            continue;
        struct presence_license l = {sim_license(e->a), steady(a, e->from)};
        size_t j = 0;
        while (j < n && v[j].license.code != l.license.code)
            j++;
        if (j < n) {
            v[j].since = wall_min(v[j].since, l.since);
            continue;
        }
        v[n++] = l;
        a->licenses = sim_grow(a->licenses, n, &a->licenses_cap, sizeof *a->licenses);
        a->licenses[a->n_licenses++] = (struct report_license){
            .license = l.license, .version = "0003", .product = "plesk-unified"};
    }
    return n;
}

static int keep_sighting(void *tally, const struct report_sighting *x)
{
    tally_sighting(tally, x);
    return 0;
}

static void count_mail(struct agent *a, const struct event *e, int64_t t)
{
    struct report_mailboxes row = {
        .counts = {.mailboxes = e->b, .aliases = e->c, .is_filtered = e->d != 0},
        .seen = {steady(a, t), steady(a, t)}};
    (void)sim_domain(e->a, row.domain);
    a->mail = sim_grow(a->mail, a->n_mail + 1, &a->mail_cap, sizeof *a->mail);
    a->mail[a->n_mail++] = row;
}

static void look(struct agent *a, int64_t t)
{
    struct presence_license licenses[64];
    for (size_t i = 0; i < a->n_events; i++)
        if (a->events[i]->kind == EV_ADDRESS)
            see_address(a, a->events[i], t);
    size_t n = find_licenses(a, t, licenses);
    if (presence_look(a->presence, licenses, n, steady(a, t),
                      &(struct presence_sink){keep_sighting, &a->tally}) < 0)
        abort();
    for (size_t i = 0; i < a->n_events; i++)
        if (a->events[i]->kind == EV_MAIL && event_holds(a->events[i], t))
            count_mail(a, a->events[i], t);
    a->seen_to = t;
}

/* What its disk has from here on; in true time. */
static void remember_put(struct agent *a)
{
    for (size_t i = 0; i < a->tally.n_sightings; i++) {
        const struct report_sighting *x = &a->tally.sightings[i];
        struct fact_key key;
        memset(&key, 0, sizeof key);
        key.kind = FACT_SIGHTING;
        key.what = x->license.code;
        key.address = x->address;
        key.source = (uint8_t)x->source;
        known_add(&a->put, &key,
                  (struct span){{true_time(a, x->seen.first)}, {true_time(a, x->seen.last)}},
                  SIM_MERGE_GAP);
    }
}

/* As the keeper saves: what the disk does not take waits in memory; counts become a gap. */
static int save(struct agent *a, int64_t t)
{
    struct spool_facts facts = {.sightings = a->tally.sightings,
                                .n_sightings = a->tally.n_sightings,
                                .mailboxes = a->mail,
                                .n_mailboxes = a->n_mail,
                                .gaps = a->tally.gaps,
                                .n_gaps = a->tally.n_gaps};
    int r = spool_put(a->spool, &facts);
    if (r == 0) {
        remember_put(a);
        tally_clear(&a->tally);
    } else if (a->n_mail > 0) {
        tally_gap(&a->tally, &(struct report_gap){.what = GAP_MAILBOXES,
                                                  .seen = {steady(a, t), steady(a, t)},
                                                  .lost = (int64_t)a->n_mail});
    }
    a->n_mail = 0;
    return r;
}

/* ---- Reporting ----------------------------------------------------------------------------
 */

/* What the keeper hands to its uplink, and that makes a header of. */
static void name_last(const struct agent *a, struct sent *x)
{
    AUTO_FREE char *note = NULL;
    if (spool_note_get(a->spool, SPOOL_NOTE_ACKNOWLEDGED, &note) < 0 || !note)
        return;
    const char *number = note + UUID_TEXT_SIZE;
    struct text counter = {number, strcspn(number, " ")};
    if (uuid_parse((struct text){note, UUID_TEXT_SIZE - 1}, &x->last_boot) < 0 ||
        text_to_int(counter, 1, INT64_MAX, &x->last) < 0)
        abort();
}

static struct sent *make_sent(const struct agent *a, struct report *take)
{
    AUTO(buf) struct buf body = BUF_INIT(CAP_REPORT_BYTES);
    struct sent *x = calloc(1, sizeof *x);
    report_to_json(take, &body);
    if (!x || buf_error(&body) < 0)
        abort();
    *x = (struct sent){.refs = 1,
                       .slot = a->slot,
                       .server = a->server,
                       .report = *take,
                       .body_n = body.len,
                       .body_hash = 1};
    x->body = buf_take(&body);
    sim_mix(&x->body_hash, x->body, x->body_n);
    name_last(a, x);
    return x;
}

/*
 * Of thousands of agents not all spools can be open at a time. One that sleeps is opened again
 * with the same run: its counter goes on.
 */
static void wake(struct sim *s, struct agent *a)
{
    char path[TEMP_PATH_SIZE];
    struct diag d = {""};
    struct spool_found found;
    if (a->spool)
        return;
    int r = spool_open(spool_path(s, a, path), SPOOL_KEEP, &a->spool, &found, &d);
    if (r == 0)
        r = spool_begin(a->spool, &a->run);
    if (r < 0 || found.was_broken) {
        (void)fprintf(stderr, "%s: %d %s\n", path, r, d.text);
        abort();
    }
}

static void end_round(struct sim *s, struct agent *a, int64_t t, bool is_good)
{
    const struct event *e = agent_event(a, EV_PACE, t);
    int64_t pace = e ? e->a : SIM_DAY;
    int64_t most = is_good ? pace / 5 + 1 : 3600 < pace ? 3600 : pace;
    int64_t chance =
        (int64_t)(sim_hash(s, 'p', (uint64_t)a->slot, (uint64_t)t) % (uint64_t)most);
    a->is_first = true;
    a->next = t + 1 + (is_good ? pace - pace / 10 + chance : 60 + chance);
    sleep_if_many(s, a);
}

/* A step of a round: the look that begins it, then one report. True: one is on its way. */
static bool report(struct sim *s, struct agent *a, int64_t t)
{
    struct spool_now now = {.now = agent_wall(a, t), .boot_s = t - a->kernel_boot};
    struct report rep;
    wake(s, a);
    agent_arm_disk(a, t);
    int r = 0;
    if (a->is_first) {
        look(a, t);
        (void)save(a, t);
        r = spool_give_back(a->spool);
    }
    now.licenses = a->licenses;
    now.n_licenses = a->n_licenses;
    if (r == 0)
        r = spool_take_report(a->spool, &now, a->is_first, &rep);
    bool was_met = disk_disarm();
    if (r < 0 && !was_met)
        sim_fail(s, "spool", "agent %d cannot make a report at %lld: %d %s", a->slot,
                 (long long)t, r, spool_diag(a->spool));
    if (r <= 0) {
        end_round(s, a, t, r == 0);
        return false;
    }
    a->sent = make_sent(a, &rep);
    a->is_first = false;
    net_send(s, a, t);
    return true;
}

bool agent_step(struct sim *s, struct agent *a)
{
    return report(s, a, a->next);
}

/* As the keeper does: at most once an hour, and before the report itself is settled. */
static int settle(struct sim *s, struct agent *a, const struct delivery *d, int64_t t)
{
    char server[CAP_ID + 1];
    int64_t rows = 0;
    bool is_lacking = d->is_lacking;
    (void)sim_server(a->server, server);
    if (is_lacking && (a->resent_at == 0 || t - a->resent_at >= SIM_HOUR) &&
        spool_resend(a->spool, server, &rows) == 0) {
        is_lacking = false;
        a->resent_at = t;
        s->count.resends++;
    }
    return spool_acknowledge(a->spool, server, is_lacking);
}

void agent_answered(struct sim *s, const struct delivery *d, bool is_accepted)
{
    if (d->slot < 0)
        return;
    struct agent *a = &s->agents[d->slot];
    int64_t t = d->arrival.received_at;
    if (!a->is_up || a->starts != d->starts || a->sent != d->arrival.sent)
        return; /* it died meanwhile */
    if (is_accepted)
        learn_clock(a, t, (wall_t){t});
    agent_arm_disk(a, t);
    int r = is_accepted ? settle(s, a, d, t) : spool_give_back(a->spool);
    if (r < 0 && !disk_disarm())
        sim_fail(s, "spool", "agent %d cannot settle a report: %d %s", a->slot, r,
                 spool_diag(a->spool));
    (void)disk_disarm();
    sent_unref(a->sent);
    a->sent = NULL;
    if (is_accepted && r == 0)
        a->next = t + 1;
    else
        end_round(s, a, t, false);
}

/* Dies at t, maybe in the middle of writing what it saw, or of making a report. */
void agent_crash(struct sim *s, struct agent *a, const struct event *e)
{
    struct spool_now now = {.now = agent_wall(a, e->from), .boot_s = e->from - a->kernel_boot};
    struct report rep;
    if (e->d > 0 && e->from >= a->seen_to) {
        struct known before = {.has_counters = false};
        known_copy(&before, &a->put);
        wake(s, a);
        disk_arm(DISK_STOPS, e->d, 0);
        look(a, e->from);
        if (save(a, e->from) == 0 && spool_give_back(a->spool) == 0 &&
            spool_take_report(a->spool, &now, true, &rep) == 1)
            report_done(&rep);
        known_done(&a->put); /* nobody knows what of it got there */
        a->put = before;
    }
    agent_stop(a);
    (void)disk_disarm();
    s->count.crashes++;
}
