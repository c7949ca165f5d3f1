/*
 * The caps: everything that grows has its limit here, with its reason. The manual quotes this
 * list; a value that a peer must know (the report's limits) stands in fairuse-report(5) too.
 */
#ifndef BASE_CAPS_H
#define BASE_CAPS_H

#include <stdint.h>

/* Text. */
enum {
    CAP_ID = 64,          /* bytes of an id that people choose: reseller, manager, server */
    CAP_NAME = 1000,      /* bytes of a name for display; any script, hostile ones included */
    CAP_REASON = 1000,    /* bytes of a reason beside a move, a waiver, a dispute */
    CAP_EMAIL = 254,      /* RFC 5321 4.5.3.1.3: a path is at most 256 with its brackets */
    CAP_DOMAIN = 253,     /* RFC 1035 2.3.4, as text without the trailing dot */
    CAP_LABEL_TEXT = 128, /* product, edition and version strings in a report */
    CAP_DIAG = 1024,      /* one error message: what, where, what to do */
    CAP_QUOTE = 60,       /* bytes of a refused value that a message repeats */
    CAP_VERSION = 31,     /* bytes of a policy version's name */
};

/* One report (SPEC 3). A server with 10,000 domains is the largest that Plesk supports well. */
enum {
    CAP_REPORT_BYTES = 4 << 20,
    CAP_REPORT_LICENSES = 256,
    CAP_REPORT_SIGHTINGS = 4096,
    CAP_REPORT_MAILBOXES = 20000,
    CAP_REPORT_GAPS = 1024,
    CAP_REPORT_COUNT = 10000000, /* mailboxes and the like of one domain */
    CAP_JSON_DEPTH = 32,         /* nesting of any JSON that we read; a report needs 3 */
};

/* The collector's door. */
enum {
    CAP_HTTP_HEAD = 8192,      /* bytes of a request's head: ours are below 500 */
    CAP_HTTP_FIELDS = 64,      /* header fields of a request */
    CAP_HTTP_ANSWER = 1 << 20, /* bytes of an answer: 256 licences with their states */
    CAP_ENROL_BYTES = 16384,   /* body of an enrolment or a renewal: a token and a request */
    CAP_CONNECTIONS = 100000,  /* that a configuration may allow: 2 GB of sessions */
    CAP_LISTENERS = 8,
    CAP_PROXIES = 64,         /* networks of balancers */
    CAP_PEER_BUCKETS = 65536, /* addresses whose rate is remembered; the stalest goes */
    CAP_QUEUE = 65536,        /* jobs that a configuration may let wait for the writer */
    CAP_BATCH = 256,          /* jobs of one commit: beyond it nothing is gained (measured) */
    CAP_STANDINGS = 2000000,  /* licences with a state: all of a distributor's */
    CAP_SUFFIXES = 64,        /* MX suffixes, key servers in an answer */
    CAP_LOG_LINE = 2048,
};

/* The agent. */
enum {
    CAP_SPOOL_ROWS = 200000, /* that wait: 20,000 domains that change daily for a week; 20 MB */
    CAP_HISTORY_ROWS = 500000, /* acknowledged ones; beyond it the oldest go */
    CAP_SENT_ROWS = 100000,    /* acknowledged ones that could be sent again; 10 MB */
    CAP_PRESENCES = 4096,      /* addresses by source that go on at one moment */
};

/* Files. */
/* One estate file: a million licences are 200 MB. */
#define CAP_ESTATE_BYTES (INT64_C(1) << 30)
#define CAP_CONFIG_BYTES (INT64_C(1) << 20)
#define CAP_PROOF_BYTES (INT64_C(64) << 20)
enum {
    CAP_CSV_FIELD = 65536, /* bytes of one CSV field: the list of a reseller's networks */
    CAP_RESELLER_NETWORKS = 65536,
    CAP_ESTATE_ROWS = 20000000, /* of one table: ten times what any distributor holds */
    CAP_POLICIES = 64,          /* versions in one configuration: five years of monthly ones */
    CAP_OVERRIDES = 4096, /* resellers with settings of their own, each in every version */
    CAP_LAB_NETWORKS = 1024,
};

/* Evidence. */
enum {
    CAP_COUNTER_WINDOW = 128, /* newest counters a machine, to tell a fork: 32 h at 15 min */
    CAP_OPEN_PERIODS = 24,    /* periods back that can still be open: a forged report of 2020
                                 must not make every night audit seven years */
    CAP_LEVEL = 1 << 20,      /* largest quantity that a level can reach */
};
#define CAP_EVIDENCE_BYTES (INT64_C(64) << 20) /* the evidence of one finding, as JSON */

#endif
