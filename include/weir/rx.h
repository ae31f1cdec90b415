/* rx.h - ReactiveX in a program of your own: streams, operators, observers.
 *
 *     struct weir_stream *s = weir_from_text(loop, "interval(1s)", NULL, &err);
 *
 *     s = weir_pipe(s, "map(&celsius) | debounce(20ms) | scan('$acc + .', 0)",
 *                   &names, &err);
 *     weir_subscribe(s, &observer, NULL);
 *     weir_loop_run(loop);
 *
 * All operators are there by the text of a pipeline (docs/operators.md), which
 * `&name` and `@name` join to functions and streams of the program. C functions
 * stand beside it for what a text cannot say, and for the few that programs
 * use most.
 *
 * Ownership: a function that gives a stream TAKES the streams it is given, also
 * those in an array; weir_subscribe and weir_await take theirs, too. Who needs
 * a stream twice calls weir_stream_ref. NULL in place of a stream that is taken
 * (an earlier call failed) gives NULL, so calls can be nested and asked once.
 * Values are taken by what sends or keeps them and lent to callbacks. Functions
 * and their arg are borrowed until the stream and its subscriptions are gone.
 *
 * The ReactiveX contract holds: next* ( error | done )?, and after the end or
 * weir_cancel nothing. Callbacks may subscribe, cancel and push; they must not
 * block, and not run or destroy their loop.
 *
 * Threads: all of a loop belongs to the thread that runs it. weir_loop_post and
 * weir_loop_stop may be called from any.
 */
#ifndef WEIR_RX_H
#define WEIR_RX_H

#include "weir/error.h"
#include "weir/function.h"
#include "weir/value.h"

