/* run_input.c - see run_input.h. */
#include "cli/run_input.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

int input_open(struct input *in, struct loop *l, struct rx_ctx *ctx,
	       const struct reader_conf *conf, struct weir_error *err)
{
	int fd = STDIN_FILENO;
	struct stat st;

	if (in->path) {
		/* O_NONBLOCK: opening a FIFO must not wait for its writer. */
		fd = open(in->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
		if (fd < 0 || fstat(fd, &st) < 0)
			return error_sys(err, errno, "cannot read %s",
					 in->path);
		if (S_ISREG(st.st_mode)) {
			close(fd);
			in->file = file_stream_create(ctx, conf, in->path);
			return 0;
		}
	}
	in->pipe = pipe_stream_create(l, ctx, conf, in->path, fd);
	return 0;
}

void input_close(struct input *in)
{
	file_stream_destroy(in->file);
	pipe_stream_destroy(in->pipe);
	in->file = NULL;
	in->pipe = NULL;
}

struct rx_source *input_source(const struct input *in)
{
	return in->file ? file_stream_source(in->file)
			: pipe_stream_source(in->pipe);
}

void input_end(struct input *in)
{
	if (in->file)
		file_stream_end(in->file);
	else
		pipe_stream_end(in->pipe);
}
