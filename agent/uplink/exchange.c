/* HTTPS by libcurl (GnuTLS). */
#include "uplink/exchange.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <curl/curl.h>

#include "os/clock.h"

enum {
    CONNECT_S = 10, /* name, TCP, proxy and TLS together */
    WHOLE_S = 60,
    HEAD_MAX = 65536, /* bytes of an answer's headers, those of a proxy included */
    CHAIN_MAX = 65536,
    URL_SIZE = TABLE_TEXT_SIZE + 64,
    HEADER_SIZE = 96,
};

/* One attempt. */
struct attempt {
    const struct exchange_order *order;
    struct exchange_answer *answer;
    CURL *curl;
    struct curl_slist *headers;
    CURLcode code; /* the first failure */
    size_t head_bytes;
    char words[CURL_ERROR_SIZE]; /* libcurl's, of a failure */
};

void exchange_answer_done(struct exchange_answer *a)
{
    buf_done(&a->body);
}

int exchange_begin(void)
{
    return curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK ? 0 : -ENOMEM;
}

void exchange_end(void)
{
    curl_global_cleanup();
}

static void attempt_done(struct attempt *a)
{
    if (a->curl)
        curl_easy_cleanup(a->curl);
    curl_slist_free_all(a->headers);
}

/* ---- What is set ----------------------------------------------------------------------- */

/* Each does nothing after a failure, which is asked for once, at the end. */
static void set_number(struct attempt *a, CURLoption option, long value)
{
    if (a->code == CURLE_OK)
        a->code = curl_easy_setopt(a->curl, option, value);
}

static void set_text(struct attempt *a, CURLoption option, const char *value)
{
    if (a->code == CURLE_OK)
        a->code = curl_easy_setopt(a->curl, option, value);
}

/* Takes the user or the password out of a proxy's URL. */
static CURLUcode set_secret(struct attempt *a, CURLU *url, CURLUPart part, CURLoption option)
{
    char *value = NULL;
    if (curl_url_get(url, part, &value, CURLU_URLDECODE) == CURLUE_OK) {
        set_text(a, option, value);
        explicit_bzero(value, strlen(value));
    }
    curl_free(value);
    return curl_url_set(url, part, NULL, 0);
}

/*
 * User and password are given apart from the proxy's URL, so that no message of libcurl can
 * repeat them. An empty proxy is none: without it the environment's would be used.
 */
static void set_proxy(struct attempt *a)
{
    const char *proxy = a->order->proxy;
    set_text(a, CURLOPT_NOPROXY, "");
    if (proxy[0] == '\0') {
        set_text(a, CURLOPT_PROXY, "");
        return;
    }
    char *bare = NULL;
    CURLU *url = curl_url();
    CURLUcode u = CURLUE_OUT_OF_MEMORY;
    if (url)
        u = curl_url_set(url, CURLUPART_URL, proxy, CURLU_NON_SUPPORT_SCHEME);
    if (u == CURLUE_OK)
        u = set_secret(a, url, CURLUPART_USER, CURLOPT_PROXYUSERNAME);
    if (u == CURLUE_OK)
        u = set_secret(a, url, CURLUPART_PASSWORD, CURLOPT_PROXYPASSWORD);
    if (u == CURLUE_OK)
        u = curl_url_get(url, CURLUPART_URL, &bare, 0);
    if (u == CURLUE_OK)
        set_text(a, CURLOPT_PROXY, bare);
    else if (a->code == CURLE_OK) /* its form was checked with the settings: it is memory */
        a->code = CURLE_OUT_OF_MEMORY;
    curl_free(bare);
    curl_url_cleanup(url);
}

/* Where to, by what protocol, for how long. */
static void set_way(struct attempt *a, const char *url, long family)
{
    set_text(a, CURLOPT_URL, url);
    set_text(a, CURLOPT_PROTOCOLS_STR, "https");
    set_number(a, CURLOPT_FOLLOWLOCATION, 0);
    set_number(a, CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1);
    set_number(a, CURLOPT_IPRESOLVE, family);
    set_number(a, CURLOPT_CONNECTTIMEOUT, CONNECT_S);
    set_number(a, CURLOPT_TIMEOUT, WHOLE_S);
    set_number(a, CURLOPT_NOSIGNAL, 1);
    /* A resolver that hangs is left behind at the end, not waited for. */
    set_number(a, CURLOPT_QUICK_EXIT, 1);
    set_text(a, CURLOPT_ERRORBUFFER, a->words);
    set_proxy(a);
}

/*
 * Whom to believe. CAPATH is set to nothing for a reason: Debian's libcurl has /etc/ssl/certs
 * there from the start, and would believe every public authority beside ours.
 */
static void set_trust(struct attempt *a, bool is_blind)
{
    set_number(a, CURLOPT_SSLVERSION, CURL_SSLVERSION_TLSv1_2); /* at least */
    set_number(a, CURLOPT_SSL_SESSIONID_CACHE, 0);
    set_text(a, CURLOPT_CAPATH, NULL);
    set_text(a, CURLOPT_CAINFO, is_blind ? NULL : a->order->authority);
    set_number(a, CURLOPT_SSL_VERIFYPEER, is_blind ? 0 : 1);
    set_number(a, CURLOPT_SSL_VERIFYHOST, is_blind ? 0 : 2);
    if (is_blind || !a->order->identity)
        return;
    set_text(a, CURLOPT_SSLCERT, a->order->identity);
    set_text(a, CURLOPT_SSLKEY, a->order->identity);
}

