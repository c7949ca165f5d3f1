/* Asking DNS, by c-ares. */
#include "plesk/resolver.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <ares.h>

#include "os/clock.h"
#include "os/socket.h"

enum {
    TIMEOUT_MS = 2000, /* of a first try, with a server; the second has twice that */
    TRIES = 2,
    DNS_PORT = 53,
    ADDRESSES_MAX = 64, /* of one host; more than 13 do not fit into a plain answer */
};
/* RFC 1035 3.2.2, 3.2.4. */
enum { TYPE_MX = 15, CLASS_IN = 1 };

struct resolver {
    ares_channel channel;
    size_t waiting;
};

/* A question that waits: one of the two functions. */
struct asked {
    struct resolver *resolver;
    resolver_answer_fn *answer;
    resolver_hosts_fn *hosts;
    void *arg;
};

/* ---- Opening ---------------------------------------------------------------------------- */

static int fail(int status, struct diag *d)
{
    if (status == ARES_ENOMEM)
        return diag_set(d, -ENOMEM, "out of memory");
    return diag_set(d, -EIO, "names cannot be looked up: %s", ares_strerror(status));
}

/* "192.0.2.53", "2001:db8::53", "192.0.2.53:5353", "[2001:db8::53]:5353". */
static int server_parse(const char *s, struct ares_addr_port_node *ret)
{
    struct endpoint e = {.port = DNS_PORT};
    if (addr_parse(text_of(s), &e.address) != 0 && endpoint_parse(text_of(s), &e) != 0)
        return -EBADMSG;
    bool is_ipv4 = e.address.family == ADDR_IPV4;
    *ret = (struct ares_addr_port_node){
        .family = is_ipv4 ? AF_INET : AF_INET6, .udp_port = e.port, .tcp_port = e.port};
    memcpy(&ret->addr, e.address.bytes, addr_len(&e.address));
    return 0;
}

static int set_servers(struct resolver *r, const struct table_texts *texts, struct diag *d)
{
    struct ares_addr_port_node servers[TABLE_TEXTS_MAX];
    char quoted[TEXT_QUOTE_SIZE];
    for (size_t i = 0; i < texts->n; i++) {
        if (server_parse(texts->v[i], &servers[i]) != 0)
            return diag_set(d, -EBADMSG, "resolvers: %s is no address",
                            text_quote(text_of(texts->v[i]), quoted));
        if (i > 0)
            servers[i - 1].next = &servers[i];
    }
    int status = texts->n > 0 ? ares_set_servers_ports(r->channel, servers) : ARES_SUCCESS;
    return status == ARES_SUCCESS ? 0 : fail(status, d);
}

int resolver_open(const struct options *o, struct resolver **ret, struct diag *d)
{
    char file_then_dns[] = "fb";
    struct ares_options options = {
        .timeout = TIMEOUT_MS, .tries = TRIES, .lookups = file_then_dns};
    AUTO(resolver) struct resolver *r = calloc(1, sizeof *r);
    if (!r)
        return fail(ARES_ENOMEM, d);
    int status = ares_init_options(&r->channel, &options,
                                   ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_LOOKUPS);
    if (status != ARES_SUCCESS) {
        r->channel = NULL;
        return fail(status, d);
    }
    int error = set_servers(r, &o->resolvers, d);
    if (error == 0)
        *ret = STEAL(r);
    return error;
}

void resolver_free(struct resolver *r)
{
    if (!r)
        return;
    if (r->channel)
        ares_destroy(r->channel);
    assert(r->waiting == 0);
    free(r);
}

/* ---- Asking ----------------------------------------------------------------------------- */

static struct asked *ask(struct resolver *r, void *arg)
{
    struct asked *a = malloc(sizeof *a);
    if (!a)
        return NULL;
    *a = (struct asked){.resolver = r, .arg = arg};
    r->waiting++;
    return a;
}

static void on_answer(void *arg, int status, int timeouts, unsigned char *answer, int n)
{
    struct asked *a = arg;
    (void)status; /* an answer speaks for itself */
    (void)timeouts;
    a->resolver->waiting--;
    a->answer(a->arg, n > 0 ? answer : NULL, n > 0 ? (size_t)n : 0);
    free(a);
}

void resolver_ask_mx(struct resolver *r, const char *domain, resolver_answer_fn *fn, void *arg)
{
    struct asked *a = ask(r, arg);
    if (!a) {
        fn(arg, NULL, 0);
        return;
    }
    a->answer = fn;
    ares_query(r->channel, domain, CLASS_IN, TYPE_MX, on_answer, a);
}

