/*
 * The nightly report as a value: what one reader, an account manager or a reseller, is told of
 * one night. Made by collector/edition; the renderers (text.h, html.h, csv.h, json.h) are
 * functions of it: equal models, equal bytes. It holds facts, never sentences: those are made
 * in the reader's language (sentences.h).
 *
 * All texts are borrowed from whoever made the model. Names may be hostile (any script, any
 * mark, 1,000 bytes): voice.h makes them harmless on their way out.
 */
#ifndef BULLETIN_MODEL_H
#define BULLETIN_MODEL_H

#include "audit/finding.h"
#include "domain/estate.h"

/* Rows of one report. What is beyond is counted (`n_more`), said, and found by a command. */
enum {
    BULLETIN_LINES_MAX = 2000, /* findings of one account manager: 400 kB of CSV */
    BULLETIN_SHOWN_MAX = 40,   /* of them told in the text and the HTML, the gravest first */
    BULLETIN_SEEN_MAX = 6,     /* places of one finding */
    BULLETIN_CALLS_MAX = 12,   /* with a text to forward; more are listed by name */
    BULLETIN_PICTURES_MAX = 6, /* timelines of one mail */
    BULLETIN_HOLDS_MAX = 100,  /* disputes and waivers of one reseller */
    BULLETIN_DEAD_MAX = 20,    /* mails that could not be delivered */
};

/* How a finding stands to what this reader was last told of its kind and subject. */
enum bulletin_change {
    CHANGE_NONE = 0,
    CHANGE_NEW,      /* nothing was said of it */
    CHANGE_WORSE,    /* a higher state, a larger quantity, or a further period after a confirmed
                        one; the quantity of a notice is no news */
    CHANGE_LESS,     /* a lower state or a smaller quantity */
    CHANGE_ENDED,    /* potential, and it no longer goes on: it costs nothing if it stays so */
    CHANGE_AGAIN,    /* had ended, and goes on again */
    CHANGE_SOON,     /* unchanged, but it will soon cost money (resellers) */
    CHANGE_RESOLVED, /* was said, and is no longer found, or is over with its month */
};
#define BULLETIN_CHANGE_COUNT 8

/* One place in which a subject was seen: a machine at a unit; for a domain a server. */
struct bulletin_seen {
    const char *server; /* its id */
    const char *unit;   /* an address or a network; "" for a domain */
    wall_t first, last; /* within the finding's window */
    bool goes_on;       /* still there, by what is known at the report's E */
    bool is_living;     /* of places that follow one another, the one that lives on */
    bool is_outside;    /* in none of the reseller's networks */
    bool by_collector;  /* seen by the collector itself, too, not by the agent alone */
    int64_t count;      /* of a domain: mailboxes last reported */
};

/* What a finding costs, or would cost. */
struct bulletin_cost {
    bool is_known; /* else: there is no tariff, or no charge for this kind */
    int64_t units; /* blocks */
    price_t unit_price;
    money_t amount; /* excluding VAT */
    /* The reseller's; of a key with entries, theirs: what was entered can be taken back. */
    const struct currency *currency;
};

/* One finding of one period. */
struct bulletin_line {
    enum finding_kind kind;
    enum finding_state state; /* of a RESOLVED line: STATE_CLEAR */
    period_t period;
    const char *subject; /* canonical: a licence, an A-label, an address, a server */
    const char *shown;   /* a domain's U-label; else the subject */
    int64_t quantity;
    bool has_since, has_confirms;
    wall_t since, confirms_at; /* has_confirms: it goes on, and will cost from then on */
    bool is_trial, is_waived, is_disputed;
    const char *policy;
    enum bulletin_change change;
    enum finding_state was_state; /* what was said; CLEAR = nothing */
    int64_t was_quantity;
    struct bulletin_cost cost; /* confirmed: what is due; potential: what it would be */
    dur_t observed, presence;  /* SPEC 6.5, last paragraph; 0 where evidence has none */
    dur_t by_collector;
    int64_t gaps;                     /* of the agents concerned, in that time */
    const struct bulletin_seen *seen; /* by first */
    size_t n_seen, n_seen_more;
    int64_t limit;   /* of a domain, at the end; 0 elsewhere */
    int32_t group;   /* index in the reseller's groups; -1 = by itself */
    int32_t picture; /* index in the report's pictures; -1 = none */
};