#ifdef __cplusplus
extern "C" {
#endif

struct weir_loop;
struct weir_stream;
struct weir_sub;
struct weir_subject;
struct weir_timer;
struct weir_watch;

/* --- a loop -------------------------------------------------------------- */

/* In real time. NULL when the system has no descriptors for it. */
struct weir_loop *weir_loop_create(void);
/* Time is 0 and passes only in weir_loop_advance, weir_loop_run, weir_await:
 * what takes an hour is tested in a moment, to the millisecond. */
struct weir_loop *weir_loop_create_virtual(void);
/* Cancels what is still subscribed. Streams, subjects and connectables have to
 * be let go of before. NULL does nothing. */
void weir_loop_destroy(struct weir_loop *l);

/* Runs what was posted, and until nothing is subscribed any more (by
 * weir_subscribe) or weir_loop_stop. In virtual time also until nothing is left
 * that could happen. */
void weir_loop_run(struct weir_loop *l);
/* The loop that runs, or the next one that would, ends. Any thread. */
void weir_loop_stop(struct weir_loop *l);
/* Calls fn(arg) on the loop's thread, in order of posting; in virtual time when
 * it runs or advances next. Any thread. */
void weir_loop_post(struct weir_loop *l, void (*fn)(void *arg), void *arg);

int64_t weir_loop_now_ms(const struct weir_loop *l); /* monotonic */
/* Virtual time only: all that is due within ms from now, in order. */
void weir_loop_advance(struct weir_loop *l, int64_t ms);

/* Tells of each item (lent; null where it is not known) that makes a value
 * function fail, or finds no room, and goes on without it. NULL: such an error
 * ends the stream, as at first. A stage on_item_error decides in its place. */
void weir_loop_on_item_error(struct weir_loop *l,
			     void (*fn)(const struct weir_error *err,
					struct weir_value item, void *arg),
			     void *arg);

/* Calls fn(arg) once, ms from now. The handle is good until then, or until
 * weir_timer_stop. A timer alone does not keep weir_loop_run going. */
struct weir_timer *weir_timer_start(struct weir_loop *l, int64_t ms,
				    void (*fn)(void *arg), void *arg);
void weir_timer_stop(struct weir_timer *t); /* NULL does nothing */

enum { WEIR_READABLE = 1, WEIR_WRITABLE = 2, WEIR_HANGUP = 4 };
/* Calls fn whenever fd (a socket, pipe or the like, non-blocking, yours) has
 * one of events, until weir_watch_stop, which comes before fd is closed. A
 * failing fd is told as WEIR_HANGUP. NULL when it cannot be watched. Real time
 * only; a watch alone does not keep weir_loop_run going. */
struct weir_watch *weir_watch_start(struct weir_loop *l, int fd, int events,
				    void (*fn)(int events, void *arg),
				    void *arg);
void weir_watch_stop(struct weir_watch *w); /* NULL does nothing */

/* --- streams ------------------------------------------------------------- */

struct weir_stream *weir_stream_ref(struct weir_stream *s);
void weir_stream_unref(struct weir_stream *s); /* NULL does nothing */

/* What a text may name. Both lists end with a NULL name, and may be NULL. All
 * is borrowed during the call only, but the functions. */
struct weir_named_stream {
	const char *name;
	struct weir_stream *stream; /* borrowed; the graph shares it */
};
struct weir_names {
	const struct weir_function *functions;	 /* &name */
	const struct weir_named_stream *streams; /* @name */
};

/* The pipeline text on the items of in (taken also when it fails). names may be
 * NULL. NULL with err (may be NULL) telling line and column where text is
 * wrong. When in or a named stream is NULL, err stays as it is. */
struct weir_stream *weir_pipe(struct weir_stream *in, const char *text,
			      const struct weir_names *names,
			      struct weir_error *err);
/* The same for a text that begins by itself: of(1, 2), interval(1s),
 * merge(@a, @b) ... */
struct weir_stream *weir_from_text(struct weir_loop *l, const char *text,
				   const struct weir_names *names,
				   struct weir_error *err);

/* --- the operators that programs use most --------------------------------- */

/* Takes the values, copies the array. */
struct weir_stream *weir_of(struct weir_loop *l,
			    const struct weir_value *values, size_t n);

struct weir_stream *weir_map(struct weir_stream *in, weir_fn fn, void *arg);
/* What fn gives something but null and false for. */
struct weir_stream *weir_filter(struct weir_stream *in, weir_fn fn, void *arg);
/* fn makes vars->acc, at first seed (taken), and the item the next one. */
struct weir_stream *weir_scan(struct weir_stream *in, weir_fn fn, void *arg,
			      struct weir_value seed);

/* Gives the inner stream of item (borrowed), which goes to the caller. NULL
 * with err filled: an item error. */
typedef struct weir_stream *(*weir_inner_fn)(struct weir_value item, void *arg,
					     struct weir_error *err);
/* At most max_concurrent inner streams at a time (0: no limit); items that wait
 * for a place are held, 65536 of them. */
struct weir_stream *weir_flat_map(struct weir_stream *in, weir_inner_fn fn,
				  void *arg, uint32_t max_concurrent);

/* Take the n streams, copy the array. */
struct weir_stream *weir_merge(struct weir_loop *l,
			       struct weir_stream *const *in, size_t n);
struct weir_stream *weir_concat(struct weir_loop *l,
				struct weir_stream *const *in, size_t n);
struct weir_stream *weir_zip(struct weir_loop *l, struct weir_stream *const *in,
			     size_t n);
struct weir_stream *weir_combine_latest(struct weir_loop *l,
					struct weir_stream *const *in,
					size_t n);

/* --- receiving ----------------------------------------------------------- */

/* Each function may be NULL. What they are given is lent until they return:
 * weir_ref(item) keeps an item. */
struct weir_observer {
	void (*next)(struct weir_value item, void *arg);
	void (*error)(const struct weir_error *err, void *arg);
	void (*done)(void *arg);
	void *arg;
};

/* Connects a copy of observer to in (taken). Items may come before this
 * returns; *sub_out is set before the first. The caller ends *sub_out with
 * weir_cancel, also after error or done; with sub_out NULL it goes with the end
 * of the stream, or of the loop. */
void weir_subscribe(struct weir_stream *in,
		    const struct weir_observer *observer,
		    struct weir_sub **sub_out);
/* Ends and takes sub; NULL does nothing. Allowed in a callback. */
void weir_cancel(struct weir_sub *sub);

/* Runs the loop of in (taken) until in has ended. 0 and its last item in *out,
 * which is yours. Else null, err (may be NULL) and: the code of its error;
 * WEIR_EOF when it ended without an item; WEIR_ECANCELED when the loop was
 * stopped, or in virtual time nothing was left that could happen. Not in a
 * callback. What else is subscribed goes on meanwhile. */
int weir_await(struct weir_stream *in, struct weir_value *out,
	       struct weir_error *err);

/* --- pushing ------------------------------------------------------------- */

/* A hot stream: items go to those who listen at that moment. */
struct weir_subject *weir_subject_create(struct weir_loop *l);
/* Who listens hears nothing more. NULL does nothing. */
void weir_subject_destroy(struct weir_subject *s);
/* The stream, which is yours. */
struct weir_stream *weir_subject_stream(struct weir_subject *s);
void weir_subject_next(struct weir_subject *s, struct weir_value v); /* takes */
/* message is copied; code is negative. */
void weir_subject_error(struct weir_subject *s, int code, const char *message);
void weir_subject_done(struct weir_subject *s);

#ifdef __cplusplus
}
#endif

#endif
