/* The key folder: which key does the panel use? */
#include "plesk/keys.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "plesk/registry.h"

enum { FILES_MAX = 64, DAY_S = 86400 };

/* ---- A file's bytes, which hold secrets: nothing of them stays in freed memory -------- */

struct secret {
    char *p;
    size_t n;
};

static void secret_done(struct secret *s)
{
    if (!s->p)
        return;
    explicit_bzero(s->p, s->n);
    free(s->p);
    s->p = NULL;
}

static void fd_done(const int *fd)
{
    if (*fd >= 0)
        (void)close(*fd); /* only read */
}

/* The reason of a call that failed, and what to do where that is known. */
static int say_errno(struct diag *d, int error)
{
    errno = error;
    if (error == EACCES)
        return diag_set(
            d, -error,
            "%m: let the agent's user read it (Plesk's group for that is swkey-data)");
    return diag_set(d, -error, "%m");
}

static int read_all(int fd, struct secret *s, struct diag *d)
{
    while (s->n <= KEYFILE_BYTES_MAX) {
        ssize_t got = read(fd, s->p + s->n, KEYFILE_BYTES_MAX + 1 - s->n);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return say_errno(d, errno);
        if (got == 0)
            return 0;
        s->n += (size_t)got;
    }
    return diag_set(d, -ERANGE, "larger than %d bytes", KEYFILE_BYTES_MAX);
}

/*
 * The bytes of a regular file, and when its inode last changed. 0; 1 when it is something else
 * than a file; -ENOENT and others, with the reason. Whoever can write in the folder could put a
 * pipe there: nothing waits for its other end.
 */
static int read_secret(int folder, const char *name, struct secret *ret, wall_t *ret_changed,
                       struct diag *d)
{
    struct stat st;
    AUTO(fd) int fd = openat(folder, name, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd < 0 || fstat(fd, &st) != 0)
        return say_errno(d, errno);
    if (!S_ISREG(st.st_mode))
        return 1;
    if (st.st_size > KEYFILE_BYTES_MAX)
        return diag_set(d, -ERANGE, "larger than %d bytes", KEYFILE_BYTES_MAX);
    AUTO(secret) struct secret s = {.p = malloc(KEYFILE_BYTES_MAX + 1)};
    if (!s.p)
        return diag_set(d, -ENOMEM, "out of memory");
    int error = read_all(fd, &s, d);
    if (error)
        return error;
    ret_changed->s = st.st_ctim.tv_sec;
    ret->n = s.n;
    ret->p = STEAL(s.p);
    return 0;
}

/* ---- What is there -------------------------------------------------------------------- */

struct candidate {
    char name[NAME_MAX + 1];
    struct key_found found;
    bool is_read;
    bool is_hidden; /* could not even be opened: Plesk may well use it */
    bool is_empty;  /* says "no licence" */
    bool is_named;  /* by the registry */
    bool is_out;    /* does not stand */
};

struct hall {
    struct candidate *v;
    size_t n;
    size_t n_faults;   /* files that could not be read or parsed */
    struct diag fault; /* the first of them */
    bool has_registry_fault;
    struct diag registry_fault;
};

static void hall_done(struct hall *h)
{
    free(h->v);
}

/* Of files at fault one is told of, and how many more there are. */
static void note_fault(struct hall *h, const char *folder, const char *name, struct diag *why)
{
    if (h->n_faults++ > 0)
        return;
    diag_within(why, "%s%s%s", folder, *folder ? "/" : "", name);
    h->fault = *why;
}

/* 0, whatever the file is; -ENOMEM. */
static int read_candidate(struct hall *h, int folder, const char *folder_name, const char *name)
{
    AUTO(secret) struct secret s = {0};
    struct candidate *c = &h->v[h->n];
    struct diag why;
    *c = (struct candidate){0};
    (void)snprintf(c->name, sizeof c->name, "%s", name);
    int r = read_secret(folder, name, &s, &c->found.changed, &why);
    if (r == 1 || r == -ENOENT) /* no file, or gone in the meantime */
        return 0;
    c->is_hidden = r < 0 && r != -ERANGE;
    if (r == 0)
        r = keyfile_read((struct text){s.p, s.n}, &c->found.key, &why);
    if (r == -ENOMEM)
        return r;
    h->n++;
    c->is_read = r >= 0;
    c->is_empty = r == 1;
    if (!c->is_read)
        note_fault(h, folder_name, name, &why);
    return 0;
}

static int say_path(const char *path, int error, struct diag *d)
{
    (void)say_errno(d, error);
    diag_within(d, "%s", path);
    return -error;
}

