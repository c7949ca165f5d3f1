/* Claims about rights that are given up, as the kernel itself shows them. */
#include "support/leak.h"

#include "sandbox/sandbox.h"
#include "unit/sandbox/apart.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>

TestSuite(sandbox, .fini = leak_check, .timeout = 60);

enum { STATUS_MAX = 8192 };

/* A line of this process's status, from behind its name; false where it is not `wanted`. */
static bool status_is(const char *name, const char *wanted)
{
    char text[STATUS_MAX];
    char line[128];
    int fd = open("/proc/self/status", O_RDONLY | O_CLOEXEC);
    ssize_t n = fd >= 0 ? read(fd, text, sizeof text - 1) : -1;
    (void)close(fd);
    if (n < 0)
        return false;
    text[n] = '\0';
    (void)snprintf(line, sizeof line, "\n%s:\t%s\n", name, wanted);
    if (strstr(text, line))
        return true;
    const char *at = strstr(text, name);
    fprintf(stderr, "%s is wanted, and is %.60s\n", line, at ? at : "nowhere");
    return false;
}

static const char no_capability[] = "0000000000000000";

/* ---- All rights ------------------------------------------------------------------------- */

static int drop(const void *arg)
{
    struct diag d = {""};
    (void)arg;
    bool is_root = geteuid() == 0;
    if (sandbox_drop_rights(&d) != 0) {
        fprintf(stderr, "%s\n", d.text);
        return 1;
    }
    bool is_empty = status_is("CapInh", no_capability) && status_is("CapPrm", no_capability) &&
                    status_is("CapEff", no_capability) && status_is("CapAmb", no_capability) &&
                    (!is_root || status_is("CapBnd", no_capability)) &&
                    status_is("NoNewPrivs", "1");
    struct rlimit core = {1, 1};
    bool is_hidden =
        prctl(PR_GET_DUMPABLE) == 0 && getrlimit(RLIMIT_CORE, &core) == 0 && core.rlim_max == 0;
    bool has_any = sandbox_has(CAP_NET_RAW) || sandbox_has(CAP_SYS_ADMIN);
    return is_empty && is_hidden && !has_any ? 0 : 2;
}

Test(sandbox, no_right_is_left)
{
    cr_assert_eq(apart(drop, NULL), 0);
}

static int drop_twice(const void *arg)
{
    return drop(arg) != 0 ? 1 : drop(arg);
}

Test(sandbox, what_was_given_up_may_be_given_up_again)
{
    cr_assert_eq(apart(drop_twice, NULL), 0);
}

static int become_and_drop(const void *user)
{
    struct diag d = {""};
    return sandbox_become(user, &d) != 0 ? 1 : drop(NULL);
}

Test(sandbox, who_has_no_right_may_give_them_up)
{
    if (geteuid() != 0)
        cr_skip_test("only root becomes others");
    cr_assert_eq(apart(become_and_drop, "nobody"), 0);
}

/* A program of root's, or with the set-user-ID bit, grants nothing any more. */
static int drop_and_start(const void *arg)
{
    struct diag d;
    (void)arg;
    if (sandbox_drop_rights(&d) != 0)
        return 1;
    (void)execl("/bin/sh", "sh", "-c",
                "grep -q '^CapEff:.0000000000000000$' /proc/self/status && "
                "grep -q '^CapPrm:.0000000000000000$' /proc/self/status",
                (char *)NULL);
    return 2;
}

Test(sandbox, no_program_brings_a_right_back)
{
    cr_assert_eq(apart(drop_and_start, NULL), 0);
}

/* ---- A user ----------------------------------------------------------------------------- */

