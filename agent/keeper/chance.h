/* Chance, from the kernel: the run's name, and times spread so that agents do not march in
 * step. */
#ifndef KEEPER_CHANCE_H
#define KEEPER_CHANCE_H

#include "domain/uuid.h"

MUST_USE int chance_uuid(struct uuid *ret); /* version 4 (RFC 4122 4.4); 0 or -EIO */

/* 0 to n - 1, each as likely; 0 for n <= 1, and where the kernel gives nothing. */
int64_t chance_below(int64_t n);

#endif
