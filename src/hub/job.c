/* job.c - see job.h. */
#include "hub/job.h"

#include "base/hash.h"
#include "base/log.h"
#include "base/mem.h"
#include "hub/hub.h"
#include "hub/internal.h"
#include "hub/lane.h"
#include "json/write.h"

#include <assert.h>
#include <string.h>

/* Above this many bytes in an owner's backlog the sources of its jobs wait. */
#define BACKLOG_HIGH  (256 * 1024)
#define RANDOM_ID_LEN 12

static const char *state_name(const struct hub_job *j)
{
	static const char *const names[] = {"queued", "running", "done",
					    "failed", "cancelled"};

	return names[j->state];
}

static bool id_char(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
	       (c >= 'A' && c <= 'Z') || c == '-' || c == '_' || c == '.' ||
	       c == ':' || c == '~' || c == '@';
}

int hub_job_check(struct value spec, const char **pointer_out,
		  struct weir_error *err)
{
	struct value id;

	*pointer_out = "";
	if (value_type(spec) != VALUE_OBJECT)
		return error_set(err, WEIR_EINVAL,
				 "a job is an object, this is %s: expected "
				 "{\"source\": NAME, ...}",
				 value_type_name(spec));

	struct value source = value_get(spec, STR("source"));

	*pointer_out = "/source";
	if (value_type(source) != VALUE_STRING || !source.len)
		return error_set(err, WEIR_EINVAL,
				 "a job needs a source: expected "
				 "\"source\": NAME");
	*pointer_out = "/id";
	if (!value_find(spec, STR("id"), &id))
		return 0;
	if (value_type(id) != VALUE_STRING || !id.len ||
	    id.len > HUB_JOB_ID_MAX)
		return error_set(err, WEIR_EINVAL,
				 "a job's id is a string of 1 to %d characters",
				 HUB_JOB_ID_MAX);
	for (uint32_t i = 0; i < id.len; i++)
		if (!id_char(value_str(id).p[i]))
			return error_set(err, WEIR_EINVAL,
					 "a job's id has letters, digits and "
					 "-_.:~@ only");
	return 0;
}

void hub_job_unref(struct hub_job *j)
{
	if (--j->refs)
		return;
	assert(list_empty(&j->runs) && !j->owner);
	value_unref(j->spec);
	slab_free(j, sizeof *j);
}

static void forget_record(struct hub *hub, struct hub_job *j)
{
	list_remove(&j->finished_link);
	hub->records--;
	map_remove(&hub->jobs, hub_job_id(j));
	hub_job_unref(j);
}

static void expire_records(struct hub *hub)
{
	int64_t oldest = loop_now_ms(hub->loop) - hub->conf.record_ms;

	while (!list_empty(&hub->finished)) {
		struct hub_job *j = CONTAINER_OF(hub->finished.next,
						 struct hub_job, finished_link);

		if (hub->records <= hub->conf.records_max &&
		    j->ended_ms >= oldest)
			return;
		forget_record(hub, j);
	}
}

/* A record tells how a job went; what it asked for may be large and goes. */
static void drop_spec(struct hub_job *j)
{
	struct value name = value_string(j->source);

	value_unref(j->spec);
	j->spec = name;
	j->source = value_str(name);
}

static void keep_record(struct hub_job *j)
{
	struct hub *hub = j->hub;

	if (j->forget || !hub->conf.records_max) {
		map_remove(&hub->jobs, hub_job_id(j));
		return;
	}
	drop_spec(j);
	hub_job_ref(j);
	list_push(&hub->finished, &j->finished_link);
	hub->records++;
	expire_records(hub);
}

/* Nothing can come of it any more. */
static void on_released(struct rx_cause *c)
{
	struct hub_job *j = CONTAINER_OF(c, struct hub_job, cause);
	struct hub *hub = j->hub;
	struct hub_lane *owner = j->owner;

	j->ended_ms = loop_now_ms(hub->loop);
	j->state = j->cancelled ? HUB_JOB_CANCELLED
		   : j->errors	? HUB_JOB_FAILED
				: HUB_JOB_DONE;
	trace("job %s is %s: %llu parts, %lld ms", j->id, state_name(j),
	      (unsigned long long)j->parts,
	      (long long)(j->ended_ms - j->begun_ms));
	loop_timer_stop(hub->loop, &j->orphaned);
	hub->live_jobs--;
	keep_record(j);
	if (owner) {
		struct hub_event *e =
			hub_event_done(hub_job_id(j), state_name(j), j->parts,
				       j->ended_ms - j->begun_ms);

		j->owner = NULL;
		list_remove(&j->owner_link);
		hub_lane_send(owner, e, true);
		hub_event_unref(e);
		hub_lane_unref(owner);
	}
	hub_job_unref(j);
	if (hub->closing)
		hub_check_drained(hub);
}

struct hub_job *hub_job_of_cause(struct rx_cause *c)
{
	if (!c || c->released != on_released)
		return NULL;
	return CONTAINER_OF(c, struct hub_job, cause);
}

void hub_job_choose_id(char out[HUB_JOB_ID_MAX + 1])
{
	out[0] = 'j';
	random_id(out + 1, RANDOM_ID_LEN);
	out[RANDOM_ID_LEN + 1] = '\0';
}

