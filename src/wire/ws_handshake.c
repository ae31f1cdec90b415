/* ws_handshake.c - see ws_handshake.h. */
#include "wire/ws_handshake.h"

#include "base/sha1.h"

#include <assert.h>
#include <string.h>

#define KEY_LEN 24 /* 16 bytes in base64, two of them padding */
#define GUID	"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstu"
			       "vwxyz0123456789+/";

bool ws_key_valid(struct str key)
{
	if (key.len != KEY_LEN || !str_ends(key, STR("==")))
		return false;
	for (size_t i = 0; i < KEY_LEN - 2; i++)
		if (!key.p[i] || !strchr(alphabet, key.p[i]))
			return false;
	return true;
}

char *ws_accept(struct str key, char out[WS_ACCEPT_LEN + 1])
{
	char text[KEY_LEN + sizeof GUID - 1];
	/* One byte of padding makes its length a multiple of three. */
	uint8_t digest[SHA1_LEN + 1] = {0};
	char *at = out;

	assert(key.len == KEY_LEN);
	memcpy(text, key.p, KEY_LEN);
	memcpy(text + KEY_LEN, GUID, sizeof GUID - 1);
	sha1(str_from(text, sizeof text), digest);
	for (size_t i = 0; i < sizeof digest; i += 3) {
		uint32_t bits = (uint32_t)digest[i] << 16 |
				(uint32_t)digest[i + 1] << 8 | digest[i + 2];

		for (int shift = 18; shift >= 0; shift -= 6)
			*at++ = alphabet[bits >> shift & 63];
	}
	out[WS_ACCEPT_LEN - 1] = '=';
	out[WS_ACCEPT_LEN] = '\0';
	return out;
}