static int become_nobody(const void *arg)
{
    char groups[32], ids[64];
    struct diag d = {""};
    const struct passwd *who = getpwnam("nobody");
    (void)arg;
    if (!who || prctl(PR_SET_PDEATHSIG, SIGTERM) != 0 || sandbox_become("nobody", &d) != 0) {
        fprintf(stderr, "%s\n", d.text);
        return 1;
    }
    unsigned u = who->pw_uid;
    unsigned g = who->pw_gid;
    (void)snprintf(ids, sizeof ids, "%u\t%u\t%u\t%u", u, u, u, u);
    bool is_user = status_is("Uid", ids);
    (void)snprintf(ids, sizeof ids, "%u\t%u\t%u\t%u", g, g, g, g);
    (void)snprintf(groups, sizeof groups, "%u ", g);
    is_user = is_user && status_is("Gid", ids) && status_is("Groups", groups) &&
              status_is("CapPrm", no_capability) && status_is("CapEff", no_capability);
    static const gid_t root = 0;
    bool is_kept = setuid(0) != 0 && seteuid(0) != 0 && setgid(0) != 0 && setegid(0) != 0 &&
                   setgroups(1, &root) != 0;
    int deathsig = 0;
    bool follows = prctl(PR_GET_PDEATHSIG, &deathsig) == 0 && deathsig == SIGTERM;
    return is_user && is_kept && follows ? 0 : 2;
}

Test(sandbox, root_becomes_a_user_for_good)
{
    if (geteuid() != 0)
        cr_skip_test("only root becomes others");
    cr_assert_eq(apart(become_nobody, NULL), 0);
}

static int become_unknown(const void *arg)
{
    struct diag d = {""};
    (void)arg;
    int r = sandbox_become("nobody-of-that-name", &d);
    return r == -ENOENT && strstr(d.text, "nobody-of-that-name") && strstr(d.text, "adduser") &&
                   geteuid() == 0
               ? 0
               : 1;
}

Test(sandbox, a_user_who_does_not_exist_is_told_with_what_to_do)
{
    if (geteuid() != 0)
        cr_skip_test("only root becomes others");
    cr_assert_eq(apart(become_unknown, NULL), 0);
}

static int become_after_all(const void *arg)
{
    struct diag d;
    (void)arg;
    if (geteuid() == 0 && setuid(65534) != 0)
        return 1;
    uid_t before = geteuid();
    return sandbox_become("nobody-of-that-name", &d) == 0 && geteuid() == before ? 0 : 2;
}

Test(sandbox, who_is_not_root_stays_who_it_is)
{
    cr_assert_eq(apart(become_after_all, NULL), 0);
}

/* The keeper's list has no call that changes users: who has nobody to become makes none. */
static int become_root_confined(const void *arg)
{
    struct diag d = {""};
    (void)arg;
    if (sandbox_confine(SANDBOX_KEEPER, &d) != 0 || sandbox_become("root", &d) != 0) {
        fprintf(stderr, "%s\n", d.text);
        return 1;
    }
    return geteuid() == 0 ? 0 : 2;
}

Test(sandbox, root_that_is_to_be_root_changes_nothing)
{
    if (geteuid() != 0)
        cr_skip_test("only root is root");
    cr_assert_eq(apart(become_root_confined, NULL), 0);
}

/* ---- A supervisor ----------------------------------------------------------------------- */

/* KILL is bit 5, SETGID 6, SETUID 7, NET_ADMIN 12, NET_RAW 13 (linux/capability.h). */
static const char five[] = "00000000000030e0";

static int limit(const void *arg)
{
    struct diag d = {""};
    (void)arg;
    if (sandbox_limit_root(&d) != 0) {
        fprintf(stderr, "%s\n", d.text);
        return 1;
    }
    bool is_limited = status_is("CapPrm", five) && status_is("CapEff", five) &&
                      status_is("CapBnd", five) && status_is("CapInh", no_capability) &&
                      status_is("CapAmb", no_capability);
    bool has = sandbox_has(CAP_NET_RAW) && sandbox_has(CAP_KILL) && !sandbox_has(CAP_SYS_ADMIN);
    return is_limited && has ? 0 : 2;
}

static int limit_and_become(const void *arg)
{
    return limit(arg) != 0 ? 1 : become_nobody(arg);
}

static bool has_all_five(void)
{
    return sandbox_has(CAP_NET_RAW) && sandbox_has(CAP_NET_ADMIN) && sandbox_has(CAP_SETUID) &&
           sandbox_has(CAP_SETGID) && sandbox_has(CAP_KILL) && sandbox_has(CAP_SETPCAP);
}

Test(sandbox, a_supervisor_keeps_five_capabilities_and_can_become_others)
{
    if (!has_all_five())
        cr_skip_test("only root has what a supervisor keeps");
    cr_assert_eq(apart(limit, NULL), 0);
    cr_assert_eq(apart(limit_and_become, NULL), 0);
}
