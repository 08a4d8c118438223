#include "cplatform.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
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

static void close_all(void) {
#ifdef SYS_close_range
  if (syscall(SYS_close_range, 0u, ~0u, 0u) == 0) return;
#endif
  for (int descriptor = 0; descriptor < 1024; descriptor++) close(descriptor);
}

__attribute__((noinline)) static pid_t start(const cp_spawn_request *request, volatile int *error, pid_t parent) {
  pid_t child = vfork();
  if (child != 0) return child;
  cp_end_with_parent(parent);
  default_signals();
  bool is_ready = !request->directory || chdir(request->directory) == 0;
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

/* The kernel ties one process to its parent, not a group. So the leader of a group is a guard: it starts the program in its
   group, ends the group when the parent is gone, and otherwise ends as the program does. It is forked, not vforked, since
   the parent goes on beside it, and it calls nothing that allocates or takes a lock either. */

static void end_as(int status) {
  if (WIFSIGNALED(status)) {
    struct rlimit none = {0, 0};
    setrlimit(RLIMIT_CORE, &none);
    sigset_t its;
    sigemptyset(&its);
    sigaddset(&its, WTERMSIG(status));
    kill(getpid(), WTERMSIG(status));
    sigprocmask(SIG_UNBLOCK, &its, NULL);
    _exit(128 + WTERMSIG(status));
  }
  _exit(WEXITSTATUS(status));
}

/* Every signal is blocked here; a program that signals its own group does not end its guard. */
static void guard(const cp_spawn_request *request, pid_t parent, int report) {
  default_signals();
  volatile int failure = 0;
  pid_t child = -1;
  if (setpgid(0, 0) == 0) {
    /* SIGPWR, as nobody else sends it. */
    prctl(PR_SET_PDEATHSIG, SIGPWR);
    if (getppid() != parent) _exit(128 + SIGKILL);
    cp_spawn_request own = *request;
    own.own_group = false;
    child = start(&own, &failure, getpid());
  }
  if (child < 0) failure = errno ? errno : EINVAL;
  if (failure) {
    int number = failure;
    (void)!write(report, &number, sizeof number);
    _exit(127);
  }
  close_all();
  sigset_t wanted;
  sigemptyset(&wanted);
  sigaddset(&wanted, SIGCHLD);
  sigaddset(&wanted, SIGPWR);
  for (;;) {
    int number = sigwaitinfo(&wanted, NULL);
    if (number == SIGPWR) kill(0, SIGKILL);
    int status = 0;
    if (number == SIGCHLD && waitpid(child, &status, WNOHANG) == child) end_as(status);
  }
}

/* Returns once the program runs or has failed to. */
static pid_t start_guarded(const cp_spawn_request *request, volatile int *error, pid_t parent) {
  int ends[2];
  if (cp_pipe(ends) != 0) return -1;
  /* fork(3) would run handlers that take locks of the C library, which a stuck program may hold. */
  pid_t leader = (pid_t)syscall(SYS_clone, (long)SIGCHLD, 0L, 0L, 0L, 0L);
  if (leader == 0) guard(request, parent, ends[1]);
  int reason = errno;
  close(ends[1]);
  int failure = 0;
  if (leader > 0) {
    ssize_t count;
    while ((count = read(ends[0], &failure, sizeof failure)) < 0 && errno == EINTR) {
    }
    if (count == sizeof failure) *error = failure;
  }
  close(ends[0]);
  errno = reason;
  return leader;
}

int32_t cp_spawn(const cp_spawn_request *request, int32_t *error) {
  sigset_t all, before;
  sigfillset(&all);
  /* No handler of the parent may run in the child, which shares its memory. */
  pthread_sigmask(SIG_SETMASK, &all, &before);
  volatile int failure = 0;
  pid_t child = request->own_group ? start_guarded(request, &failure, getpid()) : start(request, &failure, getpid());
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
