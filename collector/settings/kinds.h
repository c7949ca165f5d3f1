/* The types of settings that the collector alone has, for its tables of keys. */
#ifndef SETTINGS_KINDS_H
#define SETTINGS_KINDS_H

#include "table/table.h"

/* int64_t[3], rising; min and max of each. */
extern const struct table_kind settings_kind_strikes;
/* price_t; max in major units. */
extern const struct table_kind settings_kind_price;
/* license_prefixes and n_license_prefixes of struct settings; 1 to max of them. */
extern const struct table_kind settings_kind_prefixes;

#endif
