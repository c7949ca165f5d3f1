/* libwebsockets as the collector would use it; one of the servers that "compare" measures. */
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libwebsockets.h>
#include <openssl/ssl.h>

#define BODY_MAX (4u << 20)

/* Only the thread of the loop looks at `wsi`: NULL once its connection is gone. */
struct request {
    struct lws *wsi;
    struct request *next; /* in one of the two queues */
    char *body;
    size_t length, room;
    bool is_queued, is_committed;
};

struct transaction {
    struct request *request;
};

static pthread_mutex_t queue_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t queue_filled = PTHREAD_COND_INITIALIZER;
static struct request *queue, *committed;
static struct lws_context *context;

static void die(const char *what)
{
    fprintf(stderr, "lws: %s\n", what);
    exit(1);
}

static void request_free(struct request *r)
{
    if (r)
        free(r->body);
    free(r);
}

/* The stand-in for one thread that makes reports durable: it takes what waits, then tells the
 * loop by the one function of the library that another thread may call. */
static void *commit_all(void *unused)
{
    (void)unused;
    for (;;) {
        pthread_mutex_lock(&queue_lock);
        while (!queue)
            pthread_cond_wait(&queue_filled, &queue_lock);
        while (queue) {
            struct request *r = queue;
            queue = r->next;
            r->next = committed;
            committed = r;
        }
        pthread_mutex_unlock(&queue_lock);
        lws_cancel_service(context);
    }
    return NULL;
}

/* What a client sends on while it waits is not held back: the library calls again for it. */
static int suspend(struct lws *wsi, struct request *r)
{
    if (r->is_queued)
        return -1;
    lws_set_timeout(wsi, NO_PENDING_TIMEOUT, 0); /* the committer's time is not the client's */
    r->is_queued = true;
    pthread_mutex_lock(&queue_lock);
    r->next = queue;
    queue = r;
    pthread_cond_signal(&queue_filled);
    pthread_mutex_unlock(&queue_lock);
    return 0;
}

static void resume_committed(void)
{
    pthread_mutex_lock(&queue_lock);
    struct request *r = committed;
    committed = NULL;
    pthread_mutex_unlock(&queue_lock);
    while (r) {
        struct request *next = r->next;
        r->is_committed = true;
        if (r->wsi)
            lws_callback_on_writable(r->wsi);
        else
            request_free(r);
        r = next;
    }
}

/* Head and body in one write. Returns what the callback shall: not 0 to close. */
static int answer(struct lws *wsi, unsigned status, const char *text)
{
    unsigned char bytes[LWS_PRE + 1024], *begin = bytes + LWS_PRE, *p = begin,
                                         *end = bytes + sizeof bytes - 1;
    size_t n = strlen(text);
    if (lws_add_http_common_headers(wsi, status, "application/json", n, &p, end) != 0 ||
        lws_finalize_http_header(wsi, &p, end) != 0 || n > (size_t)(end - p))
        return -1;
    memcpy(p, text, n);
    p += n;
    if (lws_write(wsi, begin, (size_t)(p - begin), LWS_WRITE_HTTP_HEADERS) != (int)(p - begin))
        return -1;
    return lws_http_transaction_completed(wsi);
}

/* An answer before the body was read: the connection cannot be used again. */
static int refuse(struct lws *wsi, unsigned status, const char *text)
{
    (void)answer(wsi, status, text);
    return -1;
}

static int begin(struct lws *wsi, struct transaction *t, const char *url)
{
    union lws_tls_cert_info_results found = {0};
    char length[24] = "";
    if (lws_tls_peer_cert_info(wsi, LWS_TLS_CERT_INFO_VERIFIED, &found, 0) != 0 ||
        !found.verified)
        return refuse(wsi, 401, "{\"error\":{\"code\":\"no-certificate\"}}");
    if (lws_hdr_total_length(wsi, WSI_TOKEN_POST_URI) == 0 || strcmp(url, "/v1/reports") != 0)
        return refuse(wsi, 404, "{\"error\":{\"code\":\"no-such-thing\"}}");
    (void)lws_hdr_copy(wsi, length, sizeof length, WSI_TOKEN_HTTP_CONTENT_LENGTH);
    if (strtoull(length, NULL, 10) > BODY_MAX)
        return refuse(wsi, 413, "{\"error\":{\"code\":\"too-long\"}}");
    if (t->request)
        return -1;
    t->request = calloc(1, sizeof *t->request);
    if (!t->request)
        return -1;
    t->request->wsi = wsi;
    return 0;
}

