/* Claims about endpoints and listening sockets. */
#include "support/leak.h"

#include "os/socket.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

SUITE(endpoint);
TestSuite(socket, .fini = leak_check, .timeout = 60);

/* ---- Endpoints -------------------------------------------------------------------------- */

Test(endpoint, is_an_address_and_a_port)
{
    static const struct {
        const char *text, *form, *why;
        uint8_t family;
        uint16_t port;
    } rows[] = {
        {"127.0.0.1:0", "127.0.0.1:0", "a free port", ADDR_IPV4, 0},
        {"0.0.0.0:9443", "0.0.0.0:9443", "every address", ADDR_IPV4, 9443},
        {"[::1]:9443", "[::1]:9443", "IPv6", ADDR_IPV6, 9443},
        {"[::]:65535", "[::]:65535", "the last port", ADDR_IPV6, 65535},
        {"[2001:DB8:0:0::1]:1", "[2001:db8::1]:1", "RFC 5952 on the way out", ADDR_IPV6, 1},
        {"[::ffff:192.0.2.1]:80", "192.0.2.1:80", "mapped is IPv4", ADDR_IPV4, 80},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct endpoint e;
        char text[ENDPOINT_TEXT_SIZE];
        cr_assert_eq(endpoint_parse(text_of(rows[i].text), &e), 0, "%s", rows[i].why);
        cr_assert_eq(e.address.family, rows[i].family, "%s", rows[i].why);
        cr_assert_eq(e.port, rows[i].port, "%s", rows[i].why);
        cr_assert_str_eq(endpoint_format(&e, text), rows[i].form, "%s", rows[i].why);
    }
}

