/* Turning a file's text into a row's field, by the field's type. */
#include "estate/estate_internal.h"

#include <errno.h>
#include <string.h>

#include "domain/dname.h"

/* What would have been right. */
static const char *wanted(const struct field *f)
{
    switch (f->type) {
    case FIELD_LABEL:
    case FIELD_NOTE: return "text without control characters or outer spaces";
    case FIELD_EMAIL: return "an e-mail address";
    case FIELD_LANGUAGE: return "nl or en";
    case FIELD_CURRENCY: return "a currency code of ISO 4217, like EUR";
    case FIELD_BILLING: return "live or trial";
    case FIELD_KIND: return "extra-ip, mailboxes or outside";
    case FIELD_PRICE:
        return "a decimal like 12.50, without a sign, with at most 6 digits after "
               "the point";
    case FIELD_LICENSE: return "a key number like PLSK.01234567, not zero";
    case FIELD_DOMAIN: return "a domain name";
    case FIELD_ADDRESS: return "an IP address";
    case FIELD_NETWORK:
        return "a network in CIDR form with its host bits zero, at least /8 "
               "(IPv4) or /19 (IPv6)";
    case FIELD_DAY: return "a date YYYY-MM-DD";
    case FIELD_MOMENT: return "a moment like 2026-10-03T00:00:00Z";
    case FIELD_RETIRED: return "a date YYYY-MM-DD or a moment like 2026-10-03T00:00:00Z";
    case FIELD_INT: return "an integer";
    case FIELD_BOOL: return "true or false";
    }
    return "";
}

static int set_text(struct text t, const struct field_context *ctx, const char **ret)
{
    const char *copy = arena_text(ctx->arena, t);
    if (!copy)
        return -ENOMEM;
    *ret = copy;
    return 0;
}

static int set_label(const struct field *f, struct text t, const struct field_context *ctx,
                     const char **ret)
{
    if (t.n == 0 && f->type == FIELD_NOTE)
        return set_text(t, ctx, ret);
    return text_is_label(t, (size_t)f->max) ? set_text(t, ctx, ret) : -EBADMSG;
}

/*
 * Plain sanity only: one @ with something on both sides, nothing that could end a header or
 * start another address. Whether it is read is known by sending to it.
 */
static int set_email(struct text t, const struct field_context *ctx, const char **ret)
{
    size_t ats = 0;
    for (size_t i = 0; i < t.n; i++) {
        if (strchr(" <>,;:()[]\\\"", t.p[i]))
            return -EBADMSG;
        ats += t.p[i] == '@';
    }
    bool is_sound =
        text_is_label(t, CAP_EMAIL) && ats == 1 && t.p[0] != '@' && t.p[t.n - 1] != '@';
    return is_sound ? set_text(t, ctx, ret) : -EBADMSG;
}

/* Which of two words it is: 0, 1, or -EBADMSG. */
static int which(struct text t, const char *zero, const char *one)
{
    return text_is(t, zero) ? 0 : text_is(t, one) ? 1 : -EBADMSG;
}

static int set_language(struct text t, enum language *ret)
{
    int word = which(t, "en", "nl");
    if (word < 0)
        return word;
    *ret = word ? LANGUAGE_NL : LANGUAGE_EN;
    return 0;
}

static int set_billing(struct text t, bool *ret)
{
    int word = which(t, "live", "trial");
    if (word < 0)
        return word;
    *ret = word == 1;
    return 0;
}

static int set_currency(struct text t, const struct currency **ret)
{
    const struct currency *found = currency_find(t);
    if (!found)
        return -EBADMSG;
    *ret = found;
    return 0;
}

static int set_license(struct text t, license_t *ret)
{
    return license_parse(t, ret, NULL) == 0 ? 0 : -EBADMSG;
}

static int set_domain(struct text t, const struct field_context *ctx, const char **ret)
{
    char name[DNAME_SIZE];
    int r = dname_parse(t, name);
    return r < 0 ? r : set_text(text_of(name), ctx, ret);
}

static int set_address(struct text t, struct addr *ret)
{
    if (t.n > 0)
        return addr_parse(t, ret);
    *ret = (struct addr){.family = 0};
    return 0;
}

static int set_day(struct text t, const struct field_context *ctx, wall_t *ret)
{
    int64_t days;
    int r = civil_parse(t, &days);
    if (r < 0)
        return r;
    *ret = zone_day_start(ctx->zone, days);
    return 0;
}

static int set_retired(struct text t, const struct field_context *ctx, wall_t *ret)
{
    return set_day(t, ctx, ret) == 0 ? 0 : wall_parse(t, ret);
}

static int set_value(const struct field *f, const struct field_value *v,
                     const struct field_context *ctx, void *ret)
{
    switch (f->type) {
    case FIELD_LABEL:
    case FIELD_NOTE: return set_label(f, v->text, ctx, ret);
    case FIELD_EMAIL: return set_email(v->text, ctx, ret);
    case FIELD_LANGUAGE: return set_language(v->text, ret);
    case FIELD_CURRENCY: return set_currency(v->text, ret);
    case FIELD_BILLING: return set_billing(v->text, ret);
    case FIELD_KIND: return charge_kind_parse(v->text, ret);
    case FIELD_PRICE: return price_parse(v->text, ret);
    case FIELD_LICENSE: return set_license(v->text, ret);
    case FIELD_DOMAIN: return set_domain(v->text, ctx, ret);
    case FIELD_ADDRESS: return set_address(v->text, ret);
    case FIELD_NETWORK: return network_parse(v->text, ret);
    case FIELD_DAY: return set_day(v->text, ctx, ret);
    case FIELD_MOMENT: return wall_parse(v->text, ret);
    case FIELD_RETIRED: return set_retired(v->text, ctx, ret);
    case FIELD_INT: *(int64_t *)ret = v->number; return 0;
    case FIELD_BOOL: *(bool *)ret = v->truth; return 0;
    }
    return -EINVAL;
}

int field_set(const struct field *f, const struct field_value *v,
              const struct field_context *ctx, struct estate_row *row, struct diag *d)
{
    int r = set_value(f, v, ctx, (char *)row + f->offset);
    if (r == 0 || r == -ENOMEM)
        return r;
    char quoted[TEXT_QUOTE_SIZE];
    (void)text_quote(v->text, quoted);
    if (f->max > 0)
        return diag_set(d, -EBADMSG, "is %s, must be %s, of %d to %d bytes", quoted, wanted(f),
                        (int)f->min, (int)f->max);
    return diag_set(d, -EBADMSG, "is %s, must be %s", quoted, wanted(f));
}
