/* sha1.h - SHA-1, for protocols that ask for it by name and not for safety:
 * the answer to a WebSocket handshake. Nothing secret may rest on it.
 *
 * Ours, since all that is needed is one short message at a time, and setting
 * up a library of cryptography costs more memory than the rest of the server.
 *
 * Source: RFC 3174.
 * Threads: any.
 */
#ifndef WEIR_BASE_SHA1_H
#define WEIR_BASE_SHA1_H

#include "base/str.h"

#include <stdint.h>

#define SHA1_LEN 20

void sha1(struct str text, uint8_t digest[SHA1_LEN]);

#endif
