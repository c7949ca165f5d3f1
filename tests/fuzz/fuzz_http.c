/* Any bytes as the head of a request: what is said of it does not depend on the pieces that it
 * comes in, and what is read lies within what was sent. */
#include <string.h>

#include "base/times.h"
#include "http/http.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

enum { LONGEST = 4096 }; /* of what is cut everywhere; longer ones are cut here and there */

struct verdict {
    int r;
    struct http_request request;
    struct http_refusal refusal;
};

/* The first n bytes, in memory that ends behind them. */
static struct verdict parse_first(const uint8_t *data, size_t n)
{
    struct verdict v;
    memset(&v, 0, sizeof v);
    AUTO_FREE char *exact = malloc(n > 0 ? n : 1);
    if (exact == NULL)
        abort();
    if (n > 0)
        memcpy(exact, data, n);
    v.r = http_parse_head((struct text){exact, n}, &v.request, &v.refusal);
    if (v.r == 1) {
        assert(v.request.path.p > exact && v.request.path.p + v.request.path.n < exact + n);
        assert(v.request.path.n > 0 && v.request.path.p[0] == '/');
        v.request.path.p = (const char *)data + (v.request.path.p - exact);
    }
    return v;
}

static void check_request(const struct http_request *r, const uint8_t *data, size_t n)
{
    assert(r->head_bytes <= n && r->head_bytes <= CAP_HTTP_HEAD && r->head_bytes >= 18);
    assert(memcmp(data + r->head_bytes - 4, "\r\n\r\n", 4) == 0);
    assert(r->content_length >= 0 && (r->has_length || r->content_length == 0));
    assert(!r->expects_continue || r->content_length > 0);
    assert(r->method != HTTP_OTHER || !r->keep_alive);
    assert(r->sent_at >= 0 && r->sent_at <= WALL_MAX.s);
    assert(r->acknowledged.is_said == (r->acknowledged.counter > 0));
    for (size_t i = 0; i < r->path.n; i++)
        assert(r->path.p[i] > 0x20 && r->path.p[i] < 0x7f && r->path.p[i] != '?');
}

static void check_same(const struct verdict *a, const struct verdict *b)
{
    const struct http_request *x = &a->request, *y = &b->request;
    assert(a->r == b->r && a->refusal.status == b->refusal.status);
    assert(a->refusal.message == b->refusal.message && x->head_bytes == y->head_bytes);
    assert(x->method == y->method && x->path.p == y->path.p && x->path.n == y->path.n);
    assert(x->has_length == y->has_length && x->content_length == y->content_length);
    assert(x->keep_alive == y->keep_alive && x->expects_continue == y->expects_continue);
    assert(x->is_forwarded == y->is_forwarded && x->has_sent_at == y->has_sent_at);
    assert(x->sent_at == y->sent_at);
    assert(x->acknowledged.is_said == y->acknowledged.is_said &&
           x->acknowledged.counter == y->acknowledged.counter);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct verdict whole = parse_first(data, n);
    if (whole.r == 1)
        check_request(&whole.request, data, n);
    assert(whole.r != 0 || n < CAP_HTTP_HEAD);
    assert(whole.r >= 0 || (whole.refusal.status >= 400 && whole.refusal.message[0] != '\0' &&
                            strcmp(http_reason(whole.refusal.status), "Unknown") != 0));
    bool is_decided = false;
    size_t step = n > LONGEST ? 97 : 1;
    for (size_t cut = 0; cut < n; cut += step) {
        struct verdict part = parse_first(data, cut);
        if (part.r != 0) {
            check_same(&part, &whole);
            is_decided = true;
        }
        assert(!is_decided || part.r != 0);
    }
    return 0;
}
