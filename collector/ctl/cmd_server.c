/* fairusectl server list, revoke, retire. */
#include "ctl/commands.h"
#include "enrol/enrol.h"
#include "run/servers.h"
#include <errno.h>

static const char *const heads[] = {"Server",       "Reseller",    "Enrolment",
                                    "First report", "Last report", "Retired"};

/* Whether its agent is let in, and since when. */
static void put_enrolment(struct ctl *c, struct table *t, const struct store_server *server)
{
    const struct zone *z = &ctl_settings(c)->zone;
    char moment[ZONE_TEXT_SIZE];

    if (!server->is_enrolled)
        table_cell(t, "-");
    else if (server->revoked.s != WALL_END.s)
        table_cell(t, "revoked %s", zone_format(z, server->revoked, moment));
    else
        table_cell(t, "enrolled %s", zone_format(z, server->enrolled_at, moment));
}

static int put_server(struct ctl *c, struct table *t, struct store *s, const struct book *b,
                      const struct store_server_row *row)
{
    AUTO(arena) struct arena arena = {0};
    const struct zone *z = &ctl_settings(c)->zone;
    char first[ZONE_TEXT_SIZE], last[ZONE_TEXT_SIZE], retired[ZONE_TEXT_SIZE];
    struct store_server facts;
    struct audit_server server;
    const char *reseller = "(unknown server)";
    int r = store_get_server(s, row->id, &facts);

    if (r >= 0)
        r = server_make(b, &facts, &arena, &server);
    if (r < 0)
        return r;
    if (server.n_tenures > 0)
        reseller = "-";
    for (size_t i = 0; i < server.n_tenures; i++)
        if (term_holds(server.tenures[i].valid, ctl_now(c)))
            reseller = server.tenures[i].reseller->id;
    table_cell(t, "%s", row->name);
    table_cell(t, "%s", reseller);
    put_enrolment(c, t, &facts);
    table_cell(t, "%s", row->has_reported ? zone_format(z, row->first_received, first) : "-");
    table_cell(t, "%s", row->has_reported ? zone_format(z, row->last_received, last) : "-");
    table_cell(t, "%s",
               server.retired.s != WALL_END.s ? zone_format(z, server.retired, retired) : "-");
    return 0;
}

static int list_servers(struct ctl *c, struct store *s, struct buf *out)
{
    AUTO(table) struct table *t = NULL;
    AUTO(book) struct book b = {0};
    AUTO(store_scan) struct store_scan *scan = NULL;
    struct store_server_row row;
    int r = store_snapshot(s);

    if (r >= 0)
        r = book_load(&b, s);
    if (r >= 0)
        r = table_new(heads, ARRAY_LEN(heads), &t);
    if (r >= 0)
        r = store_scan_servers(s, &scan);
    while (r >= 0 && (r = store_next_server(scan, &row)) > 0)
        r = put_server(c, t, s, &b, &row);
    return r < 0 ? r : table_write(t, out);
}

static int run_list_servers(struct ctl *c)
{
    AUTO(store) struct store *s = NULL;
    AUTO(buf) struct buf out = BUF_INIT(256 << 20);
    int code = ctl_open_store(c, STORE_READ, &s);

    if (code != 0)
        return code;
    int r = list_servers(c, s, &out);
    return r < 0 ? ctl_fail_errno(r, store_diag(s)) : ctl_print(&out);
}

const struct ctl_command command_server_list = {
    .group = "server",
    .name = "list",
    .arguments = "",
    .help = "All servers, whose they are, and when they reported",
    .run = run_list_servers,
};

/* ---- Out of use, or shut out ----------------------------------------------------------- */

static const struct ctl_option by_options[] = {
    {"by", "NAME", "who does it, for the trail (default: the user's name)"},
};

typedef int change_server(struct store *s, const char *server, const char *by, wall_t now);

/* Makes a change in a transaction; `unknown` and `done` stand around the server's name in what
 * is said of one that is not there, and of success. */
static int run_change(struct ctl *c, change_server *change, const char *unknown,
                      const char *done)
{
    AUTO(store) struct store *s = NULL;
    AUTO(buf) struct buf b = BUF_INIT(4096);
    const char *name = ctl_argument(c, 0);
    char by[CTL_BY_SIZE], quoted[TEXT_QUOTE_SIZE];
    int code = ctl_by(c, by);

    if (code == 0)
        code = ctl_open_store(c, STORE_WRITE, &s);
    if (code != 0)
        return code;
    int r = store_begin(s);
    if (r >= 0)
        r = ctl_end_write(s, change(s, name, by, ctl_now(c)));
    (void)text_quote(text_of(name), quoted);
    if (r == -ENOENT)
        return ctl_fail(EX_DATAERR, "there is no %s %s (`server list` shows them)", unknown,
                        quoted);
    if (r < 0)
        return ctl_fail_errno(r, store_diag(s));
    buf_printf(&b, "%s %s\n", quoted, done);
    return ctl_print(&b);
}

static int run_retire(struct ctl *c)
{
    return run_change(c, enrol_retire_server, "server",
                      "is retired: its silence is no longer a finding");
}

const struct ctl_command command_server_retire = {
    .group = "server",
    .name = "retire",
    .arguments = "SERVER",
    .help = "A server is out of use from now on: its silence is expected",
    .options = by_options,
    .n_options = ARRAY_LEN(by_options),
    .min_arguments = 1,
    .max_arguments = 1,
    .run = run_retire,
};

static int run_revoke(struct ctl *c)
{
    return run_change(c, enrol_revoke_server, "enrolled server",
                      "is revoked: its certificates are no good any more "
                      "(`token create --server` brings it back)");
}

const struct ctl_command command_server_revoke = {
    .group = "server",
    .name = "revoke",
    .arguments = "SERVER",
    .help = "A server is let in no longer, whatever certificate it shows",
    .options = by_options,
    .n_options = ARRAY_LEN(by_options),
    .min_arguments = 1,
    .max_arguments = 1,
    .run = run_revoke,
};
