/* Looks: which licences are here, how many mailboxes, where the key servers are. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/grow.h"
#include "keeper/keeper_parts.h"
#include "os/clock.h"

enum { LOOK_DEADLINE_MS = 180000 };

static void schedule(struct keeper *k)
{
    timer_set(&k->look.timer, k->options.look.s * 1000);
}

/* ---- What a look says ------------------------------------------------------------------ */

/* Rows that the disk will not have are a gap; the next count comes within the hour. */
static void write_rows(struct keeper *k)
{
    struct looking *l = &k->look;
    if (l->n_rows == 0 || !k->spool)
        return;
    int r = spool_put(k->spool,
                      &(struct spool_facts){.mailboxes = l->rows, .n_mailboxes = l->n_rows});
    if (r < 0) {
        l->n_unwritten += (int64_t)l->n_rows;
        keeper_failed(k, r, "keeping mailbox counts");
    }
    l->n_rows = 0;
}

static void take_domain(struct keeper *k, const struct message_domain *d)
{
    struct looking *l = &k->look;
    struct report_mailboxes *row = &l->rows[l->n_rows++];
    *row = (struct report_mailboxes){.counts = d->counts, .seen = {l->at, l->at}};
    memcpy(row->domain, d->domain, sizeof row->domain);
    l->n_domains++;
    if (l->n_rows == KEEPER_ROWS)
        write_rows(k);
}

static void take_license(struct keeper *k, const struct message_license *found)
{
    struct looking *l = &k->look;
    if (grow(&l->found, &l->found_cap, l->n_found + 1, sizeof *l->found, CAP_REPORT_LICENSES) ==
        0)
        l->found[l->n_found++] = *found;
    else
        l->end.troubles |= MESSAGE_TROUBLE_KEYS; /* what is not held whole is not known */
}

static void take_target(struct keeper *k, const struct message_target *t)
{
    struct looking *l = &k->look;
    if (l->n_targets < KEEPER_TARGETS)
        l->targets[l->n_targets++] = *t;
    else
        log_event(k->log, LOG_LEVEL_WARNING, "targets-cut", "held=%d", KEEPER_TARGETS);
}

static void hear_look(void *arg, const struct message *m)
{
    struct keeper *k = arg;
    struct looking *l = &k->look;
    if (m->kind == MESSAGE_LICENSE) {
        take_license(k, &m->as.license);
    } else if (m->kind == MESSAGE_DOMAIN) {
        take_domain(k, &m->as.domain);
    } else if (m->kind == MESSAGE_TARGET) {
        take_target(k, &m->as.target);
    } else if (m->kind == MESSAGE_GAP) {
        keeper_gap(k, m->as.gap.what, keeper_span(k, m->as.gap.first_s, m->as.gap.last_s),
                   m->as.gap.lost);
    } else if (m->kind == MESSAGE_END) {
        uint8_t before = l->end.troubles;
        l->end = m->as.end;
        l->end.troubles |= before;
        l->has_end = true;
    }
}

/* ---- What follows from it -------------------------------------------------------------- */

static int keep_sighting(void *arg, const struct report_sighting *s)
{
    tally_sighting(arg, s);
    return 0;
}

/* The licences as reports list them. */
static void list_licenses(struct keeper *k)
{
    const struct looking *l = &k->look;
    struct report_license *v = calloc(l->n_found + 1, sizeof *v);
    free(k->licenses);
    k->licenses = v;
    k->n_licenses = v ? l->n_found : 0;
    for (size_t i = 0; i < k->n_licenses; i++)
        v[i] = l->found[i].license;
}

/* For status. */
static void note_licenses(struct keeper *k)
{
    AUTO(buf) struct buf b = BUF_INIT(SPOOL_NOTE_MAX);
    for (size_t i = 0; i < k->n_licenses; i++) {
        const struct report_license *l = &k->licenses[i];
        char number[LICENSE_TEXT_SIZE];
        buf_printf(&b, "%s\t%s\t%s\t%s\t%s\n", license_format(l->license, number), l->version,
                   l->expires, l->edition, l->product);
    }
    keeper_note(k, KEEPER_NOTE_LICENSES, &b);
}

