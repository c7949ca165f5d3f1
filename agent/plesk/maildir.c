/*
 * Mailboxes by their folders, where the database cannot be asked: FOLDER/DOMAIN/NAME/Maildir
 * with a `cur` in it. Folders are opened one inside the other and links are never followed, so
 * that what a customer put there leads nowhere else.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "plesk/counts.h"

enum { NAMES_MAX = 2000000 }; /* looked at in all: ten times what a server has */

struct walk {
    struct counts counts;
    int64_t names;
    struct diag *d;
};

static void walk_done(struct walk *w)
{
    counts_done(&w->counts);
}

static void fd_done(const int *fd)
{
    if (*fd >= 0)
        (void)close(*fd); /* only read */
}

static void dir_done(DIR **dir)
{
    if (*dir)
        (void)closedir(*dir); /* only read */
}

/* What is gone since it was listed, or is no folder, is no mailbox. */
static bool is_nothing(int error)
{
    return error == ENOENT || error == ENOTDIR || error == ELOOP;
}

static int open_folder(int at, const char *name)
{
    return openat(at, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
}

/* A folder that only has to be passed through. */
static int open_path(int at, const char *name)
{
    return openat(at, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

/* The next entry that may be a folder; NULL at the end, errno then 0 or the error. */
static const char *next_name(DIR *dir)
{
    for (;;) {
        errno = 0;
        const struct dirent *e = readdir(dir);
        if (!e)
            return NULL;
        bool is_folder = e->d_type == DT_DIR || e->d_type == DT_UNKNOWN;
        if (is_folder && e->d_name[0] != '.')
            return e->d_name;
    }
}

/* Takes the descriptor. */
static DIR *list(int *fd)
{
    DIR *dir = fdopendir(*fd);
    if (dir)
        *fd = -1;
    return dir;
}

static int fail(struct walk *w, int error, const char *domain)
{
    if (error == EACCES || error == EPERM)
        return diag_set(w->d, -EACCES,
                        "mail folders%s%s cannot be entered by this user: let the database be "
                        "counted (run `fairuse-agent setup` as root)",
                        domain ? " of " : "", domain ? domain : "");
    return diag_set(w->d, -error, "mail folders%s%s: %s", domain ? " of " : "",
                    domain ? domain : "", strerror(error));
}

/* 1: a mailbox; 0: not; -errno. */
static int is_mailbox(int domain, const char *name)
{
    struct stat st;
    AUTO(fd) int home = open_path(domain, name);
    if (home < 0)
        return is_nothing(errno) ? 0 : -errno;
    AUTO(fd) int maildir = open_path(home, "Maildir");
    if (maildir < 0)
        return is_nothing(errno) ? 0 : -errno;
    if (fstatat(maildir, "cur", &st, AT_SYMLINK_NOFOLLOW) != 0)
        return is_nothing(errno) ? 0 : -errno;
    return S_ISDIR(st.st_mode);
}

static int count_names(struct walk *w, DIR *domain, struct counted *into)
{
    const char *name;
    while ((name = next_name(domain)) != NULL) {
        if (++w->names > NAMES_MAX)
            return diag_set(w->d, -ERANGE, "mail folders: more than %d names", NAMES_MAX);
        int r = is_mailbox(dirfd(domain), name);
        if (r < 0)
            return fail(w, -r, into->domain);
        counts_raise(&into->counts.mailboxes, r);
    }
    return errno == 0 ? 0 : fail(w, errno, into->domain);
}

static int count_domain(struct walk *w, int folder, const char *name)
{
    size_t at;
    AUTO(fd) int fd = open_folder(folder, name);
    if (fd < 0)
        return is_nothing(errno) ? 0 : fail(w, errno, NULL);
    int r = counts_add(&w->counts, text_of(name), &at);
    if (r == -EBADMSG || r == -ERANGE)
        return 0; /* it is counted as refused */
    if (r < 0)
        return fail(w, -r, NULL);
    AUTO(dir) DIR *dir = list(&fd);
    return dir ? count_names(w, dir, &w->counts.v[at]) : fail(w, errno, NULL);
}

static int count_all(struct walk *w, DIR *folder)
{
    const char *name;
    while ((name = next_name(folder)) != NULL) {
        int r = count_domain(w, dirfd(folder), name);
        if (r < 0)
            return r;
    }
    return errno == 0 ? 0 : fail(w, errno, NULL);
}

int maildir_count(const char *folder, struct counts *ret, struct diag *d)
{
    AUTO(walk) struct walk w = {.d = d};
    /* The folder itself is the administrator's word, and may be a link. */
    AUTO(fd) int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return diag_set(d, -errno, "%s: %m", folder);
    AUTO(dir) DIR *dir = list(&fd);
    if (!dir)
        return diag_set(d, -errno, "%s: %m", folder);
    int r = count_all(&w, dir);
    if (r < 0) {
        diag_within(d, "%s", folder);
        return r;
    }
    counts_settle(&w.counts);
    *ret = w.counts;
    w.counts = (struct counts){0};
    return 0;
}
