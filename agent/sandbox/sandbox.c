/* Giving up rights: users, groups, capabilities. The only place that knows libcap. */
#include "sandbox/sandbox.h"

#include <errno.h>
#include <grp.h>
#include <linux/capability.h>
#include <pwd.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <sys/capability.h>

/* ---- A user instead of root ------------------------------------------------------------- */

static int find_user(const char *name, struct passwd *ret, struct diag *d)
{
    errno = 0;
    const struct passwd *found = getpwnam(name); /* one thread: nobody else asks meanwhile */
    if (found) {
        *ret = *found;
        return 0;
    }
    if (errno == EIO || errno == EMFILE || errno == ENFILE || errno == ENOMEM)
        return diag_set(d, -errno, "cannot tell who %s is: %m", name);
    return diag_set(d, -ENOENT,
                    "there is no user %s: `adduser --system --group %s` makes one, or name "
                    "another in the configuration",
                    name, name);
}

static bool has_become(const struct passwd *user)
{
    uid_t u[3];
    gid_t g[3];
    if (getresuid(u, u + 1, u + 2) != 0 || getresgid(g, g + 1, g + 2) != 0)
        return false;
    for (size_t i = 0; i < ARRAY_LEN(u); i++) {
        if (u[i] != user->pw_uid || g[i] != user->pw_gid)
            return false;
    }
    /* What must fail is tried: a kernel or a container that lets us go back is not trusted. */
    return setresuid((uid_t)-1, 0, (uid_t)-1) != 0;
}

int sandbox_become(const char *user, struct diag *d)
{
    struct passwd who = {.pw_uid = 0};
    int deathsig = 0;
    pid_t parent = getppid();
    if (geteuid() != 0)
        return 0;
    int r = find_user(user, &who, d);
    if (r != 0)
        return r;
    if (who.pw_uid == 0) /* somebody's wish, and a root without rights could not even ask */
        return 0;
    if (prctl(PR_GET_PDEATHSIG, &deathsig) != 0 || initgroups(user, who.pw_gid) != 0 ||
        setresgid(who.pw_gid, who.pw_gid, who.pw_gid) != 0 ||
        setresuid(who.pw_uid, who.pw_uid, who.pw_uid) != 0)
        return diag_set(d, -errno, "cannot become the user %s: %m", user);
    if (!has_become(&who))
        return diag_set(d, -EPERM, "became the user %s, and could become root again", user);
    /* A change of user forgets that this process is to end with its parent. */
    if (prctl(PR_SET_PDEATHSIG, deathsig) != 0)
        return diag_set(d, -errno, "cannot follow the parent any more: %m");
    if (deathsig != 0 && getppid() != parent)
        (void)raise(deathsig); /* it ended while this was forgotten */
    return 0;
}

/* ---- Capabilities ----------------------------------------------------------------------- */

static void caps_done(cap_t *c)
{
    (void)cap_free(*c); /* fails only for what is none of libcap's; NULL is harmless */
}

/* What a supervisor needs, each with its reason. */
static const cap_value_t supervisor_keeps[] = {
    CAP_NET_RAW,   /* the probe's packets: it is started anew when it ends */
    CAP_NET_ADMIN, /* the probe's connection events, and a buffer of the size that they need */
    CAP_SETUID,    /* the probe and the keeper become users of their own */
    CAP_SETGID,    /* and groups */
    CAP_KILL,      /* and are told to end */
};

static bool is_kept(cap_value_t c, const cap_value_t *kept, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (kept[i] == c)
            return true;
    }
    return false;
}

/* All but those that are kept can never be had again, by no program. Needs CAP_SETPCAP: whoever
 * lacks that has nothing to gain from a program either, for no_new_privs is set as well, or it
 * is a container's root. */
static int cut_bounding(const cap_value_t *kept, size_t n, struct diag *d)
{
    for (cap_value_t c = 0; c < cap_max_bits(); c++) {
        if (is_kept(c, kept, n) || cap_get_bound(c) <= 0)
            continue;
        if (cap_drop_bound(c) != 0 && errno != EPERM)
            return diag_set(d, -errno, "cannot give up capability %d: %m", (int)c);
    }
    return 0;
}

/* Of those that are held, these alone stay permitted and effective; none is inherited. */
static int keep_only(const cap_value_t *kept, size_t n, struct diag *d)
{
    AUTO(caps) cap_t now = cap_get_proc();
    AUTO(caps) cap_t wanted = cap_init();
    if (!now || !wanted)
        return diag_set(d, -errno, "cannot read capabilities: %m");
    for (size_t i = 0; i < n; i++) {
        cap_flag_value_t held = CAP_CLEAR;
        (void)cap_get_flag(now, kept[i], CAP_PERMITTED, &held); /* else it stays CAP_CLEAR */
        if (held == CAP_SET &&
            (cap_set_flag(wanted, CAP_PERMITTED, 1, kept + i, CAP_SET) != 0 ||
             cap_set_flag(wanted, CAP_EFFECTIVE, 1, kept + i, CAP_SET) != 0))
            return diag_set(d, -errno, "cannot name capabilities: %m");
    }
    if (cap_set_proc(wanted) != 0)
        return diag_set(d, -errno, "cannot give up capabilities: %m");
    return 0;
}

int sandbox_limit_root(struct diag *d)
{
    if (geteuid() != 0)
        return 0;
    int r = cut_bounding(supervisor_keeps, ARRAY_LEN(supervisor_keeps), d);
    if (r != 0)
        return r;
    return keep_only(supervisor_keeps, ARRAY_LEN(supervisor_keeps), d);
}

bool sandbox_has(int capability)
{
    AUTO(caps) cap_t now = cap_get_proc();
    cap_flag_value_t held = CAP_CLEAR;
    return now && cap_get_flag(now, capability, CAP_EFFECTIVE, &held) == 0 && held == CAP_SET;
}

/* ---- Everything ------------------------------------------------------------------------- */

#if defined(__SANITIZE_ADDRESS__)
#define HAS_LEAK_CHECK 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define HAS_LEAK_CHECK 1
#endif
#endif

#ifdef HAS_LEAK_CHECK
/* The leak checker traces its own process, which then nobody may any more: it asks here whether
 * it is to work at all. */
static int is_traceable = 1;

int __lsan_is_turned_off(void);
int __lsan_is_turned_off(void)
{
    return !is_traceable;
}

static void say_untraceable(void)
{
    is_traceable = 0;
}
#else
static void say_untraceable(void)
{
}
#endif

/* What lies in memory, keys among it, is written nowhere and read by no process of the same
 * user. */
static int hide_memory(struct diag *d)
{
    static const struct rlimit none = {0, 0};
    if (setrlimit(RLIMIT_CORE, &none) != 0 || prctl(PR_SET_DUMPABLE, 0) != 0)
        return diag_set(d, -errno, "cannot hide memory: %m");
    say_untraceable();
    return 0;
}

int sandbox_drop_rights(struct diag *d)
{
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
        return diag_set(d, -errno, "cannot give up what programs could grant: %m");
    if (cap_reset_ambient() != 0)
        return diag_set(d, -errno, "cannot give up ambient capabilities: %m");
    int r = cut_bounding(NULL, 0, d);
    if (r == 0)
        r = keep_only(NULL, 0, d);
    return r == 0 ? hide_memory(d) : r;
}
