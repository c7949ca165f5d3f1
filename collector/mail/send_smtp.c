/* A mail to an SMTP server, by libcurl: the only place of the collector that knows it. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>

#include <curl/curl.h>

#include "mail/message.h"
#include "mail/parts.h"
#include "os/clock.h"

enum {
    CONNECT_MS = 15000, /* name, TCP and TLS together */
    REPLY_SIZE = 512,
    PATH_SIZE = MAIL_ADDRESS_SIZE + 2,
    DIGITS = 3, /* of a reply's code */
};

/* How far a mail has come: what was said last, and is not answered. */
enum stage {
    AT_CONNECT,
    AT_HELLO,
    AT_TLS,
    AT_LOGIN,
    AT_SENDER,
    AT_RECIPIENT,
    AT_DATA,
    AT_TEXT, /* it is asked for */
    AT_DOT,  /* it is all given */
};

/* The server's last answer. */
struct reply {
    int code; /* 0 = none */
    bool is_open;
    size_t n;
    char text[REPLY_SIZE];
};

struct smtp {
    CURL *curl;
    char *shown; /* the server, for messages */
    int64_t timeout_ms;
    char words[CURL_ERROR_SIZE]; /* libcurl's, of a failure */
    /* Of the mail that is under way. */
    enum stage stage;
    bool is_parting; /* QUIT was said: what is answered to that means nothing */
    struct reply reply;
    struct text message;
    size_t given;
};

/* ---- What is heard and said ------------------------------------------------------------- */

static bool begins(const char *p, size_t n, const char *start)
{
    size_t length = strlen(start);
    return n >= length && strncasecmp(p, start, length) == 0;
}

/*
 * The beginnings of our own commands tell where we are. Nothing of them is kept: among them are
 * those of the log-in, of which no more is looked at than that no base64 can be "MAIL FROM:".
 */
