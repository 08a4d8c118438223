#ifndef CPLATFORM_SIGNAL_H
#define CPLATFORM_SIGNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cplatform_registry.h"

/* Stacks of other threads, each walked by its own thread in a real-time signal's handler; and what the kernel says of a
   thread. Nothing here allocates or takes a lock, so that it works while somebody is stuck in malloc. */

enum { CP_FRAMES_MAX = 64, CP_BUILD_ID_MAX = 20 };

enum {
  CP_CAPTURE_IDLE = 0,
  CP_CAPTURE_ASKED = 1,
  CP_CAPTURE_ANSWERING = 2,
  CP_CAPTURE_DONE = 3,
  CP_CAPTURE_UNASKED = 4,   /* its signals are blocked, or it has gone */
  CP_CAPTURE_SILENT = 5     /* no answer within the limit */
};

typedef struct {
  uint32_t state;
  int32_t tid;
  uint64_t stack_low, stack_high;   /* bounds of the frame-pointer walk; 0: none is made */
  uint64_t syscall_pc;              /* where the thread was blocked before the signal; 0: it ran */
  uint32_t syscall_number;
  uint32_t count;
  uintptr_t frames[CP_FRAMES_MAX];  /* innermost first: the exact counter, then return addresses */
} cp_capture;

/* Takes the highest real-time signal that nobody uses and primes the unwinder. Its number; 0: all are taken. */
int cp_capture_install(void);
/* Lets the calling thread be asked: threads started from a dispatch queue inherit a mask that blocks everything. */
void cp_capture_accept(void);
/* The handler is still in place. */
bool cp_capture_is_installed(void);
/* Asks the thread of the slot for its stack; false: it has gone. */
bool cp_capture_ask(cp_capture *slot);
/* Waits until `count` slots have been answered or the absolute CLOCK_MONOTONIC limit; who is silent is given up. */
void cp_capture_wait(cp_capture *slots, size_t count, uint64_t deadline_ns);
bool cp_thread_is_alive(int32_t tid);

/* What the kernel says of one thread of this process. */
typedef struct {
  char name[16];
  char state;               /* R S D T Z, 0: gone */
  char wchan[32];
  int32_t syscall_number;   /* -1: it runs */
  uint64_t syscall_pc;
  uint64_t signals_blocked; /* bit n - 1: signal n */
  uint64_t user_ticks;      /* utime of /proc/PID/task/TID/stat */
} cp_thread_status;

void cp_thread_status_read(int32_t tid, cp_thread_status *out);
/* utime alone. */
uint64_t cp_thread_user_ticks(int32_t tid);

/* Ids of the threads of this process, at most max; returns how many there are. */
size_t cp_thread_ids(int32_t *out, size_t max);

/* The bytes of a file, at most size; -errno when it cannot be read. */
long cp_file_read(const char *path, char *buffer, size_t size);

/* The GNU build id of an ELF image mapped at base, of which [base, end) can be read; its length, 0: none. */
size_t cp_build_id(uintptr_t base, uintptr_t end, uint8_t *out);

/* A consistent copy of a record; false: its thread kept changing it. */
bool cp_thread_copy(const cp_thread *from, cp_thread *to);

static inline uint32_t cp_activities_unlisted_count(void) {
  return __atomic_load_n(&cp_activities_unlisted, __ATOMIC_RELAXED);
}
static inline cp_thread *cp_thread_at(uint32_t slot) { return &cp_threads[slot]; }
static inline const cp_held *cp_thread_held(const cp_thread *thread, uint32_t i) { return &thread->held[i]; }
static inline const cp_activity *cp_thread_activity(const cp_thread *thread, uint32_t i) {
  return &thread->activities[i];
}
static inline const char *cp_lock_name(const cp_lock *lock) { return lock->name; }
static inline const uintptr_t *cp_capture_frames(const cp_capture *slot) { return slot->frames; }
static inline const char *cp_status_name(const cp_thread_status *status) { return status->name; }
static inline const char *cp_status_wchan(const cp_thread_status *status) { return status->wchan; }

/* Writes the file completely under a temporary name, synchronises it and renames it; 0 or errno, and then nothing is left. */
int cp_file_replace(const char *directory, const char *temporary, const char *final, const char *bytes, size_t count);

/* Nanoseconds of CLOCK_BOOTTIME, which counts suspended time. */
uint64_t cp_boottime_ns(void);

#endif
