/*
 * The sorter: pairs are gathered in memory; what is more than fits is sorted and written as one
 * run to an unnamed temporary file, and the runs are merged as they are read back. Merging
 * costs a small buffer for each run: 16 KiB for 8 MiB of pairs.
 *
 * An audit puts a few pairs for each licence: a database's sorter, which also parses rows and
 * keeps a tree, would cost it more than all its rules.
 */
#include "store/sorter.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/grow.h"

enum {
    MEMORY_BYTES = 8 << 20, /* of pairs, before they become a run */
    READ_BYTES = 16 << 10,  /* of each run, while merging; more for a larger pair */
    WRITE_BYTES = 64 << 10,
};

/* Before the bytes of a pair, in memory and in the file. */
struct head {
    size_t key_n, value_n;
};

/* Where a pair lies in memory; the key's first bytes as a number, which settles most orders. */
struct place {
    uint64_t start;
    size_t at;
};

/* A sorted part of the file, as it is read back. */
struct run {
    off_t at, end; /* what was not read yet */
    char *bytes;
    size_t size, from, to;  /* bytes[from … to) were read, and not used yet */
    struct text key, value; /* of its next pair, in `bytes` */
};

struct sorter {
    char *memory;
    size_t used, cap_memory;
    struct place *places;
    size_t n, cap_places;
    int file;
    off_t file_end;
    struct run *runs; /* in the order in which they were put */
    size_t n_runs, cap_runs;
    bool is_begun; /* the reading, with all in place */
    size_t next;   /* without runs: the next pair */
    size_t *heap;  /* with runs: those not at their end, the least key on top */
    size_t n_heap;
    bool was_given; /* the top's pair is the caller's, until the next call */
};

/* A file without a name, where the file system knows such; else its name is taken away. */
static int open_unnamed(const char *folder)
{
    AUTO_FREE char *name = NULL;
    int fd = open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (fd >= 0)
        return fd;
    if (asprintf(&name, "%s/fairuse-sort.XXXXXX", folder) < 0) {
        name = NULL; /* glibc leaves it undefined */
        return -1;
    }
    fd = mkostemp(name, O_CLOEXEC);
    if (fd >= 0)
        (void)unlink(name); /* at worst an empty file stays */
    return fd;
}

int sorter_new(struct sorter **ret, struct diag *d)
{
    const char *folder = getenv("TMPDIR");
    AUTO(sorter) struct sorter *s = calloc(1, sizeof *s);
    if (!s)
        return diag_set(d, -ENOMEM, "out of memory");
    folder = folder && *folder ? folder : "/var/tmp";
    s->file = open_unnamed(folder);
    if (s->file < 0)
        return diag_set(d, -EIO, "a temporary file for sorting in %s: %s: look at TMPDIR",
                        folder, strerror(errno));
    *ret = STEAL(s);
    return 0;
}

void sorter_free(struct sorter *s)
{
    if (!s)
        return;
    for (size_t i = 0; i < s->n_runs; i++)
        free(s->runs[i].bytes);
    if (s->file >= 0)
        (void)close(s->file); /* what it holds is gone with it */
    free(s->memory);
    free(s->places);
    free(s->runs);
    free(s->heap);
    free(s);
}

/* ---- In memory ------------------------------------------------------------------------ */

static void take_pair(const char *p, struct text *ret_key, struct text *ret_value)
{
    struct head h;
    memcpy(&h, p, sizeof h);
    *ret_key = (struct text){p + sizeof h, h.key_n};
    *ret_value = (struct text){p + sizeof h + h.key_n, h.value_n};
}

static int compare_keys(struct text a, struct text b)
{
    int order = memcmp(a.p, b.p, a.n < b.n ? a.n : b.n);
    return order != 0 ? order : (a.n > b.n) - (a.n < b.n);
}

