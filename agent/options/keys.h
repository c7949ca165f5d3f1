/* The table of keys of the agent's file. Private to the room, and to the tests that hold the
 * manual and the shipped example to it. */
#ifndef OPTIONS_KEYS_H
#define OPTIONS_KEYS_H

#include "options/options.h"

#define OPTIONS_KEYS 27
extern const struct table_key options_keys[OPTIONS_KEYS];

#endif
