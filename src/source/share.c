/* share.c - clients that ask for the same get the parts of one run.
 *
 *     job a of client 1 --- joined --.
 *     job b of client 2 --- joined --+-- shared <--- parts --- run
 *     job c of client 3 --- joined --'     `-- parts so far
 *
 * Jobs are the same when they differ in their ids at most. Who comes later is
 * first given what has come so far; once that is more than REPLAY_MAX nobody
 * joins any more (share: true), since its answer would not be whole. Or it is
 * given what comes from then on (share: live), for sources without an end. The
 * run ends when the last of them has gone.
 *
 * The run waits while none of them has room, so it goes at the pace of the
 * fastest; the parts of the others may be dropped then, as those of strangers.
 */
#include "source/share.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "fiber/fiber.h"
#include "hub/hub.h"
#include "hub/lane.h"
#include "json/write.h"
#include "rx/op.h"

#define REPLAY_MAX (1 << 20)
/* Waiting for one of several, it looks after the others that often. */
#define LOOK_MS 20

struct source_shared {
	struct rx_observer in; /* hears the run */
	struct rx_sub *run;    /* ours; NULL: not yet, or it has ended */
	struct source *source; /* one reference */
	struct value key;      /* ours: the job without its id */
	struct list joined;    /* of struct joined */
	struct list *next;     /* whom the part at hand goes to next */
	struct value *parts;   /* ours, one reference each: all so far */
	uint32_t n;
	uint32_t cap;
	size_t bytes;
	uint64_t count; /* parts that have come */
	struct rx_sched *sched;
	struct rx_later grave;
	bool listed; /* others can find it */
	bool ended;
};

struct joined {
	struct rx_sub sub;
	struct source_shared *shared; /* NULL once it has left */
	struct list link;
	struct hub_run hub_run;
	struct hub_job *job; /* one reference; NULL: of no job */
	uint64_t from;	     /* the first part that it is given as it comes */
};

struct share_source {
	struct rx_source src;
	struct source_set *set; /* borrowed: outlives all graphs */
	struct source *source;	/* one reference */
	struct value job;	/* one reference */
};

/* --- the shared run's life ----------------------------------------------- */

static void drop_parts(struct source_shared *sh)
{
	for (uint32_t i = 0; i < sh->n; i++)
		value_unref(sh->parts[i]);
	mem_free(sh->parts);
	sh->parts = NULL;
	sh->n = sh->cap = 0;
}

/* Nobody joins any more. */
static void unlist(struct source_shared *sh)
{
	if (!sh->listed)
		return;
	sh->listed = false;
	rx_keys_remove(&sh->source->shared, sh->key);
	drop_parts(sh);
}

static void free_shared(struct rx_later *l)
{
	struct source_shared *sh = CONTAINER_OF(l, struct source_shared, grave);

	value_unref(sh->key);
	source_unref(sh->source);
	mem_free(sh);
}

static void end_shared(struct source_shared *sh)
{
	sh->ended = true;
	unlist(sh);
	rx_sub_drop(&sh->run);
	sh->grave.fn = free_shared;
	rx_sched_later(sh->sched, &sh->grave);
}

/* --- who has joined --------------------------------------------------------
 */

static void leave(struct joined *j)
{
	struct source_shared *sh = j->shared;

	if (!sh)
		return;
	j->shared = NULL;
	if (sh->next == &j->link)
		sh->next = j->link.next;
	list_remove(&j->link);
	if (j->job)
		hub_job_run_end(j->job, &j->hub_run);
	if (list_empty(&sh->joined) && !sh->ended)
		end_shared(sh);
}

static void on_job_cancel(struct hub_run *r)
{
	struct joined *j = CONTAINER_OF(r, struct joined, hub_run);
	struct hub_job *job = hub_job_ref(j->job);
	struct rx_cause *old = rx_cause_enter(&job->cause);

	leave(j);
	rx_finish_done(&j->sub);
	rx_cause_leave(old);
	hub_job_unref(job);
}

