/* libidn2 without memory, for executables whose calls to it are turned (tests/CMakeLists.txt).
 */
#ifndef SUPPORT_SCARCE_NAMES_H
#define SUPPORT_SCARCE_NAMES_H

#include <stddef.h>

/* Lets the n-th conversion of a name from now on run out of memory, n >= 1; 0 = none. */
void scarce_names_from_now(size_t n);

#endif
