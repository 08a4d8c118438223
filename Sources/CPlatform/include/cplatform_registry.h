#ifndef CPLATFORM_REGISTRY_H
#define CPLATFORM_REGISTRY_H

#include <stdbool.h>
#include <stdint.h>

/* The live thread registry: fixed tables in static memory, read by the watchdog and by signal handlers without locks. A
   record is written by its own thread only, but for the words that threads sleep on, which a stop changes. Everything
   that two threads touch is read and written atomically. Records, locks and words are recycled, never unmapped, so that
   a late reader reads stale words, never a fault; the epoch of a record and the serial of its list tell it that they
   are stale. */

enum {
  CP_THREADS_MAX = 1024,   /* threads in the table; more are counted in cp_threads_unlisted and run unlisted */
  CP_LOCKS_MAX = 65536,    /* live locks at one time */
  CP_WORDS_MAX = 1 << 20,  /* live conditions and threads at one time */
  CP_HELD_MAX = 8,         /* locks held by one thread; deeper ones are counted in held_overflow */
  CP_ACTIVITIES_MAX = 4,   /* nested activities of one thread */
  CP_NAME_MAX = 64,        /* bytes of a name with its end mark */
  CP_WAKERS_MAX = 4,       /* threads that are known to have signalled one condition */
  CP_NOTES_MAX = 64
};

enum {
  CP_RUNNING = 0,
  CP_WAIT_LOCK = 1,       /* lasts until the lock is free: the only edge of the wait-for graph */
  CP_WAIT_CONDITION = 2,
  CP_WAIT_SLEEP = 3,
  CP_WAIT_JOIN = 4
};

typedef struct {
  uint32_t word;          /* slot + 1 of the owner, 0: nobody; CP_LOCK_STOPS, CP_LOCK_WAITERS */
  uint32_t next_free;     /* index + 1 */
  _Alignas(8) char name[CP_NAME_MAX];
} cp_lock;

#define CP_LOCK_WAITERS 0x80000000u
/* Counted up by a stop, so that whoever is about to sleep on the word does not; cleared by the next unlock. */
#define CP_LOCK_STOPS 0x7f000000u
#define CP_LOCK_STOP 0x01000000u
#define CP_LOCK_OWNER 0x00ffffffu

/* Fields that another thread may read or write meanwhile. */
#define CP_GET(place) __atomic_load_n(&(place), __ATOMIC_RELAXED)
#define CP_SET(place, value) __atomic_store_n(&(place), (value), __ATOMIC_RELAXED)

typedef struct {
  cp_lock *lock;
  const char *file;
  uint32_t file_length;
  uint32_t line;
  uint64_t since_ns;   /* cp_coarse_ns when it was taken */
} cp_held;

/* Monotonic time of the last look of a watchdog, 0: there was none. To read a clock at every lock costs as much as four. */
extern uint64_t cp_coarse_ns;
static inline void cp_coarse_set(uint64_t now_ns) { CP_SET(cp_coarse_ns, now_ns); }

typedef struct {
  const char *name;
  uint32_t name_length;
  uint32_t id;            /* grows with every activity entered */
  uint64_t limit_ns;
  uint64_t beat_ns;       /* monotonic time of entry or of the last beat */
} cp_activity;

typedef struct cp_thread {
  uint32_t in_use;
  uint32_t slot;          /* from CP_THREADS_MAX on: unlisted */
  int32_t tid;
  uint32_t epoch;         /* grows with every wait begun and ended */
  uint32_t wait_kind;
  uint32_t wait_line;
  const char *wait_file;
  uint32_t wait_file_length;
  uint32_t held_count;
  uint32_t held_overflow;
  uint32_t held_serial;     /* grows before an entry of held is written */
  uint32_t activity_count;
  uint32_t activity_serial; /* grows before an entry of activities is written */
  int32_t joined;           /* while it waits for the end of a thread, without a time limit: that thread; 0: none */
  uint32_t is_own_lock;     /* the lock waited for is the thread's own already: it said so itself */
  uint32_t is_timed;        /* of a wait for a condition: a time limit ends it */
  cp_lock *waiting_on;
  uint64_t wait_since_ns;
  const char *wait_object;  /* name of the condition waited on; NULL else */
  uint64_t stack_low, stack_high;
  uint32_t *futex;        /* the word that the thread sleeps on; NULL: it runs. Runtime.stop() wakes it */
  const void *owner;      /* the runtime that the thread belongs to */
  uint32_t sleep_word;    /* what a plain sleep waits on */
  uint32_t next_free;
  struct cp_thread *next_unlisted;
  cp_held held[CP_HELD_MAX];
  cp_activity activities[CP_ACTIVITIES_MAX];
  _Alignas(8) char name[CP_NAME_MAX];
} cp_thread;

