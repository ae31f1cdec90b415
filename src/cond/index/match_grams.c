/* match_grams.c - the parts of an event's texts that the filter lets through.
 *
 *     "gauge high"     gaug auge uge# ge#h e#hi #hig high      # is a blank
 *
 * Every place of a text is looked at, two hundred in an event: where parts of
 * text are asked for, most of the time of an event goes by here. So there are
 * two ways: place by place, and eight places at once, where the processor has
 * AVX2. Both see the same keys.
 *
 *     16 bytes -> 8 words of 4, and the 8 behind them
 *              -> 8 halves of keys -> 8 words of the filter, gathered
 *              -> which of the 8 it lets through, as bits
 *
 * Blocks with a bit are put aside, in any case and without a branch, and their
 * keys computed again, one by one. They are few.
 */
#include "cond/index/sieve.h"

#include "base/mem.h"

#ifdef __x86_64__
#include <immintrin.h>
#endif

enum {
	/* Lines of a table whose filter is smaller than few, which then is
	 * not asked. */
	FEW_FROM = FEW_CELLS / sizeof(uint32_t),
	FEW_AT_ONCE = 64,
	LANES = 8,
	BLOCKS = 64, /* put aside at a time */
};

typedef uint64_t (*gram_fn)(const char *p);
typedef void (*grams_fn)(struct interest_index *ix, struct match_event *e,
			 const struct json_leaf *at, uint32_t texts);

/* --- place by place ---------------------------------------------------- */

INLINE void filter_grams(struct interest_index *ix, struct match_event *e,
			 const struct json_leaf *at, uint32_t texts,
			 uint32_t bytes, gram_fn gram)
{
	struct sieve s = sieve_begin(ix, e, 0);

	for (uint32_t k = 0; k < texts; k++) {
		uint64_t where = match_where(ix->scratch.texts[k], 0);
		const struct json_leaf *l = &at[match_leaf(where)];
		const char *end = l->p + l->len - bytes;

		if (l->len < bytes)
			continue;
		sieve_room(e, &s, l->len);
		for (const char *p = l->p; p <= end; p++, where += MATCH_BYTE)
			sieve_key(&s, gram(p), where, true);
	}
	sieve_end(ix, e, &s);
}

/* The same, asking few before. */
INLINE void filter_few_grams(struct interest_index *ix, struct match_event *e,
			     const struct json_leaf *at, uint32_t texts,
			     uint32_t bytes, gram_fn gram, struct few *few)
{
	struct sieve s = sieve_begin(ix, e, 0);
	uint32_t kept[FEW_AT_ONCE];

	for (uint32_t k = 0; k < texts; k++) {
		uint32_t leaf = ix->scratch.texts[k];
		const char *p = at[leaf].p;
		uint32_t len = at[leaf].len;
		uint32_t i = 0;

		sieve_room(e, &s, len);
		while (i + bytes <= len) {
			uint32_t end = MIN(i + FEW_AT_ONCE, len - bytes + 1);
			uint32_t n = 0;

			for (; i < end; i++) {
				uint64_t key = gram(p + i) & s.key_mask;

				kept[n] = i;
				n += *few_cell(few, key) != 0;
			}
			for (uint32_t j = 0; j < n; j++)
				sieve_key(&s, gram(p + kept[j]),
					  match_where(leaf, kept[j]), true);
		}
	}
	sieve_end(ix, e, &s);
}

#define GRAMS(bytes, number)                                                 \
	static void grams##bytes(struct interest_index *ix,                  \
				 struct match_event *e,                      \
				 const struct json_leaf *at, uint32_t texts) \
	{                                                                    \
		filter_grams(ix, e, at, texts, bytes, key_gram##bytes);      \
	}                                                                    \
	static void few_grams##bytes(struct interest_index *ix,              \
				     struct match_event *e,                  \
				     const struct json_leaf *at,             \
				     uint32_t texts)                         \
	{                                                                    \
		filter_few_grams(ix, e, at, texts, bytes, key_gram##bytes,   \
				 ix->grams[number]);                         \
	}

GRAMS(8, 0)
GRAMS(4, 1)
GRAMS(3, 2)

/* --- eight places at once ---------------------------------------------- */

#ifdef __x86_64__

#define WIDE static inline __attribute__((always_inline, target("avx2")))

/* What key_gram and the filter work with, eight times each. */
struct wide {
	__m256i salt_a, salt_b;
	__m256i factor[4];
	__m256i mask, wide_mask, split; /* spread_place */
	const int *filter;
	const int *few; /* NULL: is not asked */
};

WIDE struct wide wide_begin(const struct interest_index *ix,
			    const struct few *few)
{
	const struct spread *spread = &ix->table.spread;
	struct wide w = {
		.salt_a = _mm256_set1_epi32((int)(hash_key[0] >> 32)),
		.salt_b = _mm256_set1_epi32((int)(hash_key[1] >> 32)),
		.mask = _mm256_set1_epi32((int)spread->mask),
		.wide_mask = _mm256_set1_epi32((int)(spread->mask * 2 + 1)),
		.split = _mm256_set1_epi32((int)spread->split),
		.filter = (const int *)ix->table.filter.base,
		.few = few ? (const int *)few->cells : NULL,
	};

	for (int i = 0; i < 4; i++)
		w.factor[i] = _mm256_set1_epi32((int)hash_key[i]);
	return w;
}