static int compare_places(const void *a, const void *b, void *memory)
{
    const struct place *x = a;
    const struct place *y = b;
    if (x->start != y->start)
        return x->start < y->start ? -1 : 1;
    struct text key_x;
    struct text key_y;
    struct text value;
    take_pair((const char *)memory + x->at, &key_x, &value);
    take_pair((const char *)memory + y->at, &key_y, &value);
    int order = compare_keys(key_x, key_y);
    return order != 0 ? order : (x->at > y->at) - (x->at < y->at);
}

static void sort_memory(struct sorter *s)
{
    if (s->n > 1)
        qsort_r(s->places, s->n, sizeof *s->places, compare_places, s->memory);
}

/* The first eight bytes, padded with zeros: numbers in the order of the keys, or equal. */
static uint64_t key_start(struct text key)
{
    uint64_t v = 0;
    for (size_t i = 0; i < sizeof v; i++)
        v = v << 8 | (i < key.n ? (uint8_t)key.p[i] : 0);
    return v;
}

/* ---- In the file ---------------------------------------------------------------------- */

static int write_all(struct sorter *s, const char *p, size_t n)
{
    while (n > 0) {
        ssize_t done = pwrite(s->file, p, n, s->file_end);
        if (done < 0 && errno == EINTR)
            continue;
        if (done <= 0)
            return -EIO;
        p += done;
        n -= (size_t)done;
        s->file_end += done;
    }
    return 0;
}

/* Gathers small pairs; what is large goes by itself. */
static int write_bytes(struct sorter *s, struct buf *gathered, const char *p, size_t n)
{
    int r = 0;
    if (gathered->len + n > WRITE_BYTES) {
        r = write_all(s, gathered->data, gathered->len);
        buf_reset(gathered);
    }
    if (r == 0 && n > WRITE_BYTES)
        return write_all(s, p, n);
    buf_add(gathered, p, n);
    return r < 0 ? r : buf_error(gathered);
}

/* What is in memory becomes a run. */
static int spill(struct sorter *s)
{
    AUTO(buf) struct buf gathered = BUF_INIT(WRITE_BYTES);
    struct run run = {.at = s->file_end};
    int r = grow(&s->runs, &s->cap_runs, s->n_runs + 1, sizeof *s->runs, SIZE_MAX);
    sort_memory(s);
    for (size_t i = 0; i < s->n && r == 0; i++) {
        struct text key;
        struct text value;
        const char *p = s->memory + s->places[i].at;
        take_pair(p, &key, &value);
        r = write_bytes(s, &gathered, p, sizeof(struct head) + key.n + value.n);
    }
    if (r == 0)
        r = write_all(s, gathered.data, gathered.len);
    if (r < 0)
        return r;
    run.end = s->file_end;
    s->runs[s->n_runs++] = run;
    s->used = s->n = 0;
    return 0;
}

/* Makes the run's next `need` bytes lie in its buffer: 1, or 0 when it is at its end. */
static int fill(const struct sorter *s, struct run *run, size_t need)
{
    if (run->to - run->from >= need)
        return 1;
    if (run->to > run->from)
        memmove(run->bytes, run->bytes + run->from, run->to - run->from);
    run->to -= run->from;
    run->from = 0;
    size_t most = need > READ_BYTES ? need : READ_BYTES;
    int r = grow(&run->bytes, &run->size, most, 1, SIZE_MAX);
    while (r == 0 && run->to < run->size && run->at < run->end) {
        size_t left = (size_t)(run->end - run->at);
        size_t room = run->size - run->to;
        ssize_t n = pread(s->file, run->bytes + run->to, room < left ? room : left, run->at);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return -EIO;
        run->to += (size_t)n;
        run->at += n;
    }
    return r < 0 ? r : run->to - run->from >= need;
}

/* To the run's next pair: 1, or 0 at its end. */
static int run_next(const struct sorter *s, struct run *run)
{
    struct head h;
    int r = fill(s, run, sizeof h);
    if (r <= 0)
        return r;
    memcpy(&h, run->bytes + run->from, sizeof h);
    r = fill(s, run, sizeof h + h.key_n + h.value_n);
    if (r <= 0)
        return r;
    take_pair(run->bytes + run->from, &run->key, &run->value);
    run->from += sizeof h + h.key_n + h.value_n;
    return 1;
}

