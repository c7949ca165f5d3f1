/*
 * The key registry: which key files are in use. Its form is not documented, so nothing of it is
 * relied on: whatever text or attribute could be a file's name or path is taken as a hint.
 */
#ifndef PLESK_REGISTRY_H
#define PLESK_REGISTRY_H

#include "base/diag.h"
#include "base/text.h"

/* The last part of each path, without its folder; borrowed for the call. */
typedef void registry_name_fn(void *arg, struct text name);

/* 0; -EBADMSG with the reason, the names before it told; -ENOMEM. */
MUST_USE int registry_read(struct text bytes, registry_name_fn *named, void *arg,
                           struct diag *d);

#endif