static int hear_command(CURL *c, curl_infotype type, char *p, size_t n, void *arg)
{
    static const struct {
        const char *start;
        enum stage stage;
    } commands[] = {
        {"EHLO ", AT_HELLO},   {"HELO ", AT_HELLO},       {"STARTTLS", AT_TLS},
        {"AUTH ", AT_LOGIN},   {"MAIL FROM:", AT_SENDER}, {"RCPT TO:", AT_RECIPIENT},
        {"DATA\r\n", AT_DATA},
    };
    struct smtp *s = arg;
    (void)c;
    if (type != CURLINFO_HEADER_OUT)
        return 0;
    s->is_parting = begins(p, n, "QUIT\r\n") && s->stage != AT_LOGIN;
    for (size_t i = 0; i < ARRAY_LEN(commands); i++) {
        bool is_in_turn = s->stage != AT_LOGIN || commands[i].stage == AT_SENDER;
        if (is_in_turn && begins(p, n, commands[i].start))
            s->stage = commands[i].stage;
    }
    return 0;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static void add_reply(struct reply *r, const char *p, size_t n)
{
    size_t room = sizeof r->text - 1 - r->n;
    size_t most = n < room ? n : room;
    memcpy(r->text + r->n, p, most);
    r->n += most;
    r->text[r->n] = '\0';
}

/* One line of the server's: an answer may have several, all but the last with "-" behind the
 * code (RFC 5321 4.2.1). */
static size_t hear_line(char *p, size_t one, size_t n, void *arg)
{
    struct smtp *s = arg;
    struct reply *r = &s->reply;
    size_t length = one * n;
    size_t end = length;
    while (end > 0 && (p[end - 1] == '\r' || p[end - 1] == '\n'))
        end--;
    if (s->is_parting || end < DIGITS || !is_digit(p[0]) || !is_digit(p[1]) || !is_digit(p[2]))
        return length;
    bool goes_on = r->is_open;
    if (!goes_on)
        *r = (struct reply){.code = (p[0] - '0') * 100 + (p[1] - '0') * 10 + (p[2] - '0')};
    r->is_open = end > DIGITS && p[DIGITS] == '-';
    size_t from = DIGITS + (end > DIGITS ? 1 : 0);
    if (goes_on)
        add_reply(r, " ", 1);
    add_reply(r, p + from, end - from);
    return length;
}

static size_t give_text(char *to, size_t one, size_t n, void *arg)
{
    struct smtp *s = arg;
    size_t left = s->message.n - s->given;
    size_t most = one * n < left ? one * n : left;
    if (most > 0)
        memcpy(to, s->message.p + s->given, most);
    s->given += most;
    s->stage = s->given == s->message.n ? AT_DOT : AT_TEXT;
    return most;
}

/* ---- What holds for all mails ----------------------------------------------------------- */

static CURLcode set_callbacks(struct smtp *s)
{
    CURL *c = s->curl;
    const CURLcode done[] = {
        curl_easy_setopt(c, CURLOPT_HEADERFUNCTION, hear_line),
        curl_easy_setopt(c, CURLOPT_HEADERDATA, s),
        curl_easy_setopt(c, CURLOPT_DEBUGFUNCTION, hear_command),
        curl_easy_setopt(c, CURLOPT_DEBUGDATA, s),
        curl_easy_setopt(c, CURLOPT_VERBOSE, 1L),
        curl_easy_setopt(c, CURLOPT_READFUNCTION, give_text),
        curl_easy_setopt(c, CURLOPT_READDATA, s),
        curl_easy_setopt(c, CURLOPT_ERRORBUFFER, s->words),
    };
    for (size_t i = 0; i < ARRAY_LEN(done); i++) {
        if (done[i] != CURLE_OK)
            return done[i];
    }
    return CURLE_OK;
}

struct setting {
    CURLoption option;
    long value;
};
struct text_setting {
    CURLoption option;
    const char *value;
};

static CURLcode set_numbers(CURL *c, const struct setting *v, size_t n)
{
    CURLcode r = CURLE_OK;
    for (size_t i = 0; r == CURLE_OK && i < n; i++)
        r = curl_easy_setopt(c, v[i].option, v[i].value);
    return r;
}

static CURLcode set_texts(CURL *c, const struct text_setting *v, size_t n)
{
    CURLcode r = CURLE_OK;
    for (size_t i = 0; r == CURLE_OK && i < n; i++)
        r = curl_easy_setopt(c, v[i].option, v[i].value);
    return r;
}

/* Where to and how. An empty proxy is none: without it the environment's would be used. */
static CURLcode set_way(struct smtp *s, const struct mail_route *r, const char *url)
{
    const struct setting numbers[] = {
        {CURLOPT_USE_SSL, r->tls == MAIL_TLS_NEVER ? CURLUSESSL_NONE : CURLUSESSL_ALL},
        {CURLOPT_SSLVERSION, CURL_SSLVERSION_TLSv1_2}, /* at least */
        {CURLOPT_SSL_VERIFYPEER, 1},
        {CURLOPT_SSL_VERIFYHOST, 2},
        {CURLOPT_UPLOAD, 1},
        {CURLOPT_NETRC, CURL_NETRC_IGNORED},
        {CURLOPT_NOSIGNAL, 1},
        {CURLOPT_QUICK_EXIT, 1}, /* a resolver that hangs is left behind, not waited for */
        {CURLOPT_CONNECTTIMEOUT_MS, s->timeout_ms < CONNECT_MS ? s->timeout_ms : CONNECT_MS},
        {CURLOPT_SERVER_RESPONSE_TIMEOUT, s->timeout_ms / 1000},
    };
    const struct text_setting texts[] = {
        {CURLOPT_URL, url},
        {CURLOPT_PROTOCOLS_STR, "smtp,smtps"},
        {CURLOPT_PROXY, ""},
        {CURLOPT_NOPROXY, ""},
    };
    CURLcode code = set_numbers(s->curl, numbers, ARRAY_LEN(numbers));
    if (code == CURLE_OK)
        code = set_texts(s->curl, texts, ARRAY_LEN(texts));
    return code;
}

/* CAPATH is set to nothing for a reason: Debian's libcurl has /etc/ssl/certs there from the
 * start, and would believe every public authority beside the one that is named. */
static CURLcode set_trust(CURL *c, const char *authority)
{
    if (authority[0] == '\0')
        return CURLE_OK;
    CURLcode r = curl_easy_setopt(c, CURLOPT_CAPATH, NULL);
    return r == CURLE_OK ? curl_easy_setopt(c, CURLOPT_CAINFO, authority) : r;
}

/* Within TLS the plain ways are the ones that every server keeps right. */
static CURLcode set_login(CURL *c, const struct mail_route *r)
{
    if (r->user[0] == '\0')
        return CURLE_OK;
    char *password = strndup(r->password.p, r->password.n);
    if (!password)
        return CURLE_OUT_OF_MEMORY;
    CURLcode code = curl_easy_setopt(c, CURLOPT_LOGIN_OPTIONS, "AUTH=PLAIN;AUTH=LOGIN");
    if (code == CURLE_OK)
        code = curl_easy_setopt(c, CURLOPT_USERNAME, r->user);
    if (code == CURLE_OK)
        code = curl_easy_setopt(c, CURLOPT_PASSWORD, password);
    explicit_bzero(password, r->password.n);
    free(password);
    return code;
}

int smtp_new(const struct mail_route *r, const char *url, struct smtp **ret)
{
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
        return -ENOMEM;
    struct smtp *s = calloc(1, sizeof *s);
    if (!s) {
        curl_global_cleanup();
        return -ENOMEM;
    }
    s->timeout_ms = r->timeout.s * 1000;
    s->shown = strndup(url, (size_t)(strrchr(url, '/') - url));
    s->curl = curl_easy_init();
    CURLcode code = s->shown && s->curl ? CURLE_OK : CURLE_OUT_OF_MEMORY;
    if (code == CURLE_OK)
        code = set_callbacks(s);
    if (code == CURLE_OK)
        code = set_way(s, r, url);
    if (code == CURLE_OK)
        code = set_trust(s->curl, r->authority);
    if (code == CURLE_OK)
        code = set_login(s->curl, r);
    if (code != CURLE_OK) { /* all that is set was checked before: it is memory */
        smtp_free(s);
        return -ENOMEM;
    }
    *ret = s;
    return 0;
}

/* QUIT is still said at the end; the answer is not waited for, which who is slow could make
 * long. */
static void stop_hearing(CURL *c)
{
    curl_socket_t fd = CURL_SOCKET_BAD;
    if (c && curl_easy_getinfo(c, CURLINFO_ACTIVESOCKET, &fd) == CURLE_OK &&
        fd != CURL_SOCKET_BAD)
        (void)shutdown(fd, SHUT_RD); /* fails where the other end has gone */
}

void smtp_free(struct smtp *s)
{
    if (!s)
        return;
    stop_hearing(s->curl);
    curl_easy_cleanup(s->curl);
    free(s->shown);
    free(s);
    curl_global_cleanup(); /* counted: one for each that was made */
}

/* ---- What became of it ------------------------------------------------------------------ */

static bool is_tls_trouble(CURLcode code)
{
    switch ((int)code) {
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CIPHER:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_ISSUER_ERROR:
    case CURLE_SSL_ENGINE_NOTFOUND:
    case CURLE_SSL_ENGINE_SETFAILED:
    case CURLE_SSL_ENGINE_INITFAILED:
    case CURLE_SSL_INVALIDCERTSTATUS:
    case CURLE_USE_SSL_FAILED: return true;
    default: return false;
    }
}

/* RFC 4954 6, RFC 3207 4: it wants a log-in, another one, or TLS first. */
static bool is_about_login(int code)
{
    return code == 530 || code == 534 || code == 535 || code == 538;
}

/* RFC 5321 4.2.2, RFC 3463 3.3 and 3.4: too much for the server, or for the mailbox. */
static bool is_about_size(const struct reply *r)
{
    return r->code == 552 || begins(r->text, r->n, "5.3.4") || begins(r->text, r->n, "5.2.3");
}

/* Whether an answer says that the server does not relay, in words of its own: what stands in
 * angle brackets is an address that it repeats. */
static bool is_about_relaying(const struct reply *r)
{
    bool is_within = false;
    for (size_t i = 0; i < r->n; i++) {
        if (r->text[i] == '<' || r->text[i] == '>')
            is_within = r->text[i] == '<';
        else if (!is_within && begins(r->text + i, r->n - i, "relay"))
            return true;
    }
    return false;
}

/* Whose fault a 5xx is: see send.h. */
static enum mail_fate fate_of_refusal(enum stage stage, const struct reply *r)
{
    if (is_about_login(r->code))
        return MAIL_NOT_US;
    switch (stage) {
    case AT_CONNECT:
    case AT_HELLO:
    case AT_TLS:
    case AT_LOGIN: return MAIL_NOT_US;
    case AT_SENDER: return is_about_size(r) ? MAIL_REFUSED : MAIL_NOT_US;
    case AT_RECIPIENT: return is_about_relaying(r) ? MAIL_NOT_US : MAIL_REFUSED;
    case AT_DATA:
    case AT_TEXT:
    case AT_DOT: break;
    }
    return MAIL_REFUSED;
}

static const char *stage_text(enum stage stage)
{
    switch (stage) {
    case AT_CONNECT: return "connecting";
    case AT_HELLO: return "EHLO";
    case AT_TLS: return "STARTTLS";
    case AT_LOGIN: return "the log-in";
    case AT_SENDER: return "the sender";
    case AT_RECIPIENT: return "the recipient";
    case AT_DATA:
    case AT_TEXT:
    case AT_DOT: break;
    }
    return "the text";
}

/* The enhanced code (RFC 3463) that an answer begins with; nothing where it does not. */
static int enhanced_length(const struct reply *r)
{
    int n = 0;
    while ((size_t)n < r->n && n < 10 && (is_digit(r->text[n]) || r->text[n] == '.'))
        n++;
    return n;
}

/* An answer that says no. */
static void judge_reply(const struct smtp *s, struct mail_result *ret)
{
    const struct reply *r = &s->reply;
    bool is_early = s->stage <= AT_LOGIN;
    bool is_final = r->code >= 500;
    ret->code = r->code;
    ret->fate = is_final ? fate_of_refusal(s->stage, r) : MAIL_LATER;
    ret->is_route_down = is_early || r->code == 421 || is_about_login(r->code) ||
                         (ret->fate == MAIL_NOT_US && s->stage == AT_SENDER);
    int n = s->stage == AT_LOGIN ? enhanced_length(r) : (int)r->n;
    result_say(ret, "%s: %s: %d %.*s", s->shown, stage_text(s->stage), r->code, n, r->text);
}

/* No answer, or none that says no. */
static void judge_silence(const struct smtp *s, CURLcode code, struct mail_result *ret)
{
    curl_off_t sent = 0;
    bool is_wrong = is_tls_trouble(code) || s->stage == AT_LOGIN;
    (void)curl_easy_getinfo(s->curl, CURLINFO_SIZE_UPLOAD_T, &sent); /* else 0 */
    ret->fate = is_wrong ? MAIL_NOT_US : MAIL_LATER;
    ret->is_route_down = is_wrong || s->stage <= AT_LOGIN;
    ret->may_have_arrived = s->stage == AT_DOT && sent >= 0 && (uint64_t)sent >= s->message.n;
    result_say(ret, "%s: %s: %s%s", s->shown, stage_text(s->stage),
               s->words[0] ? s->words : curl_easy_strerror(code),
               ret->may_have_arrived ? " (it may have arrived)" : "");
}

static void judge(const struct smtp *s, CURLcode code, struct mail_result *ret)
{
    *ret = (struct mail_result){.fate = MAIL_LATER};
    if (code == CURLE_OK) {
        ret->fate = MAIL_SENT;
        ret->code = s->reply.code;
        result_say(ret, "%d %s", s->reply.code, s->reply.text);
    } else if (s->reply.code >= 400) {
        judge_reply(s, ret);
    } else {
        judge_silence(s, code, ret);
    }
}

/* ---- One mail --------------------------------------------------------------------------- */

static CURLcode try_once(struct smtp *s, struct curl_slist *to, bool is_fresh, mono_t deadline)
{
    int64_t left = deadline.ms - clock_mono().ms;
    const struct setting numbers[] = {
        {CURLOPT_TIMEOUT_MS, left > 1 ? left : 1},
        {CURLOPT_FRESH_CONNECT, is_fresh},
    };
    s->stage = AT_CONNECT;
    s->is_parting = false;
    s->reply = (struct reply){.code = 0};
    s->given = 0;
    s->words[0] = '\0';
    CURLcode r = set_numbers(s->curl, numbers, ARRAY_LEN(numbers));
    if (r == CURLE_OK)
        r = curl_easy_setopt(s->curl, CURLOPT_MAIL_RCPT, to);
    if (r == CURLE_OK)
        r = curl_easy_setopt(s->curl, CURLOPT_INFILESIZE_LARGE, (curl_off_t)s->message.n);
    return r == CURLE_OK ? curl_easy_perform(s->curl) : r;
}

/*
 * Whether it was a connection of an earlier mail that has ended meanwhile, without a word or
 * with 421, and nothing of this one's text was asked for.
 */
static bool is_stale(const struct smtp *s, CURLcode code)
{
    long made = 1;
    if (curl_easy_getinfo(s->curl, CURLINFO_NUM_CONNECTS, &made) != CURLE_OK || made != 0)
        return false;
    bool is_lost =
        code == CURLE_SEND_ERROR || code == CURLE_RECV_ERROR || code == CURLE_GOT_NOTHING;
    return s->stage < AT_TEXT && (s->reply.code == 421 || (s->reply.code < 400 && is_lost));
}

static CURLcode perform(struct smtp *s, const struct envelope *e)
{
    char from[PATH_SIZE];
    char to[PATH_SIZE];
    (void)snprintf(from, sizeof from, "<%s>", e->from);
    (void)snprintf(to, sizeof to, "<%s>", e->to);
    struct curl_slist *recipients = curl_slist_append(NULL, to);
    if (!recipients)
        return CURLE_OUT_OF_MEMORY;
    mono_t deadline = {clock_mono().ms + s->timeout_ms};
    CURLcode code = curl_easy_setopt(s->curl, CURLOPT_MAIL_FROM, from);
    if (code == CURLE_OK)
        code = try_once(s, recipients, false, deadline);
    if (code != CURLE_OK && is_stale(s, code))
        code = try_once(s, recipients, true, deadline);
    (void)curl_easy_setopt(s->curl, CURLOPT_MAIL_RCPT, NULL); /* setting nothing cannot fail */
    curl_slist_free_all(recipients);
    return code;
}

void smtp_send(struct smtp *s, const struct envelope *e, struct mail_result *ret)
{
    s->message = e->message;
    CURLcode code = perform(s, e);
    judge(s, code, ret);
    s->message = (struct text){NULL, 0};
}
