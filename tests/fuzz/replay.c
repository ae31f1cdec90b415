/* replay.c - runs a fuzz target over files, without a fuzzer.
 *
 *     json_replay FILE|FOLDER..
 *
 * A compiler without libFuzzer can so run what a fuzzer has found, and the
 * small corpora beside this file are tests.
 */
#include "base/mem.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static unsigned ran;

static void fail(const char *path)
{
	fprintf(stderr, "replay: %s: %s\n", path, strerror(errno));
	exit(2);
}

static void run_file(const char *path)
{
	FILE *f = fopen(path, "rb");
	long size = 0;
	uint8_t *data;

	if (!f || fseek(f, 0, SEEK_END) < 0 || (size = ftell(f)) < 0)
		fail(path);
	rewind(f);
	/* Exactly its size, so that a sanitizer sees a read beyond it. */
	data = malloc(size ? (size_t)size : 1);
	if (!data || fread(data, 1, (size_t)size, f) != (size_t)size)
		fail(path);
	fclose(f);
	LLVMFuzzerTestOneInput(data, (size_t)size);
	free(data);
	ran++;
}

static void run_folder(DIR *folder, const char *path)
{
	struct dirent *entry;

	while ((entry = readdir(folder))) {
		size_t len = strlen(path) + strlen(entry->d_name) + 2;
		char *file;

		if (entry->d_name[0] == '.')
			continue;
		file = mem_alloc(len);
		snprintf(file, len, "%s/%s", path, entry->d_name);
		run_file(file);
		mem_free(file);
	}
}

int main(int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		DIR *folder = opendir(argv[i]);

		if (folder) {
			run_folder(folder, argv[i]);
			closedir(folder);
		} else {
			run_file(argv[i]);
		}
	}
	printf("%u inputs\n", ran);
	return ran == 0; /* nothing tried is nothing shown */
}
