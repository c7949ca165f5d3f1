/*
 * The tables of keys (SPEC 5): one row a key, used for reading, for printing and for the
 * manual. Private to the room, and to the test that holds the shipped example to it.
 */
#ifndef SETTINGS_KEYS_H
#define SETTINGS_KEYS_H

#include "settings/settings.h"

#define SETTINGS_TOP_KEYS 7
#define SETTINGS_POLICY_KEYS 18
#define SETTINGS_COLLECTOR_KEYS 32
#define SETTINGS_MAIL_KEYS 16
extern const struct table_key settings_top_keys[SETTINGS_TOP_KEYS];
extern const struct table_key settings_policy_keys[SETTINGS_POLICY_KEYS];
extern const struct table_key settings_collector_keys[SETTINGS_COLLECTOR_KEYS];
extern const struct table_key settings_mail_keys[SETTINGS_MAIL_KEYS];

#endif
