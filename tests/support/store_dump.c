/* A store's content as text. */
#include "support/store_dump.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

struct dump {
    struct store *store;
    wall_t base;
    struct buf *out;
};

static int add_server(struct dump *d, server_id id)
{
    struct store_server server;
    int r = store_get_server(d->store, id, &server);
    if (r == 0)
        buf_add_str(d->out, server.name);
    return r;
}

static int add_machine(struct dump *d, machine_id id)
{
    struct store_machine machine;
    int r = store_get_machine(d->store, id, &machine);
    if (r == 0)
        r = add_server(d, machine.server);
    if (r == 0)
        buf_printf(d->out, "/%d", machine.boot.bytes[15]);
    return r;
}

static void add_span(struct dump *d, struct span x)
{
    buf_printf(d->out, " %" PRId64 "-%" PRId64, x.first.s - d->base.s, x.last.s - d->base.s);
}

static int dump_sightings(struct dump *d, struct store_scan *scan)
{
    struct store_sighting x;
    int r;
    while ((r = store_next_sighting(scan, &x)) == 1) {
        char license[LICENSE_TEXT_SIZE];
        char address[ADDR_TEXT_SIZE];
        buf_printf(d->out, "sighting %s ", license_format(x.license, license));
        r = add_machine(d, x.machine);
        if (r < 0)
            return r;
        buf_printf(d->out, " %s %s", addr_format(&x.address, address), source_name(x.source));
        add_span(d, x.seen);
        buf_add_char(d->out, '\n');
    }
    return r;
}

static int dump_mail(struct dump *d, struct store_scan *scan)
{
    struct store_mail_row x;
    int r;
    while ((r = store_next_mail_row(scan, &x)) == 1) {
        buf_printf(d->out, "mail %s ", x.domain);
        r = add_server(d, x.server);
        if (r < 0)
            return r;
        buf_printf(d->out, " %" PRId64 ",%" PRId64 ",%" PRId64 ",%" PRId64 ",%" PRId64 "%s%s",
                   x.counts.mailboxes, x.counts.aliases, x.counts.forwards, x.counts.lists,
                   x.counts.alias_domains, x.counts.catch_all ? " catch_all" : "",
                   x.counts.is_filtered ? " filtered" : "");
        add_span(d, x.seen);
        buf_add_char(d->out, '\n');
    }
    return r;
}

static int dump_forks(struct dump *d, struct store_scan *scan)
{
    struct store_fork x;
    int r;
    while ((r = store_next_fork(scan, &x)) == 1) {
        buf_add_str(d->out, "fork ");
        r = add_machine(d, x.machine);
        if (r < 0)
            return r;
        buf_printf(d->out, " #%" PRId64 " at %" PRId64 "\n", x.counter, x.at.s - d->base.s);
    }
    return r;
}

static int dump_licenses(struct dump *d, struct store_scan *scan)
{
    struct store_license_seen x;
    int r;
    while ((r = store_next_license_seen(scan, &x)) == 1) {
        char license[LICENSE_TEXT_SIZE];
        buf_printf(d->out, "license %s ", license_format(x.license, license));
        r = add_machine(d, x.machine);
        if (r < 0)
            return r;
        buf_printf(d->out, " %s|%s|%s|%s|%s at %" PRId64 "\n", x.facts->version,
                   x.facts->product, x.facts->edition, x.facts->expires, x.facts->machine_id,
                   x.first_received.s - d->base.s);
    }
    return r;
}

static int dump_servers(struct dump *d, struct store_scan *scan)
{
    struct store_server_row x;
    int r;
    while ((r = store_next_server(scan, &x)) == 1) {
        buf_printf(d->out, "server %s", x.name);
        if (x.has_reported)
            add_span(d, (struct span){x.first_received, x.last_received});
        else
            buf_add_str(d->out, " never");
        buf_add_char(d->out, '\n');
    }
    return r;
}

static void add_moment(struct dump *d, const char *what, wall_t t)
{
    buf_printf(d->out, " %s %" PRId64, what, t.s - d->base.s);
}

