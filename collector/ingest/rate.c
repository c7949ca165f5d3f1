/* Token buckets and exact counts by key, in tables of a fixed size. */
#include "ingest/rate.h"

#include <errno.h>
#include <string.h>

#include "base/caps.h"

/* ---- A keyed hash -------------------------------------------------------------------------
 */

/*
 * SipHash-1-3 (Aumasson, Bernstein: "SipHash: a fast short-input PRF"): one round a word, three
 * at the end. Who does not know the key cannot find keys that meet in one slot.
 */
struct sip {
    uint64_t v0, v1, v2, v3;
};

static uint64_t rotate(uint64_t x, unsigned bits)
{
    return x << bits | x >> (64 - bits);
}

static void sip_round(struct sip *s)
{
    s->v0 += s->v1;
    s->v2 += s->v3;
    s->v1 = rotate(s->v1, 13) ^ s->v0;
    s->v3 = rotate(s->v3, 16) ^ s->v2;
    s->v0 = rotate(s->v0, 32);
    s->v2 += s->v1;
    s->v0 += s->v3;
    s->v1 = rotate(s->v1, 17) ^ s->v2;
    s->v3 = rotate(s->v3, 21) ^ s->v0;
    s->v2 = rotate(s->v2, 32);
}

static void sip_word(struct sip *s, uint64_t word)
{
    s->v3 ^= word;
    sip_round(s);
    s->v0 ^= word;
}

/* 64 bits of key are enough for what lives as long as a process; the other half is fixed. */
static uint64_t hash(uint64_t seed, struct text key)
{
    uint64_t other = seed ^ UINT64_C(0x9e3779b97f4a7c15);
    struct sip s = {seed ^ UINT64_C(0x736f6d6570736575), other ^ UINT64_C(0x646f72616e646f6d),
                    seed ^ UINT64_C(0x6c7967656e657261), other ^ UINT64_C(0x7465646279746573)};
    uint64_t word = 0;
    for (size_t i = 0; i < key.n; i++) {
        word |= (uint64_t)(uint8_t)key.p[i] << (i % 8 * 8);
        if (i % 8 == 7) {
            sip_word(&s, word);
            word = 0;
        }
    }
    sip_word(&s, word | (uint64_t)(key.n & 0xff) << 56);
    s.v2 ^= 0xff;
    for (int i = 0; i < 3; i++)
        sip_round(&s);
    return s.v0 ^ s.v1 ^ s.v2 ^ s.v3;
}

/* The power of two from `least` on that holds `n`; 0 when there is none. */
static size_t power_of_two(size_t n, size_t least)
{
    size_t size = least;
    while (size < n) {
        if (size > SIZE_MAX / 2)
            return 0;
        size *= 2;
    }
    return size;
}

/* ---- Rates --------------------------------------------------------------------------------
 */

/* A key is in one of so many neighbours of its slot, or forgotten. */
enum { RATE_WAYS = 8 };

/* What one is worth: a refill of n a minute is n of these each millisecond, so nothing is lost
 * to rounding however often is asked. */
enum { RATE_ONE = 60000 };

struct rate_slot {
    int64_t level; /* in parts of RATE_ONE */
    mono_t at;     /* when that was so */
    uint8_t key_bytes;
    bool is_used;
    char key[CAP_ID];
};

struct rate_table {
    uint64_t seed;
    size_t mask;
    struct rate_slot slots[];
};

int rate_table_new(size_t slots, uint64_t seed, struct rate_table **ret)
{
    size_t n = power_of_two(slots, RATE_WAYS);
    if (n == 0 || n > (SIZE_MAX - sizeof(struct rate_table)) / sizeof(struct rate_slot))
        return -ENOMEM;
    struct rate_table *t = calloc(1, sizeof *t + n * sizeof t->slots[0]);
    if (t == NULL)
        return -ENOMEM;
    t->seed = seed;
    t->mask = n - 1;
    *ret = t;
    return 0;
}

void rate_table_free(struct rate_table *t)
{
    free(t);
}

/* The key's slot, with a full bucket when it was not remembered. */
static struct rate_slot *rate_find(struct rate_table *t, struct text key, int64_t full,
                                   mono_t now)
{
    size_t home = (size_t)hash(t->seed, key);
    struct rate_slot *stalest = &t->slots[home & t->mask];
    for (size_t i = 0; i < RATE_WAYS; i++) {
        struct rate_slot *s = &t->slots[(home + i) & t->mask];
        if (s->is_used && s->key_bytes == key.n && memcmp(s->key, key.p, key.n) == 0)
            return s;
        if (stalest->is_used && (!s->is_used || s->at.ms < stalest->at.ms))
            stalest = s;
    }
    *stalest = (struct rate_slot){
        .level = full, .at = now, .key_bytes = (uint8_t)key.n, .is_used = true};
    memcpy(stalest->key, key.p, key.n);
    return stalest;
}

