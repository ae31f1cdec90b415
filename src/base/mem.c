/* mem.c - the system's allocator with a counter, and free lists on top.
 *
 * A slab class holds objects of a multiple of 16 bytes. Free objects are
 * linked through their first word. New ones are cut from chunks of 32 KiB,
 * which are kept until the thread ends: the peak of small objects is what the
 * process keeps.
 *
 * Under a sanitizer each object is malloc's. ThreadSanitizer itself would not
 * mind one that is freed on another thread, where it joins the wrong list, so
 * for it a word in front of each tells whose it is.
 */
#include "base/mem.h"

#include "base/log.h"
#include "base/thread.h"

#include <stdlib.h>
#include <string.h>

static _Thread_local uint64_t alloc_count;

static void *checked(void *p, size_t bytes)
{
	if (UNLIKELY(!p)) {
		log_error("out of memory: %zu bytes are not to be had", bytes);
		abort();
	}
	return p;
}

void *mem_try_alloc(size_t bytes)
{
	alloc_count++;
	return malloc(bytes ? bytes : 1);
}

void *mem_alloc(size_t bytes)
{
	return checked(mem_try_alloc(bytes), bytes);
}

void *mem_zalloc(size_t bytes)
{
	alloc_count++;
	return checked(calloc(1, bytes ? bytes : 1), bytes);
}

void *mem_try_realloc(void *p, size_t bytes)
{
	alloc_count++;
	return realloc(p, bytes ? bytes : 1);
}

void *mem_realloc(void *p, size_t bytes)
{
	return checked(mem_try_realloc(p, bytes), bytes);
}

void mem_free(void *p)
{
	free(p);
}

void *mem_dup(const void *p, size_t bytes)
{
	void *copy = mem_alloc(bytes);

	if (bytes)
		memcpy(copy, p, bytes);
	return copy;
}

char *mem_strndup(const char *s, size_t len)
{
	char *copy = mem_alloc(len + 1);

	if (len)
		memcpy(copy, s, len);
	copy[len] = '\0';
	return copy;
}

char *mem_strdup(const char *s)
{
	return mem_strndup(s, strlen(s));
}

uint64_t mem_alloc_count(void)
{
	return alloc_count;
}

#define SLAB_STEP  16
#define SLAB_CHUNK (32 * 1024)
#define CACHE_LINE 64

struct slab_free {
	struct slab_free *next;
};

/* A line of the cache, so that objects of whole lines begin with one. */
struct slab_chunk {
	_Alignas(CACHE_LINE) struct slab_chunk *next;
};

static _Thread_local struct slab_free *free_of[SLAB_MAX / SLAB_STEP + 1];
static _Thread_local struct slab_chunk *chunks;

/* --- with a sanitizer -------------------------------------------------- */

#define SANITIZED (WEIR_ASAN || WEIR_TSAN)

struct owned {
	const void *owner; /* an address that only one thread has */
	uint64_t pad;	   /* keeps the object aligned to 16 */
};

/* Not counted: without a sanitizer there is no such call. */
static void *sanitized_alloc(size_t bytes)
{
	struct owned *o;

	if (!WEIR_TSAN)
		return checked(malloc(bytes ? bytes : 1), bytes);
	o = checked(malloc(sizeof *o + bytes), bytes);
	o->owner = &alloc_count;
	return o + 1;
}

static void sanitized_free(void *p, size_t bytes)
{
	if (WEIR_TSAN) {
		struct owned *o = (struct owned *)p - 1;

		if (o->owner != &alloc_count) {
			log_error("a slab object of %zu bytes is freed on "
				  "another thread than the one that made it",
				  bytes);
			abort();
		}
		p = o;
	}
	free(p);
}

/* --- without ----------------------------------------------------------- */

static size_t class_of(size_t bytes)
{
	return bytes ? (bytes + SLAB_STEP - 1) / SLAB_STEP : 1;
}

static void refill(size_t class)
{
	size_t size = class * SLAB_STEP;
	struct slab_chunk *c =
		checked(aligned_alloc(CACHE_LINE, SLAB_CHUNK), SLAB_CHUNK);
	char *p = (char *)(c + 1);
	char *end = (char *)c + SLAB_CHUNK;

	alloc_count++;
	if (!chunks)
		thread_keeps(slab_thread_fini);
	c->next = chunks;
	chunks = c;
	for (; p + size <= end; p += size) {
		struct slab_free *f = (struct slab_free *)p;

		f->next = free_of[class];
		free_of[class] = f;
	}
}

void *slab_alloc(size_t bytes)
{
	if (bytes > SLAB_MAX)
		return mem_alloc(bytes);
	if (SANITIZED)
		return sanitized_alloc(bytes);

	size_t class = class_of(bytes);

	if (UNLIKELY(!free_of[class]))
		refill(class);

	struct slab_free *f = free_of[class];

	free_of[class] = f->next;
	return f;
}

void *slab_zalloc(size_t bytes)
{
	return memset(slab_alloc(bytes), 0, bytes);
}

void slab_free(void *p, size_t bytes)
{
	if (!p)
		return;
	if (bytes > SLAB_MAX) {
		mem_free(p);
		return;
	}
	if (SANITIZED) {
		sanitized_free(p, bytes);
		return;
	}

	size_t class = class_of(bytes);
	struct slab_free *f = p;

	f->next = free_of[class];
	free_of[class] = f;
}

void slab_thread_fini(void)
{
	while (chunks) {
		struct slab_chunk *c = chunks;

		chunks = c->next;
		mem_free(c);
	}
	memset(free_of, 0, sizeof free_of);
}
