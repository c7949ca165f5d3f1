/*
 * The line to the probe: by the socket of a probe that runs as a service of its own, or to one
 * that is our child (which has our rights, so without root it sees interfaces alone). It is
 * made again whenever it breaks; a probe that says nothing for too long counts as broken.
 */
#ifndef KEEPER_SENSOR_H
#define KEEPER_SENSOR_H

#include "message/message.h"
#include "os/loop.h"

/* A probe says something each 30 seconds. */
#define SENSOR_SILENCE_MS 100000

struct sensor;

struct sensor_order {
    const char *config;     /* of a child: its -c; borrowed */
    const char *socket;     /* NULL = a child; borrowed */
    const char *probe_user; /* whom to believe at the socket, beside root and ourselves */
    int descriptor;         /* a line that was made by who started us; -1 = none. Used once. */
    void (*message)(void *arg, const struct message *m);
    /* It broke (again: also when it could not be made). `why` is for the log. */
    void (*lost)(void *arg, const char *why);
    void *arg;
};

MUST_USE int sensor_new(struct loop *l, const struct sensor_order *o, struct sensor **ret);
void sensor_free(struct sensor *s);

/* What connections are to be watched for; said to the probe now and after each new start. */
MUST_USE int sensor_set_targets(struct sensor *s, const struct message_target *v, size_t n);

#endif
