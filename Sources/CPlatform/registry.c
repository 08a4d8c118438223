#include "cplatform.h"

#include <limits.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

cp_thread cp_threads[CP_THREADS_MAX];
cp_lock *cp_locks;
uint32_t cp_threads_unlisted;
uint32_t cp_activities_unlisted;
_Thread_local cp_thread *cp_self_record __attribute__((tls_model("initial-exec")));

static pthread_mutex_t registry_mutex = PTHREAD_MUTEX_INITIALIZER;
static uint32_t threads_made, threads_free;
static uint32_t locks_made, locks_free;

/* Records beyond the table, of which none is ever freed; in the order of their making, newest first. */
static cp_thread *unlisted;
static uint32_t unlisted_made, unlisted_free;

typedef struct {
  uint32_t word;
  uint32_t next_free;   /* index + 1 */
  int32_t wakers[CP_WAKERS_MAX];
  uint32_t has_more_wakers;
} cp_word;

static cp_word *words;
static uint32_t words_made, words_free;

typedef uint64_t __attribute__((may_alias)) shared_word;
_Static_assert(sizeof(cp_thread) % sizeof(shared_word) == 0, "a record is copied in words");

static pthread_key_t exit_key;
static pthread_once_t exit_key_once = PTHREAD_ONCE_INIT;

static void thread_exits(void *record) {
  cp_self_record = record;
  cp_thread_unregister();
}
static void make_exit_key(void) { pthread_key_create(&exit_key, thread_exits); }

/* Copies between private memory and memory that another thread may read or write meanwhile. */
static void store_shared(void *to, const void *from, size_t size) {
  for (size_t at = 0; at < size; at += sizeof(shared_word)) {
    shared_word word;
    memcpy(&word, (const char *)from + at, sizeof word);
    __atomic_store_n((shared_word *)((char *)to + at), word, __ATOMIC_RELAXED);
  }
}
static void load_shared(void *to, const void *from, size_t size) {
  for (size_t at = 0; at < size; at += sizeof(shared_word)) {
    shared_word word = __atomic_load_n((const shared_word *)((const char *)from + at), __ATOMIC_ACQUIRE);
    memcpy((char *)to + at, &word, sizeof word);
  }
}

static void store_name(char *to, const char *from) {
  char name[CP_NAME_MAX] = {0};
  strncpy(name, from, CP_NAME_MAX - 1);
  store_shared(to, name, CP_NAME_MAX);
}

void cp_lock_copy_name(const cp_lock *lock, char *out) {
  load_shared(out, lock->name, CP_NAME_MAX);
  out[CP_NAME_MAX - 1] = 0;
}

bool cp_thread_copy(const cp_thread *from, cp_thread *to) {
  for (int attempt = 0; attempt < 8; attempt++) {
    uint32_t epoch = cp_load(&from->epoch), kind = cp_load(&from->wait_kind);
    uint32_t held_serial = cp_load(&from->held_serial), held = cp_load(&from->held_count);
    uint32_t serial = cp_load(&from->activity_serial), activities = cp_load(&from->activity_count);
    load_shared(to, from, sizeof *to);
    if (cp_load(&from->epoch) == epoch && cp_load(&from->wait_kind) == kind &&
        cp_load(&from->held_serial) == held_serial && cp_load(&from->held_count) == held &&
        cp_load(&from->activity_serial) == serial && cp_load(&from->activity_count) == activities)
      return true;
  }
  return false;
}

/* With the registry's mutex held. Numbers of unlisted records continue those of the table. */
static cp_thread *take_unlisted(void) {
  cp_thread *record = unlisted;
  if (unlisted_free != 0) {
    while (record->slot != unlisted_free - 1) record = record->next_unlisted;
    unlisted_free = record->next_free;
    return record;
  }
  record = calloc(1, sizeof *record);
  if (record == NULL) return NULL;
  record->slot = CP_THREADS_MAX + unlisted_made++;
  record->next_unlisted = unlisted;
  __atomic_store_n(&unlisted, record, __ATOMIC_SEQ_CST);
  return record;
}