/* One cause that explains several findings of a reseller. */
enum bulletin_cause {
    CAUSE_PLACE,  /* all outside at the same unit: `what` is the unit */
    CAUSE_SERVER, /* all on the same server: `what` is its id */
    CAUSE_KIND,   /* all that is common is what they are (never seen, expired …) */
};
struct bulletin_group {
    enum finding_kind kind;
    enum finding_state state;
    enum bulletin_cause cause;
    const char *what;
    size_t n; /* lines in it, at least 3 */
};

/* Money of one period, kind and currency, excluding VAT. */
struct bulletin_money {
    period_t period;
    enum charge_kind kind;
    const struct currency *currency; /* as in struct bulletin_cost */
    bool is_closed;                  /* then the draft is an adjustment */
    int64_t keys;                    /* with a due or an entry */
    int64_t unpriced;                /* confirmed ones without a tariff */
    money_t due, entered;
    money_t draft; /* due - entered, without the disputed keys: those wait for a decision */
};

/* A key that a person decided on. */
struct bulletin_hold {
    period_t period;
    enum charge_kind kind;
    const char *subject;
    bool is_waived; /* else disputed */
    money_t amount; /* waived: what was entered of it; disputed: what is kept out */
    const struct currency *currency;
};

enum bulletin_step { STEP_NONE, STEP_NOTICE, STEP_WARNING, STEP_REVIEW };
/* FUP, last section: periods of the last 12 with a confirmed, unwaived finding. */
struct bulletin_strikes {
    int64_t periods; /* of the last 12, this one included */
    enum bulletin_step step;
    int64_t next_at; /* periods at which the next step is reached; 0 = there is none */
    int64_t licenses_concerned, licenses_known; /* in those 12 periods; now */
};

/* What was seen of what is known, so that silence is never read as innocence. */
struct bulletin_coverage {
    int64_t licenses_known, licenses_seen; /* entries valid now; seen in the newest period */
    int64_t domains_known, domains_counted;
    int64_t servers_known, servers_silent; /* that should report: heard of, not retired */
    int64_t servers_with_gaps;
    dur_t gaps;                  /* together, in the newest period */
    bool lacks_ipv4, lacks_ipv6; /* no network of that family is declared now */
};

struct bulletin_reseller {
    const char *id, *name;
    const char *email; /* NULL = none: it gets no mail */
    enum language language;
    const struct currency *currency;
    bool is_trial;
    int64_t confirmed, potential, notices; /* findings in all, also those left out */
    int64_t changed;                       /* of them new or changed; and resolved ones */
    /* Charging kinds first; graver, then sooner, then by kind, subject, period. To a reseller:
     * before all that, what changed. */
    const struct bulletin_line *lines;
    size_t n_lines;
    int64_t n_more; /* findings that did not fit */
    const struct bulletin_group *groups;
    size_t n_groups;
    const struct bulletin_money *money; /* by period, kind, currency */
    size_t n_money;
    const struct bulletin_hold *holds;
    size_t n_holds;
    int64_t n_holds_more;
    struct bulletin_strikes strikes;
    struct bulletin_coverage coverage;
};

/* Why a reseller should be called; bits. */
enum bulletin_reason {
    REASON_SOON = 1 << 0,      /* something will cost money, and can still be cleared */
    REASON_CONFIRMED = 1 << 1, /* something was confirmed that was not before */
    REASON_LADDER = 1 << 2,    /* a step of the strikes is reached by a finding of this night */
    REASON_NO_MAIL = 1 << 3,   /* it has no e-mail, or its mail came back */
    REASON_BLIND = 1 << 4,     /* half of its licences or more are not seen, at least 3 */
};
struct bulletin_call {
    size_t reseller; /* index */
    unsigned reasons;
    bool has_by; /* the earliest confirms_at */
    wall_t by;
};

