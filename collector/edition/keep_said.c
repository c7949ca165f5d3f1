/* What readers were told: rows wait outside memory until the night is published. */
#include "edition/keep_parts.h"
#include <errno.h>
#include <string.h>

enum { FOR_READER = 0, FOR_ROW = 1 };

/* The fixed part of a record; its texts follow, each terminated. */
struct said_record {
    uint8_t what; /* FOR_READER, FOR_ROW */
    uint8_t audience;
    uint8_t kind, state;
    bool goes_on, is_reminded;
    int32_t period;
    int64_t quantity, confirms_at;
};

static int put(struct keep *k, const struct said_record *record, const char *first,
               const char *second)
{
    uint8_t key[8];
    struct diag d = {""};
    int r = k->said ? 0 : sorter_new(&k->said, &d);
    uint64_t number = (uint64_t)k->n_said++;

    for (int i = 0; i < 8; i++)
        key[i] = (uint8_t)(number >> (56 - 8 * i));
    buf_reset(&k->row);
    buf_add(&k->row, record, sizeof(*record));
    buf_add(&k->row, first, strlen(first) + 1);
    buf_add(&k->row, second, strlen(second) + 1);
    if (r >= 0)
        r = buf_error(&k->row);
    if (r < 0)
        return r;
    return sorter_put(k->said, (struct text){(const char *)key, sizeof(key)},
                      (struct text){k->row.data, k->row.len});
}

int keep_said_begin(void *keep, enum bulletin_audience audience, const char *id)
{
    struct said_record record;

    memset(&record, 0, sizeof(record));
    record.what = FOR_READER;
    record.audience = (uint8_t)audience;
    return put(keep, &record, id, "");
}

int keep_said_row(void *keep, const struct edition_said *row)
{
    struct said_record record;

    memset(&record, 0, sizeof(record));
    record.what = FOR_ROW;
    record.kind = (uint8_t)row->kind;
    record.state = (uint8_t)row->state;
    record.goes_on = row->goes_on;
    record.is_reminded = row->is_reminded;
    record.period = row->period.month;
    record.quantity = row->quantity;
    record.confirms_at = row->confirms_at.s;
    return put(keep, &record, row->reseller, row->subject);
}

/* The reader of the rows that come, with a copy of its id. */
struct said_reader {
    struct store_reader reader;
    char id[CAP_ID + 1];
};

static int take_reader(struct keep *k, const struct said_record *record, const char *id,
                       struct said_reader *ret)
{
    size_t n = strlen(id);

    if (n > CAP_ID)
        return -ERANGE;
    memcpy(ret->id, id, n + 1);
    ret->reader.id = ret->id;
    ret->reader.kind = record->audience == AUDIENCE_MANAGER ? READER_MANAGER : READER_RESELLER;
    return store_clear_said(k->order.writer, &ret->reader);
}

static int take_row(struct keep *k, const struct said_record *record, const char *reseller,
                    const struct said_reader *reader)
{
    struct store_said x = {
        .reader = reader->reader,
        .reseller = reseller,
        .kind = record->kind,
        .subject = reseller + strlen(reseller) + 1,
        .period = {record->period},
        .state = record->state,
        .quantity = record->quantity,
        .goes_on = record->goes_on,
        .confirms_at = {record->confirms_at},
        .is_reminded = record->is_reminded,
    };
    return store_put_said(k->order.writer, &x);
}

int keep_said_put(struct keep *k)
{
    struct said_reader reader = {.id = ""};
    struct text key, value;
    int r = 0;

    while (k->said && (r = sorter_next(k->said, &key, &value)) > 0) {
        struct said_record record;
        memcpy(&record, value.p, sizeof(record));
        const char *texts = value.p + sizeof(record);
        int done = record.what == FOR_READER ? take_reader(k, &record, texts, &reader)
                                             : take_row(k, &record, texts, &reader);
        if (done < 0)
            return done;
    }
    return r;
}
