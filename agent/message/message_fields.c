/* The fields of each kind of message, and the rules that they keep. */
#include "message/message_parts.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "base/times.h"
#include "domain/addr.h"

enum {
    SOURCES = 1 << SOURCE_KEYSERVER | 1 << SOURCE_NAT | 1 << SOURCE_PANEL |
              1 << SOURCE_INTERFACE, /* all but peer, which only the collector sees */
    TROUBLES = MESSAGE_TROUBLE_KEYS | MESSAGE_TROUBLE_MAILBOXES | MESSAGE_TROUBLE_FOLDERS |
               MESSAGE_TROUBLE_NAMES,
    INTERVAL_MAX = 86400, /* fairuse-report(5): "settings" */
    RETRY_MAX = 86400,
    STATUS_MAX = 999, /* RFC 9110 15: three digits */
    VERSION_DIGITS_MAX = 8,
    MACHINE_ID_BYTES = 32,
    PORT_MAX = 65535,
    LABEL_MAX = 63, /* RFC 1035 2.3.4 */
};

/*
 * On the clock of boots. What was there before this boot lies below zero. So narrow that
 * neither sums nor microseconds overflow, so wide that a recording's times (1970) fit.
 */
#define MOMENT_MAX (INT64_C(1) << 40)

#define UNIX_MAX INT64_C(253402300799) /* WALL_MAX, as a constant: the end of 9999 */

/* ---- Texts ------------------------------------------------------------------------------ */