extern cp_thread cp_threads[CP_THREADS_MAX];
extern cp_lock *cp_locks;
extern uint32_t cp_threads_unlisted;   /* that run now */
extern uint32_t cp_activities_unlisted;

extern _Thread_local cp_thread *cp_self_record __attribute__((tls_model("initial-exec")));

/* The caller's record; NULL: not registered. */
static inline cp_thread *cp_self(void) { return cp_self_record; }

/* Registers the caller under a name for a runtime; its slot is given back by cp_thread_unregister. A thread beyond
   CP_THREADS_MAX gets a record outside the table: its locks work and a stop wakes it, the watchdog does not see it.
   NULL: no memory. */
cp_thread *cp_thread_register(const char *name, const void *owner);
void cp_thread_unregister(void);

/* Begins and ends a wait: what a reader of the registry sees while the thread is blocked.

   The order is what the proof of a cycle rests on. A wait begins with kind, then epoch, then lock; it ends with lock,
   then kind, then epoch. A reader that finds a lock between two equal readings of the epoch has seen one wait that
   began before its first reading, and whose thread has not got past the last line of cp_wait_end, so it still is inside
   its call of lock() and has given nothing back. All are sequentially consistent, since a reader follows several
   threads: with release and acquire alone, two of them could be seen in orders that never were one moment. */
static inline void cp_wait_begin(cp_thread *me, uint32_t kind, cp_lock *lock, const char *object, const char *file,
                                 uint32_t length, uint32_t line, uint64_t now_ns) {
  CP_SET(me->wait_since_ns, now_ns);
  CP_SET(me->wait_file, file);
  CP_SET(me->wait_file_length, length);
  CP_SET(me->wait_line, line);
  CP_SET(me->wait_object, object);
  CP_SET(me->is_own_lock, 0);
  __atomic_store_n(&me->wait_kind, kind, __ATOMIC_SEQ_CST);
  __atomic_fetch_add(&me->epoch, 1, __ATOMIC_SEQ_CST);
  __atomic_store_n(&me->waiting_on, lock, __ATOMIC_SEQ_CST);
}
/* Before cp_wait_begin with CP_WAIT_JOIN: whose end the caller waits for; 0: somebody whom a time limit lets go. */
static inline void cp_wait_for_thread(cp_thread *me, int32_t tid) { CP_SET(me->joined, tid); }
/* Before cp_wait_begin with CP_WAIT_CONDITION. */
static inline void cp_wait_is_timed(cp_thread *me, bool is_timed) { CP_SET(me->is_timed, is_timed); }
static inline void cp_wait_end(cp_thread *me) {
  __atomic_store_n(&me->waiting_on, (cp_lock *)0, __ATOMIC_SEQ_CST);
  __atomic_store_n(&me->wait_kind, CP_RUNNING, __ATOMIC_SEQ_CST);
  __atomic_fetch_add(&me->epoch, 1, __ATOMIC_SEQ_CST);
}

/* The caller waits for a lock that it holds. Only the thread itself can tell: to everybody else this looks like a
   thread that has just been given the lock and has not said yet that its wait is over. */
static inline void cp_wait_for_own_lock(cp_thread *me) { __atomic_store_n(&me->is_own_lock, 1, __ATOMIC_SEQ_CST); }

/* How a thread goes to sleep on a word so that no stop is missed: it publishes the word, reads it, looks whether the
   runtime is stopping, and sleeps while the word is what it read. cp_stop_sleepers, called when the flag is set, finds
   the word published or is seen by that look; it changes the word before it wakes. */