/* The lower halves of eight keys. */
WIDE __m256i wide_low(const struct wide *w, __m256i a, __m256i b)
{
	__m256i y = _mm256_mullo_epi32(_mm256_xor_si256(a, w->salt_a),
				       w->factor[0]);

	y = _mm256_xor_si256(y, _mm256_srli_epi32(y, 15));
	y = _mm256_mullo_epi32(_mm256_add_epi32(y, b), w->factor[1]);
	y = _mm256_xor_si256(y, _mm256_srli_epi32(y, 15));
	y = _mm256_mullo_epi32(y, w->factor[2]);
	return _mm256_xor_si256(y, _mm256_srli_epi32(y, 16));
}

/* table_maybe. The bits are those of the table's patterns. */
WIDE uint32_t wide_maybe(const struct wide *w, __m256i b, __m256i low)
{
	const __m256i one = _mm256_set1_epi32(1);
	__m256i high =
		_mm256_mullo_epi32(_mm256_xor_si256(_mm256_xor_si256(b, low),
						    w->salt_b),
				   w->factor[3]);
	__m256i i = _mm256_srli_epi32(high, 32 - TABLE_PATTERNS_BITS);
	__m256i third = _mm256_srli_epi32(
		_mm256_mullo_epi32(i, _mm256_set1_epi32(TABLE_PATTERN_FACTOR)),
		27);
	__m256i bits = _mm256_or_si256(
		_mm256_or_si256(
			_mm256_sllv_epi32(one,
					  _mm256_and_si256(i, _mm256_set1_epi32(
								      31))),
			_mm256_sllv_epi32(one, _mm256_srli_epi32(i, 5))),
		_mm256_sllv_epi32(one, third));
	__m256i at = _mm256_and_si256(low, w->mask);
	__m256i place =
		_mm256_blendv_epi8(at, _mm256_and_si256(low, w->wide_mask),
				   _mm256_cmpgt_epi32(w->split, at));
	__m256i word = _mm256_i32gather_epi32(w->filter, place, 4);
	__m256i let = _mm256_cmpeq_epi32(_mm256_and_si256(word, bits), bits);

	return (uint32_t)_mm256_movemask_ps(_mm256_castsi256_ps(let));
}

/* few_cell. */
WIDE uint32_t wide_few(const struct wide *w, __m256i low)
{
	__m256i cell =
		_mm256_i32gather_epi32(w->few,
				       _mm256_srli_epi32(low, FEW_SHIFT), 1);
	__m256i none =
		_mm256_cmpeq_epi32(_mm256_and_si256(cell,
						    _mm256_set1_epi32(255)),
				   _mm256_setzero_si256());

	return ~(uint32_t)_mm256_movemask_ps(_mm256_castsi256_ps(none));
}

/* Of eight places from the first of 16 bytes on: a bit for each. */
WIDE uint32_t wide_block(const struct wide *w, __m128i text, uint32_t bytes)
{
	/* The bytes of word i are i to i + 3, and those 4 behind them. */
	const __m256i first = _mm256_setr_epi8(0, 1, 2, 3, 1, 2, 3, 4, 2, 3, 4,
					       5, 3, 4, 5, 6, 4, 5, 6, 7, 5, 6,
					       7, 8, 6, 7, 8, 9, 7, 8, 9, 10);
	__m256i both = _mm256_broadcastsi128_si256(text);
	__m256i a = _mm256_shuffle_epi8(both, first);
	__m256i b;
	__m256i low;

	if (bytes == 8)
		b = _mm256_shuffle_epi8(
			both, _mm256_add_epi8(first, _mm256_set1_epi8(4)));
	else
		b = _mm256_set1_epi32(
			(int)(hash_key[bytes == 4 ? 2 : 3] >> 32));
	if (bytes == 3)
		a = _mm256_and_si256(a, _mm256_set1_epi32(0xFFFFFF));
	low = wide_low(w, a, b);
	return w->few ? wide_few(w, low) : wide_maybe(w, b, low);
}

/* The 3 to 15 bytes at p, zeros behind them; no others are read. */
WIDE __m128i wide_rest(const char *p, uint32_t n)
{
	uint64_t low = 0;
	uint64_t high = 0;
	uint32_t word[2];

	if (n >= 8) {
		memcpy(&low, p, 8);
		memcpy(&high, p + n - 8, 8);
		/* In two steps, since n may be 8. */
		high = high >> 4 * (16 - n) >> 4 * (16 - n);
	} else if (n >= 4) {
		memcpy(&word[0], p, 4);
		memcpy(&word[1], p + n - 4, 4);
		low = word[0] | (uint64_t)word[1] << 8 * (n - 4);
	} else {
		memcpy(&low, p, 3);
	}
	return _mm_set_epi64x((int64_t)high, (int64_t)low);
}

