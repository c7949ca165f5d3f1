/* history: what was acknowledged, the reseller's own evidence. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "cli/cli_parts.h"
#include "json/jsonw.h"
#include "keeper/keeper.h"
#include "os/clock.h"
#include "spool/spool.h"

enum { LINE_MAX_BYTES = 4096 };

/* Written line by line: thirteen months may be long. */
struct printer {
    bool is_json, has_failed;
};

static int put(struct printer *p, struct buf *b)
{
    buf_add_char(b, '\n');
    p->has_failed = buf_error(b) < 0 || fwrite(b->data, 1, b->len, stdout) != b->len;
    return p->has_failed ? -EIO : 0;
}

static void add_times(struct buf *b, struct span s)
{
    char first[WALL_TEXT_SIZE], last[WALL_TEXT_SIZE];
    buf_printf(b, "%s  %s", wall_format(s.first, first), wall_format(s.last, last));
}

static int print_sighting(void *arg, const struct report_sighting *s)
{
    struct printer *p = arg;
    AUTO(buf) struct buf b = BUF_INIT(LINE_MAX_BYTES);
    char license[LICENSE_TEXT_SIZE], address[ADDR_TEXT_SIZE];
    license_format(s->license, license);
    addr_format(&s->address, address);
    if (p->is_json) {
        struct jsonw w = jsonw_to(&b, false);
        jsonw_object(&w, NULL);
        jsonw_text(&w, "license", license);
        jsonw_text(&w, "address", address);
        jsonw_text(&w, "source", source_name(s->source));
        jsonw_int(&w, "first", s->seen.first.s);
        jsonw_int(&w, "last", s->seen.last.s);
        jsonw_end_object(&w);
    } else {
        add_times(&b, s->seen);
        buf_printf(&b, "  %s  %s  %s", license, address, source_name(s->source));
    }
    return put(p, &b);
}

static int print_mailboxes(void *arg, const struct report_mailboxes *m)
{
    struct printer *p = arg;
    AUTO(buf) struct buf b = BUF_INIT(LINE_MAX_BYTES);
    const struct mail_counts *c = &m->counts;
    if (p->is_json) {
        struct jsonw w = jsonw_to(&b, false);
        jsonw_object(&w, NULL);
        jsonw_text(&w, "domain", m->domain);
        jsonw_int(&w, "mailboxes", c->mailboxes);
        jsonw_int(&w, "aliases", c->aliases);
        jsonw_int(&w, "forwards", c->forwards);
        jsonw_int(&w, "lists", c->lists);
        jsonw_bool(&w, "catch_all", c->catch_all);
        jsonw_int(&w, "alias_domains", c->alias_domains);
        jsonw_bool(&w, "filtered", c->is_filtered);
        jsonw_int(&w, "first", m->seen.first.s);
        jsonw_int(&w, "last", m->seen.last.s);
        jsonw_end_object(&w);
    } else {
        add_times(&b, m->seen);
        buf_printf(&b,
                   "  %s  mailboxes=%" PRId64 " aliases=%" PRId64 " forwards=%" PRId64
                   " lists=%" PRId64 " alias_domains=%" PRId64 "%s%s",
                   m->domain, c->mailboxes, c->aliases, c->forwards, c->lists, c->alias_domains,
                   c->catch_all ? " catch-all" : "", c->is_filtered ? "" : " not-filtered");
    }
    return put(p, &b);
}

static int print_gap(void *arg, const struct report_gap *g)
{
    struct printer *p = arg;
    AUTO(buf) struct buf b = BUF_INIT(LINE_MAX_BYTES);
    if (p->is_json) {
        struct jsonw w = jsonw_to(&b, false);
        jsonw_object(&w, NULL);
        jsonw_text(&w, "gap", gap_kind_name(g->what));
        jsonw_int(&w, "first", g->seen.first.s);
        jsonw_int(&w, "last", g->seen.last.s);
        jsonw_int(&w, "lost", g->lost);
        jsonw_end_object(&w);
    } else {
        add_times(&b, g->seen);
        buf_printf(&b, "  gap %s lost=%" PRId64, gap_kind_name(g->what), g->lost);
    }
    return put(p, &b);
}

static int show(const struct options *o, wall_t since, bool is_json)
{
    char path[OPTIONS_PATH_SIZE + 64];
    AUTO(spool) struct spool *spool = NULL;
    struct spool_found found;
    struct diag d = {""};
    struct printer p = {is_json, false};
    struct spool_reader reader = {print_sighting, print_mailboxes, print_gap, &p};
    if (options_state_path(o, KEEPER_SPOOL, path) < 0)
        return cli_fail(EX_CONFIG, "%s: too long a path", o->state);
    int r = spool_open(path, SPOOL_LOOK, &spool, &found, &d);
    if (r == -ENOENT)
        return cli_fail(EX_UNAVAILABLE, "the agent has not run on this server yet (%s)", path);
    if (r < 0)
        return cli_fail(r == -EACCES ? EX_NOPERM : EX_IOERR, "%s", d.text);
    r = spool_history(spool, (struct span){since, WALL_END}, &reader);
    if (p.has_failed || fflush(stdout) != 0)
        return cli_fail(EX_IOERR, "standard output cannot be written: %m");
    return r < 0 ? cli_fail(EX_IOERR, "%s", spool_diag(spool)) : 0;
}

static int read_since(const char *word, wall_t *ret)
{
    int64_t day;
    if (!word) {
        *ret = (wall_t){clock_now().s - SPOOL_HISTORY.s};
        return 0;
    }
    if (civil_parse(text_of(word), &day) < 0)
        return cli_fail(EX_USAGE, "history: --since must be a date, like 2026-11-01");
    *ret = (wall_t){day * 86400};
    return 0;
}

int cmd_history(int argc, char **argv)
{
    const char *config = NULL, *since_word = NULL, *format = "text";
    const struct arg words[] = {{"config", 'c', &config, NULL},
                                {"since", 0, &since_word, NULL},
                                {"format", 0, &format, NULL}};
    struct options o;
    wall_t since = WALL_BEGIN;
    int r = args_read(argc, argv, &(struct args){words, ARRAY_LEN(words), NULL, 0});
    if (r != 0 || (r = read_since(since_word, &since)) != 0)
        return r;
    bool is_json = strcmp(format, "json") == 0;
    if (!is_json && strcmp(format, "text") != 0)
        return cli_fail(EX_USAGE, "history: --format must be text or json");
    if ((r = cli_options(&config, &o)) != 0)
        return r;
    r = show(&o, since, is_json);
    options_done(&o);
    return r;
}