static void folder_done(DIR **dir)
{
    if (*dir)
        (void)closedir(*dir); /* only read */
}

/* What Plesk names its key files: "key" and characters by chance. */
static bool is_key_name(const char *name)
{
    return strncmp(name, "key", 3) == 0;
}

static int read_folder(struct hall *h, DIR *dir, const char *folder, struct diag *d)
{
    for (;;) {
        errno = 0;
        const struct dirent *e = readdir(dir);
        if (!e && errno)
            return say_path(folder, errno, d);
        if (!e)
            return 0;
        if (!is_key_name(e->d_name))
            continue;
        if (h->n == FILES_MAX)
            return diag_set(d, -E2BIG,
                            "%s: more than %d key files: which of them is in use is not to be "
                            "told; move those away that are not",
                            folder, FILES_MAX);
        if (read_candidate(h, dirfd(dir), folder, e->d_name) != 0)
            return diag_set(d, -ENOMEM, "out of memory");
    }
}

/* All key files; those of the folder or, where there is none, the one of old panels. */
static int read_files(struct hall *h, const struct keys_order *order, struct diag *d)
{
    AUTO(folder) DIR *dir = opendir(order->folder);
    if (dir)
        return read_folder(h, dir, order->folder, d);
    if (errno != ENOENT)
        return say_path(order->folder, errno, d);
    if (order->legacy[0] == '\0')
        return 0;
    if (read_candidate(h, AT_FDCWD, "", order->legacy) != 0)
        return diag_set(d, -ENOMEM, "out of memory");
    return 0;
}

/* ---- Rule 2: the registry ------------------------------------------------------------- */

static void name_candidate(void *arg, struct text name)
{
    struct hall *h = arg;
    for (size_t i = 0; i < h->n; i++) {
        if (text_is(name, h->v[i].name))
            h->v[i].is_named = true;
    }
}

/* One that cannot be read or understood names nobody. 0 or -ENOMEM. */
static int read_registry(struct hall *h, const char *path)
{
    AUTO(secret) struct secret s = {0};
    struct diag why;
    wall_t changed;
    if (path[0] == '\0' || h->n == 0)
        return 0;
    int r = read_secret(AT_FDCWD, path, &s, &changed, &why);
    if (r == 1 || r == -ENOENT)
        return 0;
    if (r == 0)
        r = registry_read((struct text){s.p, s.n}, name_candidate, h, &why);
    if (r == 0 || r == -ENOMEM)
        return r;
    for (size_t i = 0; i < h->n; i++)
        h->v[i].is_named = false;
    h->has_registry_fault = true;
    (void)diag_set(&h->registry_fault, 0, "%s: %s", path, why.text);
    return 0;
}

/* Whether a file that says nothing may be the panel's main key all the same. */
static bool is_in_doubt(const struct candidate *c)
{
    return !c->is_read && (c->is_named || c->is_hidden);
}

/*
 * Where the registry names a main key, those that it does not name are stale. One that says "no
 * licence" is a main key too. Where the main key may be a file that says nothing, none that is
 * not named stands in its place: it may be a stale one.
 */
static void drop_stale(struct hall *h)
{
    bool names_main = false;
    bool has_doubt = false;
    for (size_t i = 0; i < h->n; i++) {
        const struct candidate *c = &h->v[i];
        names_main |= c->is_read && c->is_named && c->found.key.is_main;
        has_doubt |= is_in_doubt(c);
    }
    for (size_t i = 0; i < h->n; i++) {
        struct candidate *c = &h->v[i];
        bool is_stale = c->found.key.is_main && !c->is_named && (names_main || has_doubt);
        c->is_out = !c->is_read || c->is_empty || is_stale;
    }
}

/* ---- Rules 3 to 5: one of each number, one main key ------------------------------------ */

static int sign_of(int64_t a, int64_t b)
{
    return (a > b) - (a < b);
}

/* Versions are digits, or nothing. */
static int compare_versions(const char *a, const char *b)
{
    int64_t x = 0;
    int64_t y = 0;
    a += strspn(a, "0");
    b += strspn(b, "0");
    if (text_to_int(text_of(a), 0, INT64_MAX, &x) != 0)
        x = 0; /* zeros alone, or none */
    if (text_to_int(text_of(b), 0, INT64_MAX, &y) != 0)
        y = 0;
    return sign_of(x, y);
}

static int compare_ages(const struct candidate *a, const struct candidate *b)
{
    int by_expiry = sign_of(a->found.key.expires_day, b->found.key.expires_day);
    return by_expiry ? by_expiry : sign_of(a->found.changed.s, b->found.changed.s);
}