struct block {
	uint64_t where;
	uint32_t bits;
};

/* Stores a block of n places; it stays if a bit is set. */
WIDE struct block *wide_put(struct block *out, uint64_t where, uint32_t bits,
			    uint32_t n)
{
	bits &= (1u << n) - 1;
	*out = (struct block){where, bits};
	return out + (bits != 0);
}

/* The keys of blocks that were put aside, through the filter. */
static void keys_of_blocks(struct match_event *e, struct sieve *s,
			   const struct json_leaf *at, const struct block *b,
			   const struct block *end, gram_fn gram)
{
	sieve_room(e, s, (uint32_t)(end - b) * LANES);
	for (; b < end; b++) {
		const char *p =
			at[match_leaf(b->where)].p + match_byte(b->where);

		for (uint32_t left = b->bits; left; left &= left - 1) {
			uint32_t i = (uint32_t)__builtin_ctz(left);

			sieve_key(s, gram(p + i), b->where + i * MATCH_BYTE,
				  true);
		}
	}
}

WIDE void wide_grams(struct interest_index *ix, struct match_event *e,
		     const struct json_leaf *at, uint32_t texts, uint32_t bytes,
		     gram_fn gram, const struct few *few)
{
	const struct wide w = wide_begin(ix, few);
	struct sieve s = sieve_begin(ix, e, 0);
	struct block blocks[BLOCKS + 3];
	struct block *b = blocks;

	for (uint32_t k = 0; k < texts; k++) {
		uint64_t where = match_where(ix->scratch.texts[k], 0);
		const struct json_leaf *l = &at[match_leaf(where)];
		const char *p = l->p;
		uint32_t left = l->len;

		for (; left >= 16; left -= LANES, p += LANES) {
			__m128i text = _mm_loadu_si128((const __m128i *)p);

			b = wide_put(b, where, wide_block(&w, text, bytes),
				     LANES);
			where += LANES * MATCH_BYTE;
			if (UNLIKELY(b >= blocks + BLOCKS)) {
				keys_of_blocks(e, &s, at, blocks, b, gram);
				b = blocks;
			}
		}
		if (left >= bytes) {
			__m128i text = wide_rest(p, left);
			uint32_t n = left - bytes + 1;

			b = wide_put(b, where, wide_block(&w, text, bytes),
				     MIN(n, (uint32_t)LANES));
			if (n > LANES)
				b = wide_put(b, where + LANES * MATCH_BYTE,
					     wide_block(&w,
							_mm_srli_si128(text, 8),
							bytes),
					     n - LANES);
		}
		if (UNLIKELY(b >= blocks + BLOCKS)) {
			keys_of_blocks(e, &s, at, blocks, b, gram);
			b = blocks;
		}
	}
	keys_of_blocks(e, &s, at, blocks, b, gram);
	sieve_end(ix, e, &s);
}

#define WIDE_GRAMS(bytes, number)                                           \
	static __attribute__((target("avx2"))) void wide_grams##bytes(      \
		struct interest_index *ix, struct match_event *e,           \
		const struct json_leaf *at, uint32_t texts)                 \
	{                                                                   \
		wide_grams(ix, e, at, texts, bytes, key_gram##bytes, NULL); \
	}                                                                   \
	static __attribute__((target("avx2"))) void wide_few_grams##bytes(  \
		struct interest_index *ix, struct match_event *e,           \
		const struct json_leaf *at, uint32_t texts)                 \
	{                                                                   \
		wide_grams(ix, e, at, texts, bytes, key_gram##bytes,        \
			   ix->grams[number]);                              \
	}

WIDE_GRAMS(8, 0)
WIDE_GRAMS(4, 1)
WIDE_GRAMS(3, 2)

#endif

/* --- the way ----------------------------------------------------------- */

/* Keys of which few bits count are for tests, which so see the other way. */
static bool goes_wide(const struct interest_index *ix)
{
#ifdef __x86_64__
	return __builtin_cpu_supports("avx2") &&
	       ix->access.key_mask == UINT64_MAX;
#else
	return false;
#endif
}

void match_grams(struct interest_index *ix, struct match_event *e,
		 const struct json_leaf *at, uint32_t texts)
{
	/* Of 8, 4 and 3 bytes; asking few, or not. */
	static const grams_fn plain[][2] = {{grams8, few_grams8},
					    {grams4, few_grams4},
					    {grams3, few_grams3}};
#ifdef __x86_64__
	static const grams_fn wide[][2] = {{wide_grams8, wide_few_grams8},
					   {wide_grams4, wide_few_grams4},
					   {wide_grams3, wide_few_grams3}};
#else
	const grams_fn(*wide)[2] = plain;
#endif
	const grams_fn(*ways)[2] = goes_wide(ix) ? wide : plain;
	bool small = spread_places(&ix->table.spread) < FEW_FROM;

	for (uint32_t i = 0; i < ARRAY_LEN(plain); i++)
		if (ix->kinds[KEY_GRAM8 + i])
			ways[i][!small && few_enough(ix->grams[i])](ix, e, at,
								    texts);
}