static int credit(struct keeper *k)
{
    const struct looking *l = &k->look;
    struct presence_license *v = calloc(l->n_found + 1, sizeof *v);
    if (!v)
        return -ENOMEM;
    for (size_t i = 0; i < l->n_found; i++)
        v[i] = (struct presence_license){l->found[i].license.license,
                                         keeper_moment(k, l->found[i].since_s)};
    int r = presence_look(k->presence, v, l->n_found, l->at,
                          &(struct presence_sink){keep_sighting, &k->tally});
    free(v);
    return r;
}

/* Whose addresses these were is not known since the last look that knew. */
static void lose_sight(struct keeper *k)
{
    struct looking *l = &k->look;
    wall_t since = l->last_good.s > l->last_try.s ? l->last_good : l->last_try;
    presence_forget(k->presence, l->at);
    keeper_gap(k, GAP_CAPTURE, (struct span){since.s != 0 ? since : l->at, l->at}, 0);
    k->n_licenses = 0;
}

static void judge_keys(struct keeper *k)
{
    struct looking *l = &k->look;
    if (!l->has_end || (l->end.troubles & MESSAGE_TROUBLE_KEYS) || credit(k) < 0) {
        lose_sight(k);
    } else {
        list_licenses(k);
        l->last_good = l->at;
    }
    note_licenses(k);
}

static void judge_count(struct keeper *k)
{
    struct looking *l = &k->look;
    if (!l->is_counting)
        return;
    bool is_whole = l->has_end && l->end.has_counted && l->n_unwritten == 0 &&
                    !(l->end.troubles & (MESSAGE_TROUBLE_MAILBOXES | MESSAGE_TROUBLE_FOLDERS));
    wall_t since = l->last_counted.s != 0 ? l->last_counted : l->at;
    if (!is_whole)
        keeper_gap(k, GAP_MAILBOXES, (struct span){since, l->at}, l->n_unwritten);
    if (l->has_end && l->end.has_counted) {
        k->state.counted = clock_now();
        k->state.n_domains = l->n_domains;
    }
    l->last_counted = l->at;
}

static bool is_target(const struct looking *l, const struct message_target *t)
{
    for (size_t i = 0; i < l->n_targets; i++)
        if (l->targets[i].port == t->port && l->targets[i].is_collector == t->is_collector &&
            addr_compare(&l->targets[i].address, &t->address) == 0)
            return true;
    return false;
}

static void keep_known_targets(struct looking *l)
{
    for (size_t i = 0; i < l->n_known && l->n_targets < KEEPER_TARGETS; i++)
        if (!is_target(l, &l->known[i]))
            l->targets[l->n_targets++] = l->known[i];
}

/* Where names could not be looked up, those that were found before still hold. */
static void judge_targets(struct keeper *k)
{
    struct looking *l = &k->look;
    if (!l->has_end)
        return;
    if (l->end.troubles & MESSAGE_TROUBLE_NAMES)
        keep_known_targets(l);
    memcpy(l->known, l->targets, l->n_targets * sizeof *l->targets);
    l->n_known = l->n_targets;
    int r = sensor_set_targets(k->sensor, l->targets, l->n_targets);
    if (r < 0)
        log_event(k->log, LOG_LEVEL_WARNING, "targets-lost", "why=\"%s\"", strerror(-r));
}

