/* Claims about TLS sessions on the way: what hostile and slow peers send, data, the end. */
#include "unit/crypto/line.h"

#include <sys/epoll.h>

SUITE(tls_traffic);

/* ---- Who does not keep to it ---------------------------------------------------------- */

static const struct {
    const char *why, *bytes;
    size_t n;
} garbage[] = {
    {"HTTP", "GET / HTTP/1.1\r\nHost: collector\r\n\r\n", 35},
    {"a record of a type that there is not", "\x63\x03\x01\x00\x05hello", 10},
    {"a record longer than may be", "\x16\x03\x01\xff\xff", 5},
    {"an empty ClientHello", "\x16\x03\x01\x00\x04\x01\x00\x00\x00", 9},
    {"another message first", "\x16\x03\x01\x00\x04\x0b\x00\x00\x00", 9},
    {"data first", "\x17\x03\x03\x00\x01\x00", 6},
};

Test(tls_traffic, what_is_no_handshake_is_refused_with_an_alert)
{
    AUTO(scene) struct scene s;
    scene_init(&s, true);
    for (size_t i = 0; i < ARRAY_LEN(garbage); i++) {
        AUTO(line) struct line l;
        uint8_t answer[16] = {0};
        line_open(&l, s.context);
        cr_assert_eq(write(l.fds[1], garbage[i].bytes, garbage[i].n), (ssize_t)garbage[i].n);
        int r = tls_handshake(l.server);
        for (int k = 0; k < 10 && r == -EAGAIN; k++)
            r = tls_handshake(l.server);
        cr_expect_eq(r, -EPROTO, "%s: %d", garbage[i].why, r);
        cr_expect(strlen(tls_problem(l.server)) > 0, "%s", garbage[i].why);
        ssize_t n = read(l.fds[1], answer, sizeof answer);
        cr_expect(n == 7 && answer[0] == 21 && answer[5] == 2, "%s: %zd bytes", garbage[i].why,
                  n);
    }
}

/* The library would wait for all of it. */
Test(tls_traffic, a_hello_of_16_mb_is_refused_when_32_kb_have_come)
{
    AUTO(scene) struct scene s;
    AUTO(line) struct line l;
    static uint8_t record[5 + 16384] = {0x16, 3, 1, 0x40, 0, 1, 0xff, 0xff, 0xff};
    int r = -EAGAIN;
    int n = 0;
    scene_init(&s, false);
    line_open(&l, s.context);
    for (; n < 100 && r == -EAGAIN; n++) {
        cr_assert_eq(write(l.fds[1], record, sizeof record), (ssize_t)sizeof record);
        r = tls_handshake(l.server);
        memset(record + 5, 0, sizeof record - 5);
    }
    cr_expect_eq(r, -EPROTO);
    cr_expect_eq(n, 2); /* 2 x 16,389 > 32,768 */
}

Test(tls_traffic, a_peer_that_goes_in_mid_handshake_is_gone)
{
    AUTO(scene) struct scene s;
    scene_init(&s, false);
    for (int steps = 0; steps < 3; steps++) {
        AUTO(line) struct line l;
        int r = -EAGAIN;
        line_open(&l, s.context);
        line_dial(&l, &s.pki, &(struct caller){.certificate = NULL});
        if (steps > 0)
            cr_assert_eq(gnutls_handshake(l.client), GNUTLS_E_AGAIN);
        if (steps > 1)
            r = tls_handshake(l.server);
        cr_assert_eq(r, -EAGAIN);
        line_close(&l, 1);
        for (int k = 0; k < 10 && r == -EAGAIN; k++)
            r = tls_handshake(l.server);
        cr_expect_eq(r, -EPIPE, "after %d steps: %d", steps, r);
        cr_expect_eq(tls_handshake(l.server), -EPIPE);
    }
}

Test(tls_traffic, a_peer_that_only_half_closes_is_gone_too)
{
    AUTO(scene) struct scene s;
    AUTO(line) struct line l;
    scene_init(&s, false);
    line_open(&l, s.context);
    cr_assert_eq(write(l.fds[1], "\x16\x03\x01\x02\x00\x01", 6), 6);
    cr_assert_eq(shutdown(l.fds[1], SHUT_WR), 0);
    int r = -EAGAIN;
    for (int k = 0; k < 10 && r == -EAGAIN; k++)
        r = tls_handshake(l.server);
    cr_expect_eq(r, -EPIPE);
}

