/*
 * What the agent's processes say to each other: typed, bounded, checked on arrival. Who sends
 * is never trusted: the probe reads strangers' packets, the look reads other programs' files,
 * the uplink what a server answers. So whoever receives takes only the kinds that it expects of
 * that sender (a set of bits), and every field is judged again here. Pure.
 *
 * On the wire a message is: its kind (one byte), the length of the rest (three bytes), the
 * fields in the order below. Integers are big-endian, of the size that the comment gives; a
 * text is its length (two bytes) and its bytes; an address is its family (4 or 6) and 4 or 16
 * bytes. A datagram holds exactly one; a pipe one after another.
 *
 * Moments are seconds on the clock that does not jump (os/clock.h, clock_boot()), which all
 * processes of one machine share; below zero before its start; at most 2^40 either way.
 */
#ifndef MESSAGE_MESSAGE_H
#define MESSAGE_MESSAGE_H

#include "base/buf.h"
#include "base/diag.h"
#include "domain/report.h"

#define MESSAGE_BYTES_MAX                                                                      \
    4096 /* of one, with its head; the longest we make has about 1,200                         \
          */
#define MESSAGE_HEAD_BYTES 4
#define MESSAGE_TEXT_MAX 400  /* of a reason for people */
#define MESSAGE_HOST_SIZE 270 /* "host:port" or "[address]:port" */

enum message_kind {
    /* The probe to the keeper. */
    MESSAGE_HELLO = 1,
    MESSAGE_ADDRESS = 2,
    MESSAGE_SEEN = 3,
    MESSAGE_PULSE = 4,
    /* Several. */
    MESSAGE_GAP = 5,
    MESSAGE_TARGET = 6,
    MESSAGE_SETTING = 7,
    MESSAGE_END = 8,
    /* The look to the keeper. */
    MESSAGE_LICENSE = 9,
    MESSAGE_DOMAIN = 10,
    /* The uplink to the keeper. */
    MESSAGE_RESULT = 11,
    MESSAGE_STANDING = 12,
    MESSAGE_TAKEN = 13,
};
#define MESSAGE_KIND_MAX 13
#define MESSAGE_BIT(kind) (1U << (kind))

/* What the probe can see (a bit for each enum source) and, where it is less than was asked for,
 * why. Its first message. */
struct message_hello {
    uint8_t sources;                /* u8 */
    char why[MESSAGE_TEXT_MAX + 1]; /* "" = all that was asked for */
};

/* An address is on an interface, or is gone from it. */
struct message_address {
    struct addr address;
    bool is_there; /* u8: 0 or 1 */
    int64_t at_s;  /* i64 */
};

/* One of the server's own addresses was used: keyserver, nat or panel. */
struct message_seen {
    enum source source; /* u8; never peer or interface */
    struct addr address;
    int64_t first_s, last_s; /* i64 each; first <= last */
    int64_t packets;         /* i64, at least 1 */
};

/* Alive; what was counted since the probe's start. */
enum message_tracking {
    MESSAGE_TRACKING_UNKNOWN = 0, /* nothing came by that could tell */
    MESSAGE_TRACKING_NONE = 1,    /* the host tracks no connections: "no NAT" cannot be said */
    MESSAGE_TRACKING_WORKS = 2,
};
struct message_pulse {
    int64_t at_s;
    int64_t packets, packets_lost, flows, overruns; /* i64 each, 0 or more */
    enum message_tracking tracking;                 /* u8 */
};

/* What could not be seen. `lost` 0 = unknown. */
struct message_gap {
    enum gap_kind what; /* u8 */
    int64_t first_s, last_s, lost;
};

/* Where a key server or a collector is: what the probe watches connections to. */
struct message_target {
    bool is_collector; /* u8 */
    struct addr address;
    uint16_t port; /* u16, not 0 */
};

/* What the collector wants of the agent (fairuse-report(5), "settings"). */
enum message_setting_kind {
    MESSAGE_SETTING_INTERVAL = 1,   /* number: seconds, 1 to 86400 */
    MESSAGE_SETTING_MX_SUFFIX = 2,  /* text: a domain name */
    MESSAGE_SETTING_KEY_SERVER = 3, /* text: host, host:port, [address]:port */
};
struct message_setting {
    enum message_setting_kind kind; /* u8 */
    int64_t number;                 /* i64; 0 where it is a text */
    char text[MESSAGE_HOST_SIZE];   /* "" where it is a number */
};

