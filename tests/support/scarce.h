/*
 * Memory that runs out, for code that is called in the test's own process. Only for executables
 * whose calls to the allocator are turned here by the linker (turned_calls() in
 * tests/CMakeLists.txt).
 */
#ifndef SUPPORT_SCARCE_H
#define SUPPORT_SCARCE_H

#include <stddef.h>

/*
 * Calls work(arg) with its first allocation failing, then its second, and so on, until it makes
 * none that fails. Each time it must return -ENOMEM, or 0 when it could do without: then `work`
 * itself has seen that nothing is missing. What leaks is found by the suite's leak check.
 * Returns how many allocations it makes.
 */
size_t scarce_each(const char *what, int (*work)(void *arg), void *arg);

/* Lets the n-th allocation from now on fail, n >= 1; 0 = none any more. */
void scarce_from_now(size_t n);

#endif
