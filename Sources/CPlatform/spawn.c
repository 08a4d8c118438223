#include "cplatform.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* posix_spawn(3) has no word for PR_SET_PDEATHSIG, so this does what it does, with that between vfork and exec. The child
   runs in the parent's memory until exec: it calls nothing that allocates or takes a lock. */

void cp_end_with_parent(int32_t parent) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  /* The parent may have died before the line above. */
  if (getppid() != parent) _exit(128 + SIGKILL);
}

static void default_signals(void) {
  struct sigaction fresh = {.sa_handler = SIG_DFL};
  for (int number = 1; number < NSIG; number++) {
    /* SIGKILL, SIGSTOP and the C library's own two are refused. */
    sigaction(number, &fresh, NULL);
  }
}

static bool place(int from, int to) {
  if (from < 0) {
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    if (null < 0) return false;
    /* 0 to 2 may be closed here, so that /dev/null gets the number it is wanted at. */
    return null == to ? fcntl(to, F_SETFD, 0) == 0 : dup2(null, to) == to;
  }
  return from == to ? fcntl(to, F_SETFD, 0) == 0 : dup2(from, to) == to;
}

static void close_others_at_exec(void) {
#ifdef SYS_close_range
  /* CLOSE_RANGE_CLOEXEC, Linux 5.11. */
  if (syscall(SYS_close_range, 3u, ~0u, 1u << 2) == 0) return;
#endif
  for (int descriptor = 3; descriptor < 1024; descriptor++) fcntl(descriptor, F_SETFD, FD_CLOEXEC);
}

__attribute__((noinline)) static pid_t start(const cp_spawn_request *request, volatile int *error, pid_t parent) {
  pid_t child = vfork();
  if (child != 0) return child;
  cp_end_with_parent(parent);
  default_signals();
  bool is_ready = !request->own_group || setpgid(0, 0) == 0;
  if (is_ready && request->directory) is_ready = chdir(request->directory) == 0;
  for (int to = 0; is_ready && to < 3; to++) is_ready = place(request->descriptors[to], to);
  if (is_ready) {
    close_others_at_exec();
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    execve(request->program, request->arguments, request->environment);
  }
  *error = errno ? errno : EINVAL;
  _exit(127);
}

int32_t cp_spawn(const cp_spawn_request *request, int32_t *error) {
  sigset_t all, before;
  sigfillset(&all);
  /* No handler of the parent may run in the child, which shares its memory. */
  pthread_sigmask(SIG_SETMASK, &all, &before);
  volatile int failure = 0;
  pid_t child = start(request, &failure, getpid());
  if (child < 0) failure = errno;
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  if (child > 0 && failure) {
    while (waitpid(child, NULL, 0) < 0 && errno == EINTR) {
    }
  }
  *error = failure;
  return failure ? -1 : child;
}

int32_t cp_pipe(int32_t ends[2]) { return pipe2(ends, O_CLOEXEC); }