/*
 * The end of what was asked for; without one, what came before is not whole. To the probe: the
 * end of a list of targets, which replaces the list before. From the look: what went wrong.
 */
enum message_trouble {
    MESSAGE_TROUBLE_KEYS = 1,      /* key files could not be read: which licences are here is
                                      not known */
    MESSAGE_TROUBLE_MAILBOXES = 2, /* nothing was counted */
    MESSAGE_TROUBLE_FOLDERS = 4,   /* counted in folders, not in Plesk's database */
    MESSAGE_TROUBLE_NAMES = 8,     /* names could not be looked up */
};
struct message_end {
    uint8_t troubles;               /* u8: bits of enum message_trouble */
    bool has_counted;               /* u8: the domains are all that there are to report */
    char why[MESSAGE_TEXT_MAX + 1]; /* of the first trouble */
};

/* A key that the panel uses now. */
struct message_license {
    struct report_license license;
    int64_t since_s; /* i64: since when the file is there (the inode's change, which nobody can
                        set); at most now */
};

struct message_domain {
    char domain[DNAME_SIZE]; /* lower-case A-label */
    struct mail_counts counts;
};

/* How an attempt to reach the collector ended. */
enum message_outcome {
    MESSAGE_DONE = 1,        /* it is on the collector's disk; enrolled; renewed */
    MESSAGE_REFUSED = 2,     /* 400, 413, 415: this body will never be taken */
    MESSAGE_STRANGER = 3,    /* 401, 403: not enrolled, or no longer */
    MESSAGE_LATER = 4,       /* 429, 503 and every other answer */
    MESSAGE_UNREACHABLE = 5, /* no name, no route, nobody there, a proxy that refuses */
    MESSAGE_UNTRUSTED = 6,   /* who answered is not the collector that was enrolled with */
    MESSAGE_NO_IDENTITY = 7, /* nothing to show: enrol first */
    MESSAGE_BROKEN = 8,      /* something of our own: a file, memory */
};
struct message_result {
    enum message_outcome outcome; /* u8 */
    int64_t status;               /* i64: HTTP's, 0 = none came */
    int64_t retry_after_s;        /* i64: 0 = not said; at most a day */
    int64_t
        clock_boot; /* i64: what the collector's clock had at our kernel's start; 0 = unknown */
    int64_t identity_from, identity_to; /* i64 each: Unix times of our certificate; 0 = none */
    char at[REPORT_AT_SIZE];            /* the place at fault of a refused report, or "" */
    char why[MESSAGE_TEXT_MAX + 1];     /* "" when done */
};

/* How one of our licences stands (fairuse-report(5), "licenses"). */
enum message_state {
    MESSAGE_STATE_OK = 0,
    MESSAGE_STATE_POTENTIAL = 1,
    MESSAGE_STATE_CONFIRMED = 2
};
struct message_standing {
    license_t license;          /* i64 */
    enum message_state state;   /* u8 */
    char kinds[65];             /* "extra-ip,outside": letters, digits, '-', ','; "" when ok */
    int64_t since, confirms_at; /* i64 each: Unix times, 0 = none */
};

/* A report was taken. */
struct message_taken {
    char server[CAP_ID + 1]; /* as which it was sent: a label, never "" */
    bool is_lacking;         /* u8: what was acknowledged before is lost there, and wanted */
};

struct message {
    enum message_kind kind;
    union {
        struct message_hello hello;
        struct message_address address;
        struct message_seen seen;
        struct message_pulse pulse;
        struct message_gap gap;
        struct message_target target;
        struct message_setting setting;
        struct message_end end;
        struct message_license license;
        struct message_domain domain;
        struct message_result result;
        struct message_standing standing;
        struct message_taken taken;
    } as;
};

/*
 * Adds one message; buf_error() tells. What breaks the rules above is our bug (an assertion),
 * except in a text for people (`why`, `at`): each byte there that is no part of a character fit
 * to be shown is written as '?', for it came from a library or a server and may have been cut.
 */
void message_encode(const struct message *m, struct buf *out);

/*
 * The first message of some bytes. 0 with *ret and how many bytes it took; -EAGAIN: not whole
 * yet, more must come (of a datagram: -EBADMSG to the caller); -EBADMSG with the reason in d:
 * of a kind that is not in `allowed`, too long, a field out of its bounds, or bytes left over.
 */
MUST_USE int message_decode(struct text bytes, uint32_t allowed, struct message *ret,
                            size_t *ret_used, struct diag *d);

const char *message_kind_name(enum message_kind k);

#endif
