/* A chain of blocks, filled one after another. */
#include "base/arena.h"
#include "base/ckd.h"
#include <stdalign.h>
#include <string.h>

enum { BLOCK_BYTES = 65536 - 64 };

struct arena_block {
    struct arena_block *next;
    size_t size;
    alignas(max_align_t) unsigned char bytes[];
};

void arena_done(struct arena *a)
{
    for (struct arena_block *b = a->blocks, *next; b; b = next) {
        next = b->next;
        free(b);
    }
    *a = (struct arena){0};
}

void arena_reset(struct arena *a)
{
    if (!a->blocks)
        return;
    struct arena rest = {.blocks = a->blocks->next};
    arena_done(&rest);
    a->blocks->next = NULL;
    a->used = 0;
}

static struct arena_block *add_block(struct arena *a, size_t bytes)
{
    size_t size = bytes > BLOCK_BYTES ? bytes : BLOCK_BYTES;

    if (size > SIZE_MAX / 2)
        return NULL;
    struct arena_block *b = malloc(sizeof(*b) + size);
    if (!b)
        return NULL;
    b->next = a->blocks;
    b->size = size;
    a->blocks = b;
    a->used = 0;
    return b;
}

void *arena_alloc(struct arena *a, size_t bytes)
{
    size_t step = alignof(max_align_t), want = bytes + (step - bytes % step) % step;
    struct arena_block *b = a->blocks;

    if (want < bytes)
        return NULL;
    if (!b || b->size - a->used < want)
        b = add_block(a, want);
    if (!b)
        return NULL;
    void *p = b->bytes + a->used;
    a->used += want;
    return memset(p, 0, bytes);
}

void *arena_array(struct arena *a, size_t n, size_t elem)
{
    size_t bytes;
    return ckd_mul_size(n, elem, &bytes) ? arena_alloc(a, bytes) : NULL;
}

char *arena_text(struct arena *a, struct text t)
{
    char *copy = arena_alloc(a, t.n + 1);

    if (copy && t.n > 0)
        memcpy(copy, t.p, t.n);
    return copy;
}
