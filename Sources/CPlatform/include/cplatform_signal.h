#ifndef CPLATFORM_SIGNAL_H
#define CPLATFORM_SIGNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cplatform_registry.h"

/* Stacks of other threads, each walked by its own thread in a real-time signal's handler; and what the kernel says of a
   thread. Nothing here allocates or takes a lock, so that it works while somebody is stuck in malloc;
   only slots for a dump are taken and given back, under a mutex of their own, before and after. */

enum {
  CP_FRAMES_MAX = 64,
  CP_BUILD_ID_MAX = 20,
  CP_CAPTURES_MAX = 2048,       /* slots in one block */
  CP_CAPTURE_BLOCKS_MAX = 256   /* dumps at one time */
};

enum {
  CP_CAPTURE_IDLE = 0,
  CP_CAPTURE_ASKED = 1,
  CP_CAPTURE_ANSWERING = 2,
  CP_CAPTURE_DONE = 3,
  CP_CAPTURE_UNASKED = 4,   /* its signals are blocked, or it has gone */
  CP_CAPTURE_SILENT = 5,    /* no answer within the limit */
  CP_CAPTURE_REFUSED = 6,   /* the kernel sends no signal: `refusal` */
  CP_CAPTURE_NO_ROOM = 7    /* so little of its stack is left that a signal would end it */
};

typedef struct {
  uint64_t state;                   /* the number of the ask, and in the low 8 bits one of the states above */
  uint32_t number;                  /* of the slot, over all blocks */
  int32_t tid;
  uint64_t stack_low, stack_high;   /* bounds of the frame-pointer walk; 0: none is made */
  uint64_t syscall_pc;              /* where the thread was blocked before the signal; 0: it ran */
  uint32_t syscall_number;
  uint32_t count;
  int32_t refusal;                  /* errno */
  uintptr_t frames[CP_FRAMES_MAX];  /* innermost first: the exact counter, then return addresses */
} cp_capture;

/* Takes the highest real-time signal that nobody uses and primes the unwinder. Its number; 0: all are taken. */
int cp_capture_install(void);
/* Lets the calling thread be asked: threads started from a dispatch queue inherit a mask that blocks everything. */
void cp_capture_accept(void);
/* The handler is still in place. */
bool cp_capture_is_installed(void);
/* Slots for one dump. A thread may get to its signal long after the dump was given up, so no slot is ever unmapped: a
   block that was given back serves another dump, and a signal of an earlier ask is ignored by its number.
   NULL: CP_CAPTURE_BLOCKS_MAX are in use, or no memory. */
cp_capture *cp_captures_take(void);
void cp_captures_give(cp_capture *block);
/* Prepares the slot for a thread; false: it must be left alone, a thread that was asked before still writes to it. */
bool cp_capture_reset(cp_capture *slot, int32_t tid);
/* The thread of the slot is not asked. */
void cp_capture_skip(cp_capture *slot);
/* The thread of the slot has no room for the handler. */
void cp_capture_leave(cp_capture *slot);
/* Bytes of a stack that the kernel and the handler need. */
uint64_t cp_capture_room(void);
/* Asks the thread of the slot for its stack; false: it has gone, or the kernel refuses, which the slot says. */
bool cp_capture_ask(cp_capture *slot);
/* One of the states above. */
static inline uint32_t cp_capture_state(const cp_capture *slot) {
  return (uint32_t)(__atomic_load_n(&slot->state, __ATOMIC_SEQ_CST) & 0xff);
}
/* Waits until `count` slots have been answered or the absolute CLOCK_MONOTONIC limit; who is silent is given up. A thread
   that only lacks a processor gets `grace_ns` more. */
void cp_capture_wait(cp_capture *slots, size_t count, uint64_t deadline_ns, uint64_t grace_ns);
bool cp_thread_is_alive(int32_t tid);

/* What the kernel says of one thread of this process. */
typedef struct {
  char name[16];
  char state;               /* R S D T Z, 0: gone */
  char wchan[32];
  int32_t syscall_number;   /* -1: it runs */
  uint64_t syscall_pc;
  uint64_t stack_pointer;   /* 0: it runs */
  uint64_t signals_blocked; /* bit n - 1: signal n */
  uint64_t processor_ns;    /* of /proc/PID/task/TID/schedstat; 0: the kernel does not say */
  uint64_t user_ticks;      /* utime of /proc/PID/task/TID/stat */
  uint64_t system_ticks;    /* stime of it; hundredths of a second, both */
  uint64_t switches;        /* context switches: by itself, and forced */
  uint64_t switches_forced;
} cp_thread_status;

void cp_thread_status_read(int32_t tid, cp_thread_status *out);
/* The letter of proc_pid_stat(5); 0: gone. */
char cp_thread_state(int32_t tid);
/* utime alone. */
uint64_t cp_thread_user_ticks(int32_t tid);

/* What the kernel says of this process; 0 and empty: it does not say. */
typedef struct {
  uint64_t memory_kib, memory_peak_kib;
  uint64_t age_ms;
  uint64_t started_s;    /* seconds since the Unix epoch at its start */
  uint64_t descriptors, descriptors_max;
  uint64_t processes_max, memory_max_kib, signals_max, core_max_kib;  /* UINT64_MAX: no limit */
  char load[32];         /* of the machine, over 1, 5 and 15 minutes */
  char executable[256];  /* its path; arguments may be secret */
} cp_process_facts;