Test(endpoint, refuses_all_else)
{
    static const struct {
        const char *text, *why;
    } rows[] = {
        {"", "nothing"},
        {":", "neither"},
        {":9443", "no address"},
        {"9443", "no address, no colon"},
        {"127.0.0.1", "no port"},
        {"127.0.0.1:", "an empty port"},
        {"127.0.0.1:65536", "beyond 16 bits"},
        {"127.0.0.1:-1", "below zero"},
        {"127.0.0.1:+1", "a sign"},
        {"127.0.0.1:080", "a needless zero"},
        {"127.0.0.1: 80", "a space in the port"},
        {" 127.0.0.1:80", "a space before"},
        {"127.0.0.1:80 ", "a space behind"},
        {"127.0.0.1:80:80", "two ports"},
        {"127.0.0.1:http", "a name of a port"},
        {"127.0.0.1:18446744073709551616", "beyond 64 bits"},
        {"127.1:80", "a shortened quad"},
        {"localhost:80", "a name"},
        {"*:80", "a star"},
        {"::1:80", "IPv6 without brackets"},
        {"::1", "IPv6 without a port"},
        {"[::1]", "no port behind brackets"},
        {"[::1]80", "no colon behind brackets"},
        {"[::1]:", "an empty port behind brackets"},
        {"[::1:80", "an open bracket"},
        {"[::1]]:80", "a bracket too many"},
        {"[[::1]]:80", "brackets in brackets"},
        {"[]:80", "empty brackets"},
        {"[", "a bracket alone"},
        {"[127.0.0.1]:80", "IPv4 in brackets"},
        {"[fe80::1%eth0]:80", "a zone index"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct endpoint e = {.port = 7};
        cr_assert_eq(endpoint_parse(text_of(rows[i].text), &e), -EBADMSG, "%s", rows[i].why);
        cr_assert_eq(e.port, 7, "untouched: %s", rows[i].why);
    }
}

Test(endpoint, refuses_a_nul_and_reads_no_further_than_its_length)
{
    struct endpoint e;
    cr_assert_eq(endpoint_parse((struct text){"127.0.0.1\0:80", 13}, &e), -EBADMSG);
    cr_assert_eq(endpoint_parse((struct text){"127.0.0.1:80\0", 13}, &e), -EBADMSG);
    cr_assert_eq(endpoint_parse((struct text){NULL, 0}, &e), -EBADMSG);
    cr_assert_eq(endpoint_parse((struct text){"127.0.0.1:8099", 12}, &e), 0);
    cr_assert_eq(e.port, 80);
}

/* ---- Sockets ---------------------------------------------------------------------------- */

/* Listens where `where` says; *ret is the address with the port that it got. */
static int listen_at(const char *where, struct endpoint *ret)
{
    struct endpoint e;
    struct diag d = {""};
    cr_assert_eq(endpoint_parse(text_of(where), &e), 0);
    int fd = socket_listen(&e, 16, &d);
    cr_assert_geq(fd, 0, "%s", d.text);
    cr_assert_eq(socket_local(fd, ret), 0);
    return fd;
}

/* A client from and to 127.0.0.1, or from and to ::1. Its descriptor and its own endpoint. */
static int connect_to(int family, uint16_t port, struct endpoint *ret_own)
{
    struct sockaddr_in v4 = {.sin_family = AF_INET,
                             .sin_port = htons(port),
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    struct sockaddr_in6 v6 = {
        .sin6_family = AF_INET6, .sin6_port = htons(port), .sin6_addr = IN6ADDR_LOOPBACK_INIT};
    int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    cr_assert_geq(fd, 0);
    int r = family == AF_INET ? connect(fd, (const struct sockaddr *)&v4, sizeof v4)
                              : connect(fd, (const struct sockaddr *)&v6, sizeof v6);
    cr_assert_eq(r, 0);
    cr_assert_eq(socket_local(fd, ret_own), 0);
    return fd;
}

static void await(int fd)
{
    struct pollfd p = {.fd = fd, .events = POLLIN};
    cr_assert_eq(poll(&p, 1, -1), 1);
}

static void assert_private(int fd)
{
    cr_assert(fcntl(fd, F_GETFD) & FD_CLOEXEC);
    cr_assert(fcntl(fd, F_GETFL) & O_NONBLOCK);
}

Test(socket, accepts_and_says_whose_address_it_is)
{
    struct endpoint here;
    struct endpoint own;
    struct endpoint peer;
    char own_text[ENDPOINT_TEXT_SIZE];
    char peer_text[ENDPOINT_TEXT_SIZE];
    int on = 0;
    socklen_t n = sizeof on;
    int listener = listen_at("127.0.0.1:0", &here);
    cr_assert_gt(here.port, 0);
    assert_private(listener);
    cr_assert_eq(socket_accept(listener, &peer), -EAGAIN);
    int client = connect_to(AF_INET, here.port, &own);
    await(listener);
    int fd = socket_accept(listener, &peer);
    cr_assert_geq(fd, 0);
    assert_private(fd);
    cr_assert_eq(getsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, &n), 0);
    cr_assert_neq(on, 0);
    cr_assert_str_eq(endpoint_format(&peer, peer_text), endpoint_format(&own, own_text));
    close(fd);
    close(client);
    close(listener);
}

/* Whether this machine has IPv6 at all. */
static bool has_ipv6(void)
{
    struct endpoint e;
    struct diag d = {""};
    cr_assert_eq(endpoint_parse(text_of("[::1]:0"), &e), 0);
    int fd = socket_listen(&e, 1, &d);
    if (fd >= 0)
        close(fd);
    return fd >= 0;
}

Test(socket, on_every_ipv6_address_takes_ipv4_too_whose_peers_are_ipv4)
{
    static const int families[] = {AF_INET, AF_INET6};
    static const uint8_t expected[] = {ADDR_IPV4, ADDR_IPV6};
    struct endpoint here;
    if (!has_ipv6())
        cr_skip_test("no IPv6 here");
    int listener = listen_at("[::]:0", &here);
    cr_assert_eq(here.address.family, ADDR_IPV6);
    for (size_t i = 0; i < ARRAY_LEN(families); i++) {
        struct endpoint own;
        struct endpoint peer;
        int client = connect_to(families[i], here.port, &own);
        await(listener);
        int fd = socket_accept(listener, &peer);
        cr_assert_geq(fd, 0);
        cr_assert_eq(peer.address.family, expected[i]);
        cr_assert_eq(addr_compare(&peer.address, &own.address), 0);
        cr_assert_eq(peer.port, own.port);
        close(fd);
        close(client);
    }
    close(listener);
}

Test(socket, may_listen_again_at_once_where_connections_were)
{
    struct endpoint here;
    struct endpoint own;
    struct endpoint peer;
    struct diag d = {""};
    int listener = listen_at("127.0.0.1:0", &here);
    int client = connect_to(AF_INET, here.port, &own);
    await(listener);
    int fd = socket_accept(listener, &peer);
    close(fd); /* closed first: the side that waits (TIME_WAIT) is ours */
    close(client);
    close(listener);
    listener = socket_listen(&here, 16, &d);
    cr_assert_geq(listener, 0, "%s", d.text);
    close(listener);
}

Test(socket, a_taken_port_is_refused_with_advice)
{
    struct endpoint here;
    struct diag d = {""};
    char text[ENDPOINT_TEXT_SIZE];
    int listener = listen_at("127.0.0.1:0", &here);
    cr_assert_eq(socket_listen(&here, 16, &d), -EADDRINUSE);
    cr_assert_not_null(strstr(d.text, endpoint_format(&here, text)), "%s", d.text);
    cr_assert_not_null(strstr(d.text, "ss -ltnp"), "%s", d.text);
    close(listener);
}

Test(socket, an_address_that_is_not_here_is_refused_with_advice)
{
    struct endpoint e;
    struct diag d = {""};
    /* RFC 5737: for documentation, on no machine. */
    cr_assert_eq(endpoint_parse(text_of("192.0.2.1:0"), &e), 0);
    cr_assert_eq(socket_listen(&e, 16, &d), -EADDRNOTAVAIL);
    cr_assert_not_null(strstr(d.text, "192.0.2.1:0"), "%s", d.text);
    cr_assert_not_null(strstr(d.text, "ip address"), "%s", d.text);
}

/* Gives up what lets a process bind low ports; there is no way back. */
static void drop_bind_right(void)
{
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct data[2];
    cr_assert_eq(syscall(SYS_capget, &header, data), 0);
    data[0].effective &= ~(1U << CAP_NET_BIND_SERVICE);
    cr_assert_eq(syscall(SYS_capset, &header, data), 0);
}

Test(socket, a_low_port_without_the_right_is_refused_with_advice)
{
    struct endpoint e;
    struct diag d = {""};
    drop_bind_right();
    cr_assert_eq(endpoint_parse(text_of("127.0.0.1:1"), &e), 0);
    int fd = socket_listen(&e, 16, &d);
    if (fd >= 0)
        cr_skip_test("here everybody may (ip_unprivileged_port_start)");
    cr_assert_eq(fd, -EACCES);
    cr_assert_not_null(strstr(d.text, "CAP_NET_BIND_SERVICE"), "%s", d.text);
}

Test(socket, out_of_descriptors_is_said_and_the_connection_waits)
{
    struct endpoint here;
    struct endpoint own;
    struct endpoint peer;
    struct rlimit limit;
    int listener = listen_at("127.0.0.1:0", &here);
    int client = connect_to(AF_INET, here.port, &own);
    await(listener);
    cr_assert_eq(getrlimit(RLIMIT_NOFILE, &limit), 0);
    struct rlimit none = {.rlim_cur = 0, .rlim_max = limit.rlim_max};
    cr_assert_eq(setrlimit(RLIMIT_NOFILE, &none), 0);
    cr_assert_eq(socket_accept(listener, &peer), -EMFILE);
    cr_assert_eq(setrlimit(RLIMIT_NOFILE, &limit), 0);
    int fd = socket_accept(listener, &peer);
    cr_assert_geq(fd, 0);
    close(fd);
    close(client);
    close(listener);
}

Test(socket, a_connection_that_was_reset_before_it_was_taken_does_no_harm)
{
    static const struct linger at_once = {.l_onoff = 1, .l_linger = 0};
    struct endpoint here;
    struct endpoint own;
    struct endpoint peer;
    int listener = listen_at("127.0.0.1:0", &here);
    int client = connect_to(AF_INET, here.port, &own);
    await(listener);
    cr_assert_eq(setsockopt(client, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once), 0);
    close(client);
    int fd = socket_accept(listener, &peer);
    cr_assert(fd >= 0 || fd == -EAGAIN);
    if (fd >= 0)
        close(fd);
    close(listener);
}

Test(socket, a_listener_of_another_family_is_refused)
{
    /* A name without a path (unix(7)), of the kernel's choice. */
    struct sockaddr_un name = {.sun_family = AF_UNIX};
    socklen_t n = sizeof name;
    struct endpoint e;
    int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    int client = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    cr_assert_eq(bind(listener, (const struct sockaddr *)&name, sizeof name.sun_family), 0);
    cr_assert_eq(listen(listener, 1), 0);
    cr_assert_eq(getsockname(listener, (struct sockaddr *)&name, &n), 0);
    cr_assert_eq(connect(client, (const struct sockaddr *)&name, n), 0);
    cr_assert_eq(socket_local(listener, &e), -EAFNOSUPPORT);
    cr_assert_eq(socket_accept(listener, &e), -EAFNOSUPPORT);
    cr_assert_eq(socket_accept(listener, &e), -EAGAIN, "it was closed, and is gone");
    close(client);
    close(listener);
}

Test(socket, only_who_was_told_to_listens)
{
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int file = open("/dev/null", O_RDONLY | O_CLOEXEC);
    cr_assert_not(socket_listens(fd), "connected to nobody");
    cr_assert_eq(listen(fd, 1), 0);
    cr_assert(socket_listens(fd));
    cr_assert_not(socket_listens(file), "no socket");
    cr_assert_not(socket_listens(-1), "nothing at all");
    close(fd);
    close(file);
}

Test(socket, what_is_no_socket_is_an_error)
{
    struct endpoint e;
    cr_assert_eq(socket_accept(-1, &e), -EBADF);
    cr_assert_eq(socket_local(-1, &e), -EBADF);
}

Test(socket, raises_the_soft_limit_to_the_hard_one)
{
    struct rlimit limit;
    cr_assert_eq(getrlimit(RLIMIT_NOFILE, &limit), 0);
    limit.rlim_cur = limit.rlim_max / 2;
    cr_assert_eq(setrlimit(RLIMIT_NOFILE, &limit), 0);
    cr_assert_eq(socket_raise_limit(), limit.rlim_max);
    cr_assert_eq(getrlimit(RLIMIT_NOFILE, &limit), 0);
    cr_assert_eq(limit.rlim_cur, limit.rlim_max);
}
