#include "cplatform.h"

#include <errno.h>
#include <linux/futex.h>
#include <malloc.h>
#include <sys/syscall.h>
#include <unistd.h>

int cp_futex_wait(uint32_t *word, uint32_t expected, uint64_t deadline_ns) {
  struct timespec until = {(time_t)(deadline_ns / 1000000000u), (long)(deadline_ns % 1000000000u)};
  /* FUTEX_WAIT_BITSET takes an absolute time of CLOCK_MONOTONIC; FUTEX_WAIT takes a relative one. futex(2). */
  long r = syscall(SYS_futex, word, FUTEX_WAIT_BITSET | FUTEX_PRIVATE_FLAG, expected, deadline_ns ? &until : NULL, NULL,
                   FUTEX_BITSET_MATCH_ANY);
  return r == 0 || errno == EAGAIN ? 0 : errno;
}

void cp_futex_wake(uint32_t *word, int count) {
  syscall(SYS_futex, word, FUTEX_WAKE | FUTEX_PRIVATE_FLAG, count, NULL, NULL, 0);
}

void cp_keep_memory(void) {
  mallopt(M_MMAP_THRESHOLD, 256 << 20);
  mallopt(M_TRIM_THRESHOLD, 1 << 30);
}

int cp_gettid(void) { return (int)syscall(SYS_gettid); }

int64_t cp_time_of_day_offset_ns(void) {
  /* A reading that the thread was interrupted in is off by that long: the narrowest of some counts. */
  int64_t offset = 0;
  uint64_t narrowest = UINT64_MAX;
  for (int i = 0; i < 20; i++) {
    struct timespec day;
    uint64_t before = cp_monotonic_ns();
    clock_gettime(CLOCK_REALTIME, &day);
    uint64_t width = cp_monotonic_ns() - before;
    if (width >= narrowest) continue;
    narrowest = width;
    offset = (int64_t)day.tv_sec * 1000000000 + day.tv_nsec - (int64_t)(before + width / 2);
  }
  return offset;
}
