/* fairusectl token create, list, revoke. */
#include "ctl/authority.h"
#include "ctl/commands.h"
#include "enrol/enrol.h"
#include <errno.h>
#include <string.h>

#define DEFAULT_EXPIRY ((dur_t){INT64_C(7) * 86400})

/* ---- create --------------------------------------------------------------------------- */

/* A duration from now, or a moment; in the future. */
static int read_expiry(struct ctl *c, wall_t *ret)
{
    const char *value = ctl_value(c, "expires");
    dur_t d = DEFAULT_EXPIRY;
    char quoted[TEXT_QUOTE_SIZE];

    if (!value || dur_parse(text_of(value), &d) == 0)
        ret->s = ctl_now(c).s + d.s;
    else if (wall_parse(text_of(value), ret) < 0)
        return ctl_fail(EX_USAGE,
                        "--expires %s: must be a duration, e.g. 7d, or a moment, e.g. "
                        "2026-12-31T12:00:00Z",
                        text_quote(text_of(value), quoted));
    if (ret->s <= ctl_now(c).s)
        return ctl_fail(EX_USAGE, "--expires %s: must be in the future",
                        text_quote(text_of(value), quoted));
    return 0;
}

static int read_uses(struct ctl *c, int64_t *ret)
{
    const char *value = ctl_value(c, "uses");
    char quoted[TEXT_QUOTE_SIZE];

    *ret = 1;
    if (value && text_to_int(text_of(value), 1, ENROL_USES_MAX, ret) < 0)
        return ctl_fail(EX_USAGE, "--uses %s: must be a number from 1 to %d",
                        text_quote(text_of(value), quoted), ENROL_USES_MAX);
    if (ctl_value(c, "server") && *ret != 1)
        return ctl_fail(EX_USAGE, "--uses %lld: with --server it is one server, so one use",
                        (long long)*ret);
    return 0;
}

static int read_order(struct ctl *c, struct token_order *ret, char by[static CTL_BY_SIZE])
{
    *ret = (struct token_order){
        .now = ctl_now(c),
        .reseller = ctl_value(c, "reseller"),
        .server = ctl_value(c, "server"),
        .by = by,
    };
    if (!ret->reseller)
        return ctl_fail(EX_USAGE, "whose server is it? Give --reseller ID");
    int code = read_expiry(c, &ret->expires);
    if (code == 0)
        code = read_uses(c, &ret->uses);
    return code == 0 ? ctl_by(c, by) : code;
}

/* In one transaction. What is wrong with the order is bad input, of the command line or not. */
static int put_token(struct store *s, const struct token_order *order, struct token *ret)
{
    struct diag d = {""};
    int r = store_begin(s);

    if (r < 0)
        return ctl_fail_errno(r, store_diag(s));
    r = enrol_create_token(s, order, ret, &d);
    bool is_refused = r == -ENOENT || r == -ESRCH || r == -EINVAL;
    r = ctl_end_write(s, r);
    if (is_refused)
        return ctl_fail(r == -EINVAL ? EX_USAGE : EX_DATAERR, "%s", d.text);
    return r < 0 ? ctl_fail_errno(r, store_diag(s)) : 0;
}

static void tell_token(struct ctl *c, const struct token_order *o, const struct token *t)
{
    AUTO(buf) struct buf whom = BUF_INIT(4096);
    char name[TOKEN_NAME_SIZE], until[ZONE_TEXT_SIZE];

    if (o->server) {
        buf_add_str(&whom, "the server ");
        ctl_put_name(&whom, text_of(o->server));
        buf_add_str(&whom, ", which comes back,");
    } else {
        buf_printf(&whom, "%lld new server%s", (long long)o->uses, o->uses == 1 ? "" : "s");
    }
    buf_add_str(&whom, " of ");
    ctl_put_name(&whom, text_of(o->reseller));
    ctl_note("token %s lets in %s until %s; it is not shown again", token_name(t->id, name),
             buf_str(&whom), zone_format(&ctl_settings(c)->zone, o->expires, until));
}

static int print_token(const struct token *t)
{
    AUTO(buf) struct buf out = BUF_INIT(TOKEN_TEXT_SIZE + 1);
    char text[TOKEN_TEXT_SIZE];

    buf_printf(&out, "%s\n", token_format(t, text));
    int code = ctl_print(&out);
    explicit_bzero(text, sizeof(text));
    if (out.data)
        explicit_bzero(out.data, out.size);
    return code;
}

static int run_create(struct ctl *c)
{
    AUTO(store) struct store *s = NULL;
    AUTO(authority) struct authority *authority = NULL;
    struct token_order order;
    struct token t;
    char by[CTL_BY_SIZE];
    int code = read_order(c, &order, by);

    if (code == 0)
        code = ctl_open_store(c, STORE_WRITE, &s);
    if (code == 0)
        code = ctl_authority_load(c, s, &authority);
    if (code != 0)
        return code;
    order.authority = authority_fingerprint(authority);
    code = put_token(s, &order, &t);
    if (code != 0)
        return code;
    tell_token(c, &order, &t);
    code = print_token(&t);
    explicit_bzero(&t, sizeof(t));
    return code;
}

