/* stretch.c - reserves by mmap, commits by mprotect.
 *
 * Steps grow with the array, so that a large one does not ask the system often;
 * pages that were never written are not there yet, whatever is committed. From
 * some size on steps are whole large pages: the system uses one only where all
 * of it may be written. Look-ups at random places then miss the TLB less.
 */
#include "cond/index/stretch.h"

#include "base/log.h"

#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>

enum {
	STEP_MIN = 64 * 1024,
	HUGE_PAGE = 2 * 1024 * 1024,
	HUGE_FROM = 4 * 1024 * 1024, /* smaller ones would waste the rest */
};

static void no_memory(const char *what, size_t bytes)
{
	log_error("out of %s: %zu bytes for the index of interests", what,
		  bytes);
	abort();
}

void stretch_init(struct stretch *s, size_t reserved)
{
	void *p;

	/* One large page more, so that the array can begin with one. */
	reserved = (reserved / HUGE_PAGE + 2) * HUGE_PAGE;
	p = mmap(NULL, reserved, PROT_NONE,
		 MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (p == MAP_FAILED)
		no_memory("addresses", reserved);
	s->skipped = -(uintptr_t)p & (HUGE_PAGE - 1);
	s->base = (char *)p + s->skipped;
	s->committed = 0;
	s->reserved = reserved - s->skipped;
	madvise(s->base, s->reserved, MADV_HUGEPAGE);
}

void stretch_fini(struct stretch *s)
{
	if (s->base)
		munmap(s->base - s->skipped, s->reserved + s->skipped);
	*s = (struct stretch){0};
}

void stretch_commit(struct stretch *s, size_t bytes)
{
	size_t step = bytes < HUGE_FROM ? STEP_MIN : HUGE_PAGE;
	size_t end = MAX(bytes, s->committed + s->committed / 8);

	end = MIN((end + step - 1) / step * step, s->reserved);
	if (bytes > end || mprotect(s->base + s->committed, end - s->committed,
				    PROT_READ | PROT_WRITE) < 0)
		no_memory("memory", bytes);
	s->committed = end;
}