Test(tls_traffic, who_says_nothing_is_waited_for)
{
    AUTO(scene) struct scene s;
    AUTO(line) struct line l;
    scene_init(&s, false);
    line_open(&l, s.context);
    for (int i = 0; i < 3; i++) {
        cr_expect_eq(tls_handshake(l.server), -EAGAIN);
        cr_expect_eq(tls_wants(l.server), EPOLLIN);
    }
    cr_expect_eq(tls_peer_certificate(l.server).n, 0);
    cr_expect(!tls_has_pending(l.server));
    tls_bye(l.server); /* nothing has begun that could be ended */
    char c;
    cr_expect_eq(read(l.fds[1], &c, 1), -1);
}

Test(tls_traffic, who_does_not_trust_the_server_is_heard)
{
    AUTO(scene) struct scene s;
    AUTO(line) struct line l;
    scene_init(&s, false);
    line_open(&l, s.context);
    line_dial(&l, &s.pki, &(struct caller){.certificate = NULL});
    cr_assert_eq(gnutls_handshake(l.client), GNUTLS_E_AGAIN);
    cr_assert_eq(tls_handshake(l.server), -EAGAIN);
    gnutls_session_set_verify_cert(l.client, "localhost", 0); /* by nobody: it trusts none */
    cr_assert(gnutls_error_is_fatal(gnutls_handshake(l.client)));
    (void)gnutls_alert_send(l.client, GNUTLS_AL_FATAL, GNUTLS_A_UNKNOWN_CA);
    cr_expect_eq(tls_handshake(l.server), -EPIPE);
    cr_expect_str_eq(tls_problem(l.server), gnutls_alert_get_name(GNUTLS_A_UNKNOWN_CA));
}

/* ---- Slowly --------------------------------------------------------------------------- */

/* What the client wants to send, let through a byte at a time. */
struct drip {
    struct buf held;
    size_t sent;
};

static ssize_t drip_push(gnutls_transport_ptr_t p, const void *bytes, size_t n)
{
    struct drip *drip = p;
    buf_add(&drip->held, bytes, n);
    return (ssize_t)n;
}

static bool drip_one(struct drip *drip, int fd)
{
    if (drip->sent == drip->held.len)
        return false;
    return write(fd, drip->held.data + drip->sent++, 1) == 1;
}

static ssize_t pull_from(gnutls_transport_ptr_t p, void *bytes, size_t n)
{
    const struct line *l = p;
    return recv(l->fds[1], bytes, n, 0);
}

Test(tls_traffic, a_byte_at_a_time_is_enough)
{
    AUTO(scene) struct scene s;
    AUTO(line) struct line l;
    struct drip drip = {.held = BUF_INIT(65536)};
    scene_init(&s, false);
    put_client(&s.pki);
    line_open(&l, s.context);
    line_dial(&l, &s.pki, &(struct caller){.certificate = "c"});
    gnutls_transport_set_push_function(l.client, drip_push);
    gnutls_transport_set_pull_function(l.client, pull_from);
    gnutls_transport_set_ptr2(l.client, &l, &drip);
    int client = GNUTLS_E_AGAIN;
    int server = -EAGAIN;
    while (server == -EAGAIN) {
        if (client == GNUTLS_E_AGAIN)
            client = gnutls_handshake(l.client);
        cr_assert(drip_one(&drip, l.fds[1]), "the client waits, and so does the server");
        server = tls_handshake(l.server);
    }
    cr_assert_eq(client, 0, "%s", gnutls_strerror(client));
    cr_assert_eq(server, 0, "%s", tls_problem(l.server));
    expect_certificate(&l, &s.pki, "c.der");
    char got[8] = "";
    ssize_t n = -EAGAIN;
    cr_assert_eq(gnutls_record_send(l.client, "slowly", 6), 6);
    while (n == -EAGAIN) {
        cr_assert(drip_one(&drip, l.fds[1]));
        n = tls_read(l.server, got, sizeof got);
    }
    cr_expect_eq(n, 6);
    cr_expect_str_eq(got, "slowly");
    buf_done(&drip.held);
}

/* ---- Data ----------------------------------------------------------------------------- */

enum { LARGE = 4 << 20 };

static uint8_t byte_at(size_t i)
{
    return (uint8_t)(i * 7 + i / 251);
}

