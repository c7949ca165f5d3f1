/* Files that were a spool: renamed to PATH.broken-TIME with what lies beside them, a few kept.
 */
#include "spool/spool_parts.h"

#include "base/text.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { KEPT = 3, NAMES_TRIED = 1000 };
/* spool_open() measured the path: whatever is made of it fits. */
enum { NAME_SIZE = sizeof((struct spool_found){0}).aside };

/* What SQLite finds by the file's name; ours are made without the last two. */
static const char *const companions[] = {"-journal", "-wal", "-shm"};

static int complain(struct spool *s, const char *path, int error)
{
    return diag_set(&s->diag, -error, "%s: %s", path, strerror(error));
}

/* The folder of the path, and the part of the name that all that are set aside begin with. */
static int split_path(struct spool *s, char folder[static NAME_SIZE],
                      char stem[static NAME_SIZE])
{
    const char *slash = strrchr(s->path, '/');
    int n = slash ? (int)(slash - s->path) : 1; /* of the folder */
    const char *p = slash ? s->path : ".";
    int a = snprintf(folder, NAME_SIZE, "%.*s%s", n, p, n == 0 ? "/" : "");
    int b = snprintf(stem, NAME_SIZE, "%s.broken-", slash ? slash + 1 : s->path);
    return a < 0 || a >= NAME_SIZE || b < 0 || b >= NAME_SIZE ? -ENAMETOOLONG : 0;
}

/* The oldest and the newest of those that lie beside the spool. */
struct broken_list {
    size_t n;
    int64_t oldest, newest;
};

static int list(struct spool *s, struct broken_list *ret)
{
    char folder[NAME_SIZE];
    char stem[NAME_SIZE];
    int r = split_path(s, folder, stem);
    if (r < 0)
        return complain(s, s->path, -r);
    DIR *dir = opendir(folder);
    if (!dir)
        return complain(s, folder, errno);
    *ret = (struct broken_list){.n = 0};
    size_t stem_n = strlen(stem);
    for (const struct dirent *e; (e = readdir(dir)) != NULL;) {
        int64_t at = 0;
        if (strncmp(e->d_name, stem, stem_n) != 0 ||
            text_to_int(text_of(e->d_name + stem_n), 0, INT64_MAX, &at) != 0)
            continue; /* another file, or a companion */
        ret->oldest = ret->n == 0 || at < ret->oldest ? at : ret->oldest;
        ret->newest = ret->n == 0 || at > ret->newest ? at : ret->newest;
        ret->n++;
    }
    (void)closedir(dir); /* only read */
    return 0;
}

/* PATH.broken-TIME, with what follows. */
static int make_name(struct spool *s, int64_t at, const char *end, char name[static NAME_SIZE])
{
    int n = snprintf(name, NAME_SIZE, "%s.broken-%lld%s", s->path, (long long)at, end);
    return n < 0 || n >= NAME_SIZE ? complain(s, s->path, ENAMETOOLONG) : 0;
}

static int remove_oldest(struct spool *s, int64_t at)
{
    char name[NAME_SIZE];
    int r = make_name(s, at, "", name);
    if (r < 0)
        return r;
    if (unlink(name) != 0)
        return complain(s, name, errno);
    for (size_t i = 0; i < ARRAY_LEN(companions); i++)
        if (make_name(s, at, companions[i], name) == 0)
            (void)unlink(name); /* most often there is none */
    return 0;
}

/* A name that is free: two may have broken in one second. */
static int find_name(struct spool *s, int64_t since, int64_t *ret, char name[static NAME_SIZE])
{
    int64_t at = since < 0 ? 0 : since;
    for (int i = 0; i < NAMES_TRIED; i++, at++) {
        int r = make_name(s, at, "", name);
        if (r < 0)
            return r;
        if (access(name, F_OK) != 0) {
            *ret = at;
            return 0;
        }
    }
    return complain(s, name, EEXIST);
}

/* The journal goes along: beside a new file it would be taken for that one's. The file goes
 * first: without its journal it would look sound where it is not. */
static int rename_companions(struct spool *s, int64_t at)
{
    char from[NAME_SIZE];
    char to[NAME_SIZE];
    for (size_t i = 0; i < ARRAY_LEN(companions); i++) {
        int n = snprintf(from, sizeof from, "%s%s", s->path, companions[i]);
        int r = n < 0 || n >= NAME_SIZE ? complain(s, s->path, ENAMETOOLONG)
                                        : make_name(s, at, companions[i], to);
        if (r < 0)
            return r;
        if (rename(from, to) != 0 && errno != ENOENT)
            return complain(s, from, errno);
    }
    return 0;
}

static int sync_folder(struct spool *s)
{
    char folder[NAME_SIZE];
    char stem[NAME_SIZE];
    int r = split_path(s, folder, stem);
    if (r < 0)
        return complain(s, s->path, -r);
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return complain(s, folder, errno);
    r = fsync(fd) == 0 ? 0 : complain(s, folder, errno);
    (void)close(fd); /* only read */
    return r;
}

int broken_set_aside(struct spool *s, wall_t since, struct spool_found *ret)
{
    struct broken_list others = {.n = 0};
    char name[NAME_SIZE];
    int64_t at = 0;
    int r = list(s, &others);
    while (r == 0 && others.n >= KEPT) {
        r = remove_oldest(s, others.oldest);
        if (r == 0)
            r = list(s, &others);
    }
    if (r == 0)
        r = find_name(s, since.s, &at, name);
    if (r < 0)
        return r;
    if (rename(s->path, name) != 0)
        return complain(s, s->path, errno);
    r = rename_companions(s, at);
    if (r == 0)
        r = sync_folder(s);
    if (r < 0)
        return r;
    ret->was_broken = true;
    ret->broken_since = since;
    (void)snprintf(ret->aside, sizeof ret->aside, "%s", name);
    return 0;
}

int broken_find(struct spool *s, struct spool_found *ret)
{
    struct broken_list found = {.n = 0};
    char name[NAME_SIZE];
    int r = list(s, &found);
    if (r < 0 || found.n == 0)
        return r;
    r = make_name(s, found.newest, "", name);
    if (r < 0)
        return r;
    *ret = (struct spool_found){.was_broken = true, .broken_since = {found.newest}};
    (void)snprintf(ret->aside, sizeof ret->aside, "%s", name);
    return 1;
}