static bool is_letter(char c)
{
    return c >= 'a' && c <= 'z';
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Letters, digits, '-' and '_', as dname_parse() leaves them; 0 where there is none. */
static size_t label_length(struct text t)
{
    size_t n = 0;
    while (n < t.n && (is_letter(t.p[n]) || is_digit(t.p[n]) || t.p[n] == '-' || t.p[n] == '_'))
        n++;
    return n <= LABEL_MAX ? n : 0;
}

/* Labels with dots between them; *ret_labels = how many. The last has more than digits, or it
 * would be an address. */
static bool is_name(struct text t, size_t *ret_labels)
{
    size_t labels = 0;
    size_t last = 0;
    for (size_t at = 0; at <= t.n; at++) { /* behind each label is a dot, or the end */
        size_t n = label_length((struct text){t.p + at, t.n - at});
        last = at;
        at += n;
        labels++;
        if (n == 0 || (at < t.n && t.p[at] != '.'))
            return false;
    }
    while (last < t.n && is_digit(t.p[last]))
        last++;
    *ret_labels = labels;
    return last < t.n && t.n <= CAP_DOMAIN;
}

static bool is_domain(struct text t)
{
    size_t labels = 0;
    return is_name(t, &labels) && labels >= 2;
}

static bool is_port(struct text t)
{
    int64_t port;
    return text_to_int(t, 1, PORT_MAX, &port) == 0;
}

/* A name of one label or more, or an address. */
static bool is_host(struct text t)
{
    struct addr a;
    size_t labels;
    return addr_parse(t, &a) == 0 || is_name(t, &labels);
}

/* "host", "host:port", "[address]:port". */
static bool is_server(struct text t)
{
    if (is_host(t))
        return true; /* first: an IPv6 address has colons of its own */
    bool is_bracketed = t.p[0] == '[';
    const char *stop = memchr(t.p, is_bracketed ? ']' : ':', t.n);
    if (!stop)
        return false;
    struct text host = {t.p + is_bracketed, (size_t)(stop - t.p) - is_bracketed};
    struct text rest = {stop + is_bracketed, t.n - (size_t)(stop - t.p) - is_bracketed};
    if (rest.n == 0 || rest.p[0] != ':' || !is_port((struct text){rest.p + 1, rest.n - 1}))
        return false;
    struct addr a;
    return is_bracketed ? addr_parse(host, &a) == 0 && a.family == ADDR_IPV6 : is_host(host);
}

/* As a report may carry it (wire): digits alone are a key's version, which is short. */
static bool is_version(struct text t)
{
    size_t digits = 0;
    for (size_t i = 0; i < t.n; i++) {
        char lower = t.p[i] >= 'A' && t.p[i] <= 'Z' ? (char)(t.p[i] - 'A' + 'a') : t.p[i];
        if (!is_letter(lower) && !is_digit(lower) && lower != '.')
            return false;
        digits += is_digit(lower);
    }
    return digits < t.n || t.n <= VERSION_DIGITS_MAX;
}

static bool is_label(struct text t)
{
    return text_is_label(t, CAP_LABEL_TEXT);
}

static bool is_date(struct text t)
{
    int64_t days;
    return civil_parse(t, &days) == 0;
}

static bool is_machine_id(struct text t)
{
    for (size_t i = 0; i < t.n; i++) {
        if (!is_digit(t.p[i]) && !(t.p[i] >= 'a' && t.p[i] <= 'f'))
            return false;
    }
    return t.n == 2 * MACHINE_ID_BYTES;
}

/* Words of letters, digits and '-', with commas between them. */
static bool is_kinds(struct text t)
{
    char before = ',';
    for (size_t i = 0; i < t.n; i++) {
        char c = t.p[i];
        if (c == ',' ? before == ',' : !is_letter(c) && !is_digit(c) && c != '-')
            return false;
        before = c;
    }
    return before != ',';
}

/* The length of the character at the start of n > 0 bytes, if it is one and no control
 * character (C0, DEL, C1); else 0. */
static size_t shown_length(const char *p, size_t n)
{
    size_t length = 1;
    while (length <= n && length <= 4 && !text_is_utf8((struct text){p, length}))
        length++;
    if (length > n || length > 4)
        return 0;
    uint8_t last = (uint8_t)p[length - 1];
    bool is_c1 = length == 2 && (uint8_t)p[0] == 0xc2 && last < 0xa0;
    bool is_c0 = length == 1 && (last < 0x20 || last == 0x7f);
    return is_c0 || is_c1 ? 0 : length;
}

static bool is_shown(struct text t)
{
    for (size_t at = 0, length; at < t.n; at += length) {
        length = shown_length(t.p + at, t.n - at);
        if (length == 0)
            return false;
    }
    return true;
}

void message_make_fit(char *text)
{
    size_t n = strlen(text);
    for (size_t at = 0, length; at < n; at += length) {
        length = shown_length(text + at, n - at);
        if (length > 0)
            continue;
        text[at] = '?';
        length = 1;
    }
}

/* ---- The table -------------------------------------------------------------------------- */

#define AT(member) offsetof(struct message, as.member)
#define SIZE(member) sizeof(((struct message *)NULL)->as.member)
#define U8(member, last)                                                                       \
    {                                                                                          \
#member, MESSAGE_FORM_U8, AT(member), 0, 0, last, NULL                                 \
    }
#define BOOL(member)                                                                           \
    {                                                                                          \
#member, MESSAGE_FORM_BOOL, AT(member), 0, 0, 1, NULL                                  \
    }
#define ENUM(member, first, last)                                                              \
    {                                                                                          \
#member, MESSAGE_FORM_ENUM, AT(member), 0, first, last, NULL                           \
    }
#define I64(member, first, last)                                                               \
    {                                                                                          \
#member, MESSAGE_FORM_I64, AT(member), 0, first, last, NULL                            \
    }
#define MOMENT(member) I64(member, -MOMENT_MAX, MOMENT_MAX)
#define COUNTED(member) I64(member, 0, INT64_MAX)
#define BOXES(member) I64(member, 0, CAP_REPORT_COUNT)
#define UNIX(member) I64(member, 0, UNIX_MAX)
#define LICENSE(member)                                                                        \
    {                                                                                          \
#member, MESSAGE_FORM_LICENSE, AT(member), 0, 1, INT64_MAX, NULL                       \
    }
#define ADDR(member)                                                                           \
    {                                                                                          \
#member, MESSAGE_FORM_ADDR, AT(member), 0, 0, 0, NULL                                  \
    }
#define TEXT(member, good)                                                                     \
    {                                                                                          \
#member, MESSAGE_FORM_TEXT, AT(member), SIZE(member), 0, 0, good                       \
    }
#define REASON(member)                                                                         \
    {                                                                                          \
#member, MESSAGE_FORM_REASON, AT(member), SIZE(member), 0, 0, is_shown                 \
    }

static const struct message_field hello[] = {U8(hello.sources, SOURCES), REASON(hello.why)};

static const struct message_field address[] = {ADDR(address.address), BOOL(address.is_there),
                                               MOMENT(address.at_s)};

static const struct message_field seen[] = {
    ENUM(seen.source, SOURCE_KEYSERVER, SOURCE_PANEL), ADDR(seen.address), MOMENT(seen.first_s),
    MOMENT(seen.last_s), I64(seen.packets, 1, INT64_MAX)};
static_assert(SOURCE_KEYSERVER < SOURCE_NAT && SOURCE_NAT < SOURCE_PANEL &&
                  SOURCE_PANEL - SOURCE_KEYSERVER == 2,
              "what a probe can see of use is one range");

static const struct message_field pulse[] = {
    MOMENT(pulse.at_s),          COUNTED(pulse.packets),
    COUNTED(pulse.packets_lost), COUNTED(pulse.flows),
    COUNTED(pulse.overruns),     ENUM(pulse.tracking, 0, MESSAGE_TRACKING_WORKS)};

static const struct message_field gap[] = {ENUM(gap.what, 0, GAP_KIND_COUNT - 1),
                                           MOMENT(gap.first_s), MOMENT(gap.last_s),
                                           COUNTED(gap.lost)};

static const struct message_field target[] = {
    BOOL(target.is_collector),
    ADDR(target.address),
    {"target.port", MESSAGE_FORM_U16, AT(target.port), 0, 1, PORT_MAX, NULL}};

static const struct message_field setting[] = {
    ENUM(setting.kind, MESSAGE_SETTING_INTERVAL, MESSAGE_SETTING_KEY_SERVER),
    I64(setting.number, 0, INTERVAL_MAX), TEXT(setting.text, is_server)};

static const struct message_field end[] = {U8(end.troubles, TROUBLES), BOOL(end.has_counted),
                                           REASON(end.why)};

static const struct message_field license[] = {LICENSE(license.license.license),
                                               TEXT(license.license.version, is_version),
                                               TEXT(license.license.product, is_label),
                                               TEXT(license.license.edition, is_label),
                                               TEXT(license.license.expires, is_date),
                                               TEXT(license.license.machine_id, is_machine_id),
                                               MOMENT(license.since_s)};

static const struct message_field domain[] = {
    TEXT(domain.domain, is_domain), BOXES(domain.counts.mailboxes),
    BOXES(domain.counts.aliases),   BOXES(domain.counts.forwards),
    BOXES(domain.counts.lists),     BOXES(domain.counts.alias_domains),
    BOOL(domain.counts.catch_all),  BOOL(domain.counts.is_filtered)};

static const struct message_field result[] = {
    ENUM(result.outcome, MESSAGE_DONE, MESSAGE_BROKEN),
    I64(result.status, 0, STATUS_MAX),
    I64(result.retry_after_s, 0, RETRY_MAX),
    UNIX(result.clock_boot),
    UNIX(result.identity_from),
    UNIX(result.identity_to),
    REASON(result.at),
    REASON(result.why)};

static const struct message_field standing[] = {
    LICENSE(standing.license), ENUM(standing.state, 0, MESSAGE_STATE_CONFIRMED),
    TEXT(standing.kinds, is_kinds), UNIX(standing.since), UNIX(standing.confirms_at)};

static const struct message_field taken[] = {TEXT(taken.server, is_label),
                                             BOOL(taken.is_lacking)};

static const struct {
    const char *name;
    const struct message_field *fields;
    size_t n;
} kinds[] = {
    [MESSAGE_HELLO] = {"hello", hello, ARRAY_LEN(hello)},
    [MESSAGE_ADDRESS] = {"address", address, ARRAY_LEN(address)},
    [MESSAGE_SEEN] = {"seen", seen, ARRAY_LEN(seen)},
    [MESSAGE_PULSE] = {"pulse", pulse, ARRAY_LEN(pulse)},
    [MESSAGE_GAP] = {"gap", gap, ARRAY_LEN(gap)},
    [MESSAGE_TARGET] = {"target", target, ARRAY_LEN(target)},
    [MESSAGE_SETTING] = {"setting", setting, ARRAY_LEN(setting)},
    [MESSAGE_END] = {"end", end, ARRAY_LEN(end)},
    [MESSAGE_LICENSE] = {"license", license, ARRAY_LEN(license)},
    [MESSAGE_DOMAIN] = {"domain", domain, ARRAY_LEN(domain)},
    [MESSAGE_RESULT] = {"result", result, ARRAY_LEN(result)},
    [MESSAGE_STANDING] = {"standing", standing, ARRAY_LEN(standing)},
    [MESSAGE_TAKEN] = {"taken", taken, ARRAY_LEN(taken)},
};
static_assert(ARRAY_LEN(kinds) == MESSAGE_KIND_MAX + 1, "every kind has its fields");

const char *message_kind_name(enum message_kind k)
{
    return (size_t)k < ARRAY_LEN(kinds) && kinds[k].name ? kinds[k].name : "unknown";
}

const struct message_field *message_fields(enum message_kind k, size_t *ret_n)
{
    if ((size_t)k >= ARRAY_LEN(kinds) || !kinds[k].fields)
        return NULL;
    *ret_n = kinds[k].n;
    return kinds[k].fields;
}

/* ---- Judging ---------------------------------------------------------------------------- */

static_assert(sizeof(enum source) == sizeof(int) && sizeof(enum gap_kind) == sizeof(int) &&
                  sizeof(enum message_outcome) == sizeof(int),
              "enumerations lie in memory as an int does");

int64_t message_number(const struct message *m, const struct message_field *f)
{
    const char *p = (const char *)m + f->at;
    uint16_t port;
    int number;
    int64_t large;
    switch (f->form) {
    case MESSAGE_FORM_U8:
    case MESSAGE_FORM_BOOL: return (uint8_t)*p;
    case MESSAGE_FORM_ENUM: memcpy(&number, p, sizeof number); return number;
    case MESSAGE_FORM_U16: memcpy(&port, p, sizeof port); return port;
    case MESSAGE_FORM_I64:
    case MESSAGE_FORM_LICENSE: memcpy(&large, p, sizeof large); return large;
    case MESSAGE_FORM_ADDR:
    case MESSAGE_FORM_TEXT:
    case MESSAGE_FORM_REASON: break;
    }
    return 0;
}

static int judge_number(const struct message *m, const struct message_field *f, struct diag *d)
{
    license_t l;
    int64_t v = message_number(m, f);
    if (v < f->min || v > f->max)
        return diag_set(d, -EBADMSG, "%s is %" PRId64 ", must be from %" PRId64 " to %" PRId64,
                        f->name, v, f->min, f->max);
    if (f->form == MESSAGE_FORM_LICENSE && license_from_code(v, &l) != 0)
        return diag_set(d, -EBADMSG, "%s is no key number", f->name);
    return 0;
}

static int judge_text(const struct message *m, const struct message_field *f, struct diag *d)
{
    char quoted[TEXT_QUOTE_SIZE];
    const char *p = (const char *)m + f->at;
    struct text t = {p, strnlen(p, f->size)};
    if (t.n == f->size)
        return diag_set(d, -EBADMSG, "%s has no end", f->name);
    if (t.n == 0 || f->is_good(t))
        return 0;
    return diag_set(d, -EBADMSG, "%s is %s, which it cannot be", f->name,
                    text_quote(t, quoted));
}

static int judge_field(const struct message *m, const struct message_field *f, struct diag *d)
{
    const struct addr *a = (const void *)((const char *)m + f->at);
    switch (f->form) {
    case MESSAGE_FORM_ADDR:
        return addr_len(a) > 0 ? 0 : diag_set(d, -EBADMSG, "%s is none", f->name);
    case MESSAGE_FORM_TEXT:
    case MESSAGE_FORM_REASON: return judge_text(m, f, d);
    case MESSAGE_FORM_U8:
    case MESSAGE_FORM_BOOL:
    case MESSAGE_FORM_ENUM:
    case MESSAGE_FORM_U16:
    case MESSAGE_FORM_I64:
    case MESSAGE_FORM_LICENSE: break;
    }
    return judge_number(m, f, d);
}

static bool is_setting(const struct message_setting *s)
{
    struct text t = text_of(s->text);
    switch (s->kind) {
    case MESSAGE_SETTING_INTERVAL: return s->number >= 1 && t.n == 0;
    case MESSAGE_SETTING_MX_SUFFIX: return s->number == 0 && t.n > 0 && is_domain(t);
    case MESSAGE_SETTING_KEY_SERVER: return s->number == 0 && t.n > 0;
    }
    return false;
}

/* What is found of a licence is all there, or nothing of it. */
static bool is_standing(const struct message_standing *s)
{
    return s->state != MESSAGE_STATE_OK || (!s->kinds[0] && !s->since && !s->confirms_at);
}

/* The rules between fields. */
static bool is_whole(const struct message *m)
{
    switch (m->kind) {
    case MESSAGE_SEEN: return m->as.seen.first_s <= m->as.seen.last_s;
    case MESSAGE_GAP: return m->as.gap.first_s <= m->as.gap.last_s;
    case MESSAGE_SETTING: return is_setting(&m->as.setting);
    case MESSAGE_DOMAIN: return m->as.domain.domain[0] != '\0';
    case MESSAGE_RESULT: return m->as.result.identity_from <= m->as.result.identity_to;
    case MESSAGE_STANDING: return is_standing(&m->as.standing);
    case MESSAGE_TAKEN: return m->as.taken.server[0] != '\0';
    case MESSAGE_HELLO: return (m->as.hello.sources & ~SOURCES) == 0;
    case MESSAGE_ADDRESS:
    case MESSAGE_PULSE:
    case MESSAGE_TARGET:
    case MESSAGE_END:
    case MESSAGE_LICENSE: break;
    }
    return true;
}

int message_judge(const struct message *m, struct diag *d)
{
    size_t n = 0;
    const struct message_field *fields = message_fields(m->kind, &n);
    int r = fields ? 0 : diag_set(d, -EBADMSG, "there is no such kind of message");
    for (size_t i = 0; r == 0 && i < n; i++)
        r = judge_field(m, fields + i, d);
    if (r == 0 && !is_whole(m))
        r = diag_set(d, -EBADMSG, "%s: its fields contradict each other",
                     message_kind_name(m->kind));
    return r;
}
