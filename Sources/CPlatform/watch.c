#include "cplatform.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

/* The mask this process was started with; written once, before the only child. */
static sigset_t mask_before;

uint64_t cp_signals_ignored(void) {
  uint64_t ignored = 0;
  for (int number = 1; number < NSIG; number++) {
    struct sigaction now;
    if (sigaction(number, NULL, &now) == 0 && now.sa_handler == SIG_IGN) ignored |= (uint64_t)1 << (number - 1);
  }
  return ignored;
}

int32_t cp_signals_take(void) {
  static const int kept[] = {SIGTSTP, SIGTTIN, SIGTTOU, SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGSYS};
  sigset_t all;
  sigfillset(&all);
  for (unsigned i = 0; i < sizeof kept / sizeof *kept; i++) sigdelset(&all, kept[i]);
  if (pthread_sigmask(SIG_BLOCK, &all, &mask_before) != 0) return -1;
  return signalfd(-1, &all, SFD_CLOEXEC | SFD_NONBLOCK);
}

void cp_signals_return(void) { pthread_sigmask(SIG_SETMASK, &mask_before, NULL); }

int32_t cp_signal_next(int32_t descriptor, bool *is_terminals) {
  struct signalfd_siginfo info;
  if (read(descriptor, &info, sizeof info) != sizeof info) return 0;
  *is_terminals = info.ssi_code == SI_KERNEL && info.ssi_pid == 0;
  return (int32_t)info.ssi_signo;
}

static bool take_place(int from, int to) {
  return from < 0 || (from == to ? fcntl(to, F_SETFD, 0) == 0 : dup2(from, to) == to);
}

/* Between vfork and exec, in the parent's memory: nothing that allocates or takes a lock. */
__attribute__((noinline)) static pid_t start(const cp_watch_request *request, volatile int *error, pid_t parent) {
  pid_t child = vfork();
  if (child != 0) return child;
  prctl(PR_SET_PDEATHSIG, SIGTERM);
  /* The parent may have died before the line above. */
  if (getppid() != parent) _exit(128 + SIGTERM);
  for (int number = 1; number < NSIG; number++) {
    struct sigaction fresh = {.sa_handler = request->ignored >> (number - 1) & 1 ? SIG_IGN : SIG_DFL};
    sigaction(number, &fresh, NULL);
  }
  if (take_place(request->output, 1) && take_place(request->error, 2)) {
    sigprocmask(SIG_SETMASK, &mask_before, NULL);
    execve(request->program, request->arguments, request->environment);
  }
  *error = errno ? errno : EINVAL;
  _exit(127);
}

int32_t cp_watch_spawn(const cp_watch_request *request, int32_t *error) {
  volatile int failure = 0;
  pid_t child = start(request, &failure, getpid());
  if (child < 0) failure = errno;
  if (child > 0 && failure) {
    while (waitpid(child, NULL, 0) < 0 && errno == EINTR) {
    }
  }
  *error = failure;
  return failure ? -1 : child;
}

int32_t cp_messages_listen(const char *path) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  if (strlen(path) >= sizeof address.sun_path) {
    errno = ENAMETOOLONG;
    return -1;
  }
  strcpy(address.sun_path, path);
  int descriptor = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (descriptor < 0) return -1;
  if (bind(descriptor, (struct sockaddr *)&address, sizeof address) == 0 && listen(descriptor, 64) == 0)
    return descriptor;
  int reason = errno;
  close(descriptor);
  errno = reason;
  return -1;
}

int32_t cp_messages_accept(int32_t listening) {
  return accept4(listening, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
}

bool cp_bytes_contain(const uint8_t *bytes, size_t count, const uint8_t *wanted, size_t wanted_count) {
  return memmem(bytes, count, wanted, wanted_count) != NULL;
}

int32_t cp_messages_peer(int32_t descriptor) {
  struct ucred peer;
  socklen_t length = sizeof peer;
  return getsockopt(descriptor, SOL_SOCKET, SO_PEERCRED, &peer, &length) == 0 ? peer.pid : 0;
}
