#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <malloc.h>
#include <pthread.h>
#include <signal.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "cplatform.h"

bool cp_refuse_call(long number) {
  struct sock_filter filter[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (unsigned)number, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  struct sock_fprog program = {sizeof filter / sizeof filter[0], filter};
  return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}

void cp_one_malloc_arena(void) { mallopt(M_ARENA_MAX, 1); }

void cp_fragment_memory(void) {
  enum { COUNT = 20000, SIZE = 2000 };
  static void *pieces[COUNT];
  for (int i = 0; i < COUNT; i++) pieces[i] = malloc(SIZE);
  for (int i = 0; i < COUNT; i += 2) free(pieces[i]);
}

void cp_hold_malloc(void) {
  struct mallinfo2 info = mallinfo2();
  (void)info;
}

void cp_use_malloc(void) {
  // volatile: a pair of malloc and free that nobody looks into between is compiled to nothing.
  void *volatile piece = malloc(90000);
  free(piece);
}

static _Thread_local volatile sig_atomic_t is_alarmed;

static void take_alarm(int number) {
  (void)number;
  is_alarmed = 1;
}

int cp_suspend(uint32_t milliseconds) {
  struct sigaction action = {.sa_handler = take_alarm};
  sigaction(SIGUSR2, &action, NULL);
  sigset_t own, before;
  sigemptyset(&own);
  sigaddset(&own, SIGUSR2);
  pthread_sigmask(SIG_BLOCK, &own, &before);
  struct sigevent event = {.sigev_notify = SIGEV_THREAD_ID, .sigev_signo = SIGUSR2};
  event._sigev_un._tid = (pid_t)syscall(SYS_gettid);
  timer_t timer;
  if (timer_create(CLOCK_MONOTONIC, &event, &timer) != 0) return -1;
  struct itimerspec time = {
      .it_value = {.tv_sec = milliseconds / 1000, .tv_nsec = (long)(milliseconds % 1000) * 1000000}};
  timer_settime(timer, 0, &time, NULL);
  is_alarmed = 0;
  sigset_t meanwhile = before;
  sigdelset(&meanwhile, SIGUSR2);
  sigsuspend(&meanwhile);
  timer_delete(timer);
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  return is_alarmed ? 0 : -1;
}

uint32_t *cp_hard_word(void) {
  static uint32_t word;
  return &word;
}
