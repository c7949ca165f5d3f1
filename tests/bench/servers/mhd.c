/* libmicrohttpd as the collector would use it; one of the servers that "compare" measures. */
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <arpa/inet.h>
#include <netinet/in.h>

#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <microhttpd.h>

#define BODY_MAX (4u << 20)
#define FILE_MAX 16384
#define CONNECTIONS_MAX 19000u

struct request {
    struct MHD_Connection *connection;
    struct request *next; /* in the committer's queue */
    char *body;
    size_t length, room;
    bool is_too_long, is_committed;
};

static pthread_mutex_t queue_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t queue_filled = PTHREAD_COND_INITIALIZER;
static struct request *queue;
static gnutls_datum_t ticket_key;

static void die(const char *what)
{
    fprintf(stderr, "mhd: %s\n", what);
    exit(1);
}

/* The stand-in for one thread that makes reports durable: it takes what waits, then lets go. */
static void *commit_all(void *unused)
{
    (void)unused;
    for (;;) {
        pthread_mutex_lock(&queue_lock);
        while (!queue)
            pthread_cond_wait(&queue_filled, &queue_lock);
        struct request *r = queue;
        queue = NULL;
        pthread_mutex_unlock(&queue_lock);
        while (r) {
            struct request *next = r->next;
            r->is_committed = true;
            MHD_resume_connection(r->connection); /* from here on it is no longer ours */
            r = next;
        }
    }
    return NULL;
}

static void suspend(struct request *r)
{
    MHD_suspend_connection(r->connection);
    pthread_mutex_lock(&queue_lock);
    r->next = queue;
    queue = r;
    pthread_cond_signal(&queue_filled);
    pthread_mutex_unlock(&queue_lock);
}

static gnutls_session_t session_of(struct MHD_Connection *c)
{
    return MHD_get_connection_info(c, MHD_CONNECTION_INFO_GNUTLS_SESSION)->tls_session;
}

/* No certificate passes here and gets its 401 later; a wrong one ends the handshake. */
static int verify(gnutls_session_t s)
{
    unsigned count = 0, status = 0;
    if (!gnutls_certificate_get_peers(s, &count) || count == 0)
        return 0;
    gnutls_typed_vdata_st purpose = {GNUTLS_DT_KEY_PURPOSE_OID,
                                     (unsigned char *)(uintptr_t)GNUTLS_KP_TLS_WWW_CLIENT, 0};
    if (gnutls_certificate_verify_peers(s, &purpose, 1, &status) == 0 && status == 0)
        return 0;
    gnutls_alert_send(s, GNUTLS_AL_FATAL, GNUTLS_A_UNKNOWN_CA); /* the library sends none */
    return GNUTLS_E_CERTIFICATE_ERROR;
}

static void notice(void *cls, struct MHD_Connection *c, void **socket_context,
                   enum MHD_ConnectionNotificationCode code)
{
    (void)cls, (void)socket_context;
    if (code != MHD_CONNECTION_NOTIFY_STARTED)
        return;
    gnutls_session_set_verify_function(session_of(c), verify);
    gnutls_session_ticket_enable_server(session_of(c), &ticket_key);
}

static enum MHD_Result answer(struct MHD_Connection *c, unsigned status, const char *text)
{
    struct MHD_Response *r = MHD_create_response_from_buffer(
        strlen(text), (void *)(uintptr_t)text, MHD_RESPMEM_PERSISTENT);
    if (!r)
        return MHD_NO;
    MHD_add_response_header(r, "Content-Type", "application/json");
    enum MHD_Result done = MHD_queue_response(c, status, r);
    MHD_destroy_response(r);
    return done;
}

static void take_body(struct request *r, const char *bytes, size_t n)
{
    if (n > BODY_MAX - r->length) {
        r->is_too_long = true;
        return;
    }
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
}