static int dump_enrolled(struct dump *d, struct store_scan *scan)
{
    struct store_server_row x;
    int r;
    while ((r = store_next_server(scan, &x)) == 1) {
        struct store_admission a;
        r = store_get_admission(d->store, x.name, &a);
        if (r == -ENOENT)
            continue;
        if (r < 0)
            return r;
        buf_printf(d->out, "enrolled %s %s", x.name, a.reseller);
        add_moment(d, "at", a.enrolled_at);
        if (a.revoked.s != WALL_END.s)
            add_moment(d, "revoked", a.revoked);
        if (a.certs_from.s != WALL_BEGIN.s)
            add_moment(d, "certs from", a.certs_from);
        buf_add_char(d->out, '\n');
    }
    return r;
}

static int dump_tokens(struct dump *d, struct store_scan *scan)
{
    struct store_token x;
    int r;
    while ((r = store_next_token(scan, &x)) == 1) {
        buf_add_str(d->out, "token ");
        for (size_t i = 0; i < sizeof x.id; i++)
            buf_printf(d->out, "%02x", x.id[i]);
        buf_printf(d->out, " %s %s %" PRId64 "/%" PRId64, x.reseller,
                   x.server[0] ? x.server : "-", x.used, x.uses);
        add_moment(d, "created", x.created);
        add_moment(d, "expires", x.expires);
        if (x.revoked.s != WALL_END.s)
            add_moment(d, "revoked", x.revoked);
        buf_add_char(d->out, '\n');
    }
    return r;
}

static int dump_events(struct dump *d, struct store_scan *scan)
{
    struct store_event x;
    int r;
    while ((r = store_next_event(scan, &x)) == 1) {
        buf_printf(d->out, "event #%" PRId64, x.sequence);
        add_moment(d, "at", x.at);
        buf_printf(d->out, " %s by %s|%s|%s|%s\n", x.what, x.who, x.server, x.reseller,
                   x.details);
    }
    return r;
}

static int dump_standings(struct dump *d, struct store_scan *scan)
{
    struct store_standing x;
    int64_t generation;
    wall_t as_of;
    int r;
    while ((r = store_next_standing(scan, &x)) == 1) {
        char license[LICENSE_TEXT_SIZE];
        buf_printf(d->out, "standing %s %s %s %d", license_format(x.license, license),
                   x.reseller, x.is_confirmed ? "confirmed" : "potential", x.kinds);
        add_moment(d, "since", x.since);
        if (x.has_confirms)
            add_moment(d, "confirms", x.confirms_at);
        buf_add_char(d->out, '\n');
    }
    if (r == 0)
        r = store_standing_generation(d->store, &generation, &as_of);
    if (r < 0 || generation == 0)
        return r;
    buf_printf(d->out, "published #%" PRId64, generation);
    add_moment(d, "as of", as_of);
    buf_add_char(d->out, '\n');
    return 0;
}

/* ---- Nights ---------------------------------------------------------------------------- */

static const char *const reader_kinds[] = {"manager", "reseller", "operator"};

static int dump_said_to(struct dump *d, const struct store_reader *reader)
{
    AUTO(store_scan) struct store_scan *scan = NULL;
    struct store_said x;
    int r = store_scan_said(d->store, reader, &scan);
    while (r >= 0 && (r = store_next_said(scan, &x)) == 1) {
        buf_printf(d->out, "told %s %s %s %d %s %" PRId32 ": %d, %" PRId64 "%s",
                   reader_kinds[x.reader.kind], x.reader.id, x.reseller, x.kind, x.subject,
                   x.period.month, x.state, x.quantity, x.goes_on ? " goes on" : "");
        if (x.confirms_at.s != WALL_END.s)
            add_moment(d, "confirms", x.confirms_at);
        buf_add_str(d->out, x.is_reminded ? " reminded\n" : "\n");
    }
    return r;
}

/* What is asked by reader and by reseller is asked for those whom the estate knows. */
static int dump_said(struct dump *d, struct store_scan *managers)
{
    struct estate_manager x;
    int r;
    while ((r = store_next_manager(managers, &x)) == 1) {
        struct store_reader reader = {READER_MANAGER, x.id};
        r = dump_said_to(d, &reader);
        if (r < 0)
            return r;
    }
    return r;
}

