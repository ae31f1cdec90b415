/* cidr.h - blocks of IP addresses. */
#ifndef WEIR_COND_CIDR_H
#define WEIR_COND_CIDR_H

#include "base/str.h"

/* An IPv4 address is kept as the IPv6 address that it is mapped to, so that
 * ::ffff:10.0.0.1 and 10.0.0.1 are one (RFC 4291, section 2.5.5.2). */
struct cond_cidr {
	uint8_t address[16];
	uint8_t bits; /* that count, 0 to 128 */
};

/* ADDRESS or ADDRESS/BITS; false if s is neither. Bits behind the prefix are
 * ignored. */
bool cond_cidr_parse(struct str s, struct cond_cidr *out);

/* Is s an address, and within the block? */
bool cond_cidr_has(const struct cond_cidr *block, struct str s);

#endif
