/*
 * Rights that cannot be given up: whichever call the kernel or a library refuses, the caller is
 * told, and never goes on with more than it should have. The calls are this file's (the linker
 * turns them here): they only pretend, so nothing changes in the test's own process.
 */
#include <errno.h>
#include <pwd.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/types.h>

#include "sandbox/sandbox.h"
#include "support/leak.h"

SUITE(refused);

enum { SOMEBODY = 4711, PARENT = 100 };

/* What is pretended; at first nothing is. */
static struct {
    bool is_on;
    int refuse_in; /* the n-th call that can fail does, with EIO; 0 = none */
    bool may_return, is_other, has_no_seccomp, is_orphaned, is_nobody;
    int user_error, deathsig, raised, asked_parent;
} play;

/* Whether this call is the one that is refused. */
static bool refuse(void)
{
    if (play.refuse_in == 0 || --play.refuse_in > 0)
        return false;
    errno = EIO;
    return true;
}

#define PRETEND(type, name, parameters, arguments)                                             \
    type __real_##name parameters;                                                             \
    type __wrap_##name parameters;                                                             \
    type __wrap_##name parameters                                                              \
    {                                                                                          \
        if (!play.is_on)                                                                       \
            return __real_##name arguments;                                                    \
        return refuse() ? -1 : 0;                                                              \
    }

PRETEND(int, setrlimit, (int what, const struct rlimit *limit), (what, limit))
PRETEND(int, initgroups, (const char *user, gid_t group), (user, group))
PRETEND(int, setresgid, (gid_t r, gid_t e, gid_t s), (r, e, s))
PRETEND(int, cap_set_proc, (void *caps), (caps))
PRETEND(int, cap_drop_bound, (int cap), (cap))
PRETEND(int, cap_reset_ambient, (void), ())

uid_t __real_geteuid(void);
uid_t __wrap_geteuid(void);
uid_t __wrap_geteuid(void)
{
    return play.is_on ? 0 : __real_geteuid();
}

struct passwd *__real_getpwnam(const char *name);
struct passwd *__wrap_getpwnam(const char *name);
struct passwd *__wrap_getpwnam(const char *name)
{
    static struct passwd somebody = {.pw_uid = SOMEBODY, .pw_gid = SOMEBODY};
    if (!play.is_on)
        return __real_getpwnam(name);
    errno = play.user_error;
    return play.is_nobody ? NULL : &somebody;
}

static int pretend_ids(uid_t *r, uid_t *e, uid_t *s)
{
    *r = *e = SOMEBODY;
    *s = play.is_other ? 0 : SOMEBODY;
    return refuse() ? -1 : 0;
}

int __real_getresuid(uid_t *r, uid_t *e, uid_t *s);
int __wrap_getresuid(uid_t *r, uid_t *e, uid_t *s);
int __wrap_getresuid(uid_t *r, uid_t *e, uid_t *s)
{
    return play.is_on ? pretend_ids(r, e, s) : __real_getresuid(r, e, s);
}

int __real_getresgid(gid_t *r, gid_t *e, gid_t *s);
int __wrap_getresgid(gid_t *r, gid_t *e, gid_t *s);
int __wrap_getresgid(gid_t *r, gid_t *e, gid_t *s)
{
    return play.is_on ? pretend_ids(r, e, s) : __real_getresgid(r, e, s);
}

/* The way back to root is closed, or it is not. */
int __real_setresuid(uid_t r, uid_t e, uid_t s);
int __wrap_setresuid(uid_t r, uid_t e, uid_t s);
int __wrap_setresuid(uid_t r, uid_t e, uid_t s)
{
    if (!play.is_on)
        return __real_setresuid(r, e, s);
    if (e == 0)
        return play.may_return ? 0 : -1;
    return refuse() ? -1 : 0;
}

int __real_cap_get_bound(int cap);
int __wrap_cap_get_bound(int cap);
int __wrap_cap_get_bound(int cap)
{
    return play.is_on ? 1 : __real_cap_get_bound(cap);
}

void *__real_cap_get_proc(void);
void *__wrap_cap_get_proc(void);
void *__wrap_cap_get_proc(void)
{
    return play.is_on && refuse() ? NULL : __real_cap_get_proc();
}

pid_t __real_getppid(void);
pid_t __wrap_getppid(void);
pid_t __wrap_getppid(void)
{
    if (!play.is_on)
        return __real_getppid();
    return play.is_orphaned && play.asked_parent++ > 0 ? 1 : PARENT;
}

int __real_raise(int sig);
int __wrap_raise(int sig);
int __wrap_raise(int sig)
{
    if (!play.is_on)
        return __real_raise(sig);
    play.raised = sig;
    return 0;
}

int __real_prctl(int what, ...);
int __wrap_prctl(int what, ...);
int __wrap_prctl(int what, ...)
{
    unsigned long a[4];
    va_list list;
    va_start(list, what);
    for (int i = 0; i < 4; i++)
        a[i] = va_arg(list, unsigned long);
    va_end(list);
    if (!play.is_on)
        return __real_prctl(what, a[0], a[1], a[2], a[3]);
    if (what == PR_GET_SECCOMP) {
        errno = EINVAL;
        return play.has_no_seccomp ? -1 : 0;
    }
    if (refuse())
        return -1;
    if (what == PR_GET_PDEATHSIG)
        *(int *)(uintptr_t)a[0] = play.deathsig; /* NOLINT: as the kernel does */
    return 0;
}

