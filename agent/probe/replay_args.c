/* Values of replay's options. */
#include "probe/replay_args.h"

#include <errno.h>
#include <string.h>

#include "base/grow.h"

enum { KEY_SERVER_PORT = 443 };

void replay_args_done(struct replay_args *a)
{
    free(a->local);
    free(a->targets);
    *a = (struct replay_args){.n_local = 0};
}

static int refuse(struct diag *d, const char *value, const char *why)
{
    char quoted[TEXT_QUOTE_SIZE];

    return diag_set(d, -EBADMSG, "%s %s", text_quote(text_of(value), quoted), why);
}

/* What came of making room. */
static int refuse_more(struct diag *d, int error, int most, const char *what)
{
    if (error == -ERANGE)
        return diag_set(d, error, "at most %d %s can be given", most, what);
    return diag_set(d, error, "out of memory");
}

static int parse_local(const char *value, struct network *ret, struct diag *d)
{
    struct addr a;

    if (addr_parse(text_of(value), &a) == 0) {
        *ret = (struct network){a, a.family == ADDR_IPV4 ? 32 : 128};
        return 0;
    }
    int r = network_parse(text_of(value), ret);
    if (r == -ERANGE)
        return refuse(d, value, "is too wide: at least /8, or /19 of IPv6");
    if (r < 0)
        return refuse(d, value,
                      "is no address and no network (as in 203.0.113.9, 203.0.113.0/24 or "
                      "2001:db8::/48; the bits behind the prefix are zero)");
    return 0;
}

int replay_args_local(struct replay_args *a, const char *value, struct diag *d)
{
    struct network n;
    int r = parse_local(value, &n, d);

    if (r < 0)
        return r;
    r = grow(&a->local, &a->local_cap, a->n_local + 1, sizeof *a->local, SIGHT_OWN_MAX);
    if (r < 0)
        return refuse_more(d, r, SIGHT_OWN_MAX, "local networks");
    a->local[a->n_local++] = n;
    return 0;
}

static bool parse_port(struct text t, uint16_t *ret)
{
    int64_t port;

    if (text_to_int(t, 1, UINT16_MAX, &port) < 0)
        return false;
    *ret = (uint16_t)port;
    return true;
}

/* Splits "[HOST]:PORT", "[HOST]" and "HOST:PORT" (of a HOST without colons); *ret_port is empty
 * where there is none. False: it is none of them. */
static bool split_host(const char *value, struct text *ret_host, struct text *ret_port)
{
    struct text all = text_of(value);
    bool has_bracket = value[0] == '[';
    const char *end = has_bracket ? strchr(value, ']') : strchr(value, ':');

    if (end == NULL)
        return false;
    *ret_host = has_bracket ? (struct text){value + 1, (size_t)(end - value) - 1}
                            : (struct text){value, (size_t)(end - value)};
    const char *colon = has_bracket ? end + 1 : end;
    *ret_port = (struct text){colon, 0};
    if (*colon == '\0')
        return true;
    if (*colon != ':' || colon[1] == '\0')
        return false;
    *ret_port = (struct text){colon + 1, (size_t)(all.p + all.n - colon) - 1};
    return true;
}

static bool parse_key_server(const char *value, struct sight_target *ret)
{
    struct text host, port;

    *ret = (struct sight_target){.port = KEY_SERVER_PORT};
    if (addr_parse(text_of(value), &ret->address) == 0)
        return true;
    return split_host(value, &host, &port) && addr_parse(host, &ret->address) == 0 &&
           (port.n == 0 || parse_port(port, &ret->port));
}

int replay_args_key_server(struct replay_args *a, const char *value, struct diag *d)
{
    struct sight_target t;

    if (!parse_key_server(value, &t))
        return refuse(d, value,
                      "is no key server (as in 203.0.113.9, 203.0.113.9:443, 2001:db8::9 or "
                      "[2001:db8::9]:443; names are not looked up)");
    int r = grow(&a->targets, &a->targets_cap, a->n_targets + 1, sizeof *a->targets,
                 SIGHT_TARGETS_MAX);
    if (r < 0)
        return refuse_more(d, r, SIGHT_TARGETS_MAX, "key servers");
    a->targets[a->n_targets++] = t;
    return 0;
}

int replay_args_panel_port(struct replay_args *a, const char *value, struct diag *d)
{
    uint16_t port;

    if (!parse_port(text_of(value), &port))
        return refuse(d, value, "is no port (1 to 65535)");
    if (a->n_ports == SIGHT_PORTS_MAX)
        return refuse_more(d, -ERANGE, SIGHT_PORTS_MAX, "ports of the panel");
    a->ports[a->n_ports++] = port;
    return 0;
}

struct replay_order replay_args_order(const struct replay_args *a, const char *file)
{
    static const uint16_t panel_ports[] = {8443, 8880}; /* Plesk's, with TLS and without */

    return (struct replay_order){
        .file = file,
        .local = a->local,
        .n_local = a->n_local,
        .targets = a->targets,
        .n_targets = a->n_targets,
        .ports = a->n_ports > 0 ? a->ports : panel_ports,
        .n_ports = a->n_ports > 0 ? a->n_ports : ARRAY_LEN(panel_ports),
    };
}