/* What the client can take now; it says so by EAGAIN. */
static size_t drain(struct line *l, size_t so_far)
{
    uint8_t bytes[5000];
    ssize_t n = 0;
    while ((n = gnutls_record_recv(l->client, bytes, sizeof bytes)) > 0) {
        for (size_t i = 0; i < (size_t)n; i++)
            cr_assert_eq(bytes[i], byte_at(so_far + i));
        so_far += (size_t)n;
    }
    cr_assert(n == GNUTLS_E_AGAIN, "%s", gnutls_strerror((int)n));
    return so_far;
}

Test(tls_traffic, a_large_answer_arrives_whole_however_slow_the_reader)
{
    AUTO(scene) struct scene s;
    AUTO(line) struct line l;
    AUTO_FREE uint8_t *data = malloc(LARGE);
    size_t sent = 0;
    size_t got = 0;
    unsigned waits = 0;
    scene_init(&s, false);
    line_up(&l, &s, &(struct caller){.certificate = NULL});
    for (size_t i = 0; i < LARGE; i++)
        data[i] = byte_at(i);
    while (sent < LARGE) {
        ssize_t n = tls_write(l.server, data + sent, LARGE - sent);
        if (n == -EAGAIN) {
            cr_assert_eq(tls_wants(l.server), EPOLLOUT);
            got = drain(&l, got);
            waits++;
            continue;
        }
        cr_assert_gt(n, 0);
        sent += (size_t)n;
    }
    cr_expect_eq(drain(&l, got), LARGE);
    cr_expect_gt(waits, 0);
}

Test(tls_traffic, a_large_request_arrives_whole)
{
    AUTO(scene) struct scene s;
    AUTO(line) struct line l;
    AUTO_FREE uint8_t *data = malloc(LARGE);
    static uint8_t bytes[16384];
    size_t sent = 0;
    size_t got = 0;
    scene_init(&s, false);
    line_up(&l, &s, &(struct caller){.certificate = NULL});
    for (size_t i = 0; i < LARGE; i++)
        data[i] = byte_at(i);
    while (got < LARGE) {
        ssize_t n = 0;
        if (sent < LARGE)
            n = gnutls_record_send(l.client, data + sent, LARGE - sent);
        sent += n > 0 ? (size_t)n : 0;
        while ((n = tls_read(l.server, bytes, sizeof bytes)) > 0) {
            cr_assert_arr_eq(bytes, data + got, (size_t)n);
            got += (size_t)n;
        }
        cr_assert_eq(n, -EAGAIN);
        cr_assert_eq(tls_wants(l.server), EPOLLIN);
    }
    cr_expect_eq(got, LARGE);
}

Test(tls_traffic, bytes_that_the_socket_no_longer_has_are_pending)
{
    AUTO(scene) struct scene s;
    AUTO(line) struct line l;
    char bytes[16];
    scene_init(&s, false);
    line_up(&l, &s, &(struct caller){.certificate = NULL});
    cr_assert_eq(gnutls_record_send(l.client, "0123456789", 10), 10);
    cr_expect(!tls_has_pending(l.server));
    cr_assert_eq(tls_read(l.server, bytes, 4), 4);
    cr_expect(tls_has_pending(l.server));
    cr_assert_eq(tls_read(l.server, bytes, sizeof bytes), 6);
    cr_expect_arr_eq(bytes, "456789", 6);
    cr_expect(!tls_has_pending(l.server));
    cr_assert_eq(tls_read(l.server, bytes, sizeof bytes), -EAGAIN);
}

/* Only TLS 1.3 can: with padding. */
static void send_empty(struct line *l)
{
    ssize_t n = gnutls_record_send2(l->client, "", 0, 100, 0);
    cr_assert_eq(n, 0, "%s", gnutls_strerror((int)n));
}

Test(tls_traffic, an_empty_record_is_not_the_end)
{
    AUTO(scene) struct scene s;
    AUTO(line) struct line l;
    char c = '\0';
    ssize_t r = -EAGAIN;
    scene_init(&s, false);
    line_up(&l, &s, &(struct caller){.certificate = NULL});
    for (int k = 0; k < 100; k++)
        send_empty(&l);
    cr_assert_eq(gnutls_record_send(l.client, "x", 1), 1);
    for (int k = 0; k < 200 && r == -EAGAIN; k++)
        r = tls_read(l.server, &c, 1);
    cr_expect_eq(r, 1, "%zd", r);
    cr_expect_eq(c, 'x');
}

