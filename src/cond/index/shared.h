/* shared.h - each condition once, whoever states it.
 *
 *     block  | owners | pack size, held | list size | pack | list | cond |
 *              4        up to 10, mostly 2                          if held
 *
 *     line   | cond 1 .. 10 | tag 1 .. 10 | link |     64 bytes
 *
 * Conditions that say the same have the same pack (pack.h), so they are found
 * by its bytes, in a hash table. The number of a condition is that of its block
 * in the arena. A million clients who want the same cost their interests, 32
 * bytes each, and one condition.
 *
 * The table is one of lines of the cache, addressed by linear hashing
 * (spread.h). Beside each number stand 16 bits of the hash. They say, without a
 * look at the block, that a condition is new, and to which of two lines one
 * goes when its line is split: a table of chained blocks was measured to wait
 * for memory half of the time that an insertion takes. A line that is full
 * links to one of a second array.
 */
#ifndef WEIR_COND_INDEX_SHARED_H
#define WEIR_COND_INDEX_SHARED_H

#include "base/hash.h"
#include "cond/index/arena.h"
#include "cond/index/pack.h"
#include "cond/index/spread.h"

struct shared_cond {
	uint32_t owners; /* an interest that has it; 0: none yet */
	uint8_t bytes[]; /* sizes, pack, list, pointer */
};

/* What is in a block. */
struct shared_view {
	const uint8_t *pack;
	const uint8_t *list; /* how it is filed, see access.h */
	uint32_t pack_bytes;
	uint32_t list_bytes;
	struct cond *held; /* NULL: the pack tells all */
	size_t bytes;	   /* of the block */
};

enum { SHARED_LINE = 10 };

/* What is in use stands in front: cond is 0 from the first free place on. */
struct shared_line {
	uint32_t cond[SHARED_LINE];
	uint16_t tag[SHARED_LINE];
	uint32_t link; /* the next line, of overflow; 0: none */
};

struct shared {
	struct arena *arena; /* borrowed */
	struct stretch lines;
	struct stretch overflow; /* number 0 is no line */
	struct spread spread;
	uint64_t n;		/* conditions */
	uint32_t overflow_end;	/* lines handed out, ever */
	uint32_t overflow_free; /* first free one, by link; 0: none */
	uint32_t overflow_used;
};

void shared_init(struct shared *s, struct arena *arena);
void shared_fini(struct shared *s); /* lets go of held conditions, too */

/* Of a pack; the calls below want it. */
static inline uint64_t shared_hash(struct str pack)
{
	return hash_bytes(pack.p, pack.len);
}

static inline void shared_prefetch(const struct shared *s, uint64_t hash)
{
	__builtin_prefetch(s->lines.base + spread_place(&s->spread, hash) *
						   sizeof(struct shared_line));
}

/* The condition with this pack; c as it was written, where the pack does not
 * tell all, else NULL. 0: there is none. */
uint32_t shared_find(const struct shared *s, uint64_t hash, struct str pack,
		     const struct cond *c);

/* Adds one. c, if not NULL, is shared. */
uint32_t shared_add(struct shared *s, uint64_t hash, struct str pack,
		    struct str list, struct cond *c);
void shared_remove(struct shared *s, uint64_t hash, uint32_t id);

uint64_t shared_bytes(const struct shared *s); /* without the blocks */

static inline struct shared_cond *shared_at(const struct arena *a, uint32_t id)
{
	return arena_at(a, id);
}

static inline void shared_view(const struct shared_cond *c,
			       struct shared_view *out)
{
	uint64_t pack;
	uint64_t list;
	const uint8_t *p = pack_varint(c->bytes, &pack);

	p = pack_varint(p, &list);
	out->pack_bytes = (uint32_t)(pack >> 1);
	out->list_bytes = (uint32_t)list;
	out->pack = p;
	out->list = p + out->pack_bytes;
	out->held = NULL;
	p = out->list + out->list_bytes;
	if (pack & 1) {
		memcpy(&out->held, p, sizeof out->held);
		p += sizeof out->held;
	}
	out->bytes = (size_t)(p - (const uint8_t *)c);
}

#endif
