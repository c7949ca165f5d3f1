/*
 * Every suite checks for leaks: inside a test process LeakSanitizer's exit check is passed over
 * by the test framework, so it is called by hand after each test.
 */
#ifndef SUPPORT_LEAK_H
#define SUPPORT_LEAK_H

#include <criterion/criterion.h>

#if defined(__SANITIZE_ADDRESS__)
#define LEAK_CHECK 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define LEAK_CHECK 1
#endif
#endif

#ifdef LEAK_CHECK
int __lsan_do_recoverable_leak_check(void);
static inline void leak_check(void)
{
    cr_assert_eq(__lsan_do_recoverable_leak_check(), 0, "the test leaks memory");
}
#else
static inline void leak_check(void)
{
}
#endif

#define SUITE(name) TestSuite(name, .fini = leak_check)

#endif
