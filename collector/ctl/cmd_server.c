/* fairusectl server list, retire. */
#include "ctl/commands.h"
#include "run/servers.h"
#include <errno.h>

static const char *const heads[] = {"Server", "Reseller", "First report", "Last report",
                                    "Retired"};

static int put_server(struct ctl *c, struct table *t, struct store *s, const struct book *b,
                      const struct store_server_row *row)
{
    AUTO(arena) struct arena arena = {0};
    const struct zone *z = &ctl_settings(c)->zone;
    char first[ZONE_TEXT_SIZE], last[ZONE_TEXT_SIZE], retired[ZONE_TEXT_SIZE];
    struct audit_server server;
    const char *reseller = "(unknown server)";
    int r = server_load(s, b, row->id, &arena, &server);

    if (r < 0)
        return r;
    if (server.n_tenures > 0)
        reseller = "-";
    for (size_t i = 0; i < server.n_tenures; i++)
        if (term_holds(server.tenures[i].valid, ctl_now(c)))
            reseller = server.tenures[i].reseller->id;
    table_cell(t, "%s", row->name);
    table_cell(t, "%s", reseller);
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

static int run_retire(struct ctl *c)
{
    AUTO(store) struct store *s = NULL;
    AUTO(buf) struct buf b = BUF_INIT(4096);
    const char *name = ctl_argument(c, 0);
    char quoted[TEXT_QUOTE_SIZE];
    int code = ctl_open_store(c, STORE_WRITE, &s);

    if (code != 0)
        return code;
    int r = store_begin(s);
    if (r >= 0)
        r = store_retire_server(s, name, ctl_now(c));
    if (r >= 0)
        r = store_commit(s);
    if (r == -ENOENT) {
        store_rollback(s);
        return ctl_fail(EX_DATAERR, "there is no server %s (`server list` shows them)",
                        text_quote(text_of(name), quoted));
    }
    if (r < 0) {
        code = ctl_fail_errno(r, store_diag(s));
        store_rollback(s);
        return code;
    }
    buf_printf(&b, "%s is retired: its silence is no longer a finding\n",
               text_quote(text_of(name), quoted));
    return ctl_print(&b);
}

const struct ctl_command command_server_retire = {
    .group = "server",
    .name = "retire",
    .arguments = "SERVER",
    .help = "A server is out of use from now on: its silence is expected",
    .min_arguments = 1,
    .max_arguments = 1,
    .run = run_retire,
};
