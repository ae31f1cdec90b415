/* ws_read.h - reads the frames of a WebSocket client and puts messages
 * together.
 *
 *     text, not the last: {"op":    ping    last: "ping"}
 *              |                      |            |
 *              v                      v            v
 *           (held)                  ping    text {"op":"ping"}
 *
 * Incremental and without I/O, as strict as the RFC, and as early: what can
 * become nothing good any more is refused with the byte that makes it so, be it
 * a reserved bit, a length over the limit or half a character that is none.
 *
 * Nothing is held between two messages. A message is held while it comes, up to
 * message_max; what its sender has announced but not sent costs nothing. A
 * compressed one is held as it came, and looked into when it is whole.
 *
 * Source: RFC 6455, sections 5 to 8; RFC 7692, section 6.
 */
#ifndef WEIR_WIRE_WS_READ_H
#define WEIR_WIRE_WS_READ_H

#include "base/buf.h"
#include "base/error.h"
#include "base/str.h"
#include "wire/ws_deflate.h"
#include "wire/ws_frame.h"

/* A message may come in so many frames. Empty ones hold no memory, yet a
 * message that never ends is none. */
#define WS_FRAGMENTS_MAX 65536

struct ws_reader {
	struct ws_deflate *deflate; /* borrowed; NULL: not agreed on */
	struct buf held;	    /* the message; behind it a control frame's
				     * payload */
	size_t message_max;	    /* bytes of a text or binary message */
	size_t message_len;	    /* bytes in held that are the message's */
	size_t checked;		    /* of these: known to be UTF-8 */
	uint64_t left;		    /* bytes of the frame's payload to come */
	uint32_t fragments;	    /* of the message */
	uint8_t header[14];	    /* of the present frame */
	uint8_t header_len;	    /* bytes of it that have come */
	uint8_t header_size;	    /* what it will have; 0: not known yet */
	uint8_t message_opcode; /* WS_TEXT or WS_BINARY; 0: none under way */
	uint8_t mask_at;	/* 0 to 3: next byte of the mask */
	bool packed;		/* the message is compressed */
	bool given;		/* the message is the caller's no more */
	uint16_t code;		/* of what was wrong: to be closed with; or 0 */
	const char *why;	/* a static sentence without a stop */
};

/* data is borrowed until the next call. */
struct ws_message {
	enum ws_opcode opcode; /* text, binary, close, ping or pong */
	uint16_t code;	       /* of a close; WS_NO_CODE: it has none */
	struct str data;       /* of a close: the reason; text is UTF-8 */
};

/* deflate: borrowed; NULL when no compression has been agreed on. */
void ws_reader_init(struct ws_reader *r, size_t message_max,
		    struct ws_deflate *deflate);
void ws_reader_fini(struct ws_reader *r);

/* Takes from the front of *in. Returns 0 and a message or control frame;
 * WEIR_EAGAIN when *in is used up; or WEIR_EPROTO with r->code and r->why: the
 * connection is to be failed, and r is dead. */
int ws_read(struct ws_reader *r, struct str *in,
	    struct ws_message *message_out);

#endif
