/* watch_test.c - files and folders that change. */
#include "lab.h"

#include "base/error.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static char folder[64];
static char file[80];
static char moved[80];

static void write_file(const char *text)
{
	int fd = open(file, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
}

static int make_folder(void **state)
{
	snprintf(folder, sizeof folder, "/tmp/weir-watch-XXXXXX");
	if (!mkdtemp(folder))
		return -1;
	snprintf(file, sizeof file, "%s/a", folder);
	snprintf(moved, sizeof moved, "%s/b", folder);
	write_file("");
	return lab_open(state);
}

static int drop_folder(void **state)
{
	unlink(file);
	unlink(moved);
	rmdir(folder);
	return lab_close(state);
}

static void on_change(void *arg)
{
	struct lab *lab = arg;

	loop_stop(lab->loop);
}

static struct loop_watch *watch(struct lab *lab, const char *path)
{
	struct loop_watch *w;

	assert_int_equal(loop_watch_open(lab->loop, path, on_change, lab, &w),
			 0);
	assert_non_null(w);
	return w;
}

/* lab_run fails when nothing is told. */

static void writing_to_a_file_is_told(void **state)
{
	struct loop_watch *w = watch(*state, file);

	write_file("x");
	lab_run(*state);
	loop_watch_close(w);
}

static void renaming_a_file_is_told(void **state)
{
	struct loop_watch *w = watch(*state, file);

	assert_int_equal(rename(file, moved), 0);
	lab_run(*state);
	loop_watch_close(w);
}

static void a_file_made_in_a_folder_is_told(void **state)
{
	struct loop_watch *w;

	unlink(file);
	w = watch(*state, folder);
	write_file("");
	lab_run(*state);
	loop_watch_close(w);
}

static void what_is_not_there_cannot_be_watched(void **state)
{
	struct lab *lab = *state;
	struct loop_watch *w = (struct loop_watch *)lab;

	assert_int_equal(loop_watch_open(lab->loop, moved, on_change, lab, &w),
			 WEIR_ENOTFOUND);
	assert_null(w);
	loop_watch_close(w);
}

static void must_not_come(void *arg)
{
	fail_msg("a closed watch has called");
}

static void a_closed_watch_is_silent(void **state)
{
	struct lab *lab = *state;
	struct loop_watch *closed;
	struct loop_watch *w = watch(lab, folder);

	assert_int_equal(loop_watch_open(lab->loop, file, must_not_come, NULL,
					 &closed),
			 0);
	loop_watch_close(closed);
	write_file("x");
	lab_run(lab);
	loop_watch_close(w);
}

#define WATCH_TEST(name) \
	cmocka_unit_test_setup_teardown(name, make_folder, drop_folder)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WATCH_TEST(writing_to_a_file_is_told),
		WATCH_TEST(renaming_a_file_is_told),
		WATCH_TEST(a_file_made_in_a_folder_is_told),
		WATCH_TEST(what_is_not_there_cannot_be_watched),
		WATCH_TEST(a_closed_watch_is_silent),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
