/* What the collector wants of its agents: how often, which MX, which key servers. */
#include <inttypes.h>
#include <string.h>

#include "keeper/keeper_parts.h"

enum { INTERVAL_DEFAULT_S = 900 };

static const char *const names[] = {[MESSAGE_SETTING_INTERVAL] = "interval",
                                    [MESSAGE_SETTING_MX_SUFFIX] = "mx",
                                    [MESSAGE_SETTING_KEY_SERVER] = "key"};

int64_t wishes_interval(const struct keeper *k)
{
    if (k->options.interval.s > 0)
        return k->options.interval.s;
    for (size_t i = 0; i < k->n_wishes; i++)
        if (k->wishes[i].kind == MESSAGE_SETTING_INTERVAL)
            return k->wishes[i].number;
    return INTERVAL_DEFAULT_S;
}

static void write_wishes(const struct keeper *k, struct buf *out)
{
    for (size_t i = 0; i < k->n_wishes; i++) {
        const struct message_setting *w = &k->wishes[i];
        if (w->kind == MESSAGE_SETTING_INTERVAL)
            buf_printf(out, "%s\t%" PRId64 "\n", names[w->kind], w->number);
        else
            buf_printf(out, "%s\t%s\n", names[w->kind], w->text);
    }
}

void wishes_take(struct keeper *k, const struct message_setting *v, size_t n)
{
    AUTO(buf) struct buf before = BUF_INIT(SPOOL_NOTE_MAX), after = BUF_INIT(SPOOL_NOTE_MAX);
    if (n == 0)
        return; /* a collector that has nothing to say: what it said before holds */
    write_wishes(k, &before);
    k->n_wishes = n < KEEPER_WISHES ? n : KEEPER_WISHES;
    memcpy(k->wishes, v, k->n_wishes * sizeof *v);
    write_wishes(k, &after);
    if (strcmp(buf_str(&before), buf_str(&after)) == 0)
        return;
    log_event(k->log, LOG_LEVEL_INFO, "settings-changed", "by=collector interval_s=%" PRId64,
              wishes_interval(k));
    keeper_note(k, KEEPER_NOTE_SETTINGS, &after);
}

/* A line of our own note, written to be read by message.h's rules: they are asked again. */
static void read_wish(struct keeper *k, struct text line)
{
    struct text part[2];
    struct message m = {.kind = MESSAGE_SETTING};
    struct message_setting *w = &m.as.setting;
    if (state_fields(line, part, 2) != 2 || k->n_wishes == KEEPER_WISHES)
        return;
    for (size_t kind = MESSAGE_SETTING_INTERVAL; kind < ARRAY_LEN(names); kind++)
        if (text_is(part[0], names[kind]))
            w->kind = (enum message_setting_kind)kind;
    if (w->kind == 0)
        return;
    if (w->kind == MESSAGE_SETTING_INTERVAL) {
        if (text_to_int(part[1], 1, 86400, &w->number) < 0)
            return;
    } else if (part[1].n > 0 && part[1].n < sizeof w->text) {
        memcpy(w->text, part[1].p, part[1].n);
    } else {
        return;
    }
    k->wishes[k->n_wishes++] = *w;
}

void wishes_load(struct keeper *k)
{
    AUTO_FREE char *note = NULL;
    if (spool_note_get(k->spool, KEEPER_NOTE_SETTINGS, &note) < 0 || !note)
        return; /* the defaults hold until the collector says more */
    struct text rest = text_of(note), line;
    while (state_line(&rest, &line))
        read_wish(k, line);
}
