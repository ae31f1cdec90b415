/* share.h - one run for all who ask for the same; see share.c. Between the two
 * files that make the `run` stage. */
#ifndef WEIR_SOURCE_SHARE_H
#define WEIR_SOURCE_SHARE_H

#include "source/source.h"

struct source_shared;

/* The run stage for a job (borrowed) of a source that shares. */
struct rx_source *source_share_stage(struct source_set *set, struct rx_ctx *ctx,
				     struct source *s, struct value job);

/* A run for sh: a job (borrowed) that is nobody's. */
struct rx_source *source_run_for(struct source_set *set, struct rx_ctx *ctx,
				 struct value job, struct source_shared *sh);

/* Blocks the calling fiber while nobody who has joined has room. 0 or
 * WEIR_ECANCELED. */
int source_shared_wait(struct source_shared *sh);

#endif
