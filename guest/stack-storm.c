// SPDX-License-Identifier: GPL-2.0
/*
 * Start processes and threads that use their kernel stacks down to the last page.
 *
 *	stack-storm PROCESSES THREADS BURST
 *
 * BURST tasks are started before the first is waited for. Prints how many stacks were in
 * the vmalloc area, and the nanoseconds a process and a thread. Exits with 0, or with 2 if
 * a fork, a thread or a stack failed. Needs CONFIG_TEST_VCOMPOUND_DEV.
 */
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define STACK		_IO('v', 5)
#define MAX_BURST	1000

static int fd;
static long burst;
static pthread_t alive[MAX_BURST];

static void die(const char *what)
{
	perror(what);
	exit(2);
}

/* Returns 1 if the stack is in the vmalloc area, or else 0. */
static int use_stack(void)
{
	int mapped = ioctl(fd, STACK);

	if (mapped < 0)
		die("stack");
	return mapped;
}

static void start_process(void)
{
	pid_t pid = fork();

	if (pid < 0)
		die("fork");
	if (!pid)
		_exit(use_stack());
}

static long end_process(void)
{
	int status;

	if (wait(&status) < 0 || !WIFEXITED(status) || WEXITSTATUS(status) > 1)
		die("a process");
	return WEXITSTATUS(status);
}

static void *thread(void *unused)
{
	(void)unused;
	return (void *)(long)use_stack();
}

static void start_thread(long i)
{
	if (pthread_create(&alive[i % burst], NULL, thread, NULL))
		die("thread");
}

static long end_thread(long i)
{
	void *mapped;

	if (pthread_join(alive[i % burst], &mapped))
		die("join");
	return (long)mapped;
}

static long now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000 + t.tv_nsec;
}

int main(int argc, char **argv)
{
	long processes, threads, i, start, process_ns, thread_ns, mapped = 0;

	if (argc != 4)
		return 1;
	processes = atol(argv[1]);
	threads = atol(argv[2]);
	burst = atol(argv[3]);
	if (burst < 1 || burst > MAX_BURST)
		return 1;
	fd = open("/dev/test_vcompound", O_RDWR);
	if (fd < 0)
		die("/dev/test_vcompound");

	start = now();
	for (i = 0; i < processes + burst; i++) {
		if (i >= burst && i - burst < processes)
			mapped += end_process();
		if (i < processes)
			start_process();
	}
	process_ns = (now() - start) / (processes ?: 1);
	start = now();
	for (i = 0; i < threads + burst; i++) {
		if (i >= burst && i - burst < threads)
			mapped += end_thread(i - burst);
		if (i < threads)
			start_thread(i);
	}
	thread_ns = (now() - start) / (threads ?: 1);
	printf("%ld of %ld mapped\n", mapped, processes + threads);
	printf("process %ld ns, thread %ld ns\n", process_ns, thread_ns);
	return 0;
}