/* The id from the spec, or a new one; the spec with the id in it. */
static int choose_id(struct hub *hub, struct hub_job *j,
		     const struct hub_submission *sub, struct weir_error *err)
{
	struct str id = value_str(value_get(sub->spec, STR("id")));

	if (id.len) {
		struct hub_job *old = map_get(&hub->jobs, id);

		if (old && !old->ended_ms)
			return error_set(err, WEIR_EEXISTS,
					 "a job with the id %.*s is running: "
					 "choose another, or leave it out",
					 STR_FMT(id));
		if (old)
			forget_record(hub, old);
		memcpy(j->id, id.p, id.len);
		j->id_len = (uint8_t)id.len;
		j->spec = value_ref(sub->spec);
		return 0;
	}
	if (sub->id.len)
		memcpy(j->id, sub->id.p, sub->id.len);
	else
		hub_job_choose_id(j->id);
	j->id_len = (uint8_t)strlen(j->id);
	j->spec = value_with(sub->spec, STR("id"), value_string(hub_job_id(j)));
	return 0;
}

int hub_submit(struct hub *hub, const struct hub_submission *sub,
	       struct weir_error *err)
{
	if (hub->live_jobs >= hub->conf.jobs_max)
		return error_set(err, WEIR_EBUSY,
				 "%u jobs are running, no more are taken now",
				 hub->live_jobs);

	struct hub_job *j = slab_zalloc(sizeof *j);
	int rc = choose_id(hub, j, sub, err);

	if (rc < 0) {
		slab_free(j, sizeof *j);
		return rc;
	}
	j->cause = (struct rx_cause){.refs = 1, .released = on_released};
	j->hub = hub;
	j->refs = 1;
	j->who = sub->who;
	j->forget = sub->forget;
	j->source = value_str(value_get(j->spec, STR("source")));
	j->begun_ms = loop_now_ms(hub->loop);
	j->begun_wall_ms = clock_wall_ms();
	list_init(&j->runs);
	list_init(&j->owner_link);
	list_init(&j->finished_link);
	map_put(&hub->jobs, hub_job_id(j), j);
	hub->live_jobs++;
	hub->figures.jobs++;
	if (sub->owner) {
		j->owner = hub_lane_ref(sub->owner);
		list_push(&sub->owner->jobs, &j->owner_link);
	}
	trace("job %s for %.*s", j->id, STR_FMT(j->source));

	struct rx_cause *old = rx_cause_enter(&j->cause);

	if (hub->closing || hub_pipeline_ended(hub, HUB_JOBS)) {
		struct weir_error why;

		error_set(&why, WEIR_EBUSY,
			  hub->closing ? "the server is closing"
				       : "the jobs pipeline has ended, no job "
					 "gets through it");
		hub_job_error(j, &why);
	} else {
		hub_enter(hub, HUB_JOBS, j->spec);
	}
	rx_cause_leave(old);
	rx_cause_unref(&j->cause);
	return 0;
}

struct hub_job *hub_find_job(struct hub *hub, struct str id)
{
	expire_records(hub);
	return map_get(&hub->jobs, id);
}

void hub_job_cancel(struct hub_job *j)
{
	if (j->ended_ms || j->cancelled)
		return;
	trace("job %s is cancelled", j->id);
	j->cancelled = true;
	hub_job_ref(j);
	LIST_FOREACH_SAFE (l, &j->runs)
		CONTAINER_OF(l, struct hub_run, link)
			->cancel(CONTAINER_OF(l, struct hub_run, link));
	hub_job_unref(j);
}

void hub_job_run_begin(struct hub_job *j, struct hub_run *r)
{
	j->state = HUB_JOB_RUNNING;
	list_push(&j->runs, &r->link);
	hub_job_ref(j);
}

void hub_job_run_end(struct hub_job *j, struct hub_run *r)
{
	list_remove(&r->link);
	hub_job_unref(j);
}

void hub_job_error(struct hub_job *j, const struct weir_error *err)
{
	trace("job %s: error: %s", j->id, err->message);
	j->errors++;
	if (!j->owner)
		return;

	struct hub_event *e = hub_event_error(hub_job_id(j), err);

	hub_lane_send(j->owner, e, false);
	hub_event_unref(e);
}

static void on_orphaned(struct loop_timer *t)
{
	struct hub_job *j = CONTAINER_OF(t, struct hub_job, orphaned);

	trace("job %s: nobody came back for it", j->id);
	hub_job_cancel(j);
}

void hub_job_disown(struct hub_job *j, int64_t seen_ms)
{
	list_remove(&j->owner_link);
	hub_lane_unref(j->owner);
	j->owner = NULL;
	/* Nobody can come back for a job whose id was never told. */
	loop_timer_start(j->hub->loop, &j->orphaned,
			 MAX(seen_ms + (j->forget ? 0 : j->hub->conf.orphan_ms),
			     loop_now_ms(j->hub->loop)),
			 on_orphaned);
}

bool hub_job_has_room(const struct hub_job *j)
{
	return !j->owner || hub_lane_backlog(j->owner) <= BACKLOG_HIGH;
}

int hub_job_wait_room(struct hub_job *j)
{
	int rc = 0;

	while (rc == 0 && !hub_job_has_room(j))
		rc = hub_lane_wait(j->owner, CLOCK_NEVER);
	return rc;
}

void hub_job_write(const struct hub_job *j, struct buf *out)
{
	char time[CLOCK_RFC3339_LEN + 1];
	int64_t end = j->ended_ms ? j->ended_ms : loop_now_ms(j->hub->loop);

	clock_format_rfc3339(j->begun_wall_ms, time);
	buf_append_cstr(out, "{\"id\":");
	json_write_string(hub_job_id(j), out);
	buf_append_cstr(out, ",\"source\":");
	json_write_string(j->source, out);
	buf_printf(out,
		   ",\"state\":\"%s\",\"parts\":%llu,\"errors\":%llu,"
		   "\"begun\":\"%s\",\"ms\":%lld}",
		   state_name(j), (unsigned long long)j->parts,
		   (unsigned long long)j->errors, time,
		   (long long)(end - j->begun_ms));
}
