/*
 * A DNS answer about mail exchangers, from bytes that anybody on the way may have made.
 *
 * Names are compared as text. A label may hold any byte (RFC 2181 11), so what a host's name
 * cannot have becomes one byte that no suffix has: above all the full stop, which would make a
 * border of labels where there is none.
 */
#include "plesk/mx.h"

#include <errno.h>
#include <string.h>

enum { HEAD_BYTES = 12, RECORD_BYTES = 10 }; /* RFC 1035 4.1.1; 4.1.3 without the name */
enum { TYPE_CNAME = 5, TYPE_MX = 15, CLASS_IN = 1 };
enum { RCODE_NONE = 0, RCODE_NO_NAME = 3 };
enum { FLAG_RESPONSE = 0x8000, FLAGS_OPCODE = 0x7800, FLAG_CUT = 0x0200, FLAGS_RCODE = 0x000f };
enum { LABEL_MOST = 63, POINTER = 0xc0, CHAIN_MOST = 16 };

struct answer {
    const uint8_t *p;
    size_t n;
    size_t records;  /* of the answer's section */
    size_t first_at; /* where they begin */
};

struct record {
    char owner[DNAME_SIZE];
    unsigned type, class;
    size_t data_at, data_n;
};

/* ---- Bytes ------------------------------------------------------------------------------ */

static unsigned read_u16(const struct answer *a, size_t at)
{
    return (unsigned)a->p[at] << 8 | a->p[at + 1];
}

static char plain(uint8_t byte)
{
    static const char other = '\1';
    if (byte >= 'A' && byte <= 'Z')
        return (char)(byte - 'A' + 'a');
    bool is_sound = (byte >= 'a' && byte <= 'z') || (byte >= '0' && byte <= '9') ||
                    byte == '-' || byte == '_';
    return is_sound ? (char)byte : other;
}

/*
 * The name at *at, which moves behind it. A pointer leads backwards from where the name, or
 * the pointer before it, began; so that following them ends.
 */
static int read_name(const struct answer *a, size_t *at, char ret[static DNAME_SIZE])
{
    size_t here = *at, begin = *at, length = 0;
    bool has_jumped = false;
    for (;;) {
        if (here >= a->n)
            return -EBADMSG;
        uint8_t byte = a->p[here];
        if (byte >= POINTER) {
            if (here + 1 >= a->n)
                return -EBADMSG;
            if (!has_jumped)
                *at = here + 2;
            has_jumped = true;
            size_t to = read_u16(a, here) & 0x3fffU;
            if (to >= begin)
                return -EBADMSG;
            begin = here = to;
            continue;
        }
        here++;
        if (byte == 0)
            break;
        bool fits = length + (length > 0) + byte < DNAME_SIZE;
        if (byte > LABEL_MOST || here + byte > a->n || !fits)
            return -EBADMSG;
        if (length > 0)
            ret[length++] = '.';
        for (size_t i = 0; i < byte; i++)
            ret[length++] = plain(a->p[here + i]);
        here += byte;
    }
    ret[length] = '\0';
    if (!has_jumped)
        *at = here;
    return 0;
}

static int read_record(const struct answer *a, size_t *at, struct record *ret)
{
    int r = read_name(a, at, ret->owner);
    if (r < 0)
        return r;
    if (a->n - *at < RECORD_BYTES)
        return -EBADMSG;
    ret->type = read_u16(a, *at);
    ret->class = read_u16(a, *at + 2);
    ret->data_n = read_u16(a, *at + 8);
    ret->data_at = *at + RECORD_BYTES;
    if (ret->data_n > a->n - ret->data_at)
        return -EBADMSG;
    *at = ret->data_at + ret->data_n;
    return 0;
}

/* The name that ends a record's data, behind `skip` bytes. */
static int read_data_name(const struct answer *a, const struct record *rec, size_t skip,
                          char ret[static DNAME_SIZE])
{
    size_t at = rec->data_at + skip;
    if (rec->data_n < skip)
        return -EBADMSG;
    int r = read_name(a, &at, ret);
    return r == 0 && at != rec->data_at + rec->data_n ? -EBADMSG : r;
}