static int take_address(const struct sockaddr *sa, struct addr *ret)
{
    if (sa->sa_family == AF_INET) {
        struct sockaddr_in in;
        memcpy(&in, sa, sizeof in);
        return addr_from_bytes((const uint8_t *)&in.sin_addr, 4, ret);
    }
    if (sa->sa_family != AF_INET6)
        return -EBADMSG;
    struct sockaddr_in6 in6;
    memcpy(&in6, sa, sizeof in6);
    return addr_from_bytes(in6.sin6_addr.s6_addr, 16, ret);
}

static void on_host(void *arg, int status, int timeouts, struct ares_addrinfo *info)
{
    struct asked *a = arg;
    struct addr v[ADDRESSES_MAX];
    size_t n = 0;
    (void)timeouts;
    a->resolver->waiting--;
    bool has_some = status == ARES_SUCCESS && info;
    for (struct ares_addrinfo_node *i = has_some ? info->nodes : NULL; i; i = i->ai_next) {
        if (n < ADDRESSES_MAX && take_address(i->ai_addr, &v[n]) == 0)
            n++;
    }
    a->hosts(a->arg, v, n);
    if (info)
        ares_freeaddrinfo(info);
    free(a);
}

void resolver_ask_host(struct resolver *r, const char *host, resolver_hosts_fn *fn, void *arg)
{
    /* Unsorted: sorting would connect a socket to each address. */
    static const struct ares_addrinfo_hints hints = {
        .ai_flags = ARES_AI_NOSORT, .ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM};
    struct asked *a = ask(r, arg);
    if (!a) {
        fn(arg, NULL, 0);
        return;
    }
    a->hosts = fn;
    ares_getaddrinfo(r->channel, host, NULL, &hints, on_host, a);
}

size_t resolver_waiting(const struct resolver *r)
{
    return r->waiting;
}

/* ---- Waiting ---------------------------------------------------------------------------- */

static size_t fill_sockets(struct resolver *r, struct pollfd v[static ARES_GETSOCK_MAXNUM])
{
    ares_socket_t sockets[ARES_GETSOCK_MAXNUM];
    unsigned bits = (unsigned)ares_getsock(r->channel, sockets, ARES_GETSOCK_MAXNUM);
    size_t n = 0;
    for (unsigned i = 0; i < ARES_GETSOCK_MAXNUM; i++) {
        /* As ARES_GETSOCK_READABLE and _WRITABLE, which shift a signed 1 too far. */
        unsigned events = bits >> i & 1U ? POLLIN : 0;
        events |= bits >> (i + ARES_GETSOCK_MAXNUM) & 1U ? POLLOUT : 0;
        if (events)
            v[n++] = (struct pollfd){.fd = sockets[i], .events = (short)events};
    }
    return n;
}

/* Milliseconds until the first question's time is up, or until `until`. */
static int wait_ms(struct resolver *r, mono_t until)
{
    enum { SECOND_MS = 1000, MOST_MS = 60000 };
    int64_t left_ms = until.ms - clock_mono().ms;
    if (left_ms < 0)
        left_ms = 0;
    if (left_ms > MOST_MS)
        left_ms = MOST_MS;
    struct timeval most = {left_ms / SECOND_MS, left_ms % SECOND_MS * SECOND_MS}, tv;
    const struct timeval *first = ares_timeout(r->channel, &most, &tv);
    /* Rounded up: one that wakes too early would go round and round. */
    return (int)(first->tv_sec * SECOND_MS + (first->tv_usec + SECOND_MS - 1) / SECOND_MS);
}

int resolver_wait(struct resolver *r, mono_t until)
{
    struct pollfd v[ARES_GETSOCK_MAXNUM];
    size_t n = fill_sockets(r, v);
    int ready = poll(v, n, wait_ms(r, until));
    if (ready < 0)
        return errno == EINTR ? 0 : -errno;
    if (ready == 0)
        ares_process_fd(r->channel, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
    for (size_t i = 0; ready > 0 && i < n; i++) {
        bool is_readable = v[i].revents & (POLLIN | POLLERR | POLLHUP | POLLNVAL);
        bool is_writable = v[i].revents & (POLLOUT | POLLERR | POLLHUP | POLLNVAL);
        if (v[i].revents)
            ares_process_fd(r->channel, is_readable ? v[i].fd : ARES_SOCKET_BAD,
                            is_writable ? v[i].fd : ARES_SOCKET_BAD);
    }
    return 0;
}