static int take_body(struct request *r, const char *bytes, size_t n)
{
    if (!r || r->is_queued || n > BODY_MAX - r->length)
        return -1;
    if (r->length + n > r->room) {
        size_t room = 2 * (r->length + n);
        char *grown = realloc(r->body, room);
        if (!grown)
            die("out of memory");
        r->body = grown;
        r->room = room;
    }
    memcpy(r->body + r->length, bytes, n);
    r->length += n;
    return 0;
}

static void forget(struct transaction *t)
{
    if (!t || !t->request)
        return;
    t->request->wsi = NULL;
    if (!t->request->is_queued || t->request->is_committed)
        request_free(t->request);
    t->request = NULL;
}

static int handle(struct lws *wsi, enum lws_callback_reasons why, void *user, void *in,
                  size_t n)
{
    struct transaction *t = user;
    /* The enumeration has a hundred values; all but these go to the library. */
    if (why == LWS_CALLBACK_HTTP)
        return begin(wsi, t, in);
    if (why == LWS_CALLBACK_HTTP_BODY)
        return take_body(t->request, in, n);
    if (why == LWS_CALLBACK_HTTP_BODY_COMPLETION && t->request)
        return suspend(wsi, t->request);
    if (why == LWS_CALLBACK_EVENT_WAIT_CANCELLED)
        resume_committed();
    else if (why == LWS_CALLBACK_CLOSED_HTTP || why == LWS_CALLBACK_HTTP_DROP_PROTOCOL)
        forget(t);
    else if (why == LWS_CALLBACK_HTTP_WRITEABLE && t->request && t->request->is_committed) {
        forget(t);
        return answer(wsi, 200, "{\"accepted\":true}");
    } else
        return lws_callback_http_dummy(wsi, why, user, in, n);
    return 0;
}

static struct lws_context *start(const char *mode, int port, const char *folder,
                                 unsigned timeout_s)
{
    static const struct lws_protocols protocols[] = {
        {.name = "http",
         .callback = handle,
         .per_session_data_size = sizeof(struct transaction)},
        {0}};
    static char certificate[512], key[512], authority[512];
    snprintf(certificate, sizeof certificate, "%s/server.pem", folder);
    snprintf(key, sizeof key, "%s/server.key", folder);
    snprintf(authority, sizeof authority, "%s/ca.pem", folder);
    struct lws_context_creation_info with = {
        .port = port,
        .iface = "127.0.0.1",
        .protocols = protocols,
        .alpn = "http/1.1",
        .ssl_cert_filepath = certificate,
        .ssl_private_key_filepath = key,
        .ssl_ca_filepath = authority,
        .ssl_options_set = SSL_OP_NO_TLSv1 | SSL_OP_NO_TLSv1_1 | SSL_OP_NO_TLSv1_2,
        .timeout_secs = timeout_s,
        .timeout_secs_ah_idle = timeout_s,
        .keepalive_timeout = (int)timeout_s,
        .options = LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT |
                   LWS_SERVER_OPTION_REQUIRE_VALID_OPENSSL_CLIENT_CERT |
                   LWS_SERVER_OPTION_PEER_CERT_NOT_REQUIRED |
                   (strcmp(mode, "libuv") == 0 ? LWS_SERVER_OPTION_LIBUV : 0)};
    return lws_create_context(&with);
}

int main(int argc, char **argv)
{
    pthread_t committer;
    unsigned long port = argc == 5 ? strtoul(argv[2], NULL, 10) : 0;
    if (port == 0 || port > UINT16_MAX)
        die("usage: lws poll|libuv PORT FOLDER TIMEOUT_S");
    signal(SIGPIPE, SIG_IGN);
    lws_set_log_level(LLL_ERR, NULL);
    context = start(argv[1], (int)port, argv[3], (unsigned)strtoul(argv[4], NULL, 10));
    if (!context || pthread_create(&committer, NULL, commit_all, NULL) != 0)
        die("cannot begin");
    signal(SIGTERM, SIG_DFL); /* libuv's handler ends the loop, not the process */
    while (lws_service(context, 0) >= 0)
        continue;
    return 1;
}