static const struct ctl_option create_options[] = {
    {"reseller", "ID", "whose server will be let in; must stand in the estate"},
    {"expires", "WHEN", "a duration, e.g. 7d (the default), or a moment"},
    {"uses", "N", "how many servers it lets in (default 1, at most 1000000)"},
    {"server", "NAME", "a server that comes back, instead of a new one"},
    {"by", "NAME", "who does it, for the trail (default: the user's name)"},
};

const struct ctl_command command_token_create = {
    .group = "token",
    .name = "create",
    .arguments = "",
    .help = "A secret that lets a reseller's server (--reseller) enrol",
    .options = create_options,
    .n_options = ARRAY_LEN(create_options),
    .run = run_create,
};

/* ---- list ----------------------------------------------------------------------------- */

static const char *state_of(const struct store_token *t, wall_t now)
{
    if (t->revoked.s != WALL_END.s)
        return "revoked";
    if (t->used >= t->uses)
        return "used up";
    return now.s >= t->expires.s ? "expired" : "open";
}

static void put_row(struct ctl *c, struct table *out, const struct store_token *t)
{
    const struct zone *z = &ctl_settings(c)->zone;
    char name[TOKEN_NAME_SIZE], created[ZONE_TEXT_SIZE], expires[ZONE_TEXT_SIZE];

    table_cell(out, "%s", token_name(t->id, name));
    table_cell(out, "%s", t->reseller);
    table_cell(out, "%s", t->server[0] ? t->server : "-");
    table_cell(out, "%lld of %lld", (long long)t->used, (long long)t->uses);
    table_cell(out, "%s", zone_format(z, t->created, created));
    table_cell(out, "%s", zone_format(z, t->expires, expires));
    table_cell(out, "%s", state_of(t, ctl_now(c)));
}

static int list_tokens(struct ctl *c, struct store *s, struct buf *out)
{
    static const char *const heads[] = {"Token",   "Reseller", "Server", ">Used",
                                        "Created", "Expires",  "State"};
    AUTO(table) struct table *t = NULL;
    AUTO(store_scan) struct store_scan *scan = NULL;
    struct store_token row;
    int r = table_new(heads, ARRAY_LEN(heads), &t);

    if (r >= 0)
        r = store_scan_tokens(s, &scan);
    while (r >= 0 && (r = store_next_token(scan, &row)) > 0)
        put_row(c, t, &row);
    return r < 0 ? r : table_write(t, out);
}

static int run_list(struct ctl *c)
{
    AUTO(store) struct store *s = NULL;
    AUTO(buf) struct buf out = BUF_INIT(256 << 20);
    int code = ctl_open_store(c, STORE_READ, &s);

    if (code != 0)
        return code;
    int r = list_tokens(c, s, &out);
    return r < 0 ? ctl_fail_errno(r, store_diag(s)) : ctl_print(&out);
}

const struct ctl_command command_token_list = {
    .group = "token",
    .name = "list",
    .arguments = "",
    .help = "All tokens, what they are for, and whether they still hold; not their secrets",
    .run = run_list,
};

/* ---- revoke --------------------------------------------------------------------------- */

static int run_revoke(struct ctl *c)
{
    AUTO(store) struct store *s = NULL;
    AUTO(buf) struct buf b = BUF_INIT(4096);
    uint8_t id[TOKEN_ID_BYTES];
    char name[TOKEN_NAME_SIZE], by[CTL_BY_SIZE];

    /* Not repeated: it may be a whole token, with its secret. */
    if (token_name_parse(text_of(ctl_argument(c, 0)), id) < 0)
        return ctl_fail(EX_USAGE, "which token? Give its 16 hex digits, as `token list` does");
    int code = ctl_by(c, by);
    if (code == 0)
        code = ctl_open_store(c, STORE_WRITE, &s);
    if (code != 0)
        return code;
    int r = store_begin(s);
    if (r >= 0)
        r = ctl_end_write(s, enrol_revoke_token(s, id, by, ctl_now(c)));
    if (r == -ENOENT)
        return ctl_fail(EX_DATAERR, "there is no token %s (`token list` shows them)",
                        token_name(id, name));
    if (r < 0)
        return ctl_fail_errno(r, store_diag(s));
    buf_printf(&b, "token %s is revoked; whom it let in stays in (`server revoke`)\n",
               token_name(id, name));
    return ctl_print(&b);
}

static const struct ctl_option revoke_options[] = {
    {"by", "NAME", "who does it, for the trail (default: the user's name)"},
};

const struct ctl_command command_token_revoke = {
    .group = "token",
    .name = "revoke",
    .arguments = "ID",
    .help = "A token lets nobody in from now on",
    .options = revoke_options,
    .n_options = ARRAY_LEN(revoke_options),
    .min_arguments = 1,
    .max_arguments = 1,
    .run = run_revoke,
};