static void give(struct joined *j, struct value part)
{
	struct rx_cause *old;
	struct value own;

	if (!j->job) {
		rx_next(j->sub.down, part);
		return;
	}
	own = value_with(part, STR("job"), value_string(hub_job_id(j->job)));
	old = rx_cause_enter(&j->job->cause);
	rx_next(j->sub.down, own);
	rx_cause_leave(old);
	value_unref(own);
}

static void join(struct joined *j, struct source_shared *sh)
{
	struct list *first = sh->joined.next;

	j->shared = sh;
	j->from = sh->count;
	list_push(&sh->joined, &j->link);
	if (j->job) {
		trace("job %s runs at %s, %s", j->job->id, sh->source->name,
		      first == &sh->joined ? "for others too" : "with others");
		hub_job_run_begin(j->job, &j->hub_run);
	}
	if (first == &sh->joined)
		return;
	LIST_FOREACH (l, &sh->joined) {
		struct hub_job *job = CONTAINER_OF(l, struct joined, link)->job;

		if (job)
			job->shared = true;
	}
	for (uint32_t i = 0; i < sh->n && !j->sub.halted; i++)
		give(j, sh->parts[i]);
}

/* --- what the run says ------------------------------------------------------
 */

static void remember(struct source_shared *sh, struct value part)
{
	if (!sh->listed || sh->source->share == SOURCE_LIVE)
		return;
	sh->bytes += json_size(part);
	if (sh->bytes > REPLAY_MAX) {
		unlist(sh);
		return;
	}
	if (sh->n == sh->cap) {
		sh->cap = sh->cap ? 2 * sh->cap : 8;
		sh->parts = mem_realloc(sh->parts, sh->cap * sizeof *sh->parts);
	}
	sh->parts[sh->n++] = value_ref(part);
}

static void on_next(struct rx_observer *o, struct value part)
{
	struct source_shared *sh = CONTAINER_OF(o, struct source_shared, in);
	uint64_t number = sh->count++;

	remember(sh, part);
	for (struct list *l = sh->joined.next; l != &sh->joined; l = sh->next) {
		struct joined *j = CONTAINER_OF(l, struct joined, link);

		sh->next = l->next;
		if (j->from <= number)
			give(j, part);
	}
}

/* err is NULL when it ended well. */
static void end_all(struct source_shared *sh, const struct weir_error *err)
{
	end_shared(sh);
	while (!list_empty(&sh->joined)) {
		struct joined *j =
			CONTAINER_OF(sh->joined.next, struct joined, link);
		struct hub_job *job = j->job ? hub_job_ref(j->job) : NULL;
		struct rx_cause *old = rx_cause_enter(job ? &job->cause : NULL);

		leave(j);
		if (err)
			rx_finish_error(&j->sub, err);
		else
			rx_finish_done(&j->sub);
		rx_cause_leave(old);
		if (job)
			hub_job_unref(job);
	}
}

static void on_error(struct rx_observer *o, const struct weir_error *err)
{
	end_all(CONTAINER_OF(o, struct source_shared, in), err);
}

static void on_done(struct rx_observer *o)
{
	end_all(CONTAINER_OF(o, struct source_shared, in), NULL);
}

static const struct rx_observer_ops in_ops = {on_next, on_error, on_done};

/* The lane of the one who has joined that is least behind; NULL: somebody has
 * room, or is not to be waited for. */
static struct hub_lane *find_slow(const struct source_shared *sh)
{
	struct hub_lane *least = NULL;

	LIST_FOREACH (l, &sh->joined) {
		const struct hub_job *job =
			CONTAINER_OF(l, struct joined, link)->job;

		if (!job || hub_job_has_room(job))
			return NULL;
		if (!least ||
		    hub_lane_backlog(job->owner) < hub_lane_backlog(least))
			least = job->owner;
	}
	return least;
}

