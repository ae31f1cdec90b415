/* unicode.c - see unicode.h. */
#include "cond/unicode.h"

size_t unicode_put(uint32_t cp, char *out)
{
	if (cp < 0x80) {
		out[0] = (char)cp;
		return 1;
	}
	if (cp < 0x800) {
		out[0] = (char)(0xC0 | cp >> 6);
		out[1] = (char)(0x80 | (cp & 0x3F));
		return 2;
	}
	if (cp < 0x10000) {
		out[0] = (char)(0xE0 | cp >> 12);
		out[1] = (char)(0x80 | (cp >> 6 & 0x3F));
		out[2] = (char)(0x80 | (cp & 0x3F));
		return 3;
	}
	out[0] = (char)(0xF0 | cp >> 18);
	out[1] = (char)(0x80 | (cp >> 12 & 0x3F));
	out[2] = (char)(0x80 | (cp >> 6 & 0x3F));
	out[3] = (char)(0x80 | (cp & 0x3F));
	return 4;
}

unsigned unicode_category(uint32_t cp)
{
	size_t low = 0;
	size_t high = unicode_runs_len;

	while (high - low > 1) {
		size_t middle = (low + high) / 2;

		if (unicode_runs[middle] <= cp)
			low = middle;
		else
			high = middle;
	}
	return unicode_run_categories[low];
}

uint32_t unicode_fold(uint32_t cp)
{
	size_t low = 0;
	size_t high = unicode_folds_len;

	if (cp < 0x80)
		return cp - 'A' < 26u ? cp + 32 : cp;
	while (low < high) {
		size_t middle = (low + high) / 2;
		const struct unicode_fold *f = &unicode_folds[middle];

		if (cp < f->first)
			high = middle;
		else if (cp > f->last)
			low = middle + 1;
		else
			return (cp - f->first) % f->step
				       ? cp
				       : cp + (uint32_t)f->delta;
	}
	return cp;
}