static inline uint32_t cp_sleep_begin(cp_thread *me, uint32_t *word) {
  __atomic_store_n(&me->futex, word, __ATOMIC_SEQ_CST);
  return __atomic_load_n(word, __ATOMIC_SEQ_CST);
}
static inline void cp_sleep_end(cp_thread *me) { __atomic_store_n(&me->futex, (uint32_t *)0, __ATOMIC_RELEASE); }
/* Changes the word of every sleeper of a runtime, and wakes it. */
void cp_stop_sleepers(const void *owner);

/* A word of 0 to sleep on; a stop adds even numbers to it. NULL: CP_WORDS_MAX are in use. */
uint32_t *cp_word_make(void);
void cp_word_free(uint32_t *word);
/* Remembers who has signalled the condition that sleeps on the word. */
void cp_word_signalled(uint32_t *word, int32_t tid);
/* The threads that have, at most CP_WAKERS_MAX; -1: there were more. */
int32_t cp_word_wakers(const uint32_t *word, int32_t *out);

/* A lock record with this name; NULL: CP_LOCKS_MAX are in use. */
cp_lock *cp_lock_make(const char *name);
void cp_lock_free(cp_lock *lock);

static inline void cp_held_push(cp_thread *me, cp_lock *lock, const char *file, uint32_t length, uint32_t line) {
  uint32_t n = me->held_count;
  if (__builtin_expect(n < CP_HELD_MAX, 1)) {
    cp_held *entry = &me->held[n];
    CP_SET(me->held_serial, me->held_serial + 1);
    __atomic_thread_fence(__ATOMIC_RELEASE);
    CP_SET(entry->file, file);
    CP_SET(entry->file_length, length);
    CP_SET(entry->line, line);
    CP_SET(entry->since_ns, CP_GET(cp_coarse_ns));
    CP_SET(entry->lock, lock);
    __atomic_store_n(&me->held_count, n + 1, __ATOMIC_RELEASE);
  } else {
    CP_SET(me->held_overflow, me->held_overflow + 1);
  }
}

/* Removes the youngest entry of this lock; entries above it move down, so unlocking out of order is legal. */
static inline void cp_held_pop(cp_thread *me, cp_lock *lock) {
  uint32_t n = me->held_count;
  if (__builtin_expect(n > 0 && me->held[n - 1].lock == lock, 1)) {
    __atomic_store_n(&me->held_count, n - 1, __ATOMIC_RELEASE);
    return;
  }
  for (uint32_t i = n; i-- > 0;) {
    if (me->held[i].lock != lock) continue;
    CP_SET(me->held_serial, me->held_serial + 1);
    __atomic_thread_fence(__ATOMIC_RELEASE);
    for (uint32_t j = i; j + 1 < n; j++) {
      const cp_held *above = &me->held[j + 1];
      CP_SET(me->held[j].file, above->file);
      CP_SET(me->held[j].file_length, above->file_length);
      CP_SET(me->held[j].line, above->line);
      CP_SET(me->held[j].since_ns, above->since_ns);
      CP_SET(me->held[j].lock, above->lock);
    }
    __atomic_store_n(&me->held_count, n - 1, __ATOMIC_RELEASE);
    return;
  }
  if (me->held_overflow > 0) CP_SET(me->held_overflow, me->held_overflow - 1);
}

/* Marks the lock as waited for; the word to sleep on, or 0 when it was taken instead (the mark stays: there may be more
   waiters). */
static inline uint32_t cp_lock_contend(cp_lock *lock, cp_thread *me) {
  uint32_t word = __atomic_load_n(&lock->word, __ATOMIC_RELAXED);
  for (;;) {
    if ((word & CP_LOCK_OWNER) == 0) {
      if (__atomic_compare_exchange_n(&lock->word, &word, (me->slot + 1) | CP_LOCK_WAITERS, false, __ATOMIC_SEQ_CST,
                                      __ATOMIC_RELAXED))
        return 0;
    } else if (word & CP_LOCK_WAITERS) {
      return word;
    } else if (__atomic_compare_exchange_n(&lock->word, &word, word | CP_LOCK_WAITERS, false, __ATOMIC_SEQ_CST,
                                           __ATOMIC_RELAXED)) {
      return word | CP_LOCK_WAITERS;
    }
  }
}

