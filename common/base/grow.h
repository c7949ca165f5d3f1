/* Growing arrays: one function for all of them. */
#ifndef BASE_GROW_H
#define BASE_GROW_H

#include "base/defs.h"

/*
 * Makes room for `need` elements of `elem` bytes in the array at *array (a pointer to any
 * object pointer), which now has room for *cap. Doubles; never shrinks.
 * 0; -ERANGE when need > max; -ENOMEM. On error nothing changed.
 */
MUST_USE int grow(void *array, size_t *cap, size_t need, size_t elem, size_t max);

#endif
