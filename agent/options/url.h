/* The URLs among the agent's settings: a collector's, a proxy's. */
#ifndef OPTIONS_URL_H
#define OPTIONS_URL_H

#include "table/table.h"

/* Whom a collector's URL leads to. */
struct url_host {
    char name[TABLE_TEXT_SIZE]; /* A-labels, or an address without brackets */
    uint16_t port;              /* 443 where none is said */
};

/*
 * A collector: https://HOST[:PORT][/PATH]. No user, query or fragment; the path, under which
 * the collector's own begin, is of letters, digits and -._~ between slashes, and has no "." or
 * ".." in it. As table_form: the host in its one spelling, port 443 and a last slash left out.
 */
MUST_USE int url_form_collector(struct text t, char ret[static TABLE_TEXT_SIZE]);
/* Its host. 0; -EBADMSG when it is no collector's URL; -ENOMEM. */
MUST_USE int url_host(struct text t, struct url_host *ret);

/*
 * A proxy: http://, https:// or socks5h://, then [USER[:PASSWORD]@]HOST:PORT. User and password
 * are as in any URL: what is special stands as %XX.
 */
MUST_USE int url_form_proxy(struct text t, char ret[static TABLE_TEXT_SIZE]);
/* The same with "***" for a password. */
MUST_USE int url_form_proxy_shown(struct text t, char ret[static TABLE_TEXT_SIZE]);
/* Bytes that a proxy may have, so that "***" for an empty password fits too. */
#define URL_PROXY_MAX (TABLE_TEXT_SIZE - 1 - 3)

#endif