/* How often charges of a rule did not stand, in the last 12 periods, of all resellers. */
struct bulletin_rate {
    enum charge_kind kind;
    int64_t charged;   /* keys that were entered, disputed or waived */
    int64_t withdrawn; /* of them waived, or adjusted back to nothing */
};

/* A period that is over and can be closed. */
struct bulletin_waiting {
    period_t period;
    wall_t since;
    int64_t drafts; /* of all resellers; that would be entered */
};

/* A mail that could not be delivered. */
struct bulletin_dead {
    const char *recipient; /* address */
    const char *reader;    /* id */
    int64_t run;
    wall_t at;
    const char *why; /* what the server said */
};

/* Money of several resellers, by currency. Of trial resellers nothing is in it. */
struct bulletin_sum {
    const struct currency *currency;
    money_t draft, adjustment, entered; /* open periods; closed ones; open periods */
    money_t would;                      /* what potential findings would cost */
};

struct bulletin_picture {
    const char *cid; /* Content-ID */
    const struct bulletin_line *line;
    size_t reseller;        /* index */
    uint32_t width, height; /* pixels as shown */
};

enum bulletin_audience { AUDIENCE_MANAGER, AUDIENCE_RESELLER };

struct bulletin {
    enum bulletin_audience audience;
    enum language language;
    const char *id, *name, *email; /* of the reader */
    int64_t run, serial;           /* 0 = a preview, not sent */
    bool has_last;                 /* the reader had a mail before; else all is new */
    int64_t last_serial;
    wall_t last_as_of;
    wall_t as_of;    /* T */
    period_t newest; /* the period of T */
    const struct zone *zone;
    const char *failure; /* NULL; else the audit failed, and this is why: all below is empty */

    /* For a reseller: who to answer to, and only one element in `resellers`. */
    const char *contact_name, *contact_email;

    const struct bulletin_reseller
        *resellers; /* those with something to say first, by urgency */
    size_t n_resellers;
    /* Findings that belong to no reseller. */
    const struct bulletin_line *unassigned;
    size_t n_unassigned;
    int64_t n_unassigned_more;

    /* In all, of resellers and of none, also those that did not fit. */
    int64_t confirmed, potential, notices;
    int64_t is_new, is_changed, is_resolved;
    const struct bulletin_sum *sums; /* by currency code */
    size_t n_sums;
    struct bulletin_coverage coverage; /* of all its resellers; lacks_*: any */
    const struct bulletin_call *calls; /* the most urgent first */
    size_t n_calls;
    const struct bulletin_rate *rates;
    size_t n_rates;
    const struct bulletin_waiting *waiting;
    size_t n_waiting;
    const struct bulletin_dead *dead;
    size_t n_dead;
    int64_t n_dead_more;
    int64_t entries, decisions;                /* the ledger's last sequences */
    const char *entries_hash, *decisions_hash; /* heads of its chains; "" = empty */
    const struct bulletin_picture *pictures;
    size_t n_pictures;
    /* The command's words before its own: "fairusectl -c /etc/fairuse/collector.conf". */
    const char *command;
    size_t shown_max; /* lines told in text and HTML: BULLETIN_SHOWN_MAX, or fewer for a mail's
                         size; the CSV has all */
    bool lacks_amounts; /* the table of amounts did not fit into the mail */
};

/* Names for JSON and CSV, never translated: "none", "new" …; "place" …; "notice" … */
const char *bulletin_change_name(enum bulletin_change c);
const char *bulletin_cause_name(enum bulletin_cause c);
const char *bulletin_step_name(enum bulletin_step s);

/* Whether a kind can cost money (extra-ip, mailboxes, outside). */
bool bulletin_is_charging(enum finding_kind k);

#endif
