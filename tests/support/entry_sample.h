/*
 * An entry that is right, and the evidence that it rests on: two machines on two addresses for
 * 15 days of October 2026. Grace is 14 days, so the rule confirms 1. P0 = 2026-09-30T22:00:00Z
 * = 1790805600, E = P1 = 2026-10-31T23:00:00Z = 1793487600; 1790892000 = P0 + 1 d, and
 * 1792188000 = that + 15 d.
 */
#ifndef SUPPORT_ENTRY_SAMPLE_H
#define SUPPORT_ENTRY_SAMPLE_H

#include "ledger/ledger.h"

/* The same with another end of both stretches. */
#define SAMPLE_EVIDENCE(last)                                                                  \
    "{\"bridge\":93600,\"charge_by\":\"both\",\"end\":1793487600,\"flag_after\":3600,"         \
    "\"grace\":1209600,\"in_period\":[1790805600,1793487600],\"machines\":[{},{}],"            \
    "\"moves\":[],\"period_min\":86400,\"rule\":\"extra-ip\",\"sightings\":["                  \
    "[0,0,\"198.51.100.1\",\"keyserver\",1790892000," last "],"                                \
    "[1,1,\"198.51.100.2\",\"keyserver\",1790892000," last "]],"                               \
    "\"units\":[{\"one_place\":false,\"unit\":\"198.51.100.1\"},"                              \
    "{\"one_place\":false,\"unit\":\"198.51.100.2\"}],\"window\":[1789596000,1793487600]}"
#define SAMPLE_CONFIRMED SAMPLE_EVIDENCE("1792188000")

/* One server too many for 12.50 EUR, the first entry, on that evidence. */
struct ledger_entry sample_entry(const char *evidence);

#endif
