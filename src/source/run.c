/* run.c - the `run` stage: a job, or an array of jobs, to its parts.
 *
 *     subscription          struct source_run (counted by both)
 *     (rx, may be       <-->  jobs of this run, fiber
 *      cancelled)             for each batch of one source: ops->run
 *
 * The jobs of an array are put together by source, in order of first
 * appearance, and cut to what a source can take at once; the batches run one
 * after the other. The fiber may outlive the subscription: who cancels does not
 * wait for its clean-up.
 *
 * An error of a single batch is the stream's, so that retry, timeout and catch
 * see it. When several batches run here, each failing one is told to its own
 * jobs and the others go on.
 */
#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "fiber/fiber.h"
#include "hub/hub.h"
#include "loop/loop.h"
#include "rx/op.h"
#include "source/share.h"
#include "source/source.h"

/* A source that never waits lets the loop go round after that long. */
#define SLICE_NS 1000000

struct run_job {
	struct hub_run hub_run; /* cancels the run with its last job */
	struct source_run *run; /* borrowed: outlived by it */
	struct hub_job *job;	/* one reference; NULL: of no job known here */
	struct value spec;	/* one reference */
	struct source *source;	/* one reference; NULL: unknown */
	bool taken;		/* is in a batch already */
};

struct run_sub;

struct source_run {
	uint32_t refs;
	struct source_shared *shared; /* that it is for; NULL. Not without
				       * sub: it ends with it */
	struct run_sub *sub;	      /* NULL once nobody listens */
	struct fiber *fiber;	      /* NULL once it has ended */
	struct rx_cause *cause; /* borrowed from who subscribed; for parts of
				 * no job; NULL with sub */
	const struct source_env *env;
	const struct source_set *set; /* borrowed: outlives all graphs */
	struct run_job *jobs;	      /* all of them */
	uint32_t n;
	struct run_job **batch; /* those at work now */
	uint32_t batch_n;
	int64_t slice_ns; /* when this turn's share is used up */
	uint32_t since_clock;
};

struct run_source {
	struct rx_source src;
	struct source_shared *shared; /* NULL: for the jobs themselves */
	struct source_set *set;	      /* borrowed: outlives all graphs */
	struct value jobs;	      /* one reference */
};

struct run_sub {
	struct rx_sub sub;
	struct source_run *run;
};

/* --- the run's memory ------------------------------------------------------
 */

static void run_unref(struct source_run *r)
{
	if (--r->refs)
		return;
	for (uint32_t i = 0; i < r->n; i++) {
		value_unref(r->jobs[i].spec);
		source_unref(r->jobs[i].source);
	}
	mem_free(r->jobs);
	mem_free(r->batch);
	slab_free(r, sizeof *r);
}

/* A job of the run was cancelled: the run ends with the last of them. */
static void on_job_cancel(struct hub_run *hr)
{
	struct run_job *j = CONTAINER_OF(hr, struct run_job, hub_run);
	struct source_run *r = j->run;

	for (uint32_t i = 0; i < r->n; i++)
		if (!r->jobs[i].job || !r->jobs[i].job->cancelled)
			return;
	if (r->fiber)
		fiber_cancel(r->fiber);
}

/* --- what a kind sees --------------------------------------------------------
 */

uint32_t source_run_jobs(const struct source_run *r)
{
	return r->batch_n;
}

struct value source_run_job(const struct source_run *r, uint32_t i)
{
	return r->batch[i]->spec;
}

int64_t source_run_ms(const struct source_run *r, uint32_t i)
{
	const struct hub_job *job = r->batch[i]->job;

	return job ? loop_now_ms(r->env->loop) - job->begun_ms : 0;
}

/* Lets others run when this fiber has had its share. */
static int take_turns(struct source_run *r)
{
	if (++r->since_clock < 16)
		return 0;
	r->since_clock = 0;

	int64_t now = clock_ns();

	if (now < r->slice_ns)
		return 0;

	int rc = fiber_yield_turn();

	r->slice_ns = clock_ns() + SLICE_NS;
	return rc;
}

