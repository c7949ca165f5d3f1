/* fairusectl server trail: who let whom in and out, and when. */
#include "ctl/commands.h"
#include "json/json.h"
#include "json/jsonw.h"
#include <errno.h>

/* Gives each event of the trail to `put`. */
struct trail {
    struct ctl *ctl;
    struct table *table;
    struct jsonw w;
    int64_t n;
};
typedef int put_event(struct trail *t, const struct store_event *e);

/* ---- As text -------------------------------------------------------------------------- */

/* What a person wants of an event's details, and how it is called; the rest is for programs. */
static const struct {
    const char *key, *label;
    enum { AS_TEXT, AS_COUNT, AS_MOMENT } form;
} shown[] = {
    {"token", "token", AS_TEXT},        {"uses", "uses", AS_COUNT},
    {"used", "used", AS_COUNT},         {"expires", "until", AS_MOMENT},
    {"serial", "certificate", AS_TEXT}, {"not_after", "until", AS_MOMENT},
};

static void put_detail(struct trail *t, const struct json *v, size_t which, struct buf *out)
{
    struct json_error error;
    struct text text;
    int64_t number;
    char moment[ZONE_TEXT_SIZE];
    bool is_text = shown[which].form == AS_TEXT;

    if (is_text ? json_get_text(v, CAP_NAME, &text, &error) < 0
                : json_get_int(v, 0, WALL_MAX.s, &number, &error) < 0)
        return;
    buf_printf(out, "%s%s ", out->len > 0 ? ", " : "", shown[which].label);
    if (is_text)
        ctl_put_name(out, text);
    else if (shown[which].form == AS_COUNT)
        buf_add_int(out, number);
    else
        buf_add_str(out, zone_format(&ctl_settings(t->ctl)->zone, (wall_t){number}, moment));
}

static int put_details(struct trail *t, const char *details, struct buf *out)
{
    AUTO(json_doc) struct json_doc *doc = NULL;
    struct json_error error;
    int r = json_read(text_of(details), &doc, &error);

    if (r < 0)
        return r;
    struct json root = json_root(doc);
    for (size_t i = 0; i < ARRAY_LEN(shown); i++) {
        struct json v = json_member(&root, shown[i].key);
        if (json_is_given(&v))
            put_detail(t, &v, i, out);
    }
    return buf_error(out);
}

static int put_row(struct trail *t, const struct store_event *e)
{
    AUTO(buf) struct buf details = BUF_INIT(65536);
    char moment[ZONE_TEXT_SIZE];
    int r = put_details(t, e->details, &details);

    if (r < 0)
        return r;
    table_cell(t->table, "%s", zone_format(&ctl_settings(t->ctl)->zone, e->at, moment));
    table_cell(t->table, "%s", e->what);
    table_cell(t->table, "%s", e->server[0] ? e->server : "-");
    table_cell(t->table, "%s", e->reseller[0] ? e->reseller : "-");
    table_cell(t->table, "%s", e->who);
    table_cell(t->table, "%s", buf_str(&details));
    return 0;
}

/* ---- As JSON: one event a line, in an array -------------------------------------------- */

static int put_object(struct trail *t, const struct store_event *e)
{
    struct jsonw *w = &t->w;

    jsonw_object(w, NULL);
    jsonw_int(w, "sequence", e->sequence);
    jsonw_int(w, "at", e->at.s);
    jsonw_text(w, "what", e->what);
    jsonw_text(w, "who", e->who);
    jsonw_text(w, "server", e->server[0] ? e->server : NULL);
    jsonw_text(w, "reseller", e->reseller[0] ? e->reseller : NULL);
    jsonw_raw(w, "details", e->details);
    jsonw_end_object(w);
    return buf_error(w->out);
}

/* ---- Both ----------------------------------------------------------------------------- */

/* -ENOENT where there is neither such a server nor anything to say of one. */
static int walk(struct store *s, const char *server, struct trail *t, put_event *put)
{
    AUTO(store_scan) struct store_scan *scan = NULL;
    struct store_event e;
    server_id id;
    int r = store_scan_events(s, server, &scan);

    while (r >= 0 && (r = store_next_event(scan, &e)) > 0) {
        t->n++;
        r = put(t, &e);
    }
    if (r < 0 || t->n > 0 || !server)
        return r;
    return store_find_server(s, server, &id);
}

static int write_text(struct store *s, struct trail *t, struct buf *out)
{
    static const char *const heads[] = {"When", "What", "Server", "Reseller", "Who", "Details"};
    AUTO(table) struct table *table = NULL;
    int r = table_new(heads, ARRAY_LEN(heads), &table);

    t->table = table;
    if (r >= 0)
        r = walk(s, ctl_argument(t->ctl, 0), t, put_row);
    return r < 0 ? r : table_write(table, out);
}

static int write_json(struct store *s, struct trail *t, struct buf *out)
{
    t->w = jsonw_to(out, false);
    jsonw_array(&t->w, NULL);
    int r = walk(s, ctl_argument(t->ctl, 0), t, put_object);
    jsonw_end_array(&t->w);
    buf_add_char(out, '\n');
    return r < 0 ? r : buf_error(out);
}

static int run_trail(struct ctl *c)
{
    static const char *const formats[] = {"text", "json", NULL};
    AUTO(store) struct store *s = NULL;
    AUTO(buf) struct buf out = BUF_INIT(256 << 20);
    struct trail t = {.ctl = c};
    char quoted[TEXT_QUOTE_SIZE];
    int format = ctl_format(c, formats);

    if (format < 0)
        return EX_USAGE;
    int code = ctl_open_store(c, STORE_READ, &s);
    if (code != 0)
        return code;
    int r = store_snapshot(s);
    if (r >= 0)
        r = format == 0 ? write_text(s, &t, &out) : write_json(s, &t, &out);
    if (r == -ENOENT)
        return ctl_fail(EX_DATAERR, "there is no server %s (`server list` shows them)",
                        text_quote(text_of(ctl_argument(c, 0)), quoted));
    return r < 0 ? ctl_fail_errno(r, store_diag(s)) : ctl_print(&out);
}

static const struct ctl_option trail_options[] = {
    {"format", "FORMAT", "text (the default) or json"},
};

const struct ctl_command command_server_trail = {
    .group = "server",
    .name = "trail",
    .arguments = "[SERVER]",
    .help = "Who let a server in or out, and when; or all of them, and the tokens",
    .options = trail_options,
    .n_options = ARRAY_LEN(trail_options),
    .max_arguments = 1,
    .run = run_trail,
};
