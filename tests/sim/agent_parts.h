/* What agent.c and fleet.c share. */
#ifndef SIM_AGENT_PARTS_H
#define SIM_AGENT_PARTS_H

#include "keeper/presence.h"
#include "keeper/tally.h"
#include "sim/sim.h"
#include "spool/spool.h"

const struct event *agent_event(const struct agent *a, enum event_kind k, int64_t t);
/* Where its disk does not let it, it stays down. */
void agent_start(struct sim *s, struct agent *a, int64_t t);
void agent_stop(struct agent *a);
void agent_crash(struct sim *s, struct agent *a, const struct event *e);
void agent_copy_disk(const struct sim *s, const struct agent *from, const struct agent *to);
/* One step at a->next. True: a report is on its way. */
bool agent_step(struct sim *s, struct agent *a);
/* Its writes fail, if the plan says so at t; until disk_disarm(). */
void agent_arm_disk(const struct agent *a, int64_t t);

#endif