static int dump_confirmed_of(struct dump *d, const char *reseller)
{
    AUTO(store_scan) struct store_scan *scan = NULL;
    struct store_confirmed x;
    int r = store_scan_confirmed(d->store, reseller, (period_t){0}, &scan);
    while (r >= 0 && (r = store_next_confirmed(scan, &x)) == 1)
        buf_printf(d->out, "confirmed %s %" PRId32 " %d %s%s\n", x.reseller, x.period.month,
                   (int)x.kind, x.subject, x.is_trial ? " trial" : "");
    return r;
}

static int dump_confirmed(struct dump *d, struct store_scan *resellers)
{
    struct estate_reseller x;
    int r;
    while ((r = store_next_reseller(resellers, &x)) == 1) {
        struct store_reader reader = {READER_RESELLER, x.id};
        r = dump_confirmed_of(d, x.id);
        if (r == 0)
            r = dump_said_to(d, &reader);
        if (r < 0)
            return r;
    }
    return r;
}

static int dump_editions_of(struct dump *d, int64_t run)
{
    AUTO(store_scan) struct store_scan *scan = NULL;
    struct store_edition x;
    int r = store_scan_editions(d->store, run, &scan);
    while (r >= 0 && (r = store_next_edition(scan, &x)) == 1) {
        AUTO(buf) struct buf model = BUF_INIT(1 << 20);
        r = store_get_model(d->store, x.run, &x.reader, &model);
        if (r < 0)
            return r;
        buf_printf(d->out, "edition %" PRId64 " %s %s #%" PRId64 " %s|%s|%s\n", x.run,
                   reader_kinds[x.reader.kind], x.reader.id, x.serial,
                   x.language == LANGUAGE_NL ? "nl" : "en", x.subject, buf_str(&model));
    }
    return r;
}

static int dump_runs(struct dump *d, struct store_scan *scan)
{
    struct store_run x;
    int r;
    while ((r = store_next_run(scan, &x)) == 1) {
        buf_printf(d->out, "night %" PRId64 " day %" PRId64, x.run, x.day);
        add_moment(d, "made", x.made_at);
        add_moment(d, "as of", x.as_of);
        buf_printf(d->out, "%s|%s\n", x.is_failed ? " failed" : "", x.about);
        r = dump_editions_of(d, x.run);
        if (r < 0)
            return r;
    }
    return r;
}

static int dump_outbox(struct dump *d, struct store_scan *scan)
{
    static const char *const states[] = {"waits", "sent", "dead"};
    struct store_mail x;
    int r;
    while ((r = store_next_mail(scan, &x)) == 1) {
        bool waits = x.state == MAIL_STATE_WAITS;
        buf_printf(d->out, "mail %" PRId64 " of night %" PRId64 " to %s %s %s %s <%s>", x.id,
                   x.run, reader_kinds[x.reader.kind], x.reader.id, x.sender, x.recipient,
                   x.message_id);
        buf_printf(d->out, " %s %" PRId64 " times", states[x.state], x.attempts);
        add_moment(d, waits ? "due" : "at", waits ? x.next_try : x.settled);
        buf_printf(d->out, " said %" PRId64 "|%s%s\n", x.last_code, x.last_text,
                   x.may_be_double ? "|maybe twice" : "");
    }
    return r;
}

static int dump_all_mails(struct store *s, struct store_scan **ret)
{
    return store_scan_mails(s, false, ret);
}

/* ---- The rest -------------------------------------------------------------------------- */

static int dump_gaps_of(struct dump *d, machine_id machine)
{
    AUTO(store_scan) struct store_scan *scan = NULL;
    struct store_gap x;
    int r = store_scan_gaps(d->store, machine, &scan);
    while (r >= 0 && (r = store_next_gap(scan, &x)) == 1) {
        buf_add_str(d->out, "gap ");
        r = add_machine(d, x.machine);
        if (r < 0)
            return r;
        buf_printf(d->out, " %s", gap_kind_name(x.what));
        add_span(d, x.seen);
        buf_printf(d->out, " lost %" PRId64 "\n", x.lost);
    }
    return r;
}

