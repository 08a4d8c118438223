#ifndef CPLATFORM_H
#define CPLATFORM_H

#if !defined(__x86_64__) || !defined(__linux__)
#error "chaos runs on Linux x86-64; other platforms are not tested and not built"
#endif

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

/* Words shared between threads. Swift's Atomic cannot live in memory that C and signal handlers read, so the few
   operations on such memory are here. */
static inline uint32_t cp_load_relaxed(const uint32_t *word) { return __atomic_load_n(word, __ATOMIC_RELAXED); }
static inline uint32_t cp_load(const uint32_t *word) { return __atomic_load_n(word, __ATOMIC_SEQ_CST); }
static inline void cp_store(uint32_t *word, uint32_t value) { __atomic_store_n(word, value, __ATOMIC_SEQ_CST); }
static inline uint32_t cp_add(uint32_t *word, uint32_t value) {
  return __atomic_fetch_add(word, value, __ATOMIC_SEQ_CST);
}
static inline uint32_t cp_or(uint32_t *word, uint32_t bits) { return __atomic_fetch_or(word, bits, __ATOMIC_SEQ_CST); }
static inline uint32_t cp_and(uint32_t *word, uint32_t bits) {
  return __atomic_fetch_and(word, bits, __ATOMIC_SEQ_CST);
}

static inline int64_t cp_load_64(const int64_t *word) { return __atomic_load_n(word, __ATOMIC_RELAXED); }
static inline void cp_store_64(int64_t *word, int64_t value) { __atomic_store_n(word, value, __ATOMIC_RELAXED); }
/* What was written before the store is seen by whoever reads its value. */
static inline int64_t cp_acquire_64(const int64_t *word) { return __atomic_load_n(word, __ATOMIC_ACQUIRE); }
static inline void cp_publish_64(int64_t *word, int64_t value) { __atomic_store_n(word, value, __ATOMIC_RELEASE); }

#include "cplatform_dumpfile.h"
#include "cplatform_fiber.h"
#include "cplatform_hard.h"
#include "cplatform_notes.h"
#include "cplatform_poll.h"
#include "cplatform_registry.h"
#include "cplatform_signal.h"
#include "cplatform_source.h"
#include "cplatform_spawn.h"
#include "cplatform_watch.h"

/* Nanoseconds of CLOCK_MONOTONIC. */
static inline uint64_t cp_monotonic_ns(void) {
  struct timespec ts;
  clock_gettime(CLOCK_MONOTONIC, &ts);
  return (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec;
}

/* What the time of day (CLOCK_REALTIME, since 1970) is ahead of cp_monotonic_ns, read so that two processes of a machine get
   the same number, within a microsecond. */
int64_t cp_time_of_day_offset_ns(void);

/* Waits while *word == expected, until the absolute CLOCK_MONOTONIC deadline (0: none) or a wake.
   0: woken or the value differs; else errno (ETIMEDOUT, EINTR). */
int cp_futex_wait(uint32_t *word, uint32_t expected, uint64_t deadline_ns);
/* Wakes at most count waiters. */
void cp_futex_wake(uint32_t *word, int count);

int cp_gettid(void);

/* Keeps freed memory with the process instead of giving it back to the kernel. mallopt(3). */
void cp_keep_memory(void);

/* Wakes one thread that sleeps on the lock's word. */
void cp_lock_wake(cp_lock *lock);

/* A copy of a name that is never freed, one per distinct name, for readers of the registry. */
char *cp_name_keep(const char *name);

/* Shows the name (its first 15 bytes) to the system's own tools. */
void cp_thread_show_name(const char *name);

static inline const char *cp_thread_name(const cp_thread *thread) { return thread->name; }
static inline uint32_t *cp_thread_sleep_word(cp_thread *thread) { return &thread->sleep_word; }
static inline void cp_pause(void) { __builtin_ia32_pause(); }

#endif
