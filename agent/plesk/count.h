/*
 * Mailboxes per domain: numbers only. From Plesk's database by an account that can read the
 * columns it needs and no other (psa.c), else from mail folders (maildir.c).
 */
#ifndef PLESK_COUNT_H
#define PLESK_COUNT_H

#include "base/diag.h"
#include "domain/report.h"
#include "options/options.h"

struct counted {
    char domain[DNAME_SIZE];
    struct mail_counts counts; /* is_filtered is not set here */
};

struct counts {
    struct counted *v; /* sorted by domain, each once */
    size_t n, cap;
    int64_t refused; /* names that are no domain names, and what was over the cap */
};
void counts_done(struct counts *c);

/* 0; -EIO, -EACCES … with what to do in d; -ENOMEM. At most CAP_REPORT_MAILBOXES * 4. */
MUST_USE int psa_count(const struct options *o, struct counts *ret, struct diag *d);
MUST_USE int maildir_count(const char *folder, struct counts *ret, struct diag *d);

/* The statements of `setup`, for `dry_run` to print and else to run (as root, by the server's
 * own socket). Sysexits code. */
int psa_setup(const struct options *o, bool is_dry_run);

#endif