int source_shared_wait(struct source_shared *sh)
{
	struct hub_lane *lane;

	while ((lane = find_slow(sh))) {
		int64_t look_ms = loop_now_ms(fiber_loop()) + LOOK_MS;
		int rc = hub_lane_wait(lane, look_ms);

		/* Cancelled: sh may be gone. */
		if (fiber_cancelled() || (rc < 0 && rc != WEIR_ETIMEDOUT))
			return WEIR_ECANCELED;
	}
	return 0;
}

/* --- the stage --------------------------------------------------------------
 */

static struct value without_id(struct value job)
{
	struct value *pairs = mem_alloc((job.len + 1) * 2 * sizeof *pairs);
	struct value out;
	uint32_t n = 0;

	for (uint32_t i = 0; i < job.len; i++) {
		const struct value *pair = value_nodes(job) + 2 * i;

		if (str_eq(value_str(pair[0]), STR("id")))
			continue;
		pairs[n++] = value_ref(pair[0]);
		pairs[n++] = value_ref(pair[1]);
	}
	out = value_object(pairs, n / 2);
	mem_free(pairs);
	return out;
}

/* Begins a run of nobody's, so that it goes on when the first one leaves. */
static void begin(struct source_shared *sh, const struct share_source *src)
{
	struct rx_cause *old = rx_cause_enter(NULL);
	struct rx_source *run =
		source_run_for(src->set, src->src.ctx, sh->key, sh);

	rx_subscribe(run, &sh->in, &sh->run);
	rx_source_unref(run);
	if (sh->ended)
		rx_sub_drop(&sh->run);
	rx_cause_leave(old);
}

static struct source_shared *create(const struct share_source *src,
				    struct value key)
{
	struct source_shared *sh = mem_zalloc(sizeof *sh);

	sh->in.ops = &in_ops;
	sh->source = source_ref(src->source);
	sh->key = key;
	sh->sched = src->src.ctx->sched;
	list_init(&sh->joined);
	sh->next = &sh->joined;
	sh->listed = true;
	rx_keys_add(&sh->source->shared, key, (uintptr_t)sh);
	return sh;
}

static void start(struct rx_sub *s)
{
	struct joined *j = CONTAINER_OF(s, struct joined, sub);
	const struct share_source *src =
		CONTAINER_OF(s->src, struct share_source, src);
	struct hub_job *job = hub_job_of_cause(rx_cause_now);
	struct value key = without_id(src->job);
	uintptr_t *found = rx_keys_find(&src->source->shared, key);

	j->hub_run.cancel = on_job_cancel;
	list_init(&j->hub_run.link);
	j->job = job && !job->ended_ms ? hub_job_ref(job) : NULL;
	if (found) {
		value_unref(key);
		join(j, (struct source_shared *)*found);
		return;
	}

	struct source_shared *sh = create(src, key);

	join(j, sh);
	begin(sh, src);
}

static void stop(struct rx_sub *s)
{
	leave(CONTAINER_OF(s, struct joined, sub));
}

static void fini(struct rx_sub *s)
{
	struct joined *j = CONTAINER_OF(s, struct joined, sub);

	if (j->job)
		hub_job_unref(j->job);
}

static void destroy(struct rx_source *s)
{
	struct share_source *src = CONTAINER_OF(s, struct share_source, src);

	source_unref(src->source);
	value_unref(src->job);
}

static const struct rx_source_ops share_ops = {
	.name = "run",
	.source_bytes = sizeof(struct share_source),
	.sub_bytes = sizeof(struct joined),
	.start = start,
	.stop = stop,
	.fini = fini,
	.destroy = destroy,
};

struct rx_source *source_share_stage(struct source_set *set, struct rx_ctx *ctx,
				     struct source *s, struct value job)
{
	struct share_source *src = rx_source_new(&share_ops, ctx, NULL);

	src->set = set;
	src->source = source_ref(s);
	src->job = value_ref(job);
	return &src->src;
}