uint64_t cp_coarse_ns;

cp_thread *cp_thread_register(const char *name, const void *owner) {
  pthread_mutex_lock(&registry_mutex);
  cp_thread *record = NULL;
  if (threads_free != 0) {
    record = &cp_threads[threads_free - 1];
    threads_free = record->next_free;
  } else if (threads_made < CP_THREADS_MAX) {
    record = &cp_threads[threads_made];
    CP_SET(record->slot, threads_made);
    __atomic_store_n(&threads_made, threads_made + 1, __ATOMIC_RELEASE);
  } else {
    record = take_unlisted();
    if (record != NULL) cp_add(&cp_threads_unlisted, 1);
  }
  pthread_mutex_unlock(&registry_mutex);
  if (record == NULL) return NULL;
  store_name(record->name, name);
  CP_SET(record->tid, cp_gettid());
  CP_SET(record->wait_kind, CP_RUNNING);
  CP_SET(record->waiting_on, (cp_lock *)0);
  CP_SET(record->futex, (uint32_t *)0);
  CP_SET(record->owner, owner);
  CP_SET(record->held_count, 0);
  CP_SET(record->held_overflow, 0);
  CP_SET(record->activity_count, 0);
  pthread_attr_t attributes;
  if (pthread_getattr_np(pthread_self(), &attributes) == 0) {
    void *low = NULL;
    size_t size = 0;
    pthread_attr_getstack(&attributes, &low, &size);
    CP_SET(record->stack_low, (uint64_t)(uintptr_t)low);
    CP_SET(record->stack_high, (uint64_t)(uintptr_t)low + size);
    pthread_attr_destroy(&attributes);
  }
  cp_add(&record->epoch, 1);
  cp_store(&record->in_use, 1);
  cp_self_record = record;
  pthread_once(&exit_key_once, make_exit_key);
  pthread_setspecific(exit_key, record);
  return record;
}

void cp_thread_unregister(void) {
  cp_thread *record = cp_self_record;
  if (record == NULL) return;
  cp_self_record = NULL;
  pthread_setspecific(exit_key, NULL);
  cp_store(&record->in_use, 0);
  cp_add(&record->epoch, 1);
  bool is_unlisted = record->slot >= CP_THREADS_MAX;
  if (is_unlisted) cp_add(&cp_threads_unlisted, (uint32_t)-1);
  /* Locks that it never gave back name its slot for ever: nobody else may have it. */
  if (record->held_count + record->held_overflow > 0) return;
  pthread_mutex_lock(&registry_mutex);
  uint32_t *first = is_unlisted ? &unlisted_free : &threads_free;
  CP_SET(record->next_free, *first);
  *first = record->slot + 1;
  pthread_mutex_unlock(&registry_mutex);
}