int source_emit(struct source_run *r, uint32_t i, struct value data)
{
	struct run_job *j = r->batch[i];
	struct hub_job *job = j->job;
	int rc;

	if (!r->sub || fiber_cancelled() || (job && job->ended_ms)) {
		value_unref(data);
		return WEIR_ECANCELED;
	}
	if (job && job->cancelled) { /* others of the batch go on */
		value_unref(data);
		return 0;
	}

	if (job)
		trace("job %s: a part of %s", job->id, j->source->name);

	struct value part =
		hub_part(r->env->hub, job ? hub_job_id(job) : (struct str){0},
			 str_of(j->source->name), data);
	struct rx_cause *old = rx_cause_enter(job ? &job->cause : r->cause);

	rx_next(r->sub->sub.down, part);
	rx_cause_leave(old);
	value_unref(part);
	if (!r->sub)
		return WEIR_ECANCELED;
	rc = job	 ? hub_job_wait_room(job)
	     : r->shared ? source_shared_wait(r->shared)
			 : 0;
	if (rc == 0)
		rc = hub_wait_room(r->env->hub);
	return rc < 0 ? rc : take_turns(r);
}

void source_warn(struct source_run *r, uint32_t i, const struct weir_error *err)
{
	struct run_job *j = r->batch[i];

	if (j->job && !j->job->ended_ms)
		hub_job_error(j->job, err);
}

/* --- the fiber
 * ----------------------------------------------------------------- */

/* Gathers into r->batch the next jobs that can run together. */
static bool next_batch(struct source_run *r)
{
	struct source *source = NULL;
	uint32_t max = 1;

	r->batch_n = 0;
	for (uint32_t i = 0; i < r->n && r->batch_n < max; i++) {
		struct run_job *j = &r->jobs[i];

		if (j->taken || (r->batch_n && j->source != source))
			continue;
		j->taken = true;
		if (j->job && j->job->cancelled)
			continue;
		if (!r->batch_n) {
			source = j->source;
			if (source && source->ops->batch_max)
				max = source->ops->batch_max(source);
		}
		r->batch[r->batch_n++] = j;
	}
	return r->batch_n > 0;
}

static int unknown_source(struct source_run *r, struct weir_error *err)
{
	struct str name =
		value_str(value_get(r->batch[0]->spec, STR("source")));
	const char *near = source_set_nearest(r->set, name);

	if (!name.len)
		return error_set(err, WEIR_EINVAL,
				 "what came to the run stage is no job: "
				 "expected {\"source\": NAME, ...}");
	return error_set(err, WEIR_ENOTFOUND, "unknown source '%.*s'%s%s%s",
			 STR_FMT(name), near ? ": did you mean '" : "",
			 near ? near : "", near ? "'?" : "");
}

static int run_batch(struct source_run *r, struct weir_error *err)
{
	struct source *s = r->batch[0]->source;

	if (!s)
		return unknown_source(r, err);
	if (!s->ops->run)
		return error_set(err, WEIR_EINVAL,
				 "the source '%s' takes no jobs: parts are "
				 "pushed to it by POST /v1/parts?source=%s",
				 s->name, s->name);
	for (uint32_t i = 0; i < r->batch_n; i++) {
		struct run_job *j = r->batch[i];

		if (!j->job)
			continue;
		trace("job %s runs at %s", j->job->id, s->name);
		hub_job_run_begin(j->job, &j->hub_run);
	}

	int rc = s->ops->run(s, r, err);

	for (uint32_t i = 0; i < r->batch_n; i++)
		if (r->batch[i]->job)
			hub_job_run_end(r->batch[i]->job,
					&r->batch[i]->hub_run);
	return rc;
}

static void tell_batch(struct source_run *r, const struct weir_error *err)
{
	for (uint32_t i = 0; i < r->batch_n; i++)
		if (r->batch[i]->job && !r->batch[i]->job->ended_ms)
			hub_job_error(r->batch[i]->job, err);
}

static bool all_in_batch(const struct source_run *r)
{
	for (uint32_t i = 0; i < r->n; i++)
		if (!r->jobs[i].taken)
			return false;
	return true;
}

static int run_fiber(void *arg)
{
	struct source_run *r = arg;
	struct weir_error err = {0};
	uint32_t batches = 0;
	int rc = 0;

	r->slice_ns = clock_ns() + SLICE_NS;
	while (!fiber_cancelled() && next_batch(r)) {
		batches++;
		rc = run_batch(r, &err);
		if (rc == 0 || rc == WEIR_ECANCELED) {
			rc = 0;
			continue;
		}
		if (!err.message[0])
			error_set(&err, rc, "%s", weir_strerror(rc));
		err.code = rc;
		if (batches == 1 && all_in_batch(r))
			break; /* the stream's own error */
		tell_batch(r, &err);
		rc = 0;
	}
	r->fiber = NULL;

	struct run_sub *sub = r->sub;

	if (sub) {
		struct rx_cause *old = rx_cause_enter(r->cause);

		if (rc < 0)
			rx_finish_error(&sub->sub, &err);
		else
			rx_finish_done(&sub->sub);
		rx_cause_leave(old);
	}
	for (uint32_t i = 0; i < r->n; i++)
		if (r->jobs[i].job)
			hub_job_unref(r->jobs[i].job);
	run_unref(r);
	return rc;
}

