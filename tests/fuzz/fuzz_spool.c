/*
 * Any bytes as the agent's spool: a reader says what it can, or that it cannot; a keeper goes
 * on with it, or sets it aside and begins anew, and either way it works.
 */
#include "spool/spool.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static int take_sighting(void *arg, const struct report_sighting *x)
{
    (void)arg;
    assert(x->seen.first.s <= x->seen.last.s);
    assert(x->source > SOURCE_PEER && x->source < SOURCE_COUNT);
    return 0;
}

static int take_mailboxes(void *arg, const struct report_mailboxes *x)
{
    (void)arg;
    assert(x->seen.first.s <= x->seen.last.s);
    assert(x->domain[0] != '\0' && memchr(x->domain, 0, sizeof x->domain));
    return 0;
}

static int take_gap(void *arg, const struct report_gap *x)
{
    (void)arg;
    assert(x->seen.first.s <= x->seen.last.s && x->what < GAP_KIND_COUNT && x->lost >= 0);
    return 0;
}

/* 0, or the error of a file that is no good. */
static int read_all(struct spool *s)
{
    struct spool_reader r = {take_sighting, take_mailboxes, take_gap, NULL};
    struct spool_counts c;
    AUTO_FREE char *note = NULL;
    int e = spool_count(s, &c);
    if (e == 0)
        e = spool_waiting(s, &r);
    if (e == 0)
        e = spool_history(s, (struct span){WALL_BEGIN, WALL_END}, &r);
    if (e == 0)
        e = spool_note_get(s, SPOOL_NOTE_REFUSED, &note);
    return e;
}

static void look(const char *path)
{
    AUTO(spool) struct spool *s = NULL;
    struct diag d = {""};
    int e = spool_open(path, SPOOL_LOOK, &s, NULL, &d);
    if (e == 0)
        e = read_all(s);
    else
        assert(d.text[0] != '\0');
    assert(e == 0 || e == -EBADF || e == -EPROTO || e == -ENOENT || e == -EIO);
}

/* All that a keeper does, on a file that passed its check: it must not fail. */
static void work(struct spool *s)
{
    const struct spool_run run = {.boot.bytes = "fuzz", .started = {1795000000}};
    const struct spool_now now = {.now = {1795000100}, .boot_s = 100};
    struct report_gap gap = {.what = GAP_CAPTURE, .seen = {{1795000000}, {1795000050}}};
    struct spool_facts facts = {.gaps = &gap, .n_gaps = 1};
    AUTO(report) struct report r = {.counter = 0};
    int64_t rows = 0;
    int e = spool_begin(s, &run);
    assert(e == 0);
    e = spool_put(s, &facts);
    assert(e == 0);
    e = spool_take_report(s, &now, true, &r);
    assert(e == 1 && r.is_live && r.counter > 0 && r.n_gaps > 0);
    e = spool_set_aside(s, "/gaps/0", "fuzz", &rows);
    assert(e == 0 && rows == 1);
    e = spool_retry_aside(s, WALL_END);
    assert(e == 0);
    for (int i = 0; i < 100 && e >= 0; i++) {
        AUTO(report) struct report next = {.counter = 0};
        e = spool_take_report(s, &now, i == 0, &next);
        if (e == 1)
            e = spool_acknowledge(s, "srv", false);
        else
            break;
    }
    assert(e == 0);
    e = spool_resend(s, "srv", &rows);
    assert(e == 0);
    e = spool_prune(s, (wall_t){1795000000}, (wall_t){1795000000});
    assert(e == 0);
    e = read_all(s);
    assert(e == 0);
}

static void keep(const char *path)
{
    AUTO(spool) struct spool *s = NULL;
    struct diag d = {""};
    struct spool_found found;
    int e = spool_open(path, SPOOL_KEEP, &s, &found, &d);
    if (e == 0)
        work(s);
    else
        assert(e == -EPROTO && d.text[0] != '\0');
}

/* The spool, and whatever was made beside it. */
static void remove_folder(const char *folder)
{
    DIR *dir = opendir(folder);
    if (!dir)
        return;
    for (const struct dirent *e; (e = readdir(dir)) != NULL;)
        (void)unlinkat(dirfd(dir), e->d_name, 0); /* "." and ".." are not removed so */
    (void)closedir(dir);
    (void)rmdir(folder);
}

static bool write_file(const char *path, const uint8_t *data, size_t n)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    bool is_there = fd >= 0 && write(fd, data, n) == (ssize_t)n;
    if (fd >= 0)
        (void)close(fd);
    return is_there;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    char in_memory[] = "/dev/shm/fairuse-fuzz-XXXXXX";
    char on_disk[] = "/tmp/fairuse-fuzz-XXXXXX";
    char path[64];
    const char *folder = mkdtemp(in_memory);
    if (!folder)
        folder = mkdtemp(on_disk);
    if (!folder)
        return 0;
    (void)snprintf(path, sizeof path, "%s/spool.db", folder);
    if (write_file(path, data, n)) {
        look(path);
        keep(path);
    }
    remove_folder(folder);
    return 0;
}
