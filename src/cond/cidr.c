/* cidr.c - see cidr.h. */
#include "cond/cidr.h"

#include <arpa/inet.h>
#include <string.h>

static bool read_address(struct str s, uint8_t address[16], bool *is_v4)
{
	char text[INET6_ADDRSTRLEN];

	if (s.len >= sizeof text || memchr(s.p, '\0', s.len))
		return false;
	memcpy(text, s.p, s.len);
	text[s.len] = '\0';
	*is_v4 = inet_pton(AF_INET, text, address + 12) == 1;
	if (!*is_v4)
		return inet_pton(AF_INET6, text, address) == 1;
	memset(address, 0, 10);
	memset(address + 10, 0xff, 2);
	return true;
}

bool cond_cidr_parse(struct str s, struct cond_cidr *out)
{
	struct str address = str_cut(&s, '/');
	uint64_t bits = 128;
	bool is_v4;

	if (!read_address(address, out->address, &is_v4))
		return false;
	if (s.p) {
		if (s.len > 3 || str_to_u64(s, &bits) < 0 ||
		    bits > (is_v4 ? 32u : 128u))
			return false;
		bits += is_v4 ? 96 : 0;
	}
	out->bits = (uint8_t)bits;
	return true;
}

bool cond_cidr_has(const struct cond_cidr *block, struct str s)
{
	uint8_t address[16];
	uint8_t bytes = block->bits / 8;
	uint8_t rest = block->bits % 8;
	bool is_v4;

	if (!read_address(s, address, &is_v4) ||
	    memcmp(address, block->address, bytes) != 0)
		return false;
	return !rest ||
	       !((address[bytes] ^ block->address[bytes]) >> (8 - rest));
}