static void note_troubles(struct keeper *k, const char *why)
{
    struct looking *l = &k->look;
    struct state *s = &k->state;
    const char *said = why ? why : l->end.why;
    uint8_t troubles = l->end.troubles;
    if (!l->has_end)
        troubles = MESSAGE_TROUBLE_KEYS | (l->is_counting ? MESSAGE_TROUBLE_MAILBOXES : 0);
    if (troubles != s->troubles || strcmp(said, s->look_why) != 0)
        log_event(k->log, troubles ? LOG_LEVEL_WARNING : LOG_LEVEL_INFO, "looked",
                  "licenses=%zu domains=%" PRId64 "%s%s%s", l->n_found, l->n_domains,
                  said[0] ? " trouble=\"" : "", said, said[0] ? "\"" : "");
    s->troubles = troubles;
    (void)snprintf(s->look_why, sizeof s->look_why, "%s", said);
    s->looked = clock_now();
}

static void look_ended(void *arg, const char *why)
{
    struct keeper *k = arg;
    struct looking *l = &k->look;
    l->task = NULL;
    if (why)
        l->has_end = false; /* what it said may not be all */
    write_rows(k);
    judge_keys(k);
    judge_count(k);
    judge_targets(k);
    note_troubles(k, why);
    probing_account(k);
    l->last_try = l->at;
    l->n_found = 0;
    keeper_save(k);
    keeper_note_state(k);
    schedule(k);
    slim_drop(&k->slim);
    sending_look_ended(k);
}

/* ---- Starting one ---------------------------------------------------------------------- */

static char *wishes_bytes(const struct keeper *k, size_t *ret_bytes)
{
    AUTO(buf) struct buf b = BUF_INIT(KEEPER_WISHES * MESSAGE_BYTES_MAX);
    for (size_t i = 0; i < k->n_wishes; i++)
        message_encode(&(struct message){MESSAGE_SETTING, {.setting = k->wishes[i]}}, &b);
    *ret_bytes = b.len;
    return b.len > 0 ? buf_take(&b) : NULL;
}

static void begin(struct keeper *k, bool may_count)
{
    struct looking *l = &k->look;
    l->at = keeper_now(k);
    bool is_due = l->last_counted.s == 0 || l->at.s - l->last_counted.s >= k->options.count.s;
    l->is_counting = may_count && is_due && k->options.count_mailboxes;
    l->has_end = false;
    l->end = (struct message_end){.troubles = 0};
    l->n_found = l->n_targets = l->n_rows = 0;
    l->n_domains = l->n_unwritten = 0;
}

void looking_start(struct keeper *k, bool may_count)
{
    struct looking *l = &k->look;
    if (l->task)
        return;
    begin(k, may_count);
    const char *argv[6] = {"fairuse-look"};
    size_t n = 1;
    if (!l->is_counting)
        argv[n++] = "--no-mailboxes";
    if (k->order.config) {
        argv[n++] = "-c";
        argv[n++] = k->order.config;
    }
    struct task_order order = {
        .program = "fairuse-look",
        .argv = argv,
        .allowed = MESSAGE_BIT(MESSAGE_LICENSE) | MESSAGE_BIT(MESSAGE_DOMAIN) |
                   MESSAGE_BIT(MESSAGE_TARGET) | MESSAGE_BIT(MESSAGE_GAP) |
                   MESSAGE_BIT(MESSAGE_END),
        .deadline_ms = LOOK_DEADLINE_MS,
        .message = hear_look,
        .ended = look_ended,
        .arg = k,
    };
    struct diag d = {""};
    order.take_input = wishes_bytes(k, &order.input_bytes);
    if (task_start(k->loop, &order, &l->task, &d) < 0)
        look_ended(k, d.text);
}

static void is_time(struct timer *t)
{
    struct looking *l = LOOP_OWNER(t, struct looking, timer);
    looking_start(LOOP_OWNER(l, struct keeper, look), true);
}

void looking_init(struct keeper *k)
{
    timer_init(&k->look.timer, k->loop, is_time);
    /* The probe's first words come in between: addresses that are there at the first look. */
    timer_set(&k->look.timer, 500);
}

void looking_done(struct keeper *k)
{
    task_kill(k->look.task);
    k->look.task = NULL;
    timer_done(&k->look.timer);
    free(k->look.found);
    k->look.found = NULL;
}