static void add_header(struct attempt *a, const char *line)
{
    struct curl_slist *more = curl_slist_append(a->headers, line);
    if (more)
        a->headers = more;
    else
        a->code = CURLE_OUT_OF_MEMORY;
}

/* Without an "Expect" of its own libcurl would ask before a long body, and wait a second for
 * who does not answer that. */
static void set_headers(struct attempt *a)
{
    char sent_at[HEADER_SIZE];
    (void)snprintf(sent_at, sizeof sent_at, "Fairuse-Sent-At: %" PRId64,
                   a->order->boot.s + clock_boot());
    add_header(a, "Content-Type: application/json");
    add_header(a, "Expect:");
    add_header(a, sent_at);
    if (a->order->acknowledged && a->order->acknowledged[0]) {
        char acknowledged[HEADER_SIZE];
        (void)snprintf(acknowledged, sizeof acknowledged, "Fairuse-Acknowledged: %s",
                       a->order->acknowledged);
        add_header(a, acknowledged);
    }
    if (a->code == CURLE_OK)
        a->code = curl_easy_setopt(a->curl, CURLOPT_HTTPHEADER, a->headers);
    set_text(a, CURLOPT_USERAGENT, "fairuse-agent/" FAIRUSE_VERSION);
}

/* ---- What comes ------------------------------------------------------------------------ */

static size_t take_body(const char *p, size_t one, size_t n, void *arg)
{
    struct attempt *a = arg;
    buf_add(&a->answer->body, p, one * n);
    return buf_error(&a->answer->body) == 0 ? n : 0;
}

/* libcurl keeps all headers: somebody must count. */
static size_t take_head(const char *p, size_t one, size_t n, void *arg)
{
    struct attempt *a = arg;
    (void)p; /* the one that we want is asked for at the end */
    a->head_bytes += one * n;
    return a->head_bytes <= HEAD_MAX ? n : 0;
}

static CURLcode set_takers(struct attempt *a)
{
    CURL *c = a->curl;
    CURLcode r = curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, take_body);
    if (r == CURLE_OK)
        r = curl_easy_setopt(c, CURLOPT_WRITEDATA, a);
    if (r == CURLE_OK)
        r = curl_easy_setopt(c, CURLOPT_HEADERFUNCTION, take_head);
    if (r == CURLE_OK)
        r = curl_easy_setopt(c, CURLOPT_HEADERDATA, a);
    return r;
}

static void set_post(struct attempt *a)
{
    const struct text body = a->order->body;
    set_headers(a);
    set_number(a, CURLOPT_POST, 1);
    set_text(a, CURLOPT_POSTFIELDS, body.n > 0 ? body.p : ""); /* not copied */
    set_number(a, CURLOPT_POSTFIELDSIZE, (long)body.n);        /* CAP_REPORT_BYTES at most */
}

static void set_look(struct attempt *a)
{
    set_number(a, CURLOPT_CONNECT_ONLY, 1);
    set_number(a, CURLOPT_CERTINFO, 1);
}

/* ---- How it ended ---------------------------------------------------------------------- */

/* Whether it was a proxy's certificate that is not believed: the way through it was not open
 * yet. */
static bool is_at_proxy(const struct attempt *a)
{
    static const char start[] = "https://";
    long connected = 0;
    return strncmp(a->order->proxy, start, sizeof start - 1) == 0 &&
           curl_easy_getinfo(a->curl, CURLINFO_HTTP_CONNECTCODE, &connected) == CURLE_OK &&
           connected == 0;
}

static enum message_outcome outcome_of(const struct attempt *a)
{
    switch ((int)a->code) {
    case CURLE_OK: return MESSAGE_DONE;
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_ISSUER_ERROR:
        return is_at_proxy(a) ? MESSAGE_UNREACHABLE : MESSAGE_UNTRUSTED;
    case CURLE_WRITE_ERROR:
        return buf_error(&a->answer->body) == -ENOMEM ? MESSAGE_BROKEN : MESSAGE_LATER;
    case CURLE_OUT_OF_MEMORY:
    case CURLE_FAILED_INIT:
    case CURLE_NOT_BUILT_IN:
    case CURLE_UNKNOWN_OPTION:
    case CURLE_BAD_FUNCTION_ARGUMENT:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CACERT_BADFILE: return MESSAGE_BROKEN;
    default: return MESSAGE_UNREACHABLE;
    }
}