/* libseccomp's answer is the error itself. */
int __real_seccomp_load(void *filter);
int __wrap_seccomp_load(void *filter);
int __wrap_seccomp_load(void *filter)
{
    if (!play.is_on)
        return __real_seccomp_load(filter);
    return refuse() ? -EIO : 0;
}

int __real_seccomp_attr_set(void *filter, int name, uint32_t value);
int __wrap_seccomp_attr_set(void *filter, int name, uint32_t value);
int __wrap_seccomp_attr_set(void *filter, int name, uint32_t value)
{
    return play.is_on && refuse() ? -EIO : __real_seccomp_attr_set(filter, name, value);
}

int __real_seccomp_rule_add_array(void *filter, uint32_t action, int call, unsigned n,
                                  const void *compared);
int __wrap_seccomp_rule_add_array(void *filter, uint32_t action, int call, unsigned n,
                                  const void *compared);
int __wrap_seccomp_rule_add_array(void *filter, uint32_t action, int call, unsigned n,
                                  const void *compared)
{
    return play.is_on && refuse()
               ? -EIO
               : __real_seccomp_rule_add_array(filter, action, call, n, compared);
}

/* ---- The tests -------------------------------------------------------------------------- */

static int become(struct diag *d)
{
    return sandbox_become("somebody", d);
}

static int confine_look(struct diag *d)
{
    return sandbox_confine(SANDBOX_LOOK, d);
}

/* One by one each call is refused; then none is, and all is well. */
static void expect_each_refusal_told(const char *what, int (*give_up)(struct diag *d),
                                     int at_least)
{
    for (int n = 1;; n++) {
        struct diag d = {""};
        play.is_on = true;
        play.refuse_in = n;
        int r = give_up(&d);
        bool was_refused = play.refuse_in == 0;
        play.is_on = false;
        if (!was_refused) {
            cr_assert_eq(r, 0, "%s: %s", what, d.text);
            cr_assert_gt(n, at_least, "%s: only %d calls could be refused", what, n - 1);
            return;
        }
        cr_assert_lt(r, 0, "%s goes on though call %d was refused", what, n);
        cr_assert_str_neq(d.text, "", "%s, call %d", what, n);
    }
}

Test(refused, each_call_on_the_way_to_another_user)
{
    /* prctl, initgroups, setresgid, setresuid, getresuid, getresgid, prctl */
    expect_each_refusal_told("become", become, 7);
}

Test(refused, each_call_that_limits_root)
{
    /* At least 40 capabilities less 5 are cut from the bounding set. */
    expect_each_refusal_told("limit", sandbox_limit_root, 35);
}

Test(refused, each_call_that_drops_all_rights)
{
    expect_each_refusal_told("drop", sandbox_drop_rights, 40);
}

Test(refused, each_rule_of_a_filter)
{
    expect_each_refusal_told("confine", confine_look, 100);
}

/* What play says, once. */
static int become_now(struct diag *d)
{
    play.is_on = true;
    int r = become(d);
    play.is_on = false;
    return r;
}

Test(refused, a_user_that_could_become_root_again_is_not_trusted)
{
    struct diag d = {""};
    play.may_return = true;
    cr_assert_eq(become_now(&d), -EPERM);
    cr_assert(strstr(d.text, "could become root again") != NULL, "%s", d.text);
}

Test(refused, a_user_of_whom_a_part_stayed_root_is_not_trusted)
{
    struct diag d = {""};
    play.is_other = true; /* the saved ids */
    cr_assert_eq(become_now(&d), -EPERM);
}

Test(refused, a_user_who_cannot_be_looked_up_is_not_one_who_is_missing)
{
    struct diag d = {""};
    play.is_nobody = true;
    play.user_error = EMFILE;
    cr_assert_eq(become_now(&d), -EMFILE);
    cr_assert(strstr(d.text, "cannot tell who") != NULL, "%s", d.text);
    play.user_error = 0;
    cr_assert_eq(become_now(&d), -ENOENT);
    cr_assert(strstr(d.text, "there is no user") != NULL, "%s", d.text);
}

/* It was to end with its parent, and the parent ended while the kernel had forgotten that. */
Test(refused, an_orphan_ends_as_it_should_have)
{
    struct diag d = {""};
    play.deathsig = SIGTERM;
    cr_assert_eq(become_now(&d), 0, "%s", d.text);
    cr_assert_eq(play.raised, 0);
    play.is_orphaned = true;
    cr_assert_eq(become_now(&d), 0, "%s", d.text);
    cr_assert_eq(play.raised, SIGTERM);
}

Test(refused, a_kernel_without_filters_is_told_as_such)
{
    struct diag d = {""};
    play.has_no_seccomp = true;
    play.is_on = true;
    int r = confine_look(&d);
    play.is_on = false;
    cr_assert_eq(r, -ENOSYS);
}
