/* Checked arithmetic: true when the exact result fits, which alone is then stored. */
#ifndef BASE_CKD_H
#define BASE_CKD_H

#include "base/defs.h"
#include <stdbool.h>
#include <stdint.h>

MUST_USE static inline bool ckd_add_i64(int64_t a, int64_t b, int64_t *ret)
{
    int64_t r;
    if (__builtin_add_overflow(a, b, &r))
        return false;
    *ret = r;
    return true;
}

MUST_USE static inline bool ckd_sub_i64(int64_t a, int64_t b, int64_t *ret)
{
    int64_t r;
    if (__builtin_sub_overflow(a, b, &r))
        return false;
    *ret = r;
    return true;
}

MUST_USE static inline bool ckd_mul_i64(int64_t a, int64_t b, int64_t *ret)
{
    int64_t r;
    if (__builtin_mul_overflow(a, b, &r))
        return false;
    *ret = r;
    return true;
}

MUST_USE static inline bool ckd_mul_size(size_t a, size_t b, size_t *ret)
{
    size_t r;
    if (__builtin_mul_overflow(a, b, &r))
        return false;
    *ret = r;
    return true;
}

#endif