/* ---- Merging -------------------------------------------------------------------------- */

/* Runs by their next keys; of equal ones the earlier first. */
static bool comes_before(const struct sorter *s, size_t a, size_t b)
{
    int order = compare_keys(s->runs[a].key, s->runs[b].key);
    return order != 0 ? order < 0 : a < b;
}

/* Lets heap[i] sink to where it belongs. */
static void sink(struct sorter *s, size_t i)
{
    for (;;) {
        size_t least = i;
        for (size_t child = 2 * i + 1; child <= 2 * i + 2 && child < s->n_heap; child++)
            if (comes_before(s, s->heap[child], s->heap[least]))
                least = child;
        if (least == i)
            return;
        size_t run = s->heap[i];
        s->heap[i] = s->heap[least];
        s->heap[least] = run;
        i = least;
    }
}

static int begin_merge(struct sorter *s)
{
    off_t at = 0;
    s->n_heap = 0;
    s->was_given = false;
    for (size_t i = 0; i < s->n_runs; i++) {
        struct run *run = &s->runs[i];
        run->at = at;
        run->from = run->to = 0;
        at = run->end;
        int r = run_next(s, run);
        if (r < 0)
            return r;
        s->heap[s->n_heap++] = i;
    }
    for (size_t i = s->n_heap / 2; i-- > 0;)
        sink(s, i);
    return 0;
}

static int next_merged(struct sorter *s, struct text *ret_key, struct text *ret_value)
{
    if (s->was_given) {
        int r = run_next(s, &s->runs[s->heap[0]]);
        if (r < 0)
            return r;
        if (r == 0)
            s->heap[0] = s->heap[--s->n_heap];
        sink(s, 0);
    }
    s->was_given = s->n_heap > 0;
    if (!s->was_given)
        return 0;
    *ret_key = s->runs[s->heap[0]].key;
    *ret_value = s->runs[s->heap[0]].value;
    return 1;
}

/* ---- The interface -------------------------------------------------------------------- */

int sorter_put(struct sorter *s, struct text key, struct text value)
{
    struct head h = {key.n, value.n};
    size_t need = sizeof h + key.n + value.n;
    assert(!s->is_begun);
    int r = 0;
    if (s->n > 0 && s->used + need + s->n * sizeof *s->places > MEMORY_BYTES)
        r = spill(s);
    if (r == 0)
        r = grow(&s->memory, &s->cap_memory, s->used + need, 1, SIZE_MAX);
    if (r == 0)
        r = grow(&s->places, &s->cap_places, s->n + 1, sizeof *s->places, SIZE_MAX);
    if (r < 0)
        return r;
    s->places[s->n++] = (struct place){key_start(key), s->used};
    char *p = s->memory + s->used;
    memcpy(p, &h, sizeof h);
    if (key.n > 0)
        memcpy(p + sizeof h, key.p, key.n);
    if (value.n > 0)
        memcpy(p + sizeof h + key.n, value.p, value.n);
    s->used += need;
    return 0;
}

static int begin(struct sorter *s)
{
    if (s->n_runs == 0) {
        sort_memory(s);
        s->is_begun = true;
        return 0;
    }
    int r = spill(s);
    if (r < 0)
        return r;
    free(STEAL(s->memory));
    free(STEAL(s->places));
    s->heap = calloc(s->n_runs, sizeof *s->heap);
    if (!s->heap)
        return -ENOMEM;
    s->is_begun = true;
    return begin_merge(s);
}

int sorter_next(struct sorter *s, struct text *ret_key, struct text *ret_value)
{
    int r = s->is_begun ? 0 : begin(s);
    if (r < 0)
        return r;
    if (s->n_runs > 0)
        return next_merged(s, ret_key, ret_value);
    if (s->next == s->n)
        return 0;
    take_pair(s->memory + s->places[s->next++].at, ret_key, ret_value);
    return 1;
}

int sorter_rewind(struct sorter *s)
{
    s->next = 0;
    return s->is_begun && s->n_runs > 0 ? begin_merge(s) : 0;
}