/* What a person needs: where it was, and what went wrong there. */
static void explain(struct attempt *a)
{
    struct exchange_answer *answer = a->answer;
    const char *url = a->order->url;
    const char *words = a->words[0] ? a->words : curl_easy_strerror(a->code);
    if (answer->outcome == MESSAGE_UNTRUSTED)
        (void)diag_set(&answer->why, 0, "%s: who answers there is not to be believed: %s", url,
                       words);
    else if (answer->outcome == MESSAGE_LATER)
        (void)diag_set(&answer->why, 0, "%s: its answer is longer than any should be", url);
    else
        (void)diag_set(&answer->why, 0, "%s: %s", url, words);
}

static void take_status(struct attempt *a)
{
    struct curl_header *h = NULL;
    wall_t date;
    long status = 0;
    if (curl_easy_getinfo(a->curl, CURLINFO_RESPONSE_CODE, &status) == CURLE_OK)
        a->answer->status = status;
    if (curl_easy_header(a->curl, "Retry-After", 0, CURLH_HEADER, -1, &h) == CURLHE_OK)
        a->answer->retry_after_s = uplink_retry_after(text_of(h->value), clock_now());
    if (curl_easy_header(a->curl, "Date", 0, CURLH_HEADER, -1, &h) == CURLHE_OK &&
        uplink_date(text_of(h->value), &date) && date.s > clock_boot())
        a->answer->clock_boot = (wall_t){date.s - clock_boot()};
}

static CURLcode take_chain(struct attempt *a)
{
    static const char label[] = "Cert:";
    struct curl_certinfo *chain = NULL;
    CURLcode r = curl_easy_getinfo(a->curl, CURLINFO_CERTINFO, &chain);
    for (int i = 0; r == CURLE_OK && chain && i < chain->num_of_certs; i++)
        for (const struct curl_slist *s = chain->certinfo[i]; s; s = s->next)
            if (strncmp(s->data, label, sizeof label - 1) == 0)
                buf_printf(&a->answer->body, "%s\n", s->data + sizeof label - 1);
    return r == CURLE_OK && buf_error(&a->answer->body) != 0 ? CURLE_OUT_OF_MEMORY : r;
}

/* Whether somebody was reached by this family of addresses; the later the end, the more it
 * says. */
enum way { WAY_NO_NAME, WAY_NOBODY, WAY_THERE };

static enum way way_of(const struct attempt *a)
{
    curl_off_t connected = 0;
    switch ((int)a->code) {
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_RESOLVE_PROXY: return WAY_NO_NAME;
    case CURLE_COULDNT_CONNECT: return WAY_NOBODY;
    case CURLE_OPERATION_TIMEDOUT:
        (void)curl_easy_getinfo(a->curl, CURLINFO_CONNECT_TIME_T, &connected); /* else 0 */
        return connected == 0 ? WAY_NOBODY : WAY_THERE;
    default: return WAY_THERE;
    }
}

/* ---- Attempts -------------------------------------------------------------------------- */

struct plan {
    const struct exchange_order *order;
    bool is_look;
};

static void prepare(struct attempt *a, const struct plan *plan, long family)
{
    char url[URL_SIZE];
    int n = snprintf(url, sizeof url, "%s%s", a->order->url, a->order->path);
    assert(n >= 0 && (size_t)n < sizeof url);
    a->curl = curl_easy_init();
    a->code = a->curl ? CURLE_OK : CURLE_FAILED_INIT;
    set_way(a, url, family);
    set_trust(a, plan->is_look);
    if (plan->is_look)
        set_look(a);
    else
        set_post(a);
    if (a->code == CURLE_OK)
        a->code = set_takers(a);
}

static enum way try_once(const struct plan *plan, long family, struct exchange_answer *ret)
{
    AUTO(attempt) struct attempt a = {.order = plan->order, .answer = ret};
    size_t most = plan->is_look ? CHAIN_MAX : CAP_HTTP_ANSWER;
    *ret = (struct exchange_answer){.body = BUF_INIT(most)};
    prepare(&a, plan, family);
    if (a.code == CURLE_OK)
        a.code = curl_easy_perform(a.curl);
    if (a.code == CURLE_OK && plan->is_look)
        a.code = take_chain(&a);
    ret->outcome = outcome_of(&a);
    if (a.code != CURLE_OK)
        explain(&a);
    if (ret->outcome == MESSAGE_DONE || ret->outcome == MESSAGE_LATER)
        take_status(&a);
    return way_of(&a);
}

/* Plesk's key servers know IPv4 alone, so that is how a server should be seen (SPEC 3). */
static void try_both(const struct plan *plan, struct exchange_answer *ret)
{
    enum way first = try_once(plan, CURL_IPRESOLVE_V4, ret);
    if (first == WAY_THERE)
        return;
    struct exchange_answer other;
    enum way second = try_once(plan, CURL_IPRESOLVE_V6, &other);
    /* Where both lead nowhere alike, the first reason is the one that people look for. */
    if (second <= first) {
        exchange_answer_done(&other);
        return;
    }
    exchange_answer_done(ret);
    *ret = other;
}

void exchange_post(const struct exchange_order *o, struct exchange_answer *ret)
{
    try_both(&(const struct plan){.order = o}, ret);
}

void exchange_look(const struct exchange_order *o, struct exchange_answer *ret)
{
    try_both(&(const struct plan){.order = o, .is_look = true}, ret);
}
