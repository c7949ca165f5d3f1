/* Which domains are filtered: what was heard within a day, and DNS for the rest. */
#include "plesk/mx.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "os/clock.h"
#include "plesk/mx_cache.h"
#include "plesk/resolver.h"

/* Questions in a row without an answer, before anyone answered, after which no more are asked:
 * twice as many as wait at a time. */
enum { SILENT_MAX = 128 };

struct asking {
    const struct mx_order *order;
    struct mx_cache cache;
    int64_t asked, unanswered, heard;
    int error;
};

/* One domain that is asked for. */
struct slot {
    struct asking *asking;
    struct mx_question *question;
};

static void asking_done(struct asking *a)
{
    mx_cache_done(&a->cache);
}

/* Between 20 and 28 hours, for each domain always the same: so that those that were first asked
 * for at one time are spread over a third of a day after it. FNV-1a. */
static dur_t fresh_for(const char *domain)
{
    enum { SPREAD_S = 8 * 3600 };
    uint64_t h = UINT64_C(14695981039346656037);
    for (; *domain != '\0'; domain++)
        h = (h ^ (uint8_t)*domain) * UINT64_C(1099511628211);
    return (dur_t){MX_FRESH.s - SPREAD_S / 2 + (int64_t)(h % (SPREAD_S + 1))};
}

/* Fills in what the cache knows. True when DNS is to be asked. */
static bool is_due(struct asking *a, struct mx_question *q)
{
    const struct mx_heard *heard = mx_cache_find(&a->cache, q->domain);
    q->verdict = heard ? heard->verdict : MX_UNKNOWN;
    return !heard || a->order->now.s - heard->at.s >= fresh_for(q->domain).s;
}

static void remember(struct asking *a, const struct mx_question *q)
{
    const struct mx_heard new = {q->domain, q->verdict, a->order->now};
    struct mx_heard *old = mx_cache_find(&a->cache, q->domain);
    if (old)
        *old = (struct mx_heard){old->domain, new.verdict, new.at};
    else if (mx_cache_add(&a->cache, &new) == -ENOMEM)
        a->error = -ENOMEM; /* one that has no room is asked for again */
}

static void take_answer(void *arg, const uint8_t *answer, size_t n)
{
    const struct slot *s = arg;
    struct asking *a = s->asking;
    enum mx_verdict verdict = MX_UNKNOWN;
    if (!answer || mx_judge(answer, n, s->question->domain, a->order->suffixes, &verdict) < 0) {
        a->unanswered++;
        return;
    }
    a->heard++;
    s->question->verdict = verdict;
    remember(a, s->question);
}

static bool is_hopeless(const struct asking *a)
{
    return a->heard == 0 && a->unanswered >= SILENT_MAX;
}

static int ask_dns(struct asking *a, struct slot *slots, size_t n, struct diag *d)
{
    AUTO(resolver) struct resolver *resolver = NULL;
    const mono_t until = {clock_mono().ms + a->order->deadline_ms};
    size_t next = 0;
    int r = resolver_open(a->order->options, &resolver, d);
    while (r == 0 && (next < n || resolver_waiting(resolver) > 0)) {
        if (clock_mono().ms >= until.ms || is_hopeless(a))
            break;
        while (next < n && resolver_waiting(resolver) < RESOLVER_ASKED_MAX) {
            a->asked++;
            resolver_ask_mx(resolver, slots[next].question->domain, take_answer, &slots[next]);
            next++;
        }
        if (resolver_waiting(resolver) > 0)
            r = resolver_wait(resolver, until);
        if (r < 0)
            return diag_set(d, r, "names cannot be looked up: %s", strerror(-r));
    }
    return r;
}

/* Which are due, then those. */
static int ask(struct asking *a, struct mx_question *v, size_t n, struct diag *d)
{
    size_t due = 0;
    AUTO_FREE struct slot *slots = calloc(n + 1, sizeof *slots);
    for (size_t i = 0; i < n; i++) {
        if (is_due(a, &v[i]) && slots)
            slots[due++] = (struct slot){a, &v[i]};
    }
    if (!slots)
        return diag_set(d, -ENOMEM, "out of memory");
    int r = due > 0 ? ask_dns(a, slots, due, d) : 0;
    if (r == 0 && a->error < 0)
        r = diag_set(d, a->error, "out of memory");
    if (r == 0 && a->asked > 0 && a->heard == 0)
        r = diag_set(d, -EHOSTUNREACH,
                     "no resolver answers questions for mail exchangers (%" PRId64
                     " asked): look at resolvers, or at /etc/resolv.conf",
                     a->asked);
    return r;
}

int mx_ask(const struct mx_order *order, struct mx_question *v, size_t n, struct diag *d)
{
    AUTO(asking) struct asking a = {.order = order};
    char path[OPTIONS_PATH_SIZE + 64];
    struct diag cache_d = {""};
    int cached = options_state_path(order->options, "mx.cache", path);
    if (cached == 0)
        cached = mx_cache_load(&a.cache, path, order->suffixes, order->now, &cache_d);
    if (cached < 0)
        mx_cache_done(&a.cache); /* as if nothing had been heard */
    int r = ask(&a, v, n, d);
    if (a.heard > 0 && cached == 0)
        cached = mx_cache_save(&a.cache, path, order->suffixes, &cache_d);
    if (r == 0 && cached < 0)
        r = diag_set(d, cached, "what mail exchangers were heard cannot be kept: %s",
                     cache_d.text[0] ? cache_d.text : strerror(-cached));
    return r;
}