/* Adds what has flowed in since; what would overflow is more than full. */
static void rate_refill(struct rate_slot *s, int64_t per_minute, int64_t full, mono_t now)
{
    int64_t flown;
    if (now.ms > s->at.ms) {
        if (__builtin_mul_overflow(now.ms - s->at.ms, per_minute, &flown) ||
            __builtin_add_overflow(s->level, flown, &s->level))
            s->level = full;
        s->at = now;
    }
    if (s->level > full) /* the rule may have become another since */
        s->level = full;
}

static int64_t divide_up(int64_t a, int64_t b)
{
    return a / b + (a % b > 0);
}

int64_t rate_take(struct rate_table *t, const struct rate_rule *rule, struct text key,
                  mono_t now)
{
    assert(rule->burst >= 1 && rule->per_minute >= 0);
    assert(key.n >= 1 && key.n <= CAP_ID);
    if (rule->per_minute == 0)
        return 0;
    int64_t full;
    if (__builtin_mul_overflow(rule->burst, (int64_t)RATE_ONE, &full))
        full = INT64_MAX;
    struct rate_slot *s = rate_find(t, key, full, now);
    rate_refill(s, rule->per_minute, full, now);
    if (s->level >= RATE_ONE) {
        s->level -= RATE_ONE;
        return 0;
    }
    int64_t wait_ms = divide_up(RATE_ONE - s->level, rule->per_minute);
    return divide_up(wait_ms, 1000);
}

struct text rate_address_key(const struct addr *a, uint8_t out[static RATE_ADDRESS_KEY])
{
    size_t n = addr_len(a); /* 0 of what has no address, which is a key too */
    if (n > RATE_ADDRESS_KEY - 1)
        n = RATE_ADDRESS_KEY - 1;
    out[0] = a->family;
    memcpy(out + 1, a->bytes, n);
    return (struct text){(const char *)out, n + 1};
}

/* ---- Exact counts -------------------------------------------------------------------------
 */

/* 16 bytes. */
struct tally_slot {
    uint32_t count; /* 0 = free */
    uint8_t key_bytes;
    char key[RATE_ADDRESS_KEY];
};

/* At most half full, so that a key that is not there is known after a few steps. */
struct tally {
    uint64_t seed;
    size_t mask, most, used;
    struct tally_slot slots[];
};

int tally_new(size_t most, uint64_t seed, struct tally **ret)
{
    size_t n = most <= SIZE_MAX / 2 ? power_of_two(2 * most, 2) : 0;
    if (n == 0 || n > (SIZE_MAX - sizeof(struct tally)) / sizeof(struct tally_slot))
        return -ENOMEM;
    struct tally *t = calloc(1, sizeof *t + n * sizeof t->slots[0]);
    if (t == NULL)
        return -ENOMEM;
    t->seed = seed;
    t->mask = n - 1;
    t->most = most;
    *ret = t;
    return 0;
}

void tally_free(struct tally *t)
{
    free(t);
}

static size_t tally_home(const struct tally *t, const struct tally_slot *s)
{
    return (size_t)hash(t->seed, (struct text){s->key, s->key_bytes}) & t->mask;
}

/* The key's slot, or the free one where it would be. */
static size_t tally_find(const struct tally *t, struct text key)
{
    assert(key.n >= 1 && key.n <= RATE_ADDRESS_KEY);
    size_t i = (size_t)hash(t->seed, key) & t->mask;
    while (t->slots[i].count > 0 &&
           (t->slots[i].key_bytes != key.n || memcmp(t->slots[i].key, key.p, key.n) != 0))
        i = (i + 1) & t->mask;
    return i;
}

bool tally_take(struct tally *t, struct text key, int64_t limit)
{
    struct tally_slot *s = &t->slots[tally_find(t, key)];
    if ((int64_t)s->count >= limit || s->count == UINT32_MAX)
        return false;
    if (s->count == 0) {
        if (t->used == t->most)
            return false;
        t->used++;
        s->key_bytes = (uint8_t)key.n;
        memcpy(s->key, key.p, key.n);
    }
    s->count++;
    return true;
}

/*
 * Frees a slot. Each of those behind it, up to the next free one, moves into the gap unless its
 * home lies between the gap and itself: else a search for it would end at the gap.
 */
static void tally_remove(struct tally *t, size_t gap)
{
    for (size_t i = (gap + 1) & t->mask; t->slots[i].count > 0; i = (i + 1) & t->mask) {
        size_t from_home = (i - tally_home(t, &t->slots[i])) & t->mask;
        if (from_home < ((i - gap) & t->mask))
            continue;
        t->slots[gap] = t->slots[i];
        gap = i;
    }
    t->slots[gap].count = 0;
    t->used--;
}

void tally_give(struct tally *t, struct text key)
{
    size_t i = tally_find(t, key);
    assert(t->slots[i].count > 0); /* who gives back has taken */
    if (--t->slots[i].count == 0)
        tally_remove(t, i);
}
