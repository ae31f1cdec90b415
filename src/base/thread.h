/* thread.h - what a thread keeps for itself until it ends.
 *
 * Free lists and scratch buffers are kept by thread: no lock, and no cache line
 * that two cores pull at. The memory behind such a variable has to go with its
 * thread; that of the main one goes with the process.
 */
#ifndef WEIR_BASE_THREAD_H
#define WEIR_BASE_THREAD_H

/* Has give_back called by the calling thread when it ends; those that were
 * said last come first. It frees memory of mem_alloc only. Saying it again does
 * nothing. At most THREAD_KEEPS_MAX of them. */
#define THREAD_KEEPS_MAX 8
void thread_keeps(void (*give_back)(void));

#endif
