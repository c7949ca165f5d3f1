/* Growing arrays. */
#include "base/grow.h"

#include "base/ckd.h"

#include <errno.h>
#include <string.h>

enum { GROW_FIRST = 8 };

int grow(void *array, size_t *cap, size_t need, size_t elem, size_t max)
{
    if (need <= *cap)
        return 0;
    if (need > max)
        return -ERANGE;
    size_t room = *cap > max / 2 ? max : *cap * 2;
    if (room < GROW_FIRST && max >= GROW_FIRST)
        room = GROW_FIRST;
    if (room < need)
        room = need;
    size_t bytes;
    if (!ckd_mul_size(room, elem, &bytes))
        return -ENOMEM;
    /* The caller's pointer has a type that is not known here: it is copied, never aliased. */
    void *old;
    memcpy(&old, array, sizeof old);
    void *grown = realloc(old, bytes);
    if (!grown)
        return -ENOMEM;
    memcpy(array, &grown, sizeof grown);
    *cap = room;
    return 0;
}
