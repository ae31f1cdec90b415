/* thread.c - a short list for each thread, and one key whose destructor walks
 * it. C has no destructors for thread-local variables. */
#include "base/thread.h"

#include <assert.h>
#include <pthread.h>
#include <stddef.h>

static pthread_key_t at_end;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static _Thread_local void (*kept[THREAD_KEEPS_MAX])(void);
static _Thread_local size_t kept_len;

static void give_all_back(void *unused)
{
	while (kept_len)
		kept[--kept_len]();
}

static void make_key(void)
{
	int rc = pthread_key_create(&at_end, give_all_back);

	assert(rc == 0);
}

void thread_keeps(void (*give_back)(void))
{
	for (size_t i = 0; i < kept_len; i++)
		if (kept[i] == give_back)
			return;
	assert(kept_len < THREAD_KEEPS_MAX);
	kept[kept_len++] = give_back;
	pthread_once(&once, make_key);
	/* The destructor runs for a value that is not NULL. */
	pthread_setspecific(at_end, kept);
}