static int dump_gaps_of_server(struct dump *d, server_id server)
{
    for (machine_id id = (server << STORE_MACHINE_BITS) + 1;; id++) {
        struct store_machine machine;
        int r = store_get_machine(d->store, id, &machine);
        if (r == -ENOENT)
            return 0;
        if (r == 0)
            r = dump_gaps_of(d, id);
        if (r < 0)
            return r;
    }
}

/* No scan names all machines; in a store that only grew, servers and each one's machines count
 * from 1. */
static int dump_gaps(struct dump *d)
{
    for (server_id id = 1;; id++) {
        struct store_server server;
        int r = store_get_server(d->store, id, &server);
        if (r == -ENOENT)
            return 0;
        if (r == 0)
            r = dump_gaps_of_server(d, id);
        if (r < 0)
            return r;
    }
}

static int dump_all_sightings(struct store *s, struct store_scan **ret)
{
    return store_scan_sightings(s, LICENSES_ALL, ret);
}

static int dump_all_mail(struct store *s, struct store_scan **ret)
{
    return store_scan_mail_rows(s, DOMAINS_ALL, ret);
}

static int dump_all_licenses(struct store *s, struct store_scan **ret)
{
    return store_scan_license_seen(s, LICENSES_ALL, ret);
}

static int dump_all_events(struct store *s, struct store_scan **ret)
{
    return store_scan_events(s, NULL, ret);
}

static int dump_kinds(struct dump *d, unsigned what)
{
    static const struct {
        unsigned what;
        int (*scan)(struct store *s, struct store_scan **ret);
        int (*dump)(struct dump *d, struct store_scan *scan);
    } kinds[] = {
        {DUMP_SIGHTINGS, dump_all_sightings, dump_sightings},
        {DUMP_MAIL, dump_all_mail, dump_mail},
        {DUMP_FORKS, store_scan_forks, dump_forks},
        {DUMP_LICENSES, dump_all_licenses, dump_licenses},
        {DUMP_SERVERS, store_scan_servers, dump_servers},
        {DUMP_ENROLLED, store_scan_servers, dump_enrolled},
        {DUMP_TOKENS, store_scan_tokens, dump_tokens},
        {DUMP_EVENTS, dump_all_events, dump_events},
        {DUMP_STANDINGS, store_scan_standings, dump_standings},
        {DUMP_NIGHTS, store_scan_runs, dump_runs},
        {DUMP_NIGHTS, dump_all_mails, dump_outbox},
        {DUMP_NIGHTS, store_scan_managers, dump_said},
        {DUMP_NIGHTS, store_scan_resellers, dump_confirmed},
    };
    int r = what & DUMP_GAPS ? dump_gaps(d) : 0;
    for (size_t i = 0; i < ARRAY_LEN(kinds) && r == 0; i++) {
        if (!(what & kinds[i].what))
            continue;
        AUTO(store_scan) struct store_scan *scan = NULL;
        r = kinds[i].scan(d->store, &scan);
        if (r == 0)
            r = kinds[i].dump(d, scan);
    }
    return r;
}

static int compare_lines(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The lines of `in`, which is cut up, sorted. */
static int add_sorted(char *in, struct buf *out)
{
    size_t n = 0;
    for (const char *p = in; *p; p++)
        n += *p == '\n';
    AUTO_FREE char **lines = calloc(n + 1, sizeof *lines);
    if (!lines)
        return -ENOMEM;
    n = 0;
    for (char *p = in; *p; p = strchr(p, '\0') + 1) {
        char *end = strchr(p, '\n');
        *end = '\0';
        lines[n++] = p;
    }
    qsort(lines, n, sizeof *lines, compare_lines);
    for (size_t i = 0; i < n; i++) {
        buf_add_str(out, lines[i]);
        buf_add_char(out, '\n');
    }
    return buf_error(out);
}

int store_dump(struct store *s, unsigned what, wall_t base, struct buf *out)
{
    AUTO(buf) struct buf lines = BUF_INIT(1 << 26);
    struct dump d = {s, base, &lines};
    int r = dump_kinds(&d, what);
    if (r == 0)
        r = buf_error(&lines);
    if (r < 0 || lines.len == 0)
        return r;
    return add_sorted(lines.data, out);
}