/* --- the subscription
 * ------------------------------------------------------------ */

static void fill_job(struct source_run *r, struct run_job *j, struct value spec,
		     struct source_set *set)
{
	struct str id = value_str(value_get(spec, STR("id")));
	struct str name = value_str(value_get(spec, STR("source")));
	struct hub_job *job = hub_job_of_cause(rx_cause_now);

	if (id.len && !(job && str_eq(id, hub_job_id(job))))
		job = hub_find_job(r->env->hub, id);
	if (job && job->ended_ms)
		job = NULL;
	j->hub_run.cancel = on_job_cancel;
	list_init(&j->hub_run.link);
	j->run = r;
	j->job = job ? hub_job_ref(job) : NULL;
	j->spec = value_ref(spec);
	j->source = name.len ? source_set_find(set, name) : NULL;
	if (j->source)
		source_ref(j->source);
}

static void start(struct rx_sub *s)
{
	struct run_sub *sub = CONTAINER_OF(s, struct run_sub, sub);
	struct run_source *rs = CONTAINER_OF(s->src, struct run_source, src);
	bool many = value_type(rs->jobs) == VALUE_ARRAY;
	uint32_t n = many ? rs->jobs.len : 1;

	if (!n) { /* the empty array of a buffer without jobs */
		rx_finish_done(s);
		return;
	}

	struct source_run *r = slab_zalloc(sizeof *r);

	r->refs = 2; /* the subscription's and the fiber's */
	r->shared = rs->shared;
	r->sub = sub;
	r->cause = rx_cause_now;
	r->env = rs->set->env;
	r->set = rs->set;
	r->n = n;
	r->jobs = mem_zalloc(n * sizeof *r->jobs);
	r->batch = mem_alloc(n * sizeof *r->batch);
	for (uint32_t i = 0; i < n; i++)
		fill_job(r, &r->jobs[i],
			 many ? value_nodes(rs->jobs)[i] : rs->jobs, rs->set);
	sub->run = r;

	uint32_t who = trace_who;

	if (r->jobs[0].job)
		trace_who = r->jobs[0].job->who;
	r->fiber = fiber_spawn(fiber_pool_here(), "run", run_fiber, r);
	trace_who = who;
	if (r->fiber) {
		fiber_detach(r->fiber);
		return;
	}

	struct weir_error err;

	error_set(&err, WEIR_ENOMEM, "no memory for one more running job");
	for (uint32_t i = 0; i < n; i++)
		if (r->jobs[i].job)
			hub_job_unref(r->jobs[i].job);
	run_unref(r);
	rx_finish_error(s, &err);
}

static void stop(struct rx_sub *s)
{
	struct run_sub *sub = CONTAINER_OF(s, struct run_sub, sub);
	struct source_run *r = sub->run;

	if (!r)
		return;
	sub->run = NULL;
	r->sub = NULL;
	r->cause = NULL;
	if (r->fiber)
		fiber_cancel(r->fiber);
	run_unref(r);
}

static void destroy(struct rx_source *src)
{
	value_unref(CONTAINER_OF(src, struct run_source, src)->jobs);
}

static const struct rx_source_ops run_ops = {
	.name = "run",
	.source_bytes = sizeof(struct run_source),
	.sub_bytes = sizeof(struct run_sub),
	.start = start,
	.stop = stop,
	.destroy = destroy,
};

struct rx_source *source_run_for(struct source_set *set, struct rx_ctx *ctx,
				 struct value jobs, struct source_shared *sh)
{
	struct run_source *rs = rx_source_new(&run_ops, ctx, NULL);

	rs->shared = sh;
	rs->set = set;
	rs->jobs = value_ref(jobs);
	return &rs->src;
}

struct rx_source *source_run_stage(struct source_set *set, struct rx_ctx *ctx,
				   struct value jobs)
{
	struct source *s =
		source_set_find(set, value_str(value_get(jobs, STR("source"))));

	if (s && s->share != SOURCE_ALONE)
		return source_share_stage(set, ctx, s, jobs);
	return source_run_for(set, ctx, jobs, NULL);
}
