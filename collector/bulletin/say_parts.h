/* What the sentences share. Private to this room. */
#ifndef BULLETIN_SAY_PARTS_H
#define BULLETIN_SAY_PARTS_H

#include "bulletin/model.h"

/* Whether money is asked for it, or would be: by tariff, and of a reseller that pays. */
bool say_is_paid(const struct bulletin_line *l);

#endif