/* ---- The answer as a whole -------------------------------------------------------------- */

/* An answer to this question, complete. *ret_rcode tells the rest. */
static int read_head(struct answer *a, const char *domain, unsigned *ret_rcode)
{
    char asked[DNAME_SIZE];
    size_t at = HEAD_BYTES;
    if (a->n < HEAD_BYTES)
        return -EBADMSG;
    unsigned flags = read_u16(a, 2);
    if (!(flags & FLAG_RESPONSE) || (flags & FLAGS_OPCODE) || read_u16(a, 4) != 1)
        return -EBADMSG;
    if (read_name(a, &at, asked) != 0 || strcmp(asked, domain) != 0 || a->n - at < 4 ||
        read_u16(a, at) != TYPE_MX || read_u16(a, at + 2) != CLASS_IN)
        return -EBADMSG;
    if (flags & FLAG_CUT)
        return -EAGAIN;
    *ret_rcode = flags & FLAGS_RCODE;
    a->records = read_u16(a, 6);
    a->first_at = at + 4;
    return 0;
}

/* Every record is whole, and so is every name that is looked at later. */
static int check_records(const struct answer *a)
{
    size_t at = a->first_at;
    for (size_t i = 0; i < a->records; i++) {
        struct record rec;
        char name[DNAME_SIZE];
        int r = read_record(a, &at, &rec);
        if (r == 0 && rec.class == CLASS_IN && rec.type == TYPE_MX)
            r = read_data_name(a, &rec, 2, name);
        if (r == 0 && rec.class == CLASS_IN && rec.type == TYPE_CNAME)
            r = read_data_name(a, &rec, 0, name);
        if (r < 0)
            return r;
    }
    return 0;
}

static bool is_below(const char *name, const struct mx_suffixes *suffixes)
{
    size_t n = strlen(name);
    for (size_t i = 0; i < suffixes->n; i++) {
        size_t m = strlen(suffixes->v[i]);
        bool has_room = n == m || (n > m && name[n - m - 1] == '.');
        if (m > 0 && has_room && memcmp(name + n - m, suffixes->v[i], m) == 0)
            return true;
    }
    return false;
}

/* What the answer says of one name: an exchanger that filters, and the name's other name. */
struct said {
    bool is_filtered, is_alias;
    char alias_of[DNAME_SIZE];
};

static void look_at(const struct answer *a, const char *name,
                    const struct mx_suffixes *suffixes, struct said *ret)
{
    size_t at = a->first_at;
    *ret = (struct said){.is_filtered = false};
    for (size_t i = 0; i < a->records; i++) {
        struct record rec;
        char target[DNAME_SIZE];
        if (read_record(a, &at, &rec) != 0 || rec.class != CLASS_IN ||
            strcmp(rec.owner, name) != 0)
            continue;
        if (rec.type == TYPE_MX && read_data_name(a, &rec, 2, target) == 0)
            ret->is_filtered = ret->is_filtered || is_below(target, suffixes);
        if (rec.type == TYPE_CNAME && !ret->is_alias)
            ret->is_alias = read_data_name(a, &rec, 0, ret->alias_of) == 0;
    }
}

int mx_judge(const uint8_t *answer, size_t n, const char *domain,
             const struct mx_suffixes *suffixes, enum mx_verdict *ret)
{
    struct answer a = {.p = answer, .n = n};
    unsigned rcode = 0;
    int r = read_head(&a, domain, &rcode);
    if (r < 0)
        return r;
    if (rcode != RCODE_NONE && rcode != RCODE_NO_NAME)
        return -EAGAIN;
    r = check_records(&a);
    if (r < 0)
        return r;
    char name[DNAME_SIZE];
    struct said said = {.is_alias = rcode == RCODE_NONE};
    memcpy(said.alias_of, domain, strlen(domain) + 1);
    for (int i = 0; i < CHAIN_MOST && said.is_alias && !said.is_filtered; i++) {
        memcpy(name, said.alias_of, sizeof name);
        look_at(&a, name, suffixes, &said);
    }
    *ret = said.is_filtered ? MX_FILTERED : MX_OTHER;
    return 0;
}
