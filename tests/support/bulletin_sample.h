/*
 * Reports as values, invented by hand: the night of 14 October 2026, 02:15 in Amsterdam. The
 * values hang together as those of a real night would (docs: collector/bulletin/model.h); what
 * follows from what is said beside them in bulletin_sample.c. Each comes as a copy of which a
 * test may change the members; what they point at stays as it is.
 */
#ifndef SUPPORT_BULLETIN_SAMPLE_H
#define SUPPORT_BULLETIN_SAMPLE_H

#include "bulletin/model.h"

/* Europe/Amsterdam in 2026, by hand. */
const struct zone *sample_zone(void);

/* To a manager, with nothing in it but who, when and what the command is. */
struct bulletin sample_bare(enum language language);
/* Anna de Wit's five resellers: charges, a group, a migration, a trial, two without findings.
 */
struct bulletin sample_manager(enum language language);
/* To one of them, Bakker Hosting. */
struct bulletin sample_reseller(enum language language);
/* A manager's calm night: two resellers, no finding, nothing to do. */
struct bulletin sample_empty(enum language language);
/* The audit failed. */
struct bulletin sample_failed(enum language language);
/* Names and texts that try to break out of every format. */
struct bulletin sample_hostile(enum language language);
enum { SAMPLE_HUGE_LINES = 2000 };
/* One reseller with SAMPLE_HUGE_LINES findings, and 1,234 more that did not fit. */
struct bulletin sample_huge(enum language language);

#endif