uint32_t *cp_word_make(void) {
  pthread_mutex_lock(&registry_mutex);
  if (words == NULL) {
    void *table = mmap(NULL, sizeof(cp_word) * CP_WORDS_MAX, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (table != MAP_FAILED) words = table;
  }
  cp_word *word = NULL;
  if (words_free != 0) {
    word = &words[words_free - 1];
    words_free = word->next_free;
  } else if (words != NULL && words_made < CP_WORDS_MAX) {
    word = &words[words_made++];
  }
  pthread_mutex_unlock(&registry_mutex);
  if (word == NULL) return NULL;
  cp_store(&word->word, 0);
  for (int i = 0; i < CP_WAKERS_MAX; i++) CP_SET(word->wakers[i], 0);
  CP_SET(word->has_more_wakers, 0);
  return &word->word;
}

void cp_word_signalled(uint32_t *address, int32_t tid) {
  cp_word *word = (cp_word *)address;
  for (int i = 0; i < CP_WAKERS_MAX; i++) {
    int32_t known = CP_GET(word->wakers[i]);
    if (known == tid) return;
    if (known == 0 && __atomic_compare_exchange_n(&word->wakers[i], &known, tid, false, __ATOMIC_RELAXED,
                                                  __ATOMIC_RELAXED))
      return;
    if (known == tid) return;
  }
  CP_SET(word->has_more_wakers, 1);
}

int32_t cp_word_wakers(const uint32_t *address, int32_t *out) {
  uintptr_t at = (uintptr_t)address - (uintptr_t)words;
  if (words == NULL || at >= sizeof(cp_word) * CP_WORDS_MAX) return -1;
  const cp_word *word = (const cp_word *)address;
  if (CP_GET(word->has_more_wakers) != 0) return -1;
  int32_t count = 0;
  for (int i = 0; i < CP_WAKERS_MAX; i++)
    if (CP_GET(word->wakers[i]) != 0) out[count++] = CP_GET(word->wakers[i]);
  return count;
}

void cp_word_free(uint32_t *address) {
  cp_word *word = (cp_word *)address;
  pthread_mutex_lock(&registry_mutex);
  word->next_free = words_free;
  words_free = (uint32_t)(word - words) + 1;
  pthread_mutex_unlock(&registry_mutex);
}

cp_lock *cp_lock_make(const char *name) {
  pthread_mutex_lock(&registry_mutex);
  if (cp_locks == NULL) {
    void *table = mmap(NULL, sizeof(cp_lock) * CP_LOCKS_MAX, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (table != MAP_FAILED) __atomic_store_n(&cp_locks, table, __ATOMIC_RELEASE);
  }
  cp_lock *lock = NULL;
  if (locks_free != 0) {
    lock = &cp_locks[locks_free - 1];
    locks_free = lock->next_free;
  } else if (cp_locks != NULL && locks_made < CP_LOCKS_MAX) {
    lock = &cp_locks[locks_made++];
  }
  pthread_mutex_unlock(&registry_mutex);
  if (lock == NULL) return NULL;
  cp_store(&lock->word, 0);
  store_name(lock->name, name);
  return lock;
}

void cp_lock_free(cp_lock *lock) {
  pthread_mutex_lock(&registry_mutex);
  lock->next_free = locks_free;
  locks_free = (uint32_t)(lock - cp_locks) + 1;
  pthread_mutex_unlock(&registry_mutex);
}

/* The proof of a cycle. Why one pass is not enough: thread A holds x and waits for y, which B holds; the reader notes
   that edge. Now B gives y back, A gets it and goes on; then B asks for x, which A still holds, and waits. The reader
   notes this edge too and has a circle, A to B to A, of two waits that never were at the same time: a healthy program,
   accused.

   An edge says: the thread waits for the lock, and the lock has that owner. Every edge is read twice, all first
   readings before all second ones, and each reading lies between two equal readings of the thread's epoch. So between
   the two passes there is a moment at which every thread of the cycle is in one and the same wait, and none of them can
   give anything back within a wait. What is left is a thread whose wait is won and not yet ended: it is the owner of
   the very lock that it waits for. Its edge then leads to itself, whatever it was before; that is no edge, unless the
   thread itself has said that it waits for its own lock. */
typedef struct {
  uint32_t slot, epoch;
  cp_lock *lock;
} edge;

/* The slot of a thread that runs; false: it has none, or has ended. */
static bool slot_of(int32_t tid, uint32_t *slot) {
  uint32_t count = __atomic_load_n(&threads_made, __ATOMIC_ACQUIRE);
  for (uint32_t i = 0; tid != 0 && i < count; i++) {
    if (CP_GET(cp_threads[i].tid) != tid || cp_load(&cp_threads[i].in_use) == 0) continue;
    *slot = i;
    return true;
  }
  return false;
}

/* What a thread waits for and the slot of whoever can end that; false: no such edge. A thread that waits within its wait
   cannot end, as little as it can give a lock back. */
static bool read_edge(uint32_t slot, edge *out, uint32_t *owner) {
  const cp_thread *thread = &cp_threads[slot];
  out->slot = slot;
  out->epoch = cp_load(&thread->epoch);
  if (cp_load(&thread->in_use) == 0) return false;
  uint32_t kind = cp_load(&thread->wait_kind);
  if (kind == CP_WAIT_JOIN) {
    out->lock = NULL;
    return slot_of(CP_GET(thread->joined), owner) && cp_load(&thread->epoch) == out->epoch;
  }
  if (kind != CP_WAIT_LOCK) return false;
  out->lock = __atomic_load_n(&thread->waiting_on, __ATOMIC_SEQ_CST);
  if (out->lock == NULL) return false;
  uint32_t number = cp_lock_owner(out->lock);
  if (number == 0 || number > CP_THREADS_MAX) return false;
  *owner = number - 1;
  if (*owner == slot && cp_load(&thread->is_own_lock) == 0) return false;
  return cp_load(&thread->epoch) == out->epoch;
}

uint32_t cp_find_cycle(uint32_t slot, uint32_t *slots) {
  if (slot >= CP_THREADS_MAX) return 0;
  edge edges[CP_CYCLE_MAX];
  uint32_t at = slot, count = 0;
  do {
    if (count == CP_CYCLE_MAX || !read_edge(at, &edges[count], &at)) return 0;
    count++;
  } while (at != slot);
  for (uint32_t i = 0; i < count; i++) {
    edge again;
    uint32_t owner;
    if (!read_edge(edges[i].slot, &again, &owner)) return 0;
    if (again.epoch != edges[i].epoch || again.lock != edges[i].lock) return 0;
    if (owner != edges[(i + 1) % count].slot) return 0;
  }
  for (uint32_t i = 0; slots != NULL && i < count; i++) slots[i] = edges[i].slot;
  return count;
}

void cp_lock_wake(cp_lock *lock) { cp_futex_wake(&lock->word, 1); }

static bool is_lock_word(const uint32_t *word) {
  uintptr_t low = (uintptr_t)__atomic_load_n(&cp_locks, __ATOMIC_ACQUIRE);
  return low != 0 && (uintptr_t)word - low < sizeof(cp_lock) * CP_LOCKS_MAX;
}

static void stop_sleeper(cp_thread *thread, const void *owner) {
  if (cp_load(&thread->in_use) == 0 || CP_GET(thread->owner) != owner) return;
  uint32_t *word = __atomic_load_n(&thread->futex, __ATOMIC_SEQ_CST);
  if (word == NULL) return;
  if (is_lock_word(word)) {
    uint32_t before = cp_load(word), after;
    do {
      after = (before & ~CP_LOCK_STOPS) | ((before + CP_LOCK_STOP) & CP_LOCK_STOPS);
    } while (!__atomic_compare_exchange_n(word, &before, after, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST));
  } else {
    cp_add(word, 2);
  }
  cp_futex_wake(word, INT_MAX);
}

void cp_stop_sleepers(const void *owner) {
  uint32_t count = __atomic_load_n(&threads_made, __ATOMIC_ACQUIRE);
  for (uint32_t i = 0; i < count; i++) stop_sleeper(&cp_threads[i], owner);
  cp_thread *beyond = __atomic_load_n(&unlisted, __ATOMIC_SEQ_CST);
  for (; beyond != NULL; beyond = beyond->next_unlisted) stop_sleeper(beyond, owner);
}

typedef struct kept_name {
  struct kept_name *next;
  char text[];
} kept_name;

static kept_name *kept_names;

char *cp_name_keep(const char *name) {
  pthread_mutex_lock(&registry_mutex);
  kept_name *at = kept_names;
  while (at != NULL && strcmp(at->text, name) != 0) at = at->next;
  if (at == NULL) {
    at = malloc(sizeof(kept_name) + strlen(name) + 1);
    if (at != NULL) {
      strcpy(at->text, name);
      at->next = kept_names;
      kept_names = at;
    }
  }
  pthread_mutex_unlock(&registry_mutex);
  return at == NULL ? NULL : at->text;
}

void cp_thread_show_name(const char *name) {
  char shown[16] = {0};
  strncpy(shown, name, 15);
  pthread_setname_np(pthread_self(), shown);
}