/* 122 bytes each, of the 262,144 that may lead to nothing. */
Test(tls_traffic, empty_records_without_end_are_refused)
{
    AUTO(scene) struct scene s;
    AUTO(line) struct line l;
    char c = '\0';
    ssize_t r = -EAGAIN;
    int n = 0;
    scene_init(&s, false);
    line_up(&l, &s, &(struct caller){.certificate = NULL});
    for (; n < 10000 && r == -EAGAIN; n++) {
        send_empty(&l);
        r = tls_read(l.server, &c, 1);
    }
    cr_expect_eq(r, -EPROTO);
    cr_expect(n > 2000 && n < 2300, "after %d", n);
}

/* 23 bytes each, all of which led to data. */
Test(tls_traffic, small_records_without_end_are_data)
{
    AUTO(scene) struct scene s;
    AUTO(line) struct line l;
    char c = '\0';
    scene_init(&s, false);
    line_up(&l, &s, &(struct caller){.certificate = NULL});
    for (int i = 0; i < 20000; i++) {
        cr_assert_eq(gnutls_record_send(l.client, "x", 1), 1);
        cr_assert_eq(tls_read(l.server, &c, 1), 1, "%s", tls_problem(l.server));
    }
}

Test(tls_traffic, new_keys_on_the_way_are_no_trouble)
{
    AUTO(scene) struct scene s;
    AUTO(line) struct line l;
    char c = '\0';
    ssize_t r = -EAGAIN;
    scene_init(&s, false);
    line_up(&l, &s, &(struct caller){.certificate = NULL});
    cr_assert_eq(gnutls_session_key_update(l.client, GNUTLS_KU_PEER), 0);
    cr_assert_eq(gnutls_record_send(l.client, "x", 1), 1);
    for (int k = 0; k < 5 && r == -EAGAIN; k++)
        r = tls_read(l.server, &c, 1);
    cr_expect_eq(r, 1);
    exchange(&l);
}

/* ---- The end -------------------------------------------------------------------------- */

Test(tls_traffic, a_proper_end_is_told_from_a_lost_peer)
{
    AUTO(scene) struct scene s;
    scene_init(&s, false);
    char c = '\0';
    {
        AUTO(line) struct line l;
        line_up(&l, &s, &(struct caller){.certificate = NULL});
        cr_assert_eq(gnutls_bye(l.client, GNUTLS_SHUT_WR), 0);
        cr_expect_eq(tls_read(l.server, &c, 1), 0);
        cr_expect_eq(tls_write(l.server, "a", 1), 1, "the other way is still open");
    }
    AUTO(line) struct line l;
    line_up(&l, &s, &(struct caller){.certificate = NULL});
    line_close(&l, 1);
    cr_expect_eq(tls_read(l.server, &c, 1), -EPIPE);
    cr_expect_eq(tls_read(l.server, &c, 1), -EPIPE);
    cr_expect_eq(tls_write(l.server, "a", 1), -EPIPE);
    tls_bye(l.server);
}

/* SIGPIPE would end the test. */
Test(tls_traffic, writing_to_a_lost_peer_is_an_error)
{
    AUTO(scene) struct scene s;
    AUTO(line) struct line l;
    scene_init(&s, false);
    line_up(&l, &s, &(struct caller){.certificate = NULL});
    line_close(&l, 1);
    cr_expect_eq(tls_write(l.server, "a", 1), -EPIPE);
}

Test(tls_traffic, a_goodbye_arrives_and_does_not_wait)
{
    AUTO(scene) struct scene s;
    scene_init(&s, false);
    char c = '\0';
    {
        AUTO(line) struct line l;
        ssize_t r = GNUTLS_E_AGAIN;
        line_up(&l, &s, &(struct caller){.certificate = NULL});
        tls_bye(l.server);
        for (int i = 0; i < 10 && r == GNUTLS_E_AGAIN; i++)
            r = gnutls_record_recv(l.client, &c, 1);
        cr_expect_eq(r, 0);
    }
    AUTO(line) struct line l;
    static char bytes[16384];
    line_up(&l, &s, &(struct caller){.certificate = NULL});
    while (tls_write(l.server, bytes, sizeof bytes) > 0)
        continue;
    tls_bye(l.server); /* into a full socket */
    tls_free(STEAL(l.server));
    tls_free(NULL);
}
