/* chars.c - see chars.h. The table is written out: ranges that overlap are not
 * to be had in C without warnings, and this way it is a constant. */
#include "wire/chars.h"

/* clang-format off */
const uint8_t wire_char[256] = {
	0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 0, 0, 0, 0, 0, 0, /* 0x00 */
	0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, /* 0x10 */
	4, 15, 6, 7, 15, 7, 15, 15, 14, 14, 15, 15, 14, 15, 15, 6, /* 0x20 */
	31, 31, 31, 31, 31, 31, 31, 31, 31, 31, 6, 14, 6, 14, 6, 6, /* 0x30 */
	6, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, /* 0x40 */
	15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 6, 6, 6, 7, 15, /* 0x50 */
	7, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, /* 0x60 */
	15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 6, 7, 6, 15, 0, /* 0x70 */
	[128 ... 255] = CHAR_VALUE,
};
/* clang-format on */

bool chars_all(struct str s, int class)
{
	for (size_t i = 0; i < s.len; i++)
		if (!char_is(s.p[i], class))
			return false;
	return s.len > 0;
}

static bool is_ows(char c)
{
	return c == ' ' || c == '\t';
}

struct str chars_trim_ows(struct str s)
{
	while (s.len && is_ows(s.p[0])) {
		s.p++;
		s.len--;
	}
	while (s.len && is_ows(s.p[s.len - 1]))
		s.len--;
	return s;
}

bool chars_next_item(struct str *rest, struct str *item_out)
{
	if (!rest->p)
		return false;
	*item_out = chars_trim_ows(str_cut(rest, ','));
	return true;
}
