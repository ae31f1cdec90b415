/* rx.c - streams in a program of your own: two sensors, joined.
 *
 *     rx              in real time, about half a second
 *     rx --virtual    the same in virtual time: at once
 *
 *     door         --oco---------c-|      contacts bounce
 *     debounce     ------o--------c|
 *     temperature  -68----70----72---
 *     join         ------+--------+|      o with 68, c with 72
 *
 * The sensors are producers in C, which play a table of readings; real ones
 * would read a device. The pipelines are text, and call the C functions below
 * by their names. The observer is C again.
 */
#include <weir/rx.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- a source: plays a table of readings ---------------------------------- */

struct reading {
	int64_t at_ms;	  /* after the subscription */
	const char *json; /* NULL: the end */
};

struct sensor {
	struct weir_loop *loop;
	const struct reading *readings;
};

/* One subscription of a sensor. */
struct play {
	struct sensor *sensor;
	struct weir_emitter *out;
	struct weir_timer *timer;
	int64_t began_ms;
	size_t next;
};

static void on_reading(void *arg);

static void wait_for_next(struct play *p)
{
	int64_t at_ms = p->began_ms + p->sensor->readings[p->next].at_ms;

	p->timer = weir_timer_start(p->sensor->loop,
				    at_ms - weir_loop_now_ms(p->sensor->loop),
				    on_reading, p);
}

static void on_reading(void *arg)
{
	struct play *p = arg;
	const char *json = p->sensor->readings[p->next++].json;
	struct weir_value v;

	p->timer = NULL; /* it has rung */
	if (!json) {
		weir_emitter_done(p->out);
		return;
	}
	if (weir_json(json, strlen(json), &v, NULL) < 0) {
		weir_emitter_error(p->out, WEIR_EPROTO, "a broken reading");
		return;
	}
	/* Before the item goes out: it may end the run, and p with it. */
	wait_for_next(p);
	weir_emitter_next(p->out, v);
}

static void *start_sensor(struct weir_emitter *out, void *arg)
{
	struct sensor *s = arg;
	struct play *p = malloc(sizeof *p);

	if (!p)
		abort();
	*p = (struct play){.sensor = s,
			   .out = out,
			   .began_ms = weir_loop_now_ms(s->loop)};
	wait_for_next(p);
	return p;
}

static void stop_sensor(void *run, void *arg)
{
	struct play *p = run;

	(void)arg;
	weir_timer_stop(p->timer);
	free(p);
}

static struct weir_stream *sensor_stream(struct sensor *s)
{
	struct weir_producer p = {.start = start_sensor,
				  .stop = stop_sensor,
				  .arg = s};

	return weir_create(s->loop, &p);
}

/* --- functions of the pipelines ------------------------------------------- */

/* &celsius: a number of degrees Fahrenheit. What is none is an error, which
 * ends the stream. */
static int celsius(struct weir_value item, const struct weir_vars *vars,
		   void *arg, struct weir_value *out, struct weir_error *err)
{
	double fahrenheit;

	(void)vars;
	(void)arg;
	if (!weir_value_number(item, &fahrenheit))
		return weir_error_set(err, WEIR_EITEM, "%s is no temperature",
				      weir_value_type_name(item));
	*out = weir_double((fahrenheit - 32) / 1.8);
	return 0;
}

/* &message: of what join gives, [door, degrees]. */
static int message(struct weir_value item, const struct weir_vars *vars,
		   void *arg, struct weir_value *out, struct weir_error *err)
{
	double degrees = 0;
	size_t len;
	const char *door = weir_value_string(weir_value_at(item, 0), &len);
	char text[64];

	(void)vars;
	(void)arg;
	(void)err;
	weir_value_number(weir_value_at(item, 1), &degrees);
	snprintf(text, sizeof text, "the door is %.*s at %.1f degrees",
		 door ? (int)len : 0, door ? door : "", degrees);
	*out = weir_text(text);
	return 0;
}

/* --- an observer -----------------------------------------------------------
 */

static void on_message(struct weir_value item, void *arg)
{
	size_t len;
	const char *text = weir_value_string(item, &len);

	(void)arg;
	printf("%.*s\n", (int)len, text);
}

static void on_error(const struct weir_error *err, void *arg)
{
	(void)arg;
	printf("error: %s\n", err->message);
}

static void on_done(void *arg)
{
	(void)arg;
	printf("that was all\n");
}

/* --- all of it --------------------------------------------------------------
 */

static const struct reading door_readings[] = {
	{100, "\"open\""},   {105, "\"closed\""}, {110, "\"open\""},
	{300, "\"closed\""}, {400, NULL},
};

static const struct reading temperature_readings[] = {
	{50, "68"},
	{180, "69.8"},
	{260, "71.6"},
	{400, NULL},
};

/* The joined messages; NULL with err where a text is wrong. */
static struct weir_stream *messages(struct sensor *door,
				    struct sensor *temperature,
				    struct weir_error *err)
{
	static const struct weir_function functions[] = {
		{"celsius", celsius, NULL}, {"message", message, NULL}, {0}};
	struct weir_named_stream streams[] = {{"temperature", NULL}, {0}};
	struct weir_names names = {functions, streams};
	struct weir_stream *joined;

	streams[0].stream = weir_pipe(sensor_stream(temperature),
				      "map(&celsius)", &names, err);
	if (!streams[0].stream)
		return NULL;
	/* A state of the door meets the temperatures of the last 100 ms. */
	joined = weir_pipe(sensor_stream(door),
			   "debounce(20ms)"
			   "| join(@temperature, 0ms, 100ms)"
			   "| map(&message)",
			   &names, err);
	weir_stream_unref(streams[0].stream);
	return joined;
}

int main(int argc, char **argv)
{
	bool is_virtual = argc == 2 && strcmp(argv[1], "--virtual") == 0;
	struct weir_loop *loop =
		is_virtual ? weir_loop_create_virtual() : weir_loop_create();
	struct sensor door = {loop, door_readings};
	struct sensor temperature = {loop, temperature_readings};
	struct weir_observer observer = {on_message, on_error, on_done, NULL};
	struct weir_error err;
	struct weir_stream *s;

	if (argc > 2 || (argc == 2 && !is_virtual)) {
		fprintf(stderr, "rx [--virtual]\n");
		return 2;
	}
	if (!loop) {
		fprintf(stderr, "rx: no descriptors for a loop\n");
		return 1;
	}
	s = messages(&door, &temperature, &err);
	if (!s) {
		fprintf(stderr, "rx: %u:%u: %s\n", err.line, err.column,
			err.message);
		weir_loop_destroy(loop);
		return 1;
	}
	weir_subscribe(s, &observer, NULL);
	weir_loop_run(loop); /* until the messages have ended */
	weir_loop_destroy(loop);
	return 0;
}