/* Of one number: which stands. Above 0 when it is a. */
static int compare_copies(const struct candidate *a, const struct candidate *b)
{
    int by_name = (int)a->is_named - (int)b->is_named;
    int by_version =
        compare_versions(a->found.key.license.version, b->found.key.license.version);
    if (by_name || by_version)
        return by_name ? by_name : by_version;
    return compare_ages(a, b);
}

/* The day of expiry is the first one without the licence. */
static bool has_expired(const struct candidate *c, wall_t now)
{
    int64_t today = now.s / DAY_S - (now.s % DAY_S < 0);
    return today >= c->found.key.expires_day;
}

/* Of several main keys: which is the panel's. Above 0 when it is a. Never 0: that two are alike
 * in all else must not make the answer one of chance. */
static int compare_mains(const struct candidate *a, const struct candidate *b, wall_t now)
{
    int by_state = (int)has_expired(b, now) - (int)has_expired(a, now);
    int by_age = compare_ages(a, b);
    if (by_state || by_age)
        return by_state ? by_state : by_age;
    return sign_of(b->found.key.license.license.code, a->found.key.license.license.code);
}

static bool is_same_number(const struct candidate *a, const struct candidate *b)
{
    return a->found.key.license.license.code == b->found.key.license.license.code;
}

/* Rule 3: the losers of each number are out. */
static void drop_copies(struct hall *h)
{
    for (size_t i = 0; i < h->n; i++) {
        for (size_t j = i + 1; j < h->n; j++) {
            struct candidate *a = &h->v[i];
            struct candidate *b = &h->v[j];
            if (!a->is_out && !b->is_out && is_same_number(a, b))
                (compare_copies(a, b) >= 0 ? b : a)->is_out = true;
        }
    }
}

/* Rules 4 and 5. How many main keys there were to choose from. */
static size_t choose(struct hall *h, wall_t now)
{
    struct candidate *best = NULL;
    size_t mains = 0;
    for (size_t i = 0; i < h->n; i++) {
        struct candidate *c = &h->v[i];
        bool is_main = c->found.key.is_main;
        if (c->is_out)
            continue;
        mains += is_main;
        c->is_out = is_main || has_expired(c, now);
        if (is_main && (!best || compare_mains(c, best, now) > 0))
            best = c;
    }
    if (best)
        best->is_out = false;
    return mains;
}

/* ---- The answer ------------------------------------------------------------------------ */

static int by_place(const void *a, const void *b)
{
    const struct key_found *x = a;
    const struct key_found *y = b;
    if (x->key.is_main != y->key.is_main)
        return x->key.is_main ? -1 : 1;
    return sign_of(x->key.license.license.code, y->key.license.license.code);
}

static int give(const struct hall *h, struct keys *ret)
{
    struct keys k = {.v = calloc(h->n + 1, sizeof *k.v)};
    if (!k.v)
        return -ENOMEM;
    for (size_t i = 0; i < h->n; i++) {
        if (!h->v[i].is_out)
            k.v[k.n++] = h->v[i].found;
    }
    qsort(k.v, k.n, sizeof *k.v, by_place);
    *ret = k;
    return 0;
}

/* The registry matters where it had to decide between several. */
static bool tell_faults(const struct hall *h, size_t mains, struct diag *d)
{
    if (h->n_faults == 1)
        *d = h->fault;
    else if (h->n_faults > 1)
        (void)diag_set(d, 0, "%s (and %zu more key files)", h->fault.text, h->n_faults - 1);
    else if (h->has_registry_fault && mains > 1)
        *d = h->registry_fault;
    else
        return false;
    return true;
}

int keys_find(const struct keys_order *order, struct keys *ret, struct diag *d)
{
    AUTO(hall) struct hall h = {.v = calloc(FILES_MAX + 1, sizeof *h.v)};
    if (!h.v)
        return diag_set(d, -ENOMEM, "out of memory");
    int error = read_files(&h, order, d);
    if (error)
        return error;
    if (read_registry(&h, order->registry) != 0)
        return diag_set(d, -ENOMEM, "out of memory");
    drop_stale(&h);
    drop_copies(&h);
    size_t mains = choose(&h, order->now);
    if (give(&h, ret) != 0)
        return diag_set(d, -ENOMEM, "out of memory");
    ret->has_trouble = tell_faults(&h, mains, d);
    return 0;
}

void keys_done(struct keys *k)
{
    free(k->v);
    *k = (struct keys){0};
}