static enum MHD_Result handle(void *cls, struct MHD_Connection *c, const char *url,
                              const char *method, const char *version, const char *bytes,
                              size_t *bytes_count, void **context)
{
    (void)cls, (void)version;
    struct request *r = *context;
    unsigned certificates = 0;
    if (!r) {
        r = calloc(1, sizeof *r);
        if (!r)
            return MHD_NO;
        r->connection = c;
        *context = r;
        return MHD_YES;
    }
    if (*bytes_count > 0) {
        take_body(r, bytes, *bytes_count);
        *bytes_count = 0;
        return MHD_YES;
    }
    if (!gnutls_certificate_get_peers(session_of(c), &certificates))
        return answer(c, 401, "{\"error\":{\"code\":\"no-certificate\"}}");
    if (strcmp(method, "POST") != 0 || strcmp(url, "/v1/reports") != 0)
        return answer(c, 404, "{\"error\":{\"code\":\"no-such-thing\"}}");
    if (r->is_too_long)
        return answer(c, 413, "{\"error\":{\"code\":\"too-long\"}}");
    if (r->is_committed)
        return answer(c, 200, "{\"accepted\":true}");
    suspend(r);
    return MHD_YES;
}

static void complete(void *cls, struct MHD_Connection *c, void **context,
                     enum MHD_RequestTerminationCode why)
{
    (void)cls, (void)c, (void)why;
    struct request *r = *context;
    if (r)
        free(r->body);
    free(r);
    *context = NULL;
}

/* Never freed: the server lives as long as its process. */
static char *read_file(const char *folder, const char *name)
{
    char path[512];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    char *text = calloc(1, FILE_MAX);
    FILE *file = fopen(path, "r");
    if (!text || !file || fread(text, 1, FILE_MAX - 1, file) == 0)
        die(path);
    fclose(file);
    return text;
}

static struct MHD_Daemon *start(const char *mode, uint16_t port, const char *folder,
                                unsigned timeout_s)
{
    struct sockaddr_in to = {.sin_family = AF_INET,
                             .sin_port = htons(port),
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    unsigned loop = strcmp(mode, "epoll") == 0 ? MHD_USE_EPOLL_INTERNAL_THREAD
                                               : MHD_USE_POLL_INTERNAL_THREAD;
    return MHD_start_daemon(
        loop | MHD_USE_TLS | MHD_ALLOW_SUSPEND_RESUME, port, NULL, NULL, handle, NULL,
        MHD_OPTION_SOCK_ADDR, &to, MHD_OPTION_NOTIFY_CONNECTION, notice, NULL,
        MHD_OPTION_NOTIFY_COMPLETED, complete, NULL, MHD_OPTION_CONNECTION_TIMEOUT, timeout_s,
        MHD_OPTION_CONNECTION_LIMIT, CONNECTIONS_MAX, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
        (size_t)8192, MHD_OPTION_LISTEN_BACKLOG_SIZE, 4096u, MHD_OPTION_HTTPS_PRIORITIES,
        "SECURE128:-VERS-ALL:+VERS-TLS1.3", MHD_OPTION_HTTPS_MEM_CERT,
        read_file(folder, "server.pem"), MHD_OPTION_HTTPS_MEM_KEY,
        read_file(folder, "server.key"), MHD_OPTION_HTTPS_MEM_TRUST,
        read_file(folder, "ca.pem"), MHD_OPTION_END);
}

int main(int argc, char **argv)
{
    pthread_t committer;
    unsigned long port = argc == 5 ? strtoul(argv[2], NULL, 10) : 0;
    if (port == 0 || port > UINT16_MAX)
        die("usage: mhd epoll|poll PORT FOLDER TIMEOUT_S");
    signal(SIGPIPE, SIG_IGN);
    if (gnutls_session_ticket_key_generate(&ticket_key) != 0 ||
        pthread_create(&committer, NULL, commit_all, NULL) != 0)
        die("cannot begin");
    if (!start(argv[1], (uint16_t)port, argv[3], (unsigned)strtoul(argv[4], NULL, 10)))
        die("cannot listen");
    for (;;)
        pause(); /* until a signal ends the process */
}
