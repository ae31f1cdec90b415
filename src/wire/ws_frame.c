/* ws_frame.c - see ws_frame.h. */
#include "wire/ws_frame.h"

#define FIN 0x80

bool ws_code_valid(unsigned code)
{
	if (code >= 3000 && code <= 4999)
		return true;
	/* 1004 means nothing, 1005, 1006 and 1015 are for APIs only; 1012 to
	 * 1014 came later. Source: IANA, WebSocket Close Code Numbers. */
	return code >= 1000 && code <= 1014 && (code < 1004 || code > 1006);
}

size_t ws_frame_header(char out[WS_HEADER_MAX], unsigned first, uint64_t len)
{
	size_t bytes = len < 126 ? 0 : len < 65536 ? 2 : 8;

	out[0] = (char)(FIN | first);
	out[1] = (char)(bytes == 0 ? len : bytes == 2 ? 126 : 127);
	for (size_t i = 0; i < bytes; i++)
		out[2 + i] = (char)(len >> (8 * (bytes - 1 - i)));
	return 2 + bytes;
}
