#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <malloc.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/prctl.h>

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

uint32_t *cp_hard_word(void) {
  static uint32_t word;
  return &word;
}