void cp_process_read(cp_process_facts *out);
static inline const char *cp_process_load(const cp_process_facts *facts) { return facts->load; }
static inline const char *cp_process_executable(const cp_process_facts *facts) { return facts->executable; }

/* Ids of the threads of this process, at most max; returns how many there are. */
size_t cp_thread_ids(int32_t *out, size_t max);

/* Nanoseconds that the calling thread could have run and got no processor, sched(7); 0: the kernel does not say. */
uint64_t cp_run_delay_ns(void);

/* The bytes of a file, at most size; -errno when it cannot be read. */
long cp_file_read(const char *path, char *buffer, size_t size);

/* The GNU build id of an ELF image that was mapped at [base, end); its length, 0: none, or it is mapped no longer. */
size_t cp_build_id(uintptr_t base, uintptr_t end, uint8_t *out);

/* An address inside the executable of this process: where the kernel put its program headers. */
uintptr_t cp_executable_address(void);

/* A consistent copy of a record; false: its thread kept changing it. */
bool cp_thread_copy(const cp_thread *from, cp_thread *to);

/* Single fields of a record that its thread may change meanwhile. */
static inline bool cp_thread_is_in_use(const cp_thread *thread) { return cp_load(&thread->in_use) != 0; }
static inline const void *cp_thread_owner(const cp_thread *thread) { return CP_GET(thread->owner); }
static inline void cp_thread_set_owner(cp_thread *thread, const void *owner) { CP_SET(thread->owner, owner); }
static inline uint32_t cp_thread_epoch(const cp_thread *thread) { return cp_load(&thread->epoch); }
static inline uint32_t cp_thread_activity_count(const cp_thread *thread) { return CP_GET(thread->activity_count); }
static inline bool cp_thread_waits_for_lock(const cp_thread *thread) {
  return cp_load(&thread->wait_kind) == CP_WAIT_LOCK;
}
/* The lock that the thread waits for; NULL: none. */
static inline cp_lock *cp_thread_wanted_lock(const cp_thread *thread) {
  return cp_thread_waits_for_lock(thread) ? __atomic_load_n(&thread->waiting_on, __ATOMIC_SEQ_CST) : (cp_lock *)0;
}
/* The thread waits for the end of another, for as long as it takes. */
static inline bool cp_thread_waits_for_thread(const cp_thread *thread) {
  return cp_load(&thread->wait_kind) == CP_WAIT_JOIN && CP_GET(thread->joined) != 0;
}
/* The thread waits for a condition, for as long as it takes: the word that it sleeps on; NULL: it does not. */
static inline const uint32_t *cp_thread_awaited_word(const cp_thread *thread) {
  if (cp_load(&thread->wait_kind) != CP_WAIT_CONDITION || CP_GET(thread->is_timed) != 0) return (const uint32_t *)0;
  return __atomic_load_n(&thread->futex, __ATOMIC_SEQ_CST);
}
/* Differs from what it was once the thread has waited, taken a lock or made progress in an activity. */
static inline uint64_t cp_thread_progress(const cp_thread *thread) {
  uint64_t sum = cp_load(&thread->epoch) + ((uint64_t)CP_GET(thread->held_serial) << 20) +
                 ((uint64_t)CP_GET(thread->activity_serial) << 40);
  uint32_t count = CP_GET(thread->activity_count);
  for (uint32_t i = 0; i < count && i < CP_ACTIVITIES_MAX; i++) sum += CP_GET(thread->activities[i].beat_ns);
  return sum;
}
static inline uint32_t cp_threads_unlisted_count(void) { return CP_GET(cp_threads_unlisted); }
/* The name of a lock, CP_NAME_MAX bytes with its end mark. */
void cp_lock_copy_name(const cp_lock *lock, char *out);

static inline uint32_t cp_activities_unlisted_count(void) {
  return __atomic_load_n(&cp_activities_unlisted, __ATOMIC_RELAXED);
}
static inline cp_thread *cp_thread_at(uint32_t slot) { return &cp_threads[slot]; }
static inline const cp_held *cp_thread_held(const cp_thread *thread, uint32_t i) { return &thread->held[i]; }
static inline const cp_activity *cp_thread_activity(const cp_thread *thread, uint32_t i) {
  return &thread->activities[i];
}
static inline const uintptr_t *cp_capture_frames(const cp_capture *slot) { return slot->frames; }
static inline const char *cp_status_name(const cp_thread_status *status) { return status->name; }
static inline const char *cp_status_wchan(const cp_thread_status *status) { return status->wchan; }

/* Writes the file completely under a temporary name, synchronises it and renames it; 0 or errno, and then nothing is left. */
int cp_file_replace(const char *directory, const char *temporary, const char *final, const char *bytes, size_t count);

/* Nanoseconds of CLOCK_BOOTTIME, which counts suspended time. */
uint64_t cp_boottime_ns(void);

#endif
