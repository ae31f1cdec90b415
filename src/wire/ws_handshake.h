/* ws_handshake.h - how a WebSocket is asked for, and what is said to it.
 *
 *     Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==
 *          |  + a fixed GUID, SHA-1, base64
 *          v
 *     Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=
 *
 * Source: RFC 6455, section 4.2.
 */
#ifndef WEIR_WIRE_WS_HANDSHAKE_H
#define WEIR_WIRE_WS_HANDSHAKE_H

#include "base/str.h"

#include <stdbool.h>

#define WS_VERSION    "13"
#define WS_ACCEPT_LEN 28

/* True when key is 16 bytes in base64. */
bool ws_key_valid(struct str key);

/* The answer to a valid key, NUL-terminated. Returns out. */
char *ws_accept(struct str key, char out[WS_ACCEPT_LEN + 1]);

#endif