static inline bool cp_lock_try(cp_lock *lock, cp_thread *me, const char *file, uint32_t length, uint32_t line) {
  uint32_t free_word = 0;
  if (!__atomic_compare_exchange_n(&lock->word, &free_word, me->slot + 1, false, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED))
    return false;
  cp_held_push(me, lock, file, length, line);
  return true;
}

enum { CP_RELEASED = 0, CP_RELEASED_WAKE = 1, CP_NOT_OWNED = 2 };

/* Gives the lock back: CP_RELEASED, CP_RELEASED_WAKE when somebody waits and must be woken, or CP_NOT_OWNED, which a
   program does not survive. */
static inline uint32_t cp_lock_release(cp_lock *lock, cp_thread *me) {
  /* Off the list before the word is free: a reader may see an owner that does not list its lock yet, but at no moment
     do two threads list the same one. */
  cp_held_pop(me, lock);
  uint32_t before = __atomic_exchange_n(&lock->word, 0, __ATOMIC_RELEASE);
  if (__builtin_expect(before == me->slot + 1, 1)) return CP_RELEASED;
  if ((before & CP_LOCK_OWNER) != me->slot + 1) return CP_NOT_OWNED;
  return before & CP_LOCK_WAITERS ? CP_RELEASED_WAKE : CP_RELEASED;
}

/* The slot of the owner of a lock plus one; 0: nobody has it. */
static inline uint32_t cp_lock_owner(const cp_lock *lock) {
  return __atomic_load_n(&lock->word, __ATOMIC_SEQ_CST) & CP_LOCK_OWNER;
}
static inline bool cp_lock_is_mine(const cp_lock *lock, const cp_thread *me) {
  return cp_lock_owner(lock) == me->slot + 1;
}
static inline uint32_t *cp_lock_word(cp_lock *lock) { return &lock->word; }

static inline void cp_activity_enter(cp_thread *me, const char *name, uint32_t length, uint64_t limit_ns,
                                     uint64_t now_ns) {
  uint32_t n = me->activity_count;
  if (n < CP_ACTIVITIES_MAX) {
    cp_activity *entry = &me->activities[n];
    CP_SET(me->activity_serial, me->activity_serial + 1);
    __atomic_thread_fence(__ATOMIC_RELEASE);
    CP_SET(entry->name, name);
    CP_SET(entry->name_length, length);
    CP_SET(entry->id, me->activity_serial);
    CP_SET(entry->limit_ns, limit_ns);
    CP_SET(entry->beat_ns, now_ns);
  } else {
    __atomic_fetch_add(&cp_activities_unlisted, 1, __ATOMIC_RELAXED);
  }
  __atomic_store_n(&me->activity_count, n + 1, __ATOMIC_RELEASE);
}

/* Leaves the innermost activity; true: it was listed and is copied out. */
static inline bool cp_activity_leave(cp_thread *me, cp_activity *left) {
  uint32_t n = me->activity_count;
  if (n == 0) return false;
  bool listed = n <= CP_ACTIVITIES_MAX;
  if (listed) *left = me->activities[n - 1];
  __atomic_store_n(&me->activity_count, n - 1, __ATOMIC_RELEASE);
  return listed;
}

static inline void cp_activity_beat(cp_thread *me, uint64_t now_ns) {
  uint32_t n = me->activity_count;
  if (n == 0 || n > CP_ACTIVITIES_MAX) return;
  __atomic_store_n(&me->activities[n - 1].beat_ns, now_ns, __ATOMIC_RELAXED);
}

/* The deepest chain that is followed; longer ones are left to the next look. */
enum { CP_CYCLE_MAX = 1024 };

/* Slots of a cycle of waits through the thread in `slot`, for locks and for the ends of threads, proven by a second pass
   under unchanged epochs; returns their number, 0: none. A cycle of one is found once the thread has called
   cp_wait_for_own_lock. Linear in the length of the chain. `slots` has room for CP_CYCLE_MAX, or is NULL. */
uint32_t cp_find_cycle(uint32_t slot, uint32_t *slots);

#endif
