/* The machine that a key was issued for: base64 of [{"version":1,"value":"<64 hex>"}]. Pure. */
#ifndef PLESK_MACHINE_ID_H
#define PLESK_MACHINE_ID_H

#include "base/text.h"

#define MACHINE_ID_SIZE 65
#define MACHINE_ID_BYTES_MAX 1024 /* of the base64; real ones have about 140 */

/* The value of the first entry of version 1, in lower case. White space may stand anywhere in
 * the base64, and between the words of the list. 0; -EBADMSG for all else. */
MUST_USE int machine_id_parse(struct text t, char ret[static MACHINE_ID_SIZE]);

#endif
