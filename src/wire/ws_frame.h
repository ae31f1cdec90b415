/* ws_frame.h - the words of WebSocket frames, and how a server writes one.
 *
 *      0               1               2 .. 10       0 or 4
 *     +-+-+-+-+-------+-+-------------+-------------+--------+---------
 *     |F|R|R|R| opcode|M|   length    | the length, | mask   | payload
 *     |I|S|S|S|       |A| or 126, 127 | if it does  | of     |  ...
 *     |N|V|V|V|       |S|             | not fit     | clients|
 *     +-+-+-+-+-------+-+-------------+-------------+--------+---------
 *
 * A server's frames carry no mask, so the payload is sent as it is: what many
 * receive is written once and shared by all of them, each behind a header.
 *
 * Source: RFC 6455, sections 5.2 and 7.4.
 */
#ifndef WEIR_WIRE_WS_FRAME_H
#define WEIR_WIRE_WS_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum ws_opcode {
	WS_CONTINUATION = 0,
	WS_TEXT = 1,
	WS_BINARY = 2,
	WS_CLOSE = 8,
	WS_PING = 9,
	WS_PONG = 10,
};

/* Beside the opcode: the message is compressed (RSV1 of RFC 7692). */
#define WS_COMPRESSED 0x40

/* Why a connection is closed. */
enum ws_code {
	WS_NORMAL = 1000,
	WS_GOING_AWAY = 1001,
	WS_PROTOCOL = 1002,
	WS_UNSUPPORTED = 1003,
	WS_NO_CODE = 1005, /* never sent: the close frame was empty */
	WS_NOT_UTF8 = 1007,
	WS_POLICY = 1008,
	WS_TOO_BIG = 1009,
	WS_FAILED = 1011,
	WS_TRY_LATER = 1013,
};

#define WS_CONTROL_MAX 125 /* bytes in a close, ping or pong */
#define WS_REASON_MAX  (WS_CONTROL_MAX - 2)
#define WS_HEADER_MAX  10 /* bytes of a server's frame header */

static inline bool ws_is_control(unsigned opcode)
{
	return opcode >= 8;
}

/* True for a code that may stand in a close frame: those that the registry has
 * for endpoints, and 3000 to 4999. */
bool ws_code_valid(unsigned code);

/* Writes the header of a whole message or control frame with len bytes of
 * payload to out. first: its opcode, with WS_COMPRESSED or without. Returns its
 * length. */
size_t ws_frame_header(char out[WS_HEADER_MAX], unsigned first, uint64_t len);

#endif
