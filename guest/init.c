// SPDX-License-Identifier: GPL-2.0
/*
 * The guest's PID 1.
 *
 * Mounts the usual file systems and runs /job with busybox's sh. The result channel is
 * the second serial port. The job has it as file descriptor 3.
 *
 * If the job exits with 0, the last line written there is the marker "DONE NONCE". The
 * host passes the nonce as vc.nonce= on the kernel command line. If the job fails, the
 * last line is "FAILED REASON". The host judges the boot by the marker and the console.
 *
 * Then init reboots, which ends a QEMU with -no-reboot.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#define CONSOLE	"/dev/ttyS0"
#define RESULT	"/dev/ttyS1"
#define RESULT_FD 3

static void report(const char *fmt, ...)
{
	char line[256];
	va_list args;
	int len;

	va_start(args, fmt);
	len = vsnprintf(line, sizeof(line), fmt, args);
	va_end(args);
	if (write(RESULT_FD, line, len) != len)
		perror("init: result channel");
	tcdrain(RESULT_FD);
}

static void end(void)
{
	tcdrain(STDOUT_FILENO);
	sync();
	reboot(RB_AUTOBOOT);
	_exit(1);	/* a panic, which the host sees */
}

static void fail(const char *what)
{
	report("FAILED init: %s: %s\n", what, strerror(errno));
	end();
}

static void mount_one(const char *type, const char *where, int must)
{
	mkdir(where, 0755);
	if (mount(type, where, type, 0, NULL) && must)
		fail(where);
}

/* Opens the console and the result channel, the latter in raw mode. */
static void open_files(void)
{
	struct termios t;
	int fd;

	fd = open(CONSOLE, O_RDWR);
	if (fd < 0)
		_exit(2);
	dup2(fd, STDIN_FILENO);
	dup2(fd, STDOUT_FILENO);
	dup2(fd, STDERR_FILENO);
	if (fd > STDERR_FILENO)
		close(fd);

	fd = open(RESULT, O_RDWR | O_NOCTTY);
	if (fd < 0) {
		perror("init: " RESULT);
		_exit(3);
	}
	if (!tcgetattr(fd, &t)) {
		cfmakeraw(&t);
		cfsetspeed(&t, B115200);
		tcsetattr(fd, TCSANOW, &t);
	}
	if (fd != RESULT_FD) {
		dup2(fd, RESULT_FD);
		close(fd);
	}
}

/* Copies the value of KEY= from the kernel command line. */
static void get_param(const char *key, char *value, size_t size)
{
	char line[2048], *word, *save;
	ssize_t len;
	int fd;

	fd = open("/proc/cmdline", O_RDONLY);
	len = fd < 0 ? -1 : read(fd, line, sizeof(line) - 1);
	if (len < 0)
		fail("/proc/cmdline");
	close(fd);
	line[len] = 0;
	for (word = strtok_r(line, " \n", &save); word;
	     word = strtok_r(NULL, " \n", &save))
		if (!strncmp(word, key, strlen(key)))
			snprintf(value, size, "%s", word + strlen(key));
}

int main(void)
{
	char nonce[80] = "";
	int status;
	pid_t job;

	mount_one("devtmpfs", "/dev", 1);
	open_files();
	mount_one("proc", "/proc", 1);
	mount_one("sysfs", "/sys", 1);
	mount_one("tmpfs", "/tmp", 1);
	/* Optional: only some kernels have debugfs. */
	mount_one("debugfs", "/sys/kernel/debug", 0);
	get_param("vc.nonce=", nonce, sizeof(nonce));

	setenv("PATH", "/bin", 1);
	setenv("HOME", "/", 1);
	setenv("TERM", "linux", 0);

	job = fork();
	if (job < 0)
		fail("fork");
	if (!job) {
		/* A session with a terminal, for ^C in an interactive job. */
		setsid();
		ioctl(STDIN_FILENO, TIOCSCTTY, 0);
		execl("/bin/sh", "sh", "/job", NULL);
		_exit(127);
	}
	/* Reap orphans, too. */
	while (waitpid(-1, &status, 0) != job)
		;

	if (WIFEXITED(status) && !WEXITSTATUS(status))
		report("DONE %s\n", nonce);
	else if (WIFEXITED(status))
		report("FAILED the job exited with %d\n", WEXITSTATUS(status));
	else
		report("FAILED the job died of signal %d\n", WTERMSIG(status));
	end();
}
