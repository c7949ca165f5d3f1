/*
 * The strict part of HTTP/1.1 (RFC 9112) that the collector speaks: a request with its whole
 * head in one buffer, a body of a length said beforehand. Whatever two programs could read in
 * two ways is refused: bare CR or LF, folded lines, two Content-Lengths, Transfer-Encoding,
 * white space before a colon. Pure.
 */
#ifndef HTTP_HTTP_H
#define HTTP_HTTP_H

#include "base/buf.h"
#include "base/caps.h"
#include "base/text.h"
#include "base/times.h"
#include "domain/uuid.h"

enum http_method { HTTP_GET, HTTP_POST, HTTP_OTHER };

/* Fairuse-Acknowledged: the last report that the agent was told is kept. */
struct http_acknowledged {
    bool is_said;
    struct uuid boot;
    int64_t counter; /* 1 to 2^53 */
};

/* Texts are borrowed from the buffer that was parsed. */
struct http_request {
    enum http_method method;
    struct text path; /* as sent, never decoded; with a "?…" or "#…" the request is refused */
    size_t head_bytes;
    bool has_length; /* a POST without is to be answered 411 */
    int64_t
        content_length; /* 0 when not said; bytes that follow the head, whatever the method */
    bool keep_alive;    /* never of HTTP_OTHER: what answers a HEAD would have no body */
    bool expects_continue; /* never without a body: there is nothing to go on with */
    bool is_forwarded;     /* carries Forwarded, X-Forwarded-For or X-Real-IP */
    bool has_sent_at;
    int64_t sent_at; /* Fairuse-Sent-At, Unix time, 0 to WALL_MAX */
    struct http_acknowledged acknowledged;
};

/* What is wrong with a request: its status and a sentence, which repeats nothing of it. */
struct http_refusal {
    int status;       /* 400, 411, 413 (beyond int64), 414, 417, 431, 501, 505 */
    const char *code; /* for the JSON: "bad-request" … */
    const char *message;
};

/*
 * Looks for a whole head in what has come so far.
 * 1 = found, *ret filled; 0 = more is needed (at most CAP_HTTP_HEAD bytes in all); -EBADMSG:
 * refused, *reterr filled; the connection is to be closed after the answer. Empty lines before
 * the request line are passed over (RFC 9112 2.2), at most two.
 *
 * Until the head's end has come, a call only looks for the ends of lines, so a head sent byte
 * by byte costs at most CAP_HTTP_HEAD² / 2 bytes of memchr(), less than its 8192 TLS records
 * do. An answer other than 0 does not depend on how much more has come, nor in which pieces.
 */
MUST_USE int http_parse_head(struct text so_far, struct http_request *ret,
                             struct http_refusal *reterr);

/* The reason phrase; "Unknown" for a status that we never send. */
const char *http_reason(int status);

/* A whole answer: status line, Date, Content-Type, Content-Length, Connection: close unless it
 * is kept alive, Retry-After where it is > 0, Allow, the body. */
struct http_answer {
    int status;
    wall_t date;      /* now; 1970 to 9999 */
    const char *type; /* "application/json" …; NULL = no body, no Content-Type */
    struct text body;
    bool keep_alive;
    int64_t retry_after_seconds; /* 0 = not said */
    const char *allow;           /* for 405: "POST"; else NULL */
};
void http_put_answer(const struct http_answer *a, struct buf *out);

#define HTTP_CONTINUE "HTTP/1.1 100 Continue\r\n\r\n"

#endif
