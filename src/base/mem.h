/* mem.h - memory that is there, or the process ends.
 *
 * mem_alloc never returns NULL: running out of a few hundred bytes is no state
 * a server can go on from. Where a peer chooses the size, mem_try_alloc is
 * used and its NULL is answered.
 *
 * slab_alloc is for the small objects that come and go with every item: a free
 * list a size class and thread. With a sanitizer it is plain malloc.
 *
 * Threads: any. A slab object has to be freed on the thread that made it,
 * before that ends; a build with ThreadSanitizer looks after the former.
 */
#ifndef WEIR_BASE_MEM_H
#define WEIR_BASE_MEM_H

#include <stddef.h>
#include <stdint.h>

void *mem_alloc(size_t bytes);
void *mem_zalloc(size_t bytes); /* zero-filled */
void *mem_realloc(void *p, size_t bytes);
void *mem_try_alloc(size_t bytes);	      /* NULL when there is no memory */
void *mem_try_realloc(void *p, size_t bytes); /* NULL: p is untouched */
void mem_free(void *p);			      /* NULL does nothing */
char *mem_strdup(const char *s);
void *mem_dup(const void *p, size_t bytes);
char *mem_strndup(const char *s, size_t len); /* NUL-terminated copy */

/* Objects up to SLAB_MAX bytes come from the free lists, others from
 * mem_alloc. bytes has to be the same in both calls. */
#define SLAB_MAX 512
void *slab_alloc(size_t bytes);
void *slab_zalloc(size_t bytes);
void slab_free(void *p, size_t bytes);

/* Calls into the system's allocator by this thread since it began; the
 * difference over a run shows whether a path allocates per item. Those for slab
 * objects, which only sanitizers make necessary, are left out, so a path can be
 * tested by it there, too. */
uint64_t mem_alloc_count(void);

/* Gives the free lists of this thread back, of which no object is left. A
 * thread that ends does so by itself. */
void slab_thread_fini(void);

#endif
